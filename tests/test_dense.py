"""Dense search against brute force."""

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import IndexMismatchError
from index import dense
from index.coded import CodedVectors
from index.dense import RECALL, DenseIndex, exact, finish
from index.types import Ranked, Vectors


def unit_vectors(count: int, dimension: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return unit_vectors(700, 24, 1)


@pytest.fixture(scope="module")
def index(vectors: Vectors) -> DenseIndex:
    return DenseIndex.build(vectors)


@pytest.mark.parametrize("top_k", [1, 10, 100, 700])
def test_the_nearest_are_those_of_brute_force(index: DenseIndex, vectors: Vectors, top_k: int) -> None:
    for query in unit_vectors(20, 24, 2):
        scores = vectors @ query
        found = index.search(query[None], top_k)
        assert [item.row for item in found] == np.argsort(-scores, kind="stable")[:top_k].tolist()
        assert [item.score for item in found] == pytest.approx(np.sort(scores)[::-1][:top_k].tolist(), abs=1e-6)


def test_a_row_finds_itself_with_similarity_one(index: DenseIndex, vectors: Vectors) -> None:
    best = index.search(vectors[42:43], 1)[0]
    assert best.row == 42
    assert best.score == pytest.approx(1, abs=1e-6)


def test_equal_scores_are_ordered_by_row() -> None:
    vectors = np.asarray([[0, 1], [1, 0], [1, 0], [0, 1], [1, 0]], dtype=np.float32)
    found = DenseIndex.build(vectors).search(np.asarray([[1, 0]], dtype=np.float32), 5)
    assert found == [Ranked(1, 1.0), Ranked(2, 1.0), Ranked(4, 1.0), Ranked(0, 0.0), Ranked(3, 0.0)]


def test_more_can_be_asked_for_than_is_there(index: DenseIndex, vectors: Vectors) -> None:
    assert len(index.search(vectors[:1], 5000)) == 700


def test_an_empty_index_finds_nothing() -> None:
    index = DenseIndex.build(np.zeros((0, 24), dtype=np.float32))
    assert index.count == 0
    assert index.search(unit_vectors(1, 24, 3), 10) == []


def test_vectors_are_given_back(index: DenseIndex, vectors: Vectors) -> None:
    assert (index.count, index.dimension) == vectors.shape
    assert np.array_equal(index.vectors(), vectors)
    assert np.array_equal(index.vector(7), vectors[7])


def stored(vectors: Vectors, folder: Path, flat_up_to: int = dense.FLAT_UP_TO) -> DenseIndex:
    """What is loaded of a folder into which vectors were written."""
    CodedVectors.to_fill(folder, *vectors.shape)[:] = vectors
    finish(folder, unit_vectors(50, vectors.shape[1], 7), flat_up_to)
    return DenseIndex.load(folder)


def test_saved_and_loaded(index: DenseIndex, vectors: Vectors, tmp_path: Path) -> None:
    before, after = index.search(vectors[:1], 5), stored(vectors, tmp_path).search(vectors[:1], 5)
    assert [item.row for item in after] == [item.row for item in before]
    assert [item.score for item in after] == pytest.approx([item.score for item in before], abs=2e-3)


@pytest.mark.parametrize("name", ["vectors.npy", "scales.npy"])
def test_a_broken_file_is_named_with_the_remedy(vectors: Vectors, tmp_path: Path, name: str) -> None:
    stored(vectors, tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(IndexMismatchError, match=f"{path.name} 已损坏：请运行 judian index build 重建"):
        DenseIndex.load(tmp_path)


def test_as_many_scales_are_stored_as_vectors(vectors: Vectors, tmp_path: Path) -> None:
    stored(vectors, tmp_path)
    np.save(tmp_path / "scales.npy", np.ones(699, np.float32))
    with pytest.raises(IndexMismatchError, match=r"scales\.npy 已损坏"):
        DenseIndex.load(tmp_path)


def test_what_is_stored_is_off_by_little_and_is_stored_again_as_it_is(tmp_path: Path) -> None:
    vectors = np.vstack([unit_vectors(300, 384, 4), np.zeros((1, 384), np.float32)])
    once, twice = CodedVectors.to_fill(tmp_path / "once", 301, 384), CodedVectors.to_fill(tmp_path / "twice", 301, 384)
    once[:] = vectors
    twice[:] = once[:]
    assert np.abs((once[:] - vectors) @ vectors.T).max() < 3e-3
    assert np.array_equal(twice[:], once[:])
    assert np.array_equal(once[300], np.zeros(384, np.float32))
    assert np.array_equal(once[np.array([7, 3])], np.stack([once[7], once[3]]))


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> DenseIndex:
    """Two thousand vectors about forty centres, searched by clusters."""
    centres = unit_vectors(40, 24, 5)
    near = np.repeat(centres, 50, axis=0) + 0.1 * np.random.default_rng(6).normal(size=(2000, 24)).astype(np.float32)
    return stored(near / np.linalg.norm(near, axis=1, keepdims=True), tmp_path_factory.mktemp("clustered"), flat_up_to=1000)


def test_clusters_find_nearly_what_brute_force_finds(clustered: DenseIndex) -> None:
    assert clustered.clusters is not None
    assert clustered.clusters.recall >= RECALL
    queries = unit_vectors(50, 24, 8)
    wanted = exact(np.array(clustered.vectors()), queries, 10)
    assert wanted.tolist() == np.argsort(-(queries @ clustered.vectors().T), axis=1, kind="stable")[:, :10].tolist()
    found = [{item.row for item in clustered.search(query[None], 10)} for query in queries]
    assert sum(len(rows & set(nearest)) for rows, nearest in zip(found, wanted.tolist(), strict=True)) >= 0.9 * wanted.size


def test_codes_of_all_vectors_find_what_brute_force_finds() -> None:
    centres = unit_vectors(60, 24, 11)
    near = np.repeat(centres, 50, axis=0) + 0.1 * np.random.default_rng(12).normal(size=(3000, 24)).astype(np.float32)
    coded = DenseIndex(near / np.linalg.norm(near, axis=1, keepdims=True))
    queries = unit_vectors(50, 24, 13)
    wanted = exact(coded.vectors(), queries, 10)
    assert [[item.row for item in coded.search(query[None], 10)] for query in queries] == wanted.tolist()
    best = coded.search(queries[:1], 10)[0]
    assert best.score == pytest.approx(float(coded.vector(best.row) @ queries[0]), abs=1e-6)


def test_scores_of_clusters_are_exact_cosines(clustered: DenseIndex) -> None:
    query = unit_vectors(1, 24, 9)
    for item in clustered.search(query, 20):
        assert item.score == pytest.approx(float(clustered.vector(item.row) @ query[0]), abs=1e-6)


def test_only_allowed_rows_are_found(clustered: DenseIndex, index: DenseIndex) -> None:
    for searched in (clustered, index):
        allowed = np.zeros(searched.count, dtype=np.bool_)
        allowed[[3, 17, 500]] = True
        assert sorted(item.row for item in searched.search(unit_vectors(1, 24, 10), 10, allowed)) == [3, 17, 500]


def test_a_large_filter_is_searched_by_clusters(clustered: DenseIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "FLAT_UP_TO", 10)
    allowed = np.arange(clustered.count) % 2 == 0
    found = clustered.search(clustered.vector(42)[None], 10, allowed)
    assert found[0].row == 42
    assert all(item.row % 2 == 0 for item in found)
