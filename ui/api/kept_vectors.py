"""The vectors of the latest questions, kept for the next who asks the same."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from index.lru import Lru
from index.types import Encoder, Progress, Vectors

KEPT = 4096
"""Vectors kept; one takes 1.5 kB."""

Cached: TypeAlias = Callable[[str, int, int], None]
"""Takes the name of a cache, how many were found in it, and how many not."""


class KeepingEncoder:
    """An encoder that computes a question's vector once, as long as it is among the latest. Safe to use from several threads.

    Each thread computes its own: that those who come together wait for one another, to be computed at once, was measured to be slower on
    two cores, as a core that computes nothing serves nobody.
    """

    def __init__(self, encoder: Encoder, cached: Cached) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._cached = cached
        self._vectors: Lru[str, Vectors] = Lru(KEPT)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encoder.encode_passages(texts, progress)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The vectors of the texts, (texts, dimension)."""
        kept, missing = self._vectors.split(texts)
        self._cached("vectors", len(kept), len(missing))
        if missing:
            for text, vector in zip(missing, self._encoder.encode_queries(missing, progress), strict=True):
                kept[text] = vector
                self._vectors.put(text, vector)
        return np.stack([kept[text] for text in texts]) if texts else np.empty((0, self.dimension), np.float32)
