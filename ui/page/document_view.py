"""A stored document as a page one can read: paragraphs mended, tables laid out, a place highlighted.

What is shown differs from the stored text in white space only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from corpus.clean import mend, read_paragraphs
from corpus.tables import Table, find_tables
from corpus.types import Span
from ui.client import DocumentCard, OutlineEntry
from ui.page.markup import document_line, opens

HERE = "here"
"""The id of the highlighted place."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, the spans of its lines in the stored text."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """A heading of the outline; `number` is its place there."""

    entry: OutlineEntry
    number: int
    spans: tuple[Span, ...]


Block = Prose | Title | Table


def lay_out(text: str, outline: Sequence[OutlineEntry]) -> tuple[Block, ...]:
    """The document as headings, paragraphs and tables, in order; every character that is not white space is in exactly one of them."""
    blocks: list[Block] = []
    position = 0
    for table in sorted(find_tables(text), key=lambda table: table.span):
        first = min(span.start for span in (*table.headers, *(row.span for row in table.rows)))
        last = max(span.end for span in (*table.headers, *(row.span for row in table.rows)))
        blocks += _prose(text, outline, position, first)
        blocks.append(table)
        position = last
    return (*blocks, *_prose(text, outline, position, len(text)))


def _prose(text: str, outline: Sequence[OutlineEntry], start: int, end: int) -> Iterable[Block]:
    """Headings and the paragraphs between them."""
    position = start
    for number, entry in enumerate(outline):
        if entry.start < position or entry.end > end:
            continue
        yield from _paragraphs(text, Span(position, entry.start))
        lines = [span for paragraph in read_paragraphs(text, Span(entry.start, entry.end)) for span in paragraph.spans]
        yield Title(entry, number, tuple(lines))
        position = entry.end
    yield from _paragraphs(text, Span(position, end))


def _paragraphs(text: str, within: Span) -> Iterable[Prose]:
    """The paragraphs, and what the reading of paragraphs leaves out (a newspaper's jump line), which a reader of the document is shown."""
    position = within.start
    for paragraph in read_paragraphs(text, within):
        yield from _left_out(text, position, paragraph.spans[0].start)
        yield Prose(paragraph.spans)
        position = paragraph.spans[-1].end
    yield from _left_out(text, position, within.end)


def _left_out(text: str, start: int, end: int) -> Iterable[Prose]:
    if text[start:end].strip():
        yield Prose((Span(start, end),))


def document_html(text: str, blocks: Sequence[Block], place: Span | None) -> str:
    """The document's text; the characters of `place` are marked, the first of them with the id "here"."""
    shown: list[str] = []
    run_in = ""
    for block, after in zip(blocks, (*blocks[1:], None), strict=True):
        if isinstance(block, Title) and isinstance(after, Prose) and _runs_in(text, block, after):
            run_in += f'<strong id="h-{block.number}">{_pieces(text, block.spans, place)}</strong>'
            continue
        shown.append(f"<p>{run_in}{_pieces(text, block.spans, place)}</p>" if isinstance(block, Prose) else _block(text, block, place))
        run_in = ""
    return _anchored("".join(shown))


def _runs_in(text: str, title: Title, prose: Prose) -> bool:
    """Whether a heading is the beginning of its paragraph: the text goes on behind it on the same line."""
    return "\n" not in text[title.entry.end : prose.spans[0].start]


def _block(text: str, block: Title | Table, place: Span | None) -> str:
    if isinstance(block, Table):
        return _table(text, block, place)
    level = min(block.entry.level, 3) + 2
    words = _title(text, block, place)
    return f'<h{level} class="jd-heading" id="h-{block.number}">{words}</h{level}>'


def _title(text: str, title: Title, place: Span | None) -> str:
    """A heading as the outline has it, label and title parted; as it is stored where part of it is marked or the outline has corrected it."""
    stored = text[title.entry.start : title.entry.end]
    apart = place is None or place.end <= title.entry.start or title.entry.end <= place.start
    same = "".join(stored.split()) == "".join(title.entry.text.split())
    return escape(title.entry.text) if apart and same else _pieces(text, title.spans, place)


def _table(text: str, table: Table, place: Span | None) -> str:
    head = "".join(f"<th>{escape(column.title)}</th>" for column in table.columns)
    rows = []
    for row in table.rows:
        cells = "".join(f"<td>{_cell(text, cell.span, place)}</td>" for cell in row.cells)
        marked = place is not None and row.span.overlaps(place)
        rows.append(f'<tr class="{row.kind}{" jd-marked" if marked else ""}">{cells}</tr>')
    return f'<div class="jd-table"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _cell(text: str, span: Span, place: Span | None) -> str:
    return _piece(text, span, place) if span.end > span.start else ""


def _pieces(text: str, spans: Sequence[Span], place: Span | None) -> str:
    return "".join(_piece(text, span, place) for span in spans)


def _piece(text: str, span: Span, place: Span | None) -> str:
    """A stretch of the stored text, mended, with what lies in `place` marked."""
    if place is None or place.end <= span.start or span.end <= place.start:
        return escape(mend(text[span.start : span.end]))
    first, last = max(span.start, place.start), min(span.end, place.end)
    before, marked, after = text[span.start : first], text[first:last], text[last : span.end]
    return f"{escape(mend(before))}<mark>{escape(mend(marked))}</mark>{escape(mend(after))}"


def _anchored(html: str) -> str:
    """The first mark carries the id that the page scrolls to. Text is escaped, so a literal tag can only be ours."""
    return html.replace("<mark>", f'<mark id="{HERE}">', 1)


def outline_html(outline: Sequence[OutlineEntry], place: Span | None) -> str:
    """The table of contents; the heading that `place` stands under is marked."""
    if not outline:
        return '<p class="jd-none">这份文件没有标题。</p>'
    here = max((number for number, entry in enumerate(outline) if place is not None and entry.start <= place.start), default=-1)
    return "".join(
        f'<a class="jd-level-{min(entry.level, 3)}{" jd-here" if number == here else ""}" href="#h-{number}" data-jd="jump" '
        f"{'aria-current=location' if number == here else ''}>{escape(entry.text)}</a>"
        for number, entry in enumerate(outline)
    )


def hit_html(document_id: str, number: int, quote: str, path: Sequence[str], start: int, end: int) -> str:
    """A place found in the document, a link to itself."""
    where = escape(path[-1]) if path else ""
    short = quote if len(quote) <= 90 else quote[:88] + "…"
    return f'<a class="jd-hit" {opens(document_id, start, end)}><b>{number}</b><span>{escape(short)}<small>{where}</small></span></a>'


def aside_html(outline: Sequence[OutlineEntry], found: str, place: Span | None) -> str:
    """What stands beside the text: what was found in it (HTML already), its outline."""
    hits = f'<section class="jd-found"><h2>相近的段落</h2>{found}</section>' if found else ""
    return f'{hits}<nav class="jd-outline" aria-label="目录"><h2>目录</h2>{outline_html(outline, place)}</nav>'


def about_html(document: DocumentCard) -> str:
    """Which document is open, and the way back to the others."""
    way = f'<a class="jd-link" {opens("", 0, 0)}>← 全部文件</a>'
    return f'<div class="jd-about-document">{way}<h2>{escape(document.title)}</h2></div>'


def text_html(document: DocumentCard, body: str) -> str:
    """The reading room: a title above the text (`body`, HTML already)."""
    head = f'<header><h1>{escape(document.title)}</h1><p class="jd-dateline">{document_line(document)}</p></header>'
    return f'<article class="jd-text">{head}{body}</article>'
