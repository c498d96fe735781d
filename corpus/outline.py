"""The heading tree of a document: parts, 篇章节, 一、（一）1.（1）, 专栏, annexes, and leads: the bold-like first sentences of paragraphs.

What only looks like a heading is told apart here too: the entries of a table of contents.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from corpus.clean import Paragraph, end_behind, is_heading_line, mend, mend_heading, places_of, slice_spans, spans_of
from corpus.split import sentences
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
    LEAD = 10
    ITEM = 11


_LABELS: tuple[tuple[Rank, re.Pattern[str]], ...] = (
    (Rank.VOLUME, re.compile(r"第[一二三四五六七八九十百]+篇")),
    (Rank.CHAPTER, re.compile(r"第[一二三四五六七八九十百]+章")),
    (Rank.SECTION, re.compile(r"第[一二三四五六七八九十百]+节")),
    (Rank.BOX, re.compile(r"专栏\s*\d+")),
    (Rank.BRACKETED, re.compile(r"[（(]\s*[一二三四五六七八九十]+\s*[)）]")),
    (Rank.NUMERAL, re.compile(r"[一二三四五六七八九十]+[&＆]?、")),
    (Rank.BRACKETED_ARABIC, re.compile(r"[（(]\d{1,2}[)）]")),
    (Rank.ARABIC, re.compile(r"\d{1,2}\s*[.．](?!\d)")),
)

_SPACED_LABEL = re.compile(r"第[一二三四五六七八九十百]+[篇章节]|专栏\s*\d+")
_SPACED = (Rank.VOLUME, Rank.CHAPTER, Rank.SECTION, Rank.BOX)
"""Headings that a blank parts from their label."""

_STRAY = re.compile(r"[&＆\s]")
"""Marks that do not belong into a label: "二&、" is shown as "二、"."""

_RUN_IN = re.compile(r"[^。；！？：]{2,60}[。：]")
"""The first sentence of a numbered paragraph, which names what the paragraph is about."""

_LEAD = re.compile(r"[^。，；：！？]{4,24}。")
_LIST_LEAD = re.compile(r"(?P<label>[一二三四五六七八九十]是)(?P<title>[^。，；：！？]{4,40})。")
_DASH_LEAD = re.compile(r"(?P<label>——)(?P<title>[^。；：！？]{4,50})。")
_FIGURE = re.compile(r"\d(?![A-Z])")
_BOX_ITEM = re.compile(r"(?P<title>[^。：；，]{2,30})[。：]")
_REST = 20
"""Characters that must follow a lead in its paragraph: it names what they are about."""

_INLINE_LEAD = 14
_INLINE_STRETCH = 90
"""Inside a numbered paragraph a lead is no longer than the one and heads at least the other, and is one of several."""

_PART_TITLE = re.compile(r"(?:关于)?\S{2,12}?(?:\d{4}年)?\S{0,40}报告(?:（\d{4}年）)?$")
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
ANNEX_LABEL = re.compile(r"附\s*[件表录则]\s*[（(]?\s*[一二三四五六七八九十\d]*\s*[)）]?\s*[:：]?")
_NAMED = re.compile(r"《([^《》]{4,60})》")
_COVER = 3000
"""Characters at the start in which a covering letter names what it sends along (《…实施方案》)."""

_ANNEX_TITLE = re.compile(r"\d{4}年[^。，；：\t]{6,40}$")
_REPORTED = re.compile(
    r"(\d{4})年[^，。；年和及]{0,30}?(?:执行情况|回顾|完成情况|总结|工作情况)|(\d{4})年[^，。；年]{0,30}?(?:统计公报|决算|年度报告)"
)
_PLANNED = re.compile(r"(\d{4})年[^，。；年和及]{0,30}?(?:草案|安排|任务|目标|打算|总体考虑|重点工作|工作要点)")
_CONTENTS = re.compile(r"目\s*[录次]")
_PAGE_REFERENCE = re.compile(r"[\s.…·—-]*(?:[（(]\s*\d{1,4}\s*[）)]|(?<=[\s.…·—])\d{1,4})$")
_SHORT = 60


@dataclass(frozen=True, slots=True)
class Headed:
    """A paragraph (or the stretch of one under a lead) and the heading it stands under, an index of the outline.

    `whole` when the paragraph is the heading, or part of it, and nothing else.
    """

    paragraph: Paragraph
    heading: int | None
    whole: bool


@dataclass(frozen=True, slots=True)
class _Lead:
    """A lead at the start of a paragraph; `form` tells bare ones, "一是" and "——" apart."""

    rank: Rank
    form: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class _Annex:
    """The lines that head an annex, its label (附件（一）) and its title; either may be missing."""

    label: str
    title: str
    lines: tuple[Paragraph, ...]


def read_contents(paragraphs: Sequence[Paragraph]) -> frozenset[int]:
    """Which paragraphs are a table of contents: the line 目录 and the entries below it, which end in a page or come again as headings."""
    start = next((index for index, paragraph in enumerate(paragraphs) if _CONTENTS.fullmatch(paragraph.text)), None)
    if start is None:
        return frozenset()
    last_at = {title: index for index, paragraph in enumerate(paragraphs) for title in _titles(paragraph.text)}
    found = {start}
    seen: set[str] = set()
    for index in range(start + 1, len(paragraphs)):
        text, title = paragraphs[index].text, _entry_title(paragraphs[index].text)
        if "。" in text or title in seen or not (text.isascii() or len(text) <= 2 * _SHORT):
            break
        if not (_PAGE_REFERENCE.search(text) or text.isascii() or text.startswith("【") or last_at.get(title, index) > index):
            break
        found.add(index)
        seen.add(title)
    return frozenset(found) if len(found) > 1 else frozenset()


def read_parts(info: DocumentInfo, paragraphs: Sequence[Paragraph], length: int) -> tuple[Part, ...]:
    """The reports that a document holds, each from its title to the next one's; the document itself when it holds one or none.

    A title is a line ending in 报告 that 各位代表 follows within a few short lines, so that titles in a table of contents do not count.
    A report that states no date shares that of the one before it: they are papers of one session.
    """
    starts = [index for index in range(len(paragraphs)) if _opens_part(paragraphs, index)]
    if len(starts) < 2:
        return (
            Part(
                info.title, _speaker(paragraphs, starts[0]) if starts else None, info.date, Span(0, length), info.reports_on, info.plans_for
            ),
        )
    parts: list[Part] = []
    for start, behind in zip(starts, [*starts[1:], len(paragraphs)], strict=True):
        end = paragraphs[behind].span.start if behind < len(paragraphs) else length
        date = _DATE.search("".join(p.text for p in paragraphs[start + 1 : start + 3] if p.text.startswith("——")))
        before = parts[-1].date if parts else info.date
        reports_on, plans_for = stated_years([paragraphs[start].text, *_numerals(paragraphs[start:behind])])
        parts.append(
            Part(
                title=paragraphs[start].text,
                speaker=_speaker(paragraphs, start),
                date="{}-{:0>2}-{:0>2}".format(*date.groups()) if date else before,
                span=Span(paragraphs[start].span.start, end),
                reports_on=reports_on or info.reports_on,
                plans_for=plans_for or info.plans_for,
            )
        )
    return tuple(parts)


def stated_years(titles: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The years that titles and headings say a document reports on, and those it plans for: "2021年工作回顾", "2022年预算草案"."""
    reported = {int(match[1] or match[2]) for title in titles for match in _REPORTED.finditer(title)}
    planned = {int(match[1]) for title in titles for match in _PLANNED.finditer(title)}
    return tuple(sorted(reported)), tuple(sorted(planned - reported))


