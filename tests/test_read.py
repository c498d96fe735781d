"""What is read in whole documents: the properties that hold for every passage, and what single passages are."""

import re
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import mend, slice_spans
from corpus.load import load_documents
from corpus.read import read_document
from corpus.split import LIMIT, SMALL, sentences
from corpus.tables import RowKind, find_tables
from corpus.types import Document, DocumentInfo, FurnitureKind, Passage, PassageKind, ReadDocument, Span

IDS = ("000", "001", "002", "003", "004")
INFO = DocumentInfo("x", "x.txt", "某文件", "某机关", None, "2023-05-01", (2022,), (2023,), "")

# Everything that some parser looks for, so that arbitrary texts meet every one of them.
ATOMS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "第一篇 开篇",
                "第三章",
                "一、",
                "（一）",
                "1.",
                "专栏1 ",
                "专栏1  主要指标",
                "各位代表：",
                "重庆市工作报告",
                "责任单位：市教委",
                "牵头单位：市教委；责任单位：市局",
                "（市教委牵头，市财政局配合）",
                "（责任单位：市教委）",
                "其中：",
                "单位：亿元",
                "（此件公开发布）",
                "《某市方案》",
                "某市方案",
                "；配合单位：市局等。",
                "注：1.加“*”",
                "2．说明",
                "附件（一）",
                "附件",
                "目录",
                "目 录",
                "……3",
                "2021年2月3日",
                "2021年预算执行情况表",
                "“十四五”时期",
                "——",
                "一是抓落实。",
                "— 3 —",
                "第3页 共9页",
                "（上接2版）",
                "主管单位：甲",
                "地址：乙",
                "二&、任务",
                "今年",
                "实事包括：甲；乙；",
                "推动创新。",
                "壮大主体。",
                "【18】",
                "▽",
                "#",
                "*",
            ]
        ),
        st.sampled_from(
            ["\n", "\n\n", "\t", "\n\t", "\n\n\t", "\f", "\r\n", " ", "\u3000", "。", "，", "；", "：", "”", "发" * 90, "发展，" * 40]
        ),
        st.sampled_from(
            [
                "序号\t指标名称\t2021年预期\n1\t增速\t6\n",
                "指标\t2021年\t\n\t目标\t预计\n增速\t6\t7\n",
                "产品\t单位\t产量\n汽车\t万辆\t3\n其中：轿车\t万辆\t2\n",
                "序号\t任务\t牵头单位\n1\t办好\t市教委\n2\t\t\n",
                "\t序号\n\t指标名称\n\t2025年\n\n\t1\n\t增速\n\t6\n\n",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=40,
).map("".join)


@cache
def read(document_id: str) -> ReadDocument:
    return next(read_document(document) for document in load_documents() if document.info.id == document_id)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def stored(document: ReadDocument, span: Span) -> str:
    return document.document.text[span.start : span.end]


def own_spans(passage: Passage) -> tuple[Span, ...]:
    """The spans that are the passage's alone: a "#" row is shown with the row above that it is a part of."""
    return passage.spans[-1:] if passage.kind is PassageKind.TABLE_ROW else passage.spans


def passage_with(document_id: str, words: str) -> Passage:
    (found,) = [passage for passage in read(document_id).passages if words in passage.text]
    return found


def assert_spans_are_the_text(document: ReadDocument) -> None:
    for passage in document.passages:
        assert squeezed(slice_spans(document.document.text, passage.spans)) == squeezed(passage.text) != ""


def assert_tasks_keep_their_places(document: ReadDocument) -> None:
    for task in document.tasks:
        assert task.span.start <= task.text_span.start < task.text_span.end <= task.span.end
        assert task.lead_units
        assert set(squeezed(task.text)) <= set(squeezed(stored(document, task.text_span)))


def assert_nothing_is_lost(document: ReadDocument) -> None:
    text = document.document.text
    holders = Counter(
        place
        for span in [*(span for passage in document.passages for span in own_spans(passage)), *(piece.span for piece in document.furniture)]
        for place in range(span.start, span.end)
        if not text[place].isspace()
    )
    assert set(holders.values()) <= {1}
    assert len(holders) == sum(not character.isspace() for character in text)


@pytest.mark.parametrize("document_id", IDS)
def test_the_spans_of_every_passage_are_its_text(document_id: str) -> None:
    assert_spans_are_the_text(read(document_id))


@pytest.mark.parametrize("document_id", IDS)
def test_every_character_is_in_one_passage_or_one_piece_of_furniture(document_id: str) -> None:
    assert_nothing_is_lost(read(document_id))


@settings(deadline=None)
@given(ATOMS)
def test_arbitrary_text_is_read_without_loss(text: str) -> None:
    document = read_document(Document(INFO, text))
    assert_spans_are_the_text(document)
    assert_nothing_is_lost(document)
    assert_tasks_keep_their_places(document)
    assert len({passage.id for passage in document.passages}) == len(document.passages)


@settings(deadline=None)
@given(st.text())
def test_free_text_is_read_without_loss(text: str) -> None:
    document = read_document(Document(INFO, text))
    assert_spans_are_the_text(document)
    assert_nothing_is_lost(document)


@pytest.mark.parametrize("document_id", IDS)
def test_shown_text_is_mended(document_id: str) -> None:
    for passage in read(document_id).passages:
        assert not re.search(r"[^\S \n]|  |\n\n|^\s|\s$", passage.text)
        if passage.kind is not PassageKind.TABLE_ROW:
            assert all(mend(line) == line for line in passage.text.split("\n"))
            assert not re.search(r"[\u4e00-\u9fff，。；：] [\u4e00-\u9fff，。；：\d]", passage.text)


@pytest.mark.parametrize(
    ("document_id", "counts"),
    [
        ("000", {PassageKind.TASK: 456, PassageKind.PROSE: 25, PassageKind.NOTICE: 2}),
        ("001", {PassageKind.PROSE: 121, PassageKind.NOTICE: 1}),
        ("002", {PassageKind.PROSE: 66}),
        ("003", {PassageKind.PROSE: 386, PassageKind.TABLE_ROW: 86, PassageKind.NOTICE: 5, PassageKind.NOTE: 3}),
        ("004", {PassageKind.PROSE: 325, PassageKind.BOX: 87, PassageKind.TABLE_ROW: 68, PassageKind.NOTE: 2, PassageKind.NOTICE: 1}),
    ],
)
def test_kinds(document_id: str, counts: dict[PassageKind, int]) -> None:
    assert Counter(passage.kind for passage in read(document_id).passages) == counts


@pytest.mark.parametrize("document_id", IDS)
def test_sizes(document_id: str) -> None:
    passages = read(document_id).passages
    running = [passage for passage in passages if passage.kind in (PassageKind.PROSE, PassageKind.BOX)]
    assert all(len(passage.text) <= LIMIT for passage in passages)
    small = [passage.text for passage in running if len(passage.text) < SMALL]
    assert len(small) <= 3
    within = sum(80 <= len(passage.text) <= 320 for passage in running)
    assert within >= 0.85 * len(running) or document_id == "000"


@pytest.mark.parametrize("document_id", IDS)
def test_no_sentence_that_fits_is_cut(document_id: str) -> None:
    """A sentence of a passage that goes on in the next one is longer than a passage may be."""
    document = read(document_id)
    running = [p for p in document.passages if p.kind in (PassageKind.PROSE, PassageKind.BOX, PassageKind.NOTE)]
    chains = [[running[0].text]] if running else []
    for before, after in pairwise(running):
        ended = before.text.rstrip("”’）)】")[-1] in "。！？："
        if ended or document.document.text[before.spans[-1].end : after.spans[0].start].strip():
            chains.append([after.text])
        else:
            chains[-1].append(after.text)
    for chain in chains:
        position = 0
        for text in chain[:-1]:
            position += len(text)
            assert text[-1] in "；，"
            assert [end - start > LIMIT for start, end in sentences("".join(chain)) if start < position < end] == [True]
    assert sum(len(chain) - 1 for chain in chains) == {"000": 0, "001": 4, "002": 0, "003": 5, "004": 3}[document_id]


@pytest.mark.parametrize("document_id", IDS)
def test_passages_are_in_order_and_have_a_path(document_id: str) -> None:
    document = read(document_id)
    starts = [passage.spans[-1].start for passage in document.passages]
    assert starts == sorted(starts)
    titles = {heading.text for heading in document.outline}
    for passage in document.passages:
        assert passage.document_id == document_id
        if passage.kind is not PassageKind.NOTICE and document_id != "002":
            assert passage.heading_path or passage.text.startswith("重庆市国民经济和社会发展第十四个五年规划")
        if passage.kind in (PassageKind.PROSE, PassageKind.BOX):
            assert set(passage.heading_path) <= titles


@pytest.mark.parametrize(("document_id", "rows"), [("003", 86), ("004", 68)])
def test_a_table_row_has_its_caption_header_and_group(document_id: str, rows: int) -> None:
    document = read(document_id)
    tables = find_tables(document.document.text)
    found = {passage.spans[-1]: passage for passage in document.passages if passage.kind is PassageKind.TABLE_ROW}
    assert len(found) == rows == sum(row.kind is RowKind.INDICATOR for table in tables for row in table.rows)
    for table in tables:
        for row in table.rows:
            if row.kind is RowKind.GROUP:
                continue
            passage = found[row.span]
            assert passage.context == (table.caption_span, table.headers[0])
            assert passage.years == tuple(sorted({column.year for column in table.columns if column.year}))
            if row.group is not None:
                assert passage.heading_path[-1] == " ".join(cell.text for cell in table.rows[row.group].cells if cell.text)
            if row.parent is not None:
                assert passage.spans == (table.rows[row.parent].span, row.span)


def test_a_sub_row_is_shown_with_its_parent() -> None:
    passage = passage_with("004", "#化学需氧量")
    assert passage.text == "15 主要污染物排放总量减少 #化学需氧量（%） 约束性 【7.4】 【7.4】"
    assert passage.heading_path == (
        "第一篇 开启全面建设社会主义现代化新征程",
        "第一章 “十四五”时期我市经济社会发展的总体形势",
        "第一节 决胜全面建成小康社会取得决定性成就",
        "专栏1 “十三五”规划主要指标实现情况",
        "三 绿色发展",
    )
    assert (passage.years, passage.part) == ((2020,), "重庆市国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要")


def test_notices_are_the_words_around_the_text() -> None:
    notices = {document_id: [p.text for p in read(document_id).passages if p.kind is PassageKind.NOTICE] for document_id in IDS}
    assert notices["000"][0].startswith("重庆市人民政府办公厅关于印发2021年市政府工作报告目标任务分解方案的通知\n发布日期:2021-02-03\n")
    assert "渝府办发〔2021〕12号\n各区县(自治县)人民政府，市政府各部门，有关单位:\n" in notices["000"][0]
    assert notices["000"][0].endswith("请认真贯彻执行。")
    assert notices["000"][1] == "重庆市人民政府办公厅\n2021年2月3日"
    assert notices["001"] == [
        "重庆市人民政府工作报告\n——2024年1月21日在重庆市第六届人民代表大会第二次会议上\n重庆市人民政府市长胡衡华\n各位代表：\n"
        "现在，我代表市人民政府向大会报告工作，请予审议，并请市政协委员和其他列席人员提出意见。"
    ]
    assert notices["002"] == []
    cover, *parts, imprint = notices["003"]
    assert cover.endswith("重庆市人民政府公报\n2022年第2期\n(总第908期)\n重庆市人民政府办公厅主办\n2022年1月30日出版")
    assert [part.split("\n")[0] for part in parts] == [
        "——2022年1月17日在重庆市第五届人民代表大会第五次会议上",
        "重庆市发展和改革委员会",
        "重庆市财政局",
    ]
    assert imprint.startswith("主管单位：重庆市人民政府\n主办单位：重庆市人民政府办公厅\n地址：重庆市渝中区人民路232号\n邮政编码：400015\n")
    assert notices["004"] == ["重庆市国民经济和社会发展\n第十四个五年规划和二〇三五年\n远景目标纲要"]


def test_furniture() -> None:
    kinds = {document_id: Counter(piece.kind for piece in read(document_id).furniture) for document_id in IDS}
    assert set(kinds["000"]) == set(kinds["001"]) == {FurnitureKind.HEADING}
    gazette = read("003")
    contents = [stored(gazette, piece.span) for piece in gazette.furniture if piece.kind is FurnitureKind.CONTENTS]
    assert contents[0] == "目 录"
    assert contents[2:5] == [
        "重庆市人民政府工作报告（2022年）\t（1）",
        "关于重庆市2021年国民经济和社会发展计划执行情况及2022年计划草案的报告\t（18）",
        "关于重庆市2021年预算执行情况和2022年预算草案的报告\t（48）",
    ]
    masthead = [stored(gazette, piece.span) for piece in gazette.furniture if piece.kind is FurnitureKind.MASTHEAD]
    assert masthead[0] == "GAZETTE OF CHONGQING MUNICIPAL PEOPLE'S GOVERNMENT"
    newspaper = read("002")
    assert [stored(newspaper, piece.span) for piece in newspaper.furniture if piece.kind is FurnitureKind.PAGE_HEADER] == ["（上接2版）"]
    assert newspaper.passages[0].kind is PassageKind.PROSE


def test_parts_of_the_gazette() -> None:
    gazette = read("003")
    for passage in gazette.passages:
        part = next((part for part in gazette.parts if part.span.start <= passage.spans[-1].start < part.span.end), None)
        assert passage.part == (part.title if part else "")
        assert passage.heading_path[:1] == ((part.title,) if part else ())
    assert sum(passage.part == "" for passage in gazette.passages) == 2


@pytest.mark.parametrize(
    ("document_id", "words", "years"),
    [
        # Named years, and the one year of the heading with them.
        ("001", "地区生产总值增长6%左右，规上工业增加值", (2024,)),
        ("003", "——全市一般公共预算收入2285亿元", (2019, 2021)),
        ("003", "《成渝共建西部金融中心规划》获批", (2017, 2021)),
        ("003", "各位代表！回顾过去一年", (2021,)),
        # The year that the words of the section mean.
        ("003", "今年是本届政府履职的收官之年", (2022,)),
        # A period of the heading gives way to the period that the text opens with.
        ("004", "全市综合实力显著提升，经济结构持续优化", (2016, 2017, 2018, 2019, 2020)),
        ("004", "到2025年，新型研发机构达到300家", (2025,)),
        # Nothing named anywhere: what the document is about.
        ("004", "立足“建平台、兴产业、聚人才、优环境、提品质”", (2020, 2025, 2035)),
        ("002", "培育壮大创新主体", (2021,)),
        ("000", "456.全市政府系统干部", (2021, 2025)),
        ("000", "5.高新技术企业突破8000家", (2021, 2022, 2023, 2024, 2025)),
        ("003", "主管单位：重庆市人民政府", (2022,)),
    ],
)
def test_years(document_id: str, words: str, years: tuple[int, ...]) -> None:
    found = [passage for passage in read(document_id).passages if words in passage.text]
    assert [passage.years for passage in found[:1]] == [years]


def test_a_list_keeps_its_lead_in() -> None:
    report = read("001")
    later = passage_with("001", "为13万困境留守儿童提供心理健康教育辅导")
    assert [stored(report, span) for span in later.context] == ["今年，我们将继续加大民生投入，接续实施一批重点民生实事，包括："]
    gazette = read("003")
    items = [
        passage for passage in gazette.passages if passage.text.startswith(("——抓开源", "——保重点", "——控支出", "——提效能", "——稳运行"))
    ]
    assert len(items) == 5
    assert {stored(gazette, span) for passage in items for span in passage.context} == {"根据上述总体要求，要着重抓好以下五项工作："}
    assert len([p for d in IDS for p in read(d).passages if p.context and p.kind in (PassageKind.PROSE, PassageKind.BOX)]) == 6


def test_leads_are_in_the_path() -> None:
    passage = passage_with("003", "西部（重庆）科学城建设提速")
    assert passage.text.startswith("提升创新平台。")
    assert passage.heading_path == ("重庆市人民政府工作报告", "一、2021年工作回顾", "（一）扎实推进科技创新能力提升", "提升创新平台")
    assert passage_with("004", "城市环线：续建和新开工黔江东南环线").heading_path[-2:] == ("专栏7 重大交通建设项目", "高速公路")
    assert passage_with("003", "持续激发市场主体活力，落实国家组合式减税").heading_path[-1] == "一是大力推进营商环境创新试点城市建设"


def test_short_items_of_a_box_share_a_passage() -> None:
    passage = passage_with("004", "市级物流网络节点工程。")
    assert passage.kind is PassageKind.BOX
    assert passage.heading_path[-1] == "专栏6 重大物流工程"


def test_tasks_inside_a_table_are_rows() -> None:
    text = "序号\t任务\t2023年目标\n1\t办好实事。责任单位：市教委。\t10\n2\t抓好落实。责任单位：市科技局。\t20\n"
    document = read_document(Document(INFO, text))
    assert [passage.kind for passage in document.passages] == [PassageKind.TABLE_ROW, PassageKind.TABLE_ROW]
    assert_nothing_is_lost(document)


def test_page_marks_are_furniture_wherever_they_stand() -> None:
    text = (
        "一、总则\n\n要加快发展，全力推进，\n— 3 —\n务求实效。\n\n序号\t指标名称\t2021年\n1\t增速\t6\n注：1.初步数。\n— 4 —\n2.预计数。\n"
    )
    document = read_document(Document(INFO, text))
    assert [stored(document, piece.span) for piece in document.furniture if piece.kind is FurnitureKind.PAGE_HEADER] == ["— 3 —", "— 4 —"]
    assert passage_text(document, "要加快发展") == "要加快发展，全力推进，务求实效。"
    assert_nothing_is_lost(document)


def passage_text(document: ReadDocument, words: str) -> str:
    (found,) = [passage.text for passage in document.passages if words in passage.text]
    return found


def test_an_unknown_date_dates_nothing() -> None:
    """今年 means no year, and a passage that names none speaks of none."""
    info = DocumentInfo("x", "x.txt", "材料", "", None, "", (), (), "")
    document = read_document(Document(info, "今年要办好实事。\n\n一、目标\n到2025年，全面完成。\n"))
    assert [passage.years for passage in document.passages] == [(), (2025,)]
    assert (info.year, document.parts[0].year, document.parts[0].date) == (None, None, "")


def test_a_document_without_anything_to_read() -> None:
    document = read_document(Document(INFO, " \n\t\n"))
    assert (document.outline, document.passages, document.furniture, document.tasks, document.measures) == ((), (), (), (), ())
