"""Readings: questions with short answers and the verbatim quotes that prove them, resolved to offsets of the stored document.

`corpus/readings/<document id>*.jsonl` holds one record a line; `corpus/readings/cross*.jsonl` those of several documents, where every quote
names its own. Only quotes that stand in the document are taken; a record with a quote
that does not is dropped and reported, so that a changed document never speaks with an old reading. Whether the quotes prove the answer is
checked by `rag.check`.
"""

import hashlib
import json
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from corpus.clean import mend
from corpus.types import OMISSION, Document, MeasureKind, Place, Reading, Span, StatedMeasure

BUNDLED = Path(__file__).parent / "readings"

ACROSS = "cross"
"""What the names of files of readings of several documents begin with."""

_SAME = {
    **dict.fromkeys("“”„〝〞＂「」『』", '"'),
    **dict.fromkeys("‘’＇", "'"),
    **dict.fromkeys("—–―－", "-"),
    "∶": ":",
    "。": ".",
    "、": ",",
}


class ReadingType(StrEnum):
    """What a question asks for."""

    NUMBER = "number"
    ENTITY = "entity"
    DEFINITION = "definition"
    RESPONSIBILITY = "responsibility"
    LIST = "list"
    TABLE = "table"
    YESNO = "yesno"
    COMPARE = "compare"
    AGGREGATE = "aggregate"
    OMISSION = OMISSION


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a readings file, as written. `fields` is empty where the line is no JSON object; `line` counts from 1."""

    path: Path
    line: int
    fields: Mapping[str, Any]

    @property
    def is_task(self) -> bool:
        """Whether it brings everyday words for a numbered task instead of a question."""
        return "task" in self.fields and "question" not in self.fields


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that was not taken, and why (in Chinese)."""

    document_id: str
    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as a record writes it; `document_id` is empty where it is of the one document that the record's file belongs to."""

    text: str
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class TaskMatter:
    """Everyday words for what a numbered task is about."""

    number: int
    phrases: tuple[str, ...]


class Locator:
    """Finds verbatim stretches in a stored text, white space aside."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = [place for place, character in enumerate(text) if not character.isspace()]
        self._squeezed = "".join(text[place] for place in self._places)
        self._folded = _fold(self._squeezed)

    def find(self, quote: str, after: int = 0) -> Span | None:
        """Where the quote stands first at or after the stored offset `after`, or None."""
        return self._find(self._squeezed, "".join(quote.split()), after)

    def find_all(self, quote: str) -> tuple[Span, ...]:
        """Every place where the quote stands, in order."""
        found: list[Span] = []
        while span := self.find(quote, found[-1].start + 1 if found else 0):
            found.append(span)
        return tuple(found)

    def verbatim(self, quote: str) -> str | None:
        """The stored words of a quote whose marks are written in another form ("," for "，", straight quotation marks), or None."""
        span = self._find(self._folded, _fold("".join(quote.split())), 0)
        return None if span is None else mend(self._text[span.start : span.end])

    def _find(self, stored: str, wanted: str, after: int) -> Span | None:
        start = stored.find(wanted, bisect_left(self._places, after)) if wanted else -1
        return None if start < 0 else Span(self._places[start], self._places[start + len(wanted) - 1] + 1)


Locators = Locator | Mapping[str, Locator]
"""What the quotes of a record are looked for in: its document, or for a record of several documents all of them by id."""


def load_readings(document: Document, folder: Path = BUNDLED) -> tuple[tuple[Reading, ...], tuple[Dropped, ...]]:
    """The readings of a document found in the folder, and the records that could not be taken."""
    locator = Locator(document.text)
    taken: dict[str, Reading] = {}
    dropped: list[Dropped] = []
    for record in read_records(reading_files(document.info.id, folder)):
        if record.is_task:
            continue
        reading = resolve(record.fields, document.info.id, locator)
        if isinstance(reading, Reading):
            taken.setdefault(reading.id, reading)
        else:
            dropped.append(Dropped(document.info.id, str(record.fields.get("question", "")), reading))
    return tuple(taken.values()), tuple(dropped)


def quotes_of(fields: Mapping[str, Any]) -> tuple[Quote, ...]:
    """The quotes of a well-formed record."""
    return tuple(Quote(quote) if isinstance(quote, str) else Quote(quote["text"], quote["document"]) for quote in fields["quotes"])


def quoted_texts(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of a well-formed record's quotes."""
    return tuple(quote.text for quote in quotes_of(fields))


def locator_of(quote: Quote, locators: Locators) -> Locator | None:
    """What a quote is looked for in; None for a document that is not there."""
    return locators if isinstance(locators, Locator) else locators.get(quote.document_id)


def load_task_matters(document_id: str, folder: Path = BUNDLED) -> tuple[TaskMatter, ...]:
    """The everyday words of the tasks of a document, by task number."""
    records = [record.fields for record in read_records(reading_files(document_id, folder)) if record.is_task]
    return tuple(TaskMatter(fields["task"], tuple(fields["matter"])) for fields in records if not malformed_matter(fields))


def reading_files(document_id: str, folder: Path = BUNDLED) -> tuple[Path, ...]:
    """The files that hold a document's readings, by name; those of several documents for ACROSS."""
    return tuple(sorted(folder.glob(f"{document_id}*.jsonl")))


def read_records(paths: Iterable[Path]) -> Iterator[Record]:
    """The records of the files, in order; empty lines are passed over."""
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip():
                yield Record(path, number, _parsed(line))


