"""The index folder: loaded only when every part is what its manifest says.

manifest.json     format, engine, build, encoder, dimension, matcher, counts, fingerprint of the corpus, digests of all files
metric.npz        the similarity learnt from the readings
parallels.json    what two documents share
records.sqlite    the documents, passages and readings as read, and word statistics
passages/ readings/ tasks/    one searchable collection each, where the engine keeps them in files
tokens/           the readings' tokens, where questions are compared with them token by token
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic import TypeAdapter

from corpus.errors import IndexMismatchError, IndexMissingError
from corpus.parallel import Counterparts, Parallels
from corpus.types import Passage, ReadDocument, Reading
from index import mapped, records
from index.coded import CodedVectors
from index.files import Files, vectors_in
from index.matcher import FOLDER as TOKENS
from index.matcher import TokenStore
from index.metric import Metric
from index.records import Records, built_for
from index.segment import Segmenter
from index.types import Collection, Encoder, Engine, Matcher, VectorLookup

FORMAT = 3
_HALF_PRECISION = 2
"""The format before, in which vectors lay in half precision."""

METRIC, PARALLELS = "metric.npz", "parallels.json"
COMPARED = 50
"""Documents, the first ones, of which every two are compared for what they share: a thousand would take a day."""
READINGS, TASKS, PASSAGES = "readings", "tasks", "passages"
COLLECTIONS = (READINGS, TASKS, PASSAGES)
REBUILD = "请运行 judian index build 重建。"

PARALLELS_FORM: TypeAdapter[Parallels] = TypeAdapter(Parallels)

_SAMPLED_FROM = 16 << 20
_SAMPLED = "sampled:"
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 16


@dataclass(frozen=True, slots=True)
class LoadedIndex:
    """Everything that answering needs.

    The owners of rows found in `passages` are numbers in `all_passages`, those of `readings` and `tasks` in `all_readings`. Documents, passages
    and readings are decoded when they are asked for; only those asked for last are kept. `tokens` are those of `all_readings`, for the `matcher`;
    without one a question is compared with readings by whole vectors alone.
    """

    records: Records
    passages: Collection
    readings: Collection
    tasks: Collection
    metric: Metric
    segmenter: Segmenter
    counterparts: Counterparts
    fingerprint: str
    built: str
    matcher: Matcher | None = None
    tokens: TokenStore | None = None

    @property
    def documents(self) -> Sequence[ReadDocument]:
        return self.records.documents

    @property
    def all_passages(self) -> Sequence[Passage]:
        return self.records.passages

    @property
    def all_readings(self) -> Sequence[Reading]:
        return self.records.readings


def load_index(folder: Path, encoder: Encoder, engine: Engine | None = None, matcher: Matcher | None = None) -> LoadedIndex:
    """The index of a folder, its collections out of the engine (files, if none is given), its readings' tokens for a matcher if one is given.

    Raises IndexMissingError when there is none, IndexMismatchError when it is incomplete, altered, of another format, encoder, matcher or engine.
    """
    engine = engine or Files()
    manifest = read_manifest(folder)
    if (manifest["encoder"], manifest["dimension"]) != (encoder.name, encoder.dimension):
        raise IndexMismatchError(
            f"索引 {folder} 由模型 {manifest['encoder']}（{manifest['dimension']} 维）建立，当前模型是 {encoder.name}（{encoder.dimension} 维）：{REBUILD}"
        )
    if manifest["engine"] != engine.name:
        raise IndexMismatchError(f"索引 {folder} 存放在 {manifest['engine']}，当前设置是 {engine.name}：{REBUILD}")
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise IndexMismatchError(f"索引 {folder} 不完整，缺少 {name}：{REBUILD}")
        if not _has_digest(path, digest):
            raise IndexMismatchError(f"索引文件 {path} 与清单不符，可能损坏或被改动：{REBUILD}")
    if matcher and manifest["matcher"] != matcher.name:
        raise IndexMismatchError(f"索引 {folder} 由匹配模型 {manifest['matcher'] or '（无）'} 建立，当前是 {matcher.name}：{REBUILD}")
    stored = Records(folder / records.FILE)
    metric, counterparts = _load_metric(folder / METRIC), _load_counterparts(folder / PARALLELS, stored)
    segmenter = Segmenter(stored.words)
    # Loads its dictionary now rather than with the first question.
    segmenter.terms("")
    passages, readings, tasks = (engine.open(folder, name, segmenter, manifest["build"]) for name in (PASSAGES, READINGS, TASKS))
    for name, collection in ((PASSAGES, passages), (READINGS, readings), (TASKS, tasks)):
        if collection.count != manifest["counts"].get(name):
            raise IndexMismatchError(f"索引的 {name} 有 {collection.count} 条，清单上是 {manifest['counts'].get(name)} 条：{REBUILD}")
    tokens = TokenStore(folder / TOKENS, matcher.width) if matcher else None
    if tokens and tokens.count != len(stored.readings):
        raise IndexMismatchError(f"索引的 {TOKENS} 有 {tokens.count} 条，读记有 {len(stored.readings)} 条：{REBUILD}")
    return LoadedIndex(
        stored, passages, readings, tasks, metric, segmenter, counterparts, manifest["fingerprint"], manifest["built"], matcher, tokens
    )


def _load_metric(file: Path) -> Metric:
    try:
        return Metric.load(file)
    except (OSError, ValueError, KeyError) as exc:
        raise IndexMismatchError(f"索引文件 {file} 无法读取：{REBUILD}") from exc


def _load_counterparts(file: Path, stored: Records) -> Counterparts:
    try:
        return Counterparts(stored.documents[:COMPARED], PARALLELS_FORM.validate_json(file.read_bytes()))
    except (OSError, ValueError) as exc:
        raise IndexMismatchError(f"索引文件 {file} 无法读取：{REBUILD}") from exc


def write_manifest(
    folder: Path, engine: str, build: str, encoder: Encoder, matcher: Matcher | None, counts: dict[str, int], fingerprint: str
) -> None:
    """The manifest of a folder in which everything else is in place."""
    manifest = {
        "format": FORMAT,
        "engine": engine,
        "build": build,
        "encoder": encoder.name,
        "dimension": encoder.dimension,
        "matcher": matcher.name if matcher else "",
        "counts": counts,
        "fingerprint": fingerprint,
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {str(path.relative_to(folder)): file_digest(path) for path in sorted(folder.rglob("*")) if path.is_file()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an index folder, checked for format and form."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise IndexMissingError(f"还没有索引（{folder}）：请运行 judian index build 建立。")
    try:
        manifest = _raw_manifest(folder)
        if isinstance(manifest, dict) and manifest.get("format", FORMAT) != FORMAT and isinstance(manifest["format"], int):
            raise IndexMismatchError(f"索引 {folder} 的格式是 {manifest['format']}，本程序需要 {FORMAT}：{REBUILD}")
        # An index from before there were matchers has none.
        manifest.setdefault("matcher", "")
        wanted = {
            "format": int,
            "engine": str,
            "build": str,
            "encoder": str,
            "dimension": int,
            "matcher": str,
            "counts": dict,
            "fingerprint": str,
            "files": dict,
        }
        if not all(isinstance(manifest.get(key), kind) for key, kind in wanted.items()):
            raise ValueError("fields missing")
    except (ValueError, AttributeError) as exc:
        raise IndexMismatchError(f"索引清单 {path} 已损坏：{REBUILD}") from exc
    return manifest


def is_current(folder: Path, encoder_name: str, fingerprint: str, engine_name: str = Files.name, matcher_name: str = "") -> bool:
    """Whether the folder holds an index of this corpus by this encoder and this matcher in this engine."""
    try:
        manifest = read_manifest(folder)
    except (IndexMissingError, IndexMismatchError):
        return False
    made = (manifest["encoder"], manifest["matcher"], manifest["fingerprint"], manifest["engine"])
    return made == (encoder_name, matcher_name, fingerprint, engine_name)


def is_whole(folder: Path) -> bool:
    """Whether every file of an index, of whatever format, is there and is the one that its manifest names by digest."""
    try:
        return all(_has_digest(folder / name, digest) for name, digest in _raw_manifest(folder)["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def known_vectors(folder: Path, encoder: Encoder, engine: Engine) -> VectorLookup:
    """A look-up of vectors by the digests of their texts: in the index of a folder if it is whole and of the same encoder and engine, and in
    what a build that was not gone on with left."""
    lookups = [*_of_index(folder, encoder, engine), *_of_abandoned(abandoned_folder(work_folder(folder)), encoder)]
    return lambda digests: {own: vector for look_up in lookups for own, vector in look_up(digests).items()}


def known_tokens(folder: Path, matcher: Matcher) -> Path | None:
    """Where the readings' tokens of an index by the same matcher lie, if it is whole."""
    return folder / TOKENS if is_whole(folder) and _raw_manifest(folder).get("matcher") == matcher.name else None


