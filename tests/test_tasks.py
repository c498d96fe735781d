"""Tasks of the task breakdown (document 000), checked against its text, and of breakdowns made up here."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

import corpus
from corpus.tasks import read_tasks
from corpus.types import Task

DOCUMENTS = Path(corpus.__file__).parent / "documents"


def stored(prefix: str) -> str:
    return next(DOCUMENTS.glob(f"{prefix}_*.txt")).read_text(encoding="utf-8")


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def text() -> str:
    return stored("000")


@pytest.fixture(scope="module")
def tasks(text: str) -> tuple[Task, ...]:
    return read_tasks(text, "000")


# Number: (words, lead units, cooperating units); 等 behind a list opens it. Copied from the document by eye.
BY_HAND = {
    1: (
        "以西部(重庆)科学城为主引擎，联动两江协同创新区发展，引导高新区、经开区和各类产业园区创新转型。",
        "市发展改革委、市科技局、重庆高新区管委会、两江新区管委会",
        "市经济信息委、市商务委、重庆经开区管委会、市科协等",
    ),
    4: ("新型研发机构达到300家。", "市科技局", "市经济信息委、有关区县政府"),
    5: ("高新技术企业突破8000家。科技型企业超过4.5万家。", "市科技局", "市国资委、市经济信息委等"),
    7: (
        "深入实施重庆英才计划。",
        "市委组织部、市人力社保局、市科技局",
        "市委宣传部、市教委、市民政局、市经济信息委、市农业农村委、市文化旅游委、市卫生健康委、市国资委、市金融监管局、市工商联、市科协",
    ),
    8: (
        "健全创新激励政策和科技成果转移转化应用体系。",
        "市科技局",
        "市发展改革委、市经济信息委、市教委、市财政局、市人力社保局、市住房城乡建委等",
    ),
    16: (
        "深入推动公共服务共建共享。",
        "市发展改革委、市教委、市科技局、市文化旅游委、市卫生健康委、市体育局等、各区县政府",
        "",
    ),
    28: (
        "把保障粮食安全作为首要任务。",
        "市发展改革委(市粮食局)、市农业农村委",
        "市粮食安全行政首长责任制考核领导小组成员单位",
    ),
    34: ("实现巩固拓展脱贫攻坚成果同乡村振兴有效衔接。", "市扶贫办、市农业农村委", "市级有关部门和单位"),
    35: ("力争第一产业增加值年均增长4%以上，农产品加工产值与农业总产值之比达到2∶1。", "市农业农村委、有关区县政府", ""),
    40: (
        "持续实施“850+”城市轨道交通成网计划，着力构建多层次轨道交通网。",
        "市住房城乡建委、市发展改革委",
        "市规划自然资源局、市生态环境局等",
    ),
    47: (
        "实施城市更新行动，强化“两江四岸”主轴功能，做靓长嘉汇、广阳岛、科学城、枢纽港、智慧园、艺术湾等城市新名片。",
        "市规划自然资源局、市住房城乡建委",
        "市发展改革委、广阳岛片区领导小组办公室(广阳岛绿色发展公司)、重庆高新区管委会、市交通局、市城市管理局、两江新区管委会、市文化旅游委、有关区政府",
    ),
    49: (
        "加快补齐区县城基础设施和公共服务短板，提升城市功能品质和综合承载力。",
        "市发展改革委、市住房城乡建委、各区县政府",
        "市规划自然资源局、市城市管理局、市交通局、市水利局、市教委、市卫生健康委、市体育局等",
    ),
    50: (
        "提高城市治理水平，深化大城细管、大城众管、大城智管，构建适应超大城市治理的法规和标准体系。",
        "市城市管理局",
        "市城市综合管理工作领导小组成员单位",
    ),
    51: (
        "健全“马路办公”长效机制，推进城市建成区数字化管理全覆盖。",
        "市城市管理局",
        "市公安局、两江新区管委会、重庆高新区管委会、各区县政府",
    ),
    53: (
        "提升人行道、边角地、坡坎崖等市民身边空间品质，打造“近者悦、远者来”的美好城市。",
        "市城市管理局、市规划自然资源局",
        "市住房城乡建委、各区县政府",
    ),
    54: (
        "建立健全城乡融合发展的体制机制和政策体系，建设国家城乡融合发展试验区和市级先行示范区，"
        "推动形成工农互促、城乡互补、协调发展、共同繁荣的新型工农城乡关系。",
        "市发展改革委",
        "市规划自然资源局、市经济信息委、市住房城乡建委、市农业农村委等",
    ),
    64: (
        "加强知识产权保护。",
        "市知识产权局",
        "市委宣传部(市版权局)、市市场监管局、市农业农村委、市文化旅游委、市公安局、市林业局、重庆海关等",
    ),
    73: (
        "壮大开放型产业集群。",
        "市商务委",
        "市经济信息委、市发展改革委、市科技局、市农业农村委、市商务委、市文化旅游委、市金融监管局、市政府口岸物流办、市招商投资局等",
    ),
    96: (
        "“十四五”末公办园在园幼儿占比、义务教育集团化办学覆盖率和高等教育毛入学率分别达到55%、70%、60%，高校理工农医类专业在校学生占比提高到60%。",
        "市教委、各区县政府",
        "",
    ),
    106: ("加强国家安全体系和能力建设。", "市委国安委(市委国安办)", ""),
    111: (
        "做好战略物资储备，妥善应对各类风险挑战，增强生存力、竞争力、发展力、持续力。",
        "市商务委、市发展改革委(市粮食局、市能源局)、市应急局、市卫生健康委、市经济信息委等",
        "",
    ),
    115: (
        "抓好矿山、交通、危化品、建设施工、食品药品、特种设备、高层建筑消防等重点领域安全管理，坚决遏制重特大生产安全事故。",
        "市安委办、市食药安办",
        "市安委会成员单位、市食药安委成员单位、各区县政府",
    ),
    116: (
        "健全社会治安防控体系，深化平安创建“十百千”工程，推动扫黑除恶长效常治，确保人民安居乐业、社会安定有序。",
        "市公安局、市委政法委",
        "平安重庆建设领导小组社会治安组成员单位、市扫黑除恶专项斗争领导小组成员单位",
    ),
    118: (
        "固定资产投资增长6%。",
        "市发展改革委、市经济信息委、市交通局、市住房城乡建委、市水利局、市农业农村委等",
        "市财政局",
    ),
    122: ("城镇调查失业率5.5%左右。", "市人力社保局", ""),
    126: (
        "紧扣“五个科学”“五个科技”，实施“金凤凰”人才支持政策。",
        "重庆高新区管委会",
        "市委组织部、市人力社保局、市教委、市发展改革委、市住房城乡建委、市卫生健康委、市科技局",
    ),
    141: ("力争1—2所高校入选新一轮“双一流”建设名单。", "市教委", ""),
    150: ("有研发机构的规上工业企业占比达到30%。", "市经济信息委、市国资委", "市科技局等"),
    151: ("建立基础研究人才长期稳定支持机制，实行创新攻关“揭榜挂帅”制度。", "市科技局", "市教委、市人力社保局、市财政局"),
    164: (
        "大力推动川渝高竹新区、遂潼一体化发展先行区、明月山绿色发展示范带、泸永江融合发展示范区等平台建设。",
        "市发展改革委",
        "市规划自然资源局、市交通局、市生态环境局、市经济信息委、市财政局、市委编办等、有关区县政府",
    ),
    178: ("加快推进三一西南智能制造基地、ABB迁建等项目。", "两江新区管委会、市经济信息委", "九龙坡区政府"),
    210: (
        "全面推进“巴渝新消费”八大行动。",
        "市商务委",
        "市市场监管局、市经济信息委、市人力社保局、市财政局、市国资委、市交通局、市住房城乡建委、市教委、市文化旅游委、市体育局、市金融监管局、各区县政府",
    ),
    290: ("建设成渝现代高效特色农业带。", "市农业农村委", "市发展改革委、市科技局、市商务委、市大数据发展局、市林业局等"),
    307: (
        "深化产权制度改革，健全农村产权市场，发展新型农村集体经济，力争农村“三变”改革试点覆盖率达到20%。",
        "市农业农村委",
        "市规划自然资源局、市金融监管局等",
    ),
    311: (
        "健全国土空间规划体系。完成重庆市国土空间总体规划，编制中心城区、4个同城化发展先行区、4个支点城市、4个桥头堡城市分区规划，"
        "推进区县国土空间分区规划和总体规划编制审批。",
        "市规划自然资源局",
        "",
    ),
    325: (
        "立足“850+”，谋划“1000+”，抓好186公里续建项目建设，力争开工第四期项目198公里，通车里程达到402公里。",
        "市住房城乡建委",
        "市发展改革委、市规划自然资源局",
    ),
    375: (
        "深化落实河长制，全面推行林长制，建设“两岸青山•千里林带”30万亩，完成800平方公里水土流失和400平方公里石漠化治理。",
        "市水利局、市林业局、市发展改革委",
        "市规划自然资源局、市农业农村委等",
    ),
    378: (
        "全面推进广阳岛片区开展长江经济带绿色发展示范，加快广阳岛生态修复二期、广阳湾生态修复。",
        "广阳岛片区领导小组办公室(广阳岛绿色发展公司)",
        "广阳岛片区领导小组成员单位",
    ),
    419: ("开展村(社区)换届工作。", "市民政局、市委组织部", ""),
    437: ("完善应急预案，确保一旦发现疫情精准快速处置。", "市卫生健康委、各区县政府", "市疫情防控领导小组成员单位"),
    440: ("扎实推进中央巡视、审计反馈问题整改。", "市政府办公厅、市政府有关部门和单位、有关区县政府", ""),
    456: (
        "全市政府系统干部要发扬为民服务孺子牛、创新发展拓荒牛、艰苦奋斗老黄牛的精神，扑下身子抓落实，推动党中央决策部署落地生根，把市委要求落到实处。",
        "市政府办公厅、市政府各部门和单位、各区县政府",
        "",
    ),
}


def units(listed: str) -> tuple[tuple[str, ...], bool]:
    """Names of a list as copied; 、 inside brackets parts no names."""
    names = [name for name in re.split(r"、(?![^(]*\))", listed) if name]
    return tuple(name.removesuffix("等") for name in names), any(name.endswith("等") for name in names)


def test_the_456_tasks_are_numbered_without_a_gap(tasks: tuple[Task, ...]) -> None:
    assert [task.number for task in tasks] == list(range(1, 457))
    assert {task.document_id for task in tasks} == {"000"}


@pytest.mark.parametrize("number", BY_HAND)
def test_tasks_checked_by_hand(tasks: tuple[Task, ...], number: int) -> None:
    words, lead, cooperating = BY_HAND[number]
    task = tasks[number - 1]
    assert task.text == words
    assert (task.lead_units, task.lead_open_ended) == units(lead)
    assert (task.cooperating_units, task.open_ended) == units(cooperating)


def test_every_unit_stands_in_the_span_of_its_task(text: str, tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        stretch = squeezed(text[task.span.start : task.span.end])
        assert re.match(rf"{task.number}\.", stretch)
        assert stretch.endswith("。")
        # Nothing but numbers, words, labels, units and the marks between them is in the span.
        rest = stretch.removeprefix(f"{task.number}.").removeprefix(squeezed(task.text))
        lead, _, cooperating = rest.partition(";")
        assert re.fullmatch(r"责任单位:(.+?)。?", lead)
        assert units(lead.removeprefix("责任单位:").rstrip("。").replace("，", "、")) == (task.lead_units, task.lead_open_ended)
        if cooperating:
            listed = re.sub(r"^配合(?:单位)?:", "", cooperating).rstrip("。").replace("，", "、")
            assert units(listed) == (task.cooperating_units, task.open_ended)
        else:
            assert (task.cooperating_units, task.open_ended) == ((), False)


def test_units_are_clean(tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        assert task.lead_units
        for unit in (*task.lead_units, *task.cooperating_units):
            assert 3 <= len(unit) <= 25, (task.number, unit)
            assert re.fullmatch(r"[\u4e00-\u9fff]+(?:\([\u4e00-\u9fff、]+\))?", unit), (task.number, unit)
            assert not unit.endswith("等")


def test_the_words_are_the_stored_ones_without_white_space(text: str, tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        assert squeezed(text[task.text_span.start : task.text_span.end]) == squeezed(task.text)
        assert task.text.endswith("。")
        assert task.span.start < task.text_span.start < task.text_span.end < task.span.end
        assert "单位:" not in squeezed(task.text)


def test_only_headings_stand_between_tasks(text: str, tasks: tuple[Task, ...]) -> None:
    between = {}
    for before, after in pairwise(tasks):
        assert before.span.end <= after.span.start
        gap = squeezed(text[before.span.end : after.span.start])
        if gap:
            between[after.number] = gap
        else:
            assert before.heading_path == after.heading_path
    assert set(between) == {11, 19, 22, 28, 55, 67, 75, 84, 92, 106, 117, 126, 160, 170, 222, 246, 275, 311, 370, 388, 426, 438}
    for number, gap in between.items():
        assert squeezed(tasks[number - 1].heading_path[-1]) in gap
    assert text[tasks[-1].span.end :].strip() == ""


def test_heading_paths(tasks: tuple[Task, ...]) -> None:
    plan, goals, work, government = "一、“十四五”时期重点工作", "二、2021年主要预期目标", "三、2021年重点工作", "四、切实加强政府自身建设"
    assert tasks[0].heading_path == (plan, "(一)坚持创新驱动发展，加快建设具有全国影响力的科技创新中心")
    assert tasks[53].heading_path == (plan, "(五)统筹乡村振兴和城市提升，推动城乡融合发展")
    assert tasks[54].heading_path == (plan, "(六)在更高起点推进全面深化改革，构建高水平社会主义市场经济体制")
    assert tasks[105].heading_path == (plan, "(十一)统筹发展与安全，守住安全发展底线")
    assert tasks[116].heading_path == tasks[124].heading_path == (goals,)
    assert tasks[125].heading_path == (work, "(一)更大力度推进科技创新")
    assert tasks[436].heading_path == (work, "(十)毫不放松抓好常态化疫情防控")
    assert tasks[437].heading_path == tasks[455].heading_path == (government,)
    assert len({task.heading_path for task in tasks}) == 11 + 1 + 10 + 1


@pytest.mark.parametrize("prefix", ["001", "002", "003", "004"])
def test_a_document_without_labels_has_no_tasks(prefix: str) -> None:
    assert read_tasks(stored(prefix), prefix) == ()


def test_another_breakdown() -> None:
    text = """某区2023年重点任务分解表
