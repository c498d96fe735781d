"""Tables that survive in plain text: tab-separated ones and those that fell apart into one cell a line.

`find_tables` keeps the layout (every row and cell with its place); `read_tables` makes one `Measure` of every value of an indicator.
A tab-separated row is one line. An exploded row is a block of lines that each begin with a tab, blocks parted by a blank line; a line
without a tab inside a block goes on with the cell before it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from corpus.clean import is_heading_line, mend, mend_heading
from corpus.figures import is_unit
from corpus.types import Measure, MeasureKind, Span


class ColumnRole(StrEnum):
    NUMBER = "number"
    NAME = "name"
    UNIT = "unit"
    ATTRIBUTE = "attribute"
    LEAD = "lead"
    COOPERATING = "cooperating"
    VALUE = "value"
    OTHER = "other"


class RowKind(StrEnum):
    INDICATOR = "indicator"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is the cell's text with wraps mended; an empty cell has an empty span where its text would stand."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Column:
    """`title` is the header as shown. `year` and `kind` are of a value column; a header without a year takes the caption's.

    `aspect` is what of the indicator a column gives ("产量", "比上年增长"), empty for the indicator itself; `unit` is written in the header.
    """

    title: str
    role: ColumnRole
    year: int | None = None
    kind: MeasureKind | None = None
    aspect: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the header, a cell a column.

    `parent` is the index of the row that a "#" row belongs to, `group` that of the group heading above it.
    """

    kind: RowKind
    cells: tuple[Cell, ...]
    span: Span
    group: int | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`headers` has more than one span where a page break repeats the header; `span` runs from the caption to the end of the notes.

    `unit` is said of the whole table ("单位：亿元"), on the caption's line or one of its own, which `caption_span` takes in.
    """

    caption: str
    caption_span: Span
    headers: tuple[Span, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: Span | None
    span: Span
    unit: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """The cells of one row of either layout, and the lines they stand on (`last` included)."""

    cells: tuple[Cell, ...]
    first: int
    last: int


_NAMES = re.compile(
    r"指标(?:名称)?|主要指标|项目(?:名称)?|名称|类别|产品(?:名称)?|分类|分组|地区|区县|行业|领域"
    r"|(?:年度|重点|主要|目标|工作|具体|改革|建设|实施)*(?:内容|事项|任务|措施|举措|项目)(?:名称|内容|清单|分解|要求|及目标)?|工作目标"
)
_NUMBERS = re.compile(r"序号|编号")
_TIMES = re.compile(r"时限|时间|期限|进度|日期")
_COOPERATING = re.compile(r"(?:配合|协办|协同|协助|协作|参与|参加)(?:责任)?(?:单位|部门)")
_LEADS = re.compile(r"(?:牵头|主办|主责|主要责任|第一责任)(?:责任)?(?:单位|部门)")
_RESPONSIBLE = re.compile(r"(?:责任|负责|承办|实施|落实)(?:单位|部门)")
_UNITS = re.compile(r"(?:计量)?单位")
_ATTRIBUTES = re.compile(r"(?:指标)?(?:属性|性质|类型)")
_KINDS = (
    (MeasureKind.ESTIMATE, re.compile(r"预计|估计|初步")),
    (MeasureKind.TARGET, re.compile(r"预期|目标|计划|规划|预算")),
    (MeasureKind.ACTUAL, re.compile(r"实际|实现|完成|现状|执行|决算|基期")),
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
_FIRST_PERIOD_YEAR = {"十一五": 2006, "十二五": 2011, "十三五": 2016, "十四五": 2021, "十五五": 2026}
_PERIOD = re.compile("|".join(_FIRST_PERIOD_YEAR))
_GROUP_LABEL = re.compile(r"^(?:[一二三四五六七八九十]+\s*、|[（(][一二三四五六七八九十]+[）)])\s*")
_GROUP_NUMBER = re.compile(r"^[（(]?[一二三四五六七八九十]+[）)]?$")
_LONGEST_GROUP = 40
_NOTES = re.compile(r"\s*(?:备\s*)?注\s*[:：]|\s*说明\s*[:：]")
_NOTE_ITEM = re.compile(r"\s*(?:\d+\s*(?:[．、]|\.(?!\d))|[（(]\d+[）)])\s*")
_TABLE_UNIT = re.compile(r"[（(]?(?:计量)?单位\s*[:：]\s*(?P<unit>[^\s（）()：:、，]{1,8})\s*[)）]?\s*$")
_PART = re.compile(r"[#＃]|其中\s*[:：]")
"""How the row begins that is a part of the row above."""

_NEAR = 12
"""Rows above among which the one is looked for that a part belongs to."""

_PLAIN_VALUE = re.compile(r"绝对数|数值|指标值|实绩|总量|完成数|实际数")
"""Titles of a column that gives the indicator itself, in a table of statistics."""

_PLANNED = re.compile(r"目标|预期|草案|计划(?!.*完成)")
_FOOTNOTE = re.compile(r"[\[［]\d{1,2}[\]］]")
_NUMERIC = re.compile(r"[-－+]?\d[\d,，]*(?:\.\d+)?\s*[%％]?")
_BOUNDED = re.compile(rf"[≥≤＞＜><]?\s*{_NUMERIC.pattern}\s*(?:以上|以下|以内|左右)?|[▽△○□—－]")
_UNIT = re.compile(r"[（(]([^（）()]+)[）)]$")
_MARKS = "▽△▲▼□■○●◇◆☆★※*＊—－"
_ALONE = "—－"
"""Signs that are marks only where they stand alone in a cell: between figures a dash is a range."""
_ATTRIBUTE = re.compile(r"约束性|预期性|指导性")


def find_tables(text: str) -> tuple[Table, ...]:
    """Tables with a header that names what its rows are, in order; tabular contents pages have none and are no tables."""
    lines = _lines(text)
    tables: list[Table] = []
    at, behind_last = 0, 0
    while at < len(lines):
        table, following = _table_at(text, lines, at, behind_last)
        if table:
            tables.append(table)
            behind_last = following
        at = following
    return tuple(tables)


def read_tables(text: str, document_id: str, reported: int | None = None) -> tuple[Measure, ...]:
    """One record a value column of every indicator row, in order; group rows and indicators without any value are not records.

    `reported` is the year that the document reports on: values without a year are results of it, and those of years up to it are results.

    A column without year or kind gives none. Kinds are read off the header (预期 and 目标 are targets, 实际 and 实现 results); under a bare
    year, years before the plan period that the caption names are results and years in it targets. `years` holds the years a value is about:
    its own, or the whole period where its marks make it a total or an average of the period.
    """
    return tuple(measure for table in find_tables(text) for measure in _measures(text, table, document_id, reported))


def _lines(text: str) -> list[Span]:
    spans, start = [], 0
    for line in text.splitlines(keepends=True):
        spans.append(Span(start, start + len(line.rstrip("\r\n"))))
        start += len(line)
    return spans


def _slice(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _is_blank(text: str, line: Span) -> bool:
    return not _slice(text, line).strip()


def _is_empty_line(text: str, line: Span) -> bool:
    """Blank and without a tab: a tab alone is an empty cell."""
    return "\t" not in _slice(text, line) and _is_blank(text, line)


def _cell(text: str, start: int, end: int) -> Cell:
    stretch = text[start:end]
    body = stretch.strip()
    first = start + len(stretch) - len(stretch.lstrip()) if body else end
    return Cell(mend(body), Span(first, first + len(body)))


def _table_at(text: str, lines: Sequence[Span], at: int, free_from: int) -> tuple[Table | None, int]:
    """The table whose header begins at line `at`, if one does, and the line to go on with. Lines before `free_from` are another table's."""
    exploded = _is_exploded_line(text, lines[at])
    header = _exploded_block(text, lines, at, 0) if exploded else _tabbed_block(text, lines, at)
    if header is not None and not exploded:
        header = _whole_header(text, lines, header)
    if header is None or not _is_header(header):
        return None, at + 1
    width = len(header.cells)
    headers, blocks, position = [header], list[_Block](), header.last + 1
    while (following := _skip_empty(text, lines, position)) < len(lines):
        block = _exploded_block(text, lines, following, width) if exploded else _tabbed_block(text, lines, following, width)
        if block is None or len(block.cells) > width:
            break
        if [cell.text for cell in block.cells] == [cell.text for cell in header.cells]:
            headers.append(block)
        elif _is_header(block):
            break
        else:
            blocks.append(block)
        position = block.last + 1
    while blocks and "\t" not in _slice(text, lines[blocks[-1].first]):
        position = blocks.pop().first  # A heading with no row below it belongs to what follows.
    if not blocks:
        return None, position
    caption = _caption(text, lines, at, free_from)
    notes, behind = _notes(text, lines, position)
    stated = _TABLE_UNIT.search(_slice(text, caption)) if caption else None
    title = mend_heading(_slice(text, caption)[: stated.start() if stated else None]) if caption else ""
    start = caption.start if caption else lines[header.first].start
    end = notes.end if notes else lines[position - 1].end
    columns = _columns(header.cells, title, blocks)
    table = Table(
        caption=title,
        caption_span=caption or Span(start, start),
        headers=tuple(_block_span(block) for block in headers),
        columns=columns,
        rows=_rows(blocks, columns),
        notes=notes,
        span=Span(start, end),
        unit=stated["unit"] if stated else "",
    )
    return table, behind


