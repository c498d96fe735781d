"""Differences and sums that a question asks for, worked out over the figures of its parts and shown with both operands, and whether a target was met."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from corpus.figures import Bound, Figure, FigureKind, find_figures, number_value, same_figure
from index.segment import bigrams
from rag.question import GROWTH_SINCE, Aim, aim_of, asks_yes_or_no, with_whole_years
from rag.types import Evidence, Mode, Statement

_ITEMS_WANTED = re.compile(r"哪|都有|都是|列出|列一|漏|是啥|有啥|分别|什么|叫")

_SUMMED = re.compile(r"\d[^，；、）]*[+＋]|合计")
_SET_APART = re.compile(r"\d[^，；、）]*减|相差|差\d|[多少高低]\d")
_WORKED_OUT = re.compile(
    r"\d[^，；、）]*[+＋][^，；、]*\d|\d[^，；、）]*减[^，；、）]{0,12}\d|合计|相差|还差\d|^\d[^，；、（]*（[^（）]*\d[^（）]*[、，减][^（）]*\d[^（）]*）"
)
"""An answer that shows what it was worked out from."""

_EACH_WORKED_OUT = re.compile(r"[多少高低]\d[^，；（]*（[^（）]*\d[^（）]*[、，减增降至到][^（）]*\d[^（）]*）")
"""One that does so of each of several differences."""

_YEAR_ALONE = re.compile(r"20\d\d")
_YEAR_NAMED = re.compile(r"20\d\d年")

LONGEST_LIST = 70
"""Characters of a list that is shown whole beside its count."""

FIRST_ITEMS = 3

MOST_SUMMED = 8

NAMED = 0.4
"""Share of what tells an item of an answer from the others that a question must hold to name it."""

_DIFFERENCE = re.compile(
    rf"差|还有多[少大][^，,。；;？?]{{0,4}}(?:空间|余地|余量)|(?<!占)(?<!之)(?<!对)比(?!较|例|重|值|率|一比|一下|对|{GROWTH_SINCE}).*(?:多[^少]|少(?!.*分别)|高|低|增|降)|多了|(?<!多)少了|多多少|(?<![至最])少多少|[高低]多少|增加了多少|提高了?(?:多少|几)|还缺|还?剩(?:下)?(?:多少|几)|(?<![至最很])[多少高低]几[个家户所座条项名公亿万]|还[得要需]再?[添增加]|至少[得要需]?再?[添增加]|超(?!过?(?:多少|几))|多[^少，,。；;？?]{{0,3}}出来?(?:多少|几)|还是(?!预期|约束)|是高是低|是多是少"
)
_COUNTABLE = (FigureKind.QUANTITY, FigureKind.PERCENT, FigureKind.POINTS)
_WRITTEN = re.compile(r"（表中写作[^）]*）")
_HOW_MANY = re.compile(r"(?:多少|(?<![那这哪第])几)(个|件|座|家|所|条|项|处|名|种|类|镇|区县)")
_RESULT_UNIT = re.compile(r"(?:多少|几)(万亿|亿|万|公里|家|个|元|户|人|天|项|亩|所|座|条|吨|辆|件)")
_AMOUNT = re.compile(r"多少|几")
_APART_ASKED = re.compile(r"[差隔]了?(?:多少|几)")
_ASKED_AMOUNTS = re.compile(r"多少|(?<![哪十这那好])几(?![十百])")
_CLASSIFIERS = "个件座家所条项处种类"
"""Those with any of which one may speak of a number of things."""

_COUNT_AND_LIST = re.compile(
    rf"(?P<label>[^：；]*[^：；\d]：)?(?P<count>\d+)(?P<classifier>[{_CLASSIFIERS}])(?:：(?P<items>[^：]*[、；][^：]*))?"
)
_ROUNDED = Decimal("0.005")
"""Share of an amount by which it may differ from itself rounded."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SUM = re.compile(r"加在?一?[起块]|合[到在]?一?[起块]|合起来|加到一|合计|总和|加起来|全加|之和|加总|加上")
_ALTOGETHER = re.compile(rf"{_SUM.pattern}|一共|总共|共计|[拢统]共")
_SO_MANY = re.compile(r"[这那]?([两二三四五六七八])(?:[档类种项样块者]|个(?!月|百分))")
"""How many things a question says that it names."""

