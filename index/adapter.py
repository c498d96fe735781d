"""What the bundled model was taught for comparing a question with a reading token by token: changes to its weights, and a projection.

The changes are of low rank (LoRA, Hu et al. 2021, arXiv:2106.09685) and of the upper layers alone; the projection brings a token's vector to few
dimensions. Both were trained on the shipped readings by `judian eval teach`, whose account of it stands beside them in the file.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "adapter.npz"

_LEFT, _RIGHT, _PROJECTION, _SHIFT, _ABOUT = ".left", ".right", "projection", "shift", "about"


@dataclass(frozen=True, slots=True)
class Adapter:
    """`factors` holds by the name of a matrix ("l6.q.w") the two, (rows, rank) and (rank, columns), whose product is added to it; `projection` is
    (width, 384), `shift` (width,). `about` tells how it was made."""

    factors: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    projection: NDArray[np.float32]
    shift: NDArray[np.float32]
    about: Mapping[str, Any]

    @property
    def first_layer(self) -> int:
        """The number of the lowest layer that it changes."""
        return min(int(name[1 : name.index(".")]) for name in self.factors)

    def applied(self, name: str, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """A matrix of the model as the adapter changes it."""
        if name not in self.factors:
            return matrix
        left, right = self.factors[name]
        return matrix + left @ right


def load_adapter(file: Path = FILE) -> Adapter:
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in stored.files}
    single = {name: values.astype(np.float32) for name, values in arrays.items() if name != _ABOUT}
    names = [name.removesuffix(_LEFT) for name in single if name.endswith(_LEFT)]
    factors = {name: (single[name + _LEFT], single[name + _RIGHT]) for name in names}
    return Adapter(factors, single[_PROJECTION], single[_SHIFT], json.loads(str(arrays[_ABOUT])))


def save_adapter(adapter: Adapter, file: Path = FILE) -> None:
    """Writes an adapter in half precision, whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {_PROJECTION: adapter.projection.astype(np.float16), _SHIFT: adapter.shift.astype(np.float16)}
    for name, (left, right) in adapter.factors.items():
        arrays |= {name + _LEFT: left.astype(np.float16), name + _RIGHT: right.astype(np.float16)}
    unfinished = file.with_suffix(".tmp.npz")
    np.savez_compressed(unfinished, allow_pickle=False, about=np.asarray(json.dumps(dict(adapter.about), ensure_ascii=False)), **arrays)
    unfinished.replace(file)


@cache
def adapter_digest() -> str:
    """Of the shipped file: part of the identity of everything computed with it."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()
