"""Sums, differences and counts over what was said, worked by hand."""

from dataclasses import replace

import pytest

from corpus.types import Span
from rag.arithmetic import (
    asks_to_work_out,
    counted,
    difference,
    gives_result,
    gives_results,
    recast,
    results_asked,
    results_told,
    rounds,
    shortened,
    still_missing,
    total,
    whether_met,
    without_goal,
    worked_out,
    worked_out_of_items,
)
from rag.types import CitationVia, Evidence, Mode, Statement

BASES = "21处：万州恒合、黔江三塘盖、涪陵北山、渝北华蓥山、长寿五华山、江津四面山、合川小安溪、永川茶山竹海、南川金佛山、铜梁巴岳山、万盛黑山、梁平竹海、武隆仙女山等"


def said(text: str, start: int = 0) -> Statement:
    return Statement(text, (Evidence("001", Span(start, start + 10), CitationVia.READING, 0.9),), 0.9, Mode.READING)


def test_a_list_that_is_only_counted_is_cut_after_its_first_items() -> None:
    assert counted("特色康养基地一共几处", said(BASES)).text == "21处：万州恒合、黔江三塘盖、涪陵北山等"


def test_a_list_is_kept_whole_where_each_item_may_tell_what_is_asked_besides() -> None:
    deeds = said("4件：" + "；".join(f"{place}改造{'老旧小区' * 5}{number}万平方米" for number, place in enumerate("甲乙丙丁")))
    assert counted("民生实事一共几件", deeds).text.endswith("2万平方米等")
    assert counted("民生实事一共几件，各多少万平方米", deeds) == deeds


def test_a_list_that_is_asked_for_is_kept_whole() -> None:
    assert counted("特色康养基地一共几处，分别是哪些", said(BASES)).text == BASES


def test_a_number_of_things_has_the_classifier_of_the_question() -> None:
    assert counted("有几个景区", said("12处：钓鱼城、名山、石宝寨")).text == "12个：钓鱼城、名山、石宝寨"
    assert counted("民生实事一共几件", replace(said("15条"), computed=("15",))).text == "15件"
    assert counted("三级医院有多少家", said("90所")).text == "90所"
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
    assert shortened("甲、乙、丙、丁等") == "甲、乙、丙、丁等"
    assert shortened("；".join(["长" * 30] * 4)) == "；".join(["长" * 30] * 3) + "等"


@pytest.mark.parametrize(
    ("question", "texts", "result"),
    [
        ("城镇比农村多多少元", ("城镇：43502元", "农村：18100元"), "相差25402元（43502-18100=25402元）"),
        ("两项合计多少亿元", ("一般债：3065亿元", "专项债：5545亿元"), "合计8610亿元（3065+5545=8610）"),
        ("教育和科技一共安排多少钱", ("教育：151亿元", "科技：34亿元"), "合计185亿元（151+34=185）"),
    ],
)
def test_two_figures_of_one_unit_are_worked_out(question: str, texts: tuple[str, str], result: str) -> None:
    parts = [said(text, 20 * number) for number, text in enumerate(texts)]
    assert [statement.text for statement in worked_out(question, parts)] == [result]


@pytest.mark.parametrize("question", ["教育一共安排多少钱，科技呢，多少", "失业率是约束性还是预期性", "一共安排多少钱"])
def test_nothing_is_worked_out_unasked(question: str) -> None:
    assert worked_out(question, [said("教育：151亿元"), said("科技：34亿元", 20)]) == []


def test_figures_of_different_units_are_not() -> None:
    assert not worked_out("相差多少", [said("甲：300公里"), said("乙：20万户", 20)])


def test_names_with_a_number_are_not_added_up() -> None:
    plans = said("安全生产治本攻坚三年行动、路桥隧安全整治三年行动、高标准治理城市生活污水三年行动")
    assert worked_out("叫“三年行动”的一共有几个，都是干啥的", [plans]) == []


