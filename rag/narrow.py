"""An answer that tells the same of several things, cut to those of them that a question names."""

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.figures import find_figures
from index.segment import bigrams
from rag.arithmetic import NAMED, amounts_in, asks_to_work_out, held_alone, shows_result, without
from rag.question import years_of
from rag.types import Mode, Statement

_SIGNS = "；，、"
_OF_ALL = re.compile(
    r"哪|最|排[名第序在]|变化|对比|相比|比(?!例|重|率|值)|其余|其他|别的|另外|都|各(?!区|类|项)|分别|情况|怎么样|如何|怎样|吗|是不是|有没有|是否|吧|对不"
)
"""Words of a question to which what stands beside the thing named may belong."""


def narrowed(question: str, expanded: str, things: int, statement: Statement) -> Statement:
    """A reading's statement with only those of its pieces that the question names; whole where it names all of them, or fewer than it asks `things`.

    `expanded` is the question with the documents' words for its everyday ones.
    """
    told = statement.text.partition("（原文")[0]
    pieces = _pieces(told) if statement.mode is Mode.READING else []
    if len(pieces) < 2 or _OF_ALL.search(question) or shows_result(told):
        return statement
    of_years = _of_years(pieces, question)
    named = _by_name(pieces, expanded) if of_years is None else of_years
    text = _sign(told).join(named)
    wanted = max(things, 2 if asks_to_work_out(question) else 1)
    return replace(statement, text=text) if len(named) < len(pieces) and len(amounts_in(text)) >= wanted else statement


def _sign(text: str) -> str:
    """What parts the pieces of an answer: the widest of the signs that it has."""
    return next((sign for sign in _SIGNS if sign in text), "")


def _pieces(text: str) -> list[str]:
    """The pieces of an answer that each tell an amount of something; none where one does not."""
    sign = _sign(text) if "：" not in text and "（" not in text else ""
    pieces = text.rstrip("。").split(sign) if sign else []
    return pieces if all(amounts_in(piece) and len(_label(piece)) >= 2 for piece in pieces) else []


def _label(piece: str) -> str:
    return without(piece, find_figures(piece))


def _of_years(pieces: Sequence[str], question: str) -> list[str] | None:
    """The pieces of the years that a question names; None where it names none, or where the pieces are not each of a year of its own."""
    asked, own = set(years_of(question, 0)), [set(years_of(piece, 0)) for piece in pieces]
    if not asked or not all(own) or len(set.union(*own)) < len(pieces):
        return None
    return [piece for piece, years in zip(pieces, own, strict=True) if years & asked] if asked <= set.union(*own) else []


def _by_name(pieces: Sequence[str], expanded: str) -> list[str]:
    """The pieces that a question names by enough of what tells them from the others; none where it has any character of another one alone."""
    labels = list(map(_label, pieces))
    hinted = [
        piece for piece, pairs in zip(pieces, held_alone(list(map(bigrams, labels))), strict=True) if any(p in expanded for p in pairs)
    ]
    named = []
    for piece, pairs, characters in zip(pieces, held_alone(list(map(bigrams, labels))), held_alone(labels), strict=True):
        if pairs and sum(pair in expanded for pair in pairs) >= NAMED * len(pairs):
            named.append(piece)
        elif any(character in expanded for character in characters):
            return []
    return named or (hinted if len(hinted) == 1 else [])
