"""BM25 (Robertson & Zaragoza 2009; the variant of Lucene) over any kind of terms.

Scores are worked out when the index is built, one for each term of each text, as bm25s does (Lù 2024, arXiv:2407.03618), and lie in mapped
files term by term. bm25s itself holds a whole corpus as Python lists while it builds and adds up every text that holds a term when it
searches. Here texts come batch by batch, and a search leaves out the texts that cannot be among the best (MaxScore, Turtle & Flood 1995).

terms.npy       hashes of the terms, sorted
bounds.npy      where each term's stretch begins in rows.npy and scores.npy, and where the last one ends
peaks.npy       the highest score of each term
rows.npy        the texts that hold a term, ascending within its stretch
scores.npy      what the term adds to each
"""

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError
from index import mapped
from index.types import Ranked, Vectors

K1, B = 1.2, 0.5
FULL_UP_TO = 100_000
"""Postings up to which a search adds up all of them."""

_PARTS, _MERGED = "parts", "merged"
_SLACK = 1e-4
"""More than what the order of additions can change in a sum of float32 scores."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The postings of a query term: rows, what it adds to each, the most it adds to any, and how often it is asked."""

    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    peak: float
    times: int


@dataclass(frozen=True, slots=True)
class _Postings:
    """The arrays of an index, each in the file of its name."""

    terms: NDArray[np.uint64]
    bounds: NDArray[np.int64]
    peaks: NDArray[np.float32]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]


