"""What the documents are known not to say: told as what it is, never answered with something near it."""

from dataclasses import replace

import numpy as np
import pytest

from corpus.load import load_documents
from corpus.read import read_document
from corpus.readings import ReadingType
from corpus.types import OMISSION, Reading
from rag.answer import _is_answered
from rag.assistant import ABSTENTION, Assistant
from rag.build import readings_of, without_answered
from rag.check import LEFT_OUT
from rag.coverage import cover
from rag.lexicon import read_lexicon
from rag.question import Aim, understand
from rag.rank import FEATURES, features
from rag.types import ReadingHit
from tests.letters import small_reading


@pytest.fixture(scope="module")
def omissions(assistant: Assistant) -> list[Reading]:
    found = [reading for reading in assistant._retriever.index.all_readings if reading.leaves_out]
    assert len(found) >= 800
    return found


def left_out(*paraphrases: str) -> Reading:
    told = f"{LEFT_OUT}丁的地点"
    return replace(small_reading(), id="o1", question="丁在哪里？", paraphrases=paraphrases, answer=told, type=OMISSION)


def test_shipped_omissions_say_what_is_left_out_and_nothing_else(omissions: list[Reading]) -> None:
    assert ReadingType.OMISSION == OMISSION
    for reading in omissions:
        assert reading.answer.startswith(LEFT_OUT), reading
        assert not reading.measures
        assert not reading.computed


def test_most_shipped_omissions_are_abstained_with_their_reason_and_the_words_that_come_nearest(
    assistant: Assistant, omissions: list[Reading]
) -> None:
    asked = omissions[::10]
    answers = [assistant.ask(reading.question) for reading in asked]
    abstained = [(reading, answer) for reading, answer in zip(asked, answers, strict=True) if answer.abstained]
    print(len(asked), len(abstained))
    assert len(abstained) >= 0.9 * len(asked)
    told = [(reading, answer) for reading, answer in abstained if answer.answer != ABSTENTION]
    assert len(told) >= 0.9 * len(abstained)
    for _, answer in told:
        assert answer.answer.startswith(f"{ABSTENTION}{LEFT_OUT}")
    assert sum(any(quote in c.text or c.quote in quote for c in a.citations for quote in r.quotes) for r, a in told) >= 0.9 * len(told)


def test_an_omission_is_no_answer_and_covers_nothing() -> None:
    document = read_document(load_documents()[1])
    readings = [reading for reading in readings_of([document])[0] if reading.leaves_out]
    assert readings
    assert cover(document, readings).readings == 0


def test_a_question_that_another_reading_answers_is_not_left_out() -> None:
    answered, unanswered = small_reading(), left_out()
    kept, dropped = without_answered([answered, unanswered])
    assert (kept, dropped) == ([answered, unanswered], ())
    kept, dropped = without_answered([left_out("多少个丁"), answered])
    assert kept == [answered]
    assert [(one.question, one.reason) for one in dropped] == [("丁在哪里？", "另一条读记答了它")]


def test_where_nothing_is_found_for_the_whole_question_nothing_else_answers_it() -> None:
    assert not _is_answered(understand("2021年新建了多少所学校？", read_lexicon(), 2024), [])


def test_an_omission_is_ranked_by_its_question_alone() -> None:
    def values(reading: Reading) -> dict[str, float]:
        hit = ReadingHit(0, reading, 0.9, 0.8, 0.7, 0.7, 0.1, 0.1, 0.0, 0.5, None, np.zeros((1, 4), np.float32))
        return dict(zip(FEATURES, features("丁花了多少钱", (2024,), Aim.ANY, hit, 0, 2024), strict=True))

    told, answered = values(left_out()), values(replace(small_reading(), type="number", answer="好几个"))
    assert (told["omission"], answered["omission"]) == (1, 0)
    assert (told["figure_wanted_missing"], told["money_missing"], told["long_answer"]) == (0, 0, 0)
    assert (answered["figure_wanted_missing"], answered["money_missing"]) == (1, 1)
    assert told["cosine"] == answered["cosine"]


@pytest.mark.parametrize(
    ("question", "said"), [("哪个剧得了荷花奖", "《绝对考验》"), ("西部科学城到2025年，自身的研发经费投入强度要到多少？", "5%以上")]
)
def test_one_thing_that_is_surely_told_is_answered_beside_what_is_left_out_of_it(assistant: Assistant, question: str, said: str) -> None:
    assert assistant.ask(question).answer.startswith(said)


def test_what_is_left_out_of_a_thing_is_not_answered_with_what_is_found_of_others(assistant: Assistant) -> None:
    answer = assistant.ask("2021年方案里的广阳岛生态修复二期，总投资多少、哪天完工？")
    assert answer.abstained
    assert "民间投资" not in answer.answer
