"""Tasks that running text and tables assign, in official documents of the usual kinds, worked out by hand."""

from pathlib import Path

import docx
import pytest

from corpus.added import read_file
from corpus.assignments import read_assignment
from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Document, DocumentInfo, FurnitureKind, PassageKind, ReadDocument, Task

INFO = DocumentInfo("x", "x.txt", "某方案", "某机关", None, "2023-05-01", (), (2023,), "")

PLAN = """某市人民政府办公厅关于印发某市支持民营经济高质量发展实施方案的通知
某府办发〔2023〕28号

各区县（自治县）人民政府，市政府各部门，有关单位：
《某市支持民营经济高质量发展实施方案》已经市政府同意，现印发给你们，请认真贯彻执行。

某市人民政府办公厅
2023年6月15日

（此件公开发布）

某市支持民营经济高质量发展实施方案

为贯彻落实党中央、国务院决策部署，促进民营经济发展壮大，制定本方案。

一、总体要求
到2025年，民营经济增加值占地区生产总值比重达到60%以上，新增专精特新企业1000家。

二、重点任务
（一）优化营商环境。
1. 深化“放管服”改革。政务服务事项全程网办率达到90%以上。（牵头单位：市政府办公厅；配合单位：市发展改革委、市大数据发展局等，各区县政府）
2. 强化公平竞争审查。清理妨碍公平竞争的规定和做法。（市市场监管局牵头，市发展改革委、市司法局按职责分工负责）
（二）加大要素支持
落实减税降费政策，2023年为经营主体减负400亿元以上。（责任单位：市财政局、市税务局）
扩大信用贷款规模，民营企业贷款余额增长10%。（人行某市分行、市金融监管局等有关部门按职责分工负责）
3. 保障用地需求。工业用地“标准地”出让比例达到80%。
牵头单位：市规划自然资源局
配合单位：市经济信息委、市住房城乡建委（市房管局）
完成时限：2023年12月底
（三）支持科技创新。企业牵头承担市级科技项目比例不低于70%。（市科技局、市教委负责；2024年6月底前完成）
三、保障措施
（一）加强组织领导。市促进民营经济发展工作领导小组统筹协调（包括督查激励）。
（二）加强宣传引导。各区县（自治县）政府要宣传先进典型。
（以上各项工作由市发展改革委牵头，各区县政府配合）

附件：某市支持民营经济重点任务清单

附件
某市支持民营经济重点任务清单
序号\t重点任务\t具体措施\t牵头单位\t责任单位\t完成时限
1\t优化政务环境\t全程网办率达到90%以上\t市政府办公厅\t市大数据发展局、各区县政府\t2023年12月
2\t\t推行“一业一证”改革\t市市场监管局\t市级有关部门\t持续推进
3\t强化金融支持\t新增首贷户1万户\t市金融监管局\t\t2023年12月
4\t\t设立100亿元民营企业纾困基金\t\t\t2024年6月
"""


def read(text: str) -> ReadDocument:
    return read_document(Document(INFO, text))


def units(task: Task) -> tuple[str, str]:
    """Who leads and who helps, as they are listed; 等 where a list is open."""
    lead, helps = "、".join(task.lead_units), "、".join(task.cooperating_units)
    return lead + "等" * task.lead_open_ended, helps + "等" * task.open_ended


def assigned(words: str) -> tuple[str, str] | None:
    found = read_assignment(words)
    return ("、".join(found.lead.names), "、".join(found.cooperating.names)) if found else None


@pytest.fixture(scope="module")
def plan() -> ReadDocument:
    return read(PLAN)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("责任单位：市教委", ("市教委", "")),
        ("牵头单位：市教委；责任单位：市财政局、各区县政府", ("市教委", "市财政局、各区县政府")),
        ("牵头单位:市教委,配合单位:市财政局；完成时限：2024年6月", ("市教委", "市财政局")),
        ("市教委牵头，市财政局、市科技局等配合，各区县政府参与", ("市教委", "市财政局、市科技局、各区县政府")),
        ("市教委牵头负责，市财政局按职责分工负责", ("市教委", "市财政局")),
        ("市发展改革委（市粮食局）、市教委，各区县政府按职责分工负责", ("市发展改革委（市粮食局）、市教委、各区县政府", "")),
        ("由市教委负责", ("市教委", "")),
        ("市教委负责，2024年6月底前完成", ("市教委", "")),
        ("市教委等有关部门分别负责", ("市教委", "")),
        # What only sounds like it.
        ("坚持政府牵头，部门负责", None),
        ("以上各项工作由市教委牵头", None),
        ("包括督查激励", None),
        ("企业牵头承担的项目", None),
        ("自治县", None),
        ("本方案由市教委负责解释", None),
        ("2023年6月15日", None),
        ("", None),
    ],
)
def test_assignments(words: str, expected: tuple[str, str] | None) -> None:
    assert assigned(words) == expected


