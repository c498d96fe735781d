"""Answers worked out over the tasks: held against counts over the records themselves."""

from collections import Counter

import pytest

from corpus.tasks import read_tasks
from rag.assistant import Assistant
from rag.tasks import Tasks


def led_by(assistant: Assistant, unit: str) -> list[int]:
    return [task.number for task in assistant.tasks(unit=unit, role="lead")]


def test_counts_are_those_of_the_records(assistant: Assistant) -> None:
    lead, helping = led_by(assistant, "市教委"), assistant.tasks(unit="市教委", role="cooperate")
    answer = assistant.ask("市教委牵头和配合的任务加起来几项").answer
    assert f"牵头{len(lead)}项" in answer
    assert f"合计{len(lead) + len(helping)}项" in answer


def test_the_unit_with_most_tasks_is_named(assistant: Assistant) -> None:
    counts = Counter(unit.split("(")[0].split("（")[0] for task in assistant.tasks() for unit in task.lead_units)
    unit, count = counts.most_common(1)[0]
    assert assistant.ask("哪个单位牵头的任务最多").answer.startswith(f"牵头任务最多的是{unit}，{count}项")


def test_shared_tasks_are_those_led_by_both(assistant: Assistant) -> None:
    both = sorted(set(led_by(assistant, "市科技局")) & set(led_by(assistant, "市教委")))
    answer = assistant.ask("市科技局和市教委共同牵头的任务有几项").answer
    assert f"共{len(both)}项" in answer
    assert "、".join(str(number) for number in both) in answer


def test_together_may_be_said_in_other_words(assistant: Assistant) -> None:
    answer = assistant.ask("扶贫办跟农业农村委一道当责任单位的任务有几项？报编号").answer
    assert "共3项（第34、277、281项）" in answer


def test_units_that_share_no_task_are_told_so_beside_a_task_of_the_first(assistant: Assistant) -> None:
    assert not set(led_by(assistant, "市公安局")) & set(led_by(assistant, "市审计局"))
    answer = assistant.ask("市公安局和市审计局共同牵头的任务有几项？")
    assert answer.answer.startswith("分解方案中没有市公安局、市审计局共同牵头的任务")
    assert [citation.document_id for citation in answer.citations] == ["000"]


def test_tasks_shared_with_a_unit_that_has_none_are_not_those_of_the_other(assistant: Assistant) -> None:
    assert assistant.ask("市总工会和市科技局一起牵头哪几项任务").abstained


def test_tasks_led_alone_and_without_help_are_counted_apart(assistant: Assistant) -> None:
    alone = [t for t in assistant.tasks(unit="市教委", role="lead") if t.lead_units == ("市教委",) and not t.cooperating_units]
    for asked in ("市教委单独牵头、没有配合单位的任务有几项", "456项里头，教委一家单干、连配合单位都没写的有几项"):
        assert f"市教委单独牵头、没有配合单位的任务共{len(alone)}项" in assistant.ask(asked).answer


def test_a_task_is_told_by_its_place_in_the_list(assistant: Assistant) -> None:
    task = assistant.tasks()[-1]
    last = assistant.ask("456项里最后一项的责任单位都有谁").answer
    assert f"第{task.number}项" in last
    assert all(unit in last for unit in task.lead_units)
    both = assistant.ask("任务表排257号的是什么事，责任单位是谁").answer
    assert "离岸账户体系" in both
    assert "人行重庆营管部" in both


def test_a_task_of_the_breakdown_is_told_by_its_number_with_its_matter(assistant: Assistant) -> None:
    answer = assistant.ask("分解方案第122条写的啥指标、多少、归哪家？").answer
    assert "第122项：城镇调查失业率5.5%左右" in answer
    assert "市人力社保局" in answer


def test_a_matter_is_known_by_the_clause_that_names_it(assistant: Assistant) -> None:
    answer = assistant.ask("规划要求第一产业增加值年均增长4%以上，2021年分任务的时候这条压给了谁？").answer
    assert "第35项" in answer
    assert "市农业农村委" in answer
    both = assistant.ask("“五长制”示范道路那个活儿，2021年派给谁了？要弄多少条？").answer
    assert "70条" in both
    assert "市城市管理局" in both


def test_a_unit_that_only_speaks_need_not_be_named_by_what_answers(assistant: Assistant) -> None:
    answer = assistant.ask("财政局说2022年要抓五项工作，是哪五项？").answer
    assert all(work in answer for work in ("抓开源", "保重点", "控支出", "提效能", "稳运行"))


def test_the_first_task_and_the_last_are_told_together(assistant: Assistant) -> None:
    answer = assistant.ask("456项里头一项和最后一项各归谁").answer
    assert [line.split("项")[0] for line in answer.split("\n")] == ["第1", f"第{assistant.tasks()[-1].number}"]


