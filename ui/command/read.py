"""`judian read`: reading documents with a chat model, checking readings of any origin, and their coverage."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date as calendar_date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from corpus.added import is_added, load_all, read_file
from corpus.errors import SettingError, UnknownDocumentError
from corpus.load import load_documents
from corpus.read import read_document
from corpus.readings import ACROSS, BUNDLED, load_readings, reading_files
from corpus.types import Document
from index.types import Progress as Report
from rag.check import FAULT_NAMES, REMEDY_NAMES, Checked, Fault, Finding, check_files, drop_failed, stamp
from rag.config import read_settings
from rag.coverage import Coverage, Share, cover, total
from rag.llm import MAX_TOKENS, TIMEOUT_S, Prices, open_chat_model
from rag.reader import Pace, ReadReport, read_with_model

PAGE_WIDTH = 140
"""Columns of a table that is written to a file or a pipe."""

SHIPPED_READER = "large-model/reader.md v4"
"""Who wrote the readings that come with the package; see corpus/readings/README.md."""


def read(
    documents: Annotated[list[str] | None, typer.Argument(help="文件编号（如 001），或文件的路径；检查与覆盖率默认为全部文件")] = None,
    llm: Annotated[str, typer.Option(help="大模型，如 ollama:qwen3、deepseek:deepseek-chat；与 --base-url 同用时为服务上的模型名")] = "",
    base_url: Annotated[str, typer.Option(help="兼容 OpenAI 协议的服务地址，如 http://127.0.0.1:8080/v1")] = "",
    out: Annotated[Path | None, typer.Option(help="读记写到哪个文件夹；默认为 JUDIAN_HOME/corpus/readings")] = None,
    limit: Annotated[int, typer.Option(min=0, help="本次最多读多少段；0 为全部")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="接着上次没有读完的地方读")] = False,
    rpm: Annotated[float, typer.Option(min=0, help="每分钟最多请求几次；0 为不限")] = 0,
    timeout: Annotated[float, typer.Option(min=1, help="每次请求最多等多少秒")] = TIMEOUT_S,
    max_tokens: Annotated[int, typer.Option(min=256, help="每次回答最多多少词元")] = MAX_TOKENS,
    price_in: Annotated[float, typer.Option(min=0, help="每百万输入词元的价格，用来估算费用")] = 0,
    price_out: Annotated[float, typer.Option(min=0, help="每百万输出词元的价格，用来估算费用")] = 0,
    readings: Annotated[Path | None, typer.Option(help="检查、统计、署名时读记所在的文件夹；默认为索引所用的文件夹")] = None,
    check: Annotated[bool, typer.Option("--check", help="检查读记：引文逐字、答案有据、长短、重复与矛盾")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="与 --check 同用：从文件中去掉没有通过的读记")] = False,
    coverage: Annotated[bool, typer.Option("--coverage", help="统计读记覆盖了多少数字和可核查的句子")] = False,
    gaps: Annotated[int, typer.Option(min=0, help="与 --coverage 同用：每份文件列出多少处没有覆盖的地方")] = 0,
    fail_under: Annotated[float, typer.Option(min=0, max=1, help="与 --coverage 同用：数字或句子的覆盖率低于此值时以状态 1 退出")] = 0,
    sign: Annotated[bool, typer.Option("--sign", help="给没有写明来历的读记补上 reader 和 date")] = False,
    reader: Annotated[str, typer.Option(help="与 --sign 同用：谁写的、用哪版提示词")] = SHIPPED_READER,
    date: Annotated[str, typer.Option(help="读记的日期，YYYY-MM-DD；默认为今天")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="检查与统计的结果以 JSON 输出")] = False,
) -> None:
    """用大模型通读文件写成读记，或检查已有的读记。"""
    chosen = _chosen(documents)
    signed_on = _date(date)
    if sign:
        _sign(chosen, readings, reader, signed_on)
    if check:
        _check(chosen, readings, drop, as_json)
    if coverage:
        _coverage(chosen, readings, gaps, fail_under, as_json)
    if sign or check or coverage:
        return
    if not documents or not llm:
        raise SettingError(
            "请写明要读的文件和大模型，如：judian read 001 --llm ollama:qwen3；检查读记请用 --check，统计覆盖率请用 --coverage。"
        )
    model = open_chat_model(llm, base_url, timeout_s=timeout, max_tokens=max_tokens)
    folder = out or _corpus_folder() / "readings"
    prices = Prices(price_in, price_out)
    for document in chosen:
        output = folder / f"{document.info.id}.jsonl"
        with _progress() as report:
            done = read_with_model(
                read_document(document),
                model,
                output,
                signed_on,
                limit=limit,
                resume=resume,
                pace=Pace(60 / rpm if rpm else 0),
                prices=prices,
                progress=report,
            )
        _page().print(_summary(document, done, output, prices), markup=False)
        _page().print(_coverage_table([_covered(document, folder)]))


def _sign(documents: Sequence[Document], folder: Path | None, reader: str, date: str) -> None:
    typer.echo(f"{stamp(_files(documents, folder), reader, date)} 条读记补上了署名：{reader}，{date}")


def _check(documents: Sequence[Document], folder: Path | None, drop: bool, as_json: bool) -> None:
    """Prints what the check finds; status 1 where records fail and are not dropped."""
    by_id = {document.info.id: document for document in documents}
    files = _files(documents, folder)
    if not files:
        raise UnknownDocumentError(f"{folder or '索引所用的文件夹'}里没有这些文件的读记。")
    checked = check_files(files, by_id)
    if as_json:
        typer.echo(json.dumps(_as_dict(checked), ensure_ascii=False, indent=1))
    else:
        page = _page()
        for finding in checked.findings:
            if finding.fault is not Fault.UNSIGNED:
                page.print(_line(finding), markup=False, soft_wrap=True)
        page.print(_check_table(checked))
        counted = f"{checked.records} 条读记、{checked.forms} 种问法，{checked.tasks} 条任务说法"
        page.print(f"{len(files)} 个文件，{counted}；应丢弃 {checked.dropped} 条。")
    if drop:
        typer.echo(f"已丢弃 {drop_failed(checked, by_id)} 条读记。", err=as_json)
    elif checked.dropped:
        raise typer.Exit(1)


def _coverage(documents: Sequence[Document], folder: Path | None, gaps: int, fail_under: float, as_json: bool) -> None:
    """Prints the coverage by document; status 1 where the total is under `fail_under`."""
    found = [_covered(document, folder) for document in documents]
    whole = total(found)
    if as_json:
        rows = {coverage.document_id or "total": _shares(coverage) for coverage in (*found, whole)}
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        page = _page()
        for coverage in found if gaps else ():
            page.print(f"{coverage.document_id} 没有覆盖的数字和句子", style="bold", markup=False)
            for gap in (*coverage.open_figures[:gaps], *coverage.open_sentences[:gaps]):
                page.print(f"  {gap.text}", markup=False, highlight=False, soft_wrap=True)
        page.print(_coverage_table([*found, whole] if len(found) > 1 else found))
    if min(whole.figures.value, whole.sentences.value) < fail_under:
        typer.echo(f"覆盖率低于 {fail_under:.1%}", err=True)
        raise typer.Exit(1)


def _chosen(names: Sequence[str] | None) -> tuple[Document, ...]:
    """The documents named, by id or by path, whether they were added or not; all that are known where none is named."""
    known = {document.info.id: document for document in load_all(_corpus_folder())}
    if not names:
        return tuple(known.values())
    unknown = [name for name in names if name not in known and not Path(name).exists()]
    if unknown:
        raise UnknownDocumentError(f"没有编号为 {unknown[0][:40]!r} 的文件，也没有这个路径；现有的文件：{'、'.join(known)}。")
    return tuple(known[name] if name in known else read_file(Path(name)) for name in names)


def _corpus_folder() -> Path:
    return read_settings().home / "corpus"


def _readings_of(document: Document, folder: Path | None) -> Path:
    """The folder of a document's readings: the one given, else the package's for its own documents, else that of added ones."""
    return folder or (_corpus_folder() / "readings" if is_added(document.info) else BUNDLED)


def _files(documents: Sequence[Document], folder: Path | None) -> tuple[Path, ...]:
    """The readings files of the documents, with those of several documents where all that these may quote are there."""
    files = [path for document in documents for path in reading_files(document.info.id, _readings_of(document, folder))]
    complete = {document.info.id for document in load_documents()} <= {document.info.id for document in documents}
    return tuple(dict.fromkeys([*files, *(reading_files(ACROSS, folder or BUNDLED) if complete else ())]))


def _covered(document: Document, folder: Path | None) -> Coverage:
    return cover(read_document(document), load_readings(document, _readings_of(document, folder))[0])


def _date(text: str) -> str:
    try:
        return calendar_date.fromisoformat(text).isoformat() if text else calendar_date.today().isoformat()
    except ValueError as exc:
        raise SettingError(f"日期“{text}”应写成 YYYY-MM-DD。") from exc


def _page() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=PAGE_WIDTH)


@contextmanager
def _progress() -> Iterator[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("阅读", total=None)
        yield lambda done, whole, what: bar.update(task, completed=done, total=whole, description=f"阅读 {what}")


def _summary(document: Document, report: ReadReport, output: Path, prices: Prices) -> str:
    usage = report.usage
    about = "约 " if usage.estimated else ""
    lines = [
        f"《{document.info.title}》：读了 {report.read}/{report.passages} 段，写下 {report.records} 条读记 → {output}",
        f"  改正或补写 {report.repaired} 条，没有通过 {len(report.rejected)} 条，重复或矛盾而略去 {report.idle} 处",
        f"  词元：输入 {about}{usage.input_tokens}，输出 {about}{usage.output_tokens}"
        + (f"；费用约 {report.cost:.2f}" if prices != Prices() else ""),
    ]
    if report.unanswered:
        lines.append(f"  {len(report.unanswered)} 段没有得到回答；再用 --resume 运行一次即可补读。")
    lines += [f"  未通过：{one.question[:40]}：{'；'.join(one.reasons)}" for one in report.rejected[:20]]
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    form = f"（问法“{finding.form}”）" if finding.form else ""
    record = finding.record
    named = finding.question or str(record.fields.get("task", ""))
    verdict = f"{REMEDY_NAMES[finding.remedy]} · {FAULT_NAMES[finding.fault]}"
    return f"{record.path.name}:{record.line} {verdict} · {named[:40]}{form}：{finding.reason}"


def _check_table(checked: Checked) -> Table:
    counts = Counter((finding.record.path.name, finding.fault) for finding in checked.findings)
    table = Table(title="检查结果（条目数）")
    table.add_column("文件")
    for fault in Fault:
        table.add_column(FAULT_NAMES[fault], justify="right")
    for name in sorted({name for name, _ in counts}):
        table.add_row(name, *(str(counts[name, fault]) for fault in Fault))
    return table


def _coverage_table(rows: Sequence[Coverage]) -> Table:
    table = Table(title="覆盖率")
    for name in ("文件", "读记", "数字", "可核查的句子", "日期", "字数"):
        table.add_column(name, justify="left" if name == "文件" else "right")
    for row in rows:
        shares = (row.figures, row.sentences, row.dates, row.quoted)
        table.add_row(row.document_id or "合计", str(row.readings), *(_percent(share) for share in shares))
    return table


def _percent(share: Share) -> str:
    return f"{share.covered}/{share.total} {share.value:.1%}"


def _shares(row: Coverage) -> dict[str, object]:
    shares = {"figures": row.figures, "sentences": row.sentences, "dates": row.dates, "characters": row.quoted}
    return {
        "readings": row.readings,
        **{name: {"covered": s.covered, "total": s.total, "share": round(s.value, 4)} for name, s in shares.items()},
    }


def _as_dict(checked: Checked) -> dict[str, object]:
    return {
        "records": checked.records,
        "forms": checked.forms,
        "tasks": checked.tasks,
        "dropped": checked.dropped,
        "findings": [
            {
                "file": finding.record.path.name,
                "line": finding.record.line,
                "question": finding.question,
                "fault": finding.fault,
                "remedy": finding.remedy,
                "reason": finding.reason,
                "form": finding.form,
            }
            for finding in checked.findings
        ],
    }