def test_tasks_of_a_plan(plan: ReadDocument) -> None:
    assert [(task.number, task.text, *units(task)) for task in plan.tasks] == [
        (1, "深化“放管服”改革。政务服务事项全程网办率达到90%以上。", "市政府办公厅", "市发展改革委、市大数据发展局、各区县政府等"),
        (2, "强化公平竞争审查。清理妨碍公平竞争的规定和做法。", "市市场监管局", "市发展改革委、市司法局"),
        (3, "落实减税降费政策，2023年为经营主体减负400亿元以上。", "市财政局、市税务局", ""),
        (4, "扩大信用贷款规模，民营企业贷款余额增长10%。", "人行某市分行、市金融监管局等", ""),
        (5, "保障用地需求。工业用地“标准地”出让比例达到80%。", "市规划自然资源局", "市经济信息委、市住房城乡建委（市房管局）"),
        (6, "支持科技创新。企业牵头承担市级科技项目比例不低于70%。", "市科技局、市教委", ""),
        (7, "优化政务环境 全程网办率达到90%以上", "市政府办公厅", "市大数据发展局、各区县政府"),
        (8, "推行“一业一证”改革", "市市场监管局", "市级有关部门"),
        (9, "强化金融支持 新增首贷户1万户", "市金融监管局", ""),
        (10, "设立100亿元民营企业纾困基金", "市金融监管局", ""),
    ]


def test_tasks_keep_their_places(plan: ReadDocument) -> None:
    text = plan.document.text
    for task in plan.tasks:
        assert "".join(text[task.text_span.start : task.text_span.end].split()) == "".join(task.text.split())
        assert task.span.start <= task.text_span.start < task.text_span.end <= task.span.end
        assert all(unit in text[task.span.start : task.span.end] for unit in task.lead_units) or task.number == 10
    assert [text[task.span.start] for task in plan.tasks] == ["1", "2", "落", "扩", "3", "（", "1", "2", "3", "4"]
    assert text[plan.tasks[4].span.start : plan.tasks[4].span.end].endswith("市住房城乡建委（市房管局）")


def test_tasks_stand_under_their_headings(plan: ReadDocument) -> None:
    title = "某市支持民营经济高质量发展实施方案"
    paths = [task.heading_path for task in plan.tasks]
    assert paths[:3] == [
        (title, "二、重点任务", "（一）优化营商环境"),
        (title, "二、重点任务", "（一）优化营商环境"),
        (title, "二、重点任务", "（二）加大要素支持"),
    ]
    assert paths[5] == (title, "二、重点任务")
    assert paths[7] == ("附件 某市支持民营经济重点任务清单", "优化政务环境")


def test_outline_and_passages_of_a_plan(plan: ReadDocument) -> None:
    assert [(heading.level, heading.text) for heading in plan.outline] == [
        (0, "某市支持民营经济高质量发展实施方案"),
        (1, "一、总体要求"),
        (1, "二、重点任务"),
        (2, "（一）优化营商环境"),
        (3, "1.深化“放管服”改革"),
        (3, "2.强化公平竞争审查"),
        (2, "（二）加大要素支持"),
        (3, "3.保障用地需求"),
        (2, "（三）支持科技创新"),
        (1, "三、保障措施"),
        (2, "（一）加强组织领导"),
        (2, "（二）加强宣传引导"),
        (0, "附件 某市支持民营经济重点任务清单"),
    ]
    notices = [passage.text for passage in plan.passages if passage.kind is PassageKind.NOTICE]
    assert notices[0].startswith("某市人民政府办公厅关于印发")
    assert notices[0].endswith("某市人民政府办公厅\n2023年6月15日\n（此件公开发布）")
    assert len([passage for passage in plan.passages if passage.kind is PassageKind.TABLE_ROW]) == 4
    covered = [item.span for item in plan.furniture if item.kind is FurnitureKind.TABLE_HEADER]
    assert [plan.document.text[span.start : span.end] for span in covered if span.start < span.end] == [
        "序号\t重点任务\t具体措施\t牵头单位\t责任单位\t完成时限"
    ]


