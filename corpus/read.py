"""From a stored document to everything that is read in it: outline, passages, furniture, tasks and measures.

Tables and tasks are taken out first, by their own parsers; what lies between them is read as paragraphs under the heading tree.
Every character that is not white space ends up in exactly one passage or in one named piece of furniture; only the row of a table that
"#" rows belong to is said again with each of them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.assignments import assigned_tasks, numbered_through
from corpus.clean import Layout, Paragraph, closed_up, layout_of, mend, mend_row, slice_spans
from corpus.figures import years_in
from corpus.outline import ANNEX_LABEL, Headed, heading_path, read_contents, read_outline, read_parts
from corpus.split import LEAD_IN, Piece, pack_pieces, passage_id, sentences, split_paragraph
from corpus.tables import RowKind, Table, find_tables, read_tables
from corpus.task_tables import table_tasks
from corpus.tasks import read_tasks
from corpus.types import Document, DocumentInfo, Furniture, FurnitureKind, Heading, Part, Passage, PassageKind, ReadDocument, Span, Task

_BOX = re.compile(r"专栏\s*\d+")
_SHORT = 60
_SHORT_ITEM = 80
"""Items of a box shorter than this share a passage; a longer one has its own, under its own heading."""

_ITEM = re.compile(r"——|[一二三四五六七八九十]是|[（(]\d{1,2}[)）]|\d{1,2}\s*[)）、.．]|[①-⑳•●○▪]")
"""How an item of a list begins; headings with Chinese numerals are no items."""

_DATE_LINE = re.compile(
    r"(?:\d{4}|[〇○零一二三四五六七八九]{4})\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日"
)
_PUBLICATION = re.compile(r"[（(](?:此件|此文|信息公开|公开属性|联系人)[^（）()]{0,40}[)）]")
_IMPRINT = re.compile(r"[\u4e00-\u9fff\s]{2,10}[:：]")
_IMPRINT_LINES = 3
_RELATIVE = (("今年", 0), ("本年", 0), ("去年", -1), ("上年", -1))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A stretch with what is known of its place: kind, heading (an index of the outline) and path."""

    kind: PassageKind
    heading: int | None
    path: tuple[str, ...]


def read_document(document: Document) -> ReadDocument:
    """Reads a document whole. Takes about half a second for 80,000 characters."""
    text, info = document.text, document.info
    layout = layout_of(text)
    tables = find_tables(text)
    broken_down = read_tasks(text, info.id)
    own_tasks = _apart(broken_down, tables)
    paragraphs = _paragraphs_between(layout, tables, own_tasks)
    contents = read_contents(paragraphs)
    imprint = _imprint_start(paragraphs)
    body = [paragraph for index, paragraph in enumerate(paragraphs[:imprint]) if index not in contents]
    parts = read_parts(info, body, paragraphs[imprint].span.start if imprint < len(paragraphs) else len(text))
    outline, headed = read_outline(text, body, parts, {t.caption_span.start: t.span.end for t in tables if _is_box(t)})
    assigned = assigned_tasks(text, headed, outline, info.id)
    headed = (*headed, *(Headed(paragraph, None, False) for paragraph in paragraphs[imprint:]))
    notices = _front_matter(headed, parts) | _signatures(headed) | set(range(len(headed) - len(paragraphs[imprint:]), len(headed)))

    reader = _Reader(layout, info.id, outline, has_parts=len(parts) > 1)
    passages = [*reader.prose(headed, notices), *reader.tables(tables), *(_task_passage(text, task) for task in own_tasks)]
    furniture = [
        *(Furniture(FurnitureKind.HEADING, span) for item in headed if item.whole for span in closed_up(text, item.paragraph.spans)),
        *(Furniture(_contents_kind(paragraphs[index]), span) for index in contents for span in closed_up(text, paragraphs[index].spans)),
        *(Furniture(FurnitureKind.PAGE_HEADER, mark) for mark in _marks_between(layout, tables, own_tasks)),
        *_table_furniture(text, tables),
    ]
    listed = [task for table in tables for task in table_tasks(table, reader.path_at(table.headers[0].start), info.id)]
    dating = _Dating(info, parts, outline, headed, tables)
    return ReadDocument(
        document=document,
        outline=outline,
        parts=parts,
        passages=tuple(dating.dated(passage) for passage in sorted(passages, key=lambda p: (p.spans[-1], p.id))),
        furniture=tuple(sorted((f for f in furniture if f.span.start < f.span.end), key=lambda f: f.span)),
        tasks=_all_tasks(broken_down if not listed else own_tasks, (*assigned, *listed)),
        measures=read_tables(text, info.id, max(info.reports_on, default=None)),
    )


