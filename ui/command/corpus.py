"""`judian corpus`: the documents that are there, what was read in them, adding and removing others."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from corpus.added import add_document, is_added, load_all, namesakes, read_file, remove_document
from corpus.errors import DocumentError, UnknownDocumentError
from corpus.formats import SUFFIXES
from corpus.load import load_documents
from corpus.read import read_document
from corpus.report import markdown, show
from corpus.types import Document
from rag.config import read_settings

app = typer.Typer(help="文件库：查看、添加与移除文件。", no_args_is_help=True, add_completion=False)

UNKNOWN_DATE = "日期不详"
PAGE_WIDTH = 140
"""Columns of a table that is written to a file or a pipe."""


@app.command("list")
def list_documents() -> None:
    """列出全部文件。"""
    table = Table("编号", "标题", "文号", "日期", "字数", "来源", box=None, header_style="bold")
    for document in load_all(_folder()):
        info = document.info
        size = sum(not character.isspace() for character in document.text)
        table.add_row(info.id, info.title, info.number or "", info.date or UNKNOWN_DATE, str(size), "添加" if is_added(info) else "自带")
    console = Console()
    (console if console.is_terminal else Console(width=PAGE_WIDTH)).print(table)


@app.command("show")
def show_document(document_id: Annotated[str, typer.Argument(metavar="ID", help="文件编号")]) -> None:
    """显示一份文件读成了什么：目录、段落、修补之处、任务和指标。"""
    documents = {document.info.id: document for document in load_all(_folder())}
    if document_id not in documents:
        raise UnknownDocumentError(f"没有编号为 {document_id[:40]!r} 的文件；现有：{'、'.join(documents)}。")
    read = {name: read_document(document) for name, document in documents.items()}
    typer.echo(show(read[document_id], tuple(read.values())))


@app.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=f"文件，可以是 {'、'.join(SUFFIXES)}", show_default=False)],
    title: Annotated[str | None, typer.Option(help="标题；默认取自文件")] = None,
    date: Annotated[str | None, typer.Option(help="日期，如 2024-01-31；默认取自文件")] = None,
    number: Annotated[str | None, typer.Option(help="文号；默认取自文件")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不逐项询问，用文件里写的标题、日期和文号")] = False,
    index: Annotated[bool, typer.Option("--index/--no-index", help="添加后更新索引")] = True,
) -> None:
    """添加文件，并把它们编入索引；没有变动的段落不重新计算。"""
    if len(files) > 1 and (title is not None or date is not None or number is not None):
        raise DocumentError("--title、--date 和 --number 一次只能用于一份文件，请分别添加。")
    failed = 0
    added = 0
    for file in files:
        try:
            fields = (title, date, number) if yes or not _at_a_terminal() else _asked(file, title, date, number)
            document = add_document(_folder(), file, *fields)
        except DocumentError as exc:
            if len(files) == 1:
                raise
            typer.echo(str(exc), err=True)
            failed += 1
            continue
        added += 1
        typer.echo(_added(document))
        for other in namesakes(_folder(), document.info):
            typer.echo(
                f"注意：{other.id} 的标题、文号和日期与它相同，内容不同；如果是旧版本，请用 judian corpus remove {other.id} 移除。",
                err=True,
            )
    if added:
        _update(index)
    if failed:
        typer.echo(f"{failed} 份文件没有添加。", err=True)
        raise typer.Exit(1)


@app.command("remove")
def remove(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="文件编号")],
    index: Annotated[bool, typer.Option("--index/--no-index", help="移除后更新索引")] = True,
) -> None:
    """移除一份添加的文件和它的读记。"""
    info = remove_document(_folder(), document_id)
    typer.echo(f"已移除 {info.id}《{info.title}》。")
    _update(index)


@app.command("report")
def report(
    out: Annotated[Path | None, typer.Option(help="写到哪个文件；默认写到标准输出")] = None,
    every: Annotated[bool, typer.Option("--all", help="连同添加的文件")] = False,
) -> None:
    """各份文件读出了多少标题、段落、任务和指标（Markdown，即 docs/corpus.md）。"""
    documents = load_all(_folder()) if every else load_documents()
    started = time.process_time()
    read = [read_document(document) for document in documents]
    page = markdown(read, time.process_time() - started)
    if out is None:
        typer.echo(page, nl=False)
    else:
        out.write_text(page, "utf-8")


def _folder() -> Path:
    return read_settings().home / "corpus"


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _asked(file: Path, title: str | None, date: str | None, number: str | None) -> tuple[str, str, str]:
    """Title, date and number as the user confirms or corrects them; what was given as an option is not asked for."""
    info = read_file(file).info
    typer.echo(f"{file.name}：请确认，回车表示采用括号中的内容。")
    return (
        typer.prompt("标题", info.title) if title is None else title,
        typer.prompt("日期", info.date, show_default=bool(info.date)) if date is None else date,
        typer.prompt("文号", info.number or "", show_default=bool(info.number)) if number is None else number,
    )


def _added(document: Document) -> str:
    info = document.info
    read = read_document(document)
    counts = [f"{len(read.passages)} 个段落", f"{len(read.tasks)} 项任务", f"{len(read.measures)} 个指标数值"]
    names = {"title": "标题", "issuer": "发文机关"}
    doubtful = "、".join(names[field] for field in info.inferred if field in names and (field != "issuer" or info.issuer))
    note = f"（{doubtful}是推测的，可先移除，再用选项写明后重新添加）" if doubtful else ""
    note += "" if info.date else "（文件里没有写日期，可先移除，再用 --date 写明后重新添加）"
    known = "，".join(filter(None, (info.date or UNKNOWN_DATE, info.number)))
    return f"已添加 {info.id}《{info.title}》（{known}）：{'，'.join(counts)}{note}"


def _update(index: bool) -> None:
    """Brings the index up to date, or says that it has to be."""
    if not index:
        typer.echo("索引还没有更新：请运行 judian index build。", err=True)
        return
    from rag.wire import prepare_index

    settings = read_settings()
    with Console(stderr=True).status("正在更新索引……"):
        built = prepare_index(settings)
    if built:
        typer.echo(f"索引已更新：{built.documents} 份文件，{built.passages} 个段落。正在运行的服务随即换用。", err=True)
