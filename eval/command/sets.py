"""Commands over question sets: checking them, putting them in order, drafting cases of flagged questions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from eval.command.choosing import Sets, cases_of
from eval.command.showing import page
from eval.dataset import BUNDLED, check_cases, draft_cases, load_cases, load_texts, requirements, save_cases, split_of
from eval.types import Case, CaseType, Split

app = typer.Typer()


@app.command("check")
def check(
    sets: Sets = None,
    documents: Annotated[Path | None, typer.Option(help="存放文件原文的文件夹；默认为自带的五份文件")] = None,
) -> None:
    """检查问题集：格式、引文是否原文、参考答案是否判为正确，以及各类问题的数量。"""
    console = page()
    cases, texts = cases_of(sets), load_texts(documents)
    problems = check_cases(cases, texts)
    for problem in problems:
        shown = problem.case.question[:40] if split_of(problem.case.id) is Split.TUNE else "（测试集）"
        console.print(f"{problem.case.id} {shown}：{problem.reason}", style="red", markup=False)
    wanting = []
    if sets is None and documents is None:
        wanting = [need for need in requirements(cases, texts) if need.present < need.wanted]
    console.print(_counts(cases, list(texts)))
    for need in wanting:
        console.print(f"{need.kind}：应有 {need.wanted}，现有 {need.present}", style="red", markup=False)
    if problems or wanting:
        raise typer.Exit(1)
    console.print(f"{len(cases)} 个问题全部通过：引文都是原文，参考答案都判为正确。")


@app.command("format")
def format_sets(files: Annotated[list[Path], typer.Argument(help="要整理的问题集文件")]) -> None:
    """整理问题集：补上编号，统一字段次序。"""
    for file in files:
        cases = load_cases(file)
        save_cases(file, cases)
        typer.echo(f"{file}：{len(cases)} 个问题")


@app.command("draft")
def draft(
    flagged: Annotated[Path, typer.Argument(help="每行一个 JSON 对象，含 question，可含 history（如用户点踩的提问）")],
    out: Annotated[Path, typer.Option(help="草稿写到哪里")] = Path("drafts.jsonl"),
) -> None:
    """把答得不好的提问写成问题草稿，供人补上答案与证据；自带问题集里已有的略去。"""
    drafts = draft_cases(flagged, load_cases(BUNDLED))
    save_cases(out, drafts)
    typer.echo(f"已写入 {out}：{len(drafts)} 个草稿。补全之后用 judian eval check --set {out} 检查。")


def _counts(cases: Sequence[Case], documents: Sequence[str]) -> Table:
    """Numbers of cases by type and document, and of each half."""
    table = Table("类型", "全部", "调试集", "测试集", *(f"文件 {name}" for name in documents), box=None, header_style="bold")
    for name, chosen in [("全部", list(cases)), *((str(kind), [case for case in cases if case.type is kind]) for kind in CaseType)]:
        halves = [sum(split_of(case.id) is split for case in chosen) for split in Split]
        by_document = [sum(document in case.documents for case in chosen) for document in documents]
        table.add_row(name, *map(str, (len(chosen), *halves, *by_document)))
    return table
