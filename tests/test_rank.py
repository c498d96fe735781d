"""The ranking of readings for one of several things asked, on places that can be reckoned by hand."""

from dataclasses import replace

import numpy as np
import pytest

from corpus.types import Reading, Span
from rag.question import Aim, Ask, Question
from rag.rank import AT, FEATURES, NEAR, NOT_FOUND, PART_FEATURES, PART_SURENESS, RELEVANCE, SURENESS, Linear, Part, Ranker, Scored
from rag.types import Conflict, ReadingHit


def linear(names: tuple[str, ...], **weights: float) -> Linear:
    """A sum of the named features with these weights."""
    return Linear(tuple(weights.get(name, 0.0) for name in names), 0.0, (0.0,) * len(names), (1.0,) * len(names))


RANKER = Ranker(
    linear(FEATURES, cosine=1.0),
    linear(SURENESS, score=1.0),
    linear(PART_FEATURES, cosine=1.0, near_whole=10.0),
    linear(PART_SURENESS, near_whole=2.0),
    linear(RELEVANCE, highest_cosine=2.0, unknown=-1.0),
)


def hit(name: str, cosine: float, start: int, document: str = "001") -> ReadingHit:
    reading = Reading(name, document, f"{name}多少？", (), name, (name,), (Span(start, start + 2),), "number", (), "hand")
    return ReadingHit(0, reading, cosine, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, None, np.zeros((1, 4), np.float32))


def test_a_question_concerns_the_documents_where_something_is_like_it_and_its_words_are_known() -> None:
    found = [Scored(replace(hit("甲", cosine, 0), unknown=0.5), 0.1) for cosine in (0.2, 0.75)]
    assert RANKER.relevant(found) == pytest.approx(1 / (1 + np.exp(-(2 * 0.75 - 0.5))))
    strange = [replace(one, hit=replace(one.hit, unknown=1.0)) for one in found]
    assert RANKER.relevant(strange) < RANKER.relevant(found)


def test_what_speaks_against_a_reading_is_weighed() -> None:
    ranker = replace(RANKER, order=linear(FEATURES, cosine=1.0, conflict_figure=-0.5))
    question = Question("多少？", (), (), Ask.PLAIN, Aim.ANY, lead=False, cooperating=False)
    found = [replace(hit("甲", 0.9, 0), conflicts=(Conflict.FIGURE,)), hit("乙", 0.8, 100)]
    assert [scored.hit.reading.id for scored in ranker.rank("多少？", question, found, 2024)] == ["乙", "甲"]


def part(text: str, *hits: ReadingHit) -> Part:
    return Part(text, Question(text, (), (), Ask.PLAIN, Aim.ANY, lead=False, cooperating=False), hits)


def test_a_part_knows_how_its_readings_stand_for_the_whole_and_what_lies_near_them() -> None:
    whole = [Scored(hit("甲", 0.9, 1000), 0.8, 2.0), Scored(hit("乙", 0.9, 1000 + AT), 0.3, 2.0 - np.log(3))]
    parts = [part("一", hit("乙", 0.5, 1000 + AT), hit("远", 0.9, 1000 + AT + NEAR)), part("二", hit("丙", 0.1, 1100, "002"))]
    (near, far), (other,) = [[dict(zip(PART_FEATURES, one, strict=True)) for one in of] for of in RANKER.part_values(parts, whole, 2024)]
    # Three quarters of the trust in the whole question's readings lie with 甲: within a passage's reach of 乙, but not in one sentence with it.
    assert near["at_whole"] == 0.0
    assert near["near_whole"] == pytest.approx(0.75)
    assert near["whole_probability"] == 0.3
    assert near["whole_lead"] == pytest.approx(-np.log(3))
    assert (far["near_whole"], far["whole_probability"], far["whole_lead"]) == (0.0, 0.0, NOT_FOUND)
    assert other["near_others"] == other["near_whole"] == 0.0


def test_a_part_is_answered_near_to_what_the_whole_question_finds() -> None:
    whole = [Scored(hit("甲", 0.9, 1000), 0.8, 2.0)]
    [found] = RANKER.rank_parts([part("一", hit("远", 0.9, 9000), hit("近", 0.5, 1010))], whole, 2024)
    assert [scored.hit.reading.id for scored in found] == ["近", "远"]
    assert found[0].probability == pytest.approx(1 / (1 + np.exp(-2)))
    assert RANKER.rank_parts([part("一")], [], 2024) == [[]]


def test_the_things_asked_of_one_place_vouch_for_each_other() -> None:
    parts = [part("一", hit("甲", 0.9, 1000)), part("二", hit("乙", 0.5, 1010), hit("丙", 0.5, 1010 + AT))]
    _, (beside, behind) = RANKER.part_values(parts, [], 2024)
    at, near = PART_FEATURES.index("at_others"), PART_FEATURES.index("near_others")
    assert (beside[at], beside[near]) == (1.0, 1.0)
    assert (behind[at], behind[near]) == (0.0, 1.0)
