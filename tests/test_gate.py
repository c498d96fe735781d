"""The gate that `make test` holds the product to, and its arithmetic on runs that can be worked out by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.dataset import BUNDLED, load_cases, split_of
from eval.gate import Baseline, BaselineError, Figure, baseline_of, falls, is_lower, load_baseline, save_baseline, standard_error
from eval.run import Record, Run, Stamp, run_cases, stamp_of
from eval.types import CaseType, Fault, Outcome, Split
from rag.assistant import Assistant

STAMP = Stamp("in process", 5, 1, "c" * 64, "d" * 64, "0123abcd", False, "e" * 64, "machine")


def record(split: Split, correct: bool, evidence: float = 0.0, answerable: bool = True) -> Record:
    outcome = Outcome(answerable, correct, () if correct else (Fault.ABSTAINED,), False, 0.5, (0.0, evidence, 1.0), 0.0, 0.0, 9, 9, 1.0)
    return Record("0" * 16, split, CaseType.NUMBER, ("001",), False, 1, outcome, None)


RUN = Run(
    1,
    "2024-05-01T08:00:00+00:00",
    STAMP,
    (
        record(Split.TEST, True, 1.0),
        record(Split.TEST, True, 0.5),
        record(Split.TEST, False, 0.0),
        record(Split.TEST, True, answerable=False),
    ),
)


def test_the_product_has_not_fallen_below_its_baseline(assistant: Assistant) -> None:
    cases = [case for case in load_cases(BUNDLED) if split_of(case) is Split.TEST]
    now = baseline_of(run_cases(assistant, cases, stamp_of("in process", cases, assistant.fingerprint)))
    print(f"accuracy {now.accuracy.value:.3f}, evidence@5 {now.evidence.value:.3f} over {now.cases} questions")
    fallen = falls(load_baseline(), now)
    assert not fallen, "；".join(fallen)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1.0], 0.0), ([1.0, 1.0, 0.0, 0.0], 0.25), ([1.0, 0.0, 0.0, 0.0, 0.0], 0.4 / 5**0.5), ([3.0, 3.0, 3.0], 0.0)],
)
def test_the_standard_error_of_a_mean(values: list[float], expected: float) -> None:
    # Half ones: each value lies 0.5 from the mean, 0.5 / sqrt(4) = 0.25.
    assert standard_error(values) == pytest.approx(expected)


def test_no_values_have_no_standard_error() -> None:
    with pytest.raises(ValueError, match="no values"):
        standard_error([])


def test_a_baseline_holds_the_totals_and_what_they_were_made_with() -> None:
    found = baseline_of(RUN)
    # Accuracy: 3 of 4, variance 3/16, error sqrt(3/16) / 2. Evidence over the three answerable: 1, 0.5, 0, variance 1/6, error sqrt(1/18).
    assert (found.cases, found.answerable) == (4, 3)
    assert (found.accuracy.value, found.evidence.value) == (0.75, 0.5)
    assert found.accuracy.noise == pytest.approx(1.64 * (3 / 64) ** 0.5, abs=1e-6)
    assert found.evidence.noise == pytest.approx(1.64 * (1 / 18) ** 0.5, abs=1e-6)
    assert (found.recorded, found.questions, found.corpus, found.commit) == (RUN.started, "e" * 64, "c" * 64, "0123abcd")


def test_only_a_run_over_the_test_split_gives_a_baseline() -> None:
    for records in ((*RUN.records, record(Split.TUNE, True)), (), RUN.records[3:]):
        with pytest.raises(BaselineError, match="基线只取自测试集"):
            baseline_of(replace(RUN, records=records))


def baseline(accuracy: float, evidence: float) -> Baseline:
    return replace(baseline_of(RUN), accuracy=Figure(accuracy, 0.03), evidence=Figure(evidence, 0.02))


@pytest.mark.parametrize(
    ("accuracy", "evidence", "expected"),
    [
        (0.90, 0.95, []),
        (0.99, 0.99, []),
        (0.871, 0.931, []),
        (0.869, 0.95, ["准确率 0.869 低于基线 0.900 减去波动 0.030"]),
        (0.90, 0.929, ["证据@5 0.929 低于基线 0.950 减去波动 0.020"]),
        (0.10, 0.10, ["准确率 0.100 低于基线 0.900 减去波动 0.030", "证据@5 0.100 低于基线 0.950 减去波动 0.020"]),
    ],
)
def test_what_falls_more_than_its_noise_is_told(accuracy: float, evidence: float, expected: list[str]) -> None:
    assert falls(baseline(0.90, 0.95), baseline(accuracy, evidence)) == expected


def test_a_fall_on_other_questions_says_so() -> None:
    changed = replace(baseline(0.5, 0.95), questions="f" * 64)
    assert falls(baseline(0.90, 0.95), changed) == ["准确率 0.500 低于基线 0.900 减去波动 0.030（问题集与记录时不同）"]


def test_a_baseline_is_raised_by_recording_and_lowered_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    with pytest.raises(BaselineError, match="请运行 judian eval baseline"):
        load_baseline(file)
    save_baseline(baseline(0.8, 0.9), file)
    save_baseline(baseline(0.9, 0.9), file)
    assert load_baseline(file) == baseline(0.9, 0.9)
    assert is_lower(baseline(0.95, 0.899), baseline(0.9, 0.9))
    with pytest.raises(BaselineError, match=r"0\.899 低于已记录的 0\.900、0\.900，未写入.*--lower"):
        save_baseline(baseline(0.95, 0.899), file)
    assert load_baseline(file) == baseline(0.9, 0.9)
    save_baseline(baseline(0.95, 0.899), file, allow_lower=True)
    assert load_baseline(file) == baseline(0.95, 0.899)


@pytest.mark.parametrize(("written", "said"), [("{}", "不合格式"), ("nothing", "不合格式")])
def test_a_baseline_that_cannot_be_read_is_told(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(written, "utf-8")
    with pytest.raises(BaselineError, match=said):
        load_baseline(file)
    save_baseline(replace(baseline(0.9, 0.9), format=99), file, allow_lower=True)
    with pytest.raises(BaselineError, match="格式是 99"):
        load_baseline(file)
