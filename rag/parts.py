"""Which reading answers which of several things asked."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TypeAlias

from corpus.types import Reading
from index.segment import normal
from rag.decompose import Facet
from rag.question import Aim, Question, aim_of, content_of
from rag.rank import Scored
from rag.retrieve import Query
from rag.said import SAME_THING, alike

WHOLE_SHARE = 0.3
"""How much the whole question counts when a reading is chosen for one of its parts."""

AS_AMONG = 0.75
"""What finding a thing among those that the first piece is about counts, where it is found without that too."""

SAID_TWICE = 0.5
"""What an answer counts for a second thing asked when it is that of another already."""

LONG, WORDY = 80, 0.6
"""Characters of an answer from which it says more than how many, and what it then counts for a part that asks just that."""

_AMOUNT = re.compile(r"多少|几(?!乎)")

MOST_CONSIDERED = 3
FEW_FACETS = 4
"""Readings weighed for each of so many things asked; of more things, two each."""

Score: TypeAlias = Callable[[str, Question, Query], list[Scored]]
"""Gives the readings found for a text, best first."""

Found: TypeAlias = tuple[Facet, list[Scored]]


def found_for(
    facets: Sequence[Facet], question: Question, whole: Sequence[Scored], queries: Mapping[tuple[Facet, str], Query], score: Score
) -> list[Found]:
    """The readings found for each facet, best first, the whole question weighing too; facets for which none was found are left out."""
    as_whole = {scored.hit.reading.id: scored.probability for scored in whole}
    found = []
    for facet in facets:
        weighed = []
        for scored in _surest(facet, question, queries, score):
            reading = scored.hit.reading
            probability = (1 - WHOLE_SHARE) * scored.probability + WHOLE_SHARE * as_whole.get(reading.id, 0.0)
            if not reading.elsewhere:
                wordy = _AMOUNT.search(facet.text) and len(reading.answer) > LONG
                weighed.append(Scored(scored.hit, _agreement(facet, reading) * (WORDY if wordy else 1.0) * probability))
        weighed.sort(key=lambda scored: (-scored.probability, scored.hit.reading.id))
        found += [(facet, weighed)] if weighed else []
    return found


def _surest(facet: Facet, question: Question, queries: Mapping[tuple[Facet, str], Query], score: Score) -> list[Scored]:
    """The readings found for a facet in that of its forms that is answered most surely."""
    alone, *among = [score(text, question.about(text, facet.years, facet.aim), queries[facet, text]) for text in facet.texts]
    surer = [scored for scored in among if scored and AS_AMONG * scored[0].probability > (alone[0].probability if alone else 0.0)]
    return surer[0] if surer else alone


def _agreement(facet: Facet, reading: Reading) -> float:
    """How far year and aim of a reading are those asked for: 1, or less where they are others; 0 for another year."""
    if facet.years and reading.years and not set(facet.years) & set(reading.years):
        return 0.0
    if facet.aim in (Aim.TARGET, Aim.RESULT):
        aim = aim_of(reading.question)
        return 0.4 if aim in (Aim.TARGET, Aim.RESULT) and aim is not facet.aim else 1.0
    return 1.0


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
    """The first of the readings that give the same answer."""
    return list({normal(one.hit.reading.answer): one for one in reversed(scored)}.values())[::-1]


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
