"""One searchable list of texts: dense vectors, BM25 over words and over character bigrams, fused by reciprocal rank."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError
from index.dense import DenseIndex
from index.segment import Segmenter, bigrams
from index.sparse import SparseIndex
from index.types import Ranked, Vectors

LEGS = ("dense", "words", "bigrams")
RANK_CONSTANT = 60
"""k of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009)."""

DEPTH = 100
"""How many of each leg take part in the fusion."""


def fuse(rankings: Mapping[str, Sequence[Ranked]], weights: Mapping[str, float] | None = None) -> list[Ranked]:
    """Rows by the sum of weight / (k + rank) over the rankings they occur in, best first, ties by row."""
    totals: dict[int, float] = {}
    for leg, ranking in rankings.items():
        weight = 1.0 if weights is None else weights.get(leg, 1.0)
        for rank, item in enumerate(ranking, start=1):
            totals[item.row] = totals.get(item.row, 0.0) + weight / (RANK_CONSTANT + rank)
    return sorted((Ranked(row, total) for row, total in totals.items()), key=lambda r: (-r.score, r.row))


class HybridIndex:
    """Texts found by meaning, by word and by character pair; rows keep the order in which the texts came."""

    def __init__(self, dense: DenseIndex, words: SparseIndex, pairs: SparseIndex) -> None:
        if not dense.count == words.count == pairs.count:
            raise IndexMismatchError(
                f"索引各部分条数不一致（向量 {dense.count}、词 {words.count}、字 {pairs.count}）：请运行 judian index build 重建。"
            )
        self.dense = dense
        self.words = words
        self.pairs = pairs

    @classmethod
    def build(cls, texts: Sequence[str], vectors: Vectors, segmenter: Segmenter) -> "HybridIndex":
        """An exact index in memory."""
        return cls(
            DenseIndex.build(vectors),
            SparseIndex.build([segmenter.terms(text) for text in texts]),
            SparseIndex.build([bigrams(text) for text in texts]),
        )

    @property
    def count(self) -> int:
        return self.dense.count

    def rankings(
        self, query: str, vector: Vectors, segmenter: Segmenter, depth: int = DEPTH, allowed: NDArray[np.bool_] | None = None
    ) -> dict[str, list[Ranked]]:
        """Each leg's best rows for a query text and its vector (1, dimension); among the `allowed` ones (count,) if given."""
        return {
            "dense": self.dense.search(vector, depth, allowed),
            "words": self.words.search(segmenter.terms(query), depth, allowed),
            "bigrams": self.pairs.search(bigrams(query), depth, allowed),
        }

    @classmethod
    def load(cls, folder: Path) -> "HybridIndex":
        return cls(DenseIndex.load(folder), SparseIndex.load(folder / "words"), SparseIndex.load(folder / "bigrams"))