def _is_exploded_line(text: str, line: Span) -> bool:
    return _slice(text, line).startswith("\t") and "\t" not in _slice(text, line)[1:].rstrip()


def _skip_empty(text: str, lines: Sequence[Span], at: int) -> int:
    while at < len(lines) and _is_empty_line(text, lines[at]):
        at += 1
    return at


def _tabbed_block(text: str, lines: Sequence[Span], at: int, width: int = 0) -> _Block | None:
    """The row on line `at`. A row may have lost the tabs of its empty last cells, a group heading even all of them."""
    line = lines[at]
    body = _slice(text, line)
    if "\t" not in body:
        goes_on = at + 1 < len(lines) and "\t" in _slice(text, lines[at + 1])
        if not (width and goes_on and len(body) <= _LONGEST_GROUP and _GROUP_LABEL.match(body.strip())):
            return None
    cells, start = [], line.start
    for piece in body.split("\t"):
        cells.append(_cell(text, start, start + len(piece)))
        start += len(piece) + 1
    return _Block(tuple(cells), at, at)


def _exploded_block(text: str, lines: Sequence[Span], at: int, width: int) -> _Block | None:
    """The row that begins at line `at`. `width` is the number of columns, 0 while the header is read.

    A cell may be wrapped over blank lines ("国家", "", "下达"): a line without a tab belongs to the cell before it while the row is short
    of cells and more of the table follows.
    """
    if not _is_exploded_line(text, lines[at]):
        return None
    bounds: list[tuple[int, int]] = []
    last, position = at, at
    while position < len(lines):
        line = lines[position]
        if _is_empty_line(text, line):
            following = _skip_empty(text, lines, position)
            goes_on = (
                following < len(lines)
                and "\t" not in _slice(text, lines[following])
                and (not width or len(bounds) < width)
                and following + 1 < len(lines)
                and _skip_empty(text, lines, following + 1) < len(lines)
                and _is_exploded_line(text, lines[_skip_empty(text, lines, following + 1)])
            )
            if not goes_on:
                break
            position = following
            continue
        if _is_exploded_line(text, line):
            bounds.append((line.start + 1, line.end))
        elif "\t" in _slice(text, line):
            break
        else:
            bounds[-1] = (bounds[-1][0], line.end)
        last = position
        position += 1
    return _Block(tuple(_cell(text, start, end) for start, end in bounds), at, last)


