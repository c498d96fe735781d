"""The last check of every answer, whatever wrote it: each figure stands in what is cited for it."""

import re
from collections.abc import Iterable
from decimal import Decimal

from index.segment import normal
from rag.types import Statement

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def unsupported_figures(statement: Statement, quotes: Iterable[str]) -> tuple[str, ...]:
    """The figures of a statement that stand in none of its quotes, except those worked out from them; compared by value, as whole figures."""
    known = {_value(m[0]) for quote in (*quotes, *statement.computed) for m in _NUMBER.finditer(normal(quote).replace(",", ""))}
    return tuple(m[0] for m in _NUMBER.finditer(normal(statement.text).replace(",", "")) if _value(m[0]) not in known)


def _value(figure: str) -> Decimal:
    return Decimal(figure)
