"""Passages: stretches of a document sized for retrieval and for reading, cut between sentences, never inside one that fits."""

import hashlib
import re
from collections.abc import Iterable

from corpus.clean import Paragraph, mend, slice_spans
from corpus.types import Span

TARGET = 260
"""Characters at which a passage is full."""

LIMIT = 320
"""Characters that a passage of several sentences never exceeds; a single longer sentence is cut at its semicolons, then at its commas."""

_SENTENCE = re.compile(r"[^。！？]*[。！？]+[”’）)】]*|[^。！？]+$")
_CLAUSE = re.compile(r"[^；;]*[；;]+|[^；;]+$")
_PHRASE = re.compile(r"[^，,]*[，,]+|[^，,]+$")


def passage_id(document_id: str, spans: tuple[Span, ...], text: str) -> str:
    """An id out of content and position, stable while neither changes."""
    digest = hashlib.sha256(f"{document_id}:{spans[0].start}:{mend(text)}".encode()).hexdigest()
    return f"{document_id}-{spans[0].start:06d}-{digest[:8]}"


def split_paragraph(text: str, paragraph: Paragraph) -> tuple[tuple[Span, ...], ...]:
    """The spans of the passages of a paragraph of the stored `text`, in order."""
    stored, places = _flatten(text, paragraph.spans)
    pieces = _pack(_bounded_sentences(stored))
    return tuple(_spans_of(places, start, end) for start, end in pieces)


def pack_paragraphs(groups: Iterable[tuple[Span, ...]], text: str) -> tuple[tuple[Span, ...], ...]:
    """Joins neighbouring short stretches (items of a list) into passages of about TARGET characters."""
    packed: list[tuple[Span, ...]] = []
    for spans in groups:
        size = len(mend(slice_spans(text, spans)))
        if packed and len(mend(slice_spans(text, packed[-1]))) + size <= TARGET:
            packed[-1] = packed[-1] + spans
        else:
            packed.append(spans)
    return tuple(packed)


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of every sentence of a text; closing marks stay with the sentence they close."""
    return tuple((m.start(), m.end()) for m in _SENTENCE.finditer(text) if m[0].strip())


def _flatten(text: str, spans: tuple[Span, ...]) -> tuple[str, list[int]]:
    """The stored characters of the spans as one string, and where each of them stands."""
    places = [place for span in spans for place in range(span.start, span.end)]
    return slice_spans(text, spans), places


def _spans_of(places: list[int], start: int, end: int) -> tuple[Span, ...]:
    """The stored spans of characters `start` to `end`: one for each run without a gap."""
    spans: list[Span] = []
    for place in places[start:end]:
        if spans and spans[-1].end == place:
            spans[-1] = Span(spans[-1].start, place + 1)
        else:
            spans.append(Span(place, place + 1))
    return tuple(spans)


def _bounded_sentences(text: str) -> list[tuple[int, int]]:
    """Sentences, those over LIMIT cut at semicolons, and then at commas."""
    bounded: list[tuple[int, int]] = []
    for start, end in sentences(text):
        for pattern in (None, _CLAUSE, _PHRASE):
            units = [(start, end)] if pattern is None else [(m.start(), m.end()) for m in pattern.finditer(text, start, end)]
            packed = units if pattern is None else _pack(units)
            if all(e - s <= LIMIT for s, e in packed) or pattern is _PHRASE:
                bounded.extend(packed)
                break
    return bounded


def _pack(units: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring units joined up to TARGET; a short last one goes with the one before as long as LIMIT holds."""
    packed: list[tuple[int, int]] = []
    for start, end in units:
        if packed and end - packed[-1][0] <= TARGET:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    if len(packed) > 1 and packed[-1][1] - packed[-1][0] < TARGET // 3 and packed[-1][1] - packed[-2][0] <= LIMIT:
        last = packed.pop()
        packed[-1] = (packed[-1][0], last[1])
    return packed
