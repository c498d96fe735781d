"""What was read, in one SQLite file: documents, passages, readings and word statistics, decoded when they are asked for.

Records are JSON. Numbers count from 0 in the order of the documents; the passages of one document are numbered in a row.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from corpus.errors import IndexMismatchError
from corpus.types import DocumentInfo, Passage, ReadDocument, Reading

FILE = "records.sqlite"
_DOCUMENTS_KEPT = 256
_PASSAGES_KEPT = 8192
_READINGS_KEPT = 65536
_TERMS_KEPT = 65536
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first INTEGER NOT NULL, passages INTEGER NOT NULL, structured INTEGER NOT NULL,
    info BLOB NOT NULL, record BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (number INTEGER PRIMARY KEY, start INTEGER NOT NULL, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS readings (number INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, passages INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pairs (pair TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
"""
_DOCUMENT: TypeAdapter[ReadDocument] = TypeAdapter(ReadDocument)
_INFO: TypeAdapter[DocumentInfo] = TypeAdapter(DocumentInfo)
_PASSAGE: TypeAdapter[Passage] = TypeAdapter(Passage)
_READING: TypeAdapter[Reading] = TypeAdapter(Reading)

_Record = TypeVar("_Record")


class RecordsWriter:
    """Fills the file of an index that is being built. Nothing is kept unless it is committed."""

    def __init__(self, path: Path) -> None:
        # The file is locked for as long as it is open: of two that build the same index, one is refused.
        self._connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("BEGIN EXCLUSIVE")
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)
        self.commit()

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA optimize")
        self._connection.close()

    def state(self, key: str, default: str = "") -> str:
        row = self._connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def set_state(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))

    def count(self, table: str) -> int:
        return _count(self._connection, table)

    def add_document(self, document: ReadDocument, words: Iterable[str]) -> None:
        """A document behind those that are there, its passages, and the words of its own that it names."""
        number, first = self.count("documents"), self.count("passages")
        structured = bool(document.outline or document.tasks or document.measures)
        info, record = _INFO.dump_json(document.document.info), _DOCUMENT.dump_json(replace(document, passages=()))
        row = (number, document.document.info.id, first, len(document.passages), structured, info, record)
        self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        rows = ((first + at, passage.spans[-1].start, _PASSAGE.dump_json(passage)) for at, passage in enumerate(document.passages))
        self._connection.executemany("INSERT INTO passages VALUES (?, ?, ?)", rows)
        self._connection.executemany("INSERT OR IGNORE INTO words (word) VALUES (?)", ((word,) for word in words))

    def add_readings(self, readings: Iterable[Reading]) -> None:
        """All readings, in the place of those that are there."""
        self._connection.execute("DELETE FROM readings")
        rows = ((number, _READING.dump_json(reading)) for number, reading in enumerate(readings))
        self._connection.executemany("INSERT INTO readings VALUES (?, ?)", rows)

    def count_words(self, words: Iterable[tuple[str, int]], pairs: Iterable[tuple[str, int]]) -> None:
        """Adds to the numbers of passages that hold a word, and a pair of characters."""
        self._connection.executemany("UPDATE words SET passages = passages + ?2 WHERE word = ?1", words)
        add = "INSERT INTO pairs VALUES (?, ?) ON CONFLICT (pair) DO UPDATE SET passages = passages + excluded.passages"
        self._connection.executemany(add, pairs)

    def words(self) -> list[str]:
        return [word for (word,) in self._connection.execute("SELECT word FROM words ORDER BY word")]

    def passages(self, start: int = 0) -> Iterator[Passage]:
        """The passages from a number on, in order."""
        return (_PASSAGE.validate_json(record) for record in _stream(self._connection, "passages", start))

    def readings(self, start: int = 0) -> Iterator[Reading]:
        """The readings from a number on, in order."""
        return (_READING.validate_json(record) for record in _stream(self._connection, "readings", start))