_SAME_COUNT = re.compile(r"[个家所座项条处件种类]")
_EXCEPT = re.compile(r"(?:除了?|不算|刨[去开]|去掉|扣[除掉]|不含)(?P<left_out>.{2,20}?)(?:之?以?外|的话|[，,；]|后)")
_SIDES = re.compile(r"([^，,；;。？?]{2,20}?)比(?!较|例|重|值|率)([^，,；;。？?]{2,20}?)(?:要|还|又|能)?(?:多|少|高|低)")
STILL_MISSING = re.compile(r"(?:离|距离?)(?P<goal>[^，,。；;？?]{1,14}?)(?:还|要)?[差缺]")
_PLANNED_AMOUNT = re.compile(r"目标|要求|计划")
_CLAUSES = re.compile(r"[，、+＋]|加(?=[^一起总上])")
_BRACKETS = re.compile(r"（[^）]*）|[（）]")
_SENTENCES = re.compile(r"[，,；;。？?]")
_IN_BRACKETS = re.compile(r"（([^（）]*\d[^（）]*)）")
_EACH = re.compile(r"各|分别")
_SHARE = re.compile(r"占比|比重|占.{0,6}(?:多少|几|百分)")
_MONEY = re.compile(r"多少(?:钱|投资|资金)|投资(?:额|是|为)?多少|(?:钱|资金)(?:是|有)?多少")
_DONE, _PLANNED = r"(?:达[到成标]?|实现|完成|做到|超过?|够到?|兑现)", r"(?:目标|预期|计划|任务|年初|规划|定的|原定)"
_MET = re.compile(rf"达标|超额|{_DONE}.*{_PLANNED}|{_PLANNED}.*{_DONE}")
_VERBS = {"达": "达到", "实现": "实现", "超过": "超过"}
_BETTER_LOW = re.compile(r"失业率|死亡率|价格涨幅|收入比|细颗粒物|能源消费总量")
_NAMED_TOGETHER = re.compile(r"[、和与跟及]|加(?!起来|总|在|到|一)")


def worked_out(question: str, statements: Sequence[Statement]) -> list[Statement]:
    """A statement of the difference (of two figures) or the sum (of two or more), when the question asks for it and the units agree.

    The figures are the first ones of several statements, or those of a single statement that holds both operands.
    """
    question = with_whole_years(question)
    if any(shows_result(statement.text) for statement in statements):
        return []
    if len(statements) > 1 and len({statement.text.rpartition("：")[2] for statement in statements}) == 1:
        return []
    figures = [_operand(question, statement) for statement in statements]
    if len(statements) == 1:
        figures = list(_quantities(statements[0]))
    if len(figures) < 2 or any(figure is None for figure in figures):
        return []
    known = [figure for figure in figures if figure is not None]
    if len(statements) > 1 and len(
        {(_number(figure), statement.evidence) for figure, statement in zip(known, statements, strict=True)}
    ) < len(known):
        return []
    named = len(_NAMED_TOGETHER.findall(question))
    if len(statements) == 1 and len(known) > 2 and 0 < named < len(known) - 1:
        return []
    if len({_SAME_COUNT.sub("个", _tail(figure)) for figure in known}) != 1 or _holds_its_sum(known):
        return []
    if len(statements) == 1 and _names_one_of_two(question, statements[0].text):
        return []
    values, unit = [_number(figure) for figure in known], _tail(known[0])
    if _DIFFERENCE.search(question) and len(values) == 2 and values[0] != values[1]:
        result, text = _apart(values, unit)
    elif len(values) <= MOST_SUMMED and _asks_for_sum(question, len(statements) > 1):
        result, text = _together(values, unit)
    else:
        return []
    evidence = tuple(item for statement in statements for item in statement.evidence)
    shown = tuple(_plain(value) for value in (result, *values))
    return [Statement(text, evidence, min(statement.confidence for statement in statements), Mode.STRUCTURED, shown)]


