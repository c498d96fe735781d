"""The gate: the figures that the product has reached on the test split, recorded, and whether it has fallen below them.

A figure may lie its noise below the record: 1.64 standard errors, which chance alone exceeds one time in twenty.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.errors import JudianError
from eval.run import Run
from eval.types import DEPTHS, Outcome, Split

BASELINE = Path(__file__).parent / "baseline.json"
"""The record that `make test` holds the product to."""

FORMAT = 1
DEPTH = 5
NORMAL_95 = 1.64
"""Standard errors that a normal value lies below its mean by, one time in twenty."""


class BaselineError(JudianError):
    """A baseline that is missing, cannot be read or written, or would be lowered unasked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over questions and how far chance moves it: `NORMAL_95` standard errors."""

    value: float
    noise: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """The totals of a run over the test split and what they were made with.

    `accuracy` is over all `cases`, `evidence` (recall at 5 hits) over the `answerable` ones; `questions` is a hash of the cases with their
    truth, `corpus` the fingerprint of documents and readings, `commit` the git commit and `changed` whether files differed from it.
    """

    format: int
    recorded: str
    cases: int
    answerable: int
    accuracy: Figure
    evidence: Figure
    questions: str
    corpus: str
    commit: str
    changed: bool


_BASELINE = TypeAdapter(Baseline)


def standard_error(values: Sequence[float]) -> float:
    """The bootstrap standard error of a mean, in closed form: what infinitely many resamples give (Efron & Tibshirani 1993, chapter 6).

    Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no values have no mean")
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values)) / len(values)


def baseline_of(run: Run) -> Baseline:
    """What a run over the test split reached. Raises BaselineError for a run of anything else or with nothing to answer."""
    outcomes = [record.outcome for record in run.records if record.split is Split.TEST]
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    if len(outcomes) < len(run.records) or not answerable:
        raise BaselineError("基线只取自测试集，且其中须有可以回答的问题：请以整个测试集评测。")
    return Baseline(
        format=FORMAT,
        recorded=run.started,
        cases=len(outcomes),
        answerable=len(answerable),
        accuracy=_figure([outcome.correct for outcome in outcomes]),
        evidence=_figure([_evidence(outcome) for outcome in answerable]),
        questions=run.stamp.cases,
        corpus=run.stamp.corpus,
        commit=run.stamp.commit,
        changed=run.stamp.changed,
    )


def falls(baseline: Baseline, now: Baseline) -> list[str]:
    """What has fallen more than its noise below the baseline, in words; nothing while the product holds its ground."""
    pairs = (("准确率", baseline.accuracy, now.accuracy), (f"证据@{DEPTH}", baseline.evidence, now.evidence))
    remark = "" if baseline.questions == now.questions else "（问题集与记录时不同）"
    return [
        f"{name} {after.value:.3f} 低于基线 {before.value:.3f} 减去波动 {before.noise:.3f}{remark}"
        for name, before, after in pairs
        if after.value < before.value - before.noise
    ]


def is_lower(now: Baseline, baseline: Baseline) -> bool:
    """Whether recording `now` would lower the bar: small steps down, each within the noise, would add up unseen."""
    return now.accuracy.value < baseline.accuracy.value or now.evidence.value < baseline.evidence.value


def load_baseline(file: Path = BASELINE) -> Baseline:
    """The recorded baseline. Raises BaselineError when there is none or it is not of this format."""
    try:
        baseline = _BASELINE.validate_json(file.read_bytes())
    except OSError as exc:
        raise BaselineError(f"没有基线 {file}（{exc.strerror}）：请运行 judian eval baseline 记录。") from exc
    except ValidationError as exc:
        raise BaselineError(f"基线 {file} 不合格式（{exc.errors()[0]['msg']}）：请删除它，再运行 judian eval baseline 记录。") from exc
    if baseline.format != FORMAT:
        raise BaselineError(f"基线 {file} 的格式是 {baseline.format}，本程序读 {FORMAT}：请删除它，再运行 judian eval baseline 记录。")
    return baseline


def save_baseline(baseline: Baseline, file: Path = BASELINE, allow_lower: bool = False) -> None:
    """Records a baseline. Raises BaselineError where that would lower the recorded one and nobody asked for it, or cannot be written."""
    if file.exists() and not allow_lower and is_lower(baseline, old := load_baseline(file)):
        raise BaselineError(
            f"准确率 {baseline.accuracy.value:.3f}、证据@{DEPTH} {baseline.evidence.value:.3f} 低于已记录的 "
            f"{old.accuracy.value:.3f}、{old.evidence.value:.3f}，未写入 {file}；确要降低基线请加 --lower。"
        )
    try:
        file.write_bytes(_BASELINE.dump_json(baseline, indent=1) + b"\n")
    except OSError as exc:
        raise BaselineError(f"无法写入基线 {file}（{exc.strerror}）：请用 --out 另选位置。") from exc


def _figure(values: Sequence[float]) -> Figure:
    return Figure(round(sum(values) / len(values), 6), round(NORMAL_95 * standard_error(values), 6))


def _evidence(outcome: Outcome) -> float:
    return outcome.recall[DEPTHS.index(DEPTH)]