def _whole_header(text: str, lines: Sequence[Span], upper: _Block) -> _Block:
    """The header with its second row taken in, where cells of the first reach over several columns ("2023年" over "目标" and "预计")."""
    gaps = [place for place, cell in enumerate(upper.cells) if not cell.text]
    lower = _tabbed_block(text, lines, upper.last + 1) if gaps and upper.cells[0].text and upper.last + 1 < len(lines) else None
    if lower is None or len(lower.cells) != len(upper.cells) or any(_BOUNDED.fullmatch(cell.text) for cell in lower.cells):
        return upper
    cells: list[Cell] = []
    reaching = ""
    for above, below in zip(upper.cells, lower.cells, strict=True):
        reaching = above.text or reaching
        title = reaching + below.text if below.text and below.text != above.text else above.text
        cells.append(Cell(title, Span(upper.cells[0].span.start, max(above.span.end, below.span.end))))
    whole = _Block(tuple(cells), upper.first, lower.last)
    return whole if all(lower.cells[gap].text for gap in gaps) and _is_header(whole) else upper


def _is_header(block: _Block) -> bool:
    """A header fills all its cells, starts with a number or a name column, and at least one other of its cells says what is below it."""
    roles = [_role(cell.text) for cell in block.cells]
    return (
        len(roles) >= 2
        and all(cell.text for cell in block.cells)
        and roles[0] in (ColumnRole.NUMBER, ColumnRole.NAME)
        and ColumnRole.NAME in roles
    )


