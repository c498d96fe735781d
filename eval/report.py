"""A run as a page to read (one HTML file that loads nothing) and as a Markdown summary.

Of the test split both show totals; single questions are those of the tuning split.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TypeAlias

from eval.metrics import Interval, RiskPoint, Totals, risk_coverage, totals
from eval.plot import Axis, figure
from eval.run import Record, Run, Shown
from eval.types import DEPTHS, CaseType, Fault, Split

MARK = "–"
"""Stands where there is no figure."""

FAULT_NAMES = {
    Fault.ERROR: "出错",
    Fault.ABSTAINED: "该答而拒",
    Fault.FACT_MISSING: "缺少事实",
    Fault.TOO_LONG: "过长",
    Fault.REJECTED: "有错误说法",
    Fault.NO_EVIDENCE: "引文不含证据",
    Fault.ANSWERED: "该拒而答",
}

TYPE_NAMES = {
    CaseType.NUMBER: "数字",
    CaseType.ENTITY: "名称与释义",
    CaseType.RESPONSIBILITY: "责任单位",
    CaseType.LIST: "完整列举",
    CaseType.TABLE: "表格",
    CaseType.YESNO: "是非",
    CaseType.COMPARE: "比较",
    CaseType.AGGREGATE: "计数与合计",
    CaseType.FOLLOWUP: "追问",
    CaseType.UNANSWERABLE: "无法回答",
}

MANNERS = ("跨文件", "换了说法", "一问多事")

Group: TypeAlias = tuple[str, list[Record]]
"""Some records of a run and what they have in common."""

_STYLE = """
:root { --ink: #1c2430; --soft: #5d6875; --line: #d9dee5; --page: #fff; --band: #f5f7f9; --accent: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ed; --soft: #9aa5b1; --line: #37404b; --page: #15191f; --band: #1d232b; --accent: #ff8a80 }
}
body { font: 16px/1.7 "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: var(--ink);
  background: var(--page); max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem }
