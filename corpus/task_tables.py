"""Tasks that stand in a table: a row says what is to be done, its columns who leads and who cooperates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.tables import Cell, ColumnRole, Row, RowKind, Table
from corpus.tasks import Units, read_units
from corpus.types import Span, Task

_DOING = re.compile(r"任务|措施|举措|内容|事项|工作|要求|目标|项目")
_NO_MATTER = re.compile(r"时限|时间|期限|备注|进度|依据|来源|联系|牵头领导|责任人")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Places of the columns: what is to be done from the general to the particular, who leads, who helps, and the number (or None)."""

    matters: tuple[int, ...]
    lead: tuple[int, ...]
    cooperating: tuple[int, ...]
    number: int | None


def table_tasks(table: Table, path: tuple[str, ...], document_id: str) -> Iterator[Task]:
    """The tasks of a table whose columns name units; none of another table. `path` is the heading path above the table.

    What a row says itself is its text; a cell above an empty one was merged with it and counts for the row. `number` is 0 where the row has none.
    """
    columns = _columns(table)
    if not columns.lead or not columns.matters:
        return
    above: dict[int, Cell] = {}
    group: int | None = None
    for row in table.rows:
        if row.kind is RowKind.GROUP or row.group != group:
            above, group = {}, row.group
        if row.kind is RowKind.GROUP:
            continue
        own = [row.cells[place] for place in columns.matters if row.cells[place].text]
        shared = not any(row.cells[place].text for place in columns.lead)
        lead = _units(row, columns.lead, above if shared else {})
        if not shared:
            # Units above are those of another task.
            above = {place: cell for place, cell in above.items() if place not in columns.cooperating}
        above |= {place: cell for place, cell in enumerate(row.cells) if cell.text}
        if not own or not lead.names:
            continue
        helps = _units(row, columns.cooperating, above if shared else {})
        general = [above[place].text for place in columns.matters if place in above and not row.cells[place].text]
        yield Task(
            number=_number(row, columns),
            text=" ".join(cell.text for cell in own),
            heading_path=(*path, *_group(table, row), *general),
            lead_units=lead.names,
            cooperating_units=helps.names,
            lead_open_ended=lead.open_ended,
            open_ended=helps.open_ended,
            document_id=document_id,
            span=row.span,
            text_span=Span(own[0].span.start, own[-1].span.end),
        )


def _columns(table: Table) -> _Columns:
    def places(*roles: ColumnRole) -> tuple[int, ...]:
        return tuple(place for place, column in enumerate(table.columns) if column.role in roles)

    matters = tuple(
        place
        for place in places(ColumnRole.NAME, ColumnRole.OTHER)
        if table.columns[place].role is ColumnRole.NAME
        or (_DOING.search(table.columns[place].title) and not _NO_MATTER.search(table.columns[place].title))
    )
    # A matter behind the units (工作要求) is a remark on it.
    matters = tuple(place for place in matters if place - matters[0] == matters.index(place))
    number = next(iter(places(ColumnRole.NUMBER)), None)
    return _Columns(matters, places(ColumnRole.LEAD), places(ColumnRole.COOPERATING), number)


def _units(row: Row, places: Sequence[int], above: dict[int, Cell]) -> Units:
    cells = [row.cells[place].text or (above[place].text if place in above else "") for place in places]
    return read_units("、".join(cell for cell in cells if re.search(r"\w", cell)))


def _number(row: Row, columns: _Columns) -> int:
    found = re.match(r"\d{1,4}", row.cells[columns.number].text) if columns.number is not None else None
    return int(found[0]) if found else 0


def _group(table: Table, row: Row) -> tuple[str, ...]:
    if row.group is None:
        return ()
    return (" ".join(cell.text for cell in table.rows[row.group].cells if cell.text),)