def _of_index(folder: Path, encoder: Encoder, engine: Engine) -> list[VectorLookup]:
    if not is_whole(folder):
        return []
    manifest = _raw_manifest(folder)
    if (manifest.get("encoder"), manifest.get("engine")) != (encoder.name, engine.name):
        return []
    if manifest.get("format") == FORMAT:
        return [engine.open(folder, name, Segmenter(), manifest["build"]).vectors_of for name in COLLECTIONS]
    if manifest.get("format") == _HALF_PRECISION and engine.name == Files.name:
        # Upgrading computes no vector again.
        return [vectors_in(folder / name, mapped.stored(folder / name / "vectors.npy")) for name in COLLECTIONS]
    return []


def _raw_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an index of whatever format, as it lies there; ValueError where it is no JSON."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return manifest


def _of_abandoned(folder: Path, encoder: Encoder) -> list[VectorLookup]:
    """The vectors of a build that was killed and whose source has changed since; rows not reached have digests that no text has."""
    built = built_for(folder / records.FILE) if (folder / records.FILE).is_file() else ""
    if not built.startswith(f"{FORMAT} ") or encoder.name not in built:
        return []
    return [
        vectors_in(folder / name, CodedVectors.stored(folder / name)) for name in COLLECTIONS if (folder / name / "digests.npy").is_file()
    ]


