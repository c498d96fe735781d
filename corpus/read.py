"""From a stored document to everything that is read in it: outline, passages, furniture, tasks and measures.

Tables and tasks are taken out first, by their own parsers; what lies between them is read as paragraphs under the heading tree.
Every character ends up in a passage or in a named kind of furniture.
"""

import re
from collections.abc import Iterator

from corpus.clean import Paragraph, mend, read_paragraphs, slice_spans
from corpus.figures import years_in
from corpus.outline import Headed, heading_path, lead_of, read_outline, read_parts
from corpus.split import pack_paragraphs, passage_id, split_paragraph
from corpus.tables import Table, find_tables, read_tables
from corpus.tasks import read_tasks
from corpus.types import Document, Furniture, FurnitureKind, Heading, Part, Passage, PassageKind, ReadDocument, Span, Task

_CONTENTS = re.compile(r"目\s*录")


def read_document(document: Document) -> ReadDocument:
    """Reads a document whole. Takes about half a second for 80,000 characters."""
    text, info = document.text, document.info
    tables = find_tables(text)
    tasks = read_tasks(text, info.id)
    taken = sorted([table.span for table in tables] + [task.span for task in tasks])
    paragraphs = _paragraphs_between(text, taken)
    parts = read_parts(info, paragraphs, len(text))
    outline, headed = read_outline(text, paragraphs, parts)
    body_start = _body_start(headed, parts)

    passages: list[Passage] = []
    furniture: list[Furniture] = []
    for passage_or_furniture in _prose(text, info.id, headed, outline, body_start):
        (passages if isinstance(passage_or_furniture, Passage) else furniture).append(passage_or_furniture)  # type: ignore[arg-type]
    for table in tables:
        path = _path_at(outline, table.span.start)
        passages.extend(_table_passages(text, info.id, table, path))
        furniture.extend(Furniture(FurnitureKind.TABLE_HEADER, span) for span in (table.caption_span, *table.headers))
    passages.extend(_task_passage(text, task) for task in tasks)
    dated = [_dated(passage, parts) for passage in sorted(passages, key=lambda p: p.spans[0])]
    return ReadDocument(
        document=document,
        outline=outline,
        parts=parts,
        passages=tuple(dated),
        furniture=tuple(sorted(furniture, key=lambda f: f.span)),
        tasks=tasks,
        measures=read_tables(text, info.id),
    )


def _paragraphs_between(text: str, taken: list[Span]) -> tuple[Paragraph, ...]:
    found: list[Paragraph] = []
    position = 0
    for span in [*taken, Span(len(text), len(text))]:
        if span.start > position:
            found.extend(read_paragraphs(text, Span(position, span.start)))
        position = max(position, span.end)
    return tuple(found)


def _body_start(headed: tuple[Headed, ...], parts: tuple[Part, ...]) -> int:
    """Where a document of several parts leaves its cover and table of contents; 0 for a plain document."""
    return parts[0].span.start if len(parts) > 1 else 0


def _prose(
    text: str, document_id: str, headed: tuple[Headed, ...], outline: tuple[Heading, ...], body_start: int
) -> Iterator[Passage | Furniture]:
    contents = next((h.paragraph.span.start for h in headed if _CONTENTS.fullmatch(h.paragraph.text)), None)
    gathered: list[tuple[Span, ...]] = []
    gathered_as: tuple[PassageKind, tuple[str, ...]] = (PassageKind.PROSE, ())
    for item in headed:
        paragraph = item.paragraph
        path = heading_path(outline, item.heading)
        as_what = (_kind(item, outline), path)
        lead = lead_of(paragraph.text) if as_what[0] is PassageKind.PROSE else ""
        if lead and (not path or lead not in path[-1]):
            as_what = (as_what[0], (*path, lead))
        if gathered and (item.whole or as_what != gathered_as):
            yield from _passages(text, document_id, *gathered_as, pack_paragraphs(gathered, text))
            gathered = []
        if item.whole:
            yield Furniture(FurnitureKind.HEADING, paragraph.span)
        elif contents is not None and contents <= paragraph.span.start < body_start:
            yield Furniture(FurnitureKind.CONTENTS, paragraph.span)
        else:
            gathered_as = as_what
            gathered.extend(split_paragraph(text, paragraph))
    if gathered:
        yield from _passages(text, document_id, *gathered_as, pack_paragraphs(gathered, text))


def _kind(item: Headed, outline: tuple[Heading, ...]) -> PassageKind:
    if item.heading is not None and outline[item.heading].label.startswith("专栏"):
        return PassageKind.BOX
    return PassageKind.NOTICE if item.paragraph.span.start < _first_heading(outline) else PassageKind.PROSE


def _first_heading(outline: tuple[Heading, ...]) -> int:
    return outline[0].span.start if outline else 0


def _passages(
    text: str, document_id: str, kind: PassageKind, path: tuple[str, ...], groups: tuple[tuple[Span, ...], ...], context: tuple[Span, ...] = ()
) -> Iterator[Passage]:
    for spans in groups:
        stored = slice_spans(text, spans)
        yield Passage(passage_id(document_id, spans, stored), document_id, kind, path, spans, mend(stored), context)


def _table_passages(text: str, document_id: str, table: Table, path: tuple[str, ...]) -> Iterator[Passage]:
    context = (table.caption_span, *table.headers[:1])
    for row in table.rows:
        parent = table.rows[row.parent].span if row.parent is not None else None
        group = table.rows[row.group].cells if row.group is not None else ()
        spans = (parent, row.span) if parent else (row.span,)
        stored = " ".join(_row_text(text[span.start : span.end]) for span in spans)
        name = passage_id(document_id, (row.span,), stored)
        row_path = (*path, " ".join(cell.text for cell in group if cell.text)) if group else path
        yield Passage(name, document_id, PassageKind.TABLE_ROW, row_path, spans, stored, context)
    if table.notes:
        for paragraph in read_paragraphs(text, table.notes):
            yield from _passages(text, document_id, PassageKind.NOTE, path, split_paragraph(text, paragraph), context)


def _row_text(stored: str) -> str:
    """A table row's cells, a blank between two of them."""
    return " ".join(cell for cell in (mend(cell) for cell in re.split(r"[\t\n]+", stored)) if cell)


def _task_passage(text: str, task: Task) -> Passage:
    stored = text[task.span.start : task.span.end]
    return Passage(passage_id(task.document_id, (task.span,), stored), task.document_id, PassageKind.TASK, task.heading_path, (task.span,), mend(stored))


def _path_at(outline: tuple[Heading, ...], position: int) -> tuple[str, ...]:
    before = [index for index, heading in enumerate(outline) if heading.span.start < position]
    return heading_path(outline, before[-1]) if before else ()


def _dated(passage: Passage, parts: tuple[Part, ...]) -> Passage:
    """The passage with its part's title and the years it speaks of: those it names, else those of its nearest heading, else its part's."""
    start = passage.spans[-1].start
    part = next((part for part in parts if part.span.start <= start < part.span.end), parts[0])
    years = set(years_in(passage.text))
    if not years:
        years = next((set(found) for found in (years_in(heading) for heading in reversed(passage.heading_path)) if found), set())
    return Passage(
        id=passage.id,
        document_id=passage.document_id,
        kind=passage.kind,
        heading_path=passage.heading_path,
        spans=passage.spans,
        text=passage.text,
        context=passage.context,
        part=part.title,
        years=tuple(sorted(years or {*part.reports_on, *part.plans_for})),
    )
