"""Cited passages as cards: where each stands, what it says with the supporting stretch marked, the way into its document."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from corpus.tables import Row, RowKind, Table
from rag.types import Citation, CitationVia
from ui.client import DocumentCard
from ui.page.conversations import Exchange
from ui.page.markup import card_id, chinese_date, open_link, task_parts, turn_id

EXCERPT = 220
"""Passages longer than this, in characters, are shown around their quote first."""

_AROUND = 70
"""Characters shown before and after the quote of a long passage, at least; the excerpt is widened to whole clauses."""

_TASK = re.compile(
    r"(?P<number>\d+)\s*[.．、](?P<matter>.*?)责任单位\s*[:：](?P<lead>[^;；]*)(?:[;；]\s*配合单位\s*[:：](?P<others>.*))?", re.DOTALL
)

KINDS: Mapping[CitationVia, str] = {
    CitationVia.TASK: "任务清单",
    CitationVia.MEASURE: "指标表",
    CitationVia.OUTLINE: "文件目录",
    CitationVia.READING: "原文",
    CitationVia.PASSAGE: "原文",
}


TableAt = Callable[[Citation], tuple[Table, Row] | None]
"""Finds the table row that a citation stands in; None where it stands in none."""


def no_table(_: Citation) -> None:
    """For citations of which no table is known."""


def sources(turn: int, held: Exchange, documents: Mapping[str, DocumentCard], current: bool, table_at: TableAt = no_table) -> str:
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
        _group(turn, list(cited), documents, _Shown(not answer.abstained, answer.question, table_at))
        for _, cited in groupby(answer.citations, lambda cited: cited.document_id)
    )
    return f'<section class="{shown}" data-turn="{turn}" aria-label="出处"><h2 class="jd-panel-title">{title}</h2>{about}{groups}</section>'


@dataclass(frozen=True, slots=True)
class _Shown:
    """How the cards of an answer are shown: quotes marked or not, the topic that they are about, the tables they stand in."""

    highlight: bool
    topic: str
    table_at: TableAt


def _group(turn: int, cited: Sequence[Citation], documents: Mapping[str, DocumentCard], how: _Shown) -> str:
    """Neighbouring citations of one document under its title."""
    head = f'<header><h3>{escape(cited[0].title)}</h3><p class="jd-dateline">{_dateline(cited[0], documents)}</p></header>'
    return f'<section class="jd-group">{head}{"".join(_card(turn, citation, how) for citation in cited)}</section>'


def _card(turn: int, citation: Citation, how: _Shown) -> str:
    """A cited passage: where it stands, what it says with the supporting quote highlighted, and the way into the document."""
    parts = [*citation.heading_path] or ([] if citation.via in (CitationVia.PASSAGE, CitationVia.READING) else [KINDS[citation.via]])
    path = "".join(f"<span>{escape(part)}</span>" for part in parts)
    found = how.table_at(citation)
    body = table_row(*found, how.highlight) if found else _context(citation) + passage(citation, how.highlight)
    return (
        f'<article class="jd-card" id="{card_id(turn, citation.mark)}" tabindex="-1">'
        f'<header><span class="jd-number">{citation.mark}</span><p class="jd-headings">{path}</p></header>{body}'
        f"<footer>{open_link(citation.document_id, citation.start, citation.end, topic=how.topic)}"
        f'<a class="jd-back" href="#{turn_id(turn)}" data-jd="back">回到回答</a></footer></article>'
    )


def table_row(table: Table, row: Row, highlight: bool = True) -> str:
    """A row of a table below the table's header, the heading of its group and the row that it belongs to."""
    above = [table.rows[number] for number in (row.group, row.parent) if number is not None]
    head = "".join(f"<th>{escape(column.title)}</th>" for column in table.columns)
    body = "".join(_row(held, len(table.columns), marked=highlight and held is row) for held in (*above, row))
    return f'<div class="jd-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(row: Row, columns: int, marked: bool) -> str:
    texts = [escape(cell.text) for cell in row.cells]
    if row.kind is RowKind.GROUP:
        return f'<tr class="group"><td colspan="{columns}">{" ".join(text for text in texts if text)}</td></tr>'
    cells = "".join(f"<td>{f'<mark>{text}</mark>' if marked and text else text}</td>" for text in texts)
    return f"<tr>{cells}</tr>"


def row_at(tables: Sequence[Table], start: int, end: int) -> tuple[Table, Row] | None:
    """The table and the row of it that the characters `start` to `end` stand in; None where they are in no row or in several."""
    for table in tables:
        rows = [row for row in table.rows if row.kind is not RowKind.GROUP and row.span.start < end and start < row.span.end]
        if len(rows) == 1 and table.span.start <= start and end <= rows[0].span.end + 1:
            return table, rows[0]
    return None


def _dateline(citation: Citation, documents: Mapping[str, DocumentCard]) -> str:
    held = documents.get(citation.document_id)
    parts = [held.number] if held and held.number else []
    parts.append(chinese_date(citation.date) + ("（日期为推定）" if citation.date and held and "date" in held.inferred else ""))
    return "<i></i>".join(escape(part) for part in parts)


def _context(citation: Citation) -> str:
    """What stands above a passage and is read with it: the words that lead its list in."""
    return "".join(f'<p class="jd-context">{escape(line)}</p>' for line in citation.context)


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
