"""Documents that a user adds, in a folder laid out like the bundled one: manifest.toml, documents/ and readings/.

    JUDIAN_HOME/corpus/manifest.toml          what is known of each document
    JUDIAN_HOME/corpus/documents/<file>.txt   its text as read from the file, in UTF-8
    JUDIAN_HOME/corpus/readings/<id>*.jsonl   readings of it, if there are any

A document is in the manifest or it is not there: the text is written first, the manifest is swapped in whole, and on removal the other way
round, so that an interruption leaves at most a text that nothing names.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date as calendar_date
from pathlib import Path

from corpus.describe import describe
from corpus.errors import DocumentConflictError, DocumentError, UnknownDocumentError
from corpus.formats import read_text
from corpus.load import load_documents, load_manifest, text_sha256
from corpus.types import Document, DocumentInfo

_DATE = re.compile(r"(\d{4})(?:[-年./](\d{1,2})(?:[-月./](\d{1,2}))?)?[年月日]?")
_OWN = re.compile(r"a[0-9a-f]{8}_|\.tmp")
_HEADER = "# Written by judian corpus add and remove. `inferred` names the fields that the document itself does not state.\n"


def load_all(folder: Path) -> tuple[Document, ...]:
    """The bundled documents and those added in `folder` (JUDIAN_HOME/corpus), in the order in which they were added."""
    return (*load_documents(), *load_added(folder))


def is_added(info: DocumentInfo) -> bool:
    """Whether a document is not one of the bundled ones."""
    return all(other.id != info.id for other in load_manifest())


def load_added(folder: Path) -> tuple[Document, ...]:
    """The documents added in `folder`; none where nothing was ever added. Raises DocumentError when one of them was altered or lost."""
    if not (folder / "manifest.toml").exists():
        return ()
    try:
        return load_documents(folder)
    except DocumentError as exc:
        raise DocumentError(f"添加的文件有问题：{exc}也可以用 judian corpus remove 移除该文件后重新添加。") from exc


def read_file(file: Path) -> Document:
    """The document that `add_document` would add from a file, described as well as its text allows; nothing is written."""
    text = read_text(file)
    sha256 = text_sha256(text)
    known = describe(text, file.stem.encode("utf-8", "replace").decode("utf-8"))
    document_id = f"a{sha256[:8]}"
    info = DocumentInfo(
        id=document_id,
        file=f"{document_id}_{_file_name(file.stem)}.txt",
        title=known.title,
        issuer=known.issuer,
        number=known.number,
        date=known.date,
        reports_on=known.reports_on,
        plans_for=known.plans_for,
        sha256=sha256,
        aliases=(),
        inferred=known.inferred,
    )
    return Document(info, text)


def add_document(folder: Path, file: Path, title: str | None = None, date: str | None = None, number: str | None = None) -> Document:
    """Reads a file and adds it to `folder`; what is given overrides what its text says of it.

    Raises DocumentError when the file cannot be taken (see `corpus.formats.read_text`) or `date` is no date, DocumentConflictError when the
    file is there already.
    """
    document = with_fields(read_file(file), title, date, number)
    info = document.info
    with _writing(folder):
        entries = _manifest(folder)
        _sweep(folder / "documents", entries)
        same = next((other for other in (*load_manifest(), *entries) if other.sha256 == info.sha256), None)
        if same:
            raise DocumentConflictError(f"{file.name} 已在文件库中：{same.id}《{same.title}》。")
        text_path = folder / "documents" / info.file
        _write(text_path, document.text)
        try:
            _write(folder / "manifest.toml", _toml((*entries, info)))
        except OSError:
            text_path.unlink(missing_ok=True)
            raise
    return document


def remove_document(folder: Path, document_id: str) -> DocumentInfo:
    """Takes an added document and its readings out of `folder` and returns what was known of it.

    Raises UnknownDocumentError for an id that is not there, DocumentConflictError for a bundled document.
    """
    if any(info.id == document_id for info in load_manifest()):
        raise DocumentConflictError(f"{document_id} 是随软件提供的文件，不能移除。")
    with _writing(folder):
        entries = _manifest(folder)
        info = next((entry for entry in entries if entry.id == document_id), None)
        if info is None:
            known = "、".join(entry.id for entry in entries) or "无"
            raise UnknownDocumentError(f"没有编号为 {document_id[:40]!r} 的添加文件；现有：{known}。")
        _write(folder / "manifest.toml", _toml(tuple(entry for entry in entries if entry.id != document_id)))
        (folder / "documents" / info.file).unlink(missing_ok=True)
        for readings in (folder / "readings").glob(f"{document_id}*.jsonl"):
            readings.unlink()
    return info


def with_fields(document: Document, title: str | None = None, date: str | None = None, number: str | None = None) -> Document:
    """The document with the fields that are given; a field that someone stated is no longer inferred.

    An empty date or number is an unknown one. Raises DocumentError for a bad date.
    """
    if date is not None:
        date = _date(date)
    if title is not None and not title.strip():
        raise DocumentError("标题是空的，请写出文件的标题。")
    info = document.info
    stated = {name for name, value in (("title", title), ("date", date), ("number", number)) if value is not None}
    return replace(
        document,
        info=replace(
            info,
            title=info.title if title is None else title.strip(),
            date=info.date if date is None else date,
            number=info.number if number is None else number.strip() or None,
            inferred=tuple(name for name in info.inferred if name not in stated),
        ),
    )


def _date(written: str) -> str:
    """A day, a month or a year in ISO 8601, from that or from "2024年1月31日"; nothing stays nothing."""
    found = _DATE.fullmatch(written.strip())
    try:
        calendar_date(*(int(number or 1) for number in found.groups())) if found else None
    except ValueError:
        found = None
    if written.strip() and not found:
        raise DocumentError(f"日期 {written!r} 应写成 2024-01-31 这样的形式；只知道年月的写成 2024-01，只知道年份的写成 2024。")
    return "-".join(f"{number:0>2}" for number in found.groups() if number) if found else ""


def _manifest(folder: Path) -> tuple[DocumentInfo, ...]:
    return load_manifest(folder) if (folder / "manifest.toml").exists() else ()


def _file_name(stem: str) -> str:
    """A file's name with nothing in it that a file system or an address could trip over."""
    return re.sub(r"[^\w\u4e00-\u9fff〔〕（）-]+", "-", stem).strip("-_")[:40] or "document"


