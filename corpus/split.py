"""Passages: stretches of a document sized for retrieval and for reading, cut between sentences, never inside one that fits."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.clean import Paragraph, mend, places_of, slice_spans, spans_of
from corpus.types import Span

TARGET = 260
"""Characters at which a passage is full."""

LIMIT = 320
"""Characters that a passage of several sentences never exceeds; a longer sentence is cut at its semicolons, then at its commas, and
a stretch without either wherever it must be."""

SMALL = 40
"""A stretch shorter than this joins its neighbour as long as LIMIT holds, as a lead ("发展现代服务业。") does what it names."""

LEAD_IN = 90
"""The longest lead-in of a list that is kept with its later items."""

_SENTENCE = re.compile(r"[^。！？]*[。！？]+[”’）)】]*|[^。！？]+$")
_CLAUSE = re.compile(r"[^；;]*[；;]+|[^；;]+$")
_PHRASE = re.compile(r"[^，,]*[，,]+|[^，,]+$")
_COLON = re.compile("[：:]")
_SEMICOLON = re.compile("[；;]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one paragraph. `lead_in` is the start of a sentence ("实事包括：") that the piece goes on with after a semicolon."""

    spans: tuple[Span, ...]
    lead_in: Span | None = None


def passage_id(document_id: str, spans: tuple[Span, ...], text: str) -> str:
    """An id out of content and position, stable while neither changes."""
    digest = hashlib.sha256(f"{document_id}:{spans[0].start}:{mend(text)}".encode()).hexdigest()
    return f"{document_id}-{spans[0].start:06d}-{digest[:8]}"


def split_paragraph(text: str, paragraph: Paragraph) -> tuple[Piece, ...]:
    """The pieces of a paragraph of the stored `text`, in order, each of a passage's size."""
    stored, places = slice_spans(text, paragraph.spans), places_of(paragraph.spans)
    pieces = []
    lead_ins = _lead_ins(stored)
    for start, end in _pack(_bounded_sentences(stored)):
        lead_in = next((found for found in lead_ins if found[0] < start < found[2]), None)
        context = Span(places[lead_in[0]], places[lead_in[1] - 1] + 1) if lead_in and lead_in[1] <= start else None
        pieces.append(Piece(spans_of(places[start:end]), context))
    return tuple(pieces)


def pack_pieces(pieces: Iterable[Piece], text: str) -> tuple[tuple[Piece, ...], ...]:
    """Neighbouring short pieces (items of a list) together, up to about TARGET characters a passage."""
    packed: list[tuple[Piece, ...]] = []
    size = 0
    for piece in pieces:
        own = len(mend(slice_spans(text, piece.spans)))
        if packed and size + own <= (LIMIT if own < SMALL else TARGET):
            packed[-1] = (*packed[-1], piece)
            size += own
        else:
            packed.append((piece,))
            size = own
    return tuple(packed)


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of every sentence of a text; closing marks stay with the sentence they close."""
    return tuple((m.start(), m.end()) for m in _SENTENCE.finditer(text) if m[0].strip())


def _lead_ins(text: str) -> list[tuple[int, int, int]]:
    """Of each sentence too long for one passage: its start, where the words before its list end, and its own end."""
    found = []
    for start, end in sentences(text):
        colon = _COLON.search(text, start, min(end, start + LEAD_IN))
        if end - start > LIMIT and colon and _SEMICOLON.search(text, colon.end(), end):
            found.append((start, colon.end(), end))
    return found


def _bounded_sentences(text: str) -> list[tuple[int, int]]:
    """Sentences, those over LIMIT cut at semicolons, and then at commas."""
    bounded: list[tuple[int, int]] = []
    for start, end in sentences(text):
        for pattern in (None, _CLAUSE, _PHRASE):
            units = [(start, end)] if pattern is None else [(m.start(), m.end()) for m in pattern.finditer(text, start, end)]
            packed = units if pattern is None else _pack(units)
            if all(e - s <= LIMIT for s, e in packed):
                bounded.extend(packed)
                break
        else:
            bounded.extend(cut for s, e in packed for cut in _cut_hard(text, s, e))
    return bounded


def _cut_hard(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch without any mark to cut at: behind its last blank that fits, or at LIMIT."""
    while end - start > LIMIT:
        blank = max(text.rfind(" ", start + 1, start + LIMIT), start)
        behind = blank + 1 if blank > start else start + LIMIT
        yield start, behind
        start = behind
    yield start, end


def _pack(units: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring units joined up to TARGET; a short first one joins the next, a short last one the one before, while LIMIT holds."""
    packed: list[tuple[int, int]] = []
    for start, end in units:
        if packed and end - packed[-1][0] <= (LIMIT if packed[-1][1] - packed[-1][0] < SMALL else TARGET):
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    if len(packed) > 1 and packed[-1][1] - packed[-1][0] < TARGET // 3 and packed[-1][1] - packed[-2][0] <= LIMIT:
        last = packed.pop()
        packed[-1] = (packed[-1][0], last[1])
    return packed
