"""What a question asks, and what search sees of it."""

import pytest

from rag.lexicon import read_lexicon
from rag.question import Ask, asked_in_full, asks_yes_or_no, bare, beyond_tasks, clean_question, names_nothing, understand, years_of

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


def test_a_year_in_characters_is_read_as_one_in_digits() -> None:
    assert clean_question("二〇二四年的民生实事") == "2024年的民生实事"
    assert clean_question("二零二一年森林覆盖率") == "2021年森林覆盖率"
    # The documents write the year of the long-range objectives so.
    assert clean_question("到二〇三五年") == "到二〇三五年"


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
        ("电站的前期谁跑？谁配合", True, True),
    ],
)
def test_which_roles_are_asked_for(question: str, lead: bool, cooperating: bool) -> None:
    understood = understand(question, read_lexicon(), 2024)
    assert (understood.ask, understood.lead, understood.cooperating) == (Ask.RESPONSIBLE, lead, cooperating)


def test_everyday_words_are_written_as_the_documents_have_them() -> None:
    lexicon = read_lexicon()
    assert lexicon.rewritten("2021年单位gdp能耗和高企数") == "2021年单位地区生产总值能源消耗和高新技术企业数"
    assert lexicon.rewritten("2021年户籍城镇化率") == "2021年户籍人口城镇化率"
    assert lexicon.rewritten("2021年粮食产量") == "2021年粮食产量"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("市林业局牵头的任务有好多项", "市林业局牵头的任务有多少项"), ("花了好多钱", "花了多少钱"), ("办了好多事", "办了好多事")],
)
def test_what_chongqing_says_for_how_many_is_understood(typed: str, read: str) -> None:
    assert clean_question(typed) == read


def test_growth_since_the_year_before_is_no_difference() -> None:
    assert understand("2021年粮食产量比上年增长多少", read_lexicon(), 2024).ask is Ask.PLAIN
    assert understand("2023年高企比2021年多了多少家", read_lexicon(), 2024).ask is Ask.DIFFERENCE


def test_a_programme_that_leads_is_no_unit() -> None:
    assert understand("智慧警务是靠哪个工程牵头来带的", read_lexicon(), 2024).ask is Ask.PLAIN


@pytest.mark.parametrize("question", ["物流集团的董事长由谁来当", "数据交易中心谁来控股"])
def test_no_task_names_who_runs_a_company(question: str) -> None:
    assert beyond_tasks(question)


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("21、22、24这三年目标各定几个点", (2021, 2022, 2024)),
        ("2021、22两年的收入", (2021, 2022)),
        ("21和23年各多少", (2021, 2023)),
        ("12、15号线哪年通", ()),
        ("三年行动2021年启动", (2021,)),
    ],
)
def test_years_may_be_listed_before_one_word_for_them(question: str, years: tuple[int, ...]) -> None:
    assert years_of(question, 2024) == years


def test_a_footpath_is_no_bank() -> None:
    lexicon = read_lexicon()
    assert lexicon.units_in("人行步道完善多少公里") == ()
    assert lexicon.units_in("人行负责什么") == ("人行重庆营管部",)


@pytest.mark.parametrize(
    "question",
    [
        "完成预算没有？为啥",
        "2022年就建成了，对吧",
        "还要不要考核",
        "飞没飞起来",
        "有没有提",
        "定死了不再变的吧？",
        "是重庆户口不？",
        "达标了吗",
    ],
)
def test_a_question_may_ask_whether(question: str) -> None:
    assert asks_yes_or_no(question)


@pytest.mark.parametrize("question", ["QDLP说的是什么", "每一路叫什么？", "没有完成的指标是哪几项", "是加还是减", "不算2021年的有多少"])
def test_a_question_that_asks_what_does_not_ask_whether(question: str) -> None:
    assert not asks_yes_or_no(question)


def test_the_year_of_a_document_in_brackets_is_not_that_of_the_thing() -> None:
    lexicon = read_lexicon()
    assert understand("集采一共替老百姓省下多少钱（2024年报告里说的）", lexicon, 2024).years == ()
    assert understand("2023年集采省下多少钱（2024年报告）", lexicon, 2024).years == (2023,)
    assert understand("集采省下多少钱（2021年）", lexicon, 2024).years == (2021,)


@pytest.mark.parametrize(
    "text", ["同比增长多少？", "2021年完成了没有", "一共多少个", "它在哪里", "谁牵头？谁配合？", "重庆2023年增长多少", "项目投资多少亿元"]
)
def test_a_question_without_a_thing_names_nothing(text: str) -> None:
    assert names_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "GDP",
        "固投增长多少",
        "2023年投资增速",
        "2024年一号工程是什么",
        "有几个区",
        "托位新增多少",
        "第12项谁负责",
        "出口增速",
        "水库在哪里",
        "R&D占比多少",
        "2024年目标有哪些",
    ],
)
def test_a_question_with_a_thing_names_it(text: str) -> None:
    assert not names_nothing(text)


@pytest.mark.parametrize("text", ["2021年森林覆盖率", "2022年全市经济增长预期目标？", "中欧班列2021年开行量", "2021年末政府债务余额"])
def test_an_amount_that_is_only_named_is_asked_for(text: str) -> None:
    assert asked_in_full(text) == f"{text.rstrip('？')}是多少？"


@pytest.mark.parametrize(
    "text",
    [
        "“满天星”行动计划",
        "2021年森林覆盖率多少",
        "2021年、2022年森林覆盖率",
        "2035年远景目标",
        "2024年主要预期目标",
        "目标",
        "提高办事效率",
    ],
)
def test_another_text_is_left_as_it_is(text: str) -> None:
    assert asked_in_full(text) == text


def test_a_year_in_brackets_at_the_end_is_the_year_asked_for() -> None:
    assert bare("自己定的标准攒了多少个了？（2021年那时候）") == "2021年自己定的标准攒了多少个了？"
    assert bare("2021年的标准有多少个（2022年）") == "2021年的标准有多少个（2022年）"


def test_how_large_is_asked_as_chongqing_says_it() -> None:
    assert clean_question("范围有好大？") == "范围有多大？"
    assert clean_question("好大学有哪些") == "好大学有哪些"


def test_a_word_behind_another_names_another_thing() -> None:
    lexicon = read_lexicon(())
    assert "常住人口" in lexicon.expanded("2020年城镇化率是多少")
    assert "常住人口" not in lexicon.expanded("2020年户籍人口城镇化率是多少")


def test_only_numbers_that_say_which_are_numbers_of_tasks() -> None:
    lexicon = read_lexicon(())
    assert understand("第300到302项都是什么", lexicon, 2024).task_numbers == (300, 301, 302)
    assert understand("2024年要新建10到15条道路吗", lexicon, 2024).task_numbers == ()
