"""Training of the linear models that choose a reading, or a statement of a document that nobody has read, on the questions of the tuning half alone.

The assistant itself is asked every question, with a ranker that writes down what it is given to rank: so the models learn from the very
candidates that they will have to choose from. Everything told of how good they are is cross-validated: by models that have not seen the question.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from corpus.errors import JudianError
from eval.dataset import questions_hash, split_of
from eval.metrics import faults_of_text, states, without_marks
from eval.types import Case, CaseType, Split
from rag.assistant import Assistant
from rag.question import Question
from rag.rank import (
    FEATURES,
    MODELS,
    PART_FEATURES,
    PART_SURENESS,
    RELEVANCE,
    SURENESS,
    WEIGHTS,
    Agreements,
    Linear,
    Part,
    Ranker,
    Scored,
    agreements,
    features,
    standings,
)
from rag.types import ReadingHit, Turn

Matrix: TypeAlias = NDArray[np.float64]
Progress: TypeAlias = Callable[[int, int], None]

FOLDS = 5
SEED = 0
ORDER_PENALTY = 0.6
SURENESS_PENALTY = 1.0
"""Halves of the weights' square sums, times these, are added to the loss (summed over questions): chosen by cross-validation."""

LONGEST_PART = 80
"""Characters from which a reading says too much to be the answer to one of several things asked."""

REMOVED_WEIGHT = 0.1
"""What a question counts, in learning how sure a reading is, whose document was taken away: there are many, and few users ask of what is missing."""

BINS = 10
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)

NOT_RANKED = (CaseType.RESPONSIBILITY,)
"""Types whose answers are worked out over records, so that no single reading could hold their facts."""

WORKED_OUT = (CaseType.AGGREGATE,)
"""Types whose answers may be worked out over readings: a question of them teaches only where a reading holds all its facts."""


class TrainingError(JudianError):
    """Questions from which nothing can be learnt."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the assistant had ranked: a question, or the part of it that is numbered `thing` of `things`, and the readings found for it."""

    text: str
    question: Question
    hits: tuple[ReadingHit, ...]
    values: tuple[tuple[float, ...], ...]
    thing: int = 0
    things: int = 1


def _nothing_learnt(names: Sequence[str]) -> Linear:
    zeros = (0.0,) * len(names)
    return Linear(zeros, 0.0, zeros, (1.0,) * len(names))


@dataclass(frozen=True, slots=True)
class Recorder(Ranker):
    """A ranker that has learnt nothing and writes down what it is given."""

    order: Linear = field(default_factory=lambda: _nothing_learnt(FEATURES))
    sureness: Linear = field(default_factory=lambda: _nothing_learnt(SURENESS))
    part_order: Linear = field(default_factory=lambda: _nothing_learnt(PART_FEATURES))
    part_sureness: Linear = field(default_factory=lambda: _nothing_learnt(PART_SURENESS))
    relevance: Linear = field(default_factory=lambda: _nothing_learnt(RELEVANCE))
    seen: list[Seen] = field(default_factory=list)

    def rank(self, text: str, question: Question, hits: Sequence[ReadingHit], latest: int) -> list[Scored]:
        values = tuple(features(text, question.years, question.aim, hit, rank, latest) for rank, hit in enumerate(hits))
        self.seen.append(Seen(text, question, tuple(hits), values))
        return Ranker.rank(self, text, question, hits, latest)

    def part_values(self, parts: Sequence[Part], whole: Sequence[Scored], latest: int) -> list[list[tuple[float, ...]]]:
        found = Ranker.part_values(self, parts, whole, latest)
        for thing, (part, values) in enumerate(zip(parts, found, strict=True)):
            self.seen.append(Seen(part.text, part.question, part.hits, tuple(values), thing, len(parts)))
        return found


@dataclass(frozen=True, slots=True)
class Example:
    """The readings found for a question (`whole`) or for one of its parts: their features (FEATURES of a whole question, PART_FEATURES of a part),
    which of them are right, and which agree; `removed` where the document that answers it was taken away."""

    case: str
    whole: bool
    values: Matrix
    right: NDArray[np.bool_]
    same: Agreements
    removed: bool = False


