"""Files of every kind as text: right, or refused with a clear word."""

import io
import re
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from corpus import formats
from corpus.added import read_file
from corpus.errors import DocumentError
from corpus.formats import SUFFIXES, decode, read_text, tidy
from corpus.load import BUNDLED
from corpus.markdown import markdown_text
from corpus.read import read_document
from corpus.types import Document, DocumentInfo, MeasureKind

NOTICE = "某市人民政府办公厅关于做好就业工作的通知\n\n各区县人民政府：\n\n一、总体要求\n\n坚持就业优先，城镇新增就业60万人以上。\n"


def saved(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def outcome(path: Path) -> str:
    """ "text", or what a DocumentError begins with: the name of the file at fault."""
    try:
        return "text" if read_text(path) else ""
    except DocumentError as exc:
        return re.split("[ ：]", str(exc))[0]


def pdf(pages: list[str], image_on: tuple[int, ...] = ()) -> bytes:
    """A PDF file whose pages show these lines, written by hand with a font that tells its characters; some pages show an image."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    def stream(data: bytes, entries: bytes = b"") -> int:
        packed = zlib.compress(data)
        return add(b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (entries, len(packed), packed))

    characters = sorted({character for page in pages for character in page if character != "\n"})
    lines = "\n".join(f"<{ord(c):04x}> <{c.encode('utf-16-be').hex()}>" for c in characters)
    to_unicode = stream(
        f"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(characters)} beginbfchar\n{lines}\nendbfchar endcmap end".encode()
    )
    cid = add(
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>"
    )
    font = add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
        % (cid, to_unicode)
    )
    image = stream(b"\x00", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8")
    parent = len(objects) + 2 * len(pages) + 1
    kids = []
    for number, page in enumerate(pages):
        shown = "".join(f"<{''.join(f'{ord(c):04x}' for c in line)}> Tj T* " for line in page.split("\n"))
        content = stream(f"BT /F1 12 Tf 16 TL 72 720 Td {shown} ET".encode())
        objects_named = b"/XObject << /Im1 %d 0 R >>" % image if number in image_on else b""
        resources = b"<< /Font << /F1 %d 0 R >> %s >>" % (font, objects_named)
        kids.append(
            add(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Resources %s /Contents %d 0 R >>" % (parent, resources, content))
        )
    add(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids)))
    catalog = add(b"<< /Type /Catalog /Pages %d 0 R >>" % parent)
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, catalog, start))
    return out.getvalue()


# Plain text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    assert read_text(saved(tmp_path, "通知.txt", NOTICE.encode(encoding))) == NOTICE


def test_traditional_text_in_big5(tmp_path: Path) -> None:
    text = "行政院關於促進經濟發展的說明，請各部會辦理，並在一個月內提出報告。\n"
    assert read_text(saved(tmp_path, "a.txt", text.encode("big5"))) == text


@pytest.mark.parametrize("document", ["000", "001", "002", "003", "004"])
def test_the_bundled_documents_come_back_from_gb18030(document: str) -> None:
    text = next((BUNDLED / "documents").glob(f"{document}_*")).read_bytes().decode()
    assert decode(text.encode("gb18030")) == text


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\ufeff\x00")))
def test_utf8_is_always_taken_for_utf8(text: str) -> None:
    assert decode(text.encode()) == text
    assert decode(text.encode("utf-8-sig")) == text


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_text_or_a_clear_error(data: bytes) -> None:
    try:
        message = decode(data) and "文本"
    except DocumentError as exc:
        message = str(exc)
    assert not message or re.search(r"[\u4e00-\u9fff]", message)


def test_line_ends_and_control_characters() -> None:
    assert tidy("甲\r\n乙\r丙\u2028丁\x00\u200b戊\x0c己\t庚\u3000辛") == "甲\n乙\n丙\n丁戊\x0c己\t庚\u3000辛"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "里没有文字"),
        ("a.txt", b"  \n\t", "里没有文字"),
        ("a.txt", "——。！".encode(), "里没有文字"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 4, "二进制内容"),
        ("a.txt", "就业优先政策".encode()[:-1] + b"\xff\xff\xff", "编码无法识别"),
        ("a.txt", b"\xff\xfea\x00b", "标明是 UTF-16"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "另存为 .docx"),
        ("a.ofd", b"PK", "OFD"),
        ("a.jpg", b"\xff\xd8", "OCR"),
        ("a.exe", b"MZ", "不支持的格式 .exe"),
        ("a", b"text", "没有扩展名"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(words)):
        read_text(saved(tmp_path, name, content))


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="没有文件"):
        read_text(tmp_path / "无.txt")
    with pytest.raises(DocumentError, match="是文件夹"):
        read_text(tmp_path)


def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(formats.MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="超过上限 200 MB"):
        read_text(path)


def test_a_text_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_CHARACTERS", 10)
    with pytest.raises(DocumentError, match="超过上限 10 字"):
        read_text(saved(tmp_path, "a.txt", NOTICE))


def test_endings_are_read_whatever_their_case(tmp_path: Path) -> None:
    assert read_text(saved(tmp_path, "A.TXT", NOTICE)) == NOTICE
    assert SUFFIXES == (".txt", ".md", ".markdown", ".docx", ".pdf", ".html", ".htm")


# Markdown


def test_markdown(tmp_path: Path) -> None:
    source = (
        "# 某市工作要点\n\n**一、总体要求**\n\n坚持[稳中求进](http://example.com)，\n以进促稳。\n\n"
        "| 指标 | 2023年目标 |\n|---|---|\n| 就业（万人） | `60`以上 |\n| 增速 | 6% |\n\n"
        "1. 办好实事。\n2. 抓好落实。\n\n- 甲项\n- 乙项\n\n> 引文。\n\n    缩进的段落。\n\n```\n代码\n```\n"
    )
    assert read_text(saved(tmp_path, "a.md", source)) == (
        "某市工作要点\n\n一、总体要求\n\n坚持稳中求进，\n以进促稳。\n\n指标\t2023年目标\n就业（万人）\t60以上\n增速\t6%\n\n"
        "1. 办好实事。\n2. 抓好落实。\n\n• 甲项\n• 乙项\n\n引文。\n\n缩进的段落。\n\n代码\n"
    )


@settings(deadline=None)
@given(st.text(alphabet="一二三、发展。，1.#*_-|>` \n", max_size=80))
def test_markdown_keeps_every_word(source: str) -> None:
    kept = [character for character in markdown_text(source) if "\u4e00" <= character <= "\u9fff" or character in "、。，"]
    assert kept == [character for character in source if "\u4e00" <= character <= "\u9fff" or character in "、。，"]


# Word


def word_file(folder: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("某市人民政府办公厅")
    document.add_paragraph("关于2023年目标任务的通知")
    document.add_paragraph("")
    paragraph = document.add_paragraph("要坚持")
    paragraph.add_run("稳中求进").bold = True
    paragraph.add_run("。\n换行后。")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows, [("序号", "指标名称", "2023年预期"), ("1", "新增就业\n（万人）", "60以上"), ("2", "合计", "")], strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(2, 1).merge(table.cell(2, 2))
    document.add_paragraph("落款")
    path = folder / "a.docx"
    document.save(str(path))
    return path


def test_word_paragraphs_and_tables(tmp_path: Path) -> None:
    text = read_text(word_file(tmp_path))
    assert text == (
        "某市人民政府办公厅\n关于2023年目标任务的通知\n\n要坚持稳中求进。\n换行后。\n序号\t指标名称\t2023年预期\n1\t新增就业（万人）\t60以上\n2\t合计\t\n\n落款\n"
    )
    measures = read_document(Document(DocumentInfo("x", "x", "甲", "乙", None, "2023-01-01", (), (), ""), text)).measures
    assert [(m.indicator, m.unit, m.year, m.kind, m.value) for m in measures] == [("新增就业", "万人", 2023, MeasureKind.TARGET, "60以上")]


def test_word_numbers_deletions_insertions_and_text_boxes(tmp_path: Path) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">'
            '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
            '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>'
        ),
    )
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, text in ((0, "总体要求"), (1, "甲"), (1, "乙"), (0, "重点任务"), (1, "丙"), (0, "保障措施")):
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>'))
    marked = document.add_paragraph("力争")
    marked._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>五年</w:delText></w:r></w:del>"))
    marked._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>三年</w:t></w:r></w:ins>"))
    marked._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><w:t>完成</w:t><w:pict><w:txbxContent><w:p><w:r><w:t>框中文字</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
        )
    )
    wrapped = document.add_paragraph("控件")
    control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent/></w:sdt>")
    wrapped._p.addprevious(control)
    control.find(qn("w:sdtContent")).append(wrapped._p)
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert read_text(path).split() == [
        *("一、总体要求", "（1）甲", "（2）乙", "二、重点任务", "（1）丙", "三、保障措施"),
        *("力争三年完成", "框中文字", "控件"),
    ]


def test_word_footnotes_stand_behind_the_text(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("全年投资120亿元")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
    paragraph.add_run("以上。")
    notes = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>含社会资本。</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    document.add_paragraph("后文。")
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert read_text(path) == "全年投资120亿元[1]以上。\n后文。\n注：\n[1]含社会资本。\n"


def test_broken_and_encrypted_word_files(tmp_path: Path) -> None:
    whole = word_file(tmp_path).read_bytes()
    for content in (b"", b"PK\x03\x04", whole[: len(whole) // 2], b"plain text"):
        with pytest.raises(DocumentError, match=r"不是有效的 \.docx 文件"):
            read_text(saved(tmp_path, "b.docx", content))
    with pytest.raises(DocumentError, match="设了密码"):
        read_text(saved(tmp_path, "b.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)))
    with ZipFile(tmp_path / "c.docx", "w") as package:
        package.writestr("hello.txt", "not a document")
    with pytest.raises(DocumentError, match=r"不是有效的 \.docx 文件"):
        read_text(tmp_path / "c.docx")


def test_a_word_file_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.word._MAX_UNPACKED", 1000)
    with ZipFile(tmp_path / "a.docx", "w", ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "0" * 5000)
    with pytest.raises(DocumentError, match="过大"):
        read_text(tmp_path / "a.docx")


# PDF


def test_pdf_pages(tmp_path: Path) -> None:
    text = read_text(
        saved(tmp_path, "a.pdf", pdf(["某市公报\n就业优先，城镇新增就业60万人。\n1", "某市公报\n稳岗扩岗。\n2", "某市公报\n保障民生。\n3"]))
    )
    assert [page.split("\n")[:3] for page in text.split("\f")] == [
        ["某市公报", "就业优先，城镇新增就业60万人。", "1"],
        ["某市公报", "稳岗扩岗。", "2"],
        ["某市公报", "保障民生。", "3"],
    ]
    document = read_document(Document(DocumentInfo("x", "x", "甲", "乙", None, "2023-01-01", (), (), ""), text))
    assert [line for passage in document.passages for line in passage.text.split("\n")] == [
        "就业优先，城镇新增就业60万人。",
        "稳岗扩岗。",
        "保障民生。",
    ]


def test_figures_of_two_cells_do_not_become_one(tmp_path: Path) -> None:
    text = read_text(saved(tmp_path, "a.pdf", pdf(["再就业 20 25\n坚持就业优先，城镇新增就业60万人。"])))
    document = read_document(Document(DocumentInfo("x", "x", "甲", "乙", None, "2023-01-01", (), (), ""), text))
    assert [passage.text for passage in document.passages] == ["再就业20 25", "坚持就业优先，城镇新增就业60万人。"]


def test_a_sentence_goes_on_over_a_page_break(tmp_path: Path) -> None:
    text = read_text(saved(tmp_path, "a.pdf", pdf(["坚持就业优先，扩大就业\n— 1 —", "容量，提升就业质量。\n— 2 —"])))
    (passage,) = read_document(Document(DocumentInfo("x", "x", "甲", "乙", None, "2023-01-01", (), (), ""), text)).passages
    assert passage.text == "坚持就业优先，扩大就业容量，提升就业质量。"


def test_scanned_pdf_files_are_refused_with_a_word_on_ocr(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"全部页没有文字，是扫描件；请先做文字识别（OCR）"):
        read_text(saved(tmp_path, "a.pdf", pdf(["", ""], image_on=(0, 1))))
    with pytest.raises(DocumentError, match=r"第 2页没有文字，是扫描件"):
        read_text(saved(tmp_path, "a.pdf", pdf(["就业优先，城镇新增就业60万人。", ""], image_on=(1,))))
    assert "就业优先" in read_text(saved(tmp_path, "a.pdf", pdf(["就业优先，城镇新增就业60万人。"], image_on=(0,))))


def test_encrypted_pdf_files(tmp_path: Path) -> None:
    for user, refused in (("secret", True), ("", False)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(["就业优先，城镇新增就业60万人。"]))))
        writer.encrypt(user, "owner", algorithm="RC4-128")
        path = tmp_path / f"{user or 'open'}.pdf"
        writer.write(path)
        if refused:
            with pytest.raises(DocumentError, match="设了密码"):
                read_text(path)
        else:
            assert read_text(path).startswith("就业优先")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"not a pdf", pdf(["就业优先"])[:200]])
def test_broken_pdf_files(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DocumentError, match="不是有效的 PDF 文件"):
        read_text(saved(tmp_path, "a.pdf", content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=20))
def test_damaged_files_give_text_or_a_clear_error(tmp_path: Path, place: int, damage: bytes) -> None:
    whole = pdf(["就业优先，城镇新增就业60万人。", "稳岗扩岗。"])
    broken = whole[: place % len(whole)] + damage + whole[place % len(whole) + len(damage) :]
    assert outcome(saved(tmp_path, "a.pdf", broken)) in ("text", "a.pdf")


def test_a_pdf_file_whose_font_does_not_tell_its_characters(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="字体没有字符信息"):
        read_text(saved(tmp_path, "a.pdf", pdf(["\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008"])))


def test_characters_that_only_look_right_are_put_right(tmp_path: Path) -> None:
    """Fonts made by browsers tell radicals for characters of the same look, ligatures, and one dash of double width."""
    text = read_text(saved(tmp_path, "a.pdf", pdf(["⸺⼀是⼯作，⼈⺠⻓江⻅⾏⻢⻋⻝⿊⻩⻛⻘⻰，ﬁve年。"])))
    assert text == "——一是工作，人民长江见行马车食黑黄风青龙，five年。\n\n"


# Web pages

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>某市人民政府</title><style>p {{ color: red }}</style></head>
<body><nav>首页 | 政务公开。</nav><div id="top"><h1>某市关于做好就业工作的通知</h1></div>
<div class="main"><div class="side"><a href="#">相关链接</a></div><div class="text">
<p>各区县人民政府：</p><p>　　坚持就业
优先。<b>城镇新增就业</b>60万人以上。<br>稳岗扩岗。</p>
<table><tr><th>序号</th><th>指标名称</th><th>2023年目标</th></tr><tr><td>1</td><td>新增就业<br>（万人）</td><td>60</td></tr></table>
<p>抓好落实。</p><script>alert("。")</script></div></div><footer>主办单位：某市人民政府。</footer></body></html>"""


@pytest.mark.parametrize(
    ("charset", "encoding"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("gbk", "gb18030"), ("utf-8", "gb18030"), ("nonsense", "utf-8")]
)
def test_web_pages(tmp_path: Path, charset: str, encoding: str) -> None:
    text = read_text(saved(tmp_path, "a.html", PAGE.format(charset=charset).encode(encoding)))
    assert [line for line in text.split("\n") if line] == [
        "某市关于做好就业工作的通知",
        "各区县人民政府：",
        "　　坚持就业 优先。城镇新增就业60万人以上。",
        "稳岗扩岗。",
        "序号\t指标名称\t2023年目标",
        "1\t新增就业（万人）\t60",
        "抓好落实。",
    ]


GOVERNMENT_PAGE = """<html><head><meta charset="utf-8"><title>通知_某市人民政府网</title></head><body>
<div class="top-nav"><ul><li><a>首页</a></li></ul></div><div class="crumb">当前位置：首页&gt;政策</div>
<div class="main"><table><tr><td>[ 发文字号 ]</td><td>某府办发〔2023〕33号</td></tr><tr><td>[ 成文日期 ]</td><td>2023-05-04</td></tr></table>
<h1>某市人民政府办公厅<br>关于做好稳就业工作的通知</h1><div class="tools">字体：<a>大</a> <a>小</a> 打印本页</div>
<div class="TRS_UEDITOR"><p>某府办发〔2023〕33号</p><p>各区县人民政府：</p><p>　　<strong>一、扩大容量。</strong>城镇新增就业60万人以上。</p>
<p>　　<strong>二、稳定重点群体。</strong>去向落实率不低于90%。（责任单位：市教委）</p>
<table><thead><tr><th rowspan="2">指标</th><th rowspan="2">单位</th><th colspan="2">2023年</th></tr><tr><th>目标</th><th>预计</th></tr></thead>
<tbody><tr><td>城镇新增就业</td><td rowspan="2">万人</td><td>60</td><td>70</td></tr><tr><td>失业人员再就业</td><td>20</td><td>25</td></tr>
<tr><td colspan="2">调查失业率（%）</td><td>5.5以内</td><td>5.4</td></tr></tbody></table>
<p>某市人民政府办公厅</p><p>2023年5月4日</p></div></div>
<div class="related"><a>解读。</a></div><div id="foot">主办：某市人民政府办公厅</div></body></html>"""


def test_a_page_of_a_government_site(tmp_path: Path) -> None:
    """Without navigation, tools and related pages; cells merged downwards are said in each row, the header stands on two."""
    document = read_document(read_file(saved(tmp_path, "a.html", GOVERNMENT_PAGE)))
    lines = [line for line in document.document.text.split("\n") if line]
    assert lines[lines.index("指标\t单位\t2023年\t") :] == [
        *("指标\t单位\t2023年\t", "指标\t单位\t目标\t预计", "城镇新增就业\t万人\t60\t70", "失业人员再就业\t万人\t20\t25"),
        *("调查失业率（%）\t\t5.5以内\t5.4", "某市人民政府办公厅", "2023年5月4日"),
    ]
    assert not any(words in document.document.text for words in ("首页", "打印本页", "解读", "主办"))
    info = document.document.info
    assert (info.title, info.number, info.date) == ("某市人民政府办公厅关于做好稳就业工作的通知", "某府办发〔2023〕33号", "2023-05-04")
    assert [heading.text for heading in document.outline] == ["一、扩大容量", "二、稳定重点群体"]
    assert [(task.text, task.lead_units) for task in document.tasks] == [("稳定重点群体。去向落实率不低于90%。", ("市教委",))]
    assert [(m.indicator, m.unit, m.kind, m.value) for m in document.measures] == [
        ("城镇新增就业", "万人", MeasureKind.TARGET, "60"),
        ("城镇新增就业", "万人", MeasureKind.ESTIMATE, "70"),
        ("失业人员再就业", "万人", MeasureKind.TARGET, "20"),
        ("失业人员再就业", "万人", MeasureKind.ESTIMATE, "25"),
        ("调查失业率", "%", MeasureKind.TARGET, "5.5以内"),
        ("调查失业率", "%", MeasureKind.ESTIMATE, "5.4"),
    ]


def test_a_table_that_lays_out_a_page_is_no_table(tmp_path: Path) -> None:
    page = "<table><tr><td>栏目</td><td>" + "<p>坚持就业优先。</p>" * 40 + "</td></tr></table>"
    assert "\t" not in read_text(saved(tmp_path, "a.htm", page))


@pytest.mark.parametrize(
    "content", ["", "   ", "<html></html>", "<html><body><script>x</script></body></html>", "<?xml version='1.0' encoding='utf-8'?><html/>"]
)
def test_web_pages_without_words(tmp_path: Path, content: str) -> None:
    with pytest.raises(DocumentError, match="里没有文字"):
        read_text(saved(tmp_path, "a.html", content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="<>/=\"'!-&; apdivtable就业。\n\x00", max_size=100))
def test_any_markup_gives_text_or_a_clear_error(tmp_path: Path, markup: str) -> None:
    assert outcome(saved(tmp_path, "a.html", markup)) in ("text", "a.html")
