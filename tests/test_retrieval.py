"""Retrieval over files in the shape of SQuAD."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.retrieval import Squad, SquadError, leg_score, load_squad, score_retrieval
from index.encoder import open_encoder
from index.types import Progress, Vectors

CMRC = os.environ.get("JUDIAN_TEST_CMRC", "")


class Letters:
    """A text's vector counts which of the letters of its alphabet it holds; hand-checkable."""

    name = "letters"
    alphabet = "甲乙丙丁"
    dimension = len(alphabet)

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if progress:
            progress(len(texts), len(texts), "向量")
        rows = np.array([[float(text.count(letter)) + 1e-6 for letter in self.alphabet] for text in texts], dtype=np.float32)
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors

    encode_passages = encode_queries


def squad_file(folder: Path) -> Path:
    file = folder / "squad.json"
    articles = [
        {"paragraphs": [{"id": "P1", "context": "甲甲甲说了第一件事", "qas": [{"question": "甲说了什么？", "id": "Q1", "answers": []}]}]},
        {"paragraphs": [{"context": "乙乙说了第二件事", "qas": [{"question": "乙说了什么？"}, {"question": "丁说了什么？"}]}]},
        {"paragraphs": [{"context": "甲甲甲说了第一件事", "qas": [{"question": "谁说了第一件事？甲"}]}, {"context": "丁丁", "qas": []}]},
    ]
    file.write_text(json.dumps({"version": "1", "data": articles}, ensure_ascii=False), "utf-8")
    return file


def test_paragraphs_are_distinct_and_questions_know_theirs(tmp_path: Path) -> None:
    squad = load_squad(squad_file(tmp_path))
    assert squad.paragraphs == ("甲甲甲说了第一件事", "乙乙说了第二件事", "丁丁")
    assert [number for _, number in squad.questions] == [0, 1, 1, 0]
    assert [question for question, _ in load_squad(squad_file(tmp_path), limit=2).questions] == ["甲说了什么？", "谁说了第一件事？甲"]


@pytest.mark.parametrize("text", ["[]", "不是 JSON", '{"data": [{"paragraphs": [{"qas": []}]}]}', '{"data": []}'])
def test_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, "utf-8")
    with pytest.raises(SquadError, match=r"a\.json"):
        load_squad(tmp_path / "a.json")
    with pytest.raises(SquadError, match="没有这个"):
        load_squad(tmp_path / "没有这个.json")


def test_recall_and_reciprocal_rank_come_from_ranks() -> None:
    # Ranks 1, 2, 10, 11 and not found.
    found = leg_score("dense", [1, 2, 10, 11, None])
    assert found.recall == (0.2, 0.4, 0.6)
    assert found.reciprocal_rank == pytest.approx((1 + 1 / 2 + 1 / 10 + 1 / 11) / 5)


def test_every_leg_is_scored_by_where_it_puts_the_right_paragraph(tmp_path: Path) -> None:
    scores = {score.leg: score for score in score_retrieval(load_squad(squad_file(tmp_path)), Letters())}
    assert list(scores) == ["dense", "words", "bigrams", "fusion"]
    # The paragraph of "丁说了什么？" has no 丁; "丁丁" is nearer by its letters, the right one by its words.
    assert scores["dense"].recall == (0.75, 1.0, 1.0)
    assert 0.75 <= scores["dense"].reciprocal_rank < 1.0
    assert scores["bigrams"].recall[1] == 1.0


@pytest.mark.skipif(not CMRC, reason="JUDIAN_TEST_CMRC names no file of CMRC 2018")
def test_fusion_beats_every_leg_on_public_data(bundled_cache: Path) -> None:
    squad = load_squad(Path(CMRC), limit=200)
    # A tenth of the paragraphs, those of the questions among them, keeps the run short.
    wanted = sorted({number for _, number in squad.questions})[:120]
    place = {number: row for row, number in enumerate(wanted)}
    small = Squad(tuple(squad.paragraphs[number] for number in wanted), tuple((q, place[n]) for q, n in squad.questions if n in place))
    scores = {score.leg: score for score in score_retrieval(small, open_encoder("bundled", bundled_cache))}
    assert scores["fusion"].recall[0] >= 0.97
    assert scores["fusion"].recall[2] == 1.0
    assert scores["fusion"].reciprocal_rank >= max(score.reciprocal_rank for score in scores.values()) - 0.005