def test_a_task_is_the_one_with_the_figure_that_is_named(assistant: Assistant) -> None:
    assert "57%" in assistant.ask("森林覆盖率做到57%、弄两岸青山千里林带，2021年分解方案里这事谁挑头").answer
    assert "30万亩" in assistant.ask("两岸青山千里林带搞30万亩，2021年分解方案里这事谁挑头").answer


def test_an_office_is_known_by_what_it_sees_to(assistant: Assistant) -> None:
    led = assistant.tasks(unit="市水利局", role="lead")
    alone = [task for task in led if task.lead_units == ("市水利局",)]
    answer = assistant.ask("管水的那个局，在456项里当责任单位的数得出几项？其中责任单位只写了它一家的有几项？").answer
    assert f"市水利局牵头{len(led)}项" in answer
    assert f"市水利局单独牵头{len(alone)}项" in answer


def test_alone_or_with_others_is_no_restriction(assistant: Assistant) -> None:
    answer = assistant.ask("2021年任务书里，扶贫办打头（单独或合着）的有多少条？").answer
    assert f"市扶贫办牵头{len(led_by(assistant, '市扶贫办'))}项" in answer


@pytest.mark.parametrize("question", ["“十四五”末公办园在园幼儿占比要达到55%，责任落在谁身上？", "公办园占比到55%这个目标压给了谁"])
def test_who_bears_a_task_may_be_asked_in_everyday_words(assistant: Assistant, question: str) -> None:
    assert "市教委、各区县政府" in assistant.ask(question).answer


def test_what_a_later_clause_narrows_is_said(assistant: Assistant) -> None:
    unaided = [task for task in assistant.tasks(unit="市教委", role="lead") if not task.cooperating_units]
    answer = assistant.ask("市教委牵头几项？其中不需要配合单位的几项").answer
    assert f"市教委牵头{len(led_by(assistant, '市教委'))}项" in answer
    assert f"市教委牵头、没有配合单位的任务共{len(unaided)}项" in answer


def test_what_of_the_other_role_asks_as_the_clause_before(assistant: Assistant) -> None:
    helped = assistant.tasks(unit="市教委", role="cooperate")
    answer = assistant.ask("市教委牵头的任务有几项，配合的呢").answer
    assert f"市教委牵头{len(led_by(assistant, '市教委'))}项" in answer
    assert f"市教委配合{len(helped)}项" in answer


def test_a_later_clause_may_name_a_unit_that_joins_the_first(assistant: Assistant) -> None:
    both = set(led_by(assistant, "市科技局")) & set(led_by(assistant, "市教委"))
    assert f"共同牵头的任务共{len(both)}项" in assistant.ask("市科技局牵头多少项，其中和市教委一起的是哪几项").answer


def test_how_many_and_which_are_answered_once(assistant: Assistant) -> None:
    answer = assistant.ask("巴南区政府牵头哪几项，一共几个").answer
    assert answer.count("牵头") == 1
    assert "137." in answer


def test_a_unit_is_known_by_its_everyday_name(assistant: Assistant) -> None:
    assert assistant.ask("教委牵头几项任务").answer == assistant.ask("市教委牵头几项任务").answer


@pytest.mark.parametrize("question", ["市总工会在任务分解里配合哪几项", "统计局牵头的是哪几项", "市气象局牵头哪几项任务"])
def test_a_unit_without_tasks_has_no_answer(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).abstained


def test_an_institute_that_is_built_is_no_unit_of_government(assistant: Assistant) -> None:
    assert "重庆高新区管委会、巴南区政府" in assistant.ask("国际免疫研究院、高端数控机床研究院的建设找谁").answer
    assert assistant.ask("市统计局在456项里牵头什么任务").abstained


def test_a_later_clause_keeps_what_it_does_not_name_anew(assistant: Assistant) -> None:
    section = "(九)切实保障和改善民生"
    lead = led_by(assistant, "市民政局")
    inside = [task.number for task in assistant.tasks(unit="市民政局", role="lead") if section in task.heading_path]
    answer = assistant.ask("市民政局牵头几项任务？其中保障和改善民生那一节有几项？").answer
    assert f"市民政局牵头{len(lead)}项" in answer
    assert f"牵头{len(inside)}项" in answer.split("\n")[1]


def test_tasks_are_counted_within_a_range_and_the_rest_of_it(assistant: Assistant) -> None:
    inside = [number for number in led_by(assistant, "市农业农村委") if 280 <= number <= 300]
    answer = assistant.ask("第280到300项任务中市农业农村委牵头的有几项，其余有几项").answer
    assert f"牵头{len(inside)}项" in answer
    assert f"其余{21 - len(inside)}项" in answer