各单位要做到：
1.加强领导。
2.按月报送。
一、产业发展
（一）工业提质。推动升级。
1．新建厂房12.5万平方米，产值增长
8%以上。责任单位：区经济信息委（区中小企业局、区招商局）、
区财政局；配合单位：各镇街、高新区管委会等。2. 5G基站达到300个。责任单位：区大数据局
（二）农业增效。
3、建设高标准农田2.3万亩。
责任单位：区农业农村委，区水利局等；配合：区财政局
二、民生保障
4.稳岗就业。责任单位：区人力社保局；配 合 单位：区教委、区民
政局。
"""
    tasks = read_tasks(text, "x")
    assert [task.number for task in tasks] == [1, 2, 3, 4]
    assert [task.text for task in tasks] == [
        "新建厂房12.5万平方米，产值增长8%以上。",
        "5G基站达到300个。",
        "建设高标准农田2.3万亩。",
        "稳岗就业。",
    ]
    assert [task.lead_units for task in tasks] == [
        ("区经济信息委（区中小企业局、区招商局）", "区财政局"),
        ("区大数据局",),
        ("区农业农村委", "区水利局"),
        ("区人力社保局",),
    ]
    assert [task.cooperating_units for task in tasks] == [("各镇街", "高新区管委会"), (), ("区财政局",), ("区教委", "区民政局")]
    assert [(task.lead_open_ended, task.open_ended) for task in tasks] == [(False, True), (False, False), (True, False), (False, False)]
    assert [task.heading_path for task in tasks] == [
        ("一、产业发展", "（一）工业提质"),
        ("一、产业发展", "（一）工业提质"),
        ("一、产业发展", "（二）农业增效"),
        ("二、民生保障",),
    ]


def test_units_in_brackets_behind_the_words() -> None:
    text = (
        "1.推进项目（一期）建设。（责任单位：市教委、市委宣传部（市版权局）；配合单位：市财政局）\n"
        "2.办好赛事。（责任单位：市体育局）\n结束语。"
    )
    first, second = read_tasks(text, "x")
    assert (first.text, first.lead_units, first.cooperating_units) == (
        "推进项目（一期）建设。",
        ("市教委", "市委宣传部（市版权局）"),
        ("市财政局",),
    )
    assert (second.text, second.lead_units) == ("办好赛事。", ("市体育局",))
    assert text[first.span.start : first.span.end].endswith("市财政局）")
    assert text[second.span.end :] == "\n结束语。"


def test_numbers_may_start_again_and_paragraphs_without_units_are_no_tasks() -> None:
    text = "1.甲事项。责任单位：市甲局。\n2.没有单位的事项。\n3.丙事项。责任单位：市丙局。\n附件2\n1.丁事项。责任单位：市丁局。"
    assert [(task.number, task.text, task.lead_units) for task in read_tasks(text, "x")] == [
        (1, "甲事项。", ("市甲局",)),
        (3, "丙事项。", ("市丙局",)),
        (1, "丁事项。", ("市丁局",)),
    ]


@pytest.mark.parametrize("text", ["", "责任单位：市教委。", "1.推进改革。", "各责任单位、配合单位要主动作为。", "1.甲事项。责任单位：。"])
def test_text_that_holds_no_task(text: str) -> None:
    assert read_tasks(text, "x") == ()
