"""docs/quality.md and its two images, from what was measured."""

import math
from collections.abc import Sequence

from eval.metrics import Interval, risk_coverage, totals
from eval.plot import Axis, image, plot
from eval.quality import Quality, confidence_bins
from eval.report import MARK, by_type, markdown_summary, markdown_table
from eval.run import Record, Run
from eval.train import Bin, Training
from eval.types import DEPTHS, CaseType, Split

COMMAND = "judian eval quality"
RISK_IMAGE = "quality-risk.svg"
CALIBRATION_IMAGE = "quality-calibration.svg"

_SHARES = (0, 0.2, 0.4, 0.6, 0.8, 1)
_AT_FIVE = DEPTHS.index(5)


def quality_page(quality: Quality) -> str:
    """The page in English; of the test half it tells totals alone."""
    sections = [
        markdown_summary(quality.run, COMMAND).rstrip("\n"),
        f"![Risk and coverage]({RISK_IMAGE})",
        _readings_section(quality),
        _ablation_section(quality),
        _likeness_section(quality),
        _calibration_section(quality),
        _trials_section(quality),
    ]
    return "\n\n".join(sections) + "\n"


def risk_image(run: Run) -> str:
    """The risk-coverage curve of the test half, with that of the tuning half beside it."""
    lines = [
        (str(split), [(point.coverage, point.risk) for point in risk_coverage([r.outcome for r in run.records if r.split is split])])
        for split in (Split.TEST, Split.TUNE)
    ]
    worst = max((risk for _, line in lines for _, risk in line), default=0.0)
    highest = max(0.1, math.ceil(10 * worst) / 10)
    return image(
        plot(
            "Risk and coverage: test, and dashed tune",
            Axis("share of all questions that is answered", 0, 1, _SHARES),
            Axis("share of wrong answers", 0, highest, tuple(round(highest * part / 5, 3) for part in range(6))),
            lines,
        )
    )


def calibration_image(bins: Sequence[Bin]) -> str:
    """The reliability of the probability that the best reading is right, beside the diagonal on which it would be perfect."""
    return image(
        plot(
            "Calibration: what was told and what was true; on the dashed line they are the same",
            Axis("probability told", 0, 1, _SHARES),
            Axis("share right", 0, 1, _SHARES),
            [("reliability", [(one.told, one.right) for one in bins]), ("perfect", [(0.0, 0.0), (1.0, 1.0)])],
        )
    )


def _readings_section(quality: Quality) -> str:
    names = {kind: str(kind) for kind in CaseType}
    with_them, without = quality.run.records, quality.without_readings.records
    groups = [
        ("all", list(with_them)),
        *((str(split), [r for r in with_them if r.split is split]) for split in Split),
        *by_type(with_them, names),
    ]
    by_id = {record.id: record for record in without}
    rows = [[name, str(len(chosen)), *_pair(chosen), *_pair([by_id[record.id] for record in chosen])] for name, chosen in groups]
    heads = ["", "cases", "accuracy", "evidence@5", "accuracy, readings off", "evidence@5, readings off"]
    note = "Off means `JUDIAN_READINGS=off`: answers come from the sentences of passages, tables and tasks alone, as they do for a document that nobody has read."
    return _section("Readings on and off", note, heads, rows)


def _ablation_section(quality: Quality) -> str:
    heads = ["", *(f"{what}, {split}" for split in Split for what in ("accuracy", "evidence@5"))]
    rows = [
        [one.variant.name, *(_value(figure) for half in (one.tune, one.test) for figure in (half.accuracy, half.recall[_AT_FIVE]))]
        for one in quality.ablations
    ]
    note = (
        "The same questions with parts of the search taken away (`judian eval ablation` prints this table). A leg that is taken away finds nothing, "
        "among passages, readings and tasks; what the others find is ranked with the weights of the whole product. Readings only means that "
        "passages are found through readings alone."
    )
    return _section("Ablation", note, heads, rows)


def _likeness_section(quality: Quality) -> str:
    heads = ["similarity", "tune cases", "tune accuracy", "test cases", "test accuracy"]
    rows = [
        [
            f"{one.low:.3f}{MARK}{one.high:.3f}",
            str(one.tune),
            _share(one.tune_right, one.tune),
            str(one.test),
            _share(one.test_right, one.test),
        ]
        for one in quality.likeness
    ]
    note = (
        "Answerable questions in five groups of like size, by the cosine of a question (made whole) to the nearest form of any reading's question. "
        "Readings and questions were written apart from each other; here is what likeness is worth."
    )
    return _section("By similarity to the nearest reading", note, heads, rows)


