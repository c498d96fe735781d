"""The report of a run: what the page and the summary show, and what of the test split they do not."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.report import Axis, html_page, markdown_summary, plot
from eval.run import Exchange, Record, Run, Shown, Stamp, save_run
from eval.types import CaseType, Fault, Outcome, Proof, Split

STAMP = Stamp("in process", 5, 1, "c" * 64, "d" * 64, "0123456789abcdef", True, "e" * 64, "Linux, 2 CPU")


def outcome(correct: bool, confidence: float, milliseconds: float, *faults: Fault) -> Outcome:
    return Outcome(True, correct, faults, False, confidence, (0.0, 1.0, 1.0), 0.5, 1.0, 30, 20, milliseconds)


def record(name: str, split: Split, found: Outcome, exchange: Exchange | None = None) -> Record:
    return Record(name, split, CaseType.NUMBER, ("001",), True, 1, found, exchange)


WRONG = Exchange(
    question="造了多少辆<新能源>车？",
    history=(),
    expected="50万辆",
    evidence=(Proof("001", "产量达到50万辆"),),
    missing=("50万辆",),
    understood="造了多少辆<新能源>车？",
    said="36.5万辆[1]。",
    mode="reading",
    cited=(Shown("001", "一、回顾", "2022年产量36.5万辆，增长1.4倍。", "产量36.5万辆"),),
)
RUN = Run(
    1,
    "2024-05-01T08:00:00+00:00",
    STAMP,
    (
        record("a1", Split.TUNE, outcome(True, 0.9, 20.0), WRONG),
        record("a2", Split.TUNE, outcome(False, 0.4, 40.0, Fault.FACT_MISSING), WRONG),
        record("b1", Split.TEST, outcome(True, 0.8, 30.0)),
        record("b2", Split.TEST, outcome(False, 0.7, 1000.0, Fault.NO_EVIDENCE, Fault.TOO_LONG)),
    ),
)


def test_the_page_is_whole_in_itself() -> None:
    page = html_page(RUN)
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", page)
    assert page.count("<svg") == 2
    assert "4 题，准确率 0.500" in page
    assert "p50 35.0 毫秒" in page
    assert "提交 0123456789ab（有改动）" in page


def test_the_page_shows_failures_of_the_tuning_split_alone_and_escapes_them() -> None:
    page = html_page(RUN)
    assert re.findall(r'<details id="(\w+)"', page) == ["a2"]
    assert "测试集 2 题只计入总数，不逐题列出。" in page
    assert "造了多少辆&lt;新能源&gt;车？" in page
    assert "<新能源>" not in page
    assert "2022年<mark>产量36.5万辆</mark>，增长1.4倍。" in page
    assert "缺少事实 1，引文不含证据 1，过长 1" in page


def test_the_summary_gives_totals_by_split_type_and_document() -> None:
    summary = markdown_summary(RUN)
    assert "造了多少辆" not in summary
    rows = [line for line in summary.splitlines() if line.startswith(("| all", "| tune", "| test", "| number", "| 001"))]
    assert [row.split(" | ")[:3] for row in rows] == [
        ["| all", "4", "0.500"],
        ["| tune", "2", "0.500"],
        ["| test", "2", "0.500"],
        ["| number", "4", "0.500"],
        ["| 001", "4", "0.500"],
    ]
    assert "fact_missing 1, no_evidence 1, too_long 1" in summary
    # Of the four answers the two surest are right, the third and the fourth wrong.
    assert "| 5% | 0.800 | 50% |" in summary
    assert "commit 0123456789ab with changes" in summary


def test_a_run_of_one_split_has_no_rows_of_halves() -> None:
    summary = markdown_summary(Run(1, RUN.started, STAMP, RUN.records[:2]))
    assert "| tune" not in summary
    assert "| all | 2 | 0.500" in summary


def test_an_empty_curve_and_no_latency_leave_the_page_readable() -> None:
    silent = Outcome(True, False, (Fault.ABSTAINED,), True, 0.0, (0.0, 0.0, 0.0), 0.0, 0.0, 10, 10, 0.0)
    page = html_page(Run(1, RUN.started, STAMP, (record("b", Split.TEST, silent),)))
    assert "<svg" not in page
    assert "该答而拒 1.000" in page


@pytest.mark.parametrize(("value", "expected"), [(1, 0.0), (10, 0.5), (100, 1.0), (1000, 1.0), (0.1, 0.0)])
def test_a_logarithmic_axis_spaces_decades_evenly(value: float, expected: float) -> None:
    assert Axis("", 1, 100, (), logarithmic=True).at(value) == pytest.approx(expected)


def test_a_plot_puts_points_where_they_belong() -> None:
    drawn = plot("甲 & 乙", Axis("x", 0, 1, (0, 1)), Axis("y", 0, 10, (0, 10)), [("线", [(0, 0), (0.5, 5), (1, 10)])])
    assert 'points="46.0,234.0 230.0,140.0 414.0,46.0"' in drawn
    assert "甲 &amp; 乙" in drawn


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    save_run(file, RUN)
    result = CliRunner().invoke(app, ["report", str(file), "--markdown", str(tmp_path / "docs" / "quality.md")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run.html").read_text("utf-8") == html_page(RUN)
    assert (tmp_path / "docs" / "quality.md").read_text("utf-8") == markdown_summary(RUN)
