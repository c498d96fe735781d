"""Fusion of rankings worked by hand, and the three legs over one list of texts."""

import numpy as np
import pytest

from corpus.errors import IndexMismatchError
from index.dense import DenseIndex
from index.hybrid import LEGS, HybridIndex, fuse
from index.segment import Segmenter
from index.sparse import SparseIndex
from index.types import Ranked

TEXTS = ["轨道交通运营里程", "城镇新增就业", "轨道上的都市区"]
VECTORS = np.asarray([[1, 0, 0], [0, 1, 0], [0.6, 0, 0.8]], dtype=np.float32)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="module")
def index(segmenter: Segmenter) -> HybridIndex:
    return HybridIndex.build(TEXTS, VECTORS, segmenter)


def ranking(*rows: int) -> list[Ranked]:
    return [Ranked(row, 9.0 - place) for place, row in enumerate(rows)]


def test_fusion_worked_by_hand() -> None:
    # Row 7: 1/62 + 1/61; row 5: 1/61 + 1/63; row 9: 1/62 alone; row 1: 1/63 alone.
    fused = fuse({"dense": ranking(5, 7, 1), "words": ranking(7, 9, 5)})
    assert [item.row for item in fused] == [7, 5, 9, 1]
    assert [item.score for item in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61 + 1 / 63, 1 / 62, 1 / 63])


def test_scores_of_the_legs_do_not_matter() -> None:
    one = fuse({"dense": [Ranked(1, 0.9), Ranked(2, 0.1)], "words": [Ranked(2, 88.0)]})
    other = fuse({"dense": [Ranked(1, 0.2), Ranked(2, 0.1)], "words": [Ranked(2, 0.3)]})
    assert one == other


def test_weights_worked_by_hand() -> None:
    fused = fuse({"dense": ranking(1), "readings": ranking(2)}, {"readings": 2.0})
    assert [item.row for item in fused] == [2, 1]
    assert [item.score for item in fused] == pytest.approx([2 / 61, 1 / 61])


def test_equal_sums_are_ordered_by_row() -> None:
    assert [item.row for item in fuse({"dense": ranking(8, 3), "words": ranking(3, 8)})] == [3, 8]


def test_nothing_fused_is_nothing() -> None:
    assert fuse({}) == []
    assert fuse({"dense": []}) == []


def test_every_leg_ranks(index: HybridIndex, segmenter: Segmenter) -> None:
    rankings = index.rankings("轨道交通", np.asarray([[0, 1, 0]], dtype=np.float32), segmenter)
    assert tuple(rankings) == LEGS
    assert [item.row for item in rankings["dense"]] == [1, 0, 2]
    assert [item.row for item in rankings["words"]] == [0, 2]
    assert [item.row for item in rankings["bigrams"]] == [0, 2]


def test_depth_limits_every_leg(index: HybridIndex, segmenter: Segmenter) -> None:
    rankings = index.rankings("轨道交通", VECTORS[:1], segmenter, depth=1)
    assert {leg: [item.row for item in ranked] for leg, ranked in rankings.items()} == {"dense": [0], "words": [0], "bigrams": [0]}


def test_legs_of_different_length_are_refused() -> None:
    with pytest.raises(IndexMismatchError, match="条数不一致（向量 3、词 1、字 2）：请运行 judian index build 重建"):
        HybridIndex(DenseIndex.build(VECTORS), SparseIndex.build([["甲"]]), SparseIndex.build([["甲"], ["乙"]]))
