"""Text to vectors: the bundled model on ONNX Runtime, or any other model through sentence-transformers."""

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import ModelError
from index.bundled import DIMENSION, FORMAT, MODEL, ONNX_FILE, PROMPTS, TOKENIZER_FILE, WHEEL, WHEEL_VERSION, prepare_bundled_model
from index.types import Encoder, Progress, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding

BUNDLED = "bundled"
ENCODING = "计算向量"
_SLICE = 256
_BATCH_TOKENS = 1024
"""Tokens of a batch, padding included: large enough to keep two cores busy, small enough to stay in their caches."""

_SHARED_FROM = 128
"""Tokens of a batch from which several threads are faster than one: a question leaves the other cores to other questions."""


def open_encoder(model: str, cache: Path, progress: Progress | None = None, threads: int | None = None) -> Encoder:
    """The encoder that the setting `model` names: "bundled", a sentence-transformers folder, or the id of such a model on a hub.

    The bundled model is converted into `cache` on first use and never touches the network. `threads` defaults to the cores this process may
    use. Raises ModelError.
    """
    if model == BUNDLED:
        return OnnxEncoder(prepare_bundled_model(cache, progress=progress), threads)
    return SentenceTransformerEncoder(model, threads, progress)


def name_of(model: str) -> str | None:
    """The name of the encoder that the setting `model` names; None where it has to be opened to know."""
    return OnnxEncoder.name if model == BUNDLED else None


class OnnxEncoder:
    """The bundled model, from the folder that `prepare_bundled_model` returns, on ONNX Runtime; a text is cut after 512 tokens."""

    name = f"{MODEL}/{WHEEL}-{WHEEL_VERSION}/int8-v{FORMAT}"
    dimension = DIMENSION

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        from tokenizers import Tokenizer

        self._folder = folder
        self._threads = threads or available_cores()
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as exc:
            raise _unloadable(folder, exc) from exc
        self._single = _session(folder, 1)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, PROMPTS["query"], progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, PROMPTS["passage"], progress)

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        encodings = self._tokenizer.encode_batch([prompt + _encodable(text) for text in texts])
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        groups = batches([len(encoding.ids) for encoding in encodings])
        found = self._run_all([[encodings[row] for row in rows] for rows in groups])
        done = 0
        for rows, own in zip(groups, found, strict=True):
            vectors[rows] = own
            done += len(rows)
            if progress:
                progress(done, len(texts), ENCODING)
        return vectors

    def _run_all(self, groups: "Sequence[Sequence[Encoding]]") -> Iterator[Vectors]:
        """The vectors of each batch. A large one is shared by the threads; of several each takes its own, which spares them waiting for each other."""
        if len(groups) > 1 and self._threads > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                yield from pool.map(partial(_run, self._single), groups)
        else:
            for encodings in groups:
                large = self._threads > 1 and _tokens(encodings) >= _SHARED_FROM
                yield _run(self._shared if large else self._single, encodings)

    @cached_property
    def _shared(self) -> "InferenceSession":
        """The model on all threads; loaded when there is first a batch for it."""
        return _session(self._folder, self._threads)


def _tokens(encodings: "Sequence[Encoding]") -> int:
    """Of a batch, padding included."""
    return len(encodings) * max(len(encoding.ids) for encoding in encodings)


def _unloadable(folder: Path, exc: Exception) -> ModelError:
    """For whatever `tokenizers` and ONNX Runtime raise: bare or private exception classes."""
    return ModelError(f"无法载入向量模型 {folder}：{exc}。请删除该目录后重新启动，程序会自动重建。")