def resolve(fields: Mapping[str, Any], document_id: str, locators: Locators) -> Reading | str:
    """The reading of a record, or why it cannot be taken (in Chinese). A record of several documents belongs to the one it quotes first."""
    faults = malformed(fields, isinstance(locators, Mapping))
    if faults:
        return "；".join(faults)
    quotes = quotes_of(fields)
    document_id = quotes[0].document_id or document_id
    by_document: dict[str, list[str]] = {document_id: []}
    for quote in quotes:
        by_document.setdefault(quote.document_id or document_id, []).append(quote.text)
    places: list[Place] = []
    for quoted_id, texts in by_document.items():
        locator = locator_of(Quote("", quoted_id), locators)
        spans = locator and _places(texts, locator)
        if not spans:
            return "引文在文件中找不到"
        places += [Place(quoted_id, span) for span in spans]
    digest = hashlib.sha256(f"{document_id}:{fields['question']}:{fields['answer']}".encode()).hexdigest()
    return Reading(
        id=f"{document_id}-q-{digest[:12]}",
        document_id=document_id,
        question=fields["question"],
        paraphrases=tuple(dict.fromkeys(fields.get("paraphrases", ()))),
        answer=fields["answer"].rstrip("。"),
        quotes=tuple(text for texts in by_document.values() for text in texts),
        spans=tuple(place.span for place in places if place.document_id == document_id),
        type=fields["type"],
        years=tuple(fields.get("years", ())),
        reader=fields.get("reader", ""),
        date=fields.get("date", ""),
        measures=stated_measures(fields),
        computed=tuple(fields.get("computed", ())),
        elsewhere=tuple(place for place in places if place.document_id != document_id),
    )


def stated_measures(fields: Mapping[str, Any]) -> tuple[StatedMeasure, ...]:
    """The measures of a well-formed record, which writes none, one, or several in a list."""
    return tuple(
        StatedMeasure(m["indicator"], m["year"], MeasureKind(m["kind"]), m["value"], m["unit"], m.get("scope") or "")
        for m in _measure_fields(fields)
    )


def malformed(fields: Mapping[str, Any], across: bool = False) -> tuple[str, ...]:
    """What keeps a record from being a reading, in Chinese; nothing for a well-formed one. The quotes of a record `across` documents name theirs."""
    if not fields:
        return ("不是 JSON 对象",)
    faults = [f"{name} 缺失或不是文字" for name in ("question", "answer") if not _is_text(fields.get(name))]
    quotes = fields.get("quotes")
    if across and not (isinstance(quotes, list) and quotes and all(_names_document(quote) for quote in quotes)):
        faults.append("quotes 应为写明文件编号的引文的列表：document、text")
    elif not across and not (_are_texts(quotes) and quotes):
        faults.append("quotes 应为至少一段引文的列表")
    if not _are_texts(fields.get("paraphrases", [])):
        faults.append("paraphrases 应为文字的列表")
    if fields.get("type") not in tuple(ReadingType):
        faults.append(f"type {fields.get('type')!r} 不在 {'、'.join(ReadingType)} 之列")
    years = fields.get("years", [])
    if not isinstance(years, list) or not all(_is_year(year) for year in years):
        faults.append(f"years {years!r} 应为年份的列表")
    if not _are_texts(fields.get("computed", [])):
        faults.append("computed 应为文字的列表")
    if not isinstance(fields.get("reader", ""), str):
        faults.append("reader 应为文字")
    if not _is_date(fields.get("date", "")):
        faults.append(f"date {fields.get('date')!r} 应为 YYYY-MM-DD")
    return (*faults, *(fault for measure in _measure_fields(fields) for fault in _malformed_measure(measure)))


def malformed_matter(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """What keeps a record from bringing everyday words for a task, in Chinese."""
    faults = [] if isinstance(fields.get("task"), int) else ["task 应为任务编号"]
    return tuple(faults) if _are_texts(fields.get("matter")) and fields["matter"] else (*faults, "matter 应为至少一个说法的列表")


def _places(quotes: Sequence[str], locator: Locator) -> tuple[Span, ...] | None:
    """Where the quotes stand: a quote that stands in several places is the one nearest to the quote that stands in fewest."""
    found = [locator.find_all(quote) for quote in quotes]
    if not all(found):
        return None
    anchor = min(found, key=len)[0]
    return tuple(min(spans, key=lambda span: abs(span.start - anchor.start)) for spans in found)


def _fold(text: str) -> str:
    """The text with every mark in one form, of the same length."""
    return "".join(_SAME.get(character) or _narrow(character) for character in text)


@cache
def _narrow(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _parsed(line: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _measure_fields(fields: Mapping[str, Any]) -> list[Any]:
    measure = fields.get("measure")
    return measure if isinstance(measure, list) else [] if measure is None else [measure]


def _malformed_measure(measure: Any) -> Iterator[str]:
    if not isinstance(measure, dict):
        yield f"measure {measure!r} 应为对象"
        return
    if not all(isinstance(measure.get(name), str) for name in ("indicator", "value", "unit")) or not measure["indicator"]:
        yield "measure 应有 indicator、value、unit（文字）"
    if not _is_year(measure.get("year")):
        yield f"measure 的年份 {measure.get('year')!r} 有误"
    if measure.get("kind") not in tuple(MeasureKind):
        yield f"measure 的 kind {measure.get('kind')!r} 应为 {'、'.join(MeasureKind)}"
    if not isinstance(measure.get("scope") or "", str):
        yield "measure 的 scope 应为文字"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(_is_text(value) for value in values)


def _names_document(quote: Any) -> bool:
    return isinstance(quote, dict) and all(_is_text(quote.get(name)) for name in ("document", "text"))


def _is_year(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2100


def _is_date(value: Any) -> bool:
    if value == "":
        return True
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True
