"""Sums, differences and counts over what was said, worked by hand."""

import pytest

from corpus.types import Span
from rag.arithmetic import counted, shortened, worked_out
from rag.types import CitationVia, Evidence, Mode, Statement

BASES = "21处：万州恒合、黔江三塘盖、涪陵北山、渝北华蓥山、长寿五华山、江津四面山、合川小安溪、永川茶山竹海、南川金佛山、铜梁巴岳山、万盛黑山、梁平竹海、武隆仙女山等"


def said(text: str, start: int = 0) -> Statement:
    return Statement(text, (Evidence("001", Span(start, start + 10), CitationVia.READING, 0.9),), 0.9, Mode.READING)


def test_a_list_that_is_only_counted_is_cut_after_its_first_items() -> None:
    assert counted("特色康养基地一共几处", said(BASES)).text == "21处：万州恒合、黔江三塘盖、涪陵北山等"


def test_a_list_that_is_asked_for_is_kept_whole() -> None:
    assert counted("特色康养基地一共几处，分别是哪些", said(BASES)).text == BASES


def test_a_number_of_things_has_the_classifier_of_the_question() -> None:
    assert counted("有几个景区", said("12处：钓鱼城、名山、石宝寨")).text == "12个：钓鱼城、名山、石宝寨"
    assert counted("民生实事一共几件", said("15条")).text == "15件"
    assert counted("有多少种", said("12万户")).text == "12万户"


def test_a_list_behind_the_name_of_its_part_is_cut_too() -> None:
    assert counted("特色康养的有几处", said(f"特色康养的：{BASES}")).text == "特色康养的：21处：万州恒合、黔江三塘盖、涪陵北山等"


def test_what_is_pointed_at_is_not_counted() -> None:
    assert counted("五项工作，就是“抓…保…控…”那几个", said("抓开源、保重点、控支出")).text == "抓开源、保重点、控支出"


def test_items_are_counted_where_the_list_does_not_say() -> None:
    statement = counted("有几个方向", said("金融、航空、物流、信息"))
    assert statement.text == "列出4个：金融、航空、物流、信息"
    assert statement.computed == ("4",)


def test_a_short_list_is_shown_whole() -> None:
    assert shortened(["甲", "乙", "丙", "丁"]) == "甲、乙、丙、丁"


@pytest.mark.parametrize(
    ("question", "texts", "result"),
    [
        ("城镇比农村多多少元", ("城镇：43502元", "农村：18100元"), "相差25402元（43502-18100=25402元）"),
        ("两项合计多少亿元", ("一般债：3065亿元", "专项债：5545亿元"), "合计8610亿元（3065+5545=8610）"),
    ],
)
def test_two_figures_of_one_unit_are_worked_out(question: str, texts: tuple[str, str], result: str) -> None:
    parts = [said(text, 20 * number) for number, text in enumerate(texts)]
    assert [statement.text for statement in worked_out(question, parts)] == [result]


def test_figures_of_different_units_are_not() -> None:
    assert not worked_out("相差多少", [said("甲：300公里"), said("乙：20万户", 20)])


def test_names_with_a_number_are_not_added_up() -> None:
    plans = said("安全生产治本攻坚三年行动、路桥隧安全整治三年行动、高标准治理城市生活污水三年行动")
    assert worked_out("叫“三年行动”的一共有几个，都是干啥的", [plans]) == []
