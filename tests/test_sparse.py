"""BM25 against its formula worked by hand."""

import math
from pathlib import Path

import bm25s
import numpy as np
import pytest

from corpus.errors import IndexMismatchError
from index import sparse
from index.sparse import SparseIndex

TEXTS = [["增长", "目标", "增长"], ["目标"], ["轨道", "交通", "轨道", "交通", "里程"], []]
K1, B = 1.2, 0.5
AVERAGE_LENGTH = (3 + 1 + 5 + 0) / 4


@pytest.fixture(scope="module")
def index() -> SparseIndex:
    return SparseIndex.build(TEXTS)


def bm25(term: str, text: list[str]) -> float:
    """Lucene's BM25 (Kamphuis et al. 2020, table 1): idf = ln(1 + (N - df + 0.5) / (df + 0.5)), and tf saturated by k1 and length."""
    frequency = sum(term in other for other in TEXTS)
    idf = math.log(1 + (len(TEXTS) - frequency + 0.5) / (frequency + 0.5))
    count = text.count(term)
    return idf * count / (count + K1 * (1 - B + B * len(text) / AVERAGE_LENGTH))


def test_a_score_worked_by_hand(index: SparseIndex) -> None:
    # 增长: in 1 of 4 texts, twice in a text of 3 terms where the average is 2.25: ln(1 + 3.5 / 1.5) * 2 / (2 + 1.2 * (0.5 + 0.5 * 3 / 2.25)).
    assert index.scores(["增长"])[0] == pytest.approx(1.2039728 * 2 / 3.4, rel=1e-6)


@pytest.mark.parametrize("query", [["增长"], ["目标"], ["轨道", "里程"], ["目标", "增长", "交通"]])
def test_scores_are_those_of_the_formula(index: SparseIndex, query: list[str]) -> None:
    expected = [sum(bm25(term, text) for term in query) for text in TEXTS]
    assert index.scores(query) == pytest.approx(np.asarray(expected), rel=1e-5)


def test_a_term_asked_twice_counts_twice(index: SparseIndex) -> None:
    assert index.scores(["目标", "目标"]) == pytest.approx(2 * index.scores(["目标"]))


def test_the_shorter_text_comes_first_and_rows_without_a_term_do_not_come(index: SparseIndex) -> None:
    assert [item.row for item in index.search(["目标"], 10)] == [1, 0]


def test_equal_scores_are_ordered_by_row() -> None:
    found = SparseIndex.build([["甲"], ["乙"], ["甲"], ["甲"]]).search(["甲"], 2)
    assert [item.row for item in found] == [0, 2]


@pytest.mark.parametrize("terms", [[], ["不在其中"]])
def test_unknown_terms_find_nothing(index: SparseIndex, terms: list[str]) -> None:
    assert index.search(terms, 10) == []
    assert index.scores(terms).tolist() == [0, 0, 0, 0]


def test_saved_and_loaded(index: SparseIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words")
    loaded = SparseIndex.load(tmp_path / "words")
    assert loaded.count == 4
    assert loaded.search(["目标", "轨道"], 10) == index.search(["目标", "轨道"], 10)


def test_texts_without_any_term(tmp_path: Path) -> None:
    SparseIndex.build([[], []]).save(tmp_path / "words")
    loaded = SparseIndex.load(tmp_path / "words")
    assert loaded.count == 2
    assert loaded.search(["增长"], 5) == []


def test_a_broken_folder_is_named_with_the_remedy(index: SparseIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words")
    (tmp_path / "words" / "count.json").write_text("{")
    with pytest.raises(IndexMismatchError, match="words 已损坏：请运行 judian index build 重建"):
        SparseIndex.load(tmp_path / "words")


@pytest.fixture(scope="module")
def crowd() -> list[list[str]]:
    """Texts of which some terms are in nearly all and others in a few, so that a search has something to leave out."""
    chance = np.random.default_rng(1)
    shares = {"常见": 0.9, "多见": 0.5, "少见": 0.05, "罕见": 0.01, "独见": 0.002}
    return [
        [term for term, share in shares.items() for _ in range(int(chance.random() < share) * chance.integers(1, 4))] for _ in range(4000)
    ]


@pytest.mark.parametrize(
    "query", [["常见"], ["常见", "多见", "少见"], ["独见", "常见", "多见"], ["罕见", "少见", "罕见"], ["常见", "没有"]]
)
@pytest.mark.parametrize("top_k", [1, 10, 300])
def test_what_is_left_out_is_never_among_the_best(
    crowd: list[list[str]], query: list[str], top_k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = SparseIndex.build(crowd)
    allowed = np.arange(len(crowd)) % 3 > 0
    whole, some = index.search(query, top_k), index.search(query, top_k, allowed)
    monkeypatch.setattr(sparse, "FULL_UP_TO", 50)
    assert index.search(query, top_k) == whole
    assert index.search(query, top_k, allowed) == some
    scores = index.scores(query)
    assert [item.score for item in whole] == pytest.approx(sorted(scores[scores > 0].tolist(), reverse=True)[:top_k])
    assert all(item.row % 3 > 0 for item in some)


def test_parts_make_the_same_index_as_one(crowd: list[list[str]], tmp_path: Path) -> None:
    for first in range(0, len(crowd), 700):
        sparse.add_part(tmp_path, first, crowd[first : first + 700])
    sparse.add_part(tmp_path, 1400, crowd[1400:2100])
    sparse.finish(tmp_path)
    sparse.finish(tmp_path)
    whole = SparseIndex.build(crowd)
    found = SparseIndex.load(tmp_path)
    assert found.count == len(crowd)
    assert found.scores(["常见", "罕见"]).tolist() == whole.scores(["常见", "罕见"]).tolist()


def test_scores_are_those_of_bm25s(crowd: list[list[str]]) -> None:
    bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
    bm25.index(crowd, show_progress=False)
    for query in (["常见"], ["独见", "多见"], ["少见", "少见", "罕见"]):
        assert SparseIndex.build(crowd).scores(query) == pytest.approx(bm25.get_scores(query), rel=1e-5)
