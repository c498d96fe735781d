"""BM25 (Robertson & Zaragoza 2009; the variant of Lucene) over any kind of terms, through bm25s."""

import json
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np

from corpus.errors import IndexMismatchError
from index.types import Ranked, Vectors


class SparseIndex:
    """Term search over texts already cut into terms; rows keep the order in which they came."""

    def __init__(self, bm25: bm25s.BM25 | None, count: int) -> None:
        self._bm25 = bm25
        self.count = count

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "SparseIndex":
        if not any(texts):
            return cls(None, len(texts))
        bm25 = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        bm25.index([list(terms) for terms in texts], show_progress=False)
        return cls(bm25, len(texts))

    def scores(self, terms: Sequence[str]) -> Vectors:
        """The score of every row, (count,); zero where no term occurs."""
        known = [] if self._bm25 is None else [term for term in terms if term in self._bm25.vocab_dict]
        if self._bm25 is None or not known:
            return np.zeros(self.count, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def search(self, terms: Sequence[str], top_k: int) -> list[Ranked]:
        """The best rows with a score above zero, best first, ties by row."""
        scores = self.scores(terms)
        rows = np.flatnonzero(scores > 0)
        if len(rows) > top_k:
            least = np.partition(scores[rows], -top_k)[-top_k]
            rows = rows[scores[rows] >= least]
        rows = rows[np.lexsort((rows, -scores[rows]))][:top_k]
        return [Ranked(int(row), float(scores[row])) for row in rows]

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "count.json").write_text(json.dumps({"count": self.count, "empty": self._bm25 is None}))
        if self._bm25 is not None:
            self._bm25.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "SparseIndex":
        try:
            about = json.loads((folder / "count.json").read_text())
            return cls(None if about["empty"] else bm25s.BM25.load(folder, load_corpus=False, mmap=True), about["count"])
        except (OSError, ValueError, KeyError) as exc:
            raise IndexMismatchError(f"词项索引 {folder} 已损坏：请运行 judian index build 重建。") from exc
