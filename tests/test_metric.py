"""The learnt metric: forms of one owner end up nearer to each other than plain cosine has them, by the same seed the same."""

from pathlib import Path

import numpy as np
import pytest

from index.metric import FEWEST, Metric, learn_metric

OWNERS = FEWEST + 50
DIMENSION = 16
SHARED = 8


def forms(seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors an owner: the first half of the dimensions is the owner's, the second half is noise."""
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(size=(OWNERS, SHARED)), 2, axis=0)
    noise = rng.normal(scale=1.5, size=(2 * OWNERS, DIMENSION - SHARED))
    vectors = np.hstack([own, noise]).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.repeat(np.arange(OWNERS, dtype=np.int32), 2)


def found(vectors: np.ndarray) -> float:
    """Share of rows whose nearest other row is of the same owner."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -2)
    return float(np.mean(similarity.argmax(axis=1) // 2 == np.arange(len(vectors)) // 2))


def test_noise_is_seen_through() -> None:
    vectors, owners = forms()
    metric = learn_metric(vectors, owners)
    assert found(metric.project(vectors)) > found(vectors) + 0.2


def test_projected_vectors_have_length_one() -> None:
    vectors, owners = forms()
    lengths = np.linalg.norm(learn_metric(vectors, owners).project(vectors), axis=1)
    assert lengths == pytest.approx(np.ones(len(vectors)), abs=1e-5)


def test_the_same_rows_give_the_same_metric() -> None:
    vectors, owners = forms()
    first, second = learn_metric(vectors, owners), learn_metric(vectors, owners)
    assert np.array_equal(first.matrix, second.matrix)


def test_too_few_owners_leave_plain_cosine() -> None:
    vectors, owners = forms()
    few = slice(0, 2 * (FEWEST - 1))
    metric = learn_metric(vectors[few], owners[few])
    assert metric.project(vectors) == pytest.approx(vectors, abs=1e-6)


def test_a_metric_is_saved_and_loaded(tmp_path: Path) -> None:
    vectors, owners = forms()
    metric = learn_metric(vectors, owners)
    metric.save(tmp_path / "metric.npz")
    assert np.array_equal(Metric.load(tmp_path / "metric.npz").project(vectors), metric.project(vectors))