def _role(title: str) -> ColumnRole:
    for role, pattern in (
        (ColumnRole.NUMBER, _NUMBERS),
        (ColumnRole.NAME, _NAMES),
        (ColumnRole.UNIT, _UNITS),
        (ColumnRole.ATTRIBUTE, _ATTRIBUTES),
        (ColumnRole.LEAD, _LEADS),
        (ColumnRole.LEAD, _RESPONSIBLE),
        (ColumnRole.COOPERATING, _COOPERATING),
    ):
        if pattern.fullmatch(title):
            return role
    if _TIMES.search(title):
        return ColumnRole.OTHER
    if _YEAR.search(title) or any(pattern.search(title) for _, pattern in _KINDS):
        return ColumnRole.VALUE
    return ColumnRole.OTHER


def _columns(cells: Sequence[Cell], caption: str, blocks: Sequence[_Block]) -> tuple[Column, ...]:
    columns = []
    led = any(_LEADS.fullmatch(cell.text) for cell in cells)
    for cell in cells:
        # Beside a column of those who lead, 责任单位 are those who help.
        role = ColumnRole.COOPERATING if led and _RESPONSIBLE.fullmatch(cell.text) else _role(cell.text)
        if role is not ColumnRole.VALUE:
            columns.append(Column(cell.text, role))
            continue
        found = _YEAR.search(cell.text) or _YEAR.search(caption)
        year = int(found[1]) if found else None
        columns.append(Column(cell.text, role, year, _kind(cell.text, year, caption)))
    if any(column.role is ColumnRole.LEAD for column in columns):
        # In a table of tasks 年度目标 says in words what is to be done, or gives the values of indicators.
        return tuple(
            Column(column.title, ColumnRole.OTHER) if column.role is ColumnRole.VALUE and not _is_numeric(blocks, at, _BOUNDED) else column
            for at, column in enumerate(columns)
        )
    found = _YEAR.search(caption)
    year = int(found[1]) if found else None
    return tuple(
        _statistic(column, year, caption) if column.role is ColumnRole.OTHER and _is_numeric(blocks, at, _NUMERIC) else column
        for at, column in enumerate(columns)
    )


def _is_numeric(blocks: Sequence[_Block], column: int, figure: re.Pattern[str]) -> bool:
    """Whether a column holds figures: three quarters of its filled cells."""
    filled = [block.cells[column].text for block in blocks if column < len(block.cells) and block.cells[column].text]
    return bool(filled) and sum(figure.fullmatch(cell) is not None for cell in filled) >= 0.75 * len(filled)


def _statistic(column: Column, year: int | None, caption: str) -> Column:
    """A column of figures in a table of statistics (产量, 比上年增长（%）, 年末数（万人）), whose header says neither target nor result."""
    found = _UNIT.search(column.title)
    title = column.title[: found.start()] if found else column.title
    unit = found[1] if found else "%" if title.endswith(("%", "％")) else ""
    aspect = "" if _PLAIN_VALUE.fullmatch(title) else title.rstrip("%％")
    kind = MeasureKind.TARGET if _PLANNED.search(caption) else MeasureKind.ACTUAL
    return Column(column.title, ColumnRole.VALUE, year, kind, aspect, unit)