def test_a_list_is_asked_for_without_a_question_word(assistant: Assistant) -> None:
    assert assistant.ask("市教委和市科技局共同牵头的任务").answer == assistant.ask("市教委和市科技局共同牵头的任务有哪些").answer


def test_sections_are_counted_one_by_one(assistant: Assistant) -> None:
    answer = assistant.ask("分解方案里“2021年主要预期目标”有几项，“政府自身建设”又有几项？").answer
    assert "共9项（第117项至第125项）" in answer
    assert "共19项（第438项至第456项）" in answer


def test_each_sentence_that_asks_who_leads_has_its_task(assistant: Assistant) -> None:
    first, second = assistant.ask("入境人员闭环管理由哪两家主责？冷链食品闭环又归谁？").answer.split("\n")
    assert "市政府外办、市委政法委" in first
    assert "市市场监管局" in second
    one = assistant.ask("缙云山自然保护区治理成果2021年谁负责？涉及哪几个区政府配合？").answer
    assert one.count("项“") == 1
    assert "市林业局" in one
    assert "北碚区政府" in one


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("从陕西拉煤进来归哪家，渝西铺输气管道又归哪家？", ["市经济信息委", "市能源局"]),
        ("垃圾分类和双城圈“无废城市”，是不是一家管的？", ["市城市管理局", "市生态环境局"]),
    ],
)
def test_each_of_two_matters_has_its_task(assistant: Assistant, question: str, units: list[str]) -> None:
    answer = assistant.ask(question).answer
    assert [unit for unit in units if unit not in answer] == []


def test_the_units_of_a_task_are_counted(assistant: Assistant) -> None:
    answer = assistant.ask("第四届中新金融峰会，打配合的有多少家，里面区政府占几个？").answer
    assert "配合单位共11家" in answer
    assert "区政府4家" in answer


def test_who_is_at_work_on_a_matter_asks_for_a_unit(assistant: Assistant) -> None:
    assert "第86项" in assistant.ask("长江禁渔任务谁在管").answer


def test_a_matter_far_from_every_task_has_none(assistant: Assistant) -> None:
    assert "项“" not in assistant.ask("我们哪家民宿评上了全国第一批甲级，归谁管").answer


def test_what_all_units_must_do_does_not_ask_for_a_unit(assistant: Assistant) -> None:
    assert "定量化" in assistant.ask("分解方案要求各责任单位细化任务时按什么“三化”原则？").answer


def test_the_section_with_most_tasks_is_named(assistant: Assistant) -> None:
    counts = Counter(task.heading_path[1] for task in assistant.tasks() if task.heading_path[0].startswith("三、"))
    section, count = counts.most_common(1)[0]
    answer = assistant.ask("2021年重点工作里哪一节的任务最多").answer
    assert section.split(")")[1] in answer
    assert f"{count}项" in answer


def test_a_task_is_cut_short_where_a_clause_ends(assistant: Assistant) -> None:
    for task in assistant.tasks():
        answer = assistant.ask(f"第{task.number}项任务由谁牵头？") if task.number in (92, 117, 282) else None
        assert answer is None or not answer.abstained


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("规划纲要第三十章讲什么", "第三十章“健全现代文化产业体系”，分2节：第一节“推动文化产业创新发展”"),
        ("十四五规划第25章的标题是什么", "第二十五章“推动两江新区高质量发展”"),
        ("第三十九章第四节说的是什么", "第四节“健全退役军人工作体系和保障制度”"),
        ("规划第五篇的主要内容", "分3章：第十三章“积极参与国内国际双循环”"),
    ],
)
def test_a_part_named_by_its_number_is_told_with_its_own_parts(assistant: Assistant, question: str, title: str) -> None:
    answer = assistant.ask(question)
    assert title in answer.answer
    assert {citation.document_id for citation in answer.citations} == {"004"}


def test_a_part_that_is_not_there_is_not_told(assistant: Assistant) -> None:
    assert assistant.ask("第99章讲什么").abstained


def test_proposals_of_delegates_are_no_tasks(assistant: Assistant) -> None:
    assert "41件" in assistant.ask("市财政局2021年主办和协办的建议提案各有多少件").answer


def test_what_is_left_out_of_another_thing_is_no_answer(assistant: Assistant) -> None:
    assert "没有写" not in assistant.ask("2023年新能源汽车产量多少，占全国的比重多少").answer


def test_one_answer_does_not_say_both_yes_and_no(assistant: Assistant) -> None:
    assert "否" not in assistant.ask("渝昆高铁2024年通车吗").answer


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("政府工作报告里有没有提到数字重庆", None, "数字重庆"),
        ("2024年政府工作报告里有没有写到鲁渝协作的内容", "001", "鲁渝协作"),
        ("2023年有没有提到“满天星”行动计划", "001", "“满天星”行动计划"),
        ("公报有没有提到疫情", "003", "疫情"),
    ],
)
def test_where_a_thing_is_mentioned_is_said_in_the_documents_words(
    assistant: Assistant, question: str, document: str | None, words: str
) -> None:
    answer = assistant.ask(question)
    assert answer.answer.startswith("提到了：")
    assert words in answer.answer
    assert document in (None, answer.citations[0].document_id)


