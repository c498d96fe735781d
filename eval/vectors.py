"""Vectors of questions kept between runs: the same questions are asked again and again while something is being tuned."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.types import Encoder, Progress, Vectors

DIGEST_BYTES = 16


class RememberingEncoder:
    """An encoder that computes the vector of a query once; `file` keeps them, one for each encoder that they were computed with."""

    def __init__(self, encoder: Encoder, file: Path | None = None) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._file = file
        self._known = _load(file, encoder.name) if file else {}
        self._kept = len(self._known)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        digests = [_digest(text) for text in texts]
        new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in self._known}
        if new:
            self._known.update(zip(new, self._encoder.encode_queries(list(new.values()), progress), strict=True))
        return np.asarray([self._known[digest] for digest in digests], np.float32).reshape(len(texts), self.dimension)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encoder.encode_passages(texts, progress)

    def save(self) -> None:
        """Writes what was learnt, whole or not at all."""
        if self._file is None or len(self._known) == self._kept:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_name(self._file.name + ".tmp")
        digests = np.frombuffer(b"".join(self._known), np.uint8).reshape(-1, DIGEST_BYTES)
        with unfinished.open("wb") as file:
            np.savez(file, encoder=np.asarray(self.name), digests=digests, vectors=np.asarray(list(self._known.values()), np.float32))
        unfinished.replace(self._file)
        self._kept = len(self._known)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES]


def _load(file: Path, encoder_name: str) -> dict[bytes, np.ndarray]:
    """The vectors of a file by the digests of their texts; none where it is missing, damaged, or of another encoder."""
    try:
        with np.load(file) as stored:
            if str(stored["encoder"]) != encoder_name:
                return {}
            return {digest.tobytes(): vector for digest, vector in zip(stored["digests"], stored["vectors"], strict=True)}
    except (OSError, ValueError, KeyError, EOFError):
        return {}
