"""The record of what was asked and answered: append-only SQLite files, one a day, under one folder."""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from corpus.errors import AuditError
from rag.types import Answer, Turn
from ui.api.personal import masked, masked_as

_log = logging.getLogger("judian.audit")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, at TEXT NOT NULL, record TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS no_change BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_replacing BEFORE INSERT ON records WHEN EXISTS (SELECT 1 FROM records WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_removal BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that its answer depends on."""

    question: str
    history: tuple[Turn, ...] = ()
    documents: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    top_k: int = 5


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation led to: the stretch of a document, and the SHA-256 of the document's stored text."""

    mark: int
    passage_id: str
    document_id: str
    sha256: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a record tells of an answer beside its words.

    `key` is the name of the key that asked; `fingerprint` that of the index; `cached` whether the answer had been given before; `whole` whether
    all of it was sent.
    """

    id: str
    key: str
    fingerprint: str
    cached: bool
    whole: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Record:
    """One question and its answer. `at` is UTC, ISO 8601; `understood` is the question as it was understood; `mode` tells the path to the answer.

    Numbers of persons are masked; `masked` tells that some were.
    """

    at: str
    circumstances: Circumstances
    asked: Asked
    masked: bool
    understood: str
    mode: str
    abstained: bool
    confidence: float
    answer: str
    note: str
    citations: tuple[Cited, ...]

    @property
    def id(self) -> str:
        return self.circumstances.id


def record_of(asked: Asked, answer: Answer, circumstances: Circumstances, hashes: Mapping[str, str]) -> Record:
    """What is kept of an answer; `hashes` are the SHA-256 of the documents by their ids."""
    written = [asked.question, *(turn.content for turn in asked.history)]
    history = tuple(Turn(turn.role, masked(turn.content)) for turn in asked.history)
    kept = replace(asked, question=masked(asked.question), history=history)
    return Record(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        circumstances=circumstances,
        asked=kept,
        masked=kept != asked,
        understood=masked(answer.question),
        mode=str(answer.mode),
        abstained=answer.abstained,
        confidence=answer.confidence,
        answer=masked_as(answer.answer, written),
        note=getattr(answer, "note", ""),
        citations=cited(answer, hashes),
    )


def cited(answer: Answer, hashes: Mapping[str, str]) -> tuple[Cited, ...]:
    return tuple(
        Cited(one.mark, one.passage_id, one.document_id, hashes.get(one.document_id, ""), one.start, one.end, one.quote)
        for one in answer.citations
    )


class AuditLog:
    """Appends records to the file of the day; safe to use from several threads.

    A record is committed before its answer leaves, so that a killed process loses none. A file that has grown past `megabytes` goes on in
    another; files of more than `days` days ago are deleted, 0 keeps all.
    """

    def __init__(self, folder: Path, days: int = 0, megabytes: int = 256) -> None:
        self.folder = folder
        self._days = days
        self._bytes = megabytes * 1_000_000
        self._lock = threading.Lock()
        self._file: Path | None = None
        self._connection: sqlite3.Connection | None = None

    def append(self, record: Record) -> None:
        """Raises AuditError when it cannot be written."""
        line = json.dumps(asdict(record), ensure_ascii=False)
        try:
            with self._lock, self._today(record.id[:8]) as connection:
                connection.execute("INSERT INTO records VALUES (?, ?, ?)", (record.id, record.at, line))
        except (OSError, sqlite3.Error) as exc:
            self.close()
            raise AuditError(f"无法写入问答记录 {self.folder}：{exc}。请检查磁盘空间和写权限。") from exc

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
            self._connection = self._file = None

    def _today(self, day: str) -> sqlite3.Connection:
        if self._connection is None or self._file is None or not self._file.name.startswith(day) or self._is_full(self._file):
            file = self._next_file(day)
            if self._connection is not None:
                self._connection.close()
            self._connection = _opened(file)
            self._file = file
            self._forget_old()
        return self._connection

    def _next_file(self, day: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while (file := self.folder / f"{day}-{number:03}.sqlite").exists() and self._is_full(file):
            number += 1
        return file

    def _is_full(self, file: Path) -> bool:
        try:
            return file.stat().st_size >= self._bytes
        except FileNotFoundError:
            return True

    def _forget_old(self) -> None:
        if not self._days:
            return
        last = f"{datetime.now(UTC).date() - timedelta(days=self._days):%Y%m%d}"
        for file in self.folder.glob("*.sqlite*"):
            if file.name[:8].isdigit() and file.name[:8] < last:
                file.unlink(missing_ok=True)
                _log.info("records of an earlier day deleted", extra={"facts": {"file": file.name}})


def list_records(folder: Path, latest: int, since: date | None = None) -> list[Record]:
    """The latest records, newest first. Raises AuditError."""
    found: list[Record] = []
    for file in sorted(folder.glob("*.sqlite"), reverse=True):
        if len(found) >= latest or (since and file.name[:8] < f"{since:%Y%m%d}"):
            break
        found += _selected(file, "ORDER BY at DESC, rowid DESC LIMIT ?", latest - len(found))
    return found


def find_record(folder: Path, id_: str) -> Record:
    """The record of an id. Raises AuditError where none is."""
    for file in sorted(folder.glob(f"{id_[:8]}-*.sqlite")) if id_[:8].isdigit() else ():
        for record in _selected(file, "WHERE id = ?", id_):
            return record
    raise AuditError(f"没有编号为 {id_[:60]!r} 的问答记录；用 judian audit list 查看最近的记录。")


def _selected(file: Path, clause: str, value: object) -> Iterator[Record]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)) as connection:
            rows = connection.execute(f"SELECT record FROM records {clause}", (value,)).fetchall()
        yield from (_record(json.loads(row[0])) for row in rows)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as exc:
        raise AuditError(f"问答记录 {file} 无法读取：{exc}。") from exc


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_PATIENCE_S, check_same_thread=False)
    file.chmod(0o600)
    # Committed pages survive the death of the process at once, and that of the machine up to the latest checkpoint.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.executescript(_SCHEMA)
    return connection


def _record(found: dict[str, Any]) -> Record:
    asked = found["asked"]
    return Record(
        **{
            **{field.name: found[field.name] for field in fields(Record)},
            "asked": Asked(
                asked["question"],
                tuple(Turn(**turn) for turn in asked["history"]),
                tuple(asked["documents"]),
                tuple(asked["years"]),
                asked["top_k"],
            ),
            "circumstances": Circumstances(**found["circumstances"]),
            "citations": tuple(Cited(**one) for one in found["citations"]),
        }
    )


def differences(record: Record, answer: Answer, hashes: Mapping[str, str]) -> Sequence[str]:
    """In what today's answer differs from the recorded one, each in a line; nothing where they say and cite the same."""
    today = cited(answer, hashes)
    told: list[str] = []
    if answer.question != record.understood:
        told.append(f"理解的问题：{record.understood} → {answer.question}")
    if str(answer.mode) != record.mode:
        told.append(f"回答方式：{record.mode} → {answer.mode}")
    if answer.answer != record.answer:
        told.append(f"回答：{answer.answer}")
    before, now = {_place(one) for one in record.citations}, {_place(one) for one in today}
    told += [f"不再引用：{place}" for place in sorted(before - now)]
    told += [f"新引用：{place}" for place in sorted(now - before)]
    versions = {one.document_id: one.sha256 for one in record.citations}
    told += [
        f"文件 {id_} {'已改动' if id_ in hashes else '已不在'}" for id_, digest in sorted(versions.items()) if hashes.get(id_) != digest
    ]
    return told


def _place(one: Cited) -> str:
    return f"{one.document_id} 第 {one.start}–{one.end} 字“{one.quote}”"
