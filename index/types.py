"""The nouns of retrieval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Float32 matrix, one L2-normalised row a text."""

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with (done, total, what is being done)."""


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their cosine similarity."""

    @property
    def name(self) -> str:
        """Identity of model and weights; an index built under another name is refused."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors (len(texts), dimension) of questions."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors (len(texts), dimension) of texts to be found."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item's row in its index and its score; higher is better."""

    row: int
    score: float
