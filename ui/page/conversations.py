"""The conversations that the page keeps: one SQLite file under JUDIAN_HOME, every conversation seen by its owner alone."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import JudianError
from rag.types import Answer
from ui.client import read_answer

LONGEST_TITLE = 60
"""Characters of a conversation's title."""

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS conversation (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, touched TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversation_owner ON conversation (owner, touched);
CREATE TABLE IF NOT EXISTS exchange (
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE, turn INTEGER NOT NULL,
    question TEXT NOT NULL, answer TEXT, problem TEXT NOT NULL, scope TEXT NOT NULL, verdict TEXT NOT NULL,
    PRIMARY KEY (conversation, turn)
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
_HOLDS = r"""(title LIKE ? ESCAPE '\' OR EXISTS (
    SELECT 1 FROM exchange WHERE exchange.conversation = conversation.id
    AND (question LIKE ? ESCAPE '\' OR json_extract(answer, '$.answer') LIKE ? ESCAPE '\')))"""
_VERSION = 1
_PATIENCE_S = 10.0


class ConversationError(JudianError):
    """A conversation that cannot be kept or read, or that is not the asker's."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question was limited to: document ids, years, a unit; empty for no limit."""

    documents: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    unit: str = ""


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of a conversation with its answer, or with the words that say why there is none; `verdict` is "", "up" or "down"."""

    question: str
    answer: Answer | None = None
    problem: str = ""
    scope: Scope = EVERYTHING
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it is listed; `touched` is when it was last added to (ISO 8601, UTC)."""

    id: str
    title: str
    touched: str


class Conversations:
    """The conversations of `file`, which is made when the first is kept. Safe to use from several threads and processes.

    Every method raises ConversationError where the file cannot be read or written, and for a conversation that is not the owner's.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def listed(self, owner: str, words: str = "") -> tuple[Conversation, ...]:
        """The owner's conversations, the latest first; with `words`, those in whose title, questions or answers every word stands."""
        held = " AND ".join([_HOLDS] * len(words.split()))
        patterns = [_containing(word) for word in words.split() for _ in range(_HOLDS.count("?"))]
        query = f"SELECT id, title, touched FROM conversation WHERE owner = ? {'AND ' + held if held else ''} ORDER BY touched DESC, id"
        with self._opened() as database:
            return tuple(Conversation(*row) for row in database.execute(query, [owner, *patterns]))

    def read(self, owner: str, conversation_id: str) -> tuple[Conversation, tuple[Exchange, ...]]:
        with self._opened() as database:
            found = self._owned(database, owner, conversation_id)
            rows = database.execute(
                "SELECT question, answer, problem, scope, verdict FROM exchange WHERE conversation = ? ORDER BY turn", [conversation_id]
            )
            return found, tuple(_exchange(*row) for row in rows)

    def begin(self, owner: str, title: str) -> Conversation:
        begun = Conversation(secrets.token_urlsafe(12), _title(title), _now())
        with self._opened() as database:
            database.execute("INSERT INTO conversation VALUES (?, ?, ?, ?)", [begun.id, owner, begun.title, begun.touched])
        return begun

    def add(self, owner: str, conversation_id: str, exchange: Exchange) -> None:
        """Puts the exchange at the conversation's end."""
        answer = None if exchange.answer is None else json.dumps(asdict(exchange.answer), ensure_ascii=False)
        scope = json.dumps(asdict(exchange.scope), ensure_ascii=False)
        with self._opened() as database:
            self._owned(database, owner, conversation_id)
            database.execute(
                "INSERT INTO exchange SELECT ?1, coalesce(max(turn), -1) + 1, ?2, ?3, ?4, ?5, ?6 FROM exchange WHERE conversation = ?1",
                [conversation_id, exchange.question, answer, exchange.problem, scope, exchange.verdict],
            )
            database.execute("UPDATE conversation SET touched = ? WHERE id = ?", [_now(), conversation_id])

    def rename(self, owner: str, conversation_id: str, title: str) -> Conversation:
        with self._opened() as database:
            found = self._owned(database, owner, conversation_id)
            database.execute("UPDATE conversation SET title = ? WHERE id = ?", [_title(title), conversation_id])
        return Conversation(found.id, _title(title), found.touched)

    def judge(self, owner: str, conversation_id: str, turn: int, verdict: str) -> None:
        """Notes what the owner thinks of an answer."""
        with self._opened() as database:
            self._owned(database, owner, conversation_id)
            database.execute("UPDATE exchange SET verdict = ? WHERE conversation = ? AND turn = ?", [verdict, conversation_id, turn])

    def remove(self, owner: str, conversation_id: str) -> None:
        with self._opened() as database:
            self._owned(database, owner, conversation_id)
            database.execute("DELETE FROM conversation WHERE id = ?", [conversation_id])

    def _owned(self, database: sqlite3.Connection, owner: str, conversation_id: str) -> Conversation:
        row = database.execute(
            "SELECT id, title, touched FROM conversation WHERE id = ? AND owner = ?", [conversation_id, owner]
        ).fetchone()
        if row is None:
            raise ConversationError("没有找到这个对话，可能已被删除。请从左侧另选一个，或开始新对话。")
        return Conversation(*row)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work, which is kept whole or not at all."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._file, timeout=_PATIENCE_S)
            try:
                _prepare(database)
                with database:
                    yield database
            finally:
                database.close()
        except (sqlite3.Error, OSError) as exc:
            raise ConversationError(f"对话没有保存或没有读出（{self._file.name}：{exc}）。请把这句话告诉管理员。") from exc


def _prepare(database: sqlite3.Connection) -> None:
    """Makes the tables of a new file, and refuses a file that a newer version has written."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise ConversationError(f"对话记录由更新的版本写成（版本 {version}），请升级后再用。")
    if version < _VERSION:
        database.executescript(_SCHEMA)
    database.execute("PRAGMA foreign_keys = ON")


def _exchange(question: str, answer: str | None, problem: str, scope: str, verdict: str) -> Exchange:
    limits = json.loads(scope)
    kept = Scope(tuple(limits["documents"]), tuple(limits["years"]), limits["unit"])
    return Exchange(question, None if answer is None else read_answer(json.loads(answer)), problem, kept, verdict)


def _title(text: str) -> str:
    """The text on one line, no longer than a title may be."""
    line = " ".join(text.split()) or "未命名的对话"
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def _containing(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