def collect(open_assistant: Callable[[Ranker], Assistant], cases: Sequence[Case], progress: Progress | None = None) -> list[Example]:
    """What the assistant has to rank for the cases of the tuning half. Raises TrainingError for a case of the test half.

    What a follow-up means is chosen by the ranker, and a part is ranked by how its question is: so they come last, with one that has learnt from
    the questions that stand alone.
    """
    _only_tuning(cases)
    ranked = [case for case in cases if case.type not in NOT_RANKED]
    alone = [case for case in ranked if not case.history]
    total = len(alone) + len(ranked)
    first = _asked(open_assistant, Recorder(), alone, lambda done: progress and progress(done, total))
    return _asked(open_assistant, taught(first), ranked, lambda done: progress and progress(len(alone) + done, total))


def taught(examples: Sequence[Example]) -> Recorder:
    """A ranker that has learnt from examples to rank for whole questions."""
    whole = _learn([_own(example) for example in examples], [n for n, e in enumerate(examples) if e.whole], FEATURES, SURENESS)
    return Recorder(whole.order, whole.sureness)


def collect_elsewhere(open_assistant: Callable[[Ranker], Assistant], cases: Sequence[Case]) -> list[Example]:
    """The readings found for questions of the tuning half that do not concern the documents. Raises TrainingError for one of the test half."""
    _only_tuning(cases)
    return _asked(open_assistant, Recorder(), cases, lambda _done: None)


def collect_removed(
    open_assistant: Callable[[Ranker], Assistant], cases: Sequence[Case], recorder: Recorder, documents: Sequence[str] = ()
) -> list[Example]:
    """What is ranked for questions of the tuning half by an assistant without the document that answers them, or that is asked about the other
    `documents` alone.

    `recorder` is `taught` by the examples of the assistant that has all documents. Raises TrainingError for a case of the test half.
    """
    _only_tuning(cases)
    ranked = [case for case in cases if case.type not in NOT_RANKED]
    found = _asked(open_assistant, recorder, ranked, lambda _done: None, documents)
    return [replace(example, removed=True) for example in found]


def _only_tuning(cases: Sequence[Case]) -> None:
    if any(split_of(case) is not Split.TUNE for case in cases):
        raise TrainingError("只能用调试集训练：测试集一旦用来训练，就再也量不出什么。")


def _own(example: Example) -> Example:
    """An example with those features alone that a whole question has too."""
    return replace(example, values=example.values[:, : len(FEATURES)])


def _asked(
    open_assistant: Callable[[Ranker], Assistant],
    recorder: Recorder,
    cases: Sequence[Case],
    tell: Callable[[int], object],
    documents: Sequence[str] = (),
) -> list[Example]:
    assistant = open_assistant(recorder)
    examples: list[Example] = []
    for done, case in enumerate(cases, start=1):
        recorder.seen.clear()
        understood = assistant.ask(case.question, [Turn("user", earlier) for earlier in case.history], documents).question
        if case.history:
            # Finding out what a follow-up means ranks readings too; only those of the question itself are to be learnt from.
            recorder.seen.clear()
            assistant.ask(understood, (), documents)
        examples += examples_of(case, recorder.seen)
        tell(done)
    return examples


def examples_of(case: Case, seen: Sequence[Seen]) -> list[Example]:
    """The parts of a question where it was taken apart, else the question as a whole."""
    parts = [one for one in seen if one.things > 1 and one.hits]
    if parts:
        # Where there are more or fewer facts than parts, which of them a part asks for is not known.
        told_apart = not case.answerable or len(case.facts) == parts[0].things
        return [_example(case, False, one, [answers_part(case, one, hit) for hit in one.hits]) for one in parts if told_apart]
    wholes = [one for one in seen if one.hits][:1]
    found = [_example(case, True, one, [answers_all(case, hit) for hit in one.hits]) for one in wholes]
    return [example for example in found if case.type not in WORKED_OUT or example.right.any()]


def _example(case: Case, whole: bool, seen: Seen, right: Sequence[bool]) -> Example:
    same = agreements([hit.reading for hit in seen.hits])
    return Example(case.id, whole, np.asarray(seen.values, np.float64), np.asarray(right, np.bool_), same)