class Records:
    """The records of an index, read only. Safe to use from several threads; a replaced file is read on as long as it is open."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            self.documents = Stored(_count(self._connection, "documents"), self._document, _DOCUMENTS_KEPT)
            self.passages = Stored(_count(self._connection, "passages"), self._passage, _PASSAGES_KEPT)
            self.readings = Stored(_count(self._connection, "readings"), self._reading, _READINGS_KEPT)
        except sqlite3.Error as exc:
            raise IndexMismatchError(f"索引的记录 {path} 无法读取（{exc}）：请运行 judian index build 重建。") from exc
        self.by_id = DocumentsById(self)
        self._placed = lru_cache(maxsize=4 * _DOCUMENTS_KEPT)(self._read_placed)
        self.passages_with = lru_cache(maxsize=_TERMS_KEPT)(self._read_passages_with)

    @property
    def words(self) -> tuple[str, ...]:
        """The documents' own words, in order."""
        return tuple(word for (word,) in self._all("SELECT word FROM words ORDER BY word"))

    def rare_words(self, most: int) -> tuple[str, ...]:
        """The words that some passages hold as they are, but at most so many, in order."""
        return tuple(word for (word,) in self._all("SELECT word FROM words WHERE passages BETWEEN 1 AND ? ORDER BY word", most))

    def infos(self) -> tuple[DocumentInfo, ...]:
        """What the manifest knows of every document, in order; it is read anew at each call."""
        return tuple(_INFO.validate_json(info) for (info,) in self._all("SELECT info FROM documents ORDER BY number"))

    def structured(self) -> tuple[ReadDocument, ...]:
        """The documents that have an outline, tasks or measures."""
        numbers = self._all("SELECT number FROM documents WHERE structured ORDER BY number")
        return tuple(self.documents[number] for (number,) in numbers)

    def document_number(self, document_id: str) -> int | None:
        found = self._all("SELECT number FROM documents WHERE id = ?", document_id)
        return found[0][0] if found else None

    def passage_number(self, passage_id: str) -> int | None:
        """The number of a passage; its id begins with that of its document."""
        document_id = passage_id.rsplit("-", 2)[0]
        if document_id not in self.by_id:
            return None
        _, numbers = self.placed(document_id)
        return next((number for number in numbers.tolist() if self.passages[number].id == passage_id), None)

    def document_ids(self) -> tuple[str, ...]:
        return tuple(name for (name,) in self._all("SELECT id FROM documents ORDER BY number"))

    def placed(self, document_id: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the passages of a document begin (the last span of each), in order, and their numbers. Raises KeyError for no document."""
        return self._placed(document_id)

    def _read_placed(self, document_id: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = self._all("SELECT first, passages FROM documents WHERE id = ?", document_id)
        if not found:
            raise KeyError(document_id)
        first, count = found[0]
        rows = self._all("SELECT start, number FROM passages WHERE number >= ? AND number < ? ORDER BY start, number", first, first + count)
        table = np.asarray(rows, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _read_passages_with(self, pair: str) -> int:
        found = self._all("SELECT passages FROM pairs WHERE pair = ?", pair)
        return found[0][0] if found else 0

    def _document(self, number: int) -> ReadDocument:
        ((record, first, count),) = self._all("SELECT record, first, passages FROM documents WHERE number = ?", number)
        rows = self._all("SELECT record FROM passages WHERE number >= ? AND number < ? ORDER BY number", first, first + count)
        return replace(_decoded(_DOCUMENT, record), passages=tuple(_decoded(_PASSAGE, passage) for (passage,) in rows))

    def _passage(self, number: int) -> Passage:
        return _decoded(_PASSAGE, self._all("SELECT record FROM passages WHERE number = ?", number)[0][0])

    def _reading(self, number: int) -> Reading:
        return _decoded(_READING, self._all("SELECT record FROM readings WHERE number = ?", number)[0][0])

    def _all(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return self._connection.execute(query, values).fetchall()


def built_for(path: Path) -> str:
    """The key of a build under way, empty where the file tells none."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT value FROM state WHERE key = 'key'").fetchone()
            return str(row[0]) if row else ""
    except sqlite3.Error:
        return ""


class Stored(Sequence[_Record], Generic[_Record]):
    """Records by number, read when they are asked for; those asked for last are kept."""

    def __init__(self, count: int, read: Callable[[int], _Record], kept: int) -> None:
        self._count = count
        self._read = lru_cache(maxsize=kept)(read)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> _Record: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[_Record, ...]: ...

    def __getitem__(self, number: int | slice) -> _Record | tuple[_Record, ...]:
        if isinstance(number, slice):
            return tuple(self._read(at) for at in range(*number.indices(self._count)))
        at = number + self._count if number < 0 else number
        if not 0 <= at < self._count:
            raise IndexError(number)
        return self._read(int(at))


class DocumentsById(Mapping[str, ReadDocument]):
    """The documents by their ids, in order, read when they are asked for."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def __getitem__(self, document_id: str) -> ReadDocument:
        number = self._records.document_number(document_id)
        if number is None:
            raise KeyError(document_id)
        return self._records.documents[number]

    def __contains__(self, document_id: object) -> bool:
        return isinstance(document_id, str) and self._records.document_number(document_id) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._records.document_ids())

    def __len__(self) -> int:
        return len(self._records.documents)


def _decoded(adapter: TypeAdapter[_Record], record: bytes) -> _Record:
    try:
        return adapter.validate_json(record)
    except ValidationError as exc:
        raise IndexMismatchError("索引的一条记录无法读取：请运行 judian index build 重建。") from exc


def _count(connection: sqlite3.Connection, table: str) -> int:
    # Numbers are given in a row, so the highest one tells how many there are, at once.
    return int(connection.execute(f"SELECT coalesce(max(number) + 1, 0) FROM {table}").fetchone()[0])


def _stream(connection: sqlite3.Connection, table: str, start: int) -> Iterator[bytes]:
    """The records of a table from a number on, fetched a thousand at a time, so that the connection is free for other statements between."""
    while rows := connection.execute(f"SELECT record FROM {table} WHERE number >= ? ORDER BY number LIMIT 1000", (start,)).fetchall():
        yield from (record for (record,) in rows)
        start += len(rows)