FIELDS = "科技创新15个、年度计划投资14亿元；产业升级227个、年度计划投资781亿元；城市提升352个、年度计划投资2293亿元"
PURSES = "政府投资项目330个，年度计划投资1535亿元；企业投资项目520个，年度计划投资2035亿元"


def of_items(question: str, answer: str) -> list[str]:
    return [statement.text for statement in worked_out_of_items(question, question, said(answer))]


def test_the_items_of_a_list_that_a_question_names_are_added() -> None:
    assert of_items("科技创新加城市提升，一共多少个项目", FIELDS) == ["科技创新15个，城市提升352个，合计367个（15+352=367）"]


def test_as_many_items_as_the_question_says_are_added_of_each_unit() -> None:
    fields = "科技创新15个、14亿元；乡村振兴33个、113亿元；社会民生170个、240亿元"
    assert of_items("科技创新和乡村振兴两类一共几个、计划投多少钱", fields) == [
        "科技创新15个，乡村振兴33个，合计48个（15+33=48）",
        "科技创新14亿元，乡村振兴113亿元，合计127亿元（14+113=127）",
    ]


def test_all_items_but_those_left_out_are_added() -> None:
    assert of_items("除科技创新外，其余合计多少个", FIELDS) == ["产业升级227个，城市提升352个，合计579个（227+352=579）"]


def test_the_difference_of_two_items_is_of_what_is_asked_for() -> None:
    assert of_items("政府投资和企业投资的项目差多少亿", PURSES) == [
        "政府投资项目年度计划投资1535亿元，企业投资项目年度计划投资2035亿元，相差500亿元（2035-1535=500亿元）"
    ]
    assert of_items("城镇比农村多多少元", "全体居民33803元，城镇43502元，农村18100元") == [
        "城镇43502元，农村18100元，相差25402元（43502-18100=25402元）"
    ]


def test_things_counted_with_different_words_are_added_all_the_same() -> None:
    assert of_items("街头绿地、体育公园一共多少个", "100个街头绿地；100公里绿道；10座体育公园") == [
        "街头绿地100个，体育公园10座，合计110个（100+10=110）"
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("政府投资项目有多少个", PURSES),
        ("乡村振兴加社会民生一共多少个", FIELDS),
        ("城镇比农村多多少元", "25402元（城镇43502元减农村18100元）"),
        ("2021年离2025年还差多少", "2021年13967.7亿元，2025年力争1.55万亿元，还差1532.3亿元"),
    ],
)
def test_nothing_is_worked_out_of_items_that_are_not_named_or_of_a_result(question: str, answer: str) -> None:
    assert of_items(question, answer) == []


def test_one_result_is_asked_for_or_none() -> None:
    assert asks_to_work_out("两项加起来多少")
    assert asks_to_work_out("城镇比农村多多少元")
    assert not asks_to_work_out("跑着的加上在修的，各要超过多少公里")
    assert not asks_to_work_out("财政补助占比多少，一共多少")
    assert not asks_to_work_out("2021年收入多少")


def test_an_answer_gives_the_result_of_the_kind_and_the_unit_that_are_asked_for() -> None:
    assert gives_result("城镇比农村多多少元", "城镇比农村多多少元", "25402元（43502元减18100元）")
    assert gives_result("三样加起来多少个", "三样加起来多少个", "115个（5个未来工厂、10个智能工厂、100个数字化车间）")
    assert not gives_result("现在一共几家", "现在一共几家", "36家（39家减3家）")
    assert not gives_result("一共几家单位", "一共几家单位", "10.7亿元（7.3亿元+3.4亿元）")
    assert not gives_result("城镇比农村多多少元", "城镇比农村多多少元", "城镇43502元，农村18100元")


def test_nothing_lies_a_certain_amount_from_a_bound() -> None:
    question = "21年和23年的粮食产量差多少"
    assert of_items(question, "2021年粮食总产量1092.8万吨，2023年产量连续稳定在1050万吨以上") == []
    assert of_items("21年实际和22年目标差多少家", "2021年实际5108家，2022年目标5500家以上") != []