def read_outline(
    text: str, paragraphs: Sequence[Paragraph], parts: Sequence[Part], box_ends: Mapping[int, int]
) -> tuple[tuple[Heading, ...], tuple[Headed, ...]]:
    """The headings in order, and each paragraph with the heading that it is or stands under.

    `box_ends` tells where the table ends that a box consists of, by the start of the box.
    """
    builder = _Builder(text, {part.span.start for part in parts} if len(parts) > 1 else set(), box_ends)
    leads = [_lead_of(paragraph.text) for paragraph in paragraphs]
    numbered = [_numbered(paragraph) for paragraph in paragraphs]
    goes_on = _same_form_follows(leads, numbered)
    sent = frozenset(mend(title) for title in _NAMED.findall(text[:_COVER]))
    index = 0
    while index < len(paragraphs):
        paragraph = paragraphs[index]
        annex = _annex(paragraphs, index) or _sent_along(paragraphs, index, sent)
        found = numbered[index]
        lead = leads[index]
        if paragraph.span.start in builder.part_starts:
            builder.whole(Rank.PART, "", paragraph.text, (paragraph,))
        elif annex:
            builder.whole(Rank.ANNEX, annex.label, " ".join(filter(None, (annex.label, annex.title))), annex.lines)
            index += len(annex.lines) - 1
        elif found:
            builder.numbered(paragraph, *found)
        else:
            builder.plain(paragraph, lead, goes_on[index])
        index += 1
    return tuple(builder.headings), tuple(builder.headed)


