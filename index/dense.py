"""Dense search by inner product, through FAISS: over 8-bit codes of all vectors as long as that is quick, over clusters of them beyond.

The codes choose candidates, of which the cosines to the memory-mapped vectors (see `index.coded`) choose the nearest.

coarse.faiss    from FLAT_UP_TO rows on: clusters with 8-bit codes (IVF with scalar quantisation), memory-mapped
dense.json      how many clusters a search looks into, and the recall@10 against exact search that this was measured to give
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError
from index.coded import CodedVectors
from index.types import Progress, Ranked, Vectors

FLAT_UP_TO = 100_000
"""Rows up to which every code is compared: some 2 ms on one core."""

_CODED_FROM = 2_000
"""Rows up to which the vectors themselves are compared."""

RECALL = 0.95
"""Share of the ten nearest that a search by clusters must find on average."""

_COARSE, _ABOUT = "coarse.faiss", "dense.json"

_BLOCK = 50_000
_TRAINING_ROWS = 40
"""Training vectors a cluster; FAISS asks for 39 at least."""
_OVERSAMPLED = 2
"""Candidates by their codes for every row wanted; exact cosines choose among them."""
_FEWEST = 50
"""Candidates at least, where all codes are compared."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """A trained FAISS index over the same rows, and how many of its clusters a search looks into."""

    index: Any
    probed: int
    recall: float


class DenseIndex:
    """Search over normalised vectors; rows keep the order in which they came. Scores are exact cosines, whichever way rows are found."""

    def __init__(self, vectors: Vectors | CodedVectors, clusters: Clusters | None = None) -> None:
        # A few are kept as they are compared: to widen them anew for every question takes forty times as long as to compare them.
        self._vectors = vectors[:] if len(vectors) <= _CODED_FROM else vectors
        self.clusters = clusters
        self._codes = _coded(vectors) if clusters is None and len(vectors) > _CODED_FROM else None

    @classmethod
    def build(cls, vectors: Vectors) -> "DenseIndex":
        """An exact index in memory."""
        return cls(np.ascontiguousarray(vectors, np.float32))

    @property
    def count(self) -> int:
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        return int(self._vectors.shape[1])

    def search(self, query: Vectors, top_k: int, allowed: NDArray[np.bool_] | None = None) -> list[Ranked]:
        """The rows nearest to one query vector (1, dimension), best first, ties by row; among the `allowed` ones (count,) if given."""
        if self.count == 0:
            return []
        # For one query more threads only spin beside it; the setting is that of the calling thread.
        faiss.omp_set_num_threads(1)
        rows = self._candidates(query, top_k, allowed)
        scores = self.vectors(rows) @ query[0]
        rows = np.arange(self.count) if rows is None else rows
        best = np.lexsort((rows, -scores))[:top_k]
        return [Ranked(int(row), float(score)) for row, score in zip(rows[best], scores[best], strict=True)]

    def vector(self, row: int) -> Vectors:
        """The vector of a row, (dimension,)."""
        return self._vectors[row]

    def vectors(self, rows: NDArray[np.int64] | Sequence[int] | None = None) -> Vectors:
        """The vectors of some rows, (rows, dimension), or of all."""
        return self._vectors[:] if rows is None else self._vectors[np.asarray(rows, dtype=np.int64)]

    def _candidates(self, query: Vectors, top_k: int, allowed: NDArray[np.bool_] | None) -> NDArray[np.int64] | None:
        """Rows to compare exactly; None for all."""
        few = None if allowed is None else np.flatnonzero(allowed)
        if few is not None and len(few) <= (_CODED_FROM if self.clusters is None else FLAT_UP_TO):
            return few
        if self.clusters is not None:
            of_clusters = faiss.SearchParametersIVF(nprobe=self.clusters.probed, sel=_selector(allowed))  # type: ignore[call-arg]
            return _found(self.clusters.index.search(query, _OVERSAMPLED * top_k, params=of_clusters))
        if self._codes is not None:
            of_codes = faiss.SearchParameters(sel=_selector(allowed))  # type: ignore[call-arg]
            return _found(self._codes.search(_as_bytes(query, np.abs(query).max()), max(_OVERSAMPLED * top_k, _FEWEST), params=of_codes))
        return None

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        """Raises IndexMismatchError when a file is missing, cut short or not what it should be."""
        vectors = CodedVectors.stored(folder)
        try:
            about = json.loads((folder / _ABOUT).read_text())
            index = faiss.read_index(str(folder / _COARSE), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY) if about["probed"] else None
        except (OSError, ValueError, KeyError, RuntimeError) as exc:
            raise IndexMismatchError(f"向量索引 {folder} 已损坏：请运行 judian index build 重建。") from exc
        return cls(vectors, Clusters(index, about["probed"], about["recall"]) if index is not None else None)


def finish(folder: Path, queries: Vectors, flat_up_to: int = FLAT_UP_TO, progress: Progress | None = None) -> None:
    """Makes a folder's vectors searchable: beyond `flat_up_to` rows by clusters, as many of them as give RECALL for the sample `queries`."""
    vectors = CodedVectors.stored(folder)
    (folder / _COARSE).unlink(missing_ok=True)
    probed, recall = 0, 1.0
    if len(vectors) > flat_up_to:
        index = _clustered(vectors, progress)
        faiss.write_index(index, str(folder / _COARSE))
        probed, recall = _tuned(vectors, index, queries if len(queries) else _sample(vectors, 100))
    (folder / _ABOUT).write_text(json.dumps({"probed": probed, "recall": round(recall, 4)}))