def test_each_of_several_results_is_given_or_none() -> None:
    question = "甲比乙多几个项目、多投多少钱"
    assert results_asked(question) == 2
    assert gives_results(question, question, "多125个、多1512亿元（甲352个、2293亿元，乙227个、781亿元）")
    assert gives_results(question, question, "多125个（352个减227个），多1512亿元（2293亿元减781亿元）")
    assert not gives_results(question, question, "多125个（352个减227个）")
    assert results_asked("2021年和2022年的结余各多少，差多少") == 1
    assert results_told("国家（地区）多13个（107个增至120个），港口多175个（315个增至490个）") == 2


def test_a_result_of_more_than_what_is_named_is_not_the_one_asked_for() -> None:
    answer = "914亿元（教育141亿元、社会保障589亿元、卫生健康184亿元）"
    question = "教育和卫生健康加起来多少亿元"
    assert not gives_result(question, question, answer)
    assert gives_result("教育、社会保障、卫生健康加起来多少亿元", "教育、社会保障、卫生健康加起来多少亿元", answer)
    assert of_items(question, answer) == ["教育141亿元，卫生健康184亿元，合计325亿元（141+184=325）"]


def test_a_sum_is_of_all_that_is_named_or_none() -> None:
    assert of_items("示范区、融合产业园、现代产业园总共几个", "共8个：3个农业示范区、3个融合发展园、2个现代产业园") == []


def test_what_is_compared_stands_in_the_clause_that_compares() -> None:
    answer = "新增债券558亿元，用于市级重大项目166亿元、区县项目392亿元"
    assert of_items("准备发的新增债券，区县项目比市级重大项目多多少亿元", answer) == [
        "用于市级重大项目166亿元，区县项目392亿元，相差226亿元（392-166=226亿元）"
    ]


def test_one_figure_found_twice_is_not_added_to_itself() -> None:
    assert worked_out("建成的加上开工的有几座", [said("建成的：7座"), said("开工的：7座", 100)]) == []


def test_an_amount_is_known_when_it_is_rounded() -> None:
    assert rounds("2021年实际3.69万家", "36939家")
    assert not rounds("2021年实际3.69万家", "36939人")
    assert not rounds("2021年实际3.69万家", "3.5万家")


def test_scales_are_worked_with_in_the_finer_one() -> None:
    evidence = said("").evidence[0]
    told = difference([("2021年实际", "13967.7亿元", evidence), ("2025年目标", "1.55万亿元", evidence)])
    assert told
    assert told.text == "2025年目标比2021年实际多1532.3亿元（15500-13967.7=1532.3亿元）"


def test_items_of_different_years_are_told_apart_by_these() -> None:
    answer = "2021年增长19.4%，2023年增长21.8%，2024年目标增长12.5%"
    assert of_items("23年的涨幅跟24年定的差几个百分点", answer) == ["2023年增长21.8%，2024年目标增长12.5%，低9.3个百分点（21.8-12.5=9.3%）"]


def test_each_side_of_a_comparison_is_the_item_that_shares_most_with_it() -> None:
    answer = "共1100亿元；新增债券558亿元，用于市级重大项目建设166亿元、区县政府投资项目建设392亿元"
    assert of_items("新增债券里，区县用的比市级重大项目用的多多少亿", answer) == [
        "用于市级重大项目建设166亿元，区县政府投资项目建设392亿元，相差226亿元（392-166=226亿元）"
    ]
    assert of_items("甲用的比乙用的多多少亿", answer) == []


