"""Which reading answers which of several things asked."""

from dataclasses import replace

import numpy as np
import pytest

from corpus.types import Place, Reading, Span
from rag.decompose import Facet
from rag.parts import SAID_TWICE, apart, fits, opposed, told_once
from rag.question import Aim
from rag.rank import Scored
from rag.said import as_statement
from rag.types import ReadingHit


def scored(probability: float, answer: str, question: str = "") -> Scored:
    reading = Reading(question or answer, "900", question, (), answer, (answer,), (), "number", (), "test")
    return Scored(ReadingHit(0, reading, 0.9, 0.9, 0.9, 0.9, 0.0, 0.1, 0.0, 0.9, None, np.zeros((1, 4), np.float32)), probability)


def facet(text: str) -> Facet:
    return Facet(text, text, (), Aim.ANY)


def chosen(found: list[tuple[Facet, list[Scored]]]) -> list[str]:
    return [one.hit.reading.answer for _, one in apart(found)]


def test_the_surest_is_taken_where_nothing_is_said_twice() -> None:
    assert chosen([(facet("开工"), [scored(0.9, "216公里"), scored(0.5, "367公里")]), (facet("建成"), [scored(0.8, "367公里")])]) == [
        "216公里",
        "367公里",
    ]


def test_what_is_said_already_gives_way_to_what_is_not() -> None:
    address, telephone, printer = scored(0.78, "人民路232号"), scored(0.62, "63859946"), scored(0.53, "中雅公司")
    found = [(facet("地址"), [address, printer]), (facet("电话"), [scored(0.83, "人民路232号"), telephone])]
    assert chosen(found) == ["人民路232号", "63859946"]


def test_an_answer_that_comes_again_further_down_keeps_its_place() -> None:
    lower = [scored(0.3 - n / 100, f"{n}家") for n in range(3)]
    assert chosen([(facet("就业"), [scored(0.9, "60万人"), *lower, scored(0.1, "60万人")]), (facet("增长"), [scored(0.8, "6%")])]) == [
        "60万人",
        "6%",
    ]


def test_one_reading_may_answer_two_things_where_the_next_is_unlikely() -> None:
    both = scored(0.9, "38个、215个")
    unlikely = scored(0.9 * SAID_TWICE - 0.1, "7个")
    assert chosen([(facet("工厂"), [both]), (facet("车间"), [both, unlikely])]) == ["38个、215个", "38个、215个"]


def test_a_reading_answers_a_thing_of_its_year_and_works_no_documents_together() -> None:
    of_year = Facet("2022年收入", "收入", (2022,), Aim.ANY)
    found = scored(0.9, "8家").hit.reading
    assert fits(of_year, found)
    assert fits(of_year, replace(found, years=(2021, 2022)))
    assert not fits(of_year, replace(found, years=(2021,)))
    assert not fits(facet("收入"), replace(found, elsewhere=(Place("001", Span(0, 2)),)))


@pytest.mark.parametrize(("label", "text"), [("收入多少", "收入：26亿元"), ("是多少", "26亿元"), ("", "26亿元")])
def test_an_answer_stands_behind_the_name_of_its_part(label: str, text: str) -> None:
    assert as_statement(scored(0.9, "26亿元").hit.reading, 0.9, label).text == text


@pytest.mark.parametrize(
    ("label", "text"), [("257个前期项目有哪些", "前期项目有哪些：特高压"), ("2022年12项任务", "2022年12项任务：特高压")]
)
def test_the_name_of_a_part_says_no_amount_that_the_quote_does_not_hold(label: str, text: str) -> None:
    found = replace(scored(0.9, "特高压").hit.reading, quotes=("12项任务，含特高压",))
    assert as_statement(found, 0.9, label).text == text


def test_like_is_set_against_like() -> None:
    first = scored(0.9, "2285亿元", "2021年全市一般公共预算收入是多少")
    alike, other = scored(0.3, "2354亿元", "2022年全市一般公共预算收入预计多少"), scored(0.8, "5108家", "2021年高新技术企业多少家")
    pairs = opposed([(facet("2021年"), [first]), (facet("2022年"), [other, alike])])
    assert [one.hit.reading.answer for _, one in pairs] == ["2285亿元", "2354亿元"]


def placed(one: Scored, start: int) -> Scored:
    return replace(one, hit=replace(one.hit, reading=replace(one.hit.reading, spans=(Span(start, start + 20),))))


def test_what_one_reading_tells_in_full_is_told_once() -> None:
    short, full = placed(scored(0.9, "良种基地5万亩"), 100), placed(scored(0.8, "良种基地5万亩；种畜禽场30个"), 105)
    elsewhere = placed(scored(0.7, "良种基地5万亩，新品种100个"), 900)
    found = [(facet("亩数"), short), (facet("场数"), full), (facet("品种"), elsewhere)]
    told = [(one.hit.reading.answer, one.probability) for _, one in told_once(found)]
    assert told == [("良种基地5万亩；种畜禽场30个", 0.9), ("良种基地5万亩；种畜禽场30个", 0.8), ("良种基地5万亩，新品种100个", 0.7)]