def recast(question: str, statement: Statement) -> list[Statement]:
    """A statement of the sum of two amounts as that of their difference where a question asks for this alone, and the other way round; where it
    asks for both, the difference beside the sum."""
    operands = amounts_in(_operands(statement.text))
    added, apart = _how_worked_out(statement.text)
    differs, adds = bool(_DIFFERENCE.search(question)), bool(_ALTOGETHER.search(question))
    as_asked = not (adds or differs) or (added, apart) == (adds, differs) or (apart and differs)
    if as_asked or len(operands) != 2 or added == apart or len(set(map(_tail, operands))) > 1:
        return [statement]
    values, unit = list(map(_number, operands)), _tail(operands[0])
    result, text = _together(values, unit) if apart else _apart(values, unit)
    told = replace(statement, text=text, mode=Mode.STRUCTURED, computed=tuple(_plain(value) for value in (result, *values)))
    return [statement, told] if adds and differs else [told]


def without_goal(question: str) -> str:
    """A question that asks how far something is from an amount that it names, as one of that thing alone; empty for other questions."""
    question = with_whole_years(question)
    asked = STILL_MISSING.search(question)
    if not asked or not _NUMBER.search(_YEAR_NAMED.sub("", asked["goal"])):
        return ""
    behind = next((mark.start() for mark in _SENTENCES.finditer(question, asked.end())), len(question))
    rest = (question[: asked.start()] + question[behind:]).strip("，,；;。？? ")
    return rest if _AMOUNT.search(rest) else f"{rest}是多少"


def still_missing(question: str, statement: Statement) -> list[Statement]:
    """What the first amount of a statement lacks of the one that a question names ("离850公里还差多少"), or of the target that the statement tells."""
    asked = STILL_MISSING.search(with_whole_years(question))
    amounts = _quantities(statement) if asked else []
    if not asked or not amounts:
        return []
    first = amounts[0]
    planned = _PLANNED_AMOUNT.search(statement.text)
    of_target = [figure for figure in amounts_in(statement.text[planned.start() :] if planned else "") if figure.unit == first.unit]
    goal = _goal_named(asked["goal"], first) or (of_target[0].low if of_target else first.low)
    if goal <= first.low:
        return []
    scale = _scale(first)
    whole, own, gap, unit = _plain(goal / scale), _plain(_number(first)), _plain((goal - first.low) / scale), _tail(first)
    text = f"离{whole}{unit}还差{gap}{unit}（{whole}-{own}={gap}{unit}）"
    return [Statement(text, statement.evidence, statement.confidence, Mode.STRUCTURED, (gap, whole, own))]


def _goal_named(goal: str, first: Figure) -> Decimal | None:
    """The amount that a question names, taken for one of the unit of `first` where it has none; None where it names none, or of another unit."""
    plain = _YEAR_NAMED.sub("", goal)
    named = _first_amount(plain)
    if named and (named.unit or named.low != _number(named)):
        return named.low if named.unit in ("", first.unit) else None
    number = _NUMBER.search(plain)
    return Decimal(number[0]) * _scale(first) if number else None


def _names_one_of_two(question: str, answer: str) -> bool:
    """Whether an answer has the amounts of two things of which a question names but one."""
    return any(len(column) == 2 and len(_named(column, question)) == 1 for column in _columns(answer).values())


def _asks_for_sum(question: str, of_parts: bool) -> bool:
    """Whether a question asks what the figures of one answer, or those of several parts, come to; "altogether" may be said of each part."""
    one_amount = len(_AMOUNT.findall(question)) < 2
    if not of_parts:
        return one_amount and _ALTOGETHER.search(question) is not None
    together = "加" in question or (one_amount and _NAMED_TOGETHER.search(question))
    return (_ALTOGETHER if together else _SUM).search(question) is not None


