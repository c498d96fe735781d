"""Parts of the search taken away: on an index of letters, and the real product with its hits shuffled."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.ablation import VARIANTS, LimitedIndex, Variant, ablated, limited, open_variant, run_variants
from eval.dataset import BUNDLED, load_cases, split_of
from eval.metrics import totals
from eval.run import Run, run_cases, stamp_of
from eval.types import Case, CaseType, Split
from index.files import FilesCollection
from index.hybrid import DEPTH, LEGS, HybridIndex
from index.segment import Segmenter
from index.store import LoadedIndex, load_index
from index.types import Collection, Encoder, Matcher, Ranked, Vectors
from rag.assistant import Assistant


@pytest.fixture(scope="module")
def index(home: Path, encoder: Encoder, matcher: Matcher) -> LoadedIndex:
    return load_index(home / "index", encoder, matcher=matcher)


@pytest.fixture(scope="module")
def numbers() -> list[Case]:
    cases = [case for case in load_cases(BUNDLED) if case.type is CaseType.NUMBER and split_of(case) is Split.TUNE and case.parts == 1]
    return sorted(cases, key=lambda case: case.id)[:40]


def test_a_leg_that_is_taken_away_finds_nothing_and_the_others_all_they_did(index: LoadedIndex, encoder: Encoder) -> None:
    question, segmenter = "新增经营主体多少户", index.segmenter
    vector = encoder.encode_queries([question])
    assert isinstance(index.readings, FilesCollection)
    whole = index.readings.index.rankings(question, vector, segmenter)
    for leg in LEGS:
        found = LimitedIndex(index.readings.index, (leg,)).rankings(question, vector, segmenter)
        assert found == whole | {leg: []}
        assert whole[leg]


def test_a_variant_searches_less_where_it_says_so(index: LoadedIndex) -> None:
    variant = limited(index, Variant("", without_passages=("dense",), without_readings=("words",)))
    kinds = [type(part.index) for part in (variant.passages, variant.readings, variant.tasks) if isinstance(part, FilesCollection)]
    assert kinds == [LimitedIndex, LimitedIndex, LimitedIndex]
    whole = limited(index, Variant(""))
    assert (whole.passages, whole.readings, whole.tasks) == (index.passages, index.readings, index.tasks)


def test_without_readings_nothing_is_answered_from_them(index: LoadedIndex, encoder: Encoder, numbers: list[Case]) -> None:
    off = open_variant(index, encoder, Variant("", readings=False))
    modes = {str(off.ask(case.question).mode) for case in numbers[:10]}
    assert modes <= {"extractive", "structured", "mixed"}


def test_all_variants_are_asked_all_questions(index: LoadedIndex, encoder: Encoder, numbers: list[Case]) -> None:
    told: list[tuple[str, int, int]] = []
    runs = run_variants(index, encoder, numbers[:4], lambda *progress: told.append(progress))
    assert list(runs) == list(VARIANTS)
    assert [told.count((variant.name, 4, 4)) for variant in VARIANTS] == [1] * len(VARIANTS)
    for variant, run in runs.items():
        found = ablated(variant, run)
        assert (found.tune.cases, found.test.cases, found.test.accuracy) == (4, 0, None)


class ShuffledIndex(HybridIndex):
    """A broken index: what it finds are other rows than those that fit, always the same."""

    def __init__(self, index: HybridIndex) -> None:
        super().__init__(index.dense, index.words, index.pairs)
        self._rows = list(range(index.count))
        random.Random(5).shuffle(self._rows)

    def rankings(
        self, query: str, vector: Vectors, segmenter: Segmenter, depth: int = DEPTH, allowed: NDArray[np.bool_] | None = None
    ) -> dict[str, list[Ranked]]:
        found = super().rankings(query, vector, segmenter, depth, allowed)
        rows = np.arange(self.count) if allowed is None else np.flatnonzero(allowed)
        return {leg: [item._replace(row=int(rows[self._rows[item.row] % len(rows)])) for item in ranking] for leg, ranking in found.items()}


def accuracy(system: Assistant, cases: Sequence[Case]) -> float:
    run: Run = run_cases(system, cases, stamp_of("", cases, ""))
    found = totals([record.outcome for record in run.records]).accuracy
    assert found is not None
    return found.value


def test_the_product_with_shuffled_hits_scores_near_zero(
    index: LoadedIndex, encoder: Encoder, assistant: Assistant, numbers: list[Case]
) -> None:
    def shuffled(collection: Collection) -> Collection:
        assert isinstance(collection, FilesCollection)
        return collection.over(ShuffledIndex(collection.index))

    broken = replace(index, passages=shuffled(index.passages), readings=shuffled(index.readings), tasks=shuffled(index.tasks))
    assert accuracy(Assistant(broken, encoder), numbers) <= 0.05
    # Of 1,650 passages twenty are looked through for each question: some hold the answer by chance.
    assert accuracy(Assistant(broken, encoder, use_readings=False), numbers) <= 0.1
    assert accuracy(assistant, numbers) >= 0.6
