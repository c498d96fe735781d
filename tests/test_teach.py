"""Teaching the adapter: what is learnt is what ONNX Runtime then computes, and readings that say the same are not set against each other."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from corpus.types import Reading
from eval.teach import Asked, Lesson, LowRank, Neighbours, Student, says_the_same, teach
from index import bundled
from index.adapter import Adapter
from index.bundled import PROMPTS, TOKENIZER_FILE, TOKENS_FILE, prepare_bundled_model
from index.matcher import LONGEST, PROMPT_TOKENS
from index.runtime import OnnxModel
from index.types import Encoder
from tests.letters import small_reading

SHORT = Lesson(steps=3, batch=4, near=2, width=8, rank=4, first=10, longest_reading=32)


def reading(number: int, question: str, answer: str) -> Reading:
    return replace(small_reading(), id=str(number), question=question, paraphrases=(question + "呢", "问：" + question), answer=answer)


READINGS = [
    reading(n, f"{thing}有多少个？", f"{n + 5}0个")
    for n, thing in enumerate(("绿道", "公园", "水库", "学校", "医院", "车站", "码头", "机场"))
]


def test_answers_that_hold_each_other_are_no_counterexamples() -> None:
    assert says_the_same("110个", "建成110个")
    assert says_the_same("三个", "三个")
    assert not says_the_same("三个", "十三个月")
    asked = [Asked("甲一", 0), Asked("甲二", 0), Asked("乙", 1), Asked("丙", 2), Asked("丁", 3)]
    vectors = np.asarray([[1, 0], [1, 0], [0.9, 0.1], [0.8, 0.2], [0, 1]], np.float32)
    near = Neighbours(asked, ["建成110个", "110个", "20家", "30座"], vectors).of([0], 2, random.Random(0))
    assert set(near[0]) <= {2, 3}


def test_what_is_learnt_stands_beside_a_frozen_matrix() -> None:
    frozen = torch.nn.Linear(3, 2)
    layer = LowRank(frozen, 1, 2.0)
    values = torch.ones(1, 3)
    assert torch.equal(layer(values), frozen(values))
    with torch.no_grad():
        layer.left.fill_(1.0)
    left, right = layer.factors()
    assert layer(values).detach().numpy() == pytest.approx(
        values.numpy() @ (frozen.weight.detach().numpy() + left @ right).T + frozen.bias.detach().numpy(), abs=1e-6
    )


def test_the_adapter_does_in_the_graph_what_it_did_while_it_was_taught(bundled_cache: Path, encoder: Encoder, tmp_path: Path) -> None:
    folder = prepare_bundled_model(bundled_cache)
    told: list[str] = []
    adapter = teach(folder, encoder, READINGS, SHORT, lambda _done, _total, what: told.append(what))
    assert sum("训练" in what for what in told) == SHORT.steps
    assert adapter.about["readings"] == len(READINGS)
    assert set(adapter.factors) == {f"l{layer}.{name}.w" for layer in (10, 11) for name in ("q", "k", "v", "ao", "fi", "fo")}
    assert any(np.abs(left).max() > 0 for left, _ in adapter.factors.values())
    texts = [PROMPTS["query"] + "绿道建了多少", PROMPTS["query"] + "一共有几座水库"]
    ours, own = student_with(adapter, folder).tokens(texts, 64)
    weights = bundled.parse_weights(bundled.read_source(bundled.source_path()))
    bundled.write_graphs(tmp_path, weights, bundled.prune(weights.vocabulary).rows, adapter)
    (tmp_path / TOKENIZER_FILE).write_bytes((folder / TOKENIZER_FILE).read_bytes())
    for rows, lengths, vectors in OnnxModel(tmp_path, TOKENS_FILE, 1, LONGEST).run(texts):
        for row, length, vector in zip(rows, lengths, vectors, strict=True):
            expected = ours[row][own[row]].detach().numpy()
            cosines = (vector[PROMPT_TOKENS : length - 1] * expected).sum(axis=1)
            # 8-bit products against half precision.
            assert cosines.min() > 0.95


def student_with(adapter: Adapter, folder: Path) -> Student:
    student = Student(folder, SHORT)
    with torch.no_grad():
        for name, layer in student.learning.items():
            left, right = adapter.factors[name]
            layer.left.copy_(torch.from_numpy(left / SHORT.scale))
            layer.right.copy_(torch.from_numpy(right))
        student.projection.weight.copy_(torch.from_numpy(adapter.projection))
        student.projection.bias.copy_(torch.from_numpy(adapter.shift))
    return student