def _kind(title: str, year: int | None, caption: str) -> MeasureKind | None:
    for kind, pattern in _KINDS:
        # 规划 in "2020年规划目标" is no more than the plan's name where the header speaks of results.
        if pattern.search(title) and not (kind is MeasureKind.TARGET and re.search(r"(?:实际|实现|完成|执行)", title)):
            return kind
    period = _period(caption)
    if year is None or not period:
        return None
    return MeasureKind.TARGET if year in period else MeasureKind.ACTUAL


def _period(caption: str) -> tuple[int, ...]:
    """The five years of the plan that the caption names."""
    found = _PERIOD.search(caption)
    first = _FIRST_PERIOD_YEAR[found[0]] if found else 0
    return tuple(range(first, first + 5)) if found else ()


def _block_span(block: _Block) -> Span:
    starts = [cell.span.start for cell in block.cells if cell.text]
    ends = [cell.span.end for cell in block.cells if cell.text]
    return Span(min(starts), max(ends)) if starts else block.cells[0].span


def _rows(blocks: Sequence[_Block], columns: Sequence[Column]) -> tuple[Row, ...]:
    rows: list[Row] = []
    group: int | None = None
    wholes: list[int] = []
    for block in blocks:
        end = block.cells[-1].span.end
        cells = (*block.cells, *[Cell("", Span(end, end))] * (len(columns) - len(block.cells)))
        if _is_group(cells, columns):
            group, wholes = len(rows), []
            rows.append(Row(RowKind.GROUP, cells, _block_span(block)))
            continue
        is_part = any(_PART.match(cell.text) for cell in cells)
        row = Row(RowKind.INDICATOR, cells, _block_span(block), group)
        rows.append(replace(row, parent=_whole_of(row, [(place, rows[place]) for place in wholes[-_NEAR:]])) if is_part else row)
        if not is_part:
            wholes.append(len(rows) - 1)
    return tuple(rows)


def _whole_of(part: Row, wholes: Sequence[tuple[int, Row]]) -> int | None:
    """The row above that a part belongs to: the last one that is not smaller, as 乡村 is than "其中：男性" of the whole above both."""
    sizes = [place for place, whole in reversed(wholes) if _first_figure(whole) >= _first_figure(part)]
    return sizes[0] if sizes and part.cells[0].text.startswith("其中") else wholes[-1][0] if wholes else None


def _first_figure(row: Row) -> float:
    """The first figure of a row behind its name; 0 where it has none."""
    found = next((cell.text for cell in row.cells[1:] if _NUMERIC.fullmatch(cell.text)), "0")
    return float(re.sub(r"[,，%％\s]", "", found).replace("－", "-"))


def _is_group(cells: Sequence[Cell], columns: Sequence[Column]) -> bool:
    """A row that is nothing but a heading: one text with or without a Chinese number before it, all else empty or merged away."""
    filled = [cell.text for cell in cells if cell.text]
    if len(filled) == 1 and (_GROUP_LABEL.match(filled[0]) or columns[0].role is ColumnRole.NAME):
        return True
    return len(filled) == 2 and _GROUP_NUMBER.match(filled[0]) is not None and bool(cells[0].text and cells[1].text)


def _caption(text: str, lines: Sequence[Span], header: int, free_from: int) -> Span | None:
    """The line above the header, unless it is a sentence or part of another table; with the one above it where it only says the unit."""
    last = _line_above(text, lines, header, free_from)
    first = last
    if last is not None and _TABLE_UNIT.match(_slice(text, lines[last]).strip()):
        above = _line_above(text, lines, last, free_from)
        first = last if above is None else above
    if first is None or last is None:
        return None
    stretch = text[lines[first].start : lines[last].end]
    return Span(lines[first].start + len(stretch) - len(stretch.lstrip()), lines[first].start + len(stretch.rstrip()))