def exact(vectors: Vectors | CodedVectors, queries: Vectors, top_k: int) -> NDArray[np.int64]:
    """The rows nearest to each query by comparing all, (queries, top_k); block by block, as the vectors may be larger than memory."""
    heap = faiss.ResultHeap(len(queries), top_k, keep_max=True)
    for number, block in enumerate(_blocks(vectors)):
        scores, rows = faiss.knn(np.ascontiguousarray(queries), block, min(top_k, len(block)), metric=faiss.METRIC_INNER_PRODUCT)
        heap.add_result(scores, rows + number * _BLOCK)
    heap.finalize()
    return np.asarray(heap.I, dtype=np.int64)


def _selector(allowed: NDArray[np.bool_] | None) -> Any:
    """FAISS' own form of the rows that are allowed."""
    return None if allowed is None else faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]


def _found(result: tuple[Any, NDArray[np.int64]]) -> NDArray[np.int64]:
    """The rows of a search's one query; FAISS fills up what it does not find with -1."""
    rows = result[1][0]
    return np.asarray(rows[rows >= 0], dtype=np.int64)


def _coded(vectors: Vectors | CodedVectors) -> Any:
    """The 8-bit codes of all vectors, with one scale for all their numbers: FAISS compares them with those of a query as whole numbers."""
    codes: Any = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT)
    most = max(np.abs(block).max() for block in _blocks(vectors))
    for block in _blocks(vectors):
        codes.add(_as_bytes(block, most))
    return codes


def _as_bytes(vectors: Vectors, most: float) -> Vectors:
    """Whole numbers from -127 to 127 in the place of those from `-most` to `most`."""
    whole: Vectors = np.rint(vectors * np.float32(127 / max(most, 1e-12)))
    return whole


def _clustered(vectors: CodedVectors, progress: Progress | None) -> Any:
    """Clusters about twice as many as the root of the rows; the codes of all rows are in memory until they are written."""
    count, dimension = vectors.shape
    clusters = 2 ** min(round(math.log2(2 * math.sqrt(count))), int(math.log2(count)))
    index: Any = faiss.index_factory(dimension, f"IVF{clusters},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 10
    index.train(_sample(vectors, _TRAINING_ROWS * clusters))
    for block in _blocks(vectors):
        index.add(block)
        if progress:
            progress(index.ntotal, count, "建立向量索引")
    return index


def _tuned(vectors: CodedVectors, index: Any, queries: Vectors) -> tuple[int, float]:
    """The fewest clusters, to an eighth, that give RECALL, and the recall measured; all clusters if fewer do not."""
    wanted = exact(vectors, queries, 10)

    def recall(probed: int) -> float:
        whole = DenseIndex(vectors, Clusters(index, probed, 0.0))
        found = [{item.row for item in whole.search(query[None], 10)} for query in queries]
        return float(sum(len(rows & set(nearest)) for rows, nearest in zip(found, wanted.tolist(), strict=True)) / wanted.size)

    enough, measured = 1, recall(1)
    while measured < RECALL and enough < index.nlist:
        enough = min(2 * enough, index.nlist)
        measured = recall(enough)
    too_few = enough // 2
    while measured >= RECALL and enough - too_few > max(1, enough // 8):
        between = (too_few + enough) // 2
        found = recall(between)
        enough, measured, too_few = (between, found, too_few) if found >= RECALL else (enough, measured, between)
    return enough, measured


def _sample(vectors: CodedVectors, most: int) -> Vectors:
    """At most so many rows, spread evenly."""
    return vectors[np.linspace(0, len(vectors) - 1, min(most, len(vectors))).astype(np.int64)]


def _blocks(vectors: Vectors | CodedVectors) -> Iterator[Vectors]:
    """The vectors, some at a time: there may be more than memory holds."""
    for start in range(0, len(vectors), _BLOCK):
        yield vectors[start : start + _BLOCK]
