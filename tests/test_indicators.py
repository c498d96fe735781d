"""Counts and lists over the rows of the indicator tables: held against the records themselves."""

import pytest

from rag.assistant import Assistant

PLAN = "专栏2 “十四五”经济社会发展主要指标"
DONE = "2021年国民经济和社会发展规划主要指标预期目标完成情况"


def rows_of(assistant: Assistant, table: str) -> dict[int, tuple[str, str, str, frozenset[str]]]:
    """Numbered rows of a table: name, attribute, group and all marks of their cells."""
    found: dict[int, tuple[str, str, str, frozenset[str]]] = {}
    for measure in assistant.measures():
        if measure.table == table:
            marks = found[measure.row.start][3] if measure.row.start in found else frozenset[str]()
            found[measure.row.start] = (
                measure.indicator,
                measure.attribute if measure.number else "",
                measure.group,
                marks | {*measure.marks},
            )
    return found


@pytest.mark.parametrize("attribute", ["约束性", "预期性"])
def test_the_indicators_of_an_attribute_are_counted(assistant: Assistant, attribute: str) -> None:
    expected = sum(own == attribute for _, own, _, _ in rows_of(assistant, PLAN).values())
    assert f"{attribute}指标{expected}项" in assistant.ask(f"“十四五”主要指标里{attribute}指标有几项").answer


def test_a_binding_group_is_counted_and_named(assistant: Assistant) -> None:
    rows = [row for row in rows_of(assistant, PLAN).values() if row[2] == "安全发展" and row[1]]
    answer = assistant.ask("“十四五”主要指标里“安全发展”有哪几项指标").answer
    assert f"{len(rows)}项" in answer
    assert all(name in answer for name, _, _, _ in rows)


def test_a_number_without_values_of_its_own_counts_once(assistant: Assistant) -> None:
    binding = assistant.ask("十三五那张28项的表，属于约束性的编号指标有几项，预期性的几项")
    assert "约束性指标11项" in binding.answer
    assert "预期性指标17项" in binding.answer


def test_how_many_of_them_have_an_attribute_is_told_beside_how_many_there_are(assistant: Assistant) -> None:
    answer = assistant.ask("“十三五”实现情况表中“共享发展”一组共几项指标？其中几项是约束性的").answer
    assert "“共享发展”指标5项" in answer
    assert "“共享发展”约束性指标3项" in answer


def test_all_of_them_are_counted_beside_those_of_each_attribute(assistant: Assistant) -> None:
    answer = assistant.ask("“十四五”主要指标一共几项？约束性和预期性各几项？").answer
    assert all(found in answer for found in ("“十四五”指标25项", "约束性指标8项", "预期性指标17项"))


def test_how_a_mark_is_to_be_read_is_told(assistant: Assistant) -> None:
    answer = assistant.ask("十四五主要指标表里带星号的怎么理解").answer
    assert "带*为规划期平均数" in answer


@pytest.mark.parametrize(("asked", "attribute"), [("城镇调查失业率", "预期性"), ("劳动年龄人口平均受教育年限", "约束性")])
def test_what_kind_of_indicator_it_is_stands_beside_its_values(assistant: Assistant, asked: str, attribute: str) -> None:
    answer = assistant.ask(f"{asked}2020年多少，2025年要多少，是约束性还是预期性？")
    assert f"属{attribute}指标" in answer.answer
    assert attribute not in assistant.ask(f"{asked}2020年多少，2025年要多少？").answer


@pytest.mark.parametrize(
    ("question", "attribute"),
    [
        ("每千人摊到的医生，指标表里2025年定的是多少，这个指标硬不硬（约束还是预期）", "属预期性指标"),
        ("森林覆盖率2025年目标，这项指标硬不硬", "属约束性指标"),
    ],
)
def test_one_indicator_is_not_answered_with_all_of_its_kind(assistant: Assistant, question: str, attribute: str) -> None:
    first = assistant.ask(question).answer.split("\n")[0]
    assert attribute in first
    assert "8项" not in first


def test_a_mark_that_is_asked_for_alone_is_looked_for_in_every_table(assistant: Assistant) -> None:
    answer = assistant.ask("发改委附件一的表里打小方框“□”是什么意思").answer
    assert "暂无统计数据" in answer
    assert "化学需氧量、挥发性有机物、氨氮、氮氧化物" in answer


def test_the_indicators_of_the_outline_are_counted_by_attribute(assistant: Assistant) -> None:
    assert assistant.ask("纲要的25个主要指标，约束性的有几个，预期性的几个").answer.count("项") == 2


def test_the_indicators_with_a_mark_are_named_with_what_it_means(assistant: Assistant) -> None:
    marked = [name for name, _, _, marks in rows_of(assistant, DONE).values() if "▽" in marks]
    answer = assistant.ask("2021年完成情况表里打▽的是哪几个指标，什么意思？")
    assert f"{len(marked)}项" in answer.answer
    assert all(name in answer.answer for name in marked)
    assert "国家对省市考核指标进行调整变化" in answer.answer
    assert len(answer.citations) >= len(marked)


def test_what_is_true_of_some_rows_only_is_not_counted_over_all(assistant: Assistant) -> None:
    assert "指标36项" not in assistant.ask("2021年指标表里没完成的指标有几项").answer


def test_what_a_mark_means_cites_the_notes_that_say_so(assistant: Assistant) -> None:
    answer = assistant.ask("“十三五”那个完成情况表，带【】的是什么意思？")
    assert "五年累计数" in answer.answer
    assert any("五年累计数" in citation.quote for citation in answer.citations)


@pytest.mark.parametrize("question", ["纲要专栏1和专栏2都打了星号，意思各是什么？", "规划前面两张指标表都有带“*”的数，意思一样不一样？"])
def test_what_a_mark_means_in_two_tables_is_told_of_both(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question).answer
    assert "五年年均增速" in answer
    assert "规划期平均数" in answer


def test_of_several_marks_no_more_is_told_than_what_they_mean(assistant: Assistant) -> None:
    answer = assistant.ask("2021年指标完成情况那张表里，小方框和小圆圈各是什么意思？").answer
    assert "暂无统计数据" in answer
    assert "带“□”的指标" not in answer


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("完成情况表里头画个小方框“□”啥意思？化学需氧量那格目标填的多少", ["暂无统计数据", "0.65万吨"]),
        ("专栏1净增建设用地那行的方括号是啥意思，实际用了多少公顷", ["五年累计数", "52821公顷"]),
        ("打圆圈○的是哪个指标，为啥没数了", ["非公经济增加值占地区生产总值比重", "国家统计局分类调整"]),
        ("2022年计划表能耗那行只有个倒三角，二氧化碳那行一条杠，各表示什么", ["规划期内统筹考虑", "以国家下达目标值为准"]),
    ],
)
def test_what_a_mark_means_and_the_value_beside_it(assistant: Assistant, question: str, says: list[str]) -> None:
    answer = assistant.ask(question).answer
    assert all(words in answer for words in says)


def test_three_lines_are_no_mark(assistant: Assistant) -> None:
    assert "山脊线" in assistant.ask("主城核心区2024年要强化哪几项核心功能？要保护的“三条线”是什么线").answer