@dataclass(frozen=True, slots=True)
class Item:
    """An amount in an answer: the words that tell what it is of, and the figure."""

    label: str
    figure: Figure

    @property
    def terms(self) -> frozenset[str]:
        return frozenset(bigrams(self.label))


def asks_to_work_out(question: str) -> bool:
    """Whether a question asks for one sum or one difference."""
    if _SHARE.search(question):
        return False
    return bool((_ALTOGETHER.search(question) and not _EACH.search(question)) or _DIFFERENCE.search(question))


def asks_for_amount(question: str) -> bool:
    """Whether a question asks how much or how many."""
    return bool(_AMOUNT.search(question))


def asks_for_one_amount(question: str) -> bool:
    """Whether a question asks how much or how many once, and nothing else."""
    return len(_AMOUNT.findall(question)) == 1 and not _ITEMS_WANTED.search(question)


def shows_result(answer: str) -> bool:
    """Whether an answer says what it was worked out from."""
    return _WORKED_OUT.search(answer) is not None


def results_told(answer: str) -> int:
    """How many amounts an answer gives beside those in brackets that they were worked out from."""
    return len(amounts_in(_BRACKETS.sub("", answer)))


def results_asked(question: str) -> int:
    """How many results a question asks for: one where it asks for amounts and how far they lie apart."""
    return 1 if _APART_ASKED.search(question) else len(_ASKED_AMOUNTS.findall(question))


def _how_worked_out(answer: str) -> tuple[bool, bool]:
    """Whether an answer shows a sum, and whether it shows how far figures lie apart."""
    return bool(_SUMMED.search(answer)), bool(_SET_APART.search(answer))


def gives_results(question: str, expanded: str, answer: str) -> bool:
    """Whether an answer shows each of the several results that a question asks for."""
    shown = _EACH_WORKED_OUT.search(answer) is not None or shows_result(answer)
    return shown and results_told(answer) >= results_asked(question) and _is_result_of(question, expanded, answer)


def gives_result(question: str, expanded: str, answer: str) -> bool:
    """Whether an answer shows the result that a question asks for in so many words.

    In the question's unit, of the items that it names and no others, and no difference where a sum is asked for. `expanded` is the question
    with the documents' words for its everyday ones.
    """
    return shows_result(answer) and _is_result_of(question, expanded, answer)


def _is_result_of(question: str, expanded: str, answer: str) -> bool:
    differs = _DIFFERENCE.search(question)
    added, apart = _how_worked_out(answer)
    if not (differs or _SUM.search(question)) or (apart and not differs):
        return False
    if added and not apart and not _ALTOGETHER.search(question):
        return False
    if any(1 < len(_named(column, expanded)) < len(column) for column in _columns(_operands(answer)).values()):
        return False
    units = _RESULT_UNIT.findall(question)
    tails = [_tail(figure) for figure in filter(is_amount, find_figures(answer))]
    return not units or any(_is_of(unit, tail) for unit in units for tail in tails)


def worked_out_of_items(question: str, expanded: str, statement: Statement) -> list[Statement]:
    """The sum or the difference of those items of one answer that a question names, one statement for each unit that they share.

    `expanded` is the question with the documents' words for its everyday ones. Of an answer that shows a result its operands are the items.
    """
    if not asks_to_work_out(question):
        return []
    question, expanded = with_whole_years(question), with_whole_years(expanded)
    adds, differs = bool(_ALTOGETHER.search(question)), bool(_DIFFERENCE.search(question))
    left_out = _EXCEPT.search(expanded)
    so_many = _SO_MANY.search(question) if not left_out else None
    said_to_be = int(number_value(so_many[1]) or 0) if so_many else 0
    joined = len(_NAMED_TOGETHER.findall(question)) + 1
    compared = next((clause for clause in _SENTENCES.split(question) if "比" in clause), "") if differs else ""
    columns = _columns(_operands(statement.text) if shows_result(statement.text) else statement.text)
    results = []
    for column in _asked(columns, question, expanded):
        if differs and any(map(_bounds_a_result, column)):
            continue
        sides = _opposed(column, question) if differs else []
        if sides:
            results.append(_of_items(statement, sides, differs=True))
            continue
        named = _named(column, left_out["left_out"] if left_out else expanded.replace(question, compared) if compared else expanded)
        chosen = [item for item in column if item not in named] if left_out and named else named
        if said_to_be and len(chosen) > 1 and len(column) == said_to_be:
            chosen = list(column)
        if adds and _holds_its_sum([item.figure for item in chosen]):
            continue
        if adds and said_to_be in (0, len(chosen)) and len(chosen) > 1 and (left_out or said_to_be or len(chosen) >= joined):
            results.append(_of_items(statement, chosen, differs=False))
        elif differs and len(chosen) == 2 and _number(chosen[0].figure) != _number(chosen[1].figure):
            results.append(_of_items(statement, chosen, differs=True))
    return results


