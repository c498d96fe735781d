"""Readings: questions with short answers and the verbatim quotes that prove them, resolved to offsets of the stored document.

`corpus/readings/<document id>*.jsonl` holds one record a line. Only quotes that stand in the document are taken; a record with a quote that does
not is dropped and reported, so that a changed document never speaks with an old reading.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.types import Document, Reading, Span

BUNDLED = Path(__file__).parent / "readings"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that was not taken, and why (in Chinese)."""

    document_id: str
    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class TaskMatter:
    """Everyday words for what a numbered task is about."""

    number: int
    phrases: tuple[str, ...]


class Locator:
    """Finds verbatim stretches in a stored text, white space aside."""

    def __init__(self, text: str) -> None:
        self._places = [place for place, character in enumerate(text) if not character.isspace()]
        self._squeezed = "".join(text[place] for place in self._places)

    def find(self, quote: str, after: int = 0) -> Span | None:
        """Where the quote stands first at or after the stored offset `after`, or None."""
        wanted = re.sub(r"\s+", "", quote)
        if not wanted:
            return None
        start = self._squeezed.find(wanted)
        while start >= 0 and self._places[start] < after:
            start = self._squeezed.find(wanted, start + 1)
        return None if start < 0 else Span(self._places[start], self._places[start + len(wanted) - 1] + 1)


def load_readings(document: Document, folder: Path = BUNDLED) -> tuple[tuple[Reading, ...], tuple[Dropped, ...]]:
    """The readings of a document found in the folder, and the records that could not be taken."""
    locator = Locator(document.text)
    taken: dict[str, Reading] = {}
    dropped: list[Dropped] = []
    for record in _records(sorted(folder.glob(f"{document.info.id}*.jsonl"))):
        if "question" not in record:
            continue
        spans = [locator.find(quote) for quote in record["quotes"]]
        if not spans or any(span is None for span in spans):
            dropped.append(Dropped(document.info.id, record["question"], "引文在文件中找不到"))
            continue
        reading = _reading(document.info.id, record, tuple(span for span in spans if span is not None))
        taken.setdefault(reading.id, reading)
    return tuple(taken.values()), tuple(dropped)


def load_task_matters(document_id: str, folder: Path = BUNDLED) -> tuple[TaskMatter, ...]:
    """The everyday words of the tasks of a document, by task number."""
    records = _records(sorted(folder.glob(f"{document_id}*.jsonl")))
    return tuple(TaskMatter(record["task"], tuple(record["matter"])) for record in records if "task" in record)


def _records(paths: Iterable[Path]) -> Iterable[dict[str, Any]]:
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def _reading(document_id: str, record: dict[str, Any], spans: tuple[Span, ...]) -> Reading:
    digest = hashlib.sha256(f"{document_id}:{record['question']}:{record['answer']}".encode()).hexdigest()
    return Reading(
        id=f"{document_id}-q-{digest[:12]}",
        document_id=document_id,
        question=record["question"],
        paraphrases=tuple(dict.fromkeys(record.get("paraphrases", ()))),
        answer=record["answer"].rstrip("。"),
        quotes=tuple(record["quotes"]),
        spans=spans,
        type=record["type"],
        years=tuple(record.get("years", ())),
        reader=record.get("reader", ""),
    )