@pytest.mark.parametrize(
    ("question", "documents", "words"),
    [
        ("川渝高竹新区是哪一年的报告里提的？", ["002", "000", "003"], "川渝高竹新区"),
        ("哪份文件提到了“满天星”行动计划？", ["001"], "“满天星”行动计划"),
        ("遂潼一体化发展先行区最早是在哪份文件里提出的", ["002"], "遂潼一体化发展先行区"),
    ],
)
def test_which_documents_mention_a_thing_is_said_earliest_first(
    assistant: Assistant, question: str, documents: list[str], words: str
) -> None:
    answer = assistant.ask(question)
    assert [citation.document_id for citation in answer.citations] == documents
    assert all("》提到了：" in line and words in line for line in answer.answer.splitlines())


@pytest.mark.parametrize("question", ["文件里提到过元宇宙吗", "哪份文件提到了元宇宙"])
def test_what_no_document_mentions_is_not_made_up(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).abstained


def test_a_rate_is_not_answered_with_an_amount(assistant: Assistant) -> None:
    assert assistant.ask("2023年共建重大项目投资完成率是多少？").abstained
    assert "19万元/人" in assistant.ask("全员劳动生产率是多少？").answer


@pytest.mark.parametrize(
    ("question", "number"), [("冷链食品闭环管理是哪家的活儿？", "第428项"), ("启动八五普法，分解方案里是交给市委宣传部的吧", "第444项")]
)
def test_whose_work_a_task_is(assistant: Assistant, question: str, number: str) -> None:
    assert number in assistant.ask(question).answer


def test_tasks_on_a_matter_are_those_that_speak_of_it(assistant: Assistant) -> None:
    speaking = [task.number for task in assistant.tasks() if "数字经济" in task.text]
    answer = assistant.ask("涉及数字经济的任务有哪些").answer
    assert answer.startswith(f"提到“数字经济”的任务共{len(speaking)}项：")
    assert all(f"{number}." in answer for number in speaking)
    (led,) = [task for task in assistant.tasks(unit="市农业农村委", role="lead") if "种业" in task.text]
    assert f"牵头1项：{led.number}." in assistant.ask("市农业农村委牵头的任务里和种业有关的是哪项").answer
    assert assistant.ask("2024年涉及数字经济的任务有哪些").citations[0].document_id != "000"


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("陕西的煤往重庆多拉点这件事谁挑头，哪些部门搭把手", ["第336项", "市经济信息委", "市发展改革委、市能源局、市交通局"]),
        ("米袋子和菜篮子在十四五规划里各由谁负责", ["“米袋子”党政同责", "“菜篮子”市长负责制"]),
        ("五类国家物流枢纽各落在哪些地方", ["两江新区", "沙坪坝、江津、北碚", "万州、涪陵、长寿", "巴南、秀山"]),
        ("江北机场跟国外哪家机场结对子", ["樟宜机场"]),
    ],
)
def test_who_is_responsible_is_told_by_the_task_that_a_reading_quotes_or_by_the_reading(
    assistant: Assistant, question: str, says: list[str]
) -> None:
    answer = assistant.ask(question).answer
    assert all(words in answer for words in says)


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("让陕西的煤多进来、让新疆的电送过来，这两件事分别是谁负责", ["第336项", "第337项"]),
        ("健全事前评估事后评价那条，哪几家是责任单位；盯考核体系的又是谁", ["第445项", "第455项"]),
        ("科学城“五区联动”那个协同机制21年是哪些单位负责？", ["第134项"]),
        ("中新航空产业园、中新金融科技合作示范区项目的责任单位和配合单位分别是谁？", ["第255项", "配合单位：市金融监管局"]),
    ],
)
def test_who_leads_each_of_two_matters(assistant: Assistant, question: str, numbers: list[str]) -> None:
    answer = assistant.ask(question).answer
    assert all(number in answer for number in numbers)


def test_a_task_is_found_by_a_character_of_it() -> None:
    text = "前言。\n1.甲事项。责任单位：市甲局。\n2.丙事项。责任单位：市丙局。"
    first, second = read_tasks(text, "x")
    tasks = Tasks((second, first))
    assert tasks.at("x", first.span.start) == first
    assert tasks.at("x", second.span.end - 1) == second
    assert tasks.at("x", 0) is None
    assert tasks.at("x", second.span.end) is None
    assert tasks.at("y", first.span.start) is None
