"""What users say of answers: kept in SQLite under JUDIAN_HOME, given out as cases for evaluation."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import ServiceError
from corpus.figures import find_figures
from eval.dataset import draft_case
from eval.metrics import normalised
from eval.types import Case, CaseType, Proof
from rag.types import Turn

_TABLE = """
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received TEXT NOT NULL,
    helpful INTEGER NOT NULL,
    question TEXT NOT NULL,
    history TEXT NOT NULL,
    answer TEXT NOT NULL,
    quotes TEXT NOT NULL,
    expected TEXT NOT NULL,
    comment TEXT NOT NULL
)
"""
_FIELDS = "received, helpful, question, history, answer, quotes, expected, comment"
_BUSY_S = 10.0
_MARK = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A stretch of a document that the answer cited, as stored."""

    document_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one user said of one answer; `received` is UTC in ISO 8601, `expected` what the answer should have been."""

    helpful: bool
    question: str
    history: tuple[Turn, ...] = ()
    answer: str = ""
    quotes: tuple[Quoted, ...] = ()
    expected: str = ""
    comment: str = ""
    received: str = ""


def save_feedback(file: Path, feedback: Feedback) -> int:
    """Writes a feedback with the time and returns its number. Raises ServiceError where it cannot be written."""
    given = replace(feedback, received=feedback.received or datetime.now(UTC).isoformat(timespec="seconds"))
    values = (
        given.received,
        given.helpful,
        given.question,
        _json([asdict(turn) for turn in given.history]),
        given.answer,
        _json([asdict(quote) for quote in given.quotes]),
        given.expected,
        given.comment,
    )
    with _open(file) as database:
        cursor = database.execute(f"INSERT INTO feedback ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        database.commit()
        return int(cursor.lastrowid or 0)


def load_feedback(file: Path) -> list[Feedback]:
    """All feedback, oldest first; none where nothing was ever said."""
    if not file.exists():
        return []
    with _open(file) as database:
        return [_feedback(row) for row in database.execute(f"SELECT {_FIELDS} FROM feedback ORDER BY id")]


def cases_of(said: Iterable[Feedback], known: Iterable[Case] = ()) -> list[Case]:
    """A case for each question, by what was said of it last; those already `known` are left out.

    A helpful answer becomes the reference answer, its figures the facts, its quotes the evidence. Of the others what the user expected is all
    there is: a person completes them (`judian eval check` tells what is lacking).
    """
    old = {case.id for case in known}
    cases = {case.id: case for case in map(_case, said)}
    return [case for case in cases.values() if case.id not in old]


def _case(feedback: Feedback) -> Case:
    asked = [turn.content for turn in feedback.history if turn.role == "user"]
    documents = tuple(dict.fromkeys(quote.document_id for quote in feedback.quotes))
    draft = draft_case(feedback.question, asked, documents)
    if not feedback.helpful:
        return replace(draft, answer=feedback.expected, documents=())
    answer = _MARK.sub("", feedback.answer)
    if not feedback.quotes:
        return replace(draft, type=CaseType.UNANSWERABLE, answer=answer)
    return replace(draft, answer=answer, facts=_facts(answer, feedback.quotes), evidence=_evidence(feedback.quotes))


def _facts(answer: str, quotes: Sequence[Quoted]) -> tuple[tuple[str, ...], ...]:
    """The figures of an answer that its quotes hold."""
    proof = "\n".join(normalised(quote.quote) for quote in quotes)
    surfaces = dict.fromkeys(figure.surface for figure in find_figures(answer))
    return tuple((surface,) for surface in surfaces if normalised(surface) in proof)


def _evidence(quotes: Sequence[Quoted]) -> tuple[Proof, ...]:
    return tuple(Proof(quote.document_id, quote.quote) for quote in quotes)


def _feedback(row: Sequence[object]) -> Feedback:
    received, helpful, question, history, answer, quotes, expected, comment = map(str, row)
    return Feedback(
        helpful=helpful == "1",
        question=question,
        history=tuple(Turn(**turn) for turn in json.loads(history)),
        answer=answer,
        quotes=tuple(Quoted(**quote) for quote in json.loads(quotes)),
        expected=expected,
        comment=comment,
        received=received,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def _open(file: Path) -> Iterator[sqlite3.Connection]:
    """The database, made where it is not there. Raises ServiceError where it cannot be used."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=_BUSY_S)) as database:
            database.execute(_TABLE)
            yield database
    except (OSError, sqlite3.Error) as exc:
        raise ServiceError(f"反馈记录 {file} 无法读写：{exc}。请检查磁盘空间和权限。") from exc
