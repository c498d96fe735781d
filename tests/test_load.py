"""The manifest and the texts it names."""

import shutil
from pathlib import Path

import pytest

from corpus.errors import DocumentError
from corpus.load import BUNDLED, load_documents, load_manifest, text_sha256
from corpus.types import DocumentInfo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled manifest and texts that a test may spoil."""
    shutil.copy(BUNDLED / "manifest.toml", tmp_path)
    shutil.copytree(BUNDLED / "documents", tmp_path / "documents")
    return tmp_path


def test_the_five_documents() -> None:
    documents = load_documents()
    assert [(document.info.id, document.info.number, document.info.date, len(document.text)) for document in documents] == [
        ("000", "渝府办发〔2021〕12号", "2021-02-03", 39148),
        ("001", None, "2024-01-21", 22153),
        ("002", None, "2021-01-21", 11654),
        ("003", None, "2022-01-30", 78241),
        ("004", None, "2021-02-10", 77331),
    ]
    assert [document.info.title for document in documents] == [
        "重庆市人民政府办公厅关于印发2021年市政府工作报告目标任务分解方案的通知",
        "重庆市人民政府工作报告（2024年）",
        "重庆市人民政府工作报告（2021年，报纸刊载的后半部分）",
        "重庆市人民政府公报2022年第2期（总第908期）",
        "重庆市国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要",
    ]


def test_what_the_manifest_says_is_in_the_text() -> None:
    """Number, date and issuer stand in the document, unless the manifest says that they are inferred."""
    for document in load_documents():
        text = "".join(document.text.split())
        if document.info.number:
            assert document.info.number in text
        if "date" not in document.info.inferred:
            year, month, day = (int(part) for part in document.info.date.split("-"))
            assert f"{year}年{month}月{day}日" in text or document.info.date in text
        if "issuer" not in document.info.inferred:
            assert document.info.issuer in text


def test_texts_keep_their_line_ends_and_digests() -> None:
    for document in load_documents():
        stored = (BUNDLED / "documents" / document.info.file).read_bytes()
        assert document.text.encode() == stored
        assert text_sha256(document.text) == document.info.sha256


def test_optional_fields_default(tmp_path: Path) -> None:
    entry = '[[document]]\nid = "a"\nfile = "a.txt"\ntitle = "甲"\nissuer = "乙"\ndate = "2023-01-01"\n'
    entry += 'reports_on = []\nplans_for = [2023]\nsha256 = "0"\n'
    (tmp_path / "manifest.toml").write_text(entry, "utf-8")
    assert load_manifest(tmp_path) == (DocumentInfo("a", "a.txt", "甲", "乙", None, "2023-01-01", (), (2023,), "0"),)


def test_a_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"文件清单 .*manifest\.toml 无法读取"):
        load_documents(tmp_path)


@pytest.mark.parametrize(
    "content", ["[[document]", "", "[[document]]\nid = 'a'\n", "document = 1\n", "\ufffe".encode("utf-16").decode("latin-1")]
)
def test_a_broken_manifest(folder: Path, content: str) -> None:
    (folder / "manifest.toml").write_text(content, "utf-8")
    with pytest.raises(DocumentError, match="请恢复该文件"):
        load_documents(folder)


def test_a_manifest_that_is_not_utf8(folder: Path) -> None:
    (folder / "manifest.toml").write_bytes("# 清单".encode("gb18030"))
    with pytest.raises(DocumentError, match="无法读取"):
        load_documents(folder)


def test_a_missing_text(folder: Path) -> None:
    next(folder.glob("documents/001_*")).unlink()
    with pytest.raises(DocumentError, match=r"001_918e8299facf35d5\.txt 无法读取"):
        load_documents(folder)


def test_a_text_that_is_not_utf8(folder: Path) -> None:
    next(folder.glob("documents/001_*")).write_bytes("重庆市人民政府工作报告".encode("gb18030"))
    with pytest.raises(DocumentError, match="不是 UTF-8 编码"):
        load_documents(folder)


def test_an_empty_text(folder: Path) -> None:
    next(folder.glob("documents/001_*")).write_text(" \n", "utf-8")
    with pytest.raises(DocumentError, match="是空的"):
        load_documents(folder)


def test_an_altered_text(folder: Path) -> None:
    path = next(folder.glob("documents/001_*"))
    path.write_text(path.read_text("utf-8").replace("6%", "7%", 1), "utf-8")
    with pytest.raises(DocumentError, match="与清单记录的 sha256 不符"):
        load_documents(folder)