def _is_box(table: Table) -> bool:
    return _BOX.match(table.caption) is not None


def _heads_annex(text: str, table: Table) -> bool:
    """Whether a table's caption is the title of an annex: it stands below 附件."""
    above = text[: table.caption_span.start].rstrip().rpartition("\n")[2].strip()
    return bool(table.caption) and not table.unit and ANNEX_LABEL.fullmatch(above) is not None


def _apart(tasks: Sequence[Task], tables: Sequence[Table]) -> tuple[Task, ...]:
    """The tasks that do not stand inside a table, whose rows are passages already."""
    spans = [table.span for table in tables]
    return tuple(task for task in tasks if not any(span.overlaps(task.span) for span in spans))


def _all_tasks(broken_down: Sequence[Task], others: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks of a document in order; a breakdown's keep their numbers, others do where these tell them apart."""
    found = sorted(others, key=lambda task: task.span)
    if not found:
        return tuple(broken_down)
    return numbered_through(sorted((*broken_down, *found), key=lambda task: task.span))


def _taken(text: str, tables: Sequence[Table], tasks: Sequence[Task]) -> list[Span]:
    """What is not read as paragraphs; a caption that is a heading is."""
    spans = [Span(t.caption_span.end, t.span.end) if _is_box(t) or _heads_annex(text, t) else t.span for t in tables]
    return sorted([*spans, *(task.span for task in tasks)])


def _paragraphs_between(layout: Layout, tables: Sequence[Table], tasks: Sequence[Task]) -> tuple[Paragraph, ...]:
    return tuple(paragraph for gap in _gaps(layout, tables, tasks) for paragraph in layout.paragraphs(gap))


def _marks_between(layout: Layout, tables: Sequence[Table], tasks: Sequence[Task]) -> Iterator[Span]:
    """The page marks that no row and no task takes up."""
    gaps = sorted([*_gaps(layout, tables, tasks), *(table.notes for table in tables if table.notes)])
    starts = [gap.start for gap in gaps]
    for mark in layout.marks:
        gap = gaps[bisect_right(starts, mark.start) - 1] if starts and mark.start >= starts[0] else None
        if gap and mark.end <= gap.end:
            yield mark


def _gaps(layout: Layout, tables: Sequence[Table], tasks: Sequence[Task]) -> list[Span]:
    """The stretches that neither tables nor tasks take up."""
    gaps, position = [], 0
    for span in [*_taken(layout.text, tables, tasks), Span(len(layout.text), len(layout.text))]:
        if span.start > position:
            gaps.append(Span(position, span.start))
        position = max(position, span.end)
    return gaps


def _imprint_start(paragraphs: Sequence[Paragraph]) -> int:
    """Where the publisher's block at the end begins (主管单位：…, 邮政编码：…), or behind the last paragraph."""
    start = len(paragraphs)
    while start and len(paragraphs[start - 1].text) <= _SHORT and _IMPRINT.match(paragraphs[start - 1].text):
        start -= 1
    return start if len(paragraphs) - start >= _IMPRINT_LINES else len(paragraphs)


def _contents_kind(paragraph: Paragraph) -> FurnitureKind:
    """Between the entries of a contents page a gazette repeats its masthead in English."""
    masthead = paragraph.text.isascii() and not re.search(r"\d\W*$", paragraph.text)
    return FurnitureKind.MASTHEAD if masthead else FurnitureKind.CONTENTS


def _front_matter(headed: Sequence[Headed], parts: Sequence[Part]) -> set[int]:
    """The lines between a title and the first sentence of the text: title, number, date, speaker, addressees, and what is said to them."""
    notices: set[int] = set()
    opens = True
    addressed = False
    part_starts = {part.span.start for part in parts} if len(parts) > 1 else set()
    for index, item in enumerate(headed):
        text = item.paragraph.text
        if item.paragraph.span.start in part_starts:
            opens, addressed = True, False
            continue
        if item.whole or (item.heading is not None and _begins_heading(item, headed, index)):
            opens = False
        if not opens:
            continue
        if len(text) <= _SHORT and not text.endswith(("。", "！")):
            notices.add(index)
            addressed = text.endswith(("：", ":"))
        else:
            opens = False
            if addressed:
                notices.add(index)
    return notices


def _begins_heading(item: Headed, headed: Sequence[Headed], index: int) -> bool:
    """Whether the paragraph is the first under its heading and no whole heading stands before it: a run-in heading or a lead."""
    return not any(before.heading == item.heading for before in headed[max(0, index - 8) : index])


def _signatures(headed: Sequence[Headed]) -> set[int]:
    """A date alone on its line, the short line above it that signs, and what is said in brackets about publication."""
    found: set[int] = set()
    for index, item in enumerate(headed):
        if not item.whole and _PUBLICATION.fullmatch(item.paragraph.text):
            found.add(index)
        if item.whole or not _DATE_LINE.fullmatch(item.paragraph.text):
            continue
        found.add(index)
        above = headed[index - 1] if index else None
        if above and not above.whole and len(above.paragraph.text) <= 30 and not re.search(r"[，。；：:]", above.paragraph.text):
            found.add(index - 1)
    return found


class _Reader:
    """Makes passages of one document."""

    def __init__(self, layout: Layout, document_id: str, outline: Sequence[Heading], has_parts: bool) -> None:
        self.text = layout.text
        self._layout = layout
        self.document_id = document_id
        self.outline = outline
        self._has_parts = has_parts
        self._starts = [heading.span.start for heading in outline]

    def prose(self, headed: Sequence[Headed], notices: set[int]) -> Iterator[Passage]:
        """The passages of the paragraphs: neighbours of one kind under one heading are packed together."""
        gathered: list[Piece] = []
        at: _Placed | None = None
        lead_in: Span | None = None
        for index, item in enumerate(headed):
            placed = None if item.whole else self._placed(item, index in notices)
            if gathered and placed != at:
                yield from self._packed(gathered, at)
                gathered = []
            if placed is None:
                lead_in = None
                continue
            at = placed
            pieces = split_paragraph(self.text, item.paragraph)
            is_item = _ITEM.match(item.paragraph.text) is not None
            if lead_in and is_item and not gathered:
                pieces = tuple(replace(piece, lead_in=piece.lead_in or lead_in) for piece in pieces)
            gathered.extend(pieces)
            if not is_item:
                lead_in = self._lead_in(item.paragraph)
        if gathered:
            yield from self._packed(gathered, at)

    def tables(self, tables: Iterable[Table]) -> Iterator[Passage]:
        """A passage a row, with the table's caption and header as context, and the notes."""
        for table in tables:
            path = self.path_at(table.headers[0].start)
            context = tuple(span for span in (table.caption_span, table.headers[0]) if span.start < span.end)
            for row in table.rows:
                if row.kind is RowKind.GROUP or row.span.start == row.span.end:
                    continue
                parent = table.rows[row.parent].span if row.parent is not None else None
                group = table.rows[row.group].cells if row.group is not None else ()
                spans = (parent, row.span) if parent else (row.span,)
                shown = " ".join(mend_row(self.text[span.start : span.end]) for span in spans)
                row_path = (*path, " ".join(cell.text for cell in group if cell.text)) if group else path
                name = passage_id(self.document_id, (row.span,), shown)
                yield Passage(name, self.document_id, PassageKind.TABLE_ROW, row_path, spans, shown, context)
            if table.notes:
                pieces = [piece for p in self._layout.paragraphs(table.notes) for piece in split_paragraph(self.text, p)]
                for passage in self._packed(pieces, _Placed(PassageKind.NOTE, None, path)):
                    yield replace(passage, context=context)

    def _placed(self, item: Headed, notice: bool) -> _Placed:
        path = heading_path(self.outline, item.heading)
        if notice:
            return _Placed(PassageKind.NOTICE, None, path[:1] if self._has_parts else ())
        box = next((heading for heading in self._enclosing(item.heading) if self.outline[heading].label.startswith("专栏")), None)
        if box is None:
            return _Placed(PassageKind.PROSE, item.heading, path)
        if len(item.paragraph.text) < _SHORT_ITEM:
            return _Placed(PassageKind.BOX, box, heading_path(self.outline, box))
        return _Placed(PassageKind.BOX, item.heading, path)

    def _enclosing(self, heading: int | None) -> Iterator[int]:
        while heading is not None:
            yield heading
            heading = self.outline[heading].parent

    def _lead_in(self, paragraph: Paragraph) -> Span | None:
        """The end of a paragraph that announces a list: its last sentence, which ends in a colon."""
        if not paragraph.text.endswith(("：", ":")):
            return None
        stored = slice_spans(self.text, paragraph.spans)
        start, end = sentences(stored)[-1]
        last = paragraph.spans[-1]
        length = end - start
        return Span(last.end - length, last.end) if length <= min(LEAD_IN, last.end - last.start) else None

    def _packed(self, pieces: Sequence[Piece], placed: _Placed | None) -> Iterator[Passage]:
        assert placed is not None
        for packed in pack_pieces(pieces, self.text):
            stretches = [closed_up(self.text, piece.spans) for piece in packed]
            spans = closed_up(self.text, tuple(span for stretch in stretches for span in stretch))
            shown = "\n".join(mend(slice_spans(self.text, stretch)) for stretch in stretches)
            context = (packed[0].lead_in,) if packed[0].lead_in else ()
            name = passage_id(self.document_id, spans, shown)
            yield Passage(name, self.document_id, placed.kind, placed.path, spans, shown, context)

    def path_at(self, position: int) -> tuple[str, ...]:
        before = bisect_right(self._starts, position)
        return heading_path(self.outline, before - 1) if before else ()


def _task_passage(text: str, task: Task) -> Passage:
    stored = text[task.span.start : task.span.end]
    return Passage(
        passage_id(task.document_id, (task.span,), stored),
        task.document_id,
        PassageKind.TASK,
        task.heading_path,
        (task.span,),
        mend(stored),
    )


def _table_furniture(text: str, tables: Iterable[Table]) -> Iterator[Furniture]:
    for table in tables:
        if not _is_box(table) and not _heads_annex(text, table):
            yield Furniture(FurnitureKind.TABLE_HEADER, table.caption_span)
        for header in (*table.headers, *(row.span for row in table.rows if row.kind is RowKind.GROUP)):
            yield Furniture(FurnitureKind.TABLE_HEADER, header)


class _Dating:
    """Says which part a passage is of and which years it speaks of."""

    def __init__(
        self, info: DocumentInfo, parts: Sequence[Part], outline: Sequence[Heading], headed: Sequence[Headed], tables: Sequence[Table]
    ) -> None:
        self._info = info
        self._parts = parts
        self._openings = _opening_years(outline, headed)
        self._named: dict[str, frozenset[int]] = {}
        self._of_row = {
            row.span.start: frozenset(column.year for column in table.columns if column.year is not None)
            for table in tables
            for row in table.rows
        }

    def dated(self, passage: Passage) -> Passage:
        """The passage with its part's title and its years.

        A row speaks of the years of its columns. Other passages speak of those they name and of the one year that their nearest dated
        heading names; naming none, of the heading's years, of what 今年 and 去年 mean in it, or of all years that its part is about.
        """
        start = passage.spans[-1].start
        part = next((part for part in self._parts if part.span.start <= start < part.span.end), None)
        section = self._section(passage.heading_path)
        years = self._of_row.get(start, frozenset()) if passage.kind is PassageKind.TABLE_ROW else frozenset(years_in(passage.text))
        if years and passage.kind is not PassageKind.TABLE_ROW and len(section) == 1:
            years |= section
        years = years or section or self._relative(passage.text, part) or self._all(part)
        return replace(passage, part=part.title if part else "", years=tuple(sorted(years)))

    def _section(self, path: tuple[str, ...]) -> frozenset[int]:
        """The years of the nearest heading that has any: those it names, or those that its text opens with."""
        for end in range(len(path), 0, -1):
            heading = path[end - 1]
            if heading not in self._named:
                self._named[heading] = frozenset(years_in(heading))
            years = self._named[heading] or self._openings.get(path[:end])
            if years:
                return years
        return frozenset()

    def _relative(self, text: str, part: Part | None) -> frozenset[int]:
        present = part.year if part else self._info.year
        return frozenset(present + shift for word, shift in _RELATIVE if word in text) if present else frozenset()

    def _all(self, part: Part | None) -> frozenset[int]:
        if part is None:
            return frozenset({self._info.year} if self._info.year else ())
        return frozenset((*part.reports_on, *part.plans_for))


def _opening_years(outline: Sequence[Heading], headed: Sequence[Headed]) -> dict[tuple[str, ...], frozenset[int]]:
    """The years that the text below a heading opens with (“十三五”时期是…), by the heading's path."""
    found: dict[tuple[str, ...], frozenset[int]] = {}
    opened: set[int] = set()
    for item in headed:
        if item.whole or item.heading is None or item.heading in opened:
            continue
        opened.add(item.heading)
        years = frozenset(years_in(item.paragraph.text[:8]))
        if years:
            found[heading_path(outline, item.heading)] = years
    return found
