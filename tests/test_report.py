"""The pages on which a person checks what was read."""

import re
import time

import pytest

from corpus.load import load_documents
from corpus.read import read_document
from corpus.report import Mended, count_mended, headings_by_label, markdown, show
from corpus.types import Document, DocumentInfo, ReadDocument


@pytest.fixture(scope="module")
def read() -> dict[str, ReadDocument]:
    return {document.info.id: read_document(document) for document in load_documents()}


def test_reading_all_five_takes_less_than_five_seconds() -> None:
    """Of one core; what else runs on the machine does not count."""
    documents = load_documents()
    started = time.process_time()
    for document in documents:
        read_document(document)
    assert time.process_time() - started < 5


def test_show(read: dict[str, ReadDocument]) -> None:
    shown = show(read["003"]).split("\n")
    assert shown[0] == "003　重庆市人民政府公报2022年第2期（总第908期）"
    assert "分为 3 份：" in shown
    assert "  重庆市人民政府工作报告（胡衡华，2022-01-17）" in shown
    assert "段落：题头落款 5、正文 386、表格行 86、表注 3" in shown
    assert "不进段落的字：目录页 392、外文刊头 230、标题行 705、表头 202" in shown
    assert (
        "指标：130 个数值，出自 2 张表：2021年国民经济和社会发展规划主要指标预期目标完成情况（44 行）；2022年国民经济和社会发展计划（42 行）"
    ) in shown
    assert shown[shown.index("目录：") + 1 : shown.index("目录：") + 3] == ["  重庆市人民政府工作报告", "    一、2021年工作回顾"]
    assert len(shown) - shown.index("目录：") - 1 == len(read["003"].outline)
    assert "任务：456 项（第 1 至 456 项），357 项有配合单位，涉及 157 个单位" in show(read["000"])


def test_show_of_a_plain_text() -> None:
    document = read_document(Document(DocumentInfo("x", "x.txt", "甲", "", None, "2023-01-01", (), (2023,), ""), "办好实事，抓好落实。"))
    shown = show(document)
    assert "标题：无" in shown
    assert "任务：无" in shown
    assert "  没有标题" in shown


def test_headings_by_label(read: dict[str, ReadDocument]) -> None:
    assert headings_by_label(read["004"].outline) == {"篇": 13, "章": 55, "节": 125, "专栏": 20, "无编号标题": 157}
    assert headings_by_label(read["001"].outline) == {"编号标题": 26, "无编号标题": 37}


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("一、总则\n\n要加快发展，\n全力推进，\n\n务求实效。", Mended(2, 1, 0, 0)),
        ("一、 总则\n\n要加快 发展， 务求实效。", Mended(0, 0, 2, 0)),
        ("二&、总则\n\n要加快发展。", Mended(0, 0, 0, 1)),
        ("要加快发展。\n要务求实效。", Mended(0, 0, 0, 0)),
        ("Chongqing Municipal Government", Mended(0, 0, 0, 0)),
    ],
)
def test_what_was_mended_is_counted(text: str, mended: Mended) -> None:
    document = read_document(Document(DocumentInfo("x", "x.txt", "甲", "", None, "2023-01-01", (), (2023,), ""), text))
    assert count_mended(document) == mended


def test_markdown(read: dict[str, ReadDocument]) -> None:
    page = markdown(tuple(read.values()), 1.234)
    assert "Reading the 5 documents takes 1.2 s of one core." in page
    tables = re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
    assert len(tables) == 6
    for table in tables:
        assert len({line.count("|") for line in table.strip().split("\n")}) == 1
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in tables[0].strip().split("\n")]
    assert [row[0] for row in cells[2:]] == ["000", "001", "002", "003", "004"]
    assert cells[2][3:] == ["39148", "1", "29", "483", "456", "0"]
    assert ["004", "13", "55", "125", "20", "0", "157"] in [
        [cell.strip() for cell in line.strip("|").split("|")] for line in tables[2].strip().split("\n")
    ]
