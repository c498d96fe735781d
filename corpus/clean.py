"""Paragraphs out of stored lines: hard wraps, page breaks and stray spaces mended, every character keeping its place.

A paragraph is a tuple of spans of the stored text. What is shown is `mend` of their join and differs from the stored characters
in white space only.
What a printer put around the text (page numbers, repeated page headers, 上接2版) is found first and belongs to no paragraph.
"""

import re
import statistics
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from corpus.types import Span

WRAPPED_WIDTH = 48
"""A text nine tenths of whose lines are no wider than this, most of them full, was wrapped by its printer.

One Chinese character is one wide.
"""

TERMINAL = "。！？；：.!?;:"
"""Marks after which a new line is a new paragraph; a line that ends in none of them goes on after the break."""

CLOSING = "”’」』）)】》〉"

HEADING_START = re.compile(
    r"第[一二三四五六七八九十百]+[篇章节](?=\s|$)"
    r"|专栏\s*\d+"
    r"|[（(]\s*[一二三四五六七八九十]+\s*[)）]"
    r"|[一二三四五六七八九十]+[&＆]?、"
    r"|[（(]\d{1,2}[)）]"
    r"|\d{1,3}\s*[.．、](?!\d)"
    r"|[一二三四五六七八九十]是"
    r"|——"
    r"|备?注\s*[:：]"
    r"|附[件表]?\s*[:：]"
)
"""How a line begins that opens a paragraph of its own whatever stands before it."""

_NUMBERED_HEADING = re.compile(
    r"第[一二三四五六七八九十百]+[篇章节]\s|专栏\s*\d+|[（(]\s*[一二三四五六七八九十]+\s*[)）]|[一二三四五六七八九十]+[&＆]?、|\d{1,2}\s*[.．](?!\d)"
)
_PROSE = re.compile(r"[，。；：,;]")
_SPACES = re.compile(r"\s+")
_GAP = re.compile(r"\s{2,}|\u3000+")
_GOES_ON_BEHIND = ("的", "、", "，", "和", "与", "及", "以")
_PAGE_NUMBER = re.compile(r"[—–－-]{1,2}\s*\d{1,4}\s*[—–－-]{1,2}|第\s*\d{1,4}\s*页(?:\s*[，,/]?\s*共\s*\d{1,4}\s*页)?")
_JUMP = re.compile(r"[（(]\s*(?:上接|下转|接上|转下)\s*第?\s*[\dA-Z一二三四五六七八九十]{1,4}\s*版\s*[）)]")
_FIELD = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff\s]{1,9}[:：]")
_FIELD_LINE = re.compile(_FIELD.pattern + r"\s*[^，。；：:,;\s]{1,40}")
_BRACKET_BEHIND = re.compile(r"[。！？]\s*[（(][^。]{1,300}[)）]$")
_LONG_HEADING = 15
_EDGE = 2
_LONGEST_HEADER = 40
_REPEATED_ON_PAGES = 3
_REPEATED_SHARE = 0.3
_INDENT = 2
"""Width of the indent of a paragraph's first line, which is stripped with the white space around it."""


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
    """Text without the white space that a page layout left: blanks go unless they part Latin words; no other character changes."""
    stripped = text.strip()

    def keep(match: re.Match[str]) -> str:
        before, after = stripped[match.start() - 1], stripped[match.end()]
        if not (before.isascii() and after.isascii()):
            return ""
        if "\t" in match[0] and before.isdigit() and after.isdigit():
            return " "  # Two cells; without a blank they would be one figure.
        words = before.isalnum() and after.isalnum() and (before.isalpha() or after.isalpha())
        return " " if words or (before in ",.;:!?)" and after.isalpha()) else ""

    return _SPACES.sub(keep, stripped)


def mend_heading(text: str) -> str:
    """A heading's title as shown: two blanks or more part its halves and become one, a single one is stray.

    A line break parts halves too ("推动双城经济圈建设⏎持续释放布局优化效应"), unless the halves are parted already or the line
    stops inside one.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = lines[0] if lines else ""
    for line in lines[1:]:
        inside = _GAP.search(joined) or joined.endswith(_GOES_ON_BEHIND) or len(line) < 8
        joined += line if inside else "  " + line
    return " ".join(mend(part) for part in _GAP.split(joined))


def mend_row(text: str) -> str:
    """A table row as shown: its cells, a blank between two of them."""
    return " ".join(cell for cell in (mend(cell) for cell in re.split(r"[\t\n]+", text)) if cell)


def slice_spans(text: str, spans: tuple[Span, ...]) -> str:
    """The stored characters of the spans, joined."""
    return "".join(text[span.start : span.end] for span in spans)


def places_of(spans: Iterable[Span]) -> list[int]:
    """Where each character of the spans' join stands in the stored text."""
    return [place for span in spans for place in range(span.start, span.end)]


