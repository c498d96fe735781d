"""The contract of collections, over every engine: files (exact and by clusters), milvus-lite, and a Milvus cluster where one is named.

A cluster's address goes into JUDIAN_TEST_MILVUS (milvus://host:port); its collections named judian_* are replaced.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.digest import vector_digest
from index.engine import open_engine
from index.files import Files
from index.segment import Segmenter
from index.store import load_index
from index.types import Collection, Engine, Filter, Row, Vectors
from tests.letters import SENTENCES, LetterEncoder, build_small

ROWS = (
    Row("轨道交通运营里程达到500公里", 7, "001", (2023,), "prose"),
    Row("城镇新增就业70万人", 8, "001", (2023, 2024), "prose"),
    Row("轨道上的都市区加快建设", 9, "004", (), "box"),
    Row("城镇新增就业60万人以上", 9, "004", (2025,), "task"),
)
VECTORS = np.asarray([[1, 0, 0], [0, 1, 0], [0.6, 0, 0.8], [0, 0.8, 0.6]], dtype=np.float32)
DIGESTS = tuple(vector_digest(row.text, True) for row in ROWS)
QUERY = np.asarray([[0.96, 0.28, 0]], dtype=np.float32)
NOTHING = np.zeros((0, 3), np.float32)
CLUSTER = os.environ.get("JUDIAN_TEST_MILVUS", "")

Fill = Callable[[str], Collection]


@pytest.fixture(params=["files", "clusters", "milvus-lite", "milvus"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "milvus" and not CLUSTER:
        pytest.skip("JUDIAN_TEST_MILVUS names no cluster")
    if request.param in ("files", "clusters"):
        yield Files() if request.param == "files" else Files(flat_up_to=2)
        return
    pytest.importorskip("pymilvus")
    opened = open_engine(CLUSTER if request.param == "milvus" else str(tmp_path / "milvus.db"))
    yield opened
    opened.client.close()  # type: ignore[attr-defined]


@pytest.fixture
def segmenter() -> Segmenter:
    return Segmenter(["轨道交通"])


@pytest.fixture
def fill(engine: Engine, segmenter: Segmenter, tmp_path: Path) -> Fill:
    """A published collection of the four rows under the name of a build."""

    def filled(name: str) -> Collection:
        folder = tmp_path / name
        writer = engine.writer(folder, "passages", len(ROWS), 3, segmenter, name)
        writer.add(0, ROWS[:3], DIGESTS[:3], VECTORS[:3])
        writer.add(3, ROWS[3:], DIGESTS[3:], VECTORS[3:])
        writer.finish(NOTHING)
        engine.publish(["passages"], name)
        return engine.open(folder, "passages", segmenter, name)

    return filled


def rows(found: Sequence[object]) -> list[int]:
    return [item.row for item in found]  # type: ignore[attr-defined]


def test_ranks_are_fused_by_reciprocal_rank(fill: Fill) -> None:
    # Cosines are 0.96, 0.28, 0.576 and 0.224; 轨道 stands in rows 0 and 2, 交通 in row 0 alone.
    found = fill("one").search("轨道交通", QUERY, 4)
    assert rows(found) == [0, 2, 1, 3]
    assert found[0].score == pytest.approx(3 / 61, abs=1e-6)
    assert [item.owner for item in found] == [7, 9, 8, 9]
    assert [float(item.vector @ QUERY[0]) for item in found] == pytest.approx([0.96, 0.576, 0.28, 0.224], abs=4e-3)


def test_depth_limits_every_ranking(fill: Fill) -> None:
    # Row 0 is nearest; 就业 leads to rows 1 and 3, of which the shorter one, row 1, is first by word and by pair.
    assert set(rows(fill("one").search("新增就业", QUERY, 1))) == {0, 1}


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (Filter(documents=("004",)), {2, 3}),
        (Filter(documents=("001", "004")), {0, 1, 2, 3}),
        (Filter(years=(2023,)), {0, 1}),
        (Filter(years=(2024, 2025)), {1, 3}),
        (Filter(kinds=("task", "box")), {2, 3}),
        (Filter(documents=("004",), years=(2025,), kinds=("task",)), {3}),
        (Filter(documents=("no such document",)), set()),
        (Filter(documents=('"] or row >= 0 or document in ["',)), set()),
    ],
)
def test_filters_hold_for_every_ranking(fill: Fill, within: Filter, expected: set[int]) -> None:
    assert set(rows(fill("one").search("轨道交通新增就业", QUERY, 4, within))) == expected


@pytest.mark.parametrize("query", ["", "，。？！", "%", "zzz", "\ud800", "的"])
def test_a_query_without_a_known_word_goes_by_meaning(fill: Fill, query: str) -> None:
    assert rows(fill("one").search(query, QUERY, 4)) == [0, 2, 1, 3]


def test_vectors_are_found_by_the_digest_of_their_text(fill: Fill) -> None:
    found = fill("one").vectors_of([DIGESTS[2], b"0123456789abcdef", DIGESTS[0]])
    assert found.keys() == {DIGESTS[0], DIGESTS[2]}
    # An engine may store them in a byte a number.
    for key, row in ((DIGESTS[0], 0), (DIGESTS[2], 2)):
        assert found[key] == pytest.approx(VECTORS[row], abs=4e-3)


def test_an_interrupted_writer_goes_on(engine: Engine, segmenter: Segmenter, tmp_path: Path) -> None:
    first = engine.writer(tmp_path, "passages", len(ROWS), 3, segmenter, "one")
    first.add(0, ROWS[:2], DIGESTS[:2], VECTORS[:2])
    first.add(2, ROWS[2:3], DIGESTS[2:3], VECTORS[2:3])
    # Killed before the second batch was committed: it comes again, with the rows that follow.
    second = engine.writer(tmp_path, "passages", len(ROWS), 3, segmenter, "one")
    second.add(2, ROWS[2:], DIGESTS[2:], VECTORS[2:])
    second.finish(NOTHING)
    second.finish(NOTHING)
    engine.publish(["passages"], "one")
    found = engine.open(tmp_path, "passages", segmenter, "one")
    assert found.count == 4
    assert rows(found.search("轨道交通", QUERY, 4)) == [0, 2, 1, 3]


def test_a_collection_in_use_outlives_the_next_build(fill: Fill) -> None:
    old = fill("one")
    fill("two")
    assert rows(old.search("轨道交通", QUERY, 4)) == [0, 2, 1, 3]


def test_an_empty_collection_finds_nothing(engine: Engine, segmenter: Segmenter, tmp_path: Path) -> None:
    engine.writer(tmp_path, "tasks", 0, 3, segmenter, "one").finish(NOTHING)
    engine.publish(["tasks"], "one")
    empty = engine.open(tmp_path, "tasks", segmenter, "one")
    assert empty.count == 0
    assert empty.search("轨道交通", QUERY, 4) == []


def test_a_whole_index_is_built_and_loaded(engine: Engine, tmp_path: Path) -> None:
    encoder = LetterEncoder()
    build_small(tmp_path / "index", encoder, engine=engine)
    index = load_index(tmp_path / "index", encoder, engine)
    assert (index.passages.count, index.readings.count, index.tasks.count) == (3, 2, 0)
    best = index.passages.search("丁丁丁", letters("丁"), 3)[0]
    assert index.all_passages[best.owner].text == SENTENCES[2]
    again = LetterEncoder()
    build_small(tmp_path / "index", again, ("乙丙。", "甲丁。"), engine=engine)
    assert again.encoded == ["甲丁。"]
    assert load_index(tmp_path / "index", again, engine).passages.count == 2


def letters(text: str) -> Vectors:
    return LetterEncoder().encode_queries([text])
