"""Dense search by inner product, through FAISS."""

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np

from corpus.errors import IndexMismatchError
from index.types import Ranked, Vectors


class DenseIndex:
    """Exact search over normalised vectors; rows keep the order in which they came."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "DenseIndex":
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, query: Vectors, top_k: int) -> list[Ranked]:
        """The rows nearest to one query vector (1, dimension), best first, ties by row."""
        if self.count == 0:
            return []
        # For one query more threads only spin beside it; the setting is that of the calling thread.
        faiss.omp_set_num_threads(1)
        scores, rows = self._index.search(query, min(top_k, self.count))
        ranked = [Ranked(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
        return sorted(ranked, key=lambda r: (-r.score, r.row))

    def vector(self, row: int) -> Vectors:
        """The vector of a row, (dimension,)."""
        return np.asarray(self._index.reconstruct(row), dtype=np.float32)

    def vectors(self, rows: Sequence[int] | None = None) -> Vectors:
        """The vectors of some rows, (rows, dimension), or of all."""
        if rows is not None:
            return np.asarray(self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64)), dtype=np.float32)
        return np.asarray(self._index.reconstruct_n(0, self.count), dtype=np.float32)

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as exc:
            raise IndexMismatchError(f"向量索引 {path} 已损坏：请运行 judian index build 重建。") from exc
