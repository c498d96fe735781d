"""Which reading answers which of several things asked."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import TypeAlias

from corpus.types import Reading, Via
from index.segment import normal
from rag.decompose import Facet
from rag.question import content_of
from rag.rank import Scored, overlap
from rag.said import SAME_THING, alike, says_again

SAID_TWICE = 0.5
"""What an answer counts for a second thing asked when it is that of another already."""

MOST_CONSIDERED = 3
FEW_FACETS = 4
"""Readings weighed for each of so many things asked; of more things, two each."""

Found: TypeAlias = tuple[Facet, list[Scored]]


def fits(facet: Facet, reading: Reading) -> bool:
    """Whether a reading can answer one thing: it is of the year asked for, and does not work several documents together itself."""
    return not reading.elsewhere and (not facet.years or not reading.years or bool(set(facet.years) & set(reading.years)))


def apart(found: Sequence[Found]) -> list[tuple[Facet, Scored]]:
    """A reading for each facet, so that together they are as sure as can be: the same answer given twice counts half the second time."""
    considered = MOST_CONSIDERED if len(found) <= FEW_FACETS else 2

    def worth(choice: Sequence[Scored]) -> float:
        said: set[str] = set()
        total = 0.0
        for scored in sorted(choice, key=lambda scored: -scored.probability):
            answer = normal(scored.hit.reading.answer)
            total += scored.probability * (SAID_TWICE if answer in said else 1.0)
            said.add(answer)
        return total

    best = max(product(*(_distinct(scored)[:considered] for _, scored in found)), key=worth, default=())
    return [(facet, scored) for (facet, _), scored in zip(found, best, strict=True)]


def _distinct(scored: Sequence[Scored]) -> list[Scored]:
    """The first of the readings that give the same answer, in their order."""
    first: dict[str, Scored] = {}
    for one in scored:
        first.setdefault(normal(one.hit.reading.answer), one)
    return list(first.values())


def opposed(found: Sequence[Found]) -> list[tuple[Facet, Scored]]:
    """A reading for each side of a comparison: like is set against like, so the others ask of the same thing as the first."""
    pairs = [(facet, scored[0]) for facet, scored in found[:1]]
    for facet, scored in found[1:]:
        pairs += [(facet, same[0])] if (same := _like(pairs[0][1].hit.reading, scored)) else []
    return pairs


def _like(first: Reading, others: Sequence[Scored]) -> list[Scored]:
    """Those of the readings that ask of the same thing as the first, the likest first, so that like is set against like."""

    def share(scored: Scored) -> float:
        return alike(content_of(first.question), content_of(scored.hit.reading.question))

    return sorted((scored for scored in others if share(scored) >= SAME_THING), key=lambda scored: -share(scored))


def told_once(found: Sequence[tuple[Facet, Scored]]) -> list[tuple[Facet, Scored]]:
    """The readings for several things asked, each replaced by the longest of them that tells all it tells, in the same words of a document."""
    told = []
    for facet, scored in found:
        fuller = [one for _, one in found if _tells_all(one.hit.reading, scored.hit.reading)]
        longest = max(fuller, key=lambda one: len(one.hit.reading.answer), default=scored)
        told.append((facet, replace(longest, probability=scored.probability)))
    return told


def _tells_all(fuller: Reading, reading: Reading) -> bool:
    """Whether a reading tells what another tells, out of the same words; not one of a table, whose cells a question chooses."""
    written = all(one.via is Via.READING and not one.leaves_out for one in (fuller, reading))
    return written and overlap(fuller, reading) and says_again(normal(reading.answer), normal(fuller.answer))