def _session(folder: Path, threads: int) -> "InferenceSession":
    """The model of a folder on so many threads. Raises ModelError."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Threads that spin between operators gain little alone and lose much when another process wants the core.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(folder / ONNX_FILE), options, providers=["CPUExecutionProvider"])
    except Exception as exc:
        raise _unloadable(folder, exc) from exc


def _run(session: "InferenceSession", encodings: "Sequence[Encoding]") -> Vectors:
    ids = np.ones((len(encodings), max(len(encoding.ids) for encoding in encodings)), np.int64)
    mask = np.zeros_like(ids)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    try:
        vectors: Vectors = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    except Exception as exc:
        raise ModelError(f"向量模型未能计算向量：{exc}。请检查可用内存后重试。") from exc
    return vectors


class SentenceTransformerEncoder:
    """Any sentence-transformers model, from a folder or by its id on a hub; a text is cut where the model cuts it."""

    def __init__(self, model: str, threads: int | None = None, progress: Progress | None = None) -> None:
        if progress:
            progress(0, 1, f"载入向量模型 {model}")
        self._model = _load(model)
        if threads:
            import torch

            torch.set_num_threads(threads)
        self._query, self._passage = choose_prompts(self._model.prompts, model)
        self.dimension: int = self._model.get_embedding_dimension() or self._vectors([""], "").shape[1]
        self.name = f"{Path(model).name if Path(model).exists() else model}/{self._digest()}"
        if progress:
            progress(1, 1, f"载入向量模型 {model}")

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, self._query, progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, self._passage, progress)

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        # The library sorts a call's texts by length itself; it is called in slices only so that progress can be told.
        for start in range(0, len(texts), _SLICE):
            part = texts[start : start + _SLICE]
            vectors[start : start + len(part)] = self._vectors([_encodable(text) for text in part], prompt)
            if progress:
                progress(start + len(part), len(texts), ENCODING)
        return vectors

    def _vectors(self, texts: list[str], prompt: str) -> Vectors:
        try:
            vectors = self._model.encode(texts, prompt=prompt, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        except Exception as exc:
            raise ModelError(f"向量模型未能计算向量：{exc}。请检查可用内存，或在设置中改用别的向量模型（内置模型为 {BUNDLED}）。") from exc
        return np.asarray(vectors, np.float32)

    def _digest(self) -> str:
        """Of everything that shapes a vector: the weights, the prompts and the length at which texts are cut."""
        import torch

        digest = hashlib.sha256(repr((self._query, self._passage, self._model.max_seq_length)).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()[:12]


def choose_prompts(configured: Mapping[str, str | None], model: str) -> tuple[str, str]:
    """The prompts of queries and passages: those of the model's configuration, else the ones of the e5 family for a model named e5."""
    query = configured.get("query") or ""
    passage = next((prompt for name in ("document", "passage", "corpus") if (prompt := configured.get(name))), "")
    is_e5 = re.search(r"(^|[/_-])e5([_-]|$)", model.lower()) and "instruct" not in model.lower()
    if is_e5 and not query and not passage:
        return PROMPTS["query"], PROMPTS["passage"]
    return query, passage


def _load(model: str) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    folder = Path(model).expanduser()
    is_folder = folder.is_dir()
    if not is_folder and (folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1):
        raise ModelError(f"向量模型目录不存在：{model}。请检查路径，或在设置中改用内置模型 {BUNDLED}。")
    try:
        with _without_progress_bars():
            return SentenceTransformer(str(folder) if is_folder else model, local_files_only=is_folder)
    except Exception as exc:
        # transformers, huggingface_hub, safetensors and torch each raise classes of their own here, down to bare Exception.
        reason = " ".join(str(exc).split())[:300] or type(exc).__name__
        if is_folder:
            raise ModelError(f"无法从目录 {model} 载入向量模型：{reason}。请确认它是完整的 sentence-transformers 模型目录。") from exc
        raise ModelError(
            f"无法取得向量模型 {model}：{reason}。请检查模型编号和网络（可用环境变量 HF_ENDPOINT 指定镜像），"
            f"或先下载到本地再把目录填入设置，或在设置中改用内置模型 {BUNDLED}（不需要网络）。"
        ) from exc


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Hides the bars that transformers and huggingface_hub draw on stderr, and puts back what was set before."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging as transformers

    draws, verbosity = transformers.is_progress_bar_enabled(), transformers.get_verbosity()
    hub_draws = not are_progress_bars_disabled()
    disable_progress_bars()
    transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        transformers.set_verbosity(verbosity)
        if draws:
            transformers.enable_progress_bar()  # type: ignore[no-untyped-call]
        if hub_draws:
            enable_progress_bars()


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


def _encodable(text: str) -> str:
    """Lone surrogates, which no UTF-8 can hold, become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
