"""The index folder: built beside the old one and swapped in, loaded only when every part is what its manifest says.

manifest.json    format, encoder, dimension, counts, fingerprint of the corpus, sha256 of every file
records.json     the documents as read
readings.json    the readings
metric.npz       the similarity learnt from the readings
parallels.json   what two documents share
passages/ readings/ tasks/    one searchable collection each, with the digests of its texts
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from corpus.errors import IndexMismatchError, IndexMissingError
from corpus.parallel import Counterparts, Parallels, read_parallels
from corpus.types import Passage, ReadDocument, Reading
from index.hybrid import HybridIndex
from index.metric import Metric, learn_metric
from index.segment import Segmenter
from index.types import Encoder, Progress, Vectors

FORMAT = 1
REBUILD = "请运行 judian index build 重建。"

_DOCUMENTS: TypeAdapter[tuple[ReadDocument, ...]] = TypeAdapter(tuple[ReadDocument, ...])
_READINGS: TypeAdapter[tuple[Reading, ...]] = TypeAdapter(tuple[Reading, ...])
_PARALLELS: TypeAdapter[Parallels] = TypeAdapter(Parallels)


@dataclass(frozen=True, slots=True)
class Collection:
    """Searchable texts and, for every row, the number of the record it stands for (several rows may stand for one)."""

    index: HybridIndex
    owners: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class LoadedIndex:
    """Everything that answering needs. `owners` of `passages` point into `all_passages`, those of `readings` and `tasks` into `all_readings`."""

    documents: tuple[ReadDocument, ...]
    all_passages: tuple[Passage, ...]
    all_readings: tuple[Reading, ...]
    passages: Collection
    readings: Collection
    tasks: Collection
    metric: Metric
    segmenter: Segmenter
    counterparts: Counterparts
    fingerprint: str
    built: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a collection and the number of the record each stands for; `as_passages` tells how the encoder is to take them."""

    texts: tuple[str, ...]
    owners: tuple[int, ...]
    as_passages: bool