class _Builder:
    """The outline so far: the headings, and the stack of those that enclose what comes next."""

    def __init__(self, text: str, part_starts: set[int], box_ends: Mapping[int, int]) -> None:
        self.text = text
        self.part_starts = part_starts
        self.box_ends = box_ends
        self.headings: list[Heading] = []
        self.headed: list[Headed] = []
        self._ranks: list[Rank] = []
        self._forms: list[str] = []
        self._stack: list[int] = []
        self._item_form = ""

    def push(self, rank: Rank, label: str, title: str, span: Span, form: str = "") -> int:
        while self._stack and self._ranks[self._stack[-1]] >= rank:
            self._stack.pop()
        self.headings.append(Heading(len(self._stack), label, title, span, self._stack[-1] if self._stack else None))
        self._ranks.append(rank)
        self._forms.append(form)
        self._stack.append(len(self.headings) - 1)
        self._item_form = ""
        return self._stack[-1]

    def whole(self, rank: Rank, label: str, title: str, paragraphs: Sequence[Paragraph]) -> None:
        heading = self.push(rank, label, title, Span(paragraphs[0].span.start, paragraphs[-1].span.end))
        self.headed.extend(Headed(paragraph, heading, True) for paragraph in paragraphs)

    def numbered(self, paragraph: Paragraph, rank: Rank, label: str, title: str, whole: bool) -> None:
        plain = _STRAY.sub("", label)
        if rank in _SPACED:
            lines = "\n".join(self.text[span.start : span.end] for span in paragraph.spans)
            shown = f"{plain} {mend_heading(_SPACED_LABEL.sub('', lines, count=1))}".strip()
        else:
            shown = plain + title
        end = paragraph.span.end if whole else self._end(paragraph, label + title)
        heading = self.push(rank, plain, shown, Span(paragraph.span.start, end))
        if whole:
            self.headed.append(Headed(paragraph, heading, True))
            return
        for number, part in enumerate(_at_inline_leads(self.text, paragraph)):
            if number:
                lead = _LEAD.match(part.text)
                assert lead is not None
                heading = self._push_lead(part, _Lead(Rank.LEAD, "bare", "", lead[0].rstrip("。")))
            self.headed.append(Headed(part, heading, False))

    def plain(self, paragraph: Paragraph, lead: _Lead | None, goes_on: bool) -> None:
        self._leave(paragraph)
        if self._in_box():
            item = _BOX_ITEM.match(paragraph.text)
            if item and len(paragraph.text) > item.end():
                title = item["title"]
                self._push_lead(paragraph, _Lead(Rank.LEAD, item[0][-1], "", title))
        elif lead:
            self._push_lead(paragraph, lead)
        elif self._stack and self._ranks[self._stack[-1]] >= Rank.LEAD and not goes_on:
            while self._stack and self._ranks[self._stack[-1]] >= Rank.LEAD:
                self._stack.pop()
        self.headed.append(Headed(paragraph, self._stack[-1] if self._stack else None, False))

    def _push_lead(self, paragraph: Paragraph, lead: _Lead) -> int:
        shown = lead.label + lead.title
        return self.push(lead.rank, lead.label, shown, Span(paragraph.span.start, self._end(paragraph, shown)), lead.form)

    def _end(self, paragraph: Paragraph, shown: str) -> int:
        return end_behind(self.text, paragraph.spans, len(re.sub(r"\s+", "", shown)))

    def _in_box(self) -> bool:
        return any(self._ranks[heading] is Rank.BOX for heading in self._stack)

    def _leave(self, paragraph: Paragraph) -> None:
        """Closes the box above when the paragraph is no longer in it: behind its table, or unlike its items (名称。 or 名称：)."""
        box = next((heading for heading in self._stack if self._ranks[heading] is Rank.BOX), None)
        if box is None:
            return
        table_end = self.box_ends.get(self.headings[box].span.start)
        items = [self._forms[heading] for heading in range(box + 1, len(self.headings))]
        item = _BOX_ITEM.match(paragraph.text)
        if (table_end is not None and paragraph.span.start >= table_end) or (items and (item is None or item[0][-1] != items[0])):
            del self._stack[self._stack.index(box) :]