def _bounds_a_result(item: Item) -> bool:
    """Whether an item only tells what came of something at least or at most: nothing lies a certain amount from that."""
    planned = _PLANNED_AMOUNT.search(item.label) or aim_of(item.label) is Aim.TARGET
    return item.figure.bound in (Bound.AT_LEAST, Bound.AT_MOST) and not planned and bool(_YEAR_NAMED.search(item.label))


def _opposed(column: Sequence[Item], question: str) -> list[Item]:
    """The two items of different amounts that a question sets against each other by words that no other item shares as much; none where they are not told."""
    sides = _SIDES.search(question)
    if not sides:
        return []
    found = []
    for side in sides.groups():
        terms, years = frozenset(bigrams(side)), set(_YEAR_NAMED.findall(side))
        own = [set(_YEAR_NAMED.findall(item.label)) for item in column]
        # What is of another year than the side is not what it names.
        shared = [len(terms & item.terms) if not years or not of or years & of else 0 for item, of in zip(column, own, strict=True)]
        most = max(shared, default=0)
        if not most or shared.count(most) > 1:
            return []
        found.append(column[shared.index(most)])
    return [item for item in column if item in found] if _number(found[0].figure) != _number(found[1].figure) else []


def _operands(answer: str) -> str:
    """What an answer that shows a result says in brackets that it was worked out from."""
    found = _IN_BRACKETS.search(answer)
    return found[1] if found else ""


def _columns(answer: str) -> dict[str, list[Item]]:
    """The amounts of an answer by their unit, each with the words of its clause, and those of the clause before where these alone do not tell them apart."""
    columns: dict[str, list[tuple[str, str, Figure]]] = {}
    for part in _WRITTEN.sub("", answer.split("（原文", 1)[0]).split("；"):
        head = ""
        for clause in _CLAUSES.split(part):
            figures = find_figures(clause)
            label = without(clause, figures)
            head = head or label
            for figure in filter(is_amount, figures):
                columns.setdefault(_SAME_COUNT.sub("个", figure.unit), []).append((head, label, figure))
    return {
        unit: [
            Item(label if len({label for _, label, _ in items}) == len(items) else head + label, figure) for head, label, figure in items
        ]
        for unit, items in columns.items()
    }


def _asked(columns: Mapping[str, Sequence[Item]], question: str, expanded: str) -> list[Sequence[Item]]:
    """The amounts of those units that a question asks for, by the unit or by what all of them are; all where it names neither."""
    held = frozenset(bigrams(expanded))
    units = [*_RESULT_UNIT.findall(question), *(["元"] if _MONEY.search(question) else [])]
    asked = []
    for column in columns.values():
        common = frozenset.intersection(*(item.terms for item in column))
        if any(_is_of(unit, _tail(column[0].figure)) for unit in units) or (common and common <= held):
            asked.append(column)
    return asked or list(columns.values())


