"""One indicator over years: which values are asked for, and what is said of them."""

import pytest

from corpus.types import Reading, Span
from rag.assistant import Assistant
from rag.lexicon import read_lexicon
from rag.question import Aim, understand
from rag.render import said_value
from rag.series import Slot, proof_of, tells, wanted

LEXICON = read_lexicon()


def slots(text: str) -> tuple[Slot, ...]:
    return wanted(understand(text, LEXICON, 2024), 2024)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("空气优良天数2021年和2023年差几天", (Slot(2021, Aim.ANY), Slot(2023, Aim.ANY))),
        ("GDP增速目标：2021年、2022年、2024年各多少", tuple(Slot(year, Aim.TARGET) for year in (2021, 2022, 2024))),
        ("山城步道：21年任务多少公里，21年实际新建多少", (Slot(2021, Aim.TARGET), Slot(2021, Aim.RESULT))),
        ("2021年粮食产量的目标达到没有？", (Slot(2021, Aim.TARGET), Slot(2021, Aim.RESULT))),
        ("2021年粮食产量是多少？", (Slot(2021, Aim.ANY),)),
        ("研发强度：2021年、2023年实际，再加2024年目标", (Slot(2021, Aim.RESULT), Slot(2023, Aim.RESULT), Slot(2024, Aim.TARGET))),
        ("高企：2021年定多少、干到多少，2024年想到多少", (Slot(2021, Aim.TARGET), Slot(2021, Aim.RESULT), Slot(2024, Aim.TARGET))),
        ("民间投资，22年目标比21年定得高吗", (Slot(2022, Aim.TARGET), Slot(2021, Aim.TARGET))),
        ("研发投入占GDP的比重，2021年预计达到多少，规划2025年达到多少", (Slot(2021, Aim.ANY), Slot(2025, Aim.TARGET))),
        ("民营经济占比，2020年、2021年、十四五末目标分别是多少", (Slot(2020, Aim.ANY), Slot(2021, Aim.ANY), Slot(2025, Aim.TARGET))),
        ("棚改：规划里要改多少户，头一年干了多少户", (Slot(2025, Aim.TARGET), Slot(2021, Aim.RESULT))),
        ("林带：21年派了多少亩的活、干成多少亩", (Slot(2021, Aim.TARGET), Slot(2021, Aim.RESULT))),
        ("长嘉汇在哪个区", ()),
    ],
)
def test_values_are_asked_for_in_the_questions_order(text: str, asked: tuple[Slot, ...]) -> None:
    assert slots(text) == asked


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("2023年高企比2021年多了多少家", ["5108家", "7565家", "多2457家"]),
        ("空气好的天数2021年和2023年差几天", ["326天", "325天", "少1天"]),
        ("GDP增速目标2021、2022、2024三年各定多少", ["6%以上", "5.5%左右", "6%左右"]),
        ("2021年粮食产量目标完成了吗", ["108亿公斤", "109.3亿公斤"]),
        ("市本级农林水和住房保障这两类，21年实际各花多少，22年预算各安排多少", ["56亿元", "25亿元", "23亿元", "43亿元"]),
        ("山城步道：21年打算修多长、实际添了多长", ["80公里", "100公里"]),
        ("城镇化率五年要提高几个百分点？", ["68%", "73%", "5个百分点"]),
        ("23年开工改的老旧小区，加上24年打算开工的，面积一共多少？", ["4534万平方米", "4186万平方米", "合计8720万平方米"]),
        (
            "按22年的目标，国家级小巨人和高企至少要比21年多出几家？",
            ["多22家（140家、118家，140-118=22家）", "多392家（突破5500家、5108家，5500-5108=392家）"],
        ),
        ("城乡收入比：十四五末要降到多少？2023年已经是多少了", ["2.35∶1", "2.28∶1"]),
        ("四好农村路：2021年派了多少公里，修成多少公里，2023年又修了多少？", ["3000公里", "3330公里", "3360公里"]),
        ("高标准农田：十四五总共推进多少亩，2023年干了多少，2024年还要多少", ["500万亩", "200万亩"]),
        ("轨道交通通车里程，2021年原先定的是多少，年底真跑到多少", ["402公里", "417公里"]),
        ("旧小区和棚户区改造，2021年年初说的数、年底干成的数对得上吗", ["2万户", "20100户", "832个", "841个"]),
        ("有研发机构的规上企业占比，2021年目标和实际对得上吗，离“十四五”末还差几个百分点", ["30%", "50%", "20个百分点"]),
    ],
)
def test_values_of_several_years_are_said_together(assistant: Assistant, question: str, says: list[str]) -> None:
    answer = assistant.ask(question)
    assert [part for part in says if part not in answer.answer] == []
    assert len(answer.citations) >= 1


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("万人发明专利：21年目标多少、实际多少，25年又要到多少？", ["2021年目标12件左右", "2021年实际13.2件", "2025年目标16件"]),
        ("2021年规上工业增加值目标和实际分别是多少，差多少", ["2021年目标6%", "2021年实际10.7%", "高4.7个百分点"]),
    ],
)
def test_a_reading_that_leaves_out_what_was_planned_does_not_stand_for_it(assistant: Assistant, question: str, says: list[str]) -> None:
    answer = assistant.ask(question).answer
    assert all(value in answer for value in says)


