"""Questions that arrive together have their vectors computed together, and the vectors of the latest are kept."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from index.types import Encoder, Progress, Vectors
from ui.api.cache import Lru
from ui.api.metrics import Metrics

KEPT = 4096
"""Vectors kept; one takes 1.5 kB."""

_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    vector: Future[Vectors] = field(default_factory=Future)


class BatchingEncoder:
    """An encoder for many threads: whoever comes while it works waits, and the first of those who wait computes for all of them.

    Nobody is made to wait for others to come, so that a lone question takes no longer than without it.
    """

    def __init__(self, encoder: Encoder, metrics: Metrics) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._metrics = metrics
        self._vectors: Lru[str, Vectors] = Lru(KEPT)
        self._waiting: list[_Waiting] = []
        self._queue = threading.Lock()
        self._work = threading.Lock()

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encoder.encode_passages(texts, progress)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:  # noqa: ARG002
        """The vectors of the texts, (texts, dimension)."""
        kept = {text: self._vectors.get(text) for text in texts}
        missing = [_Waiting(text) for text, vector in kept.items() if vector is None]
        self._metrics.cached("vectors", len(kept) - len(missing), len(missing))
        if missing:
            self._compute(missing)
            kept |= {one.text: one.vector.result() for one in missing}
        vectors = [vector for text in texts if (vector := kept[text]) is not None]
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), np.float32)

    def _compute(self, missing: Sequence[_Waiting]) -> None:
        with self._queue:
            self._waiting += missing
        while not all(one.vector.done() for one in missing):
            with self._work:
                with self._queue:
                    batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
                if batch:
                    self._compute_batch(batch)

    def _compute_batch(self, batch: Sequence[_Waiting]) -> None:
        self._metrics.query_batch.observe(len(batch))
        try:
            vectors = self._encoder.encode_queries([one.text for one in batch])
        except BaseException as exc:
            for one in batch:
                one.vector.set_exception(exc)
            return
        for one, vector in zip(batch, vectors, strict=True):
            self._vectors.put(one.text, vector)
            one.vector.set_result(vector)
