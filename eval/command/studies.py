"""Commands that study the product: its parts taken away, its documents altered, and the page that tells it all."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from corpus.load import load_documents
from eval.ablation import Ablated, ablated, run_variants
from eval.command.choosing import cases_of, choose, open_index, runs_folder
from eval.command.showing import page, progress_bar, stages_bar
from eval.honesty import MUTATIONS, try_mutations, try_removal
from eval.quality import measure_quality
from eval.quality_page import CALIBRATION_IMAGE, RISK_IMAGE, calibration_image, quality_page, risk_image
from eval.report import MARK, html_page
from eval.run import save_run
from eval.sections import keeping
from eval.spoken import HEADING as WITH_MODEL
from eval.types import DEPTHS
from rag.config import read_settings

app = typer.Typer()

Limit = Annotated[int, typer.Option(min=0, help="最多用多少个问题；0 为全部")]


@app.command("ablation")
def ablation(limit: Limit = 0) -> None:
    """逐一去掉检索的各个部分，看准确率与证据@5 各少多少；测试集只显示总数。"""
    cases = choose(cases_of(None), "all", limit=limit)
    index, encoder = open_index(read_settings())
    with stages_bar(Console(stderr=True)) as told:
        runs = run_variants(index, encoder, cases, told)
    encoder.save()
    page().print(_ablation_table([ablated(variant, run) for variant, run in runs.items()]))


@app.command("trials")
def trials(
    mutations: Annotated[int, typer.Option(min=1, help="改动多少个数字")] = MUTATIONS,
    documents: Annotated[list[str] | None, typer.Option("--without", help="抽去哪一份文件（编号）；可重复，默认逐份抽去")] = None,
) -> None:
    """检验诚实：改动文件副本中的数字，旧数字不得再说；抽去一份文件，只有它能回答的问题应当拒答。"""
    settings = read_settings()
    cases = cases_of(None)
    index, encoder = open_index(settings)
    sources = load_documents()
    chosen = documents or [document.info.id for document in sources]
    console = page()
    with progress_bar(Console(stderr=True), 1 + len(chosen)) as progress:
        changed = try_mutations(sources, settings.index_folder, encoder, index.matcher, mutations)
        removed = []
        for done, name in enumerate(chosen, start=1):
            progress(done, 1 + len(chosen))
            removed.append(try_removal(sources, name, cases, settings.index_folder, encoder, index.matcher))
    table = Table(
        "问答记录", "改动数字", "撤下记录", "残留旧记录", "提问", "说出旧数字", "说出新数字", "拒答", box=None, header_style="bold"
    )
    for one in changed:
        figures = (one.mutations, one.dropped, one.stale, one.questions, one.said_old, one.said_new, one.abstained)
        table.add_row("使用" if one.readings else "不用", *map(str, figures))
    console.print(table)
    table = Table("抽去文件", "只由它回答的问题", "拒答", "仍说出全部事实", "引用它", box=None, header_style="bold")
    for gone in removed:
        table.add_row(gone.document_id, *map(str, (gone.questions, gone.abstained, gone.facts_said, gone.cited)))
    console.print(table)


@app.command("quality")
def quality(
    out: Annotated[Path, typer.Option(help="Markdown 写到哪里；两幅图写在旁边")] = Path("docs/quality.md"),
    limit: Limit = 0,
) -> None:
    """评测全部问题并做各项对照与检验，写出 docs/quality.md；整套评测结果与网页另存。"""
    started = time.monotonic()
    settings = read_settings()
    index, encoder = open_index(settings)
    with stages_bar(Console(stderr=True)) as told:
        measured = measure_quality(index, settings.index_folder, encoder, choose(cases_of(None), "all", limit=limit), told)
    encoder.save()
    file = runs_folder(settings) / f"{datetime.now():%Y%m%d-%H%M%S}-quality.json"
    save_run(file, measured.run)
    written = {
        out: keeping(quality_page(measured), out.read_text("utf-8") if out.exists() else "", [WITH_MODEL]),
        out.with_name(RISK_IMAGE): risk_image(measured.run),
        file.with_suffix(".html"): html_page(measured.run),
    }
    if measured.training:
        written[out.with_name(CALIBRATION_IMAGE)] = calibration_image(measured.training.whole.reliability)
    for path, text in written.items():
        path.write_text(text, "utf-8")
        typer.echo(f"已写入 {path}")
    typer.echo(f"结果存于 {file}；用时 {(time.monotonic() - started) / 60:.1f} 分钟")


def _ablation_table(found: list[Ablated]) -> Table:
    depth = DEPTHS.index(5)
    table = Table("", "准确率 tune", "证据@5 tune", "准确率 test", "证据@5 test", box=None, header_style="bold")
    for one in found:
        figures = (one.tune.accuracy, one.tune.recall[depth], one.test.accuracy, one.test.recall[depth])
        table.add_row(one.variant.name, *(f"{figure.value:.3f}" if figure else MARK for figure in figures))
    return table
