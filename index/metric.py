"""A similarity learnt from the readings themselves: forms of one question are drawn together, other questions pushed apart.

A linear map of the encoder's vectors, trained with a contrastive loss over the forms of the readings (InfoNCE, van den Oord et al. 2018, in both
directions). It learns which differences matter in these documents, at the cost of some seconds of building and one small matrix.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.types import Vectors

STEPS = 300
BATCH = 512
TEMPERATURE = 0.05
RATE = 1e-3
"""Of Adam (Kingma & Ba 2015)."""

FEWEST = 200
"""Readings with two forms or more from which learning is worth while."""

SEED = 0


@dataclass(frozen=True, slots=True)
class Metric:
    """Vectors (n, dimension) less `mean`, times `matrix` (dimension, dimension), brought to length one."""

    mean: Vectors
    matrix: Vectors

    def project(self, vectors: Vectors) -> Vectors:
        return _unit(((vectors - self.mean) @ self.matrix).astype(np.float32))

    def save(self, file: Path) -> None:
        np.savez(file, mean=self.mean, matrix=self.matrix)

    @classmethod
    def load(cls, file: Path) -> "Metric":
        with np.load(file) as stored:
            return cls(stored["mean"], stored["matrix"])


def learn_metric(vectors: Vectors, owners: NDArray[np.int32]) -> Metric:
    """The metric in which the rows of one owner lie together; the plain cosine where too few owners have two rows. Seeded: the same rows give the same."""
    dimension = vectors.shape[1]
    pairs = _Pairs(owners)
    matrix = np.eye(dimension, dtype=np.float32)
    if pairs.count < FEWEST:
        return Metric(np.zeros(dimension, np.float32), matrix)
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    first, second = np.zeros_like(matrix), np.zeros_like(matrix)
    rng = np.random.default_rng(SEED)
    for step in range(1, STEPS + 1):
        left, right = pairs.draw(rng)
        gradient = _gradient(centred[left], centred[right], matrix)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        matrix = matrix - RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return Metric(mean, matrix.astype(np.float32))


class _Pairs:
    """Rows by owner, for those owners that have at least two."""

    def __init__(self, owners: NDArray[np.int32]) -> None:
        self._rows = np.argsort(owners, kind="stable")
        _, starts, sizes = np.unique(owners[self._rows], return_index=True, return_counts=True)
        several = sizes > 1
        self._starts, self._sizes = starts[several], sizes[several]
        self.count = len(self._starts)

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Two different rows of each of some owners drawn at random."""
        chosen = rng.choice(self.count, min(BATCH, self.count), replace=False)
        starts, sizes = self._starts[chosen], self._sizes[chosen]
        left = rng.integers(sizes)
        right = (left + 1 + rng.integers(sizes - 1)) % sizes
        return self._rows[starts + left], self._rows[starts + right]


def _gradient(left: Vectors, right: Vectors, matrix: Vectors) -> Vectors:
    """Of the loss by the matrix: every left row should be nearest to its own right row among all, and the other way round."""
    count = len(left)
    projected_left, projected_right = left @ matrix, right @ matrix
    unit_left, unit_right = _unit(projected_left), _unit(projected_right)
    similarity = unit_left @ unit_right.T / TEMPERATURE
    excess = (_softmax(similarity) + _softmax(similarity.T).T) / 2 - np.eye(count)
    wrong = (excess / (count * TEMPERATURE)).astype(np.float32)
    by_left = _through_unit(wrong @ unit_right, unit_left, projected_left)
    by_right = _through_unit(wrong.T @ unit_left, unit_right, projected_right)
    gradient: Vectors = left.T @ by_left + right.T @ by_right
    return gradient


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-12)
    return unit


def _through_unit(gradient: Vectors, unit: Vectors, vectors: Vectors) -> Vectors:
    """The gradient by vectors of a gradient by the same brought to length one."""
    along = (gradient * unit).sum(axis=1, keepdims=True)
    through: Vectors = (gradient - unit * along) / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-12)
    return through


def _softmax(scores: Vectors) -> Vectors:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Vectors = raised / raised.sum(axis=1, keepdims=True)
    return shares