def test_an_assignment_below_its_section_is_that_of_all_its_paragraphs() -> None:
    text = "一、任务\n（一）改善民生\n办好实事。\n抓好落实。\n（责任单位：市教委、市民政局）\n（二）促进就业\n稳定岗位。\n"
    (task,) = read(text).tasks
    assert (task.text, task.heading_path, units(task)) == ("办好实事。抓好落实。", ("一、任务", "（一）改善民生"), ("市教委、市民政局", ""))
    assert text[task.span.start : task.span.end] == "办好实事。\n抓好落实。\n（责任单位：市教委、市民政局）"


def test_a_heading_can_be_the_task() -> None:
    (task,) = read("一、任务\n（一）改善民生\n牵头单位：市民政局\n").tasks
    assert (task.text, task.heading_path, units(task)) == ("改善民生", ("一、任务",), ("市民政局", ""))


def test_a_numbered_paragraph_far_above_is_not_swallowed() -> None:
    """The label of a section's task does not reach back over headings to the last number."""
    text = "一、总体要求\n1. 坚持稳中求进。\n二、任务\n（一）改善民生。办好实事。责任单位：市教委。\n"
    assert [(task.text, *units(task)) for task in read(text).tasks] == [("改善民生。办好实事。", "市教委", "")]


def test_the_bundled_documents_assign_nothing_but_the_breakdown() -> None:
    """The reports and the plan name no units in brackets; an imprint (主办单位：…) is no assignment."""
    counts = {document.info.id: len(read_document(document).tasks) for document in load_documents()}
    assert counts == {"000": 456, "001": 0, "002": 0, "003": 0, "004": 0}


def test_a_notice_with_a_numbered_table_of_tasks_in_word(tmp_path: Path) -> None:
    document = docx.Document()
    for line in (
        "某市人民政府办公厅",
        "关于印发2023年民生实事任务分解的通知",
        "某府办〔2023〕15号",
        "各区县（自治县）人民政府，市政府各部门：",
        "经市政府同意，现将《2023年民生实事任务分解表》印发给你们，请认真组织实施。",
        "一、提高认识。各级各部门要把办好民生实事作为重要任务。",
        "某市人民政府办公厅",
        "2023年3月10日",
        "（此件公开发布）",
        "附件",
        "2023年民生实事任务分解表",
    ):
        document.add_paragraph(line)
    rows = (
        ("序号", "任务名称", "年度目标", "牵头单位", "配合单位", "完成时限"),
        ("一、教育医疗", "", "", "", "", ""),
        ("1", "新增公办园学位", "新增学位2万个", "市教委", "市财政局、各区县政府", "2023年12月底"),
        ("2", "改造乡镇卫生院", "改造100所", "市卫生健康委", "市财政局等", "2023年12月底"),
        ("3", "", "建设村卫生室500个", "", "", "2023年11月底"),
        ("4", "适老化改造", "改造1万户", "市民政局（市老龄办）", "", "2023年12月底"),
    )
    table = document.add_table(rows=6, cols=6)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(1, 5))
    for column in (1, 3, 4):
        table.cell(3, column).merge(table.cell(4, column))
    document.save(str(tmp_path / "通知.docx"))

    found = read_document(read_file(tmp_path / "通知.docx"))
    info = found.document.info
    assert (info.title, info.number, info.date) == (
        "某市人民政府办公厅关于印发2023年民生实事任务分解的通知",
        "某府办〔2023〕15号",
        "2023-03-10",
    )
    assert [heading.text for heading in found.outline] == ["一、提高认识", "附件 2023年民生实事任务分解表"]
    assert [(task.number, task.text, *units(task)) for task in found.tasks] == [
        (1, "新增公办园学位 新增学位2万个", "市教委", "市财政局、各区县政府"),
        (2, "改造乡镇卫生院 改造100所", "市卫生健康委", "市财政局等"),
        (3, "改造乡镇卫生院 建设村卫生室500个", "市卫生健康委", "市财政局等"),
        (4, "适老化改造 改造1万户", "市民政局（市老龄办）", ""),
    ]
    assert {task.heading_path for task in found.tasks} == {("附件 2023年民生实事任务分解表", "一、教育医疗")}
    assert found.measures == ()