def answers_all(case: Case, hit: ReadingHit) -> bool:
    """Whether a reading's answer is right for a case; where the documents do not answer it, whether it says so."""
    if hit.reading.leaves_out:
        return not case.answerable
    return case.answerable and not faults_of_text(case, hit.reading.answer)


def answers_part(case: Case, part: Seen, hit: ReadingHit) -> bool:
    """Whether a reading states the fact of a case that a part asks for, and little else."""
    if hit.reading.leaves_out:
        return not case.answerable
    if not case.answerable or len(hit.reading.answer) >= LONGEST_PART:
        return False
    said = without_marks(hit.reading.answer)
    return any(states(said, form) for form in case.facts[part.thing])


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose best reading was told to be right with a probability from `low` to `high`: their mean probability and the share right."""

    low: float
    high: float
    questions: int
    told: float
    right: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Answering from this probability on: of best readings that are right the share said, of wrong ones the share kept back."""

    probability: float
    right_said: float
    wrong_kept_back: float


@dataclass(frozen=True, slots=True)
class Validation:
    """How good the models of whole questions, or of parts, are, by cross-validation.

    `best_right` is the share of the `answerable` examples, those with a right reading among the ones found, whose first is right;
    `best_by_cosine` is the same for similarity alone. `brier` and `calibration_error` (mean distance of told and true share over the bins) are
    over all `examples`.
    """

    examples: int
    answerable: int
    best_right: float
    best_by_cosine: float
    brier: float
    calibration_error: float
    reliability: tuple[Bin, ...]
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """What the weights were made from and how good they are; `questions` is a hash of the cases with their truth, `corpus` the fingerprint of
    documents and readings."""

    date: str
    split: str
    questions: str
    corpus: str
    cases: int
    folds: int
    seed: int
    whole: Validation
    parts: Validation


@dataclass(frozen=True, slots=True)
class Learnt:
    """Models fitted on all examples, and how good such are on those that they have not seen."""

    order: Linear
    sureness: Linear
    validation: Validation


def train(
    examples: Sequence[Example], elsewhere: Sequence[Example], cases: Sequence[Case], corpus_fingerprint: str, date: str
) -> tuple[Ranker, Training]:
    """The models and how good they are; `elsewhere` are examples of questions that do not concern the documents.

    The same examples always give the same models. Raises TrainingError where there is too little to learn from.
    """
    parts = [example for example in examples if not example.whole]
    of_parts = _learn(parts, range(len(parts)), PART_FEATURES, PART_SURENESS)
    # A part teaches what sets readings apart as a whole question does.
    whole = _learn([_own(example) for example in examples], [n for n, e in enumerate(examples) if e.whole], FEATURES, SURENESS)
    answered = [example for example in examples if example.whole and example.right.any() and not example.removed]
    relevance = fit_relevance(answered, elsewhere)
    training = Training(
        date=date,
        split=Split.TUNE,
        questions=questions_hash(cases),
        corpus=corpus_fingerprint,
        cases=len(cases),
        folds=FOLDS,
        seed=SEED,
        whole=whole.validation,
        parts=of_parts.validation,
    )
    return Ranker(whole.order, whole.sureness, of_parts.order, of_parts.sureness, relevance), training