def spans_of(places: Sequence[int]) -> tuple[Span, ...]:
    """The spans of ascending places: one for each run without a gap."""
    spans: list[Span] = []
    for place in places:
        if spans and spans[-1].end == place:
            spans[-1] = Span(spans[-1].start, place + 1)
        else:
            spans.append(Span(place, place + 1))
    return tuple(spans)


def closed_up(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same stretch with spans that only white space parts made one, and without white space at either end of a span."""
    closed: list[Span] = []
    for span in spans:
        start, end = closed[-1].end if closed else span.start, span.start
        if closed and not text[start:end].strip():
            closed[-1] = Span(closed[-1].start, span.end)
        else:
            closed.append(span)
    return tuple(trimmed for span in closed if (trimmed := _trimmed(text, span)).start < trimmed.end)


def end_behind(text: str, spans: tuple[Span, ...], characters: int) -> int:
    """Where the first `characters` of the spans end that are not white space."""
    seen = 0
    for span in spans:
        for place in range(span.start, span.end):
            seen += not text[place].isspace()
            if seen == characters:
                return place + 1
    return spans[-1].end


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


def find_page_marks(text: str) -> tuple[Span, ...]:
    """What belongs to a page and not to its text: page numbers, headers and footers repeated on pages parted by form feeds, 上接2版."""
    lines = [span for span in line_spans(text) if span.end > span.start]
    marks = {span for span in lines if _PAGE_NUMBER.fullmatch(text, span.start, span.end)}
    for span in lines:
        for jump in _JUMP.finditer(text, span.start, span.end):
            if jump.start() == span.start or jump.end() == span.end:
                marks.add(Span(*jump.span()))
    marks.update(_page_edges(text, lines))
    return tuple(sorted(marks))


def _page_edges(text: str, lines: Sequence[Span]) -> Iterator[Span]:
    """Lines at the edges of pages that stand, figures aside, on a good part of the pages, and outermost ones that are a bare number."""
    feeds = [match.start() for match in re.finditer("\f", text)]
    edges: list[Iterable[Span]] = []
    outermost: set[Span] = set()
    at = 0
    for start, end in zip([0, *feeds], [*feeds, len(text)], strict=True) if feeds else ():
        while at < len(lines) and lines[at].start < start:
            at += 1
        last = at
        while last < len(lines) and lines[last].start < end:
            last += 1
        page = lines[at:last]
        edges.append(dict.fromkeys((*page[:_EDGE], *page[-_EDGE:])))
        outermost.update((*page[:1], *page[-1:]))
    shapes = {span: re.sub(r"\d+|\s+", "", text[span.start : span.end]) for page_edges in edges for span in page_edges}
    counts = Counter(shape for page_edges in edges for shape in {shapes[span] for span in page_edges})
    for span, shape in shapes.items():
        repeated = shape and len(shape) <= _LONGEST_HEADER and counts[shape] >= max(_REPEATED_ON_PAGES, _REPEATED_SHARE * len(edges))
        if repeated or (not shape and span in outermost):
            yield span


def read_paragraphs(text: str, within: Span | None = None) -> tuple[Paragraph, ...]:
    """The paragraphs of the text (of what lies in `within`), in order, blank lines and page marks left out.

    Lines go together when the first does not end its sentence and the second does not open a heading or an item. In a text wrapped by its
    printer a full line goes on in the next one, and over a blank line where it does not end its sentence.
    """
    return layout_of(text).paragraphs(within or Span(0, len(text)))


@lru_cache(maxsize=8)
def layout_of(text: str) -> "Layout":
    """The layout of a text; kept for the last few, since stretches of one document are asked for one after the other."""
    marks = find_page_marks(text)
    lines = [(number, part) for number, span in enumerate(line_spans(text)) for part in _without(text, span, marks)]
    return Layout(text, tuple(lines), marks, _full_width(text, [span for _, span in lines]))


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of a text without page marks; `full_width` is the width of a full line where the printer wrapped the text, else 0."""

    text: str
    lines: tuple[tuple[int, Span], ...]
    marks: tuple[Span, ...]
    full_width: float

    def paragraphs(self, within: Span) -> tuple[Paragraph, ...]:
        """The paragraphs of what lies in `within`."""
        groups: list[list[tuple[int, Span]]] = []
        prose = False
        for number, line in self._inside(within):
            if groups and self._goes_on(groups[-1], prose, number, line):
                groups[-1].append((number, line))
            else:
                groups.append([(number, line)])
                prose = False
            prose = prose or _PROSE.search(self.text, line.start, line.end) is not None
        return tuple(_paragraph(self.text, group) for group in groups)

    def _inside(self, within: Span) -> Iterator[tuple[int, Span]]:
        first = bisect_right(self.lines, within.start, key=lambda line: line[1].end)
        for number, span in islice(self.lines, first, None):
            if span.start >= within.end:
                break
            if within.start < span.end:
                clipped = _trimmed(self.text, Span(max(span.start, within.start), min(span.end, within.end)))
                if clipped.start < clipped.end:
                    yield number, clipped

    def _goes_on(self, group: Sequence[tuple[int, Span]], prose: bool, number: int, span: Span) -> bool:
        line = self.text[span.start : span.end]
        last_number, last = group[-1]
        before = self.text[last.start : last.end]
        if HEADING_START.match(line) or "\t" in line or "\t" in before or (_FIELD.match(before) and _FIELD.match(line)):
            return False
        heading = len(group) == 1 and is_heading_line(before)
        indent = _INDENT if len(group) == 1 and not heading else 0
        if len(group) == 1 and _FIELD_LINE.fullmatch(before):
            return False
        if self.full_width and _width(before) + indent >= self.full_width:
            return number == last_number + 1 or not ends_sentence(before)
        if heading:
            return _ends_heading(before, line)
        if before[-1].isascii() != line[0].isascii() and before.isascii() != line.isascii():
            return False
        return not ends_sentence(before) and prose


def ends_sentence(line: str) -> bool:
    """Whether a line stops at the end of a sentence or a clause; closing marks and a bracket behind the sentence do not count."""
    return line.rstrip(CLOSING)[-1:] in tuple(TERMINAL) or _BRACKET_BEHIND.search(line) is not None


def is_heading_line(line: str) -> bool:
    """Whether a whole line is a numbered heading: a heading's number, few words and no mark that ends or divides a sentence."""
    label = _NUMBERED_HEADING.match(line)
    return label is not None and len(line) <= 50 and not _PROSE.search(line, label.end())


def _without(text: str, line: Span, marks: Sequence[Span]) -> Iterator[Span]:
    """What is left of a line when page marks are taken out; they stand at its ends or are all of it."""
    start, end = line.start, line.end
    for mark in islice(marks, bisect_left(marks, Span(start, start)), None):
        if mark.start >= line.end:
            break
        if start <= mark.start and mark.end <= end:
            start, end = (mark.end, end) if mark.start == start else (start, mark.start)
    rest = _trimmed(text, Span(start, end))
    if rest.start < rest.end:
        yield rest


def _trimmed(text: str, span: Span) -> Span:
    part = text[span.start : span.end]
    if not part.strip():
        return Span(span.start, span.start)
    return Span(span.start + len(part) - len(part.lstrip()), span.end - len(part) + len(part.rstrip()))


def _width(line: str) -> float:
    """Width in Chinese characters; a Latin letter or a digit is half as wide."""
    return sum(1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5 for character in line)


def _full_width(text: str, lines: Sequence[Span]) -> float:
    """How wide a line is at least that the printer filled; 0 for a text whose lines are paragraphs."""
    lengths = sorted(span.end - span.start for span in lines)
    if len(lines) <= 20 or lengths[int(0.9 * (len(lengths) - 1))] > 2 * WRAPPED_WIDTH:
        return 0.0
    widths = sorted(_width(text[span.start : span.end]) for span in lines)
    wide = widths[int(0.9 * (len(widths) - 1))]
    full = [width for width in widths if width >= 0.85 * wide]
    if wide > WRAPPED_WIDTH or len(full) < 0.5 * len(widths):
        return 0.0
    return statistics.median(full) - 3


def _ends_heading(heading: str, line: str) -> bool:
    """Whether `line` is the wrapped end of a 篇, 章 or 节 heading: short, and without the marks of a sentence.

    A heading that goes on is long itself and does not end in the page number of a contents entry.
    """
    goes_on = heading.startswith("第") and len(heading) >= _LONG_HEADING and not re.search(r"[\d)）.…]$", heading)
    return goes_on and len(line) <= 20 and not _PROSE.search(line)


def _paragraph(text: str, group: Sequence[tuple[int, Span]]) -> Paragraph:
    spans = tuple(span for _, span in group)
    stored = text[spans[0].start : spans[-1].end] if len(spans) == 1 else "\n".join(text[span.start : span.end] for span in spans)
    return Paragraph(spans=spans, text=mend(stored), first_line=group[0][0], last_line=group[-1][0])
