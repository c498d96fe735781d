"""Collections in mapped files on this machine: FAISS for meaning, BM25 for words and for pairs of characters."""

import copy
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import dense, mapped, sparse
from index.coded import CodedVectors
from index.digest import DIGEST_BYTES
from index.hybrid import HybridIndex, fuse
from index.segment import Segmenter, bigrams
from index.types import ANYWHERE, Collection, Filter, Found, Progress, Row, VectorLookup, Vectors

_OWNERS, _DOCUMENTS, _YEARS, _KINDS, _DIGESTS = "owners.npy", "documents.npy", "years.npy", "kinds.npy", "digests.npy"
_FIRST_YEAR = 1978
"""Year of the lowest bit of a row's years; those before share it, those after the highest bit share that."""


class Files:
    """The engine that needs nothing but a folder; beyond `flat_up_to` rows meaning is searched by clusters."""

    name = "files"

    def __init__(self, flat_up_to: int = dense.FLAT_UP_TO) -> None:
        self._flat_up_to = flat_up_to

    def writer(self, folder: Path, collection: str, count: int, dimension: int, segmenter: Segmenter, build: str) -> "FilesWriter":
        return FilesWriter(folder / collection, count, dimension, segmenter, self._flat_up_to)

    def publish(self, collections: Sequence[str], build: str) -> None:
        """Files are published with their folder."""

    def open(self, folder: Path, collection: str, segmenter: Segmenter, build: str) -> Collection:
        return FilesCollection(folder / collection, segmenter)


class FilesWriter:
    """Writes vectors where they belong at once, and terms as parts that are merged in the end."""

    def __init__(self, folder: Path, count: int, dimension: int, segmenter: Segmenter, flat_up_to: int) -> None:
        self._folder = folder
        self._segmenter = segmenter
        self._flat_up_to = flat_up_to
        self._vectors = CodedVectors.to_fill(folder, count, dimension)
        self._attributes = {
            _OWNERS: mapped.to_fill(folder / _OWNERS, (count,), np.int32),
            _DOCUMENTS: mapped.to_fill(folder / _DOCUMENTS, (count,), np.uint64),
            _YEARS: mapped.to_fill(folder / _YEARS, (count,), np.uint64),
            _KINDS: mapped.to_fill(folder / _KINDS, (count,), np.uint64),
            _DIGESTS: mapped.to_fill(folder / _DIGESTS, (count, DIGEST_BYTES), np.uint8),
        }

    def add(self, first: int, rows: Sequence[Row], digests: Sequence[bytes], vectors: Vectors) -> None:
        at = slice(first, first + len(rows))
        self._vectors[at] = vectors
        self._attributes[_OWNERS][at] = [row.owner for row in rows]
        self._attributes[_DOCUMENTS][at] = [sparse.hash64(row.document_id) for row in rows]
        self._attributes[_YEARS][at] = [_year_bits(row.years) for row in rows]
        self._attributes[_KINDS][at] = [sparse.hash64(row.kind) for row in rows]
        self._attributes[_DIGESTS][at] = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)
        sparse.add_part(self._folder / "words", first, [self._segmenter.terms(row.text) for row in rows])
        sparse.add_part(self._folder / "bigrams", first, [bigrams(row.text) for row in rows])

    def finish(self, queries: Vectors, progress: Progress | None = None) -> None:
        self._vectors.flush()
        for column in self._attributes.values():
            mapped.flush(column)
        for number, leg in enumerate(("words", "bigrams")):
            sparse.finish(self._folder / leg)
            if progress:
                progress(number + 1, 2, "建立词语索引")
        dense.finish(self._folder, queries, self._flat_up_to, progress)


class FilesCollection:
    """A collection out of its folder."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self.index = HybridIndex.load(folder)
        self._folder = folder
        self._segmenter = segmenter
        self._owners = mapped.stored(folder / _OWNERS)
        self._documents = mapped.stored(folder / _DOCUMENTS)
        self._years = mapped.stored(folder / _YEARS)
        self._kinds = mapped.stored(folder / _KINDS)

    @property
    def count(self) -> int:
        return self.index.count

    def search(self, query: str, vector: Vectors, depth: int, within: Filter = ANYWHERE) -> list[Found]:
        if self.count == 0:
            return []
        allowed = None if within == ANYWHERE else self._allowed(within)
        fused = fuse(self.index.rankings(query, vector, self._segmenter, depth, allowed))
        vectors = self.index.dense.vectors([item.row for item in fused])
        return [Found(item.row, int(self._owners[item.row]), item.score, own) for item, own in zip(fused, vectors, strict=True)]

    def over(self, index: HybridIndex) -> "FilesCollection":
        """The same rows found by another index over them."""
        other = copy.copy(self)
        other.index = index
        return other

    def vectors_of(self, digests: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        return self._look_up(digests)

    @cached_property
    def _look_up(self) -> VectorLookup:
        """Made when it is first asked for: putting all digests in order takes long, and only a build needs it."""
        return vectors_in(self._folder, CodedVectors.stored(self._folder))

    def _allowed(self, within: Filter) -> NDArray[np.bool_]:
        allowed = np.ones(self.count, dtype=np.bool_)
        if within.documents:
            allowed &= np.isin(self._documents, [sparse.hash64(name) for name in within.documents])
        if within.years:
            allowed &= (self._years & np.uint64(_year_bits(within.years))) != 0
        if within.kinds:
            allowed &= np.isin(self._kinds, [sparse.hash64(kind) for kind in within.kinds])
        return allowed


def vectors_in(folder: Path, vectors: Vectors | CodedVectors) -> VectorLookup:
    """The vectors of a collection in files, finished or not, by the digests of their texts."""
    digests = mapped.stored(folder / _DIGESTS)
    # The first eight bytes are looked up in order; two digests that share them are told apart by the others.
    keys = np.ascontiguousarray(digests[:, :8]).view(np.uint64).ravel()
    order = np.argsort(keys, kind="stable")
    keys = keys[order]

    def look_up(wanted: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        for digest in wanted:
            at = int(np.searchsorted(keys, np.frombuffer(digest[:8], np.uint64)[0]))
            if at < len(keys) and digests[order[at]].tobytes() == digest:
                found[digest] = vectors[int(order[at])]
        return found

    return look_up


def _year_bits(years: Sequence[int]) -> int:
    bits = 0
    for year in years:
        bits |= 1 << min(63, max(0, year - _FIRST_YEAR))
    return bits
