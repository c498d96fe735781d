"""Conversations as files: what a Word reader and a Markdown reader find in them."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from docx import Document
from markdown_it import MarkdownIt

from tests.page_parts import answer, card, citation
from ui.page.conversations import Exchange
from ui.page.export import file_name, markdown
from ui.page.word_file import word

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SECOND = citation(mark=2, quote="工业增加值\x0b增长<b>7%</b>", heading_path=())
TALK = [
    Exchange("增长*目标*是多少？", answer("6%左右[1]，重申[1]，另见[7]。\n工业7%[2]。", citations=(citation(), SECOND))),
    Exchange("成都呢？", answer("文件中没有找到这个问题的答案。", abstained=True)),
    Exchange("再问", problem="连不上问答服务"),
]
CARDS = {"001": card()}
REFERENCE = "《政府工作报告（2024年）》（渝府〔2024〕1号，2024年1月21日）“二、2024年主要任务”：地区生产总值增长6%左右"


@pytest.fixture(scope="module")
def written() -> bytes:
    return word("经济<目标>", TALK, CARDS, "2024年3月1日")


@pytest.fixture(scope="module")
def package(written: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(written))


def texts(element: ElementTree.Element) -> str:
    return "".join(found.text or "" for found in element.iter(f"{W}t"))


def test_every_citation_is_a_footnote_of_word(package: zipfile.ZipFile) -> None:
    notes = ElementTree.fromstring(package.read("word/footnotes.xml"))
    numbered = {note.get(f"{W}id"): texts(note).strip() for note in notes if note.get(f"{W}type") is None}
    assert numbered == {"1": REFERENCE, "2": "《政府工作报告（2024年）》（渝府〔2024〕1号，2024年1月21日）：工业增加值 增长<b>7%</b>"}
    body = ElementTree.fromstring(package.read("word/document.xml"))
    assert [sign.get(f"{W}id") for sign in body.iter(f"{W}footnoteReference")] == ["1", "2"]
    # The second mark of a citation is a field that follows the bookmark of its footnote.
    fields = [field.get(f"{W}instr", "").split() for field in body.iter(f"{W}fldSimple")]
    assert fields == [["NOTEREF", "_note1", "\\f", "\\h"]]
    assert "_note1" in {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}


def test_the_package_declares_its_footnotes(package: zipfile.ZipFile) -> None:
    types = package.read("[Content_Types].xml").decode()
    assert re.search(r'PartName="/word/footnotes.xml" ContentType="[^"]+footnotes\+xml"', types)
    assert "relationships/footnotes" in package.read("word/_rels/document.xml.rels").decode()


def test_a_word_file_reads_as_the_conversation_did(written: bytes) -> None:
    document = Document(io.BytesIO(written))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert paragraphs[0] == "经济<目标>"
    assert [held.question for held in TALK] == [held.text for held in document.paragraphs if held.style and held.style.name == "Heading 1"]
    assert "6%左右，重申，另见[7]。" in paragraphs
    assert paragraphs[-3:] == [REFERENCE, "再问", "连不上问答服务"]


def test_markdown_has_a_footnote_a_citation_and_no_sign_of_a_text_is_read_as_markdown() -> None:
    written = markdown("经济<目标>", TALK, CARDS, "2024年3月1日")
    assert "6%左右[^1-1]，重申[^1-1]，另见\\[7\\]。" in written
    assert f"[^1-1]: {REFERENCE}" in written
    assert "- 最接近的段落：" + REFERENCE in written
    # Every footnote that is referred to is there, once.
    assert sorted(set(re.findall(r"\[\^([\d-]+)\](?!:)", written))) == re.findall(r"^\[\^([\d-]+)\]:", written, re.M)
    html = MarkdownIt().render(written)
    assert "<em>" not in html
    assert "<b>" not in html
    assert "<h1>经济&lt;目标&gt;</h1>" in html


@pytest.mark.parametrize(("title", "name"), [("a/b\\c:d?\n", "a b c d.docx"), ("...", "对话.docx"), ("长" * 99, "长" * 60 + ".docx")])
def test_file_names_are_safe(title: str, name: str) -> None:
    assert file_name(title, "docx") == name