class SparseIndex:
    """Term search over texts already cut into terms; rows keep the order in which they came."""

    def __init__(self, count: int, postings: _Postings) -> None:
        self.count = count
        self._postings = postings

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "SparseIndex":
        """An index in memory."""
        with tempfile.TemporaryDirectory(prefix="judian-terms-") as folder:
            add_part(Path(folder), 0, texts)
            finish(Path(folder))
            index = cls.load(Path(folder))
            return cls(index.count, _Postings(**{name: np.array(getattr(index._postings, name)) for name in _NAMES}))

    def scores(self, terms: Sequence[str]) -> Vectors:
        """The score of every row, (count,); zero where no term occurs."""
        return self._added(self._stretches(terms))

    def search(self, terms: Sequence[str], top_k: int, allowed: NDArray[np.bool_] | None = None) -> list[Ranked]:
        """The best rows with a score above zero, best first, ties by row; among the `allowed` ones (count,) if given."""
        stretches = self._stretches(terms)
        if sum(len(stretch.rows) for stretch in stretches) <= FULL_UP_TO:
            scores = self._added(stretches)
            rows = _scored(scores, allowed)
            return _best(rows, scores[rows], top_k)
        rows = self._promising(stretches, top_k, allowed)
        return _best(rows, sum((_looked_up(stretch, rows) for stretch in stretches), np.zeros(len(rows), np.float32)), top_k)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _NAMES:
            np.save(folder / f"{name}.npy", getattr(self._postings, name))
        (folder / "count.json").write_text(json.dumps({"count": self.count}))

    @classmethod
    def load(cls, folder: Path) -> "SparseIndex":
        try:
            count = json.loads((folder / "count.json").read_text())["count"]
            return cls(count, _Postings(**{name: mapped.stored(folder / f"{name}.npy") for name in _NAMES}))
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise IndexMismatchError(f"词项索引 {folder} 已损坏：请运行 judian index build 重建。") from exc

    def _stretches(self, terms: Sequence[str]) -> list[_Stretch]:
        """The postings of the terms that occur, in the order in which they are asked."""
        found = []
        known = self._postings
        for term, times in Counter(terms).items():
            at = int(np.searchsorted(known.terms, hash64(term)))
            if at < len(known.terms) and known.terms[at] == hash64(term):
                start, end = int(known.bounds[at]), int(known.bounds[at + 1])
                found.append(_Stretch(known.rows[start:end], known.scores[start:end], float(known.peaks[at]), times))
        return found

    def _added(self, stretches: Sequence[_Stretch]) -> Vectors:
        scores = np.zeros(self.count, dtype=np.float32)
        for stretch in stretches:
            scores[stretch.rows] += stretch.scores * stretch.times
        return scores

    def _promising(self, stretches: Sequence[_Stretch], top_k: int, allowed: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Every row that may be among the best, from the terms that tell most to those that tell least.

        As soon as the terms that are left cannot lift a row without the earlier ones among the best, they are looked up for the rows at hand only.
        """
        waiting = sorted(stretches, key=lambda stretch: len(stretch.rows))
        scores = np.zeros(self.count, dtype=np.float32)
        left = sum(stretch.peak * stretch.times for stretch in waiting)
        rows: NDArray[np.int64] | None = None
        for stretch in waiting:
            if rows is None and len(stretch.rows) > FULL_UP_TO // 10:
                rows = _outstanding(scores, top_k, left, allowed)
            if rows is None:
                scores[stretch.rows] += stretch.scores * stretch.times
            else:
                scores[rows] += _looked_up(stretch, rows)
            left -= stretch.peak * stretch.times
            if rows is not None:
                rows = _within_reach(rows, scores[rows], top_k, left)
        if rows is None:
            touched = _scored(scores, allowed)
            rows = _within_reach(touched, scores[touched], top_k, 0.0)
        return rows


def add_part(folder: Path, first: int, texts: Sequence[Sequence[str]]) -> None:
    """Writes the postings of texts that follow each other, the first of them row `first`; the same texts again replace what is there."""
    lengths = np.fromiter((len(terms) for terms in texts), np.int32, len(texts))
    hashes = np.fromiter((hash64(term) for terms in texts for term in terms), np.uint64, int(lengths.sum()))
    terms, numbers = np.unique(hashes, return_inverse=True)
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    # Term and row in one number: sorted, they stand as the postings will, and equal ones are a term's occurrences in a text.
    pairs, times = np.unique(numbers.astype(np.int64) * max(1, len(texts)) + rows, return_counts=True)
    found, at = np.divmod(pairs, max(1, len(texts)))
    path = folder / _PARTS / f"{first:012d}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    held = np.bincount(found, minlength=len(terms)).astype(np.int32)
    np.savez(path, terms=terms, held=held, rows=(first + at).astype(np.int32), times=times.astype(np.int16), lengths=lengths)


def finish(folder: Path) -> None:
    """Makes one index of all parts and deletes them, unless that was done; memory holds a part and the terms at a time, not the postings."""
    shutil.rmtree(folder / _MERGED, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _PARTS).exists() and (folder / "count.json").exists():
        return
    parts = sorted((folder / _PARTS).glob("*.npz"))
    terms, held = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    count = total = 0
    for part in _read(parts):
        terms, held = _merged(terms, held, part["terms"], part["held"])
        count, total = count + len(part["lengths"]), total + int(part["lengths"].sum())
    bounds = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    rows = mapped.to_fill(folder / "rows.npy", (int(bounds[-1]),), np.int32)
    scores = mapped.to_fill(folder / "scores.npy", (int(bounds[-1]),), np.float32)
    rarity = np.log(1 + (count - held + 0.5) / (held + 0.5)).astype(np.float32)
    peaks, free = np.zeros(len(terms), np.float32), bounds[:-1].copy()
    average = total / max(1, count) or 1.0
    first = 0
    for part in _read(parts):
        numbers = np.searchsorted(terms, part["terms"])
        starts = np.concatenate([[0], np.cumsum(part["held"])[:-1]]).astype(np.int64) if len(numbers) else np.zeros(0, np.int64)
        at = np.arange(len(part["rows"])) + np.repeat(free[numbers] - starts, part["held"])
        length = part["lengths"][part["rows"] - first]
        saturated = part["times"] / (K1 * ((1 - B) + B * length / average) + part["times"])
        added = (np.repeat(rarity[numbers], part["held"]) * saturated).astype(np.float32)
        rows[at], scores[at] = part["rows"], added
        if len(numbers):
            peaks[numbers] = np.maximum(peaks[numbers], np.maximum.reduceat(added, starts))
        free[numbers] += part["held"]
        first += len(part["lengths"])
    for name, array in (("terms.npy", terms), ("bounds.npy", bounds), ("peaks.npy", peaks)):
        np.save(folder / name, array)
    (folder / "count.json").write_text(json.dumps({"count": count}))
    if (folder / _PARTS).exists():
        (folder / _PARTS).replace(folder / _MERGED)
        shutil.rmtree(folder / _MERGED)


_NAMES = ("terms", "bounds", "peaks", "rows", "scores")


@lru_cache(maxsize=1 << 20)
def hash64(text: str) -> np.uint64:
    """64 bits of BLAKE2: that any two of a million texts share a hash has a probability of 3 in 100 million."""
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"))


def _read(parts: Sequence[Path]) -> Iterator[dict[str, NDArray[np.int64]]]:
    for path in parts:
        with np.load(path) as part:
            yield {name: part[name] for name in part.files}


def _merged(
    terms: NDArray[np.uint64], held: NDArray[np.int64], others: NDArray[np.int64], others_held: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The terms of two sorted lists, and in how many texts each occurs."""
    both, numbers = np.unique(np.concatenate([terms, others.astype(np.uint64)]), return_inverse=True)
    return both, np.bincount(numbers, np.concatenate([held, others_held]), len(both)).astype(np.int64)


def _scored(scores: Vectors, allowed: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    """The rows with a score above zero, of the `allowed` ones (count,) if given; NumPy finds truths ten times as fast as figures."""
    return np.flatnonzero(scores > 0 if allowed is None else (scores > 0) & allowed)


def _outstanding(scores: Vectors, top_k: int, left: float, allowed: NDArray[np.bool_] | None) -> NDArray[np.int64] | None:
    """The rows scored so far that may be among the best; None while a row not yet scored may be."""
    touched = _scored(scores, allowed)
    if len(touched) < top_k or _place(scores[touched], top_k) < left + _SLACK:
        return None
    return _within_reach(touched, scores[touched], top_k, left)


def _within_reach(rows: NDArray[np.int64], scores: Vectors, top_k: int, left: float) -> NDArray[np.int64]:
    """The rows that may still come among the best with what is left to add."""
    return rows if len(rows) <= top_k else rows[scores >= _place(scores, top_k) - left - _SLACK]


def _place(scores: Vectors, top_k: int) -> float:
    """The score at place `top_k`, counted from 1."""
    return float(np.partition(scores, len(scores) - top_k)[len(scores) - top_k])


def _looked_up(stretch: _Stretch, rows: NDArray[np.int64]) -> Vectors:
    """What a term adds to some rows, (len(rows),)."""
    at = np.searchsorted(stretch.rows, rows.astype(np.int32))
    at[at == len(stretch.rows)] = 0
    return np.where(stretch.rows[at] == rows, stretch.scores[at] * stretch.times, 0).astype(np.float32)


def _best(rows: NDArray[np.int64], scores: Vectors, top_k: int) -> list[Ranked]:
    if len(rows) > top_k:
        near = scores >= _place(scores, top_k)
        rows, scores = rows[near], scores[near]
    order = np.lexsort((rows, -scores))[:top_k]
    return [Ranked(int(rows[at]), float(scores[at])) for at in order]
