"""Every noun of the corpus layer: frozen records that other layers pass around.

Offsets are counted in characters of the document as stored (`Document.text`, line ends included), never in bytes.
"""

from dataclasses import dataclass
from enum import StrEnum


class PassageKind(StrEnum):
    PROSE = "prose"
    TABLE_ROW = "table_row"
    TASK = "task"
    BOX = "box"
    NOTICE = "notice"
    NOTE = "note"


class FurnitureKind(StrEnum):
    """Text of a document that no passage holds."""

    CONTENTS = "contents"
    MASTHEAD = "masthead"
    PAGE_HEADER = "page_header"
    HEADING = "heading"
    TABLE_HEADER = "table_header"
    BLANK = "blank"


class MeasureKind(StrEnum):
    TARGET = "target"
    ACTUAL = "actual"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` (included) to `end` (excluded) of a stored document."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def within(self, other: "Span") -> bool:
        return other.start <= self.start and self.end <= other.end


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one of several documents."""

    document_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What the manifest knows of a document; the names in `inferred` are not written in the document itself.

    `date` is in ISO 8601, as exact as it is known ("2024-01-21", "2024-01", "2024"), and empty where nobody knows it.
    """

    id: str
    file: str
    title: str
    issuer: str
    number: str | None
    date: str
    reports_on: tuple[int, ...]
    plans_for: tuple[int, ...]
    sha256: str
    aliases: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        """The year that the document is dated by; None where its date is unknown."""
        return int(self.date[:4]) if self.date else None


@dataclass(frozen=True, slots=True)
class Document:
    info: DocumentInfo
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the outline. `level` 0 is a document part (a report of a gazette), 1 the outermost heading.

    `label` is the numbering as written ("第三章", "（一）", "专栏5"), empty where there is none; `text` is label and title as shown, wraps mended.
    `parent` is the index of the enclosing heading in the outline, None at the top.
    """

    level: int
    label: str
    text: str
    span: Span
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One report of a document that holds several; a plain document is one part with the document's own title and date, which may be unknown."""

    title: str
    speaker: str | None
    date: str
    span: Span
    reports_on: tuple[int, ...] = ()
    plans_for: tuple[int, ...] = ()

    @property
    def year(self) -> int | None:
        """The year that the part is dated by; None where its date is unknown."""
        return int(self.date[:4]) if self.date else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable stretch of a document.

    `text` is the join of `spans` of the stored document and differs from the stored characters in white space only. `context` holds spans (a table's
    caption and header, a list's lead-in) that are shown and searched with the passage but are not part of its text.
    """

    id: str
    document_id: str
    kind: PassageKind
    heading_path: tuple[str, ...]
    spans: tuple[Span, ...]
    text: str
    context: tuple[Span, ...] = ()
    part: str = ""
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Furniture:
    kind: FurnitureKind
    span: Span


@dataclass(frozen=True, slots=True)
class Task:
    """A task and the units that it is given to. `open_ended` tells whether the cooperating units end in 等.

    `number` is the one written before it, or its place among the tasks of the document where written numbers do not tell them apart.
    """

    number: int
    text: str
    heading_path: tuple[str, ...]
    lead_units: tuple[str, ...]
    cooperating_units: tuple[str, ...]
    lead_open_ended: bool
    open_ended: bool
    document_id: str
    span: Span
    text_span: Span


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of an indicator in one year.

    `value` is as written ("6.5左右", "【42.1】", "" for an empty cell); `number` is the row's number in its table, or empty for a "#" sub-row;
    `parent` is the indicator that a "#" sub-row belongs to; `marks` are the signs written in the cell or the name (▽ □ ○ * 【】 —) and
    `note` the text that explains them; `row` spans the whole row, `cell` the value. `years` are all years that the value is about: a total
    or an average of a plan period is about five. `basis` is what the unit is qualified by ("2020年价"). `merged` is what the cell above an
    empty one says in words ("国家下达"), which a merged cell of the printed table may extend to this row; the stored cell is empty.
    """

    indicator: str
    unit: str
    year: int
    kind: MeasureKind
    value: str
    group: str
    number: str
    parent: str
    attribute: str
    marks: tuple[str, ...]
    note: str
    table: str
    document_id: str
    row: Span
    cell: Span
    years: tuple[int, ...] = ()
    basis: str = ""
    merged: str = ""


class Via(StrEnum):
    """What a reading was made from."""

    READING = "reading"
    TASK = "task"
    MEASURE = "measure"
    OUTLINE = "outline"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class StatedMeasure:
    """One value of an indicator in one year, as a reading of prose states it.

    `value` is as written ("30145.79", "6左右"); `scope` is whom it is about ("全市", "两江新区").
    """

    indicator: str
    year: int
    kind: MeasureKind
    value: str
    unit: str
    scope: str = ""


OMISSION = "omission"
"""The type of a reading that tells what the documents leave out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question with its short answer and the verbatim quotes that prove it; `spans` are where the quotes stand.

    A reading of several documents has its first quotes in `document_id`, where `spans` tells, the others where `elsewhere` tells.
    `reader` names who wrote it with which prompt, `date` when (ISO 8601, empty where the record does not say). `via` tells what it was made
    from, `ref` which record of that kind (a task's number, a measure's place). `measures` are the indicator values that the answer states;
    `computed` are figures of the answer that were worked out from the quotes and stand in none.
    """

    id: str
    document_id: str
    question: str
    paraphrases: tuple[str, ...]
    answer: str
    quotes: tuple[str, ...]
    spans: tuple[Span, ...]
    type: str
    years: tuple[int, ...]
    reader: str
    via: Via = Via.READING
    ref: str = ""
    date: str = ""
    measures: tuple[StatedMeasure, ...] = ()
    computed: tuple[str, ...] = ()
    elsewhere: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Where each of the quotes stands."""
        return (*(Place(self.document_id, span) for span in self.spans), *self.elsewhere)

    @property
    def leaves_out(self) -> bool:
        """Whether it tells that the documents do not say what is asked."""
        return self.type == OMISSION

    @property
    def wordings(self) -> tuple[str, ...]:
        """The different ways in which the question is put."""
        return tuple(dict.fromkeys((self.question, *self.paraphrases)))

    @property
    def text(self) -> str:
        """All that it says: the question in its different ways, the answer and the quotes."""
        return " ".join((self.question, *self.paraphrases, self.answer, *self.quotes))


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document and everything that was read in it. Passages, tasks and measures are in the document's order."""

    document: Document
    outline: tuple[Heading, ...]
    parts: tuple[Part, ...]
    passages: tuple[Passage, ...]
    furniture: tuple[Furniture, ...]
    tasks: tuple[Task, ...]
    measures: tuple[Measure, ...]
