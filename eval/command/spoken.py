"""The command that sets answers by a chat model beside those without one."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from eval.command.choosing import Sets, cases_of, choose
from eval.run import RunError
from eval.sections import with_section
from eval.spoken import Spoken, speak_cases
from eval.spoken import markdown as section_of
from eval.types import Split
from rag.config import read_settings

app = typer.Typer()


@app.command("llm")
def llm(
    split: Annotated[str, typer.Option(help="tune（调试集）、test（测试集，只显示总数）或 all")] = Split.TUNE,
    sets: Sets = None,
    types: Annotated[str, typer.Option(help="只问这些类型，逗号分隔")] = "",
    limit: Annotated[int, typer.Option(min=0, help="最多问多少个问题；0 为全部")] = 40,
    markdown: Annotated[Path | None, typer.Option(help="把表格写进哪份 Markdown；已有同名一节则替换")] = None,
) -> None:
    """同样的问题不用大模型、用大模型（JUDIAN_LLM）各答一遍：对错、由谁作答、有没有出处里没有的数字。"""
    from rag.wire import open_assistant, open_speaker, prepare_index

    settings = read_settings()
    speaker = open_speaker(settings)
    if speaker is None:
        raise RunError("没有可用的大模型：请用 JUDIAN_LLM（和 JUDIAN_LLM_URL）指定。")
    cases = choose(cases_of(sets), split, types, limit)
    prepare_index(settings)
    plain = open_assistant(replace(settings, llm=""))
    found: list[Spoken] = []
    try:
        for one in speak_cases(plain, plain.with_speaker(speaker), cases):
            found.append(one)
            typer.echo(line(one, split), err=True)
    except KeyboardInterrupt:
        typer.echo(f"已中断；下面是前 {len(found)} 题。", err=True)
    section = section_of(found, settings.llm, split)
    typer.echo(section)
    if markdown is not None:
        markdown.write_text(with_section(markdown.read_text("utf-8") if markdown.exists() else "", section), "utf-8")
    if any(one.unproved for one in found):
        raise typer.Exit(1)


def line(one: Spoken, split: str) -> str:
    """How one question went; without its text in other splits than the tuning one."""
    verdict = f"{'错' if one.plain_faults else '对'}→{'错' if one.faults else '对'} {one.answer.mode} {one.model_ms / 1000:.1f}s"
    said = f"{one.question[:40]} → {one.answer.answer[:160]}" if split == Split.TUNE else ""
    return " ".join(part for part in (verdict, said, one.answer.note, "、".join(one.unproved)) if part)
