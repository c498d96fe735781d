"""The index folder: whole or not there, taken over where it can be, refused where it does not fit."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import IndexMismatchError, IndexMissingError
from index.store import FORMAT, LoadedIndex, is_current, load_index, read_manifest
from index.types import Progress, Vectors
from tests.letters import FINGERPRINT, SENTENCES, LetterEncoder, build_small, small_document, small_reading

REMEDY = "请运行 judian index build 重建"

STEP = 4e-3
"""What a byte a number, in which vectors are stored, may change of a value."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build_small(tmp_path / "index", LetterEncoder())
    return tmp_path / "index"


def loaded(folder: Path) -> LoadedIndex:
    return load_index(folder, LetterEncoder())


def letters(text: str) -> Vectors:
    return LetterEncoder().encode_queries([text])


def vectors_of(folder: Path) -> Vectors:
    """The vectors of all passages, in their order."""
    found = loaded(folder).passages.search("", letters(""), 10)
    return np.stack([item.vector for item in sorted(found, key=lambda item: item.row)])


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_was_built_is_what_is_loaded(folder: Path) -> None:
    index = loaded(folder)
    assert tuple(index.documents) == (small_document(),)
    assert tuple(index.all_passages) == small_document().passages
    assert tuple(index.all_readings) == (small_reading(),)
    assert index.fingerprint == FINGERPRINT
    assert index.segmenter.words == ("丁丁", "甲办公室")
    assert (index.passages.count, index.readings.count, index.tasks.count) == (3, 2, 0)
    assert [found.owner for found in index.readings.search("丁", letters("丁"), 5)] == [0, 0]


def test_vectors_are_the_encoders(folder: Path) -> None:
    assert vectors_of(folder) == pytest.approx(np.asarray([[2, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 3]]) / np.sqrt([[5], [2], [9]]), abs=STEP)


def test_search_worked_by_hand(folder: Path) -> None:
    # By letters 乙丙。 is nearest, then 甲甲乙。, then 丁丁丁。; no text holds the word 乙 or a pair with it alone.
    found = loaded(folder).passages.search("乙", letters("乙"), 3)
    assert [(item.row, item.score) for item in found] == [(1, 1 / 61), (0, 1 / 62), (2, 1 / 63)]
    assert [float(item.vector @ letters("乙")[0]) for item in found] == pytest.approx([1 / np.sqrt(2), 1 / np.sqrt(5), 0], abs=STEP)


