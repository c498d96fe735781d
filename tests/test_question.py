"""What a question asks, and what search sees of it."""

import pytest

from rag.lexicon import read_lexicon
from rag.question import Ask, bare, beyond_tasks, understand

SEEN = [
    ("根据2021年预算执行情况的报告，推进贷款帮助多少家企业？", "2021年推进贷款帮助多少家企业？"),
    ("2021年报告里，“三农”工作重心发生了什么转移", "2021年“三农”工作重心发生了什么转移"),
    ("分解方案里，各单位的工作台账要在哪天之前报", "各单位的工作台账要在哪天之前报"),
    ("渝贵高铁2021年要动土开修，对不对？", "渝贵高铁2021年要动土开修"),
    ("嘉陵江的航道工程2021年就完工了，没记错吧？", "嘉陵江的航道工程2021年就完工了"),
    ("做药这个行当往哪几个领域使劲？一个别落", "做药这个行当往哪几个领域使劲"),
    ("抓投资里头已经建好的项目，一个不漏地列出来", "抓投资里头已经建好的项目"),
    ("2021年打算张罗个什么论坛，给个全名", "2021年打算张罗个什么论坛"),
]


@pytest.mark.parametrize(("question", "seen"), SEEN)
def test_search_sees_what_is_asked_alone(question: str, seen: str) -> None:
    assert bare(question) == seen


@pytest.mark.parametrize(
    "question", ["2021年报告分几个部分？", "规划纲要有多少章", "分解方案的文号是什么，哪天印发", "2022年编国土空间规划，先编哪几个区的"]
)
def test_a_document_that_is_asked_about_stays(question: str) -> None:
    assert bare(question) == question


def test_something_is_always_left() -> None:
    assert bare("对不对？") == "对不对？"


@pytest.mark.parametrize(
    ("question", "lead", "cooperating"),
    [
        ("种业工程谁牵头", True, False),
        ("种业工程的配合单位是谁", False, True),
        ("马路修到7000公里，这担子谁扛，谁来帮", True, True),
        ("宅基地改革试点呢？配合的也说一下", True, True),
        ("那两个港口的建设呢，打配合的又是谁", True, True),
        ("企业上市是哪个局的活", True, False),
    ],
)
def test_which_roles_are_asked_for(question: str, lead: bool, cooperating: bool) -> None:
    understood = understand(question, read_lexicon(), 2024)
    assert (understood.ask, understood.lead, understood.cooperating) == (Ask.RESPONSIBLE, lead, cooperating)


def test_a_programme_that_leads_is_no_unit() -> None:
    assert understand("智慧警务是靠哪个工程牵头来带的", read_lexicon(), 2024).ask is Ask.PLAIN


@pytest.mark.parametrize("question", ["物流集团的董事长由谁来当", "数据交易中心谁来控股"])
def test_no_task_names_who_runs_a_company(question: str) -> None:
    assert beyond_tasks(question)