def _toml(entries: tuple[DocumentInfo, ...]) -> str:
    return _HEADER + ("".join(f"\n[[document]]\n{_fields(info)}" for info in entries) or "document = []\n")


def _fields(info: DocumentInfo) -> str:
    fields: dict[str, object] = {
        "id": info.id,
        "file": info.file,
        "title": info.title,
        "aliases": list(info.aliases),
        "issuer": info.issuer,
        "number": info.number,
        "date": info.date,
        "reports_on": list(info.reports_on),
        "plans_for": list(info.plans_for),
        "sha256": info.sha256,
        "inferred": list(info.inferred),
    }
    # A TOML string may hold whatever a JSON string may, but for the one control character that JSON does not escape.
    return "".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
        for name, value in fields.items()
        if value is not None
    )


def namesakes(folder: Path, info: DocumentInfo) -> tuple[DocumentInfo, ...]:
    """The other documents with the title, number and date of one: earlier or later versions of it, most likely."""
    others = (*load_manifest(), *_manifest(folder))
    return tuple(o for o in others if o.id != info.id and (o.title, o.number, o.date) == (info.title, info.number, info.date))


def _sweep(documents: Path, entries: tuple[DocumentInfo, ...]) -> None:
    """Takes away what an interrupted addition left: texts that the manifest does not name, and half-written ones."""
    named = {entry.file for entry in entries}
    for path in documents.glob("*"):
        if path.name not in named and _OWN.match(path.name):
            path.unlink()


def _write(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        # Temporary files are private; the service may run as another user.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Holds the folder against other writers. Raises DocumentError where it cannot be written."""
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as exc:
        raise DocumentError(f"文件库 {folder} 无法写入：{exc.strerror or exc}。请检查磁盘空间和权限。") from exc
