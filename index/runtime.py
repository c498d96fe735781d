"""A converted model of `bundled` on ONNX Runtime: texts are cut into tokens, put into batches of like length, and the batches shared by the cores."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.bundled import LOWER_FILE, MAX_TOKENS, TOKENIZER_FILE
from index.lru import Lru
from index.types import Progress

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

ENCODING = "计算向量"
_BATCH_TOKENS = 256
"""Tokens of a batch, padding included: what comes of so many between two operators stays in a core's own cache. With 1,024 a text takes a twelfth
longer."""

_SHARED_FROM = 128
"""Tokens of a batch from which several threads are faster than one: a question leaves the other cores to other questions."""

_LATEST = 256
"""Texts of which is remembered what the lower graph made of them; one takes some 30 kB."""

_REMEMBERED_AT_ONCE = 64
"""Texts up to which a call's are remembered: those of an index are asked for once."""

_UNWANTED = ("SkipLayerNormFusion",)
"""Optimisations that make the graphs slower (see `_add_and_normalise` of `bundled`)."""

Ids: TypeAlias = tuple[int, ...]
"""A text as the numbers of its tokens, those of its beginning and its end included."""

Output: TypeAlias = NDArray[np.float32]


class OnnxModel:
    """One of the upper graphs in a folder that `prepare_bundled_model` returns, on the lower one; a text is cut to `longest` tokens.

    Safe to use from several threads.
    """

    def __init__(self, folder: Path, file: str, threads: int, longest: int = MAX_TOKENS) -> None:
        self._threads, self._longest = threads, longest
        self._tokenizer = _tokenizer(folder)
        self._lower = _lower(folder, threads)
        self._upper = _Graph(folder, file, threads)

    @property
    def width(self) -> int:
        """Length of the vectors that the graph gives."""
        return self._upper.width

    def run(self, texts: Sequence[str], progress: Progress | None = None) -> Iterator[tuple[list[int], list[int], Output]]:
        """Batch by batch the numbers of its texts, how many tokens each has, and what the graph makes of them, one row a text. Raises ModelError."""
        cut = [tuple(_shortened(encoding.ids, self._longest)) for encoding in self._tokenizer.encode_batch(texts)]
        groups = batches([len(ids) for ids in cut])
        remembers = len(texts) <= _REMEMBERED_AT_ONCE
        done = 0
        for rows, own in zip(groups, self._run_all([[cut[row] for row in rows] for rows in groups], remembers), strict=True):
            yield rows, [len(cut[row]) for row in rows], own
            done += len(rows)
            if progress:
                progress(done, len(texts), ENCODING)

    def _run_all(self, groups: Sequence[Sequence[Ids]], remembers: bool) -> Iterator[Output]:
        """What comes of each batch. A large one is shared by the threads; of several each takes its own, which spares them waiting for each other."""
        if len(groups) > 1 and self._threads > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                yield from pool.map(partial(self._run, remembers=remembers, alone=False), groups)
        else:
            for batch in groups:
                yield self._run(batch, remembers=remembers, alone=True)

    def _run(self, batch: Sequence[Ids], *, remembers: bool, alone: bool) -> Output:
        shared = alone and self._threads > 1 and _tokens(batch) >= _SHARED_FROM
        hidden = self._lower.remembered(batch, shared) if remembers else self._lower.run(batch, shared)
        return self._upper.run({"hidden": hidden, "attention_mask": _mask(batch)}, shared)


class _Lower:
    """The lower graph of a folder, and what it made of the latest texts: each of the upper graphs is asked for the same questions in turn."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._graph = _Graph(folder, LOWER_FILE, threads)
        self._latest: Lru[Ids, Output] = Lru(_LATEST)

    def run(self, batch: Sequence[Ids], shared: bool) -> Output:
        """What the graph makes of each text's tokens, (texts, tokens, 384)."""
        padded = np.ones((len(batch), max(map(len, batch))), np.int64)
        for row, ids in enumerate(batch):
            padded[row, : len(ids)] = ids
        return self._graph.run({"input_ids": padded, "attention_mask": _mask(batch)}, shared)

    def remembered(self, batch: Sequence[Ids], shared: bool) -> Output:
        """The same, computed only for the texts that are not among the latest; what stands behind the end of a text is of no account."""
        found, missing = self._latest.split(batch)
        if missing:
            for ids, own in zip(missing, self.run(missing, shared), strict=True):
                found[ids] = own[: len(ids)]
                self._latest.put(ids, found[ids])
        # Zeros behind a text's end would be divided by their own largest.
        hidden = np.ones((len(batch), max(map(len, batch)), self._graph.width), np.float32)
        for row, ids in enumerate(batch):
            hidden[row, : len(ids)] = found[ids]
        return hidden


class _Graph:
    """A graph on ONNX Runtime, on one thread and on several."""

    def __init__(self, folder: Path, file: str, threads: int) -> None:
        self._folder, self._file, self._threads = folder, file, threads
        self._single = self._session(1)

    @property
    def width(self) -> int:
        width: int = self._single.get_outputs()[0].shape[-1]
        return width

    def run(self, inputs: Mapping[str, NDArray[Any]], shared: bool) -> Output:
        """The graph's output; `shared` by the threads. Raises ModelError."""
        try:
            output: Output = (self._shared if shared else self._single).run(None, dict(inputs))[0]
        except Exception as exc:
            raise ModelError(f"向量模型未能计算向量：{exc}。请检查可用内存后重试。") from exc
        return output

    @cached_property
    def _shared(self) -> "InferenceSession":
        """The graph on all threads; loaded when there is first a batch for it."""
        return self._session(self._threads)

    def _session(self, threads: int) -> "InferenceSession":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Threads that spin between operators gain little alone and lose much when another process wants the core.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(
                str(self._folder / self._file), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(_UNWANTED)
            )
        except Exception as exc:
            raise _unloadable(self._folder, exc) from exc


@cache
def _lower(folder: Path, threads: int) -> _Lower:
    """Loaded once for all graphs that stand upon it."""
    return _Lower(folder, threads)


@cache
def _tokenizer(folder: Path) -> "Tokenizer":
    """Loaded once for all graphs of a folder, as that takes longer than to load a graph; never changed, as they share it. Raises ModelError."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as exc:
        raise _unloadable(folder, exc) from exc


def _shortened(ids: Sequence[int], longest: int) -> Sequence[int]:
    """At most so many tokens of a text; its last, the sign of the end, stays."""
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def _tokens(batch: Sequence[Ids]) -> int:
    """Of a batch, padding included."""
    return len(batch) * max(map(len, batch))


def _unloadable(folder: Path, exc: Exception) -> ModelError:
    """For whatever `tokenizers` and ONNX Runtime raise: bare or private exception classes."""
    return ModelError(f"无法载入向量模型 {folder}：{exc}。请删除该目录后重新启动，程序会自动重建。")


def _mask(batch: Sequence[Ids]) -> NDArray[np.int64]:
    """1 for a token of a text, 0 behind its end."""
    lengths = np.fromiter(map(len, batch), np.int64, len(batch))
    mask: NDArray[np.int64] = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    return mask


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows grouped by similar length, longest first, each group within the token budget once padded to its longest."""
    groups: list[list[int]] = []
    room = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if not room:
            groups.append([])
            room = max(1, _BATCH_TOKENS // lengths[row])
        groups[-1].append(row)
        room -= 1
    return groups


def available_cores() -> int:
    """Cores this process may run on; fewer than the machine has where a container or `taskset` limits it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def encodable(text: str) -> str:
    """Lone surrogates, which no UTF-8 can hold, become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