def file_digest(path: Path) -> str:
    """The sha256 of a file; of a large one (gigabytes would take longer than starting may) that of its size, its ends and samples between."""
    with path.open("rb") as file:
        if path.stat().st_size <= _SAMPLED_FROM:
            return hashlib.file_digest(file, "sha256").hexdigest()
        return _SAMPLED + _sampled(file, path.stat().st_size)


def _has_digest(path: Path, digest: str) -> bool:
    with path.open("rb") as file:
        if digest.startswith(_SAMPLED):
            return _SAMPLED + _sampled(file, path.stat().st_size) == digest
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _sampled(file: BinaryIO, size: int) -> str:
    found = hashlib.sha256(str(size).encode())
    for at in np.linspace(0, max(0, size - _SAMPLE_BYTES), _SAMPLES).astype(np.int64):
        file.seek(int(at))
        found.update(file.read(_SAMPLE_BYTES))
    return found.hexdigest()


def remove_index(folder: Path) -> None:
    """Removes an index and what an interrupted build of it left."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(work_folder(folder), ignore_errors=True)
    shutil.rmtree(abandoned_folder(work_folder(folder)), ignore_errors=True)


def work_folder(folder: Path) -> Path:
    """Where the index of a folder is built before it is swapped in."""
    return folder.with_name(f".{folder.name}-building")


def abandoned_folder(work: Path) -> Path:
    """Where a build that cannot be gone on with waits until another has taken over its vectors."""
    return work.with_name(work.name + "-abandoned")
