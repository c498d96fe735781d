"""Vectors of a simulated corpus: really embedded as far as they are at hand, seeded perturbations of these beyond."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.digest import vector_digest
from index.types import Encoder, Progress, VectorLookup, Vectors

NOISE = 0.3
"""Length of the noise added to a vector of length 1: the cosine between a vector and its perturbation is about 0.96, as between two simulated
passages that share most of their sentences."""

_BATCH = 256


def embed_ahead(file: Path, texts: Iterable[str], most: int, encoder: Encoder, progress: Progress | None = None) -> int:
    """Embeds the first `most` texts into a file of float32 rows, going on behind those that it holds; the number of rows it holds then."""
    file.parent.mkdir(parents=True, exist_ok=True)
    row_bytes = 4 * encoder.dimension
    done = file.stat().st_size // row_bytes if file.exists() else 0
    with file.open("ab") as out:
        out.truncate(done * row_bytes)
        waiting = itertools.islice(texts, done, max(done, most))
        while batch := list(itertools.islice(waiting, _BATCH)):
            out.write(encoder.encode_passages(batch).tobytes())
            out.flush()
            done += len(batch)
            if progress:
                progress(done, most, "计算模拟段落的向量")
    return done


class SimulatedVectors:
    """An encoder for a corpus of the `real` texts and simulated ones: it has the vectors of the first `simulated` texts and makes up the others.

    The vectors of real texts and of questions come out of `known`, the product's own index, or are computed. What it makes up for a text depends
    on the text alone: one of the known vectors, chosen and disturbed by the text's hash.
    """

    def __init__(self, encoder: Encoder, real: Iterable[str], simulated: Iterator[str], file: Path, known: VectorLookup) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.made_up = 0
        self._encoder = encoder
        self._of_real = known
        self._real = frozenset(_key(text) for text in real)
        self._known: NDArray[np.float32] = np.memmap(file, np.float32, "r").reshape(-1, encoder.dimension)
        self._rows = {_key(text): row for row, text in enumerate(itertools.islice(simulated, len(self._known)))}

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._looked_up(texts, False, progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        keys = [_key(text) for text in texts]
        real = [row for row, key in enumerate(keys) if key in self._real]
        if real:
            vectors[real] = self._looked_up([texts[row] for row in real], True, progress)
        for row, key in enumerate(keys):
            if key not in self._real:
                vectors[row] = self._known[self._rows[key]] if key in self._rows else self._perturbed(key)
        return vectors

    def _looked_up(self, texts: Sequence[str], as_passages: bool, progress: Progress | None) -> Vectors:
        encode = self._encoder.encode_passages if as_passages else self._encoder.encode_queries
        digests = [vector_digest(text, as_passages) for text in texts]
        known = self._of_real(digests)
        missing = {own: text for own, text in zip(digests, texts, strict=True) if own not in known}
        computed = dict(zip(missing, encode(list(missing.values()), progress), strict=True)) if missing else {}
        return np.stack([known[own] if own in known else computed[own] for own in digests])

    def _perturbed(self, key: int) -> NDArray[np.float32]:
        self.made_up += 1
        noise = np.random.Generator(np.random.SFC64(key)).standard_normal(self.dimension, np.float32)
        vector = self._known[key % len(self._known)] + noise * (NOISE / np.sqrt(self.dimension))
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