def _calibration_section(quality: Quality) -> str:
    heads = ["confidence", *(f"{split} {what}" for split in Split for what in ("answers", "told", "right"))]
    halves = {split: {one.low: one for one in confidence_bins(quality.run.records, split)} for split in Split}
    lows = sorted({low for bins in halves.values() for low in bins})
    rows = [[f"{low:.1f}{MARK}{low + 0.2:.1f}", *(cell for split in Split for cell in _bin_cells(halves[split].get(low)))] for low in lows]
    note = "Of the answers given, the confidence told and the share that is right."
    answers = _section("Calibration", note, heads, rows)
    return answers if quality.training is None else f"{answers}\n\n{_training_words(quality.training, quality.training_of_statements)}"


def _training_words(training: Training, of_statements: Training | None) -> str:
    kinds = [("whole", training.whole), ("part", training.parts)]
    if of_statements:
        kinds += [("whole, by statements", of_statements.whole), ("part, by statements", of_statements.parts)]
    fit = _table(
        ["question", "examples", "with a right one", "first right", "by similarity alone", "Brier", "calibration error"],
        [
            [name, str(found.examples), str(found.answerable)]
            + [f"{value:.3f}" for value in (found.best_right, found.best_by_cosine, found.brier, found.calibration_error)]
            for name, found in kinds
        ],
    )
    thresholds = [[f"{at.probability:.2f}", f"{at.right_said:.3f}", f"{at.wrong_kept_back:.3f}"] for at in training.whole.thresholds]
    table = _table(["answering from", "right ones said", "wrong ones kept back"], thresholds)
    return (
        f"The choice among readings was trained on {training.date} on the {training.cases} questions of `{training.split}` "
        f"(`judian eval train`; questions {training.questions[:12]}, corpus {training.corpus[:12]}). In {training.folds}-fold cross-validation, for "
        "questions that are answered as a whole and for the parts of those that ask several things; and the same for the choice among statements, the "
        "sentences of documents that nobody has read (`judian eval train --statements`):\n\n"
        f"{fit}\n\nThe probability that the first reading of a whole question is right:\n\n![Calibration]({CALIBRATION_IMAGE})\n\n{table}"
    )


def _trials_section(quality: Quality) -> str:
    mutations = [
        [
            "on" if one.readings else "off",
            *map(str, (one.mutations, one.dropped, one.stale, one.questions, one.said_old, one.said_new, one.abstained)),
        ]
        for one in quality.mutations
    ]
    heads = [
        "readings",
        "figures changed",
        "readings dropped",
        "stale readings kept",
        "questions",
        "old figure said",
        "new figure said",
        "abstained",
    ]
    removals = [[one.document_id, *map(str, (one.questions, one.abstained, one.facts_said, one.cited))] for one in quality.removals]
    removal_heads = ["document taken out", "questions it alone answers", "abstained", "all facts said", "cited"]
    return (
        "## Honesty\n\n"
        "`judian eval trials` makes these trials. In copies of the documents, figures that stand in one place only and that readings answer are changed "
        "to figures that stand nowhere; the index is built from the copies, and the readings' own questions are asked.\n\n"
        f"{_table(heads, mutations)}\n\n"
        "One document after the other is taken out, and the questions are asked that it alone answers, of both halves. An answer to one of them "
        "rests on what other documents say; where it states all facts, another document says the same.\n\n"
        f"{_table(removal_heads, removals)}"
    )


def _section(title: str, note: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"## {title}\n\n{note}\n\n{_table(heads, rows)}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(markdown_table(heads, rows))


def _pair(records: Sequence[Record]) -> list[str]:
    found = totals([record.outcome for record in records])
    return [_value(found.accuracy), _value(found.recall[_AT_FIVE])]


def _value(interval: Interval | None) -> str:
    return f"{interval.value:.3f}" if interval else MARK


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else MARK


def _bin_cells(one: Bin | None) -> list[str]:
    return [str(one.questions), f"{one.told:.3f}", f"{one.right:.3f}"] if one else ["0", MARK, MARK]
