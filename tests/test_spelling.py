"""What was typed by sound is put right, and nothing else is touched."""

import pytest

from eval.dataset import BUNDLED, load_cases
from index.segment import Segmenter
from rag.assistant import Assistant
from rag.spelling import FREQUENT, Spelling

COUNTS = {"规划": FREQUENT, "划里": 1, "任务": FREQUENT, "人物": FREQUENT - 1}


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(Segmenter(), lambda pair: COUNTS.get(pair, 0), lambda: ["十四五规划里的任务", "几条任务"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("十四五规化里", "十四五规划里"),
        ("多少条任物", "多少条任务"),
        # Nothing tells which word stands beside "哪".
        ("哪任物", "哪任物"),
        # The dictionary has it, a passage has it, or nobody knows what is meant.
        ("十四五会议里", "十四五会议里"),
        ("划里", "划里"),
        ("qwerty规", "qwerty规"),
        ("", ""),
        ("规", "规"),
    ],
)
def test_what_sounds_like_a_word_of_the_documents_is_taken_for_it(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.corrected(typed) == meant


def test_texts_are_read_only_when_a_word_may_be_wrong() -> None:
    def unread() -> list[str]:
        raise AssertionError("read")

    assert Spelling(Segmenter(), lambda _pair: FREQUENT, unread).corrected("十四五规化里") == "十四五规化里"


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("2021年固定资产头资增长多少", "2021年固定资产投资增长多少"),
        ("市教位牵头几项任务", "市教委牵头几项任务"),
        ("2023年城镇新增就页多少万人", "2023年城镇新增就业多少万人"),
        ("轨道教通通车里程多少", "轨道交通通车里程多少"),
    ],
)
def test_a_question_is_understood_in_the_documents_words(assistant: Assistant, typed: str, understood: str) -> None:
    answer = assistant.ask(typed)
    assert answer.question == understood
    assert not answer.abstained


def test_no_question_without_a_mistake_is_touched(assistant: Assistant) -> None:
    questions = [case.question for case in load_cases(BUNDLED)]
    assert [question for question in questions if assistant._spelling.corrected(question) != question] == []
