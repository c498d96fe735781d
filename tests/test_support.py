"""The check of sentences against what they cite: figures, units, bounds, dates, names, places, and what each figure is of."""

import pytest

from rag.support import Proof, gainsays, share_known, unproved

REVIEW = Proof(
    "2023年，地区生产总值达到30145.79亿元、增长6.1%，规模以上工业增加值增长6.6%，一般公共预算收入2440.8亿元、增长16%，其中税收收入1476亿元、"
    "增长16.1%，新建社区养老服务站50个。",
    ("一、2023年工作回顾", "重庆市人民政府工作报告（2024年）", "2024-01-21"),
    (2023,),
    (2023,),
)
PLAN = Proof(
    "今年的主要预期目标是：地区生产总值增长6%左右，居民消费价格涨幅3%左右，城镇新增就业60万人以上。市发展改革委牵头实施“满天星”行动计划。",
    ("二、2024年主要任务", "重庆市人民政府工作报告（2024年）", "2024-01-21"),
    (2024,),
    (2024,),
)
OUTLINE = Proof("到2025年，森林覆盖率比2020年提高5个百分点，达到57%。“十四五”时期经济年均增长6%左右。", ("第三节 主要目标",), (2020, 2025))


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年地区生产总值达到30145.79亿元，增长6.1%",
        "2023年，全市地区生产总值为30,145.79亿元",
        "2023年一般公共预算收入增长16%，其中税收收入增长16.1%",
        "2023年新建50个社区养老服务站",
        "地区生产总值增长6.1%",
        "规模以上工业增加值增长6.6%，高于地区生产总值6.1%的增速",
    ],
)
def test_what_a_citation_says_may_be_said(sentence: str) -> None:
    assert unproved(sentence, [REVIEW], "2023年地区生产总值是多少", (2023,)) == ()


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("2023年地区生产总值达到31145.79亿元", "数字“31145.79亿元”不在引文中"),
        ("2023年地区生产总值达到30145.79万元", "数字“30145.79万元”不在引文中"),
        ("2023年地区生产总值增长6.1个百分点", "数字“6.1个百分点”不在引文中"),
        ("2023年地区生产总值增长16.6%", "数字“16.6%”不在引文中"),
        ("2023年地区生产总值增长约6.1%", "“6.1%”在引文中不是约数"),
        ("2022年地区生产总值增长6.1%", "日期“2022年”不在引文中"),
        ("2024年地区生产总值增长6.1%", "“6.1%”在引文中说的是2023年，不是2024年"),
        ("2023年一般公共预算收入增长6.6%", "“6.6%”在引文中说的是别的事"),
        ("2023年税收收入增长16%", "“16%”在引文中说的是别的事"),
        ("2023年成都市地区生产总值增长6.1%", "地名“成都”不在引文中"),
        ("2023年市财政局的一般公共预算收入增长16%", "单位“市财政局”不在引文中"),
        ("2023年“双倍增”行动使地区生产总值增长6.1%", "名称“双倍增”不在引文中"),
        ("根据渝府发〔2023〕9号，地区生产总值增长6.1%", "文号“渝府发〔2023〕9号”不在引文中"),
        ("地区生产总值增长6.1%，详见www.example.com", "“www.example.com”不在引文中"),
        ("全市将取消房产税并发放购车补贴", "这句话多半不是引文所说"),
    ],
)
def test_what_a_citation_does_not_say_may_not_be_said(sentence: str, reason: str) -> None:
    assert reason in unproved(sentence, [REVIEW], "2023年地区生产总值是多少")


def test_a_figure_without_a_year_is_held_to_be_of_the_year_asked_for() -> None:
    assert unproved("地区生产总值增长6.1%", [REVIEW], "", (2024,)) == ("“6.1%”在引文中说的是2023年，不是2024年",)
    assert unproved("地区生产总值增长6%左右", [PLAN], "", (2024,)) == ()
    assert unproved("居民消费价格涨幅6%左右", [PLAN], "", (2024,)) == ("“6%”在引文中说的是别的事",)


def test_a_year_that_is_only_compared_with_is_not_the_figures() -> None:
    assert unproved("2025年森林覆盖率达到57%", [OUTLINE]) == ()
    assert unproved("2020年森林覆盖率达到57%", [OUTLINE]) == ("“57%”在引文中说的是2025年，不是2020年",)
    assert unproved("“十四五”时期经济年均增长6%左右", [OUTLINE]) == ()


def test_several_citations_prove_together() -> None:
    sentence = "2023年地区生产总值增长6.1%，2024年目标为增长6%左右"
    assert unproved(sentence, [REVIEW, PLAN]) == ()
    assert unproved(sentence, [REVIEW]) != ()


def test_names_and_units_that_are_there_may_be_said() -> None:
    assert unproved("市发展改革委牵头实施“满天星”行动计划", [PLAN]) == ()
    assert unproved("GDP增长6%左右", [PLAN], "2024年GDP目标") == ()


def test_words_known_are_counted_in_pairs() -> None:
    assert share_known("增长目标", ["增长的目标"]) == pytest.approx(2 / 3)
    assert share_known("增长", ["增长"]) == 1.0


def test_another_figure_in_the_place_of_a_sure_one_is_gainsaid() -> None:
    planted = Proof("2024年地区生产总值增长目标为9%左右。")
    assert gainsays("2024年地区生产总值增长目标为9%左右", [planted], "6%左右", (2024,)) == "“9%”与已核实的“6%”不一致"
    assert gainsays("地区生产总值增长6%左右，比9%低", [planted], "6%左右", (2024,)) == ""
    assert gainsays("2023年增长6.1%", [REVIEW], "6%左右", (2024,)) == ""
    assert gainsays("居民消费价格涨幅3%左右", [PLAN], "6%左右", (2024,)) == ""
    assert gainsays("城镇新增就业60万人以上", [planted], "6%左右", (2024,)) == ""


def test_a_period_does_not_prove_one_of_its_years() -> None:
    period = Proof("“十三五”时期是决胜阶段，是重庆发展进程中极不平凡的五年。", (), (2016, 2017, 2018, 2019, 2020))
    assert unproved("“十三五”时期是决胜阶段", [period]) == ()
    assert unproved("2016年，“十三五”时期是决胜阶段", [period])
    assert unproved("2021年是决胜阶段", [Proof("去年是决胜阶段。", (), (2021,))]) == ()
