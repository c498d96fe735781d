"""The conversation: questions, what was understood of them, answers with their marks, and how far to trust them."""

import re
from collections.abc import Mapping
from html import escape

from rag.types import Answer, Mode
from ui.client import DocumentCard
from ui.page.conversations import Exchange, Scope
from ui.page.markup import card_id, turn_id
from ui.page.references import copy_text

SURE, LIKELY = 0.8, 0.5
"""From these confidences on an answer counts as directly supported, and as likely."""

LIST_ITEMS = 4
"""From this many items on a list in an answer is shown an item a line."""

_MARK = re.compile(r"\[(\d+)\]")
_MARKS = re.compile(r"[\u4e00-\u9fff）”%]?(?:\[\d+\])+[。；，]?")
"""Marks with the character before and the stop after them, from which no line end may part them."""

PATHS: Mapping[Mode, str] = {
    Mode.STRUCTURED: "查自任务清单、指标表或目录",
    Mode.READING: "依据逐段研读时记下的要点",
    Mode.EXTRACTIVE: "摘自文件原句",
    Mode.LLM: "依据原文写成，逐句核对过",
    Mode.MIXED: "由几处原文与清单合并作答",
}


def question(turn: int, text: str) -> str:
    return f'<h2 class="jd-question" id="{turn_id(turn)}">{escape(text)}</h2>'


def exchange(turn: int, held: Exchange, documents: Mapping[str, DocumentCard], beside: str = "", judged: bool = False) -> str:
    """A turn of the conversation: the question, what was understood of it, the answer with its marks, and how far to trust it.

    `beside` (HTML) is shown below the answer; with `judged` the reader may say whether the answer was of use.
    """
    reply = _reply(turn, held, documents, beside, judged)
    return f'<article class="jd-turn" data-turn="{turn}">{question(turn, held.question)}{_limits(held, documents)}{reply}</article>'


def _limits(held: Exchange, documents: Mapping[str, DocumentCard]) -> str:
    """What the question was limited to, if anything."""
    words = scope_words(held.scope, documents)
    return f'<p class="jd-understood">只在以下范围里找：{escape(words)}</p>' if words else ""


def scope_words(scope: Scope, documents: Mapping[str, DocumentCard]) -> str:
    """A scope in words; empty for everything."""
    titles = [f"《{documents[held].title}》" if held in documents else "已移除的文件" for held in scope.documents]
    years = [f"{year}年" for year in scope.years]
    return "；".join(part for part in ("、".join(titles), "、".join(years), scope.unit) if part)


def waiting(turn: int, asked: str, documents: int) -> str:
    """A question that is being answered."""
    where = f"正在 {documents} 份文件中查找" if documents else "正在文件中查找"
    progress = f'<p class="jd-waiting" role="status">{where}<i></i></p>'
    return f'<article class="jd-turn" data-turn="{turn}">{question(turn, asked)}{progress}</article>'


def welcome() -> str:
    return '<div class="jd-welcome"><h1>问政策文件，句句有出处</h1><p>用平常的话提问；答案旁边就是原文，点一下数字角标可以核对。</p></div>'


def _reply(turn: int, held: Exchange, documents: Mapping[str, DocumentCard], beside: str, judged: bool) -> str:
    if held.answer is None:
        return f'<p class="jd-problem" role="alert">{escape(held.problem)}</p>'
    answer = held.answer
    understood = "" if _same(answer.question, held.question) else f'<p class="jd-understood">理解为：{escape(answer.question)}</p>'
    if answer.abstained:
        return f"{understood}{_abstention(answer)}{_about(_judging(turn, held) if judged else '')}"
    level, words = trust(answer.confidence)
    about = [f'<span class="jd-trust jd-trust-{level}">{words}</span>', f'<span class="jd-path">{PATHS[answer.mode]}</span>']
    if answer.note:
        about.append(f'<span class="jd-path">{escape(answer.note)}</span>')
    about.append(f'<a class="jd-link" href="#{card_id(turn, 1)}" data-jd="turn" data-turn="{turn}">{len(answer.citations)} 处出处</a>')
    copied = escape(copy_text(answer, documents), quote=True)
    about.append(f'<button type="button" class="jd-link" data-jd="copy" data-text="{copied}" title="复制回答和出处">复制</button>')
    about += [_judging(turn, held)] if judged else []
    return f'{understood}<div class="jd-answer">{paragraphs(turn, answer)}</div>{beside}{_about("".join(about))}'


def _about(parts: str) -> str:
    return f'<div class="jd-about">{parts}</div>' if parts else ""


def _abstention(answer: Answer) -> str:
    nearest = "旁边列出最接近的几段，仅供参考。" if answer.citations else ""
    advice = f"{nearest}可以写明年份、单位或文件，换个说法再问。"
    return f'<div class="jd-abstained"><p>{escape(answer.answer)}</p><p class="jd-advice">{advice}</p></div>'


def _judging(turn: int, held: Exchange) -> str:
    """Two buttons that say whether the answer was of use; the one that was chosen stays pressed."""

    def button(verdict: str, words: str) -> str:
        pressed = "true" if held.verdict == verdict else "false"
        return (
            f'<button type="button" class="jd-judge jd-{verdict}" data-jd="judge" data-turn="{turn}" data-verdict="{verdict}" '
            f'aria-pressed="{pressed}" aria-label="{words}" title="{words}"></button>'
        )

    return f'<span class="jd-judging">{button("up", "这个回答有用")}{button("down", "这个回答有问题")}</span>'


def _same(understood: str, asked: str) -> bool:
    """Whether what was understood is what was asked, punctuation and white space aside."""
    return re.sub(r"[\s，。？！?!,.]", "", understood) == re.sub(r"[\s，。？！?!,.]", "", asked)


def trust(confidence: float) -> tuple[int, str]:
    """The level (3 highest) of a confidence, and its words."""
    if confidence >= SURE:
        return 3, "有原文直接依据"
    return (2, "较可能") if confidence >= LIKELY else (1, "请核对原文")


def paragraphs(turn: int, answer: Answer) -> str:
    """The answer in paragraphs, a list of its own for every run of items that semicolons part."""
    return "".join(_paragraph(turn, answer, line) for line in answer.answer.split("\n") if line.strip())


def _paragraph(turn: int, answer: Answer, line: str) -> str:
    items = line.split("；")
    if len(items) < LIST_ITEMS:
        return f"<p>{marked(turn, answer, line)}</p>"
    lead, colon, first = items[0].rpartition("：")
    rows = [first, *items[1:]] if colon else items
    head = f"<p>{marked(turn, answer, lead + colon)}</p>" if colon else ""
    return f"{head}<ul>{''.join(f'<li>{marked(turn, answer, row)}</li>' for row in rows)}</ul>"


def marked(turn: int, answer: Answer, text: str) -> str:
    """A stretch of the answer with every citation mark [n] that resolves as a link to its card."""
    known = {citation.mark for citation in answer.citations}

    def link(mark: int) -> str:
        if mark not in known:
            return f"[{mark}]"
        target = card_id(turn, mark)
        acts = f'data-jd="mark" data-turn="{turn}" data-target="{target}"'
        return f'<a class="jd-mark" href="#{target}" {acts} aria-label="出处{mark}">{mark}</a>'

    def links(match: re.Match[str]) -> str:
        return f'<span class="jd-marks">{_MARK.sub(lambda mark: link(int(mark[1])), match[0])}</span>'

    return _MARKS.sub(links, escape(text, quote=False))