def _learn(examples: Sequence[Example], judged: Sequence[int], names: Sequence[str], sure: Sequence[str]) -> Learnt:
    """The order learnt from all examples, and the sureness from those `judged`, over the features that `names` and `sure` name.

    Validated over those judged whose documents are there. Raises TrainingError where there is too little to learn from.
    """
    if sum(example.right.any() for example in examples) < FOLDS or not judged:
        raise TrainingError("可以学习的问题太少：请检查索引是否含有问答记录。")
    examples = _all_known(examples)
    stacked = np.concatenate([example.values for example in examples])
    mean, scale = stacked.mean(axis=0), stacked.std(axis=0) + 1e-6
    standard = [(example.values - mean) / scale for example in examples]
    folds = fold_of(examples)
    scores = [np.zeros(len(example.right)) for example in examples]
    for fold in range(FOLDS):
        kept = [number for number in range(len(examples)) if folds[number] != fold]
        unseen = fit_order([standard[number] for number in kept], [examples[number] for number in kept])
        for number in set(range(len(examples))) - set(kept):
            scores[number] = standard[number] @ unseen
    firsts = np.asarray([first_of(examples[number], scores[number], names, sure) for number in judged])
    right = np.asarray([examples[number].right[np.argmax(scores[number])] for number in judged], np.float64)
    weights = np.asarray([REMOVED_WEIGHT if examples[number].removed else 1.0 for number in judged])
    told = _told_unseen(firsts, right, weights, [folds[number] for number in judged])
    there = np.asarray([not examples[number].removed for number in judged])
    told, truly = told[there], right[there]
    bins = reliability(told, truly)
    answerable = [number for number in judged if examples[number].right.any() and not examples[number].removed]
    validation = Validation(
        examples=len(told),
        answerable=len(answerable),
        best_right=_share_right(examples, answerable, scores),
        best_by_cosine=_share_right(examples, answerable, [example.values[:, 0] for example in examples]),
        brier=round(float(np.mean((told - truly) ** 2)), 4),
        calibration_error=round(sum(one.questions * abs(one.told - one.right) for one in bins) / len(told), 4),
        reliability=bins,
        thresholds=tuple(threshold(told, truly, probability) for probability in THRESHOLDS),
    )
    return Learnt(_linear(fit_order(standard, examples), 0.0, mean, scale), fit_sureness(firsts, right, weights), validation)


def _all_known(examples: Sequence[Example]) -> list[Example]:
    """Examples in which each value that is not known (NaN) is the mean of those that are, 0 where none is."""
    stacked = np.concatenate([example.values for example in examples])
    unknown = np.isnan(stacked)
    means = np.where(unknown, 0.0, stacked).sum(axis=0) / np.maximum(1, (~unknown).sum(axis=0))
    return [replace(example, values=np.where(np.isnan(example.values), means, example.values)) for example in examples]


def fit_order(standard: Sequence[Matrix], examples: Sequence[Example]) -> Matrix:
    """Weights of a conditional logit (McFadden 1974): the right readings together should have the most of a softmax over those found."""
    chosen = [number for number, example in enumerate(examples) if example.right.any() and not example.removed]
    values = np.concatenate([standard[number] for number in chosen])
    right = np.concatenate([examples[number].right for number in chosen])
    sizes = [len(standard[number]) for number in chosen]
    starts = np.cumsum([0, *sizes[:-1]])

    def softmax(scores: Matrix) -> tuple[Matrix, Matrix]:
        """Shares of each example's readings, and the logarithm of the sums that they were divided by."""
        top = np.maximum.reduceat(scores, starts)
        raised = np.exp(scores - np.repeat(top, sizes))
        sums = np.add.reduceat(raised, starts)
        return raised / np.repeat(sums, sizes), np.log(sums) + top

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores = values @ weights
        shares, whole = softmax(scores)
        shares_right, of_right = softmax(np.where(right, scores, -np.inf))
        return float((whole - of_right).sum() + ORDER_PENALTY / 2 * weights @ weights), values.T @ (
            shares - shares_right
        ) + ORDER_PENALTY * weights

    return _minimised(loss, values.shape[1])


def fit_sureness(firsts: Matrix, right: Matrix, weights: Matrix) -> Linear:
    """A logistic regression of what is `right` over some values, such as whether the first reading is over those of `first_of`; each row counts
    what `weights` says."""
    mean, scale = firsts.mean(axis=0), firsts.std(axis=0) + 1e-6
    values = np.column_stack([(firsts - mean) / scale, np.ones(len(firsts))])

    def loss(slopes: Matrix) -> tuple[float, Matrix]:
        scores = values @ slopes
        penalised = np.append(slopes[:-1], 0.0)
        total = weights @ (np.logaddexp(0, scores) - right * scores) + SURENESS_PENALTY / 2 * penalised @ penalised
        return float(total), values.T @ (weights * (1 / (1 + np.exp(-scores)) - right)) + SURENESS_PENALTY * penalised

    fitted = _minimised(loss, values.shape[1])
    return _linear(fitted[:-1], float(fitted[-1]), mean, scale)