def test_an_indicator_is_not_taken_for_one_that_its_everyday_name_is_part_of(assistant: Assistant) -> None:
    answer = assistant.ask("单位GDP能耗，2021年要降几个点，2024年要降几个点").answer
    assert "3%左右" in answer
    assert "地区生产总值增长" not in answer


def test_one_reading_of_all_that_is_asked_stands_alone(assistant: Assistant) -> None:
    answer = assistant.ask("西部陆海新通道21年底通到几个国家和地区、多少个港口，23年底又扩到多少").answer
    assert all(value in answer for value in ("107个", "315个", "120个", "490个"))
    assert "运输箱量" not in answer


PLANNED_AND_DONE = Reading(
    "r",
    "001",
    "公园2021年目标、实际和2023年实际各多少？",
    (),
    "2021年目标30个、实际32个；2023年50个",
    (),
    (),
    "compare",
    (2021, 2023),
    "test",
)
TARGETS = Reading("r", "001", "公园2021年、2022年目标各多少？", (), "2021年30个，2022年40个", (), (), "compare", (2021, 2022), "test")
UNDATED = Reading("r", "001", "公园2023年实际和2024年目标各多少？", (), "实际50个，目标60个", (), (), "compare", (2023, 2024), "test")


@pytest.mark.parametrize(
    ("reading", "asked", "told"),
    [
        (PLANNED_AND_DONE, (Slot(2021, Aim.TARGET), Slot(2021, Aim.RESULT), Slot(2023, Aim.ANY)), True),
        (PLANNED_AND_DONE, (Slot(2021, Aim.ANY), Slot(2022, Aim.ANY)), False),
        (PLANNED_AND_DONE, (Slot(2021, Aim.RESULT), Slot(2023, Aim.TARGET)), False),
        (TARGETS, (Slot(2021, Aim.TARGET), Slot(2022, Aim.TARGET)), True),
        (UNDATED, (Slot(2023, Aim.RESULT), Slot(2024, Aim.TARGET)), True),
        (UNDATED, (Slot(2023, Aim.ANY), Slot(2024, Aim.TARGET)), True),
    ],
)
def test_a_figure_for_each_value_asked(reading: Reading, asked: tuple[Slot, ...], told: bool) -> None:
    assert tells(reading, asked, 2024) is told


def test_a_ratio_has_its_sign_once(assistant: Assistant) -> None:
    answer = assistant.ask("城乡居民收入比2020年和2023年各是多少").answer
    assert "2.45∶1" in answer
    assert "2.28∶1" in answer
    assert "1∶1" not in answer.replace("2.45∶1", "").replace("2.28∶1", "")


def test_what_a_year_added_is_not_set_against_a_total(assistant: Assistant) -> None:
    answer = assistant.ask("5G基站2021年目标和2021年实际各多少")
    assert not ("2.1万个" in answer.answer and "相差5.2万个" in answer.answer)


def test_a_value_of_a_table_has_its_unit_and_one_word_that_bounds_it() -> None:
    text = "常住人口城镇化率\t%\t69左右\t70左右"
    assert proof_of("70左右", "%", [Span(0, len(text))], text) == (Span(0, len(text)), "70%左右")


def test_a_total_of_five_years_with_a_bound_is_said_in_words() -> None:
    assert said_value("＞【500】", "亿美元") == "五年累计＞500亿美元"
    assert said_value("【15】", "%") == "五年累计15%"
    assert said_value("由负转正", "%") == "“由负转正”"


def test_how_far_a_target_is_counts_from_the_newest_result(assistant: Assistant) -> None:
    answer = assistant.ask("高企离24年的目标还差多少家？").answer
    assert "8500家" in answer
    assert "935家" in answer


