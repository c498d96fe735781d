"""Adding and removing documents: what lies in the folder before and after, and that nothing is left half done."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.added import add_document, is_added, load_added, load_all, namesakes, read_file, remove_document, with_fields
from corpus.errors import DocumentError, UnknownDocumentError
from corpus.load import BUNDLED, load_manifest, text_sha256
from corpus.read import read_document
from index.store import load_index
from index.types import Progress, Vectors
from rag.build import build, fingerprint, search_text

NOTICE = "某市人民政府办公厅\n关于做好2023年就业工作的通知\n某府办发〔2023〕7号\n各区县人民政府：\n一、目标任务\n城镇新增就业60万人以上。\n某市人民政府办公厅\n2023年3月1日\n"
OPINION = (
    "某市人民政府关于促进消费的意见\n某府发〔2023〕9号\n一、总体要求\n坚持扩大内需，促进消费升级，办好实事。\n某市人民政府\n2023年4月2日\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "corpus"


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "就业 通知(定稿).txt"
    path.write_bytes(NOTICE.encode("gb18030"))
    return path


@pytest.fixture
def opinion(tmp_path: Path) -> Path:
    path = tmp_path / "意见.txt"
    path.write_text(OPINION, "utf-8")
    return path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def test_a_document_is_added_with_what_it_says_of_itself(folder: Path, notice: Path) -> None:
    info = add_document(folder, notice).info
    sha256 = text_sha256(NOTICE)
    assert (info.id, info.file) == (f"a{sha256[:8]}", f"a{sha256[:8]}_就业-通知-定稿.txt")
    assert (info.title, info.number, info.date) == ("某市人民政府办公厅关于做好2023年就业工作的通知", "某府办发〔2023〕7号", "2023-03-01")
    assert (info.issuer, info.reports_on, info.plans_for, info.inferred) == ("某市人民政府办公厅", (), (2023,), ())
    assert files(folder) == [f"documents/{info.file}", "manifest.toml"]
    assert (folder / "documents" / info.file).read_text("utf-8") == NOTICE
    (loaded,) = load_added(folder)
    assert (loaded.info, loaded.text) == (info, NOTICE)


def test_bundled_and_added_documents_are_loaded_together(folder: Path, notice: Path, opinion: Path) -> None:
    assert [document.info.id for document in load_all(folder)] == ["000", "001", "002", "003", "004"]
    first, second = add_document(folder, notice), add_document(folder, opinion)
    documents = load_all(folder)
    assert [document.info.id for document in documents] == ["000", "001", "002", "003", "004", first.info.id, second.info.id]
    assert [is_added(document.info) for document in documents] == [False] * 5 + [True] * 2
    assert [passage.text for passage in read_document(documents[5]).passages][-1] == "某市人民政府办公厅\n2023年3月1日"


def test_what_is_given_overrides_what_the_text_says(folder: Path, notice: Path) -> None:
    info = add_document(folder, notice, title=" 就业通知 ", date="2023-03-05", number="某府〔2023〕8号").info
    assert (info.title, info.date, info.number) == ("就业通知", "2023-03-05", "某府〔2023〕8号")
    assert load_manifest(folder) == (info,)


def test_a_stated_field_is_no_longer_inferred(tmp_path: Path) -> None:
    path = tmp_path / "材料.txt"
    path.write_text("办好实事，抓好落实，务求实效。", "utf-8")
    document = read_file(path)
    assert (document.info.date, document.info.inferred) == ("", ("title", "issuer"))
    assert with_fields(document, title="材料").info.inferred == ("issuer",)
    assert with_fields(document, number="").info.number is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"date": "去年"}, "应写成 2024-01-31"),
        ({"date": "2023-02-30"}, "应写成"),
        ({"date": "20230301"}, "应写成"),
        ({"title": "  "}, "标题是空的"),
    ],
)
def test_fields_that_cannot_be_taken(folder: Path, notice: Path, fields: dict[str, str], words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        add_document(folder, notice, **fields)
    assert not folder.exists()


def test_the_same_text_is_not_added_twice(folder: Path, notice: Path, tmp_path: Path) -> None:
    info = add_document(folder, notice).info
    again = tmp_path / "副本.txt"
    again.write_text(NOTICE, "utf-8")
    with pytest.raises(DocumentError, match=f"已在文件库中：{info.id}"):
        add_document(folder, again)
    bundled = next((BUNDLED / "documents").glob("001_*"))
    with pytest.raises(DocumentError, match="已在文件库中：001《重庆市人民政府工作报告（2024年）》"):
        add_document(folder, bundled)
    assert len(load_manifest(folder)) == 1


def test_odd_titles_survive_the_manifest(folder: Path, notice: Path) -> None:
    title = '关于"某事"的\\通知\x7f\u2028—“引号”\'与\t制表'
    add_document(folder, notice, title=title)
    assert load_manifest(folder)[0].title == title


def test_removing(folder: Path, notice: Path, opinion: Path) -> None:
    first, second = add_document(folder, notice).info, add_document(folder, opinion).info
    (folder / "readings").mkdir()
    for info in (first, second):
        (folder / "readings" / f"{info.id}.jsonl").write_text("{}\n", "utf-8")
    assert remove_document(folder, first.id) == first
    assert files(folder) == [f"documents/{second.file}", "manifest.toml", f"readings/{second.id}.jsonl"]
    assert [document.info for document in load_added(folder)] == [second]
    assert add_document(folder, notice).info == first


def test_what_cannot_be_removed(folder: Path, notice: Path) -> None:
    info = add_document(folder, notice).info
    with pytest.raises(DocumentError, match="001 是随软件提供的文件"):
        remove_document(folder, "001")
    with pytest.raises(UnknownDocumentError, match=f"没有编号为 'x' 的添加文件；现有：{info.id}"):
        remove_document(folder, "x")
    assert load_manifest(folder) == (info,)


def test_a_refused_file_leaves_nothing_behind(folder: Path, tmp_path: Path, notice: Path) -> None:
    empty = tmp_path / "空.txt"
    empty.write_text("", "utf-8")
    with pytest.raises(DocumentError, match="里没有文字"):
        add_document(folder, empty)
    assert not folder.exists()
    add_document(folder, notice)
    before = files(folder)
    with pytest.raises(DocumentError):
        add_document(folder, empty)
    assert files(folder) == before


@pytest.mark.parametrize("fails_at", ["documents", "manifest"])
def test_an_interrupted_addition_is_none(folder: Path, notice: Path, opinion: Path, fails_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    info = add_document(folder, notice).info
    before = files(folder)
    real = os.fsync
    calls = {"documents": 1, "manifest": 2}
    count = 0

    def full(handle: int) -> None:
        nonlocal count
        count += 1
        if count == calls[fails_at]:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DocumentError, match="无法写入：No space left on device"):
        add_document(folder, opinion)
    assert files(folder) == before
    assert [document.info for document in load_added(folder)] == [info]


ADD_UNTIL_KILLED = """
import sys
from pathlib import Path
from corpus.added import add_document
folder, source = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
for number in range(10000):
    source.write_text(f"关于第{number}件实事的通知\\n办好第{number}件实事。\\n" + "务求实效。" * 20000, "utf-8")
    add_document(folder, source)