def _line_above(text: str, lines: Sequence[Span], line: int, free_from: int) -> int | None:
    """The next line above that is not empty, if it can be a caption."""
    at = line - 1
    while at >= free_from and _is_empty_line(text, lines[at]):
        at -= 1
    if at < free_from or "\t" in _slice(text, lines[at]):
        return None
    body = _slice(text, lines[at]).strip()
    heading = is_heading_line(body) and not body.startswith("专栏")
    return None if heading or len(body) > 60 or "。" in body or body.endswith(("。", "；", "：", "！", "？")) else at


def _notes(text: str, lines: Sequence[Span], at: int) -> tuple[Span | None, int]:
    """The notes below a table and the line behind them: the paragraph that begins with 注, and the numbered ones that follow."""
    first = _skip_empty(text, lines, at)
    if first >= len(lines) or not _NOTES.match(_slice(text, lines[first])):
        return None, at
    if _NOTES.fullmatch(_slice(text, lines[first])) and _FOOTNOTE.match(text[lines[first].end :].lstrip()):
        return None, at  # The footnotes of the document begin here.
    last = first
    while (following := _skip_empty(text, lines, last + 1)) < len(lines) and _NOTE_ITEM.match(_slice(text, lines[following])):
        last = following
    start = lines[first].start + len(_slice(text, lines[first])) - len(_slice(text, lines[first]).lstrip())
    return Span(start, lines[first].start + len(text[lines[first].start : lines[last].end].rstrip())), last + 1


def _note_clauses(notes: str) -> tuple[str, ...]:
    """What the notes say, one statement each: items by their numbers, and an item that explains several marks by mark."""
    body = _NOTES.sub("", notes, count=1)
    items = re.split(rf"(?:^|(?<=[\n;；])){_NOTE_ITEM.pattern}", body)
    clauses = [clause for item in items for clause in re.split(r"[，,；;](?=(?:带|加|标)[“\"]?[" + _MARKS + "【])", item)]
    return tuple(cleaned for clause in clauses if (cleaned := mend(clause).rstrip("；;，,。")))


def _marks(value: str) -> tuple[str, ...]:
    marks = [character for character in value if character in _MARKS and (character not in _ALONE or value == character)]
    return (*marks, *(("【】",) if "【" in value else ()))


def _explains(clause: str, mark: str) -> bool:
    """Whether the clause says what a mark means: it names it in quotation marks or behind 带, 加 or 标."""
    return re.search(rf"[带加标“\"]\s*{re.escape(mark)}", clause) is not None


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    unit: str
    basis: str
    marks: tuple[str, ...]


def _name(cell: str) -> _Name:
    """Parts of an indicator's cell: "人均地区生产总值（万元，2020年价）" has the unit 万元 and the basis 2020年价.

    Brackets that hold no unit, "人口（常住）", are part of the name.
    """
    footnotes = _FOOTNOTE.findall(cell)
    marks = (*(character for character in cell if character in "*＊"), *footnotes)
    bare = _PART.sub("", _FOOTNOTE.sub("", cell).strip("*＊"), count=1).strip()
    found = _UNIT.search(bare)
    unit, _, basis = (found[1] if found else "").replace(",", "，").partition("，")
    if not found or not is_unit(unit):
        return _Name(bare, "", "", marks)
    return _Name(bare[: found.start()], unit, basis, marks)


