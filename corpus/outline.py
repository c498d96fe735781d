"""The heading tree of a document: parts, 篇章节, 一、（一）1.（1）, 专栏, headings without a number, and run-in headings at a paragraph's start."""

import re
from dataclasses import dataclass
from enum import IntEnum

from corpus.clean import Paragraph, is_heading_line, mend, mend_heading, slice_spans
from corpus.types import DocumentInfo, Heading, Part, Span


class Rank(IntEnum):
    """Depth of a kind of heading; a heading encloses what follows of a greater rank."""

    PART = 0
    ANNEX = 1
    VOLUME = 2
    CHAPTER = 3
    SECTION = 4
    NUMERAL = 5
    BRACKETED = 6
    ARABIC = 7
    BRACKETED_ARABIC = 8
    BOX = 9


_LABELS: tuple[tuple[Rank, re.Pattern[str]], ...] = (
    (Rank.VOLUME, re.compile(r"第[一二三四五六七八九十百]+篇")),
    (Rank.CHAPTER, re.compile(r"第[一二三四五六七八九十百]+章")),
    (Rank.SECTION, re.compile(r"第[一二三四五六七八九十百]+节")),
    (Rank.BOX, re.compile(r"专栏\s*\d+")),
    (Rank.BRACKETED, re.compile(r"[（(]\s*[一二三四五六七八九十]+\s*[)）]")),
    (Rank.NUMERAL, re.compile(r"[一二三四五六七八九十]+&?、")),
    (Rank.BRACKETED_ARABIC, re.compile(r"[（(]\d{1,2}[)）]")),
    (Rank.ARABIC, re.compile(r"\d{1,2}\s*[.．](?!\d)")),
)

_SPACED = (Rank.VOLUME, Rank.CHAPTER, Rank.SECTION, Rank.BOX)
"""Headings that a blank parts from their label."""

_RUN_IN = re.compile(r"[^。；！？：]{2,60}[。：]")
"""The first sentence of a numbered paragraph, which names what the paragraph is about."""

_LEAD = re.compile(r"(?:——|[一二三四五六七八九十]是)?([^。，；：、！？“”\d]{4,24})[。：](?=.{20})")
"""A bold-like lead: a short first sentence without comma or figure, followed by more."""

_PART_TITLE = re.compile(r"(?:关于)?\S{2,12}?(?:\d{4}年)?\S{0,40}报告(?:（\d{4}年）)?$")
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_ANNEX_TITLE = re.compile(r"\d{4}年[^。，；：\t]{6,40}$")


@dataclass(frozen=True, slots=True)
class Headed:
    """A paragraph and the heading it is or begins with: `whole` when nothing else stands in it. `heading` indexes the outline."""

    paragraph: Paragraph
    heading: int | None
    whole: bool


def read_parts(info: DocumentInfo, paragraphs: tuple[Paragraph, ...], length: int) -> tuple[Part, ...]:
    """The reports that a document holds, each from its title to the next one's; the document itself when it holds one or none.

    A title is a line ending in 报告 that 各位代表 follows within a few short lines, so that titles in a table of contents do not count.
    """
    starts = [index for index, paragraph in enumerate(paragraphs) if _opens_part(paragraphs, index)]
    if len(starts) < 2:
        return (Part(info.title, _speaker(paragraphs, starts[0]) if starts else None, info.date, Span(0, length), info.reports_on, info.plans_for),)
    parts = []
    for position, start in enumerate(starts):
        end = paragraphs[starts[position + 1]].span.start if position + 1 < len(starts) else length
        title = paragraphs[start].text
        date = _DATE.search("".join(p.text for p in paragraphs[start + 1 : start + 3] if p.text.startswith("——")))
        parts.append(
            Part(
                title=title,
                speaker=_speaker(paragraphs, start),
                date="{}-{:0>2}-{:0>2}".format(*date.groups()) if date else info.date,
                span=Span(paragraphs[start].span.start, end),
                reports_on=info.reports_on,
                plans_for=info.plans_for,
            )
        )
    return tuple(parts)


