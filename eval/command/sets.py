"""Commands over question sets: checking them, putting them in order, drafting cases of flagged questions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from corpus.added import load_all
from eval.command.choosing import Sets, cases_of
from eval.command.showing import page
from eval.dataset import (
    BUNDLED,
    case_id,
    check_cases,
    draft_cases,
    load_cases,
    load_texts,
    proofs_of,
    put_case,
    requirements,
    save_cases,
    split_of,
)
from eval.types import Case, CaseType, Split
from rag.config import read_settings

app = typer.Typer()

Documents = Annotated[Path | None, typer.Option(help="存放文件原文的文件夹；默认为本机已有的全部文件", show_default=False)]


@app.command("check")
def check(
    sets: Sets = None,
    documents: Documents = None,
) -> None:
    """检查问题集：格式、引文是否原文、参考答案是否判为正确，以及各类问题的数量。"""
    console = page()
    cases, texts = cases_of(sets), texts_of(documents) if sets else load_texts(documents)
    problems = check_cases(cases, texts)
    for problem in problems:
        shown = problem.case.question[:40] if split_of(problem.case) is Split.TUNE else "（测试集）"
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


@app.command("case")
def write_case(
    question: Annotated[str, typer.Argument(help="问题")],
    into: Annotated[Path, typer.Option("--set", help="写进哪个问题集文件；其中同一问题的草稿由它取代")],
    answer: Annotated[str, typer.Option(help="参考答案，一句话")],
    kind: Annotated[CaseType, typer.Option("--type", help="问题类型；unanswerable 为无法回答")] = CaseType.NUMBER,
    facts: Annotated[list[str] | None, typer.Option("--fact", help="正确答案必须写出的事实，不同写法以 | 分隔；可重复")] = None,
    quotes: Annotated[list[str] | None, typer.Option("--quote", help="证明它的原文；可重复，所在文件自动查出")] = None,
    reject: Annotated[list[str] | None, typer.Option(help="说了就算错的话，如另一年的数字；可重复")] = None,
    history: Annotated[list[str] | None, typer.Option(help="之前的提问；可重复，依次写")] = None,
    documents: Documents = None,
    held_out: Annotated[bool, typer.Option("--held-out", help="还没有人看过系统对它的回答，可以归入测试集")] = False,
) -> None:
    """写一个问题：查出引文所在的文件，检查无误才写入。"""
    texts = texts_of(documents)
    evidence, *alternatives = proofs_of(quotes, texts) if quotes else ((),)
    earlier = tuple(history or ())
    case = Case(
        type=kind,
        question=question,
        answer=answer,
        facts=tuple(tuple(fact.split("|")) for fact in facts or ()),
        evidence=evidence,
        alternatives=tuple(alternatives),
        reject=tuple(reject or ()),
        history=earlier,
        parts=max(1, len(facts or ())),
        documents=tuple(dict.fromkeys(proof.document for proof in evidence)),
        seen=not held_out,
        id=case_id(question, earlier),
    )
    problems = check_cases([case], texts)
    for problem in problems:
        typer.echo(problem.reason, err=True)
    if problems:
        raise typer.Exit(1)
    replaced = put_case(into, case)
    typer.echo(f"已写入 {into}（{'取代草稿' if replaced else '新问题'}，编号 {case.id}）")


@app.command("draft")
def draft(
    flagged: Annotated[Path, typer.Argument(help="每行一个 JSON 对象，含 question，可含 history（如用户点踩的提问）")],
    out: Annotated[Path, typer.Option(help="草稿写到哪里")] = Path("drafts.jsonl"),
) -> None:
    """把答得不好的提问写成问题草稿，供人补上答案与证据；自带问题集里已有的略去。"""
    drafts = draft_cases(flagged, load_cases(BUNDLED))
    save_cases(out, drafts)
    typer.echo(f"已写入 {out}：{len(drafts)} 个草稿。补全之后用 judian eval check --set {out} 检查。")


def texts_of(folder: Path | None) -> dict[str, str]:
    """The texts of a folder, or of the bundled documents and those added here."""
    if folder:
        return load_texts(folder)
    return {document.info.id: document.text for document in load_all(read_settings().corpus_folder)}


def _counts(cases: Sequence[Case], documents: Sequence[str]) -> Table:
    """Numbers of cases by type and document, and of each half."""
    table = Table("类型", "全部", "调试集", "测试集", *(f"文件 {name}" for name in documents), box=None, header_style="bold")
    for name, chosen in [("全部", list(cases)), *((str(kind), [case for case in cases if case.type is kind]) for kind in CaseType)]:
        halves = [sum(split_of(case) is split for case in chosen) for split in Split]
        by_document = [sum(document in case.documents for case in chosen) for document in documents]
        table.add_row(name, *map(str, (len(chosen), *halves, *by_document)))
    return table
