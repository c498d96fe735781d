"""Vectors as they are stored: a byte for each number, and for each vector how much the bytes stand for.

A cosine is off by two ten-thousandths, a hundredth of what the cosines of two texts differ by. Coded once more, what was coded stays as it is, so that
vectors can be taken over from index to index.

vectors.npy    (rows, dimension) int8: 127 is the largest number of a vector
scales.npy     (rows,) float32: what one step of a vector's bytes stands for
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import mapped
from index.types import Vectors

_CODES, _SCALES = "vectors.npy", "scales.npy"
_STEPS = 127


class CodedVectors:
    """Vectors (rows, dimension), put in and read by rows in single precision, out of the files of a folder."""

    def __init__(self, codes: NDArray[np.int8], scales: NDArray[np.float32]) -> None:
        self._codes = codes
        self._scales = scales

    @classmethod
    def to_fill(cls, folder: Path, count: int, dimension: int) -> "CodedVectors":
        """Vectors to be put in; what a folder has of them already stays."""
        return cls(mapped.to_fill(folder / _CODES, (count, dimension), np.int8), mapped.to_fill(folder / _SCALES, (count,), np.float32))

    @classmethod
    def stored(cls, folder: Path) -> "CodedVectors":
        """Raises IndexMismatchError when a file is missing, cut short, or not as long as the other."""
        codes, scales = mapped.stored(folder / _CODES), mapped.stored(folder / _SCALES)
        if len(codes) != len(scales):
            raise mapped.damaged(folder / _SCALES)
        return cls(codes, scales)

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def shape(self) -> tuple[int, int]:
        rows, dimension = self._codes.shape
        return rows, dimension

    def __setitem__(self, rows: slice, vectors: Vectors) -> None:
        # A vector of zeros stays one.
        scales = np.maximum(np.abs(vectors).max(axis=1), np.finfo(np.float32).tiny * _STEPS) / _STEPS
        self._codes[rows] = np.rint(vectors / scales[:, None])
        self._scales[rows] = scales

    def __getitem__(self, rows: int | slice | NDArray[np.int64]) -> Vectors:
        return np.asarray(self._codes[rows] * self._scales[rows][..., None])

    def flush(self) -> None:
        mapped.flush(self._codes)
        mapped.flush(self._scales)
