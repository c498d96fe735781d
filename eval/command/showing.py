"""What the commands print: tables, totals, single questions of the tuning half, a progress bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.metrics import Totals, totals
from eval.report import by_document, by_type, cells
from eval.run import Change, Record, Run
from eval.types import DEPTHS, CaseType, Fault

PAGE_WIDTH = 140
"""Columns of a table that is written to a file or a pipe."""


def page() -> Console:
    """Standard output; as wide as the tables where it is not a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=PAGE_WIDTH)


@contextmanager
def progress_bar(console: Console, cases: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on the console for as long as a run goes on."""
    with stages_bar(console) as told:
        told("评测", 0, cases)
        yield partial(told, "评测")


@contextmanager
def stages_bar(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar that begins anew with every stage told to it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total)


def print_totals(console: Console, run: Run) -> None:
    """Totals by split, type and document."""
    table = Table(
        "", "题数", "准确率", "95% 区间", *(f"证据@{depth}" for depth in DEPTHS), "引用准确", "引用覆盖", box=None, header_style="bold"
    )
    groups = [("全部", list(run.records)), *by_type(run.records, {kind: str(kind) for kind in CaseType}), *by_document(run.records)]
    for name, records in groups:
        table.add_row(name, *cells(totals([record.outcome for record in records])))
    console.print(table)
    overall = totals([record.outcome for record in run.records])
    console.print(_small_print(overall), markup=False, highlight=False)


def _small_print(found: Totals) -> str:
    lines = [
        f"拒答：精确率 {found.abstention.precision:.3f}，召回率 {found.abstention.recall:.3f}，F1 {found.abstention.f1:.3f}；"
        f"该答而拒 {found.abstention.wrong:.3f}"
    ]
    if found.latency:
        lines.append(f"提问耗时（毫秒）：p50 {found.latency.p50:.1f}，p95 {found.latency.p95:.1f}，p99 {found.latency.p99:.1f}")
    if found.verbosity is not None:
        lines.append(f"答案长度为参考答案的 {found.verbosity:.2f} 倍（中位数）")
    if found.risk_area is not None:
        lines.append(f"风险—覆盖曲线下的平均风险 {found.risk_area:.3f}")
    lines.append("错误：" + ("，".join(f"{fault} {count}" for fault, count in found.faults.items()) or "无"))
    return "\n".join(lines)


def describe(record: Record) -> str:
    """A failed case in a few lines. Raises ValueError for a case of the test split, which has no texts."""
    exchange = record.exchange
    if exchange is None:
        raise ValueError("a case of the test split is not shown")
    lines = [f"{record.id} {record.type} [{'、'.join(record.outcome.faults)}] {record.outcome.confidence:.2f} {exchange.mode}".rstrip()]
    lines += [f"  先问 {earlier}" for earlier in exchange.history]
    lines.append(f"  问   {exchange.question}")
    if exchange.understood != exchange.question and exchange.history:
        lines.append(f"  解作 {exchange.understood}")
    lines += [f"  应答 {exchange.expected}", f"  所答 {exchange.said}"]
    if exchange.missing:
        lines.append(f"  缺少 {'；'.join(exchange.missing)}")
    if Fault.NO_EVIDENCE in record.outcome.faults:
        lines += [f"  证据 {proof.document} {_shortened(proof.quote or '、'.join(proof.tokens), 100)}" for proof in exchange.evidence[:3]]
    lines += [f"  所引 {shown.document} {_shortened(shown.quote or shown.text, 100)}" for shown in exchange.cited[:3]]
    if exchange.error:
        lines.append(f"  出错 {exchange.error}")
    return "\n".join(lines)


def change_line(change: Change) -> str:
    exchange = change.after.exchange
    question = exchange.question if exchange else ""
    faults = "、".join(change.before.outcome.faults or change.after.outcome.faults)
    return f"{change.after.id} {change.after.type} [{faults}] {question}"


def _shortened(text: str, length: int) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= length else joined[: length - 1] + "…"
