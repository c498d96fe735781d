"""Text to vectors: the bundled model on ONNX Runtime, or any other model through sentence-transformers."""

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import ModelError
from index.bundled import DIMENSION, MODEL, PROMPTS, TEXT_FILE, VECTORS, WHEEL, WHEEL_VERSION, prepare_bundled_model
from index.runtime import ENCODING, OnnxModel, available_cores, encodable
from index.types import Encoder, Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"
_SLICE = 256


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

    name = f"{MODEL}/{WHEEL}-{WHEEL_VERSION}/int8-v{VECTORS}"
    dimension = DIMENSION

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self._model = OnnxModel(folder, TEXT_FILE, threads or available_cores())

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, PROMPTS["query"], progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, PROMPTS["passage"], progress)

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        for rows, _, own in self._model.run([prompt + encodable(text) for text in texts], progress):
            vectors[rows] = own
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
            vectors[start : start + len(part)] = self._vectors([encodable(text) for text in part], prompt)
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
