"""Counts and lists of the indicators of a table: of a group, of an attribute, with a mark, or all of them."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import groupby

from corpus.types import Measure, PassageKind, ReadDocument, Span
from index.segment import bigrams, normal
from rag.arithmetic import shortened
from rag.measures import of_cells
from rag.question import THIS_INDICATOR, Question
from rag.types import CitationVia, Evidence, Mode, Statement

_HOW_MANY = re.compile(r"(?:多少|几)[项个条]|数量|总数")
_WHICH = re.compile(r"哪些|哪几|哪[项个]|分别|都有|都是|有啥|列出|列一下|名单")
_MEANING = re.compile(r"意思|什么意|表示|代表|含义|怎么理解|怎么读|指什么|咋回事|怎么回事|干嘛|为[啥何]|为什么|没[得有]?数")
_OTHER_CONDITION = re.compile(
    rf"完成了|没完成|未完成|没达|未达|达标|达到|超额|超过|超出|提前|高于|低于|调整|新增|增加|减少了|变化|相比|比.{{1,8}}[多少]|(?<!发)改|不再|牵头|任务|{THIS_INDICATOR}|它(?:是|属)|[性束期]还是|硬不硬"
)
_VALUE = re.compile(r"多少|几(?![项个条]指标)")
"""What asks for the value of a row."""

NAMED = 0.6
"""Share of an indicator's name that a question must hold to ask for its value."""

_BOTH_TABLES = re.compile(r"两[张个份][^，,]{0,4}表")
_QUOTED = re.compile(r"[“\"]([^”\"]{3,14})[”\"]")

_OF_THEM = re.compile(
    r"(?:多少|几)[项个条].*其中.*(?:约束|预期)性|(?:一共|总共|共)(?:多少|几)[项个条].+(?:约束|预期)性.*(?:多少|几)[项个条]"
)
"""A question that asks how many there are before it asks how many of them have an attribute."""

_ATTRIBUTES = ("约束性", "预期性")

_MARKS = {
    "*": re.compile(r"[*＊]|星号|打星|带星"),
    "▽": re.compile(r"[▽△▼▲]|三角"),
    "□": re.compile(r"[□■]|方框|方块|小框"),
    "○": re.compile(r"[○〇]|圆圈|圈圈|[打画标带]个?圈"),
    "—": re.compile(r"[“（(]—+[”）)]|横[杠线]|[条道]杠|破折号|一横|短横"),
    "【】": re.compile(r"【|[黑实]心?括号|方括号|中括号|方头括号"),
}
"""The marks of the tables, as they are typed or called."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are meant, by the words that name them in an answer."""

    words: str
    group: str = ""
    attribute: str = ""
    mark: str = ""

    def holds(self, row: Sequence[Measure], numbered: Container[str]) -> bool:
        """Whether a row is meant: of several below a number that has no values of its own each stands for it. `numbered` are rows with numbers."""
        first = row[0]
        if self.mark:
            return any(self.mark in cell.marks for cell in row)
        has_number = first.number or (first.parent and first.parent not in numbered)
        return bool(has_number) and self.group in ("", first.group) and self.attribute in ("", first.attribute)


def answer_from_indicators(question: Question, documents: Sequence[ReadDocument]) -> list[Statement]:
    """How many indicators of the tables that a question names it asks for, and which; what a mark means, and the value of the row that is asked for
    beside it; none for other questions."""
    text = question.text
    asks = _HOW_MANY.search(text) or _WHICH.search(text)
    marked = [mark for mark, words in _MARKS.items() if words.search(text)]
    if _OTHER_CONDITION.search(text) or not (asks or (marked and _MEANING.search(text))) or not re.search(r"指标|表|专栏|哪[几些]项", text):
        return []
    found: list[tuple[ReadDocument, str, Wanted, list[tuple[Measure, ...]]]] = []
    beside: list[tuple[float, tuple[Measure, ...]]] = []
    # What a mark means is asked of whichever table has it, where none is named.
    anywhere = bool(marked) and not any(_meant(question, measure.table) for document in documents for measure in document.measures)
    for document in documents:
        for table in dict.fromkeys(measure.table for measure in document.measures if anywhere or _meant(question, measure.table)):
            own = (measure for measure in document.measures if measure.table == table)
            rows = [tuple(cells) for _, cells in groupby(own, key=lambda measure: measure.row)]
            numbered = {row[0].indicator for row in rows if row[0].number}
            for wanted in _wanted(text, rows, marked):
                members = [row for row in rows if wanted.holds(row, numbered)]
                if members:
                    found.append((document, table, wanted, members))
                    beside += [(_share_named(row, text), row) for row in rows if wanted.mark]
    share, row = max(beside, key=lambda one: one[0], default=(0.0, ()))
    values = [of_cells(row, question)] if share >= NAMED and _VALUE.search(text) else []
    # Several counts stand without the names of what was counted, unless these are asked for.
    named = len(found) == 1 or bool(marked) or bool(_WHICH.search(text))
    return [*(_counted(*counted, question, named=named, alone=len(found) == 1 and not values) for counted in found), *values]


