"""Arrays in files, mapped into memory: filled row by row while an index is built, read where they lie when it is used."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from corpus.errors import IndexMismatchError


def to_fill(path: Path, shape: tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
    """An array of a shape and a kind in the file `path`, to be filled; the one that is there if it fits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        there: NDArray[Any] = np.load(path, mmap_mode="r+")
        if there.shape == shape and there.dtype == kind:
            return there
    if 0 in shape:
        # Nothing cannot be mapped.
        np.save(path, np.zeros(shape, kind))
        return np.zeros(shape, kind)
    return np.lib.format.open_memmap(path, "w+", kind, shape)


def flush(array: NDArray[Any]) -> None:
    """Writes what was filled into its file; an array of nothing has been written already."""
    if isinstance(array, np.memmap):
        array.flush()


def stored(path: Path) -> NDArray[Any]:
    """The array of a file as it lies there. Raises IndexMismatchError when it is missing or cut short."""
    try:
        # A plain array over the mapped file: numpy's memmap type would spread to every result.
        return np.asarray(np.load(path, mmap_mode="r"))
    except (OSError, ValueError) as exc:
        raise damaged(path) from exc


def appended(path: Path, kind: DTypeLike) -> NDArray[Any]:
    """The values (count,) of a file to whose end they were written bare, without a header. Raises IndexMismatchError as `stored` does."""
    try:
        # An empty file cannot be mapped.
        return np.asarray(np.memmap(path, kind, "r")) if path.stat().st_size else np.zeros(0, kind)
    except (OSError, ValueError) as exc:
        raise damaged(path) from exc


def damaged(path: Path) -> IndexMismatchError:
    """The error to raise for a file of an index that is not what it should be."""
    return IndexMismatchError(f"索引文件 {path} 已损坏：请运行 judian index build 重建。")
