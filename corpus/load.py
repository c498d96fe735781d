"""Documents and what is known of them, from a folder that holds a manifest."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError
from corpus.types import Document, DocumentInfo

BUNDLED = Path(__file__).parent
"""The folder of the five documents that come with the package."""


def load_documents(folder: Path = BUNDLED) -> tuple[Document, ...]:
    """The documents of `folder/manifest.toml`, texts in `folder/documents`, in the manifest's order.

    Raises DocumentError when the manifest or a text is missing, is not UTF-8, or differs from its recorded sha256.
    """
    return tuple(_load(folder / "documents", info) for info in load_manifest(folder))


def load_manifest(folder: Path = BUNDLED) -> tuple[DocumentInfo, ...]:
    path = folder / "manifest.toml"
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["document"]
        return tuple(_info(entry) for entry in entries)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as exc:
        raise DocumentError(f"文件清单 {path} 无法读取：{exc}。请恢复该文件。") from exc


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _info(entry: dict[str, Any]) -> DocumentInfo:
    return DocumentInfo(
        id=entry["id"],
        file=entry["file"],
        title=entry["title"],
        issuer=entry["issuer"],
        number=entry.get("number"),
        date=entry["date"],
        reports_on=tuple(entry["reports_on"]),
        plans_for=tuple(entry["plans_for"]),
        sha256=entry["sha256"],
        aliases=tuple(entry.get("aliases", ())),
        inferred=tuple(entry.get("inferred", ())),
    )


def _load(folder: Path, info: DocumentInfo) -> Document:
    path = folder / info.file
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as exc:
        raise DocumentError(f"文件 {path} 无法读取：{exc.strerror}。") from exc
    except UnicodeDecodeError as exc:
        raise DocumentError(f"文件 {path} 不是 UTF-8 编码，请转换后再试。") from exc
    if not text.strip():
        raise DocumentError(f"文件 {path} 是空的。")
    if text_sha256(text) != info.sha256:
        raise DocumentError(f"文件 {path} 与清单记录的 sha256 不符，可能被改动；请恢复原文件，或更新清单后重建索引。")
    return Document(info=info, text=text)