def test_the_manifest_says_what_is_there(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert (manifest["format"], manifest["encoder"], manifest["dimension"]) == (FORMAT, "letters", 4)
    assert manifest["counts"] == {"passages": 3, "readings": 2, "tasks": 0}
    assert sorted([*manifest["files"], "manifest.json"]) == files_of(folder)


def test_nothing_is_pickled(folder: Path) -> None:
    assert {Path(name).suffix for name in files_of(folder)} <= {".json", ".npy", ".npz", ".faiss", ".sqlite"}
    for path in folder.rglob("*.npy"):
        np.load(path, allow_pickle=False)


def test_there_is_no_index_yet(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match=r"还没有索引（.*nowhere）：请运行 judian index build 建立"):
        loaded(tmp_path / "nowhere")


def test_another_encoder_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(IndexMismatchError, match=rf"由模型 letters（4 维）建立，当前模型是 other（4 维）：{REMEDY}"):
        load_index(folder, LetterEncoder("other"))
    with pytest.raises(IndexMismatchError, match=r"当前模型是 letters（8 维）"):
        load_index(folder, LetterEncoder(dimension=8))


def test_every_missing_file_is_named(folder: Path) -> None:
    for name in read_manifest(folder)["files"]:
        path = folder / name
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(IndexMismatchError, match=f"不完整，缺少 {name}：{REMEDY}"):
            loaded(folder)
        path.write_bytes(content)
    loaded(folder)


def test_every_altered_file_is_named(folder: Path) -> None:
    for name in read_manifest(folder)["files"]:
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(IndexMismatchError, match=f"{name} 与清单不符，可能损坏或被改动：{REMEDY}"):
            loaded(folder)
        path.write_bytes(content)
    loaded(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", f'{{"format": {FORMAT}}}', "\x00", '{"format": "1"}'])
def test_a_broken_manifest_is_named(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(IndexMismatchError, match=rf"manifest\.json 已损坏：{REMEDY}"):
        loaded(folder)
    assert not is_current(folder, "letters", FINGERPRINT)


def test_another_format_is_refused(folder: Path) -> None:
    manifest = read_manifest(folder)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": FORMAT + 1}))
    with pytest.raises(IndexMismatchError, match=rf"的格式是 {FORMAT + 1}，本程序需要 {FORMAT}：{REMEDY}"):
        loaded(folder)


def test_current_is_what_this_encoder_made_of_this_corpus(folder: Path, tmp_path: Path) -> None:
    assert is_current(folder, "letters", FINGERPRINT)
    assert not is_current(folder, "other", FINGERPRINT)
    assert not is_current(folder, "letters", "0" * 64)
    assert not is_current(tmp_path / "nowhere", "letters", FINGERPRINT)


def test_only_new_texts_are_encoded_again(folder: Path) -> None:
    encoder = LetterEncoder()
    build_small(folder, encoder, ("乙丙。", "甲丁。", "甲甲乙。"))
    assert encoder.encoded == ["甲丁。"]
    assert vectors_of(folder) == pytest.approx(np.asarray([[0, 1, 1, 0], [1, 0, 0, 1], [2, 1, 0, 0]]) / np.sqrt([[2], [2], [5]]), abs=STEP)


def test_another_encoder_takes_nothing_over(folder: Path) -> None:
    encoder = LetterEncoder("other")
    build_small(folder, encoder)
    assert encoder.encoded == ["丁有几个？", "多少个丁？", *SENTENCES]
    assert read_manifest(folder)["encoder"] == "other"


def test_a_passage_and_a_question_of_the_same_words_are_not_one_text(tmp_path: Path) -> None:
    encoder = LetterEncoder()
    build_small(tmp_path / "index", encoder, ("丁有几个？",))
    again = LetterEncoder()
    build_small(tmp_path / "index", again, ("多少个丁？",))
    assert again.encoded == ["多少个丁？"]


def test_a_build_that_fails_leaves_the_old_index(folder: Path) -> None:
    class Failing(LetterEncoder):
        def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
            raise MemoryError(f"{len(texts)} texts, {progress}")

    before = files_of(folder)
    with pytest.raises(MemoryError):
        build_small(folder, Failing(), ("丙丁。",))
    assert files_of(folder) == before
    assert tuple(loaded(folder).documents) == (small_document(),)


def test_a_build_replaces_the_old_index_whole(folder: Path) -> None:
    (folder / "stray.txt").write_text("left over")
    build_small(folder, LetterEncoder(), ("丙丁。",))
    assert [path.name for path in folder.parent.iterdir()] == ["index"]
    assert not (folder / "stray.txt").exists()
    assert tuple(loaded(folder).all_passages) == small_document(("丙丁。",)).passages


def test_an_index_in_use_outlives_its_replacement(folder: Path) -> None:
    index = loaded(folder)
    build_small(folder, LetterEncoder(), ("丙丁。",))
    best = index.passages.search("丁丁丁", letters("丁"), 1)[0]
    assert (best.row, best.owner) == (2, 2)
    assert best.vector.tolist() == [0, 0, 0, 1]
    assert index.all_passages[2].text == "丁丁丁。"


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    build_small(tmp_path / "index", LetterEncoder(), progress=lambda *step: told.append(step))
    assert [(done, total) for done, total, what in told if what.startswith("数字母（每秒")] == [(2, 2), (3, 3)]
    assert (3, 3, "统计词语") in told