def heading_path(outline: Sequence[Heading], heading: int | None) -> tuple[str, ...]:
    """The texts from the outermost heading to `heading`."""
    path: list[str] = []
    while heading is not None:
        path.append(outline[heading].text)
        heading = outline[heading].parent
    return tuple(reversed(path))


def _numbered(paragraph: Paragraph) -> tuple[Rank, str, str, bool] | None:
    """Rank, label, title and whether the heading is the whole paragraph, where it begins with a numbered heading."""
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


def _numerals(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    for paragraph in paragraphs:
        found = _numbered(paragraph)
        if found and found[0] is Rank.NUMERAL:
            yield found[2]


def _lead_of(text: str) -> _Lead | None:
    for form, rank, pattern in (("是", Rank.ITEM, _LIST_LEAD), ("——", Rank.ITEM, _DASH_LEAD)):
        match = pattern.match(text)
        if match and not _FIGURE.search(match["title"]) and len(text) >= match.end() + _REST:
            return _Lead(rank, form, match["label"], match["title"])
    match = _LEAD.match(text)
    if match and not text.startswith("——") and not _FIGURE.search(match[0]) and len(text) >= match.end() + _REST:
        return _Lead(Rank.LEAD, "bare", "", match[0].rstrip("。"))
    return None


def _same_form_follows(leads: Sequence[_Lead | None], numbered: Sequence[object | None]) -> list[bool]:
    """For each paragraph, whether a later one before the next numbered heading has a lead of the form of the last lead before it.

    A paragraph between two leads of one form belongs to the first of them; one behind the last lead of a form closes the section.
    """
    last: list[str] = []
    form = ""
    for lead, heading in zip(leads, numbered, strict=True):
        form = "" if heading else lead.form if lead else form
        last.append(form)
    follows = [False] * len(leads)
    ahead: set[str] = set()
    for index in range(len(leads) - 1, -1, -1):
        follows[index] = last[index] in ahead
        lead = leads[index]
        if numbered[index]:
            ahead = set()
        elif lead:
            ahead.add(lead.form)
    return follows


def _at_inline_leads(text: str, paragraph: Paragraph) -> tuple[Paragraph, ...]:
    """A numbered paragraph cut before the leads inside it ("提升创新平台。…壮大创新主体。…"); one piece where it has none."""
    stored, places = slice_spans(text, paragraph.spans), places_of(paragraph.spans)
    bounds = sentences(stored)
    starts = []
    for start, end in bounds[1:]:
        sentence = mend(stored[start:end])
        if len(sentence) <= _INLINE_LEAD and _LEAD.fullmatch(sentence) and "、" not in sentence and not _FIGURE.search(sentence):
            starts.append(start)
    if len(starts) < 2 or min(b - a for a, b in pairwise([*starts, len(stored)])) < _INLINE_STRETCH:
        return (paragraph,)
    pieces = []
    for start, behind in pairwise([0, *starts, len(stored)]):
        spans = spans_of(places[start:behind])
        pieces.append(Paragraph(spans, mend(stored[start:behind]), paragraph.first_line, paragraph.last_line))
    return tuple(pieces)


def _opens_part(paragraphs: Sequence[Paragraph], index: int) -> bool:
    if not _PART_TITLE.fullmatch(paragraphs[index].text) or len(paragraphs[index].text) > _SHORT:
        return False
    following = [p.text for p in paragraphs[index + 1 : index + 5]]
    return any(text.startswith("各位代表") for text in following) and all(len(text) < _SHORT for text in following[:1])


def _speaker(paragraphs: Sequence[Paragraph], title: int) -> str | None:
    for paragraph in paragraphs[title + 1 : title + 4]:
        if not paragraph.text.startswith("——") and len(paragraph.text) <= 20 and "各位代表" not in paragraph.text:
            return paragraph.text
    return None


def _annex(paragraphs: Sequence[Paragraph], index: int) -> _Annex | None:
    """The annex that begins here: with 附件（一）, with what it is annexed to and 附件（一）, or with a title that names a year."""
    texts = [paragraph.text for paragraph in paragraphs[index : index + 3]]
    if index == 0 and not ANNEX_LABEL.fullmatch(texts[0]):
        return None
    if not ANNEX_LABEL.fullmatch(texts[0]):
        above = (
            len(texts) > 1
            and len(texts[0]) <= 10
            and texts[0][0] not in "（("
            and _is_title(texts[0])
            and ANNEX_LABEL.fullmatch(texts[1]) is not None
        )
        if not above:
            is_title = _ANNEX_TITLE.match(texts[0]) is not None and not _DATE.match(texts[0])
            return _Annex("", texts[0], tuple(paragraphs[index : index + 1])) if is_title else None
        labels = 2
    else:
        labels = 1
    has_title = len(texts) > labels and _is_title(texts[labels])
    lines = tuple(paragraphs[index : index + labels + has_title])
    return _Annex("".join(texts[:labels]), texts[labels] if has_title else "", lines)


def _sent_along(paragraphs: Sequence[Paragraph], index: int, titles: frozenset[str]) -> _Annex | None:
    """What the covering letter sends along, whose title stands on one to three lines here."""
    for count in (1, 2, 3):
        lines = tuple(paragraphs[index : index + count])
        title = "".join(line.text for line in lines)
        if title in titles:
            return _Annex("", title, lines)
    return None


def _is_title(text: str) -> bool:
    return len(text) <= _SHORT and re.search(r"[。，；：,;\t]", text) is None and not is_heading_line(text)


def _titles(text: str) -> tuple[str, ...]:
    """What a contents entry for a paragraph could say: the line, or its first sentence."""
    return (_entry_title(text), _entry_title(text.partition("。")[0])) if len(text) <= 2 * _SHORT or "。" in text[: 2 * _SHORT] else ()


def _entry_title(text: str) -> str:
    return re.sub(r"\s+", "", _PAGE_REFERENCE.sub("", text))
