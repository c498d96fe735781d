"""How much of the documents the readings cover: what no reading quotes can only be found by passages.

Tasks and the rows of indicator tables count as covered, since records of their own answer for them (`corpus.tasks`, `corpus.tables`), and
so do headings, which the outline holds. Contents pages, page headers and table headers are left out: they repeat.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.clean import mend, slice_spans
from corpus.figures import Date, DateKind, Figure, Label, find_expressions, find_names, normal
from corpus.readings import Locator
from corpus.split import sentences
from corpus.types import FurnitureKind, PassageKind, ReadDocument, Reading, Span

ENOUGH = 0.5
"""Share of a sentence's characters that quotes must hold for it to count as covered, beside every figure that it states."""

UNREAD = (FurnitureKind.CONTENTS, FurnitureKind.PAGE_HEADER, FurnitureKind.TABLE_HEADER, FurnitureKind.BLANK)


@dataclass(frozen=True, slots=True)
class Share:
    """`covered` of `total`."""

    covered: int
    total: int

    @property
    def value(self) -> float:
        return self.covered / self.total if self.total else 1.0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.covered + other.covered, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that nothing covers: a sentence, or a figure with the words around it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a document is covered.

    `sentences` are those of prose, boxes and notes that state a figure, a date, a name or a list; `figures` are all numbers of the text
    that are neither dates nor labels, `dates` days, months and years. `quoted` is the share of characters that stand in some quote.
    """

    document_id: str
    readings: int
    sentences: Share
    figures: Share
    dates: Share
    quoted: Share
    open_sentences: tuple[Gap, ...] = ()
    open_figures: tuple[Gap, ...] = ()


def cover(document: ReadDocument, readings: Sequence[Reading]) -> Coverage:
    """The coverage of a document by the readings that quote it; others are passed over, and those that tell what it leaves out."""
    text = document.document.text
    document_id = document.document.info.id
    own = [reading for reading in readings if not reading.leaves_out and any(place.document_id == document_id for place in reading.places)]
    quoted = _marked(len(text), _quoted(document_id, text, own))
    recorded = _marked(len(text), _recorded(document))
    unread = _marked(len(text), (item.span for item in document.furniture if item.kind in UNREAD))
    covered = bytearray(a | b for a, b in zip(quoted, recorded, strict=True))

    checkable = [sentence for sentence in _sentences(document) if is_checkable(sentence.text)]
    open_sentences = [sentence for sentence in checkable if not _is_covered(sentence, covered)]
    read = [e for e in find_expressions(text) if not isinstance(e, Label) and not any(unread[e.span.start : e.span.end])]
    dates = [e.span for e in read if isinstance(e, Date) and e.kind is not DateKind.RELATIVE]
    figures = [e.span for e in read if not isinstance(e, Date)]
    open_figures = [span for span in figures if not all(covered[span.start : span.end])]
    words = [place for place, character in enumerate(text) if not character.isspace() and not unread[place]]
    return Coverage(
        document_id=document_id,
        readings=len(own),
        sentences=Share(len(checkable) - len(open_sentences), len(checkable)),
        figures=Share(len(figures) - len(open_figures), len(figures)),
        dates=Share(sum(all(covered[span.start : span.end]) for span in dates), len(dates)),
        quoted=Share(sum(quoted[place] for place in words), len(words)),
        open_sentences=tuple(Gap(sentence.span, mend(sentence.text)) for sentence in open_sentences),
        open_figures=tuple(Gap(span, _around(text, span)) for span in open_figures),
    )


def total(coverages: Iterable[Coverage]) -> Coverage:
    """The coverage of several documents together, without their gaps."""
    found = list(coverages)
    nothing = Share(0, 0)
    return Coverage(
        document_id="",
        readings=sum(one.readings for one in found),
        sentences=sum((one.sentences for one in found), nothing),
        figures=sum((one.figures for one in found), nothing),
        dates=sum((one.dates for one in found), nothing),
        quoted=sum((one.quoted for one in found), nothing),
    )


def is_checkable(sentence: str) -> bool:
    """Whether a sentence states something that can be looked up: a figure, a date, a document number, a name or a list."""
    stated = (
        e for e in find_expressions(sentence) if not isinstance(e, Label) and not (isinstance(e, Date) and e.kind is DateKind.RELATIVE)
    )
    return any(True for _ in stated) or bool(find_names(sentence)) or _LIST.search(normal(sentence)) is not None


_LIST = re.compile(r"[^、,。;]{2,}、[^、,。;]{2,}、[^、,。;]{2,}")
_AROUND = 20
_LONG = 12
_READ_KINDS = (PassageKind.PROSE, PassageKind.BOX, PassageKind.NOTICE, PassageKind.NOTE)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a passage; `places` tells where each of its characters stands in the document, past line and page breaks."""

    text: str
    places: tuple[int, ...]

    @property
    def span(self) -> Span:
        return Span(self.places[0], self.places[-1] + 1)


def _sentences(document: ReadDocument) -> list[_Sentence]:
    """The sentences of the passages that no record stands for."""
    found = []
    for passage in document.passages:
        if passage.kind in _READ_KINDS:
            stored = slice_spans(document.document.text, passage.spans)
            places = tuple(place for span in passage.spans for place in range(span.start, span.end))
            found += [_Sentence(stored[start:end], places[start:end]) for start, end in sentences(stored)]
    return found


def _quoted(document_id: str, text: str, readings: Sequence[Reading]) -> Iterator[Span]:
    """Where quotes stand; a long one proves the same words wherever a document repeats them (the reports of a gazette do)."""
    locator = Locator(text)
    for reading in readings:
        for quote, place in zip(reading.quotes, reading.places, strict=True):
            if place.document_id != document_id:
                continue
            yield place.span
            if len(quote) >= _LONG:
                yield from locator.find_all(quote)


def _recorded(document: ReadDocument) -> Iterator[Span]:
    """What records stand for: tasks, rows of tables, headings."""
    yield from (task.span for task in document.tasks)
    yield from (measure.row for measure in document.measures)
    yield from (heading.span for heading in document.outline)


def _marked(length: int, spans: Iterable[Span]) -> bytearray:
    marks = bytearray(length)
    for span in spans:
        marks[span.start : span.end] = b"\x01" * (span.end - span.start)
    return marks


def _is_covered(sentence: _Sentence, covered: bytearray) -> bool:
    words = [place for place, character in zip(sentence.places, sentence.text, strict=True) if character.isalnum()]
    if sum(covered[place] for place in words) < ENOUGH * len(words):
        return False
    figures = (found.span for found in find_expressions(sentence.text) if isinstance(found, Figure))
    return all(covered[place] for figure in figures for place in sentence.places[figure.start : figure.end])


def _around(text: str, span: Span) -> str:
    before, after = text[max(0, span.start - _AROUND) : span.start], text[span.end : span.end + _AROUND]
    return mend(f"{before}【{text[span.start : span.end]}】{after}")
