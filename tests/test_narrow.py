"""Answers cut to what is asked, worked by hand."""

import pytest

from corpus.types import Span
from rag.narrow import narrowed
from rag.types import CitationVia, Evidence, Mode, Statement

DEBT = "全市还本658亿元、付息279亿元；市级还本139亿元、付息95亿元"
INDUSTRIES = "汽车产业12.6%、电子产业17.3%、医药产业14.5%"
PATENTS = "2021年13.2件，2022年目标14件左右"


def cut(question: str, text: str, things: int = 1, mode: Mode = Mode.READING) -> str:
    statement = Statement(text, (Evidence("003", Span(0, 10), CitationVia.READING, 0.9),), 0.9, mode)
    return narrowed(question, question, things, statement).text


@pytest.mark.parametrize(
    ("question", "text", "says"),
    [
        ("2021年医药产业增加值涨了多少", INDUSTRIES, "医药产业14.5%"),
        ("2021年汽车和医药涨了多少", INDUSTRIES, "汽车产业12.6%、医药产业14.5%"),
        ("22年计划表上万人发明专利填了多少件", PATENTS, "2022年目标14件左右"),
        ("全市22年还本付息总共安排多少亿", DEBT, "全市还本658亿元、付息279亿元"),
        (
            "职业经理人多少",
            "新型职业农民10万人、农业职业经理人2000人（原文：“新型职业农民10万人、农业职业经理人2000人”）",
            "农业职业经理人2000人",
        ),
    ],
)
def test_what_is_named_is_said_alone(question: str, text: str, says: str) -> None:
    assert cut(question, text) == says


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("哪个行业涨得最快", INDUSTRIES),
        ("医药产业比汽车产业多涨几个点", INDUSTRIES),
        ("这三个行业分别涨了多少", INDUSTRIES),
        ("城乡的绿地添了多少", "新增城市绿地1500万平方米；农村公路4000公里"),
        ("机场旅客和货的吞吐能力", "旅客吞吐能力达到8000万人次；货邮吞吐能力达到120万吨"),
        ("2021年和2022年专利各多少件", PATENTS),
        ("2023年专利多少件", PATENTS),
        ("保交楼交了多少套", "15.7万套，完成任务总量的90%"),
        ("医药产业", "在核定限额之内，医药产业14.5%"),
    ],
)
def test_an_answer_stays_whole_where_more_may_be_meant(question: str, text: str) -> None:
    assert cut(question, text) == text


def test_as_many_figures_are_left_as_things_are_asked() -> None:
    budget = "教育支出151亿元，增长18.8%；卫生健康支出194亿元，增长4%"
    assert cut("2022年卫生健康安排多少、增长多少", budget, things=2) == "卫生健康支出194亿元，增长4%"
    assert (
        cut("2022年卫生健康安排多少，另一类多少", "教育支出151亿元；卫生健康支出194亿元", things=2)
        == "教育支出151亿元；卫生健康支出194亿元"
    )


def test_what_was_worked_out_and_what_records_say_is_left_alone() -> None:
    worked_out = "教育支出151亿元，科技支出34亿元，合计185亿元（151+34=185）"
    assert cut("教育支出多少", worked_out) == worked_out
    assert cut("2021年医药产业增加值涨了多少", INDUSTRIES, mode=Mode.STRUCTURED) == INDUSTRIES