def _named(column: Sequence[Item], text: str) -> list[Item]:
    """The items of which a text holds enough of what tells them from the others of their unit."""
    held = frozenset(bigrams(text))
    named = []
    for item, alone in zip(column, held_alone([item.terms for item in column]), strict=True):
        # Items of different years are told apart by these alone.
        own = [term for term in alone if _YEAR_ALONE.fullmatch(term)] or alone
        if own and (sum(term in held for term in own) >= NAMED * len(own) or _abbreviated(item.label) in held):
            named.append(item)
    return named


def held_alone(of_each: Sequence[Collection[str]]) -> list[list[str]]:
    """What each of several holds that no other holds."""
    often = Counter(term for own in of_each for term in set(own))
    return [[term for term in dict.fromkeys(own) if often[term] == 1] for own in of_each]


def without(text: str, figures: Sequence[Figure]) -> str:
    """A text without some of its figures, given in its order."""
    for figure in reversed(figures):
        text = text[: figure.span.start] + text[figure.span.end :]
    return text


def _abbreviated(label: str) -> str:
    """The short form of a name of two words of two characters each ("科技" for 科学技术)."""
    return label[0:3:2] if len(label) >= 4 else ""


def _of_items(statement: Statement, items: Sequence[Item], *, differs: bool) -> Statement:
    """The items with what they come to, or how far the two lie apart."""
    values, unit = _in_one_scale([item.figure for item in items])
    said = "，".join(f"{_named_by(item.label)}{item.figure.surface}" for item in items)
    result, worked = _apart(values, unit, _standing(items, values, unit)) if differs else _together(values, unit)
    shown = tuple(_plain(value) for value in (result, *values))
    return Statement(f"{said}，{worked}", statement.evidence, statement.confidence, Mode.STRUCTURED, shown)


def _in_one_scale(figures: Sequence[Figure]) -> tuple[list[Decimal], str]:
    """The numbers of figures of one unit in the largest of their scales, and this with the unit ("0.1" and "2.5" of 万名 for 1000名 and 2.5万名)."""
    largest = max(figures, key=_scale)
    return [figure.low / _scale(largest) for figure in figures], _tail(largest)


def _standing(items: Sequence[Item], values: Sequence[Decimal], unit: str) -> str:
    """The word for how the value of a later year, told second, stands to that of an earlier one; a neutral one for other items."""
    years = [year[0] for item in items for year in [_YEAR_NAMED.match(item.label)] if year]
    if len(years) != 2 or len(items) != 2 or years[0] >= years[1] or values[0] == values[1]:
        return "相差"
    return _more_or_less(values[0], values[1], unit)


def _more_or_less(base: Decimal, other: Decimal, unit: str) -> str:
    """The word for how another value stands to one that it differs from."""
    return ("高" if other > base else "低") if unit == "%" else "多" if other > base else "少"


def _apart(values: Sequence[Decimal], unit: str, word: str = "相差") -> tuple[Decimal, str]:
    """How far two values lie apart, and how that is said, behind a word."""
    more, less = max(values), min(values)
    gap = _plain(more - less)
    return more - less, f"{word}{gap}{'个百分点' if unit == '%' else unit}（{_plain(more)}-{_plain(less)}={gap}{unit}）"


def _together(values: Sequence[Decimal], unit: str) -> tuple[Decimal, str]:
    """What values come to, and how that is said."""
    result = sum(values, Decimal(0))
    return result, f"合计{_plain(result)}{unit}（{'+'.join(map(_plain, values))}={_plain(result)}）"


def _holds_its_sum(figures: Sequence[Figure]) -> bool:
    """Whether one of several amounts is what the others come to ("全市1457亿元，其中市级273亿元，区县1184亿元"): together they are nothing."""
    return len(figures) > 2 and 2 * max(figure.low for figure in figures) == sum(figure.low for figure in figures)


def _named_by(words: str) -> str:
    """The words around a figure as they stand before it."""
    return _BRACKETS.sub("", words).rstrip("多共为是达")


Value: TypeAlias = tuple[str, str, Evidence]
"""A value of a thing: what it is called ("2021年实际"), as it is said, and its evidence."""


def asks_for_difference(question: str) -> bool:
    """Whether a question asks how far two values lie apart."""
    return _DIFFERENCE.search(question) is not None


