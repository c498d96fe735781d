"""A build that was killed goes on where it stopped, and what it embedded is never embedded again."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.errors import IndexMismatchError
from index import build
from index.build import rate_text
from index.records import FILE, RecordsWriter
from index.store import load_index, work_folder
from index.types import Progress, Vectors
from tests.letters import SENTENCES, LetterEncoder, build_small

MANY = tuple("甲乙丙丁"[number % 4] * (1 + number // 4) + "。" for number in range(12))
KILLED = """
import os, signal, sys
from pathlib import Path
from index import build
from tests.letters import LetterEncoder, build_small
from tests.test_build import MANY

class Mortal(LetterEncoder):
    def encode_passages(self, texts, progress=None):
        if texts[0] == MANY[8]:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_passages(texts, progress)

build.BATCH = 4
build_small(Path(sys.argv[1]), Mortal(), MANY)
"""


class Failing(LetterEncoder):
    """Fails at a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if self._text in texts:
            raise MemoryError(self._text)
        return super().encode_queries(texts, progress)


def test_a_killed_build_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "index")], cwd=Path(__file__).parent.parent, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "index").exists()
    monkeypatch.setattr(build, "BATCH", 4)
    encoder = LetterEncoder()
    build_small(tmp_path / "index", encoder, MANY)
    assert encoder.encoded == list(MANY[8:])
    index = load_index(tmp_path / "index", encoder)
    assert [passage.text for passage in index.all_passages] == list(MANY)
    assert index.passages.search(MANY[1], encoder.encode_queries(["乙"]), 3)[0].row == 1
    assert index.records.passages_with("甲甲") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_a_build_of_another_source_takes_over_what_a_failed_one_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BATCH", 4)
    with pytest.raises(MemoryError):
        build_small(tmp_path / "index", Failing(MANY[8]), MANY)
    encoder = LetterEncoder()
    build_small(tmp_path / "index", encoder, ("甲丁。", *MANY), fingerprint="0" * 64)
    assert encoder.encoded == ["甲丁。", *MANY[8:]]
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_another_encoder_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BATCH", 1)
    with pytest.raises(MemoryError):
        build_small(tmp_path / "index", Failing(SENTENCES[2]))
    other = LetterEncoder("other")
    build_small(tmp_path / "index", other)
    assert other.encoded == ["丁有几个？", "多少个丁？", *SENTENCES]


def test_words_and_pairs_are_counted_by_passage(tmp_path: Path) -> None:
    build_small(tmp_path / "index", LetterEncoder(), ("甲甲甲乙。", "甲甲，丁丁丁。", "乙丙。"))
    records = load_index(tmp_path / "index", LetterEncoder()).records
    assert {pair: records.passages_with(pair) for pair in ("甲甲", "甲乙", "丁丁", "丙丁")} == {"甲甲": 2, "甲乙": 1, "丁丁": 1, "丙丁": 0}
    assert records.words == ("丁丁", "甲办公室")
    assert records.rare_words(1) == ("丁丁",)


def test_of_two_builds_of_one_folder_one_is_refused(tmp_path: Path) -> None:
    work = work_folder(tmp_path / "index")
    work.mkdir()
    first = RecordsWriter(work / FILE)
    with pytest.raises(IndexMismatchError, match=r"另一个进程正在 .* 中建立索引：请等它结束后再试"):
        build_small(tmp_path / "index", LetterEncoder())
    first.close()
    build_small(tmp_path / "index", LetterEncoder())


def test_a_damaged_work_folder_is_no_obstacle(tmp_path: Path) -> None:
    work = work_folder(tmp_path / "index")
    work.mkdir()
    (work / FILE).write_bytes(b"not a database, but long enough to be looked at as one" * 100)
    build_small(tmp_path / "index", LetterEncoder())
    assert load_index(tmp_path / "index", LetterEncoder()).passages.count == 3


@pytest.mark.parametrize(
    ("done", "left", "seconds", "expected"),
    [(600, 300, 10.0, "每秒60条，约剩5秒"), (600, 360_000, 10.0, "每秒60条，约剩100分钟"), (0, 10, 1.0, "每秒0条，约剩167分钟")],
)
def test_the_rate_is_told(done: int, left: int, seconds: float, expected: str) -> None:
    assert rate_text(done, left, seconds) == expected
