"""Preparing the index: built when it has to be, never twice, and never from damaged vectors."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from corpus.errors import IndexMissingError, SettingError
from index.coded import CodedVectors
from index.store import COLLECTIONS, FORMAT, file_digest, is_whole, load_index, read_manifest
from index.types import Encoder, Engine, Matcher, Progress
from rag import wire
from rag.build import BuildReport
from rag.config import Settings
from rag.wire import open_assistant, prepare_index
from tests.letters import FINGERPRINT, SENTENCES, LetterEncoder, build_small

ALL_TEXTS = ["丁有几个？", "多少个丁？", *SENTENCES]


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> LetterEncoder:
    """The encoder that takes the place of the model, with a small corpus in the place of the five documents."""
    encoder = LetterEncoder()

    def build(
        folder: Path, used: Encoder, progress: Progress | None, corpus_folder: Path, engine: Engine, matcher: Matcher | None
    ) -> BuildReport:
        assert corpus_folder == folder.parent / "corpus"
        assert matcher is None
        build_small(folder, used, progress=progress, engine=engine)
        return BuildReport(1, 3, 1, 0, ())

    monkeypatch.setattr(wire, "open_encoder", lambda *_arguments: encoder)
    monkeypatch.setattr(wire, "build", build)
    monkeypatch.setattr(wire, "open_matcher", lambda *_arguments: None)
    monkeypatch.setattr(wire, "matcher_name", lambda: "")
    monkeypatch.setattr(wire, "fingerprint", lambda **_folders: FINGERPRINT)
    return encoder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", model="letters")


def test_a_missing_index_is_built_once(encoder: LetterEncoder, settings: Settings) -> None:
    assert prepare_index(settings) == BuildReport(1, 3, 1, 0, ())
    assert encoder.encoded == ALL_TEXTS
    assert prepare_index(settings) is None
    assert encoder.encoded == ALL_TEXTS


def test_a_stale_index_is_built_from_its_vectors(encoder: LetterEncoder, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_index(settings)
    encoder.encoded.clear()
    monkeypatch.setattr(wire, "fingerprint", lambda **_folders: "0" * 64)
    assert prepare_index(settings) is not None
    assert encoder.encoded == []


def test_force_computes_every_vector_anew(encoder: LetterEncoder, settings: Settings) -> None:
    prepare_index(settings)
    encoder.encoded.clear()
    assert prepare_index(settings, force=True) is not None
    assert encoder.encoded == ALL_TEXTS


def test_vectors_of_the_format_before_are_taken_over(encoder: LetterEncoder, settings: Settings) -> None:
    prepare_index(settings)
    folder = settings.index_folder
    for name in COLLECTIONS:
        halves = CodedVectors.stored(folder / name)[:].astype(np.float16)
        (folder / name / "scales.npy").unlink()
        np.save(folder / name / "vectors.npy", halves)
    manifest = read_manifest(folder)
    files = {
        str(path.relative_to(folder)): file_digest(path) for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 2, "files": files}))
    encoder.encoded.clear()
    assert prepare_index(settings) is not None
    assert encoder.encoded == []
    assert read_manifest(folder)["format"] == FORMAT


def test_altered_vectors_are_not_taken_over(encoder: LetterEncoder, settings: Settings) -> None:
    prepare_index(settings)
    encoder.encoded.clear()
    CodedVectors.to_fill(settings.index_folder / "passages", 3, 4)[:] = np.ones((3, 4), np.float32)
    assert not is_whole(settings.index_folder)
    assert prepare_index(settings) is not None
    assert is_whole(settings.index_folder)
    assert encoder.encoded == ALL_TEXTS
    found = load_index(settings.index_folder, encoder).passages.search("丁", LetterEncoder().encode_queries(["丁"]), 1)
    assert found[0].vector.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("damage", ["manifest.json", "records.sqlite", "readings/owners.npy"])
def test_a_half_written_index_is_built_again(encoder: LetterEncoder, settings: Settings, damage: str) -> None:
    prepare_index(settings)
    (settings.index_folder / damage).unlink()
    assert not is_whole(settings.index_folder)
    assert prepare_index(settings) is not None
    assert load_index(settings.index_folder, encoder).fingerprint == FINGERPRINT


def test_of_two_at_once_one_builds(encoder: LetterEncoder, settings: Settings) -> None:
    reports: list[BuildReport | None] = []
    threads = [threading.Thread(target=lambda: reports.append(prepare_index(settings))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report is None for report in reports) == [False, True, True]
    assert encoder.encoded == ALL_TEXTS


@pytest.mark.usefixtures("encoder")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"无法在 .*file/home 中建立索引：.*JUDIAN_HOME"):
        prepare_index(Settings(home=tmp_path / "file" / "home"))


@pytest.mark.usefixtures("encoder")
def test_no_assistant_without_an_index(settings: Settings) -> None:
    with pytest.raises(IndexMissingError, match="请运行 judian index build 建立"):
        open_assistant(settings)


@pytest.mark.usefixtures("encoder")
def test_asking_multiplies_matrices_on_one_thread(settings: Settings) -> None:
    prepare_index(settings)
    with threadpool_limits(2, user_api="blas"):
        open_assistant(settings)
        assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}