@pytest.mark.parametrize(
    ("question", "text", "result"),
    [
        ("教育支出比科技支出多多少", "185亿元（151亿元+34亿元）", "相差117亿元（151-34=117亿元）"),
        ("企业和政府投资一共多少", "1395亿元（2744亿元减1349亿元）", "合计4093亿元（2744+1349=4093）"),
        ("两项总共多少，差多少", "262个（164个+98个）", "262个（164个+98个），相差66个（164-98=66个）"),
        ("总共少多少", "专项少146亿元（335亿元减189亿元）", "专项少146亿元（335亿元减189亿元）"),
        ("教育和科技支出合计多少", "185亿元（151亿元+34亿元）", "185亿元（151亿元+34亿元）"),
        ("三项比去年多多少", "60个（10个+20个+30个）", "60个（10个+20个+30个）"),
        ("教育支出是多少", "185亿元（151亿元+34亿元）", "185亿元（151亿元+34亿元）"),
    ],
)
def test_a_sum_is_told_as_a_difference_where_that_is_asked_and_the_other_way_round(question: str, text: str, result: str) -> None:
    assert "，".join(statement.text for statement in recast(question, said(text))) == result


def test_a_sum_is_not_the_difference_that_is_asked_for() -> None:
    assert not gives_result("智能工厂和数字化车间差几个", "智能工厂和数字化车间差几个", "253个（38个+215个）")


@pytest.mark.parametrize(
    ("question", "text", "result"),
    [
        ("通车多少公里，离850还差多少", "417公里", "离850公里还差433公里（850-417=433公里）"),
        ("2023年有多少家，离1万家还差多少", "7565家", "离10000家还差2435家（10000-7565=2435家）"),
        ("2021年多少公里，离2025年的要求还差多远", "合计1768公里；2025年目标超过2000公里", "离2000公里还差232公里（2000-1768=232公里）"),
        ("通车多少公里，离400还差多少", "417公里", ""),
        ("离1万人还差多少", "7565家", ""),
        ("通车多少公里", "417公里", ""),
        ("2021年GDP离3万亿还差多少", "27894亿元", "离30000亿元还差2106亿元（30000-27894=2106亿元）"),
        ("差多少，离5座还差几座", "0座", "离5座还差5座（5-0=5座）"),
    ],
)
def test_what_is_missing_of_a_goal_is_worked_out(question: str, text: str, result: str) -> None:
    assert "".join(statement.text for statement in still_missing(question, said(text))) == result


def test_what_is_asked_beside_a_goal_stands_alone() -> None:
    assert without_goal("2021年通车里程离850公里还差多少") == "2021年通车里程是多少"
    assert without_goal("有多少家高企，离1万家还差多少？") == "有多少家高企"
    assert without_goal("离2025年的目标还差多少") == ""
    assert without_goal("离25年的目标还差多少") == ""
    assert without_goal("有多少家高企") == ""


def test_of_an_answer_to_several_questions_not_everything_is_added() -> None:
    assert worked_out("五年加起来，上一个五年多少，下一个多少", [said("上一个五年523.8亿美元，2020年102.7亿美元")]) == []


@pytest.mark.parametrize(
    ("question", "indicator", "target", "actual", "said"),
    [
        ("2021年民营经济占比达到目标没有", "民营经济占比", "60%以上", "59.6%", "没有达到"),
        ("进出口完成年初定的目标了吗", "进出口总值增长率", "5%", "22.8%", "完成了"),
        ("研发强度超过目标了没", "研发投入强度", "2.21%", "2.21%", "没有超过"),
        ("失业率达到预期目标了吗", "城镇调查失业率", "5.5%左右", "5.2%", "达到了"),
        ("能耗控制目标完成没有", "能耗", "3万吨以内", "3.2万吨", "没有完成"),
        ("物价涨幅目标完成了吗", "居民消费价格涨幅", "3.2%", "0.3%", "完成了"),
    ],
)
def test_a_target_is_told_as_met_or_missed(question: str, indicator: str, target: str, actual: str, said: str) -> None:
    assert whether_met(question, indicator, target, actual) == said