def _share_named(row: Sequence[Measure], text: str) -> float:
    """Share of an indicator's name that a text holds."""
    name = bigrams(row[0].indicator)
    return sum(pair in text for pair in name) / max(1, len(name))


def _wanted(text: str, rows: Sequence[Sequence[Measure]], marked: Sequence[str]) -> list[Wanted]:
    if marked:
        return [Wanted(f"带“{mark}”的指标", mark=mark) for mark in marked]
    attributes = [attribute for attribute in _ATTRIBUTES if attribute in text]
    groups = sorted({row[0].group for row in rows if row[0].group}, key=lambda group: _place(group, text))
    named = [group for group in groups if _place(group, text) < len(text)]
    if not named and not attributes:
        whole = re.search(
            r"(?:一共|总共|共|有|列了|设了|设置了?)(?:多少|几)[项个条]?(?:主要)?指标|指标(?:一共|总共|共|有|是)*(?:多少|几)[项个条]", text
        )
        return [Wanted("有编号的指标")] if whole else []
    return [
        Wanted(f"{f'“{group}”' if group else ''}{attribute}指标", group, attribute)
        for group in named or [""]
        for attribute in ([""] if _OF_THEM.search(text) else []) + (attributes or [""])
    ]


def _place(group: str, text: str) -> int:
    """Where a text names a group of a table, whole, without its last word, or by a quoted part; the length of the text where it does not."""
    names = [group, group.removesuffix("建设"), *(part for part in _QUOTED.findall(text) if part in group)]
    return min((text.find(name) for name in names if name in text), default=len(text))


def _counted(
    document: ReadDocument,
    table: str,
    wanted: Wanted,
    members: Sequence[Sequence[Measure]],
    question: Question,
    *,
    named: bool,
    alone: bool,
) -> Statement:
    names = list(dict.fromkeys(row[0].indicator if row[0].number or wanted.mark else row[0].parent for row in members))
    said = f"{wanted.words}{len(names)}项"
    if named:
        said += f"：{'、'.join(names) if _WHICH.search(question.text) else shortened('、'.join(names))}"
    note = _meaning(wanted.mark, members) if wanted.mark and _MEANING.search(question.text) else ""
    places = [row[0].row for row in members]
    if note:
        # Of several marks no more is told than what they mean, unless it is asked for.
        said = f"{note}；{said}" if alone or _HOW_MANY.search(question.text) or _WHICH.search(question.text) else note
        places = [*_where_said(note, document), *places]
    year = "、".join(re.findall(r"20\d\d年|“?十[三四五]五”?", table)[:1])
    figures = (str(len(names)), *re.findall(r"\d+(?:\.\d+)?", table + said))
    info = document.document.info
    evidence = tuple(Evidence(info.id, place, CitationVia.MEASURE, 1.0) for place in places)
    return Statement(f"{year}{'' if year else table}{said}", evidence, 1.0, Mode.STRUCTURED, figures)


def _meaning(mark: str, members: Sequence[Sequence[Measure]]) -> str:
    """What the notes of a table say of a mark."""
    notes = [sentence for row in members for cell in row for sentence in re.split(r"[；。]", cell.note)]
    return next((note for note in notes if mark in note or (mark == "【】" and "【" in note)), "")


def _where_said(note: str, document: ReadDocument) -> list[Span]:
    """The place of the notes that say so."""
    notes = (passage for passage in document.passages if passage.kind is PassageKind.NOTE)
    place = next((passage.spans for passage in notes if normal(note) in normal(passage.text)), ())
    return [Span(place[0].start, place[-1].end)] if place else []


def _meant(question: Question, table: str) -> bool:
    boxes = re.findall(r"专栏\s*(\d+|[一二三])", question.text)
    if boxes:
        return any(table.startswith(f"专栏{'0一二三'.find(box) if box in '一二三' else box} ") for box in boxes)
    periods = re.findall(r"十[三四五]五", question.text)
    if periods:
        return any(period in table for period in periods)
    if not question.years and re.search("纲要|规划", question.text):
        return "十四五" in table or ("十三五" in table and _BOTH_TABLES.search(question.text) is not None)
    return any(str(year) in table for year in question.years)