def fit_relevance(answered: Sequence[Example], elsewhere: Sequence[Example]) -> Linear:
    """A logistic regression of whether a question is one of those answered, over RELEVANCE. Raises TrainingError without examples of both."""
    if not answered or not elsewhere:
        raise TrainingError("没有与文件无关的问题：请检查问题集。")
    cosine, unknown = FEATURES.index("cosine"), FEATURES.index("unknown")
    values = [[float(e.values[:, cosine].max()), float(e.values[0, unknown])] for e in (*answered, *elsewhere)]
    right = np.repeat([1.0, 0.0], [len(answered), len(elsewhere)])
    return fit_sureness(np.asarray(values), right, np.ones(len(right)))


def _minimised(loss: Callable[[Matrix], tuple[float, Matrix]], count: int) -> Matrix:
    from scipy.optimize import minimize

    found: Matrix = minimize(loss, np.zeros(count), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return found


def fold_of(examples: Sequence[Example]) -> list[int]:
    """The fold of each example: parts of one question lie in the same."""
    cases = sorted({example.case for example in examples})
    order = np.random.default_rng(SEED).permutation(len(cases))
    folds = {cases[number]: place % FOLDS for place, number in enumerate(order)}
    return [folds[example.case] for example in examples]


def first_of(example: Example, scores: Matrix, names: Sequence[str], sure: Sequence[str]) -> list[float]:
    """The values that `sure` names, of the reading with the highest score; `names` are those of the example's features."""
    order = [int(number) for number in np.argsort(-scores, kind="stable")]
    standing = standings(order, [float(score) for score in scores], [float(value) for value in example.values[:, 0]], example.same)[0]
    named = dict(zip(names, example.values[order[0]], strict=True)) | standing
    return [float(named[name]) for name in sure]


def _told_unseen(firsts: Matrix, right: Matrix, weights: Matrix, folds: Sequence[int]) -> Matrix:
    """The probability of each first reading by a model fitted on the other folds."""
    told = np.zeros(len(right))
    for fold in range(FOLDS):
        held = np.asarray(folds) == fold
        if held.any():
            model = fit_sureness(firsts[~held], right[~held], weights[~held])
            told[held] = [1 / (1 + np.exp(-model(row))) for row in firsts[held]]
    return told


def reliability(told: Matrix, right: Matrix, bins: int = BINS) -> tuple[Bin, ...]:
    """What was told set against what was true, over `bins` stretches of equal width; empty ones are left out."""
    places = np.minimum((told * bins).astype(int), bins - 1)
    found = []
    for place in sorted(set(places.tolist())):
        held = places == place
        shares = (round(float(told[held].mean()), 4), round(float(right[held].mean()), 4))
        found.append(Bin(place / bins, (place + 1) / bins, int(held.sum()), *shares))
    return tuple(found)


def threshold(told: Matrix, right: Matrix, probability: float) -> Threshold:
    said = told >= probability
    is_right = right > 0
    # Where none is wrong, all wrong ones are kept back.
    right_said, kept_back = (float(held.mean()) if held.size else 1.0 for held in (said[is_right], ~said[~is_right]))
    return Threshold(probability, round(right_said, 4), round(kept_back, 4))


def save_ranker(ranker: Ranker, training: Training, file: Path = WEIGHTS) -> None:
    """Writes the weights with what they were made from, whole or not at all."""
    models = {name: {"features": list(names), **asdict(getattr(ranker, name))} for name, names in MODELS.items()}
    text = json.dumps(models | {"training": asdict(training)}, indent=1) + "\n"
    unfinished = file.with_name(file.name + ".tmp")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(file)


def load_training(file: Path = WEIGHTS) -> Training | None:
    """What the weights of a file were made from; None where it does not say."""
    stored = json.loads(file.read_text("utf-8")).get("training") if file.exists() else None
    return TypeAdapter(Training).validate_python(stored) if stored else None


def _linear(weights: Matrix, bias: float, mean: Matrix, scale: Matrix) -> Linear:
    def rounded(values: Matrix, digits: int) -> tuple[float, ...]:
        return tuple(round(float(value), digits) for value in values)

    return Linear(rounded(weights, 5), round(bias, 5), rounded(mean, 6), rounded(scale, 6))


def _share_right(examples: Sequence[Example], numbers: Sequence[int], scores: Sequence[Matrix]) -> float:
    return round(float(np.mean([examples[number].right[np.argmax(scores[number])] for number in numbers])), 4)
