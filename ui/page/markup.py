"""What the page shows, as HTML. Everything that comes from a person or a document is escaped here and nowhere else.

Elements that the page's script acts on carry `data-jd`: "mark" lights up a source card, "turn" shows the sources of a turn, "back" goes to
the answer, "open" opens a document at a place, "copy" copies `data-text`, "jump" scrolls to the element that `href` names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from urllib.parse import urlencode

from rag.types import Answer, Citation, CitationVia, Mode
from ui.client import DocumentCard, MeasureRecord, TaskRecord

SURE, LIKELY = 0.8, 0.5
"""From these confidences on an answer counts as directly supported, and as likely."""

EXCERPT = 220
"""Passages longer than this, in characters, are shown around their quote first."""

LIST_ITEMS = 4
"""From this many items on a list in an answer is shown an item a line."""

_AROUND = 70
"""Characters shown before and after the quote of a long passage, at least; the excerpt is widened to whole clauses."""

_MARK = re.compile(r"\[(\d+)\]")
_MARKS = re.compile(r"[\u4e00-\u9fff）”%]?(?:\[\d+\])+[。；，]?")
"""Marks with the character before and the stop after them, from which no line end may part them."""

_TASK = re.compile(
    r"(?P<number>\d+)\s*[.．、](?P<matter>.*?)责任单位\s*[:：](?P<lead>[^;；]*)(?:[;；]\s*配合单位\s*[:：](?P<others>.*))?", re.DOTALL
)

PATHS: Mapping[Mode, str] = {
    Mode.STRUCTURED: "由任务清单、指标表或文件目录直接查得",
    Mode.READING: "由逐段研读文件时记下的要点作答",
    Mode.EXTRACTIVE: "摘自文件原句",
    Mode.LLM: "依据右侧原文写成，并已逐句核对出处",
    Mode.MIXED: "由几处原文与清单合并作答",
}

KINDS: Mapping[CitationVia, str] = {
    CitationVia.TASK: "任务清单",
    CitationVia.MEASURE: "指标表",
    CitationVia.OUTLINE: "文件目录",
    CitationVia.READING: "原文",
    CitationVia.PASSAGE: "原文",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of the conversation with its answer, or with the words that say why there is none."""

    question: str
    answer: Answer | None = None
    problem: str = ""


def turn_id(turn: int) -> str:
    return f"turn-{turn}"


def card_id(turn: int, mark: int) -> str:
    return f"source-{turn}-{mark}"


def place_link(document_id: str, start: int, end: int) -> str:
    """The address of a place in a document, relative to the page's root."""
    return "documents?" + urlencode({"id": document_id, "start": start, "end": end})


