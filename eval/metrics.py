"""Verdicts and totals: pure functions over a case, an answer and the passages found. No language model judges anything.

An answer to an answerable question is right when it does not abstain, states every fact, is at most `80 + 2 x` the length of the reference
answer, states nothing that makes it wrong, and cites a passage that holds evidence. An unanswerable question wants an abstention.
Totals are averages over all cases; an error is a wrong answer that found nothing.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from eval.types import DEPTHS, Case, Fault, Outcome, Proof
from rag.types import Answer, Citation

ALLOWED_EXTRA = 80
ALLOWED_RATIO = 2
"""An answer may have this many characters more than this many times its reference answer."""

RESAMPLES = 2000
CONFIDENCE_LEVEL = 0.95

_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
_MARK = re.compile(r"[\[［]\d{1,3}[\]］]")
_DASHES = re.compile("[-—–―－]+")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”\"‘’'「」『』\u200b\ufeff"),
        **dict.fromkeys("∶﹕", ":"),
        **dict.fromkeys("〔【", "["),
        **dict.fromkeys("〕】", "]"),
    }
)


@lru_cache(maxsize=4096)
def normalised(text: str) -> str:
    """Text as it is compared: NFKC, lower case, no white space, quotation or thousands marks, one kind of brackets and dashes."""
    joined = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)
    folded = unicodedata.normalize("NFKC", joined).translate(_ALIKE)
    return _DASHES.sub("-", "".join(folded.split())).lower()


def without_marks(answer: str) -> str:
    """An answer without its citation marks, normalised."""
    return normalised(_MARK.sub("", answer))


def states(text: str, form: str) -> bool:
    """Whether a surface form stands in a normalised text; one that begins or ends in a digit only as a whole figure: 6% is not in 16%."""
    return _pattern(form).search(text) is not None


@lru_cache(maxsize=8192)
def _pattern(form: str) -> re.Pattern[str]:
    wanted = normalised(form)
    whole_left = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    whole_right = r"(?!\.?\d)" if wanted[-1:].isdigit() else ""
    return re.compile(whole_left + re.escape(wanted) + whole_right)


def missing_facts(case: Case, answer: str) -> tuple[str, ...]:
    """The first form of every fact that an answer does not state in any form."""
    said = without_marks(answer)
    return tuple(forms[0] for forms in case.facts if not any(states(said, form) for form in forms))


def longest_allowed(case: Case) -> int:
    return ALLOWED_EXTRA + ALLOWED_RATIO * len(normalised(case.answer))


def proves(passage: str, proof: Proof) -> bool:
    """Whether a passage, normalised, holds a piece of evidence."""
    if proof.quote:
        return normalised(proof.quote) in passage
    return all(normalised(token) in passage for token in proof.tokens)


def evidence_share(case: Case, passages: Iterable[str]) -> float:
    """Share of the pieces of evidence that the passages hold, by the best of the alternative lists; 0 where there is none."""
    texts = [normalised(passage) for passage in passages]
    return max((_found(pieces, texts) / len(pieces) for pieces in _evidence_lists(case)), default=0.0)


def evidence_recall(case: Case, passages: Sequence[str], depth: int) -> float:
    """Pieces of evidence in the first `depth` passages / min(depth, pieces), at most 1, by the best of the alternative lists."""
    texts = [normalised(passage) for passage in passages[:depth]]
    return max((min(1.0, _found(pieces, texts) / min(depth, len(pieces))) for pieces in _evidence_lists(case)), default=0.0)


def _evidence_lists(case: Case) -> list[tuple[Proof, ...]]:
    return [pieces for pieces in (case.evidence, *case.alternatives) if pieces]


def _found(pieces: Sequence[Proof], texts: Sequence[str]) -> int:
    return sum(any(proves(text, piece) for text in texts) for piece in pieces)


def citation_precision(case: Case, answer: Answer) -> float:
    """Share of citations whose quote holds a fact that the answer states, or evidence; 0 for an abstention and without citations."""
    if answer.abstained or not answer.citations:
        return 0.0
    said = without_marks(answer.answer)
    stated = [form for forms in case.facts for form in forms if states(said, form)]
    return sum(_supports(citation, stated, case) for citation in answer.citations) / len(answer.citations)


def _supports(citation: Citation, stated: Sequence[str], case: Case) -> bool:
    quote = normalised(citation.quote)
    if not quote:
        return False
    pieces = [piece for pieces in _evidence_lists(case) for piece in pieces]
    return (
        any(states(quote, form) for form in stated)
        or any(proves(quote, piece) for piece in pieces)
        or any(quote in normalised(piece.quote) for piece in pieces)
    )


def faults(case: Case, answer: Answer) -> tuple[Fault, ...]:
    """Everything that makes an answer wrong; none for a right one."""
    if not case.answerable:
        return () if answer.abstained else (Fault.ANSWERED,)
    if answer.abstained:
        return (Fault.ABSTAINED,)
    proved = evidence_share(case, [citation.text for citation in answer.citations]) > 0
    return (*faults_of_text(case, answer.answer), *(() if proved else (Fault.NO_EVIDENCE,)))


def faults_of_text(case: Case, text: str) -> tuple[Fault, ...]:
    """What makes the text of an answer wrong for an answerable case, whatever it cites."""
    said = without_marks(text)
    found = {
        Fault.FACT_MISSING: bool(missing_facts(case, text)),
        Fault.TOO_LONG: len(said) > longest_allowed(case),
        Fault.REJECTED: any(states(said, statement) for statement in case.reject),
    }
    return tuple(fault for fault, present in found.items() if present)


def score(case: Case, answer: Answer, hits: Sequence[str], latency_ms: float) -> Outcome:
    """How an answer and the texts of the hits of its search did on a case."""
    wrong = faults(case, answer)
    return Outcome(
        answerable=case.answerable,
        correct=not wrong,
        faults=wrong,
        abstained=answer.abstained,
        confidence=answer.confidence,
        recall=tuple(evidence_recall(case, hits, depth) for depth in DEPTHS),
        citation_precision=citation_precision(case, answer),
        citation_recall=evidence_share(case, [citation.text for citation in answer.citations]),
        length=len(without_marks(answer.answer)),
        reference_length=len(normalised(case.answer)),
        latency_ms=latency_ms,
    )


def score_error(case: Case, latency_ms: float) -> Outcome:
    """The outcome of a case on which the system failed."""
    return Outcome(
        answerable=case.answerable,
        correct=False,
        faults=(Fault.ERROR,),
        abstained=False,
        confidence=0.0,
        recall=(0.0,) * len(DEPTHS),
        citation_precision=0.0,
        citation_recall=0.0,
        length=0,
        reference_length=len(normalised(case.answer)),
        latency_ms=latency_ms,
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the bounds of its 95% bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Abstention:
    """Abstaining seen as finding the unanswerable questions. `wrong` is the share of answerable questions that were not answered."""

    precision: float
    recall: float
    f1: float
    wrong: float


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Of all cases, `coverage` is the share answered with at least `confidence`; `risk` is the share of those answers that are wrong."""

    confidence: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of the wall-clock time of an ask, in milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of some cases; what concerns evidence and citations is over the answerable ones, and None where there are none.

    `recall` is at the numbers of hits of `DEPTHS`; `verbosity` is the median of answer length / reference length over answers given.
    """

    cases: int
    answerable: int
    accuracy: Interval | None
    recall: tuple[Interval | None, ...]
    citation_precision: Interval | None
    citation_recall: Interval | None
    abstention: Abstention
    risk_area: float | None
    verbosity: float | None
    latency: Latency | None
    faults: dict[Fault, int]


def totals(outcomes: Sequence[Outcome]) -> Totals:
    answerable = [outcome for outcome in outcomes if outcome.answerable]

    def mean(value: Callable[[Outcome], float], over: Sequence[Outcome] = answerable) -> Interval | None:
        return bootstrap([value(outcome) for outcome in over])

    def recall_at(column: int) -> Interval | None:
        return mean(lambda outcome: outcome.recall[column])

    ratios = [o.length / o.reference_length for o in answerable if o.length and o.reference_length and not o.abstained]
    return Totals(
        cases=len(outcomes),
        answerable=len(answerable),
        accuracy=mean(lambda outcome: outcome.correct, outcomes),
        recall=tuple(recall_at(column) for column in range(len(DEPTHS))),
        citation_precision=mean(lambda outcome: outcome.citation_precision),
        citation_recall=mean(lambda outcome: outcome.citation_recall),
        abstention=abstention(outcomes),
        risk_area=risk_area(risk_coverage(outcomes)),
        verbosity=float(np.median(ratios)) if ratios else None,
        latency=latency([outcome.latency_ms for outcome in outcomes]),
        faults=dict(Counter(fault for outcome in outcomes for fault in outcome.faults).most_common()),
    )


def bootstrap(values: Sequence[float], resamples: int = RESAMPLES, seed: int = 0) -> Interval | None:
    """The mean of the values and its percentile bootstrap interval (Efron 1979), the same on every call; None of no values."""
    if not values:
        return None
    sample = np.asarray(values, dtype=np.float64)
    rows = np.random.default_rng(seed).integers(0, len(sample), size=(resamples, len(sample)))
    means = sample[rows].mean(axis=1)
    tail = (1 - CONFIDENCE_LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(sample.mean()), float(low), float(high))


def abstention(outcomes: Sequence[Outcome]) -> Abstention:
    """Precision, recall and F1 of abstaining; a ratio of nothing is 0."""
    given = sum(outcome.abstained for outcome in outcomes)
    due = sum(not outcome.answerable for outcome in outcomes)
    right = sum(outcome.abstained and not outcome.answerable for outcome in outcomes)
    return Abstention(
        precision=right / given if given else 0.0,
        recall=right / due if due else 0.0,
        f1=2 * right / (given + due) if given + due else 0.0,
        wrong=(given - right) / (len(outcomes) - due) if len(outcomes) > due else 0.0,
    )


def risk_coverage(outcomes: Sequence[Outcome]) -> tuple[RiskPoint, ...]:
    """The risk-coverage curve of selective answering (El-Yaniv & Wiener 2010): one point a distinct confidence, surest first."""
    answered = sorted((o for o in outcomes if not o.abstained and Fault.ERROR not in o.faults), key=lambda o: -o.confidence)
    points = []
    wrong = 0
    for count, outcome in enumerate(answered, start=1):
        wrong += not outcome.correct
        if count == len(answered) or answered[count].confidence != outcome.confidence:
            points.append(RiskPoint(outcome.confidence, count / len(outcomes), wrong / count))
    return tuple(points)


def risk_area(curve: Sequence[RiskPoint]) -> float | None:
    """Mean risk over the coverage reached (AURC; Geifman & El-Yaniv 2017); answers of equal confidence share theirs. None of no curve."""
    if not curve:
        return None
    widths = np.diff([0.0, *(point.coverage for point in curve)])
    return float(np.dot(widths, [point.risk for point in curve]) / curve[-1].coverage)


def latency(milliseconds: Sequence[float]) -> Latency | None:
    if not milliseconds:
        return None
    p50, p95, p99 = np.quantile(milliseconds, [0.5, 0.95, 0.99])
    return Latency(float(p50), float(p95), float(p99))


def latency_of(milliseconds: Sequence[float]) -> Latency:
    """The percentiles of times of which there is at least one. Raises ValueError for none."""
    found = latency(milliseconds)
    if found is None:
        raise ValueError("nothing was timed")
    return found


def mcnemar(first_only: int, second_only: int) -> float:
    """Two-sided exact p value of McNemar's test, from the numbers of cases that only the first and only the second system got right.

    Source: McNemar 1947, with the binomial distribution in place of its approximation.
    """
    discordant = first_only + second_only
    if not discordant:
        return 1.0
    tail = sum(math.comb(discordant, k) for k in range(min(first_only, second_only) + 1))
    return min(1.0, float(2 * tail / 2**discordant))