h2 { font-size: 1.2rem; margin-top: 2.2rem }
.soft { color: var(--soft); font-size: .9rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem }
th, td { padding: .25rem .8rem; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
thead th { border-bottom: 2px solid var(--ink) }
tbody tr { border-bottom: 1px solid var(--line) }
tbody tr:first-child { font-weight: 600 }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem }
figure { margin: 0; max-width: 100% }
svg { max-width: 100% }
svg text { fill: var(--soft); font-size: 11px }
.axis { stroke: var(--line) }
.curve { fill: none; stroke: var(--accent); stroke-width: 2 }
.curve.beside { stroke: var(--soft); stroke-dasharray: 4 3 }
details { border-bottom: 1px solid var(--line); padding: .5rem 0 }
summary { cursor: pointer }
.tag { font-size: .8rem; color: var(--accent); margin-left: .6rem }
dl { display: grid; grid-template-columns: 3rem 1fr; gap: .2rem .8rem }
dt { color: var(--soft) }
dd { margin: 0; white-space: pre-wrap }
blockquote { margin: .5rem 0; padding: .4rem .9rem; background: var(--band); font-size: .9rem }
mark { background: none; color: inherit; border-bottom: 2px solid var(--accent) }
"""


def html_page(run: Run) -> str:
    """The whole run as one page, in Chinese: tables, plots, and every failure of the tuning split with its passages."""
    overall = totals([record.outcome for record in run.records])
    failures = [record for record in run.records if record.exchange and not record.outcome.correct]
    plots = _risk_plot(run) + _latency_plot(run)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>评测报告 {escape(run.started)}</title><style>{_STYLE}</style></head><body>\n"
        f'<h1>评测报告</h1><p class="soft">{escape(_stamp_line(run))}</p>\n'
        f"<p>{escape(_headline(overall))}</p>\n"
        f'<h2>各类问题</h2><div class="wide">{_html_table(run.records, by_type(run.records))}</div>\n'
        f'<h2>各份文件</h2><div class="wide">{_html_table(run.records, by_document(run.records))}</div>\n'
        f'<h2>把握与耗时</h2><div class="plots">{plots}</div>\n'
        f"<h2>答错的问题</h2>{_failure_note(run, overall)}\n{''.join(map(_html_failure, failures))}</body></html>\n"
    )


def markdown_summary(run: Run, command: str = "judian eval report") -> str:
    """The totals of a run in English, written by a command."""
    overall = totals([record.outcome for record in run.records])
    given_up = overall.abstention
    halves = [(str(split), [record for record in run.records if record.split is split]) for split in Split]
    lines = [
        "# Quality",
        "",
        f"Written by `{command}`; do not edit. What the figures mean is said in [evaluation.md](evaluation.md).",
        "",
        f"Run of {run.started}: {_stamp_words(run)}.",
        "",
        *_totals_table([("all", list(run.records)), *(half for half in halves if 0 < len(half[1]) < len(run.records))]),
        "",
        f"Abstention: precision {given_up.precision:.3f}, recall {given_up.recall:.3f}, F1 {given_up.f1:.3f}; "
        f"answerable questions not answered {given_up.wrong:.3f}.",
        f"Area under the risk-coverage curve: {_number(overall.risk_area)}. "
        f"Median answer length / reference length: {_number(overall.verbosity, 2)}.",
    ]
    if overall.latency:
        lines.append(
            f"Latency of an ask, {run.stamp.workers} at a time: p50 {overall.latency.p50:.1f} ms, p95 {overall.latency.p95:.1f} ms, "
            f"p99 {overall.latency.p99:.1f} ms."
        )
    faults = ", ".join(f"{fault} {count}" for fault, count in overall.faults.items())
    lines += [f"What made answers wrong (one may have several faults): {faults or 'nothing'}.", ""]
    lines += ["## By type", "", *_totals_table(by_type(run.records, {kind: str(kind) for kind in CaseType})), ""]
    lines += [
        "## By document",
        "",
        *_totals_table(by_document(run.records, ("several documents", "in other words", "several parts"))),
        "",
    ]
    lines += ["## Confidence", "", *_threshold_table(run.records), ""]
    return "\n".join(lines)


def by_type(records: Sequence[Record], names: Mapping[CaseType, str] = TYPE_NAMES) -> list[Group]:
    """The records of every type that occurs, under its name."""
    groups = [(names[kind], [record for record in records if record.type is kind]) for kind in CaseType]
    return [(name, chosen) for name, chosen in groups if chosen]


def by_document(records: Sequence[Record], names: tuple[str, str, str] = MANNERS) -> list[Group]:
    """The records of every document, of those that need several, are in other words or ask several things; a record may be in many."""
    documents = sorted({name for record in records for name in record.documents})
    groups = [(name, [record for record in records if name in record.documents]) for name in documents]
    groups.append((names[0], [record for record in records if len(record.documents) > 1]))
    groups.append((names[1], [record for record in records if record.paraphrased]))
    groups.append((names[2], [record for record in records if record.parts > 1]))
    return [(name, chosen) for name, chosen in groups if chosen]


def cells(found: Totals) -> list[str]:
    """A row of figures: cases, accuracy and its interval, evidence recall, citation precision and recall."""
    accuracy = found.accuracy
    span = f"{accuracy.low:.3f}{MARK}{accuracy.high:.3f}" if accuracy else MARK
    return [str(found.cases), _mean(accuracy), span, *map(_mean, (*found.recall, found.citation_precision, found.citation_recall))]


def _mean(interval: Interval | None) -> str:
    return f"{interval.value:.3f}" if interval else MARK


def _number(value: float | None, digits: int = 3) -> str:
    return MARK if value is None else f"{value:.{digits}f}"


def _html_table(records: Sequence[Record], groups: Sequence[Group]) -> str:
    heads = ["", "题数", "准确率", "95% 区间", *(f"证据@{depth}" for depth in DEPTHS), "引用准确", "引用覆盖"]
    rows = [
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in (name, *cells(totals([record.outcome for record in chosen])))) + "</tr>"
        for name, chosen in [("全部", list(records)), *groups]
    ]
    return f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _totals_table(groups: Sequence[Group]) -> list[str]:
    heads = ["", "cases", "accuracy", "95%", *(f"evidence@{depth}" for depth in DEPTHS), "citation precision", "citation recall"]
    return markdown_table(heads, [[name, *cells(totals([record.outcome for record in chosen]))] for name, chosen in groups])


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table whose columns but the first are figures."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _threshold_table(records: Sequence[Record]) -> list[str]:
    """For some levels of risk, the largest share of all questions that can be answered at it, and the confidence to ask for."""
    curve = risk_coverage([record.outcome for record in records])
    lines = [
        "Answering only what is at least so sure:",
        "",
        "| wrong answers at most | confidence | questions answered |",
        "| ---: | ---: | ---: |",
    ]
    for risk in (0.01, 0.02, 0.05, 0.1):
        within = [point for point in curve if point.risk <= risk]
        best = max(within, key=lambda point: point.coverage, default=None)
        lines.append(f"| {risk:.0%} | {MARK if best is None else f'{best.confidence:.3f}'} | {0 if best is None else best.coverage:.0%} |")
    return lines


def _headline(overall: Totals) -> str:
    accuracy = overall.accuracy
    if accuracy is None:
        return "没有题目。"
    parts = [
        f"{overall.cases} 题，准确率 {accuracy.value:.3f}（95% 区间 {accuracy.low:.3f}{MARK}{accuracy.high:.3f}）",
        f"前 {DEPTHS[1]} 条检索结果的证据召回 {_mean(overall.recall[1])}",
        f"拒答 F1 {overall.abstention.f1:.3f}，该答而拒 {overall.abstention.wrong:.3f}",
    ]
    if overall.latency:
        parts.append(f"提问耗时 p50 {overall.latency.p50:.1f} 毫秒，p95 {overall.latency.p95:.1f} 毫秒")
    return "；".join(parts) + "。"


def _stamp_line(run: Run) -> str:
    stamp = run.stamp
    commit = f"提交 {stamp.commit[:12]}{'（有改动）' if stamp.changed else ''}" if stamp.commit else "不在版本库中"
    system = "本进程" if stamp.system == "in process" else stamp.system
    return (
        f"{run.started} · {system} · top_k {stamp.top_k} · 同时 {stamp.workers} 个 · {commit} · 语料 {stamp.corpus[:12]} · {stamp.machine}"
    )


def _stamp_words(run: Run) -> str:
    stamp = run.stamp
    commit = f"commit {stamp.commit[:12]}{' with changes' if stamp.changed else ''}, " if stamp.commit else ""
    return f"{stamp.system}, top_k {stamp.top_k}, {commit}corpus {stamp.corpus[:12]}, {stamp.machine}"


def _failure_note(run: Run, overall: Totals) -> str:
    faults = "，".join(f"{FAULT_NAMES[fault]} {count}" for fault, count in overall.faults.items()) or "无"
    hidden = sum(record.exchange is None for record in run.records)
    note = f"测试集 {hidden} 题只计入总数，不逐题列出。" if hidden else ""
    return f'<p class="soft">全部错误：{escape(faults)}。{note}</p>'


def _html_failure(record: Record) -> str:
    exchange = record.exchange
    if exchange is None:
        return ""
    faults = "、".join(FAULT_NAMES[fault] for fault in record.outcome.faults)
    fields = [
        ("先问", "\n".join(exchange.history)),
        ("解作", exchange.understood if exchange.understood != exchange.question else ""),
        ("应答", exchange.expected),
        ("所答", exchange.said),
        ("缺少", "；".join(exchange.missing)),
        ("证据", "\n".join(f"{proof.document}：{proof.quote or '、'.join(proof.tokens)}" for proof in exchange.evidence)),
        ("出错", exchange.error),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in fields if text)
    return (
        f'<details id="{record.id}"><summary>{escape(exchange.question)}<span class="tag">{TYPE_NAMES[record.type]} · {faults}'
        f" · {record.outcome.confidence:.2f}</span></summary><dl>{rows}</dl>{''.join(map(_html_passage, exchange.cited))}</details>\n"
    )


def _html_passage(shown: Shown) -> str:
    before, quote, after = shown.text.partition(shown.quote) if shown.quote else (shown.text, "", "")
    marked = f"<mark>{escape(quote)}</mark>" if quote else ""
    where = " / ".join(part for part in (shown.document, shown.heading) if part)
    return f'<blockquote><span class="soft">{escape(where)}</span><br>{escape(before)}{marked}{escape(after)}</blockquote>'


def _risk_plot(run: Run) -> str:
    curve = risk_coverage([record.outcome for record in run.records])
    if not curve:
        return ""
    highest = max(0.1, math.ceil(10 * max(point.risk for point in curve)) / 10)
    return figure(
        "风险—覆盖曲线：只答把握较大的问题时，所答之中有多少是错的",
        Axis("回答的问题所占比例", 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        Axis("错误率", 0, highest, tuple(round(highest * part / 5, 3) for part in range(6))),
        [("风险", _risk_line(curve))],
    )


def _risk_line(curve: Sequence[RiskPoint]) -> list[tuple[float, float]]:
    return [(point.coverage, point.risk) for point in curve]


def _latency_plot(run: Run) -> str:
    times = sorted(record.outcome.latency_ms for record in run.records if record.outcome.latency_ms > 0)
    if not times:
        return ""
    low, high = 10.0 ** math.floor(math.log10(times[0])), 10.0 ** math.ceil(math.log10(times[-1]) + 1e-9)
    decades = tuple(10.0**power for power in range(round(math.log10(low)), round(math.log10(high)) + 1))
    shares = [(time, (rank + 1) / len(times)) for rank, time in enumerate(times)]
    return figure(
        "提问耗时的累积分布",
        Axis("毫秒（对数刻度）", low, high if high > low else 10 * low, decades, logarithmic=True),
        Axis("不超过此耗时的比例", 0, 1, (0, 0.25, 0.5, 0.75, 1)),
        [("耗时", [(times[0], 0.0), *shares])],
    )
