"""Differences and sums that a question asks for, worked out over the figures of its parts and shown with both operands."""

import re
from collections.abc import Sequence
from decimal import Decimal

from corpus.figures import Figure, FigureKind, find_figures
from rag.types import Mode, Statement

_DIFFERENCE = re.compile(r"差|比.*(?:多|少|高|低|增|降)|多了|少了|增加了多少|还差|超")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SUM = re.compile(r"加一?起|合计|一共|总共|总和|加起来|共计|之和")


def worked_out(question: str, statements: Sequence[Statement]) -> list[Statement]:
    """A statement of the difference (of two parts) or the sum (of two or more), when the question asks for it and the units agree."""
    figures = [_first_figure(statement) for statement in statements]
    if len(figures) < 2 or any(figure is None for figure in figures):
        return []
    known = [figure for figure in figures if figure is not None]
    if len({_tail(figure) for figure in known}) != 1:
        return []
    values, unit = [_number(figure) for figure in known], _tail(known[0])
    if _DIFFERENCE.search(question) and len(values) == 2:
        more, less = max(values), min(values)
        result = more - less
        text = f"相差{_plain(result)}{unit}（{_plain(more)}-{_plain(less)}={_plain(result)}）"
    elif _SUM.search(question):
        result = sum(values, Decimal(0))
        text = f"合计{_plain(result)}{unit}（{'+'.join(_plain(value) for value in values)}={_plain(result)}）"
    else:
        return []
    evidence = tuple(item for statement in statements for item in statement.evidence)
    shown = tuple(_plain(value) for value in (result, *values))
    return [Statement(text, evidence, min(statement.confidence for statement in statements), Mode.STRUCTURED, shown)]


def _first_figure(statement: Statement) -> Figure | None:
    """The first quantity of a statement's answer, behind its label."""
    answer = statement.text.split("：", 1)[-1]
    kinds = (FigureKind.QUANTITY, FigureKind.PERCENT, FigureKind.POINTS)
    return next((figure for figure in find_figures(answer) if figure.kind in kinds and figure.low == figure.high), None)


def _number(figure: Figure) -> Decimal:
    """The number as written, before its scale."""
    match = _NUMBER.match(figure.surface.replace(",", ""))
    return Decimal(match[0]) if match else figure.low


def _tail(figure: Figure) -> str:
    """Scale and unit as written, so that like is set against like."""
    return _NUMBER.sub("", figure.surface.replace(",", ""), count=1)


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
