"""Paragraphs, mending and page marks, with the places of every character."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import (
    closed_up,
    end_behind,
    ends_sentence,
    find_page_marks,
    is_heading_line,
    line_spans,
    mend,
    mend_heading,
    mend_row,
    places_of,
    read_paragraphs,
    slice_spans,
    spans_of,
)
from corpus.load import load_documents
from corpus.types import Document, Span

CHINESE = st.text(
    alphabet="第一二三章节篇（）、。，；：！“”——专栏注是年月日0123456789.% \t\n\r\f\u3000\u200bABc重庆市发展建设目标任务上接下转版页共",
    max_size=200,
)


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {document.info.id: document for document in load_documents()}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def paragraphs(text: str) -> list[str]:
    return [paragraph.text for paragraph in read_paragraphs(text)]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("渝府办发〔 2021〕12号", "渝府办发〔2021〕12号"),
        ("以西部 (重庆 )科学城为主引擎", "以西部(重庆)科学城为主引擎"),
        ("突破\n4.5万家", "突破4.5万家"),
        ("【523. 8】", "【523.8】"),
        ("4. 5G基站", "4.5G基站"),
        ("Issued on January 30, 2022 by the Office", "Issued on January 30,2022 by the Office"),
        ("加快 MicroLED 研发", "加快MicroLED研发"),
        ("　　各位代表：", "各位代表："),
        ("", ""),
        (" \n\t", ""),
    ],
)
def test_mend(stored: str, shown: str) -> None:
    assert mend(stored) == shown


@settings(deadline=None)
@given(st.text())
def test_mend_changes_white_space_only(text: str) -> None:
    mended = mend(text)
    assert squeezed(mended) == squeezed(text)
    assert mend(mended) == mended
    assert not re.search(r"\s\s|[^\S ]", mended)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("坚持创新驱动发展  加快建设具有全国影响力的\n\n科技创新中心", "坚持创新驱动发展 加快建设具有全国影响力的科技创新中心"),
        (
            "深入推动成渝地区双城经济圈建设\n\n持续释放“一区两群”空间布局优化效应",
            "深入推动成渝地区双城经济圈建设 持续释放“一区两群”空间布局优化效应",
        ),
        ("发展指导方针、\n\n主要目标和二〇三五年远景目标", "发展指导方针、主要目标和二〇三五年远景目标"),
        ("建设全国重要科技创新\n中心", "建设全国重要科技创新中心"),
        ("指  标  名  称", "指 标 名 称"),
        ("聚焦科学主题“铸魂” ", "聚焦科学主题“铸魂”"),
        ("", ""),
    ],
)
def test_mend_heading(stored: str, shown: str) -> None:
    assert mend_heading(stored) == shown


def test_mend_row_keeps_the_cells_apart() -> None:
    assert mend_row("1\t地区生产总值增速(%)\t6 以上\t8.3") == "1 地区生产总值增速(%) 6以上 8.3"
    assert mend_row("\t12\n\t森林 增长\n\t\n\t") == "12 森林增长"


@settings(deadline=None)
@given(CHINESE)
def test_paragraphs_and_page_marks_hold_every_character_once(text: str) -> None:
    held = [place for paragraph in read_paragraphs(text) for place in places_of(paragraph.spans)]
    held += [place for mark in find_page_marks(text) for place in range(mark.start, mark.end)]
    visible = [place for place in held if not text[place].isspace()]
    assert sorted(visible) == [place for place, character in enumerate(text) if not character.isspace()]


@settings(deadline=None)
@given(CHINESE)
def test_a_paragraph_is_its_spans_but_for_white_space(text: str) -> None:
    for paragraph in read_paragraphs(text):
        assert squeezed(slice_spans(text, paragraph.spans)) == squeezed(paragraph.text) != ""
        assert paragraph.first_line <= paragraph.last_line
        assert list(paragraph.spans) == sorted(paragraph.spans)


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_paragraphs_within_a_stretch_stay_in_it(text: str, first: int, second: int) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    for paragraph in read_paragraphs(text, Span(start, end)):
        assert start <= paragraph.span.start < paragraph.span.end <= end


def test_a_hard_wrapped_newspaper(documents: dict[str, Document]) -> None:
    text = documents["002"].text
    found = paragraphs(text)
    assert len(found) == 51
    assert found[0].startswith("联动全域创新“赋能”，强化“五区联动”，完善重庆高新区和北碚、沙坪坝、九龙坡、江津、璧山5个行政区协同联动机制")
    assert find_page_marks(text) == (Span(1, 7),)
    # The printer set a blank line before every line that begins with a quotation mark, and one inside a heading.
    for joined in (
        "积极筹备“一带一路”科技交流大会",
        "推广“巴味渝珍”“三峡”等区域公用品牌",
        "推进职业教育“双优”“双高”计划",
        "谋划“1000+”，抓好186公里",
    ):
        assert sum(joined in paragraph for paragraph in found) == 1
    assert sum(paragraph.startswith("（二）推动成渝地区双城经济圈建设走深走实。牢固树立") for paragraph in found) == 1
    assert all(paragraph[-1] in "。！：" or is_heading_line(paragraph) for paragraph in found)


def test_page_breaks_inside_sentences_are_mended(documents: dict[str, Document]) -> None:
    found = paragraphs(documents["003"].text)
    for joined in (
        "社会消费品零售总额、进出口总值、一般公共预算收入分别增长6.1%、18.5%、22.8%、9.1%，居民消费价格",
        "部署建设城市信息模型基础平台，打造城市安全、智慧交通",
        "“马路办公”整改问题82.6万个",
    ):
        assert any(joined in paragraph for paragraph in found)


def test_wrapped_headings(documents: dict[str, Document]) -> None:
    found = paragraphs(documents["004"].text)
    assert "第七篇在更高起点推进全面深化改革构建高水平社会主义市场经济体制" in found
    assert "第二章“十四五”时期我市经济社会发展指导方针、主要目标和二〇三五年远景目标" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一、总则\n为了规范管理，制定本办法。", ["一、总则", "为了规范管理，制定本办法。"]),
        (
            "加快发展，全力\n推进。\n（一）总体要求\n坚持稳中求进，以进促稳。",
            ["加快发展，全力推进。", "（一）总体要求", "坚持稳中求进，以进促稳。"],
        ),
        ("某市人民政府\n关于加强管理的通知", ["某市人民政府", "关于加强管理的通知"]),
        ("主办单位：某市人民政府\n地　址：某路1号", ["主办单位：某市人民政府", "地址：某路1号"]),
        ("甲，乙\t丙\n丁，戊\t己", ["甲，乙丙", "丁，戊己"]),
        ("他说：“办好实事，办成大事。”\n各部门要落实。", ["他说：“办好实事，办成大事。”", "各部门要落实。"]),
        ("要办好实事，推广“一网通办”\n“一件事”，提高效能。", ["要办好实事，推广“一网通办”“一件事”，提高效能。"]),
    ],
)
def test_where_lines_go_on(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


def test_a_printer_s_wraps_without_blank_lines() -> None:
    line = "坚持稳中求进工作总基调完整准确全面贯彻新发展理念加快构建新发展格局"
    text = "\n".join(["一、总体要求", *[line] * 12, "推动高质量发展。", *[line] * 11, "全面完成目标任务。"])
    assert paragraphs(text) == ["一、总体要求", line * 12 + "推动高质量发展。", line * 11 + "全面完成目标任务。"]


def test_page_marks() -> None:
    said = ["坚持就业优先。", "稳岗扩岗。", "保障民生。", "抓好落实。"]
    pages = [f"某市人民政府公报 2023年第{number}期\n{sentence}\n{number}" for number, sentence in enumerate(said, start=1)]
    text = "\f".join(pages)
    marks = [text[mark.start : mark.end] for mark in find_page_marks(text)]
    assert marks == [part for number in range(1, 5) for part in (f"某市人民政府公报 2023年第{number}期", str(number))]
    assert paragraphs(text) == said
    for alone in ("— 12 —", "-3-", "第3页 共12页", "第 4 页", "（上接2版）", "(下转第四版)"):
        assert find_page_marks(f"甲事项。\n{alone}\n乙事项。") == (Span(5, 5 + len(alone)),)
    assert find_page_marks("共有12页。\n12\n（见第3版）\n如（上接2版）所述") == ()


def test_places_and_spans_are_each_other_s_inverse() -> None:
    spans = (Span(2, 4), Span(6, 7))
    assert places_of(spans) == [2, 3, 6]
    assert spans_of([2, 3, 6]) == spans
    assert spans_of([]) == ()


def test_closed_up() -> None:
    text = " 甲乙\n 丙 丁戊"
    assert closed_up(text, (Span(1, 3), Span(5, 6))) == (Span(1, 6),)
    assert closed_up(text, (Span(0, 2), Span(5, 7))) == (Span(1, 2), Span(5, 6))
    assert closed_up(text, (Span(3, 5),)) == ()


def test_end_behind_counts_visible_characters() -> None:
    text = "甲 乙\n丙丁"
    assert end_behind(text, (Span(0, 3), Span(4, 6)), 3) == 5
    assert end_behind(text, (Span(0, 3), Span(4, 6)), 99) == 6


@settings(deadline=None)
@given(st.text())
def test_line_spans(text: str) -> None:
    assert [text[span.start : span.end] for span in line_spans(text)] == [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("line", "ends"),
    [("完成。", True), ("“完成。”", True), ("包括：", True), ("“马路办公”", False), ("全力", False), ("（见附件）", False)],
)
def test_ends_sentence(line: str, ends: bool) -> None:
    assert ends_sentence(line) is ends


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("一、总体要求", True),
        ("二&、2024年主要任务", True),
        ("第三节  联动全域创新“赋能”", True),
        ("1. 全市一般公共预算", True),
        ("（一）坚持稳中求进。推动发展", False),
        ("1.5万公里", False),
        ("第三季度", False),
        ("各位代表", False),
    ],
)
def test_is_heading_line(line: str, is_heading: bool) -> None:
    assert is_heading_line(line) is is_heading
