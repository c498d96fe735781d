"""The state of the product in figures: both halves of the questions, with and without its parts, and the trials of honesty."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.load import load_documents
from eval.ablation import PASSAGES_ONLY, WHOLE, Ablated, Say, ablated, run_variants
from eval.honesty import MutationTrial, RemovalTrial, try_mutations, try_removal
from eval.run import Record, Run, record_id
from eval.train import Bin, Training, load_training, reliability
from eval.types import Case, Split
from index.store import LoadedIndex
from index.types import Encoder
from rag.rank import STATEMENT_WEIGHTS

GROUPS = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """Answerable questions whose similarity to the nearest form of a reading lies from `low` to `high`: how many of each half, and how many right."""

    low: float
    high: float
    tune: int
    tune_right: int
    test: int
    test_right: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything that docs/quality.md tells. `run` is that of the whole product, `without_readings` that by passages and records alone."""

    run: Run
    without_readings: Run
    ablations: tuple[Ablated, ...]
    likeness: tuple[Likeness, ...]
    training: Training | None
    training_of_statements: Training | None
    mutations: tuple[MutationTrial, ...]
    removals: tuple[RemovalTrial, ...]


def measure_quality(index: LoadedIndex, index_folder: Path, encoder: Encoder, cases: Sequence[Case], say: Say) -> Quality:
    """Runs every variant over all cases, then the trials."""
    runs = run_variants(index, encoder, cases, say)
    documents = load_documents()
    say("mutations", 0, 1)
    mutations = try_mutations(documents, index_folder, encoder, index.matcher)
    removals = []
    for number, document in enumerate(documents):
        say("removals", number, len(documents))
        removals.append(try_removal(documents, document.info.id, cases, index_folder, encoder, index.matcher))
    nearest = similarities(index, encoder, [" ".join((*case.history, case.question)) for case in cases])
    return Quality(
        run=runs[WHOLE],
        without_readings=runs[PASSAGES_ONLY],
        ablations=tuple(ablated(variant, run) for variant, run in runs.items()),
        likeness=by_likeness(cases, nearest, runs[WHOLE]),
        training=load_training(),
        training_of_statements=load_training(STATEMENT_WEIGHTS),
        mutations=mutations,
        removals=tuple(removals),
    )


def similarities(index: LoadedIndex, encoder: Encoder, questions: Sequence[str]) -> list[float]:
    """The cosine of each question to the nearest form of any reading."""
    vectors = encoder.encode_queries(questions)
    found = (index.readings.search(question, vectors[row : row + 1], 1) for row, question in enumerate(questions))
    return [max(float(item.vector @ vectors[row]) for item in items) for row, items in enumerate(found)]


def by_likeness(cases: Sequence[Case], nearest: Sequence[float], run: Run, groups: int = GROUPS) -> tuple[Likeness, ...]:
    """The answerable cases in `groups` of like size, from the least like any reading to the most."""
    records = {record.id: record for record in run.records}
    asked = sorted(
        (similarity, case.id, records[record_id(case)]) for case, similarity in zip(cases, nearest, strict=True) if case.answerable
    )
    stretches = [asked[part[0] : part[-1] + 1] for part in np.array_split(np.arange(len(asked)), groups) if len(part)]
    return tuple(_likeness([similarity for similarity, _, _ in part], [record for _, _, record in part]) for part in stretches)


def _likeness(nearest: Sequence[float], records: Sequence[Record]) -> Likeness:
    halves = {split: [record.outcome.correct for record in records if record.split is split] for split in Split}
    tune, test = halves[Split.TUNE], halves[Split.TEST]
    return Likeness(round(nearest[0], 4), round(nearest[-1], 4), len(tune), sum(tune), len(test), sum(test))


def confidence_bins(records: Sequence[Record], split: Split, bins: int = 5) -> tuple[Bin, ...]:
    """Of the answers given in a half, the confidence told and the share right."""
    given = [record.outcome for record in records if record.split is split and not record.outcome.abstained]
    if not given:
        return ()
    told = np.asarray([min(1.0, max(0.0, outcome.confidence)) for outcome in given])
    return reliability(told, np.asarray([float(outcome.correct) for outcome in given]), bins)
