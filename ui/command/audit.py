"""`judian audit`: what was asked and answered, and whether the same would be answered today."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from corpus.errors import JudianError
from rag.config import Settings, read_settings
from rag.types import Answer
from ui.api.audit import Record, differences, find_record, list_records
from ui.quiet import go_offline

app = typer.Typer(help="问答记录：查看与重放。", no_args_is_help=True)

_SHOWN = 40


@app.command("list")
def list_audit(
    latest: Annotated[int, typer.Option(min=1, help="最近几条")] = 20,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="从哪一天起（UTC），如 2026-01-31")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="完整输出，一行一条 JSON")] = False,
) -> None:
    """最近的问答，最新的在前。"""
    records = list_records(read_settings().audit_folder, latest, since.date() if since else None)
    lines = [json.dumps(asdict(record), ensure_ascii=False) if as_json else _line(record) for record in records]
    typer.echo("\n".join(lines) or "还没有问答记录。")


@app.command()
def replay(id_: Annotated[str, typer.Argument(metavar="ID", help="记录的编号；接口的每个回应都在 X-Request-ID 中给出")]) -> None:
    """一字不差地显示当时的回答，再问一遍，指出与今天的不同；不同时退出码为 1。"""
    settings = read_settings()
    record = find_record(settings.audit_folder, id_)
    typer.echo(_shown(record))
    told = _compared(record, settings)
    typer.echo("\n今天的回答与当时相同。" if not told else "\n今天的回答与当时不同：\n" + "\n".join(told))
    if told:
        raise typer.Exit(1)


def _line(record: Record) -> str:
    what = "未答" if record.abstained else record.mode
    question = record.asked.question
    shortened = question if len(question) <= _SHOWN else question[:_SHOWN] + "……"
    return f"{record.id}　{record.at[:19]}　{record.circumstances.key or '-'}　{what}　{record.circumstances.milliseconds:.0f} 毫秒　{shortened}"


def _shown(record: Record) -> str:
    about = record.circumstances
    lines = [
        f"编号　　{record.id}",
        f"时间　　{record.at}（UTC）",
        f"密钥　　{about.key or '（未用密钥）'}",
        *(f"此前　　{'问' if turn.role == 'user' else '答'}：{turn.content}" for turn in record.asked.history),
        f"问题　　{record.asked.question}{'（其中的个人号码已隐去）' if record.masked else ''}",
        f"理解为　{record.understood}",
        f"方式　　{record.mode}{'，未答' if record.abstained else ''}{'，沿用刚才的回答' if about.cached else ''}",
        f"用时　　{about.milliseconds:.0f} 毫秒",
        f"索引　　{about.fingerprint}",
        "",
        record.answer + ("" if about.whole else "（对方没有等到答完）"),
    ]
    if record.note:
        lines.append(f"附注　　{record.note}")
    lines += [
        f"[{one.mark}] {one.document_id}（sha256 {one.sha256[:12]}）第 {one.start}–{one.end} 字“{one.quote}”" for one in record.citations
    ]
    return "\n".join(lines)


def _compared(record: Record, settings: Settings) -> list[str]:
    """How today's answer differs. A question whose numbers were masked is asked as it was kept."""
    from rag.wire import open_assistant

    go_offline()
    assistant = open_assistant(settings)
    asked = record.asked
    hashes = {document.document.info.id: document.document.info.sha256 for document in assistant.documents}
    try:
        answer: Answer = assistant.ask(asked.question, asked.history, asked.documents, asked.years, asked.top_k)
    except JudianError as exc:
        return [f"今天无法回答：{exc}"]
    return list(differences(record, answer, hashes))