def _measures(text: str, table: Table, document_id: str, reported: int | None) -> Iterator[Measure]:
    """The records of a table; `names` are its indicators by row, since notes and parts refer to them."""
    at = {column.role: place for place, column in reversed(list(enumerate(table.columns)))}
    if ColumnRole.NAME not in at:
        return
    clauses = _note_clauses(_slice(text, table.notes)) if table.notes else ()
    names = {place: _name(row.cells[at[ColumnRole.NAME]].text) for place, row in enumerate(table.rows) if row.kind is RowKind.INDICATOR}
    indicators = [name.text for name in names.values()]
    merged = _merged_cells(table)
    above = ""
    for place, name in names.items():
        row = table.rows[place]
        above = name.text or above
        said = {role: row.cells[column].text for role, column in at.items()}
        values = [cell.text for cell, column in zip(row.cells, table.columns, strict=True) if column.role is ColumnRole.VALUE]
        if not any((*values, said.get(ColumnRole.ATTRIBUTE))):
            continue
        parent = names[row.parent] if row.parent is not None else None
        for column, (cell, header) in enumerate(zip(row.cells, table.columns, strict=True)):
            year, kind = header.year or reported, header.kind
            if reported and year and not kind:
                kind = MeasureKind.ACTUAL if year <= reported else None
            if header.role is not ColumnRole.VALUE or year is None or kind is None:
                continue
            marks = tuple(dict.fromkeys((*name.marks, *_marks(cell.text))))
            yield Measure(
                indicator=above + header.aspect,
                unit=header.unit or name.unit or said.get(ColumnRole.UNIT, "") or table.unit,
                year=year,
                kind=kind,
                value=cell.text,
                group=_group_name(table, row),
                number=said.get(ColumnRole.NUMBER, ""),
                parent=parent.text if parent else "",
                attribute=said.get(ColumnRole.ATTRIBUTE) or _attribute(clauses, (*name.marks, *(parent.marks if parent else ()))),
                marks=marks,
                note="；".join(_notes_on(clauses, name.text, indicators, header, marks)),
                table=table.caption,
                document_id=document_id,
                row=row.span,
                cell=cell.span,
                years=_years(year, table.caption, marks, clauses),
                basis=name.basis,
                merged=merged.get((place, column), ""),
            )


def _merged_cells(table: Table) -> dict[tuple[int, int], str]:
    """What is said by the words that stand above empty value cells, by row and column; a group heading ends their reach."""
    merged: dict[tuple[int, int], str] = {}
    above: dict[int, str] = {}
    for place, row in enumerate(table.rows):
        if row.kind is RowKind.GROUP:
            above = {}
        for column, cell in enumerate(row.cells):
            if cell.text:
                above[column] = cell.text
            elif table.columns[column].role is ColumnRole.VALUE and _reaches_down(above.get(column, "")):
                merged[place, column] = above[column]
    return merged


def _group_name(table: Table, row: Row) -> str:
    if row.group is None:
        return ""
    filled = [cell.text for cell in table.rows[row.group].cells if cell.text]
    return _GROUP_LABEL.sub("", filled[-1])


def _reaches_down(text: str) -> bool:
    """Whether a cell may reach over the empty ones below it: words do ("国家下达"), a figure or a mark is its own row's."""
    return re.search(r"[\u4e00-\u9fff]", text) is not None and re.search(r"\d", text) is None


def _attribute(clauses: Sequence[str], marks: Sequence[str]) -> str:
    """约束性 or 预期性 where the notes hang it on a mark of the name: "加“*”为约束性指标，其他为预期性指标"."""
    for clause in clauses:
        attributes = _ATTRIBUTE.findall(clause)
        if attributes and any(_explains(clause, mark) for mark in "*＊"):
            if any(_explains(clause, mark) for mark in marks):
                return str(attributes[0])
            return str(attributes[1]) if len(attributes) > 1 else ""
    return ""


def _notes_on(clauses: Sequence[str], name: str, names: Sequence[str], column: Column, marks: Sequence[str]) -> list[str]:
    """The statements that concern one value: those on its marks, on its indicator, on the year's results, and those on the whole table."""
    concerned = []
    for clause in clauses:
        year = _YEAR.search(clause)
        if any(_explains(clause, mark) for mark in (*_MARKS, "【】")):
            holds = any(_explains(clause, mark) for mark in marks)
        elif any(other in clause for other in names):
            holds = name in clause
        elif year:
            holds = column.year == int(year[1]) and column.kind is not MeasureKind.TARGET
        else:
            holds = True
        if holds:
            concerned.append(clause)
    return concerned


def _years(year: int, caption: str, marks: Sequence[str], clauses: Sequence[str]) -> tuple[int, ...]:
    explained = [clause for clause in clauses if any(_explains(clause, mark) for mark in marks)]
    period = _period(caption)
    return period if period and any(re.search(r"累计|平均|年均", clause) for clause in explained) else (year,)