def asks_for_total(question: str) -> bool:
    """Whether a question asks what several values that it names come to."""
    return _asks_for_sum(question, of_parts=True) and not _EACH.search(question)


def total(values: Sequence[Value]) -> Statement | None:
    """What several values of a thing come to, when they have one unit."""
    figures = [_first_amount(said) for _, said, _ in values]
    known = [figure for figure in figures if figure]
    if len(known) < max(2, len(values)) or len({_tail(figure) for figure in known}) > 1:
        return None
    amounts = [_number(figure) for figure in known]
    result, text = _together(amounts, _tail(known[0]))
    evidence = tuple(evidence for _, _, evidence in values)
    return Statement(text, evidence, 1.0, Mode.STRUCTURED, tuple(map(_plain, (result, *amounts))))


def difference(values: Sequence[Value], *, briefly: bool = False) -> Statement | None:
    """How far one of two values of a thing lies from the other, when they have one unit; the first is what the second is measured by.

    `briefly` where it is said in the place of the values themselves.
    """
    if len(values) != 2:
        return None
    by, of = (_first_amount(said) for _, said, _ in values)
    if by is None or of is None or by.unit != of.unit or by.low == of.low:
        return None
    # "1.55万亿元" and "13967.7亿元" are worked with in 亿元: the smaller of their scales.
    finer = min((by, of), key=_scale)
    scale, unit = _scale(finer), _tail(finer)
    base, other = by.low / scale, of.low / scale
    result, text = _apart((base, other), unit, f"{values[1][0]}比{values[0][0]}{_more_or_less(base, other, unit)}")
    if briefly:
        told, _, worked = text.partition("（")
        text = f"{told}（{values[1][1]}、{values[0][1]}，{worked}"
    shown = (*map(_plain, (result, base, other)), *(match for name, _, _ in values for match in re.findall(r"\d+", name)))
    return Statement(text, tuple(evidence for _, _, evidence in values), 1.0, Mode.STRUCTURED, shown)


def asks_whether_met(question: str) -> bool:
    """Whether a question asks if what was planned came of it."""
    return asks_yes_or_no(question) and bool(_MET.search(question))


def whether_met(question: str, indicator: str, target: str, actual: str) -> str:
    """The words that say whether a target was met, where a question asks for it; empty where the two values do not tell."""
    planned, done = _first_amount(target), _first_amount(actual)
    if not (planned and done and asks_whether_met(question)) or _tail(planned) != _tail(done):
        return ""
    verb = next((word for said, word in _VERBS.items() if said in question), "完成")
    if planned.bound is Bound.AT_MOST or _BETTER_LOW.search(indicator):
        met = done.high <= planned.high
    else:
        met = done.low > planned.low if verb == "超过" else done.low >= planned.low
    if not met and planned.bound is Bound.ABOUT:
        return ""
    return f"{verb}了" if met else f"没有{verb}"


def _is_of(asked: str, tail: str) -> bool:
    """Whether a unit as it is asked for is the one that stands behind a number."""
    return asked in tail or _SAME_COUNT.sub("个", asked) == _SAME_COUNT.sub("个", tail)


def amounts_in(text: str) -> list[Figure]:
    """The figures of a text that count or measure."""
    return list(filter(is_amount, find_figures(text)))


def _first_amount(text: str) -> Figure | None:
    """The first figure of a text that counts or measures, None where there is none."""
    return next(filter(is_amount, find_figures(text)), None)


def holds(text: str, amounts: Sequence[Figure]) -> bool:
    """Whether a text states all of these amounts."""
    stated = amounts_in(text)
    return all(any(same_figure(amount, other) for other in stated) for amount in amounts)


def rounds(said: str, answer: str) -> bool:
    """Whether a text has an amount of an answer already, be it rounded ("3.69万家", "36939家")."""
    known = amounts_in(said)
    return any(one.unit == other.unit and abs(one.low - other.low) <= other.low * _ROUNDED for one in amounts_in(answer) for other in known)


