"""The last check of every answer, whatever wrote it: each figure stands in what is cited for it."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from rag.types import Statement

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def unsupported_figures(statement: Statement, quotes: Iterable[str]) -> tuple[str, ...]:
    """The figures of a statement that stand in none of its quotes, except those worked out from them; compared by value, as whole figures."""
    known = {value for quote in (*quotes, *statement.computed) for _, value in _figures(quote)}
    return tuple(written for written, value in _figures(statement.text) if value not in known)


def _figures(text: str) -> list[tuple[str, Decimal]]:
    """The numbers of a text as written and by value; full-width digits count as digits, thousands commas are seen through."""
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", unicodedata.normalize("NFKC", text))
    return [(match[0], Decimal(match[0])) for match in _NUMBER.finditer(plain)]
