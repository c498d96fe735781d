"""`judian feedback`: what users said of answers, as cases for evaluation."""

from pathlib import Path
from typing import Annotated

import typer

from eval.dataset import BUNDLED, load_cases, save_cases
from rag.config import read_settings
from ui.feedback import cases_of, load_feedback

app = typer.Typer(help="用户的反馈：导出为评测问题。", no_args_is_help=True, add_completion=False)


@app.callback()
def feedback() -> None:
    """Keeps `export` a command of its own while it is the only one."""


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="写到哪个文件")] = Path("feedback.jsonl"),
    helpful: Annotated[bool | None, typer.Option("--helpful/--unhelpful", help="只要有用的，或只要没用的；默认都要")] = None,
) -> None:
    """把反馈写成评测问题：有用的附答案与引文，没用的附用户期望的答案，供人补全；自带问题集里已有的略去。"""
    said = [each for each in load_feedback(read_settings().feedback_file) if helpful in (None, each.helpful)]
    cases = cases_of(said, load_cases(BUNDLED))
    save_cases(out, cases)
    typer.echo(f"已写入 {out}：{len(said)} 条反馈，{len(cases)} 个问题。用 judian eval check --set {out} 检查还缺什么。")
