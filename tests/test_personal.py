"""Masking of numbers that belong to persons; figures of documents stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.api.personal import masked, masked_as


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("身份证500101199003071234能办吗", "身份证500***************能办吗"),
        ("我是50010119900307123X。", "我是500***************。"),
        ("号码500101 19900307 123x", "号码500*** ******** ****"),
        ("电话13812345678", "电话138********"),
        ("+86 138-1234-5678 找我", "+86 1**-****-**** 找我"),
        ("１３８１２３４５６７８", "１３８********"),
        ("座机023-63851234或(023)63851234", "座机023-********或(023)********"),
    ],
)
def test_numbers_of_persons_are_starred(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2024年地区生产总值增长6%左右",
        "总投资12345678901元",
        "共3.2万户、108.5亿元、2021—2025年",
        "渝府办发〔2024〕13号",
        "编号500101299003071234",
        "13800",
        "",
    ],
)
def test_figures_stay(text: str) -> None:
    assert masked(text) == text


def test_an_answer_hides_what_the_question_told_and_leaves_what_a_document_says() -> None:
    answer = "13812345678 没有记载；咨询电话 023-63851234。"
    assert masked_as(answer, ["我的电话是13812345678"]) == "138******** 没有记载；咨询电话 023-63851234。"


@given(st.text())
def test_the_length_stays(text: str) -> None:
    assert len(masked(text)) == len(text)
    assert masked(masked(text)) == masked(text)
