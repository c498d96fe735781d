"""The pages of reports: figures worked by hand, of the test half totals alone, and nothing that a page would have to load."""

import re
from dataclasses import replace

import pytest

from eval.ablation import PASSAGES_ONLY, WHOLE, ablated
from eval.honesty import MutationTrial, RemovalTrial
from eval.plot import Axis, image, plot
from eval.quality import Likeness, Quality, by_likeness, confidence_bins
from eval.quality_page import calibration_image, quality_page, risk_image
from eval.report import html_page, markdown_summary
from eval.run import Exchange, Record, Run, Shown, Stamp, record_id
from eval.train import Bin, Threshold, Training, Validation
from eval.types import Case, CaseType, Fault, Outcome, Proof, Split

STAMP = Stamp("in process", 5, 1, "c" * 64, "d" * 64, "0123abcd", False, "e" * 64, "machine")
PROOF = Proof("001", "新增企业9家")


def exchange(question: str, said: str) -> Exchange:
    shown = Shown("001", "一、回顾 / （二）发展", "全市<新增>企业9家。", "企业9家")
    return Exchange(question, ("先前的问题",), "9家。", (PROOF,), ("9家",), question, said, "reading", (shown,))


def record(number: int, right: bool, confidence: float, answerable: bool = True) -> Record:
    """Even numbers are of the tuning half."""
    split = Split.TEST if number % 2 else Split.TUNE
    faults = () if right else (Fault.FACT_MISSING,) if answerable else (Fault.ANSWERED,)
    outcome = Outcome(answerable, right, faults, False, confidence, (0.0, 1.0, 1.0), 1.0, 1.0, 8, 4, 10.0 + number)
    kind = CaseType.NUMBER if answerable else CaseType.UNANSWERABLE
    told = exchange(f"第{number}问？", f"答<{number}>") if split is Split.TUNE else None
    return Record(f"{number:016x}", split, kind, ("001",), True, 1, outcome, told)


RUN = Run(
    1,
    "2024-05-01T08:00:00+00:00",
    STAMP,
    (record(0, True, 0.95), record(1, True, 0.9), record(2, False, 0.5), record(3, False, 0.3), record(4, False, 0.2, answerable=False)),
)
OFF = replace(
    RUN,
    records=tuple(replace(r, outcome=replace(r.outcome, correct=False, faults=(Fault.ABSTAINED,), abstained=True)) for r in RUN.records),
)
WHOLE_QUESTIONS = Validation(
    173, 128, 0.8421, 0.8171, 0.1261, 0.0401,
    (Bin(0.0, 0.1, 10, 0.05, 0.1), Bin(0.9, 1.0, 90, 0.95, 0.9)), (Threshold(0.25, 0.97, 0.4),),
)  # fmt: skip
TRAINING = Training("2024-05-01", "tune", "f" * 64, "c" * 64, 352, 5, 0, WHOLE_QUESTIONS, replace(WHOLE_QUESTIONS, best_right=0.7654))
QUALITY = Quality(
    run=RUN,
    without_readings=OFF,
    ablations=(ablated(WHOLE, RUN), ablated(PASSAGES_ONLY, OFF)),
    likeness=(Likeness(0.81, 0.88, 4, 1, 0, 0), Likeness(0.88, 0.97, 3, 3, 2, 1)),
    training=TRAINING,
    training_of_statements=replace(TRAINING, cases=12),
    mutations=(MutationTrial(True, 100, 202, 0, 185, 0, 14, 21), MutationTrial(False, 100, 202, 0, 185, 0, 130, 36)),
    removals=(RemovalTrial("001", 60, 50, 1, 0),),
)


def rows_under(page: str, title: str) -> list[list[str]]:
    """The cells of the first table behind a heading."""
    table = re.search(r"(?:^\|.*\n?)+", page[page.index(f"## {title}") :], re.M)
    assert table is not None
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].strip().split("\n")]
    assert len({len(line) for line in lines}) == 1
    return lines


