"""Collections in Milvus: a cluster by its address, or a milvus-lite file on this machine, through the same client.

A collection holds, for each row, its vector, its text and its pairs of characters. Milvus cuts the text into words with its own jieba, scores
words and pairs by its own BM25, and fuses the three rankings; documents, years and kinds are filtered by expressions. A build fills
collections of its own (`judian_passages_<build>`); the alias `judian_passages` leads to the one that was published last.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError, ServiceError, SettingError
from index.dense import FLAT_UP_TO
from index.hybrid import RANK_CONSTANT
from index.segment import STOP_WORDS, Segmenter, bigrams, normal
from index.sparse import K1, B
from index.types import ANYWHERE, Filter, Found, Progress, Row, Vectors

if TYPE_CHECKING:
    from pymilvus import MilvusClient

PREFIX = "judian"
_PORT = 19530
_TIMEOUT_S = 60.0
_TEXT_BYTES = 65_000
_INSERTED = 256
"""Rows in one request: some 2 MB, far below the 64 MB that a server takes."""
_LOOKED_UP = 500
_YEARS = 64
_CONSISTENCY = "Bounded"


class Milvus:
    """An engine behind an address; nothing is connected before it is needed."""

    def __init__(self, address: str) -> None:
        self._address = address
        parts = urlsplit(address)
        self.name = address if address.endswith(".db") else f"{parts.scheme}://{parts.hostname}:{parts.port or _PORT}{parts.path}"

    @cached_property
    def client(self) -> "MilvusClient":
        """The connection. Raises SettingError without the library, ServiceError when the server does not answer."""
        try:
            from pymilvus import MilvusClient, MilvusException
        except ImportError as exc:
            raise SettingError('JUDIAN_INDEX 指向 Milvus，但没有安装其客户端：请运行 pip install "judian[milvus]"。') from exc
        try:
            return MilvusClient(timeout=_TIMEOUT_S, **_connection(self._address))
        except (MilvusException, OSError, ValueError) as exc:
            raise ServiceError(f"无法连接向量库 {self.name}（{_short(exc)}）：请检查 JUDIAN_INDEX 和服务是否在运行。") from exc

    def writer(self, folder: Path, collection: str, count: int, dimension: int, segmenter: Segmenter, build: str) -> "MilvusWriter":
        return MilvusWriter(self, f"{PREFIX}_{collection}_{build}", count, dimension, segmenter)

    def publish(self, collections: Sequence[str], build: str) -> None:
        """Turns the aliases to a build and drops all earlier ones but the last, which a running service may still be using."""
        with _translated(self.name):
            there = self.client.list_collections()
            for collection in collections:
                alias, current = f"{PREFIX}_{collection}", f"{PREFIX}_{collection}_{build}"
                last = self._target(alias)
                if last is None:
                    self.client.create_alias(current, alias)
                elif last != current:
                    self.client.alter_alias(current, alias)
                for name in there:
                    if name.startswith(f"{alias}_") and name not in (current, last):
                        self.client.drop_collection(name)

    def open(self, folder: Path, collection: str, segmenter: Segmenter, build: str) -> "MilvusCollection":
        name = f"{PREFIX}_{collection}_{build}"
        with _translated(self.name):
            if not self.client.has_collection(name):
                raise IndexMismatchError(f"向量库 {self.name} 里没有 {name}：请运行 judian index build 重建。")
            self.client.load_collection(name)
            count = _row_count(self.client, name)
        return MilvusCollection(self, name, count)

    def _target(self, alias: str) -> str | None:
        """The collection that an alias leads to; None where there is no such alias."""
        there = (name for name in self.client.list_collections() if name.startswith(f"{alias}_"))
        return next((name for name in there if alias in self.client.list_aliases(name)["aliases"]), None)


class MilvusWriter:
    """Fills one collection of a build; one that was begun is gone on with."""

    def __init__(self, engine: Milvus, name: str, count: int, dimension: int, segmenter: Segmenter) -> None:
        self._engine = engine
        self._name = name
        self._next: int | None = None
        with _translated(engine.name):
            if not engine.client.has_collection(name):
                schema = _schema(engine.client, dimension, segmenter.words)
                engine.client.create_collection(
                    name, schema=schema, index_params=_indexes(engine.client, count), consistency_level=_CONSISTENCY
                )

    def add(self, first: int, rows: Sequence[Row], digests: Sequence[bytes], vectors: Vectors) -> None:
        with _translated(self._engine.name):
            if first != self._next:
                self._engine.client.delete(self._name, filter=f"row >= {first}")
            fields = [_fields(first + at, row, digests[at], vectors[at]) for at, row in enumerate(rows)]
            for start in range(0, len(fields), _INSERTED):
                self._engine.client.insert(self._name, fields[start : start + _INSERTED])
        self._next = first + len(rows)

    def finish(self, queries: Vectors, progress: Progress | None = None) -> None:
        with _translated(self._engine.name):
            self._engine.client.flush(self._name)
            self._engine.client.load_collection(self._name)


class MilvusCollection:
    """A published collection, by its own name and not by its alias: it stays the same when another build is published."""

    def __init__(self, engine: Milvus, name: str, count: int) -> None:
        self.count = count
        self._engine = engine
        self._name = name

    def search(self, query: str, vector: Vectors, depth: int, within: Filter = ANYWHERE) -> list[Found]:
        if self.count == 0:
            return []
        from pymilvus import AnnSearchRequest, RRFRanker

        where = _expression(within)
        legs: list[tuple[str, Any, dict[str, Any]]] = [("dense", vector[0].tolist(), {"metric_type": "IP", "params": {"ef": 2 * depth}})]
        pairs = _pairs(query)
        if pairs:
            legs += [("words", _words(query), {"metric_type": "BM25"}), ("bigrams", pairs, {"metric_type": "BM25"})]
        requests = [AnnSearchRequest(data=[data], anns_field=field, param=param, limit=depth, expr=where) for field, data, param in legs]
        with _translated(self._engine.name):
            hits = self._engine.client.hybrid_search(
                self._name, requests, RRFRanker(RANK_CONSTANT), limit=depth * len(requests), output_fields=["row", "owner", "dense"]
            )[0]
        found = [_found(hit["entity"], float(hit["distance"])) for hit in hits]
        return sorted(found, key=lambda item: (-item.score, item.row))

    def vectors_of(self, digests: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        vectors: dict[bytes, NDArray[np.float32]] = {}
        waiting = iter(dict.fromkeys(digests))
        while batch := list(itertools.islice(waiting, _LOOKED_UP)):
            where = f"digest in {json.dumps([own.hex() for own in batch])}"
            with _translated(self._engine.name):
                rows = self._engine.client.query(self._name, filter=where, output_fields=["digest", "dense"])
            vectors.update((bytes.fromhex(row["digest"]), np.asarray(row["dense"], np.float32)) for row in rows)
        return vectors


def _connection(address: str) -> dict[str, str]:
    """An address as the client takes it."""
    if address.endswith(".db"):
        return {"uri": str(Path(address).expanduser().absolute())}
    parts = urlsplit(address)
    scheme = "https" if parts.scheme == "milvuss" else "http"
    given = {"user": unquote(parts.username or ""), "password": unquote(parts.password or ""), "db_name": parts.path.strip("/")}
    return {"uri": f"{scheme}://{parts.hostname}:{parts.port or _PORT}"} | {name: value for name, value in given.items() if value}


def _schema(client: "MilvusClient", dimension: int, words: Sequence[str]) -> Any:
    from pymilvus import DataType, Function, FunctionType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("owner", DataType.INT64)
    schema.add_field("document", DataType.VARCHAR, max_length=256)
    schema.add_field("kind", DataType.VARCHAR, max_length=64)
    schema.add_field("years", DataType.ARRAY, element_type=DataType.INT64, max_capacity=_YEARS)
    schema.add_field("digest", DataType.VARCHAR, max_length=64)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
    # The documents' own words make jieba cut as index.segment does; `_default_` stands for jieba's dictionary.
    jieba = {"type": "jieba", "dict": ["_default_", *words], "mode": "search", "hmm": True}
    stop = {"type": "stop", "stop_words": sorted(STOP_WORDS)}
    for field, analyzer, leg in (
        ("text", {"tokenizer": jieba, "filter": [stop]}, "words"),
        ("pairs", {"tokenizer": "standard"}, "bigrams"),
    ):
        schema.add_field(field, DataType.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params=analyzer)
        schema.add_field(leg, DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(name=f"bm25_{leg}", function_type=FunctionType.BM25, input_field_names=[field], output_field_names=[leg])
        )
    return schema


def _indexes(client: "MilvusClient", count: int) -> Any:
    indexes = client.prepare_index_params()
    kind, params = ("FLAT", {}) if count <= FLAT_UP_TO else ("HNSW", {"M": 32, "efConstruction": 200})
    indexes.add_index("dense", index_type=kind, metric_type="IP", params=params)
    for leg in ("words", "bigrams"):
        indexes.add_index(leg, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={"bm25_k1": K1, "bm25_b": B})
    return indexes


def _fields(number: int, row: Row, digest: bytes, vector: NDArray[np.float32]) -> dict[str, Any]:
    return {
        "row": number,
        "owner": row.owner,
        "document": row.document_id,
        "kind": str(row.kind),
        "years": list(row.years[:_YEARS]),
        "digest": digest.hex(),
        "dense": vector,
        "text": _words(row.text),
        "pairs": _pairs(row.text),
    }


def _words(text: str) -> str:
    """A text for the engine's jieba: as search normalises it, with spaces for punctuation, which jieba would take for words."""
    spaced = "".join(character if character.isalnum() or character in ".%" else " " for character in normal(text))
    return _cut(spaced)