def is_amount(figure: Figure) -> bool:
    """Whether a figure, written with digits, counts or measures one value."""
    return figure.kind in _COUNTABLE and figure.low == figure.high and _NUMBER.match(figure.surface) is not None


def counted(question: str, statement: Statement) -> Statement:
    """The statement of a list led by the number of its items, when the question asks how many.

    The number has the question's own classifier; of a list whose length alone is asked for the first items are shown.
    """
    asked = _HOW_MANY.search(question)
    said = _COUNT_AND_LIST.fullmatch(statement.text)
    if asked and said:
        listed = said["items"] or ""
        if not listed and not any(_NUMBER.findall(told)[:1] == [said["count"]] for told in statement.computed):
            return statement  # The document's own count has the document's classifier.
        classifier = asked[1] if asked[1] in _CLASSIFIERS else said["classifier"]
        items = _as_asked(question, listed) if listed else ""
        return replace(statement, text=f"{said['label'] or ''}{said['count']}{classifier}{'：' if items else ''}{items}")
    items_told = [item for item in statement.text.split(_sign(statement.text)) if item]
    counts_already = any(character.isdigit() for character in statement.text)
    if not asked or len(items_told) < 3 or counts_already:
        return statement
    number = str(len(items_told))
    return replace(
        statement,
        text=f"列出{number}{asked[1] or '个'}：{_as_asked(question, statement.text)}",
        computed=(*statement.computed, number),
        mode=Mode.STRUCTURED,
    )


def _sign(items: str) -> str:
    """What parts the items of a list."""
    return "；" if "；" in items else "、"


def _as_asked(question: str, items: str) -> str:
    """The items of a list beside their number: whole where they are asked for, or where each may tell what is asked besides."""
    each = _sign(items) == "；" and (len(_AMOUNT.findall(question)) > 1 or _EACH.search(question))
    return items if each or _ITEMS_WANTED.search(question) else shortened(items)


def shortened(items: str) -> str:
    """The items of a list that is only counted: all where they are short, else the first ones."""
    whole = items.removesuffix("等")
    return items if len(whole) <= LONGEST_LIST else _sign(whole).join(whole.split(_sign(whole))[:FIRST_ITEMS]) + "等"


def _quantities(statement: Statement) -> list[Figure]:
    answer = _WRITTEN.sub("", statement.text.split("（原文", 1)[0])
    return amounts_in(answer)


def _operand(question: str, statement: Statement) -> Figure | None:
    """The one quantity of a statement that can be meant: of the unit asked for, in the clause that its label names; None where several could be."""
    label, _, answer = statement.text.rpartition("：")
    figures = list(_quantities(replace(statement, text=answer)))
    asked = _RESULT_UNIT.search(question)
    if asked and len(figures) > 1:
        figures = [figure for figure in figures if asked[1] in _tail(figure)]
    if len(figures) > 1:
        clause = _clause_of(label, answer)
        figures = list(_quantities(replace(statement, text=clause)))
    return figures[0] if len(figures) == 1 else None


def _clause_of(label: str, text: str) -> str:
    """The clause of a text that shares most with a label; empty where several share as much."""
    wanted = frozenset(bigrams(label))
    clauses = [(sum(term in wanted for term in bigrams(clause)), clause) for clause in re.split(r"[，；、]", text)]
    most = max(shared for shared, _ in clauses)
    found = [clause for shared, clause in clauses if shared == most]
    return found[0] if most and len(found) == 1 else ""


def _number(figure: Figure) -> Decimal:
    """The number as written, before its scale."""
    match = _NUMBER.match(figure.surface.replace(",", ""))
    return Decimal(match[0]) if match else figure.low


def _scale(figure: Figure) -> Decimal:
    """What one of the number as written is worth: 10,000 in "3.69万家"."""
    return figure.low / _number(figure) if _number(figure) else Decimal(1)


def _tail(figure: Figure) -> str:
    """Scale and unit as written, so that like is set against like."""
    return _NUMBER.sub("", figure.surface.replace(",", ""), count=1)


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