def read_outline(text: str, paragraphs: tuple[Paragraph, ...], parts: tuple[Part, ...]) -> tuple[tuple[Heading, ...], tuple[Headed, ...]]:
    """The headings in order, and each paragraph with the heading that it is or that it begins with."""
    headings: list[Heading] = []
    ranks: list[Rank] = []
    stack: list[int] = []
    headed: list[Headed] = []
    part_starts = {part.span.start for part in parts} if len(parts) > 1 else set()

    def push(rank: Rank, label: str, text: str, span: Span) -> int:
        while stack and ranks[stack[-1]] >= rank:
            stack.pop()
        headings.append(Heading(level=len(stack), label=label, text=text, span=span, parent=stack[-1] if stack else None))
        ranks.append(rank)
        stack.append(len(headings) - 1)
        return stack[-1]

    for index, paragraph in enumerate(paragraphs):
        if paragraph.span.start in part_starts:
            headed.append(Headed(paragraph, push(Rank.PART, "", paragraph.text, paragraph.span), True))
            continue
        found = _numbered(paragraph)
        if found:
            rank, label, title, whole = found
            end = paragraph.span.end if whole else _stored_end(paragraph, len(label) + len(title))
            shown = mend_heading(slice_spans(text, paragraph.spans)) if rank in _SPACED else label + title
            headed.append(Headed(paragraph, push(rank, label, shown, Span(paragraph.span.start, end)), whole))
        elif _is_annex_title(paragraphs, index):
            headed.append(Headed(paragraph, push(Rank.ANNEX, "", paragraph.text, paragraph.span), True))
        else:
            if stack and ranks[stack[-1]] is Rank.BOX and _leaves_box(headings[stack[-1]], headed, paragraph):
                stack.pop()
            headed.append(Headed(paragraph, stack[-1] if stack else None, False))
    return tuple(headings), tuple(headed)


def heading_path(outline: tuple[Heading, ...], heading: int | None) -> tuple[str, ...]:
    """The texts from the outermost heading to `heading`."""
    path: list[str] = []
    while heading is not None:
        path.append(outline[heading].text)
        heading = outline[heading].parent
    return tuple(reversed(path))


def lead_of(text: str) -> str:
    """The bold-like lead that a paragraph begins with, without its marks, or an empty string."""
    match = _LEAD.match(text)
    return match[1] if match else ""


def _numbered(paragraph: Paragraph) -> tuple[Rank, str, str, bool] | None:
    text = paragraph.text
    for rank, pattern in _LABELS:
        match = pattern.match(text)
        if not match:
            continue
        label, rest = mend(match[0]), text[match.end() :].lstrip()
        if rank in _SPACED:
            return (rank, label, rest, True) if len(text) <= 80 and "。" not in text else None
        if is_heading_line(text):
            return rank, label, rest, True
        run_in = _RUN_IN.match(rest)
        if run_in and rank is not Rank.BRACKETED_ARABIC:
            return rank, label, run_in[0].rstrip("。："), len(run_in[0]) == len(rest)
        return None
    return None


def _stored_end(paragraph: Paragraph, shown: int) -> int:
    """Where in the stored text the first `shown` characters of the paragraph end, at least (white space is not counted)."""
    span = paragraph.spans[0]
    return min(span.end, span.start + shown)


def _opens_part(paragraphs: tuple[Paragraph, ...], index: int) -> bool:
    if not _PART_TITLE.fullmatch(paragraphs[index].text) or len(paragraphs[index].text) > 60:
        return False
    following = [p.text for p in paragraphs[index + 1 : index + 5]]
    return any(text.startswith("各位代表") for text in following) and all(len(text) < 60 for text in following[:1])


def _speaker(paragraphs: tuple[Paragraph, ...], title: int) -> str | None:
    for paragraph in paragraphs[title + 1 : title + 4]:
        if not paragraph.text.startswith("——") and len(paragraph.text) <= 20 and "各位代表" not in paragraph.text:
            return paragraph.text
    return None


def _is_annex_title(paragraphs: tuple[Paragraph, ...], index: int) -> bool:
    text = paragraphs[index].text
    return _ANNEX_TITLE.match(text) is not None and not _DATE.match(text)


def _leaves_box(box: Heading, headed: list[Headed], paragraph: Paragraph) -> bool:
    """Whether a paragraph is no longer an item of a box: the box's items open in another way (“名称：”, “名称。”, a number)."""
    items = [h.paragraph for h in headed if h.heading is not None and h.paragraph.span.start > box.span.end]
    return bool(items) and _item_form(items[0].text) != _item_form(paragraph.text)


def _item_form(text: str) -> str:
    match = re.match(r"[^。：；，]{1,30}([。：])", text)
    return match[1] if match else ""
