"""Pieces of HTML that several parts of the page share. Everything that comes from a person or a document is escaped where it is put into HTML.

Elements that the page's script acts on carry `data-jd`: "mark" lights up a source card, "turn" shows the sources of a turn, "back" goes to
the answer, "open" opens a document at a place, "talk" a conversation, "judge" says what is thought of an answer, "copy" copies `data-text`,
"jump" scrolls to the element that `href` names.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from ui.client import DocumentCard, MeasureRecord, TaskRecord


def turn_id(turn: int) -> str:
    return f"turn-{turn}"


def card_id(turn: int, mark: int) -> str:
    return f"source-{turn}-{mark}"


def place_link(document_id: str, start: int, end: int, topic: str = "") -> str:
    """The address of a place in a document, relative to the page's root; `topic` is what the places before and after it are about."""
    return "documents?" + urlencode({"id": document_id, "start": start, "end": end, **({"topic": topic} if topic else {})})


def opens(document_id: str, start: int, end: int, topic: str = "") -> str:
    """The attributes of a link that opens a document at a place."""
    link = escape(place_link(document_id, start, end, topic), quote=True)
    held, about = escape(document_id, quote=True), escape(topic, quote=True)
    return f'href="{link}" target="_self" data-jd="open" data-id="{held}" data-start="{start}" data-end="{end}" data-topic="{about}"'


def chinese_date(date: str) -> str:
    """2024-01-21 as 2024年1月21日, 2024-01 as 2024年1月; an unknown date is said to be."""
    if not re.fullmatch(r"\d{4}(?:-\d{2}){0,2}", date):
        return date or "日期不详"
    return "".join(f"{int(number)}{unit}" for number, unit in zip(date.split("-"), "年月日", strict=False))


def task_parts(number: str, matter: str, lead: str, others: str) -> str:
    """A task: its number, its matter, who leads and who helps."""
    units = [("责任单位", lead), ("配合单位", others)]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value.strip().rstrip('。'))}</dd>" for name, value in units if value.strip())
    return f'<div class="jd-task"><p><b>第{escape(number)}项</b>{escape(matter.strip())}</p><dl>{rows}</dl></div>'


def shelf(documents: Sequence[DocumentCard]) -> str:
    """The documents that answers are drawn from, each a link into itself."""
    items = "".join(f"<li>{_shelved(held)}</li>" for held in documents)
    head = f'<h2 class="jd-panel-title">可查的文件<small>{len(documents)} 份</small></h2>'
    return f'<section class="jd-shelf">{head}<ul>{items}</ul></section>'


def _shelved(held: DocumentCard) -> str:
    return f"<a {opens(held.id, 0, 0)}><b>{escape(held.title)}</b><span>{document_line(held)}</span></a>"


def document_line(held: DocumentCard) -> str:
    parts = [held.number] if held.number else []
    parts.append(chinese_date(held.date) + ("（推定）" if held.date and "date" in held.inferred else ""))
    parts.append(f"{held.characters:,} 字")
    if held.tasks:
        parts.append(f"{held.tasks} 项任务")
    if held.measures:
        parts.append("含指标表")
    return "<i></i>".join(escape(part) for part in parts)


def title(words: str, count: str) -> str:
    return f'<h1 class="jd-page-title">{escape(words)}<small>{escape(count)}</small></h1>'


def open_link(document_id: str, start: int, end: int, words: str = "在原文中查看", topic: str = "") -> str:
    """A way into a document at a place."""
    return f'<a class="jd-open" {opens(document_id, start, end, topic)}>{escape(words)}</a>'


def task_list(tasks: Sequence[TaskRecord], found: int) -> str:
    """Tasks as cards, below a line that says how many there are."""
    if not tasks:
        return '<p class="jd-none">没有符合条件的任务，请放宽条件。</p>'
    cards = "".join(_task_card(task) for task in tasks)
    return f'<p class="jd-none">符合条件的有 {found} 项</p>{cards}'


def _task_card(task: TaskRecord) -> str:
    path = "".join(f"<span>{escape(part)}</span>" for part in task.heading_path)
    parts = task_parts(str(task.number), task.text, "、".join(task.lead_units), "、".join(task.cooperating_units))
    footer = f"<footer>{open_link(task.document_id, task.start, task.end)}</footer>"
    return f'<article class="jd-card jd-task-card"><p class="jd-headings">{path}</p>{parts}{footer}</article>'


def bars(words: str, about: str, counts: Sequence[tuple[str, int]]) -> str:
    """Counts as horizontal bars, the greatest first."""
    most = max((count for _, count in counts), default=1)
    rows = "".join(
        f'<li><span>{escape(name)}</span><i style="width:{100 * count / most:.1f}%"></i><b>{count}</b></li>' for name, count in counts
    )
    return f'<h2 class="jd-panel-title">{escape(words)}<small>{escape(about)}</small></h2><ol class="jd-bars">{rows}</ol>'


def measure_list(chosen: Sequence[tuple[str, Sequence[MeasureRecord]]], titles: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """A table an indicator: year, kind, the value as written, and the way to its row."""
    tables = []
    for name, rows in chosen:
        body = "".join(
            f"<tr><td>{row.year}</td><td>{escape(kinds.get(row.kind, row.kind))}</td><td><b>{escape(row.value) or '—'}</b></td>"
            f"<td>{open_link(row.document_id, row.start, row.end, titles.get(row.document_id, '查看'))}</td></tr>"
            for row in sorted(rows, key=lambda row: (row.year, row.kind))
        )
        notes = "".join(f'<p class="jd-dateline">{escape(note)}</p>' for note in dict.fromkeys(row.note for row in rows) if note)
        head = "<tr><th>年份</th><th>性质</th><th>数值</th><th>出处</th></tr>"
        table = f'<div class="jd-table"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'
        tables.append(f'<h2 class="jd-panel-title">{escape(name)}</h2>{table}{notes}')
    return "".join(tables) or '<p class="jd-none">选一个指标，这里列出它各年的数值和出处。</p>'


def notice(words: str) -> str:
    """A sentence that says what went wrong and what to do."""
    return f'<p class="jd-problem" role="alert">{escape(words)}</p>'
