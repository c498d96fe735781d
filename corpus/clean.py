"""Paragraphs out of stored lines: hard wraps, page breaks and stray spaces mended, every character keeping its place.

A paragraph is a tuple of spans of the stored text. What is shown is `mend` of their join and differs from the stored characters in white space only.
"""

import re
from dataclasses import dataclass

from corpus.types import Span

WRAPPED_LINE_LENGTH = 40
"""A document whose lines never get longer than this was wrapped by its printer."""

TERMINAL = "。！？；：.!?;:”"
"""Marks after which a new line is a new paragraph; a line that ends in none of them goes on after the break."""

HEADING_START = re.compile(
    r"第[一二三四五六七八九十百]+[篇章节](?=\s|$)"
    r"|专栏\s*\d+"
    r"|[（(]\s*[一二三四五六七八九十]+\s*[)）]"
    r"|[一二三四五六七八九十]+&?、"
    r"|[（(]\d{1,2}[)）]"
    r"|\d{1,3}\s*[.．、](?!\d)"
    r"|[一二三四五六七八九十]是"
    r"|——"
    r"|备?注\s*[:：]"
    r"|附[件表]?\s*[:：]"
)
"""How a line begins that opens a paragraph of its own whatever stands before it."""

_NUMBERED_HEADING = re.compile(
    r"第[一二三四五六七八九十百]+[篇章节]\s|专栏\s*\d+|[（(]\s*[一二三四五六七八九十]+\s*[)）]|[一二三四五六七八九十]+&?、|\d{1,2}\s*[.．](?!\d)"
)
_PROSE = re.compile(r"[，。；：,;]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A mended paragraph: `spans` in the stored document, `text` as shown, `first_line` and `last_line` its line numbers (from 0)."""

    spans: tuple[Span, ...]
    text: str
    first_line: int
    last_line: int

    @property
    def span(self) -> Span:
        return Span(self.spans[0].start, self.spans[-1].end)


def mend(text: str) -> str:
    """Text without the white space that a page layout left: blanks go unless they part two ASCII words; no other character changes."""

    def keep(match: re.Match[str]) -> str:
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        return " " if before.isascii() and after.isascii() and before.isalpha() and after.isalpha() else ""

    return _SPACES.sub(keep, text.strip())


def mend_heading(text: str) -> str:
    """A heading as shown: two blanks or more part its halves and become one, a single one is stray."""
    return " ".join(mend(part) for part in re.split(r"\s{2,}|\u3000+", text.strip()))


def slice_spans(text: str, spans: tuple[Span, ...]) -> str:
    """The stored characters of the spans, joined."""
    return "".join(text[span.start : span.end] for span in spans)


def line_spans(text: str) -> tuple[Span, ...]:
    """The lines of the text without their line ends and without white space around; an empty line has an empty span."""
    spans = []
    position = 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        start = position + (len(line) - len(line.lstrip()) if body else 0)
        spans.append(Span(start, start + len(body)))
        position += len(line)
    return tuple(spans)


def read_paragraphs(text: str, within: Span | None = None) -> tuple[Paragraph, ...]:
    """The paragraphs of the text (of what lies in `within`), in order, blank lines left out.

    Lines go together when the first does not end its sentence and the second does not open a heading or an item; in a text wrapped by its
    printer, lines go together until a blank one.
    """
    lines = line_spans(text)
    wrapped = _is_wrapped(text, lines)
    width = max((span.end - span.start for span in lines), default=0)
    whole = within or Span(0, len(text))
    inside = [(number, _clipped(text, span, whole)) for number, span in enumerate(lines) if span.start < whole.end and whole.start < span.end]
    inside = [(number, span) for number, span in inside if span.end > span.start]
    groups: list[list[tuple[int, Span]]] = []
    for number, span in inside:
        if groups and _goes_on(text, groups[-1], number, span, wrapped, width):
            groups[-1].append((number, span))
        else:
            groups.append([(number, span)])
    return tuple(_paragraph(text, group) for group in groups)


def _clipped(text: str, line: Span, within: Span) -> Span:
    """The part of a line inside `within`, without white space around."""
    start, end = max(line.start, within.start), min(line.end, within.end)
    part = text[start:end]
    return Span(start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())) if part.strip() else Span(start, start)


def _is_wrapped(text: str, lines: tuple[Span, ...]) -> bool:
    lengths = [span.end - span.start for span in lines if span.end > span.start]
    return bool(lengths) and len(lengths) > 20 and max(lengths) <= WRAPPED_LINE_LENGTH and text.count("\t") == 0


def _goes_on(text: str, group: list[tuple[int, Span]], number: int, span: Span, wrapped: bool, width: int) -> bool:
    line = text[span.start : span.end]
    if HEADING_START.match(line):
        return False
    last_number, last = group[-1]
    before = text[last.start : last.end]
    adjacent = number == last_number + 1
    if wrapped and (adjacent or len(before) >= 0.8 * width):
        return adjacent or before[-1] not in TERMINAL
    if is_heading_line(before) and len(group) == 1:
        return _ends_heading(before, line)
    if before[-1].isascii() != line[0].isascii() and before.isascii() != line.isascii():
        return False
    so_far = "".join(text[part.start : part.end] for _, part in group)
    return before[-1] not in TERMINAL and _PROSE.search(so_far) is not None


def is_heading_line(line: str) -> bool:
    """Whether a whole line is a numbered heading: a heading's number, few words and no mark that ends or divides a sentence."""
    label = _NUMBERED_HEADING.match(line)
    return label is not None and len(line) <= 50 and not _PROSE.search(line, label.end())


def _ends_heading(heading: str, line: str) -> bool:
    """Whether `line` is the wrapped end of a 篇, 章 or 节 heading: short, and without the marks of a sentence."""
    return heading.startswith("第") and len(line) <= 20 and not _PROSE.search(line)


def _paragraph(text: str, group: list[tuple[int, Span]]) -> Paragraph:
    spans = tuple(span for _, span in group)
    return Paragraph(spans=spans, text=mend(slice_spans(text, spans)), first_line=group[0][0], last_line=group[-1][0])