def _pairs(text: str) -> str:
    """The pairs of a text as words of letters and digits, which the tokenizers of Milvus and of milvus-lite both leave whole."""
    return _cut(" ".join("u" + "".join(f"{ord(character):x}" for character in pair) for pair in bigrams(text)))


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:_TEXT_BYTES].decode("utf-8", "ignore")


def _expression(within: Filter) -> str | None:
    parts = []
    if within.documents:
        parts.append(f"document in {json.dumps(list(within.documents), ensure_ascii=False)}")
    if within.years:
        parts.append(f"array_contains_any(years, {json.dumps(list(within.years))})")
    if within.kinds:
        parts.append(f"kind in {json.dumps([str(kind) for kind in within.kinds], ensure_ascii=False)}")
    return " and ".join(parts) or None


def _found(entity: dict[str, Any], score: float) -> Found:
    return Found(int(entity["row"]), int(entity["owner"]), score, np.asarray(entity["dense"], np.float32))


def _row_count(client: "MilvusClient", name: str) -> int:
    return int(client.query(name, filter="", output_fields=["count(*)"], consistency_level="Strong")[0]["count(*)"])


@contextmanager
def _translated(place: str) -> Iterator[None]:
    """Turns what the client raises into an error of ours."""
    from pymilvus import MilvusException

    try:
        yield
    except MilvusException as exc:
        raise ServiceError(f"向量库 {place} 出错（{_short(exc)}）：请检查服务是否在运行，稍后再试。") from exc


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