def test_what_was_asked_and_has_no_figure_is_said_beside(assistant: Assistant) -> None:
    answer = assistant.ask("给企业减税降费，2021年新增多少亿，2023年新增多少亿？").answer
    assert "300亿元" in answer
    assert "540亿元" in answer


def test_each_of_several_indicators_has_one_line(assistant: Assistant) -> None:
    lines = assistant.ask("按22年的目标，国家级小巨人和高企至少要比21年多出几家？").answer.split("\n")
    assert len(lines) == 2
    assert all("多" in line for line in lines)
    assert "多2457家" in assistant.ask("2023年和2021年高企、科技型企业各差多少家").answer


def test_what_is_counted_and_what_is_measured_make_no_series(assistant: Assistant) -> None:
    answer = assistant.ask("城里老旧小区新开工改造的面积，22年计划多少，23年干了多少，24年又打算干多少？").answer
    assert all(area in answer for area in ("3090万平方米", "4534万平方米", "4186万平方米"))
    assert "2022年目标1277个，2023年实际4534万平方米" not in answer


def test_the_difference_and_the_sum_are_told_where_both_are_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask("城镇老旧小区：24年要开工的面积比23年实际的少了多少？两年加起来呢？").answer
    assert "少348万平方米" in answer
    assert "合计8720万平方米" in answer
    assert "合计" not in assistant.ask("城镇老旧小区：24年要开工的面积比23年实际的少了多少？").answer


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("科技进步贡献率、城镇化率这两行，2020年和2025年分别是多少？", ["58.6%", "63%", "68%", "73%"]),
        ("国际航线2021年、2023年、十四五末目标，数字各多少", ["106条", "33条", "115条以上"]),
        ("地铁轻轨2021年实际开通的里程，比当年政府工作报告定的多出多少公里？", ["402公里", "417公里", "多15公里"]),
        ("高铁营业里程2021年和2024年目标各多少？", ["839公里", "突破1100公里"]),
    ],
)
def test_names_of_one_indicator_make_one_series(assistant: Assistant, question: str, says: list[str]) -> None:
    answer = assistant.ask(question).answer
    assert all(value in answer for value in says)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("2021年计划改多少老旧小区、多少棚户，年底实际改了多少？", ["832个", "841个", "2万户", "20100户"]),
        ("高企和科技型企业，2021年定的突破多少、实际各多少家", ["突破4500家", "5108家", "突破3万家", "3.69万家"]),
        ("2021年打算改的老旧小区、棚户区跟实际干的数对一下", ["832个", "841个", "2万户", "20100户"]),
        ("市本级花在教育和科技上的钱，21年执行数跟22年预算数分别多少？", ["141亿元", "151亿元", "25亿元", "34亿元"]),
        ("陆海新通道能去的国家和港口，2021跟2023差多少个，分别报一下", ["107个", "120个", "315个", "490个"]),
        ("买东西的总盘子（社零）涨幅：2021年原定多少、2021年真涨多少、2023年又涨多少", ["7%", "18.5%", "8.6%"]),
        ("22年养老保险跟医保基金打算支出的加一块多少钱", ["1578亿元", "631亿元", "合计2209亿元"]),
    ],
)
def test_of_two_things_each_has_a_figure_for_each_aim(assistant: Assistant, question: str, says: list[str]) -> None:
    answer = assistant.ask(question).answer
    assert all(value in answer for value in says)


def test_what_gives_all_of_several_results_goes_before_a_series_of_fewer(assistant: Assistant) -> None:
    answer = assistant.ask("2024年新弄的车间比2023年少多少个？智能工厂又少几个").answer
    assert "少124个" in answer
    assert "少7个" in answer


def test_a_value_that_is_said_otherwise_is_told_as_written_too(assistant: Assistant) -> None:
    assert "12件左右（表中写作“12左右”）" in assistant.ask("万人发明专利：21年目标多少、实际多少").answer


def test_what_kind_of_indicator_it_is_is_told_whichever_place_its_values_are_of(assistant: Assistant) -> None:
    assert "属约束性指标" in assistant.ask("每亿元GDP出事故死的人数，21年控制线多少、实际多少？带的星号说明什么").answer


def test_the_city_by_its_registered_people_is_not_that_by_its_residents(assistant: Assistant) -> None:
    assert assistant.ask("2025年户籍人口城镇化率的目标是多少").abstained
    answer = assistant.ask("按户口统计的城镇化率在“十三五”收官时是否达到了原定目标").answer
    assert "50%" in answer
    assert "49.2%" in answer