@pytest.mark.parametrize(
    ("question", "target", "actual"),
    [
        ("民营经济占比的目标和实际各是多少", "60%以上", "59.6%"),
        ("新增就业完成目标了吗", "60万人左右", "59.8万人"),
        ("投资完成目标了吗", "6%", "2285亿元"),
        ("服务贸易完成目标了吗", "由负转正", "转正"),
    ],
)
def test_nothing_is_told_of_a_target_where_that_is_not_asked_or_does_not_follow(question: str, target: str, actual: str) -> None:
    assert whether_met(question, "指标", target, actual) == ""


def test_the_amounts_of_two_things_are_not_set_against_each_other_where_one_is_asked_for() -> None:
    both = said("高铁1100公里、高速公路4500公里")
    assert worked_out("2024年高铁通车里程比2025年规划少多少", [both]) == []
    assert worked_out("高铁比高速公路少多少公里", [both])[0].text.startswith("相差3400公里")


def test_items_of_one_unit_are_added_in_the_largest_of_their_scales() -> None:
    answer = "海内外高层次人才1000名、产业急需紧缺高端人才3000名、优秀青年人才2.5万名"
    told = of_items("三档人才：海内外高层次、紧缺高端、优秀青年，合起来多少人", answer)
    assert [text.rpartition("，")[2] for text in told] == ["合计2.9万名（0.1+0.3+2.5=2.9）"]


def test_no_more_and_no_fewer_items_are_added_than_a_question_says_there_are() -> None:
    answer = "城市提升最多，2132亿元；生态能源最少，221亿元"
    assert of_items("产业提升跟城市提升两个板块加起来投了多少", answer) in (
        [],
        ["城市提升最2132亿元，生态能源最少221亿元，合计2353亿元（2132+221=2353）"],
    )
    three = "乡村振兴242亿元，城市提升2132亿元，社会民生235亿元"
    assert of_items("乡村振兴和城市提升这三个板块加起来投了多少", three)[0].endswith("合计2609亿元（242+2132+235=2609）")
    assert of_items("乡村振兴这两个板块加起来投了多少", three) == []


def test_a_whole_is_not_added_to_its_parts() -> None:
    whole = "全市1457亿元，其中市级273亿元，区县1184亿元"
    assert worked_out("全市2021年政府债务还本付息一共多少", [said(whole)]) == []
    assert of_items("全市、市级、区县一共多少", whole) == []


def test_an_item_is_known_by_its_short_form() -> None:
    budget = "教育支出151亿元；科学技术支出34亿元；卫生健康支出194亿元"
    assert of_items("教育和科技一共安排多少钱", budget) == ["教育支出151亿元，科学技术支出34亿元，合计185亿元（151+34=185）"]


def test_an_item_of_another_year_is_not_what_a_side_names() -> None:
    trains = "2021年开行超过4800班，2025年重庆班列年开行力争超过3000班"
    assert of_items("2023年班列开行量比2021年多多少班", trains) == []


def test_a_difference_is_said_briefly_in_the_place_of_the_values() -> None:
    values = [("2021年实际", "118家", said("").evidence[0]), ("2022年目标", "140家", said("").evidence[0])]
    told = difference(values, briefly=True)
    assert told is not None
    assert told.text == "2022年目标比2021年实际多22家（140家、118家，140-118=22家）"


def test_values_of_one_unit_are_added_and_others_are_not() -> None:
    evidence = said("").evidence[0]
    told = total([("2023年实际", "4534万平方米", evidence), ("2024年目标", "4186万平方米", evidence)])
    assert told is not None
    assert told.text == "合计8720万平方米（4534+4186=8720）"
    assert total([("2023年实际", "4534万平方米", evidence), ("2024年目标", "15个", evidence)]) is None


def test_amounts_of_one_unit_are_compared_whatever_their_scale() -> None:
    values = [("2021年实际", "36939家", said("").evidence[0]), ("2023年实际", "5.85万家", said("").evidence[0])]
    told = difference(values)
    assert told is not None
    assert told.text == "2023年实际比2021年实际多21561家（58500-36939=21561家）"