def test_the_page_tells_everything_that_was_measured() -> None:
    page = quality_page(QUALITY)
    assert page.startswith("# Quality\n\nWritten by `judian eval quality`; do not edit.")
    readings = {row[0]: row[1:] for row in rows_under(page, "Readings on and off")}
    assert readings["all"] == ["5", "0.400", "1.000", "0.000", "1.000"]
    assert readings["tune"] == ["3", "0.333", "1.000", "0.000", "1.000"]
    assert readings["test"] == ["2", "0.500", "1.000", "0.000", "1.000"]
    assert readings["unanswerable"] == ["1", "0.000", "–", "0.000", "–"]
    ablation = rows_under(page, "Ablation")
    assert ablation[0] == ["", "accuracy, tune", "evidence@5, tune", "accuracy, test", "evidence@5, test"]
    assert ablation[2:] == [
        ["passages and readings", "0.333", "1.000", "0.500", "1.000"],
        ["passages only", "0.000", "1.000", "0.000", "1.000"],
    ]
    assert rows_under(page, "By similarity to the nearest reading")[2:] == [
        ["0.810–0.880", "4", "0.250", "0", "–"],
        ["0.880–0.970", "3", "1.000", "2", "0.500"],
    ]
    assert ["0.8–1.0", "1", "0.950", "1.000", "1", "0.900", "1.000"] in rows_under(page, "Calibration")
    assert "| whole, by statements | 173 | 128 | 0.842 |" in page
    assert "| whole | 173 | 128 | 0.842 | 0.817 | 0.126 | 0.040 |\n| part | 173 | 128 | 0.765 | 0.817 | 0.126 | 0.040 |" in page
    assert rows_under(page, "Honesty")[2:] == [
        ["on", "100", "202", "0", "185", "0", "14", "21"],
        ["off", "100", "202", "0", "185", "0", "130", "36"],
    ]
    assert "| 001 | 60 | 50 | 1 | 0 |" in page


def test_no_page_shows_a_question_of_the_test_half() -> None:
    for page in (quality_page(QUALITY), markdown_summary(RUN), html_page(RUN)):
        assert not re.search(r"第[13]问", page)
    assert "测试集 2 题只计入总数，不逐题列出。" in html_page(RUN)


def test_the_report_is_one_page_that_loads_nothing() -> None:
    page = html_page(RUN)
    assert not re.search(r"<(?:script|link|img|iframe)|https?://|url\(", page)
    assert page.count("<svg") == page.count("</svg>") == 2
    failures = re.findall(r'<details id="(\w+)">', page)
    assert failures == [f"{number:016x}" for number in (2, 4)]
    assert "答&lt;2&gt;" in page
    assert "全市&lt;新增&gt;<mark>企业9家</mark>。" in page
    assert "<td>0.400</td>" in page


def test_a_report_of_nothing_has_no_figures() -> None:
    empty = replace(RUN, records=())
    assert "没有题目" in html_page(empty)
    assert "| all | 0 | – | – |" in markdown_summary(empty)


@pytest.mark.parametrize("drawing", [risk_image(RUN), calibration_image(WHOLE_QUESTIONS.reliability), risk_image(replace(RUN, records=()))])
def test_images_stand_alone(drawing: str) -> None:
    assert drawing.startswith('<svg viewBox="0 0 460 280"')
    assert 'xmlns="http://www.w3.org/2000/svg"><style>' in drawing
    assert drawing.endswith("</svg>\n")
    assert drawing.count('class="curve"') == 1
    assert drawing.count('class="curve beside"') == 1


def test_a_plot_puts_points_where_they_belong() -> None:
    drawing = plot(
        "甲", Axis("x", 0, 1, (0, 1)), Axis("y", 1, 100, (1, 10, 100), logarithmic=True), [("线", [(0, 1), (0.5, 10), (1, 100), (2, 1000)])]
    )
    # The plane is 460 x 280 with a margin of 46: 46 to 414 across, 234 up to 46; what lies beyond an end is put there.
    assert 'points="46.0,234.0 230.0,140.0 414.0,46.0 414.0,46.0"' in drawing
    assert image(drawing).count("<style>") == 1


def test_questions_are_grouped_by_likeness() -> None:
    cases = [Case(CaseType.NUMBER, f"{n}？", "9家。", (("9家",),), (PROOF,), id=f"{n * 40:02x}") for n in range(6)]
    cases.append(Case(CaseType.UNANSWERABLE, "无？", "没有。", id="7f"))
    outcome = RUN.records[0].outcome
    records = [
        Record(record_id(case), Split.TUNE if n < 4 else Split.TEST, case.type, (), False, 1, replace(outcome, correct=n % 2 == 0), None)
        for n, case in enumerate(cases)
    ]
    found = by_likeness(cases, [0.9, 0.8, 0.95, 0.85, 0.81, 0.99, 0.5], replace(RUN, records=tuple(records)), groups=2)
    # By likeness: 1 (wrong), 4 (test, right), 3 (wrong) | 0 (right), 2 (right), 5 (test, wrong).
    assert found == (Likeness(0.8, 0.85, 2, 0, 1, 1), Likeness(0.9, 0.99, 2, 2, 1, 0))


def test_confidence_is_set_against_what_was_right() -> None:
    assert confidence_bins(RUN.records, Split.TUNE) == (Bin(0.2, 0.4, 1, 0.2, 0.0), Bin(0.4, 0.6, 1, 0.5, 0.0), Bin(0.8, 1.0, 1, 0.95, 1.0))
    assert confidence_bins(OFF.records, Split.TUNE) == ()