def chinese_date(date: str) -> str:
    """2024-01-21 as 2024年1月21日; anything else as it is."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date)
    return f"{match[1]}年{int(match[2])}月{int(match[3])}日" if match else date


def question(turn: int, text: str) -> str:
    return f'<h2 class="jd-question" id="{turn_id(turn)}">{escape(text)}</h2>'


def exchange(turn: int, held: Exchange, documents: Mapping[str, DocumentCard]) -> str:
    """A turn of the conversation: the question, what was understood of it, the answer with its marks, and how far to trust it."""
    return f'<article class="jd-turn" data-turn="{turn}">{question(turn, held.question)}{_reply(turn, held, documents)}</article>'


def waiting(turn: int, asked: str, documents: int) -> str:
    """A question that is being answered."""
    where = f"正在 {documents} 份文件中查找" if documents else "正在文件中查找"
    progress = f'<p class="jd-waiting" role="status">{where}<i></i></p>'
    return f'<article class="jd-turn" data-turn="{turn}">{question(turn, asked)}{progress}</article>'


def welcome() -> str:
    return '<div class="jd-welcome"><h1>问政策文件，句句有出处</h1><p>用平常的话提问；答案旁边就是原文，点一下数字角标可以核对。</p></div>'


def _reply(turn: int, held: Exchange, documents: Mapping[str, DocumentCard]) -> str:
    if held.answer is None:
        return f'<p class="jd-problem" role="alert">{escape(held.problem)}</p>'
    answer = held.answer
    understood = "" if _same(answer.question, held.question) else f'<p class="jd-understood">理解为：{escape(answer.question)}</p>'
    if answer.abstained:
        advice = (
            "旁边列出最接近的几段，仅供参考。可以写明年份、单位或文件，换个说法再问。"
            if answer.citations
            else "可以写明年份、单位或文件，换个说法再问。"
        )
        return f'{understood}<div class="jd-abstained"><p>{escape(answer.answer)}</p><p class="jd-advice">{advice}</p></div>'
    level, words = trust(answer.confidence)
    about = [f'<span class="jd-trust jd-trust-{level}">{words}</span>', f'<span class="jd-path">{PATHS[answer.mode]}</span>']
    sources = f'<a class="jd-link" href="#{card_id(turn, 1)}" data-jd="turn" data-turn="{turn}">{len(answer.citations)} 处出处</a>'
    copied = escape(copy_text(answer, documents), quote=True)
    copy = f'<button type="button" class="jd-link" data-jd="copy" data-text="{copied}">复制回答和出处</button>'
    return f'{understood}<p class="jd-answer">{marked(turn, answer)}</p><div class="jd-about">{"".join(about)}{sources}{copy}</div>'


def _same(understood: str, asked: str) -> bool:
    """Whether what was understood is what was asked, punctuation and white space aside."""
    return re.sub(r"[\s，。？！?!,.]", "", understood) == re.sub(r"[\s，。？！?!,.]", "", asked)


def trust(confidence: float) -> tuple[int, str]:
    """The level (3 highest) of a confidence, and its words."""
    if confidence >= SURE:
        return 3, "有原文直接依据"
    return (2, "较可能") if confidence >= LIKELY else (1, "请核对原文")


def marked(turn: int, answer: Answer) -> str:
    """The answer with every citation mark [n] that resolves as a link to its card."""
    known = {citation.mark for citation in answer.citations}

    def link(mark: int) -> str:
        if mark not in known:
            return f"[{mark}]"
        target = card_id(turn, mark)
        acts = f'data-jd="mark" data-turn="{turn}" data-target="{target}"'
        return f'<a class="jd-mark" href="#{target}" {acts} aria-label="出处{mark}">{mark}</a>'

    def links(match: re.Match[str]) -> str:
        linked = _MARK.sub(lambda mark: link(int(mark[1])), match[0])
        return f'<span class="jd-marks">{linked}</span>'

    html = escape(answer.answer, quote=False)
    if html.count("；") >= LIST_ITEMS - 1:
        html = html.replace("；", "；\n")
    return _MARKS.sub(links, html).replace("\n", "<br>")


def copy_text(answer: Answer, documents: Mapping[str, DocumentCard]) -> str:
    """The answer and its sources as plain text: 《title》（number，date）, heading path, quote."""
    lines = [answer.answer, "", "出处："]
    for citation in answer.citations:
        card = documents.get(citation.document_id)
        number = f"{card.number}，" if card and card.number else ""
        path = f"“{' — '.join(citation.heading_path)}”：" if citation.heading_path else ""
        lines.append(f"[{citation.mark}] 《{citation.title}》（{number}{chinese_date(citation.date)}）{path}{citation.quote}")
    return "\n".join(lines)


def sources(turn: int, held: Exchange, documents: Mapping[str, DocumentCard], current: bool) -> str:
    """The panel of a turn: its cited passages as cards, or the nearest passages of an abstention."""
    answer = held.answer
    shown = "jd-sources jd-current" if current else "jd-sources"
    if answer is None or not answer.citations:
        return f'<section class="{shown}" data-turn="{turn}"><p class="jd-none">这一问没有出处。</p></section>'
    if answer.abstained:
        title = f"最接近的 {len(answer.citations)} 段<small>文件中没有直接回答，仅供参考</small>"
    else:
        title = f"出处<small>{len(answer.citations)} 处，标黄的是直接依据</small>"
    about = f'<p class="jd-for">{escape(held.question)}</p>'
    groups = "".join(
        _group(turn, list(cited), documents, not answer.abstained)
        for _, cited in groupby(answer.citations, lambda cited: cited.document_id)
    )
    return f'<section class="{shown}" data-turn="{turn}" aria-label="出处"><h2 class="jd-panel-title">{title}</h2>{about}{groups}</section>'


def _group(turn: int, cited: Sequence[Citation], documents: Mapping[str, DocumentCard], highlight: bool) -> str:
    """Neighbouring citations of one document under its title."""
    head = f'<header><h3>{escape(cited[0].title)}</h3><p class="jd-dateline">{_dateline(cited[0], documents)}</p></header>'
    return f'<section class="jd-group">{head}{"".join(card(turn, citation, highlight) for citation in cited)}</section>'


def card(turn: int, citation: Citation, highlight: bool = True) -> str:
    """A cited passage: where it stands, what it says with the supporting quote highlighted, and the way into the document."""
    parts = [*citation.heading_path] or ([] if citation.via in (CitationVia.PASSAGE, CitationVia.READING) else [KINDS[citation.via]])
    path = "".join(f"<span>{escape(part)}</span>" for part in parts)
    return (
        f'<article class="jd-card" id="{card_id(turn, citation.mark)}" tabindex="-1">'
        f'<header><span class="jd-number">{citation.mark}</span><p class="jd-headings">{path}</p></header>{passage(citation, highlight)}'
        f"<footer>{open_link(citation.document_id, citation.start, citation.end)}"
        f'<a class="jd-back" href="#{turn_id(turn)}" data-jd="back">回到回答</a></footer></article>'
    )


def _dateline(citation: Citation, documents: Mapping[str, DocumentCard]) -> str:
    held = documents.get(citation.document_id)
    parts = [held.number] if held and held.number else []
    parts.append(chinese_date(citation.date) + ("（日期为推定）" if held and "date" in held.inferred else ""))
    return "<i></i>".join(escape(part) for part in parts)


def passage(citation: Citation, highlight: bool = True) -> str:
    """The text of a cited passage: a task as a card of its parts, anything else with its quote highlighted, a long one folded."""
    task = _TASK.fullmatch(citation.text) if citation.via is CitationVia.TASK or not highlight else None
    if task:
        return task_parts(task["number"], task["matter"], task["lead"], task["others"] or "")
    if not highlight:
        return _folded(citation.text, None)
    found = find_quote(citation.text, citation.quote)
    if found is None:
        # A quote that runs over the passage's end is shown as it stands in the document.
        whole = f"<details><summary>展开所在段落</summary><blockquote>{escape(citation.text)}</blockquote></details>"
        return f'<div class="jd-beyond"><blockquote><mark>{escape(citation.quote)}</mark></blockquote>{whole}</div>'
    return _folded(citation.text, found)


def task_parts(number: str, matter: str, lead: str, others: str) -> str:
    """A task: its number, its matter, who leads and who helps."""
    units = [("责任单位", lead), ("配合单位", others)]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value.strip().rstrip('。'))}</dd>" for name, value in units if value.strip())
    return f'<div class="jd-task"><p><b>第{escape(number)}项</b>{escape(matter.strip())}</p><dl>{rows}</dl></div>'


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where the quote stands in the text, white space aside; None where it does not."""
    letters = [re.escape(letter) for letter in quote if not letter.isspace()]
    match = re.search(r"\s*".join(letters), text) if letters else None
    return match.span() if match else None


