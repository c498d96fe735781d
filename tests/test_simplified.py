"""Traditional characters in a question."""

import pytest

from rag.question import clean_question
from rag.simplified import simplified


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("市醫保局牽頭幾項任務？", "市医保局牵头几项任务？"),
        ("2022年醫療衛生方面安排多少錢", "2022年医疗卫生方面安排多少钱"),
        ("頭髮、裡面、瞭解", "头发、里面、了解"),
        ("綦江的乾隆与著名", "綦江的乾隆与著名"),
        ("能耗下降3.1‰了吗", "能耗下降3.1‰了吗"),
    ],
)
def test_a_question_is_read_in_simplified_characters(typed: str, read: str) -> None:
    assert simplified(typed) == clean_question(typed) == read