def build_index(
    folder: Path,
    documents: Sequence[ReadDocument],
    readings: Sequence[Reading],
    collections: dict[str, Texts],
    words: Sequence[str],
    encoder: Encoder,
    fingerprint: str,
    progress: Progress | None = None,
) -> None:
    """Writes an index of the `collections` (passages, readings, tasks) into `folder`, replacing what is there only when all is written.

    Vectors of texts that the old index holds under the same encoder are taken over, not computed again.
    """
    old = _old_vectors(folder, encoder)
    segmenter = Segmenter(words)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (work / "records.json").write_bytes(_DOCUMENTS.dump_json(tuple(documents)))
        (work / "readings.json").write_bytes(_READINGS.dump_json(tuple(readings)))
        (work / "parallels.json").write_bytes(_PARALLELS.dump_json(read_parallels(documents)))
        (work / "words.json").write_text(json.dumps(segmenter.words, ensure_ascii=False), "utf-8")
        counts = {}
        for name, texts in collections.items():
            digests, vectors = _embed(texts, old, encoder, progress)
            HybridIndex.build(texts.texts, vectors, segmenter).save(work / name)
            np.save(work / name / "digests.npy", digests)
            np.save(work / name / "owners.npy", np.asarray(texts.owners, dtype=np.int32))
            counts[name] = len(texts.texts)
            if name == "readings":
                learn_metric(vectors, np.asarray(texts.owners, dtype=np.int32)).save(work / "metric.npz")
        manifest = {
            "format": FORMAT,
            "encoder": encoder.name,
            "dimension": encoder.dimension,
            "counts": counts,
            "fingerprint": fingerprint,
            "built": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": {str(path.relative_to(work)): _file_sha256(path) for path in sorted(work.rglob("*")) if path.is_file()},
        }
        (work / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
        _swap_in(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def load_index(folder: Path, encoder: Encoder) -> LoadedIndex:
    """The index of a folder.

    Raises IndexMissingError when there is none, IndexMismatchError when it is incomplete, altered, of another format or of another encoder.
    """
    manifest = read_manifest(folder)
    if (manifest["encoder"], manifest["dimension"]) != (encoder.name, encoder.dimension):
        raise IndexMismatchError(
            f"索引 {folder} 由模型 {manifest['encoder']}（{manifest['dimension']} 维）建立，当前模型是 {encoder.name}（{encoder.dimension} 维）：{REBUILD}"
        )
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise IndexMismatchError(f"索引 {folder} 不完整，缺少 {name}：{REBUILD}")
        if _file_sha256(path) != digest:
            raise IndexMismatchError(f"索引文件 {path} 与清单不符，可能损坏或被改动：{REBUILD}")
    try:
        documents = _DOCUMENTS.validate_json((folder / "records.json").read_bytes())
        readings = _READINGS.validate_json((folder / "readings.json").read_bytes())
        parallels = _PARALLELS.validate_json((folder / "parallels.json").read_bytes())
        words = json.loads((folder / "words.json").read_text("utf-8"))
        metric = Metric.load(folder / "metric.npz")
    except (ValidationError, ValueError, OSError) as exc:
        raise IndexMismatchError(f"索引 {folder} 的记录无法读取：{REBUILD}") from exc
    collections = {name: Collection(HybridIndex.load(folder / name), np.load(folder / name / "owners.npy")) for name in manifest["counts"]}
    return LoadedIndex(
        documents=documents,
        all_passages=tuple(passage for document in documents for passage in document.passages),
        all_readings=readings,
        passages=collections["passages"],
        readings=collections["readings"],
        tasks=collections["tasks"],
        metric=metric,
        segmenter=Segmenter(words),
        counterparts=Counterparts(documents, parallels),
        fingerprint=manifest["fingerprint"],
        built=manifest["built"],
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an index folder, checked for format and form."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise IndexMissingError(f"还没有索引（{folder}）：请运行 judian index build 建立。")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        wanted = {"format": int, "encoder": str, "dimension": int, "counts": dict, "fingerprint": str, "files": dict}
        if not all(isinstance(manifest.get(key), kind) for key, kind in wanted.items()):
            raise ValueError("fields missing")
    except (ValueError, AttributeError) as exc:
        raise IndexMismatchError(f"索引清单 {path} 已损坏：{REBUILD}") from exc
    if manifest["format"] != FORMAT:
        raise IndexMismatchError(f"索引 {folder} 的格式是 {manifest['format']}，本程序需要 {FORMAT}：{REBUILD}")
    return manifest


def is_current(folder: Path, encoder_name: str, fingerprint: str) -> bool:
    """Whether the folder holds an index of this corpus by this encoder."""
    try:
        manifest = read_manifest(folder)
    except (IndexMissingError, IndexMismatchError):
        return False
    return bool(manifest["encoder"] == encoder_name and manifest["fingerprint"] == fingerprint)


def _embed(
    texts: Texts, old: dict[bytes, NDArray[np.float32]], encoder: Encoder, progress: Progress | None
) -> tuple[NDArray[np.uint8], Vectors]:
    digests = [hashlib.sha256((f"{int(texts.as_passages)}:" + text).encode()).digest()[:16] for text in texts.texts]
    vectors = np.zeros((len(digests), encoder.dimension), dtype=np.float32)
    new = []
    for row, digest in enumerate(digests):
        if digest in old:
            vectors[row] = old[digest]
        else:
            new.append(row)
    if new:
        wanted = [texts.texts[row] for row in new]
        vectors[new] = encoder.encode_passages(wanted, progress) if texts.as_passages else encoder.encode_queries(wanted, progress)
    return np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 16), vectors


def _old_vectors(folder: Path, encoder: Encoder) -> dict[bytes, NDArray[np.float32]]:
    """The vectors of the index in the folder by the digest of their text, if it is of the same encoder."""
    known: dict[bytes, NDArray[np.float32]] = {}
    try:
        manifest = read_manifest(folder)
        if manifest["encoder"] != encoder.name:
            return {}
        for name in manifest["counts"]:
            vectors = HybridIndex.load(folder / name).dense.vectors()
            for digest, vector in zip(np.load(folder / name / "digests.npy"), vectors, strict=True):
                known[digest.tobytes()] = vector
    except (IndexMissingError, IndexMismatchError, OSError, ValueError):
        return {}
    return known


def _swap_in(work: Path, folder: Path) -> None:
    """Puts a finished folder in the place of the old one; a reader finds the old one or the new one, whole."""
    retired = work.with_name(work.name + "-old")
    if folder.exists():
        folder.replace(retired)
    work.replace(folder)
    shutil.rmtree(retired, ignore_errors=True)


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