"""


def test_a_killed_addition_is_whole_or_none(folder: Path, tmp_path: Path, notice: Path) -> None:
    """Killed (SIGKILL) at several moments while it adds one document after another; what is in the manifest loads."""
    for milliseconds in (0, 30, 70, 110, 150):
        command = [sys.executable, "-c", ADD_UNTIL_KILLED, str(folder), str(tmp_path / f"{milliseconds}.txt")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=BUNDLED.parent) as adding:
            assert adding.stdout is not None
            adding.stdout.readline()
            time.sleep(milliseconds / 1000)
            adding.kill()
        for document in load_added(folder):
            assert text_sha256(document.text) == document.info.sha256
        remaining = {info.file for info in load_manifest(folder)} if (folder / "manifest.toml").exists() else set()
        for info in load_manifest(folder) if remaining else ():
            remove_document(folder, info.id)
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    (folder / "documents" / "a01234567_rest.txt").write_text("半份", "utf-8")
    (folder / "documents" / "说明.txt").write_text("不是本程序写的", "utf-8")
    info = add_document(folder, notice).info
    assert sorted(path.name for path in (folder / "documents").iterdir()) == sorted([info.file, "说明.txt"])


def test_namesakes(folder: Path, notice: Path, tmp_path: Path) -> None:
    first = add_document(folder, notice).info
    changed = tmp_path / "新版.txt"
    changed.write_text(NOTICE.replace("60万人", "65万人"), "utf-8")
    second = add_document(folder, changed).info
    assert namesakes(folder, second) == (first,)
    assert namesakes(folder, load_manifest()[0]) == ()


@pytest.mark.parametrize(
    ("written", "date"), [("2023", "2023"), ("2023-3", "2023-03"), ("2023年3月", "2023-03"), ("2023年3月5日", "2023-03-05"), (" ", "")]
)
def test_dates_as_exact_as_they_are_known(folder: Path, notice: Path, written: str, date: str) -> None:
    info = add_document(folder, notice, date=written).info
    assert (info.date, load_added(folder)[0].info.date) == (date, date)
    assert info.year == (2023 if date else None)


@pytest.mark.parametrize("name", ["..\\..\\甲.txt", "甲\n\x07乙.txt", "😀.txt", "-.txt", "a" * 200 + ".txt", "con.txt"])
def test_odd_file_names(folder: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(NOTICE, "utf-8")
    info = add_document(folder, path).info
    assert re.fullmatch(r"a[0-9a-f]{8}_[\w-]{1,40}\.txt", info.file)
    assert load_added(folder)[0].text == NOTICE


def test_an_altered_document_is_told(folder: Path, notice: Path) -> None:
    info = add_document(folder, notice).info
    path = folder / "documents" / info.file
    path.write_text(NOTICE.replace("60", "70"), "utf-8")
    with pytest.raises(DocumentError, match=r"sha256 不符.*judian corpus remove"):
        load_all(folder)
    path.unlink()
    with pytest.raises(DocumentError, match="添加的文件有问题"):
        load_all(folder)
    remove_document(folder, info.id)
    assert load_added(folder) == ()


def test_many_writers_at_once(folder: Path, tmp_path: Path) -> None:
    paths = []
    for number in range(6):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"关于第{number}件实事的通知\n办好第{number}件实事。\n", "utf-8")
        paths.append(path)
    threads = [threading.Thread(target=add_document, args=(folder, path)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_added(folder)) == 6


class CountingEncoder:
    """Vectors out of the texts' hashes, and a record of what was asked for."""

    name = "counting"
    dimension = 8

    def __init__(self) -> None:
        self.passages: list[str] = []
        self.queries: list[str] = []

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        del progress
        self.passages.extend(texts)
        return self._vectors(texts)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        del progress
        self.queries.extend(texts)
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        rows = [np.frombuffer(bytes.fromhex(text_sha256(text)), dtype=np.uint8)[:8].astype(np.float32) + 1 for text in texts]
        vectors = np.stack(rows) if rows else np.zeros((0, 8), dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_only_new_passages_are_embedded(folder: Path, notice: Path, tmp_path: Path) -> None:
    index_folder, readings = tmp_path / "home" / "index", tmp_path / "no-readings"
    first = CountingEncoder()
    report = build(index_folder, first, readings_folder=readings, corpus_folder=folder)
    assert (report.documents, len(first.passages)) == (5, report.passages)
    plain = fingerprint(readings, folder)
    assert plain == fingerprint(readings) == load_index(index_folder, first).fingerprint

    document = read_document(add_document(folder, notice))
    second = CountingEncoder()
    assert build(index_folder, second, readings_folder=readings, corpus_folder=folder).documents == 6
    assert second.passages == [search_text(passage) for passage in document.passages]
    loaded = load_index(index_folder, second)
    assert [read.document.info.id for read in loaded.documents][-1] == document.document.info.id
    assert loaded.fingerprint == fingerprint(readings, folder) != plain

    remove_document(folder, document.document.info.id)
    third = CountingEncoder()
    assert build(index_folder, third, readings_folder=readings, corpus_folder=folder).documents == 5
    assert third.passages == []
    assert tuple(load_index(index_folder, third).all_passages) == tuple(p for read in loaded.documents[:5] for p in read.passages)
