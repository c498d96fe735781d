"""Ablations: the same questions asked of the assistant with parts of its search taken away.

A leg that is taken away finds nothing; what the other legs find is still ranked by all features, with the weights of the whole product.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from eval.metrics import Totals, totals
from eval.run import Run, run_cases, stamp_of
from eval.types import Case, Split
from index.files import FilesCollection
from index.hybrid import DEPTH, LEGS, HybridIndex
from index.segment import Segmenter
from index.store import LoadedIndex
from index.types import Collection, Encoder, Ranked, Vectors
from rag.assistant import Assistant

Say: TypeAlias = Callable[[str, int, int], None]
"""Told what is being measured, how many questions are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The assistant without some legs of search over passages, without some over readings, without comparing tokens, or without readings at all."""

    name: str
    without_passages: tuple[str, ...] = ()
    without_readings: tuple[str, ...] = ()
    readings: bool = True
    tokens: bool = True


WHOLE = Variant("passages and readings")
PASSAGES_ONLY = Variant("passages only", readings=False)
VARIANTS = (
    WHOLE,
    PASSAGES_ONLY,
    Variant("readings only", without_passages=LEGS),
    *(Variant(f"without {leg}", (leg,), (leg,)) for leg in LEGS),
    Variant("without tokens", tokens=False),
)


@dataclass(frozen=True, slots=True)
class Ablated:
    """The totals of a variant over the two halves of the questions."""

    variant: Variant
    tune: Totals
    test: Totals


class LimitedIndex(HybridIndex):
    """A hybrid index some of whose legs find nothing."""

    def __init__(self, index: HybridIndex, without: Sequence[str]) -> None:
        super().__init__(index.dense, index.words, index.pairs)
        self._without = frozenset(without)

    def rankings(
        self, query: str, vector: Vectors, segmenter: Segmenter, depth: int = DEPTH, allowed: NDArray[np.bool_] | None = None
    ) -> dict[str, list[Ranked]]:
        found = super().rankings(query, vector, segmenter, depth, allowed)
        return {leg: [] if leg in self._without else ranking for leg, ranking in found.items()}


def limited(index: LoadedIndex, variant: Variant) -> LoadedIndex:
    """The index as a variant searches it, which has to lie in files; tasks are searched like readings."""

    def without(collection: Collection, legs: Sequence[str]) -> Collection:
        assert isinstance(collection, FilesCollection)
        return collection.over(LimitedIndex(collection.index, legs)) if legs else collection

    return replace(
        index,
        passages=without(index.passages, variant.without_passages),
        readings=without(index.readings, variant.without_readings),
        tasks=without(index.tasks, variant.without_readings),
        matcher=index.matcher if variant.tokens else None,
    )


def open_variant(index: LoadedIndex, encoder: Encoder, variant: Variant) -> Assistant:
    return Assistant(limited(index, variant), encoder, variant.readings)


def run_variants(index: LoadedIndex, encoder: Encoder, cases: Sequence[Case], say: Say) -> dict[Variant, Run]:
    """All variants asked all cases, one after the other."""
    stamp = stamp_of("in process", cases, index.fingerprint)
    runs = {}
    for variant in VARIANTS:
        system = open_variant(index, encoder, variant)
        runs[variant] = run_cases(system, cases, stamp, progress=partial(say, variant.name))
    return runs


def ablated(variant: Variant, run: Run) -> Ablated:
    """The totals of a variant's run by half; None stands for figures of a half without questions."""
    halves = {split: [record.outcome for record in run.records if record.split is split] for split in Split}
    return Ablated(variant, totals(halves[Split.TUNE]), totals(halves[Split.TEST]))
