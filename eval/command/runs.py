"""Commands over runs: asking the questions, showing, comparing and reporting what came of it."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eval.command.choosing import RunFile, Sets, cases_of, choose, latest_run, open_system, runs_folder, types_of
from eval.command.showing import change_line, describe, page, print_totals, progress_bar
from eval.metrics import totals
from eval.report import html_page, markdown_summary
from eval.run import TOP_K, compare, load_run, run_cases, save_run, stamp_of
from rag.config import read_settings

app = typer.Typer()


@app.command("run")
def run(
    split: Annotated[
        str, typer.Option(help="tune（调试集）、test（测试集，只显示总数）或 all；默认 tune，另给 --set 时为 all", show_default=False)
    ] = "",
    url: Annotated[str, typer.Option(help="被评测服务的地址；默认在本进程内评测")] = "",
    sets: Sets = None,
    types: Annotated[str, typer.Option(help="只评测这些类型，逗号分隔")] = "",
    limit: Annotated[int, typer.Option(min=0, help="最多评测多少个问题；0 为全部")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="同时提问的个数；要测延迟请用 1")] = 1,
    top_k: Annotated[int, typer.Option(min=1, max=50, help="每次提问的 top_k")] = TOP_K,
    out: Annotated[Path | None, typer.Option(help="结果文件；中断后以同一文件名再次运行即可接着评测")] = None,
    fail_under: Annotated[float, typer.Option(min=0, max=1, help="准确率低于此值时以状态 1 退出")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="总数以 JSON 输出")] = False,
) -> None:
    """评测：逐题提问、判分，显示总数，结果存为 JSON。"""
    settings = read_settings()
    split = split or ("all" if sets else "tune")
    cases = choose(cases_of(sets), split, types, limit)
    console = Console(stderr=True)
    system, name, fingerprint = open_system(url, settings)
    stamp = stamp_of(name, cases, fingerprint, workers, top_k, in_process=not url)
    file = out or runs_folder(settings) / f"{datetime.now():%Y%m%d-%H%M%S}-{split}.json"
    journal = file.with_name(file.name + ".journal")
    try:
        with progress_bar(console, len(cases)) as progress:
            finished = run_cases(system, cases, stamp, journal, progress)
    except KeyboardInterrupt:
        console.print(f"已中断；以 --out {file} 再次运行即可接着评测。", markup=False)
        raise typer.Exit(130) from None
    save_run(file, finished)
    journal.unlink()
    overall = totals([record.outcome for record in finished.records])
    if as_json:
        typer.echo(json.dumps(asdict(overall), ensure_ascii=False))
    else:
        print_totals(page(), finished)
    console.print(f"结果存于 {file}", markup=False)
    if overall.accuracy is not None and overall.accuracy.value < fail_under:
        console.print(f"准确率 {overall.accuracy.value:.3f} 低于 {fail_under}。", style="red")
        raise typer.Exit(1)


@app.command("show")
def show(file: RunFile = None) -> None:
    """再次显示一次评测的总数。"""
    print_totals(page(), load_run(file or latest_run(read_settings())))


@app.command("failures")
def failures(
    file: RunFile = None,
    types: Annotated[str, typer.Option(help="只看这些类型，逗号分隔")] = "",
    fault: Annotated[str, typer.Option(help="只看这种错误，如 abstained、fact_missing、no_evidence")] = "",
    limit: Annotated[int, typer.Option(min=0, help="最多显示多少题；0 为全部")] = 0,
) -> None:
    """列出调试集里答错的问题：问题、应答、所答、所引。测试集只有总数。"""
    wanted = types_of(types)
    records = [
        r for r in load_run(file or latest_run(read_settings())).records if r.exchange and not r.outcome.correct and r.type in wanted
    ]
    records = [record for record in records if not fault or fault in record.outcome.faults]
    for record in records[: limit or None]:
        typer.echo(describe(record) + "\n")
    typer.echo(f"调试集答错 {len(records)} 题")


@app.command("compare")
def compare_runs(
    before: Annotated[Path, typer.Argument(help="先前的结果")],
    after: Annotated[Path, typer.Argument(help="后来的结果")],
) -> None:
    """比较两次评测：哪些题变好、变坏（调试集逐题列出），差别是否超出偶然。"""
    found = compare(load_run(before), load_run(after))
    for title, changes in (("变好", found.better), ("变坏", found.worse)):
        for change in changes:
            typer.echo(f"{title} {change_line(change)}")
    typer.echo(
        f"共同的问题 {found.cases}：准确率 {found.right_before / found.cases:.3f} → {found.right_after / found.cases:.3f}，"
        f"变好 {found.gained}，变坏 {found.lost}（其中测试集 {found.gained - len(found.better)} 与 {found.lost - len(found.worse)}）"
    )
    verdict = "差别超出偶然" if found.p_value < 0.05 else "差别可能出于偶然"
    typer.echo(f"McNemar 精确检验 p = {found.p_value:.4f}：{verdict}")


@app.command("report")
def report(
    file: RunFile = None,
    html: Annotated[Path | None, typer.Option(help="网页写到哪里；默认在结果文件旁边")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Markdown 摘要写到哪里；默认在结果文件旁边")] = None,
) -> None:
    """写出评测报告：一个不引用外部资源的网页，和一份 Markdown 摘要。"""
    source = file or latest_run(read_settings())
    finished = load_run(source)
    pages = (
        (html or source.with_suffix(".html"), html_page(finished)),
        (markdown or source.with_suffix(".md"), markdown_summary(finished)),
    )
    for path, text in pages:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        typer.echo(f"已写入 {path}")
