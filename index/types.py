"""The nouns of retrieval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.segment import Segmenter

Vectors: TypeAlias = NDArray[np.float32]
"""Float32 matrix, one L2-normalised row a text."""

Tokens: TypeAlias = NDArray[np.int8]
"""A text's tokens (tokens, width), each 127 times a vector of unit length."""

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


class Matcher(Protocol):
    """Turns texts into the vectors of their tokens, by which a question is compared with a reading token by token."""

    @property
    def name(self) -> str:
        """Identity of model and weights; tokens computed under another name are not compared."""

    @property
    def width(self) -> int:
        """Length of a token's vector."""

    def questions(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each question."""

    def readings(self, texts: Sequence[str], progress: Progress | None = None) -> list[Tokens]:
        """The tokens of each reading's text."""


class Ranked(NamedTuple):
    """An item's row in its index and its score; higher is better."""

    row: int
    score: float


@dataclass(frozen=True, slots=True)
class Row:
    """A text that can be found: the number of the record it stands for, and what a filter may ask of that record."""

    text: str
    owner: int
    document_id: str
    years: tuple[int, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Where to search: in these documents, in what speaks of one of these years, in records of these kinds; anywhere where a field is empty."""

    documents: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


ANYWHERE = Filter()


@dataclass(frozen=True, slots=True)
class Found:
    """A row found: the number of its record, its fused score, and its vector (dimension,)."""

    row: int
    owner: int
    score: float
    vector: NDArray[np.float32] = field(compare=False)


class Collection(Protocol):
    """Texts that are found by meaning, by word and by pair of characters, the three rankings fused by reciprocal rank.

    Rows are numbered from 0 in the order in which the texts came; several rows may stand for one record. Safe to use from several threads.
    A collection that was opened goes on answering when another build takes its place.
    """

    @property
    def count(self) -> int:
        """How many rows there are."""

    def search(self, query: str, vector: Vectors, depth: int, within: Filter = ANYWHERE) -> list[Found]:
        """The rows that are among the first `depth` of one of the rankings, best first, ties by row; `vector` (1, dimension) is the query's."""

    def vectors_of(self, digests: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The vectors (dimension,) of texts by their digests, of those that are here."""


VectorLookup: TypeAlias = Callable[[Sequence[bytes]], dict[bytes, NDArray[np.float32]]]
"""The vectors (dimension,) of texts by their digests, of those that are known."""


class Writer(Protocol):
    """A collection that is being built, batch after batch."""

    def add(self, first: int, rows: Sequence[Row], digests: Sequence[bytes], vectors: Vectors) -> None:
        """Takes in rows that follow each other, the first of them numbered `first`; the same rows again change nothing."""

    def finish(self, queries: Vectors, progress: Progress | None = None) -> None:
        """Makes what was added searchable; `queries` are vectors of questions for which the search may be tuned."""


class Engine(Protocol):
    """Where collections live. Raises IndexMismatchError when what should be there is not."""

    @property
    def name(self) -> str:
        """Identity of the place; an index that lies elsewhere is refused."""

    def writer(self, folder: Path, collection: str, count: int, dimension: int, segmenter: Segmenter, build: str) -> Writer:
        """A writer of `count` rows for a build, into its `folder` where files are needed; one that was interrupted goes on."""

    def publish(self, collections: Sequence[str], build: str) -> None:
        """Makes a finished build the current one and clears away those before the last; called when its folder is in place."""

    def open(self, folder: Path, collection: str, segmenter: Segmenter, build: str) -> Collection:
        """A collection of a finished build."""