def _folded(text: str, quote: tuple[int, int] | None) -> str:
    """A passage, whole when short; a long one as the clauses around its quote (or its beginning), the whole behind a fold."""
    whole = f"<blockquote>{_highlighted(text, quote, 0, len(text))}</blockquote>"
    start, end = _excerpt(text, quote or (0, 0))
    if len(text) <= EXCERPT or end - start > 0.8 * len(text):
        return whole
    before, after = "…" if start else "", "…" if end < len(text) else ""
    short = f"<blockquote>{before}{_highlighted(text, quote, start, end)}{after}</blockquote>"
    return f'<div class="jd-fold">{short}<details><summary>展开全段</summary>{whole}</details></div>'


def _excerpt(text: str, quote: tuple[int, int]) -> tuple[int, int]:
    """The stretch around the quote, widened to whole clauses."""
    start, end = max(0, quote[0] - _AROUND), min(len(text), max(quote[1] + _AROUND, 2 * _AROUND))
    opening = max((text.rfind(mark, 0, start) for mark in "。；，"), default=-1) + 1
    closing = min((at for at in (text.find(mark, end) for mark in "。；，") if at >= 0), default=len(text) - 1) + 1
    return (opening if start - opening < _AROUND else start), (closing if closing - end < _AROUND else end)


def _highlighted(text: str, quote: tuple[int, int] | None, start: int, end: int) -> str:
    if quote is None:
        return escape(text[start:end])
    first, last = max(start, quote[0]), min(end, quote[1])
    return f"{escape(text[start:first])}<mark>{escape(text[first:last])}</mark>{escape(text[last:end])}"


def shelf(documents: Sequence[DocumentCard]) -> str:
    """The documents that answers are drawn from, each a link into itself."""
    items = "".join(f"<li>{_shelved(held)}</li>" for held in documents)
    head = f'<h2 class="jd-panel-title">可查的文件<small>{len(documents)} 份</small></h2>'
    return f'<section class="jd-shelf">{head}<ul>{items}</ul></section>'


def _shelved(held: DocumentCard) -> str:
    link = escape(place_link(held.id, 0, 0), quote=True)
    acts = f'data-jd="open" data-id="{escape(held.id, quote=True)}" data-start="0" data-end="0"'
    return f'<a href="{link}" target="_self" {acts}><b>{escape(held.title)}</b><span>{document_line(held)}</span></a>'


def document_line(held: DocumentCard) -> str:
    parts = [held.number] if held.number else []
    parts.append(chinese_date(held.date) + ("（推定）" if "date" in held.inferred else ""))
    parts.append(f"{held.characters:,} 字")
    if held.tasks:
        parts.append(f"{held.tasks} 项任务")
    if held.measures:
        parts.append("含指标表")
    return "<i></i>".join(escape(part) for part in parts)


def title(words: str, count: str) -> str:
    return f'<h1 class="jd-page-title">{escape(words)}<small>{escape(count)}</small></h1>'


def open_link(document_id: str, start: int, end: int, words: str = "在原文中查看") -> str:
    """A way into a document at a place."""
    link = escape(place_link(document_id, start, end), quote=True)
    return (
        f'<a class="jd-open" href="{link}" target="_self" data-jd="open" data-id="{escape(document_id, quote=True)}" '
        f'data-start="{start}" data-end="{end}">{escape(words)}</a>'
    )


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
