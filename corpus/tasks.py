"""The numbered tasks of a task breakdown (任务分解方案): what is to be done, who leads and who cooperates.

A breakdown names its units behind the labels 责任单位 and 配合单位. Everything else is found from these labels, because printed
breakdowns run several tasks into one line, glue headings to the task before them and wrap lines inside unit names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.clean import mend
from corpus.types import Span, Task

_NUMERALS = "一二三四五六七八九十百"
_LEAD_LABEL = re.compile(r"责\s*任\s*单\s*位\s*[:：]")
_COOPERATING_LABEL = re.compile(r"[;；，,。]?\s*配\s*合(?:\s*单\s*位)?\s*[:：]")
# "4.5米" is a figure, "4. 5G基站" a task: a digit may follow the point only behind a space.
_NUMBER = re.compile(r"(?<![^\s。；;）)])(\d{1,4})\s*[.．、](?:\s+|(?!\d))")
_HEADING = re.compile(
    rf"(?<![^\s。；;）)])(?:(?P<chapter>第[{_NUMERALS}]+[篇章]|[{_NUMERALS}]+\s*、)|(?P<section>[（(]\s*[{_NUMERALS}]+\s*[）)]))\s*"
)
_NEXT_BLOCK = re.compile(rf"\n\s*(?:\d{{1,4}}\s*[.．、](?!\d)|第[{_NUMERALS}]+[篇章]|[{_NUMERALS}]+\s*、|[（(]\s*[{_NUMERALS}]+\s*[）)])")
_HEADING_LINE = re.compile(rf"\n\s*(?:第[{_NUMERALS}]+[篇章节]|[{_NUMERALS}]+\s*、|[（(]\s*[{_NUMERALS}]+\s*[）)])")
_LONGEST_TASK = 5000
_LONGEST_LIST = 300
_LED_BY_ANOTHER = re.compile(r"(?:牵头|主办)(?:责任)?(?:单位|部门)\s*[:：][^\n。]*$")
"""Before a label: those behind it only help the unit that leads."""

_AND_OTHERS = re.compile(r"等(?:市级|区级)?(?:有关|相关)?(?:部门|单位|部门和单位|单位和部门)?$")
_BRACKETS = {"（": "）", "(": ")", "〔": "〕", "[": "]", "［": "］"}


@dataclass(frozen=True, slots=True)
class Units:
    """Units in one role; `open_ended` when 等 follows any of them."""

    names: tuple[str, ...] = ()
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    """The unit lists of one task: its first label starts at `start`; `end` is behind the full stop."""

    start: int
    end: int
    lead: Units
    cooperating: Units


def read_tasks(text: str, document_id: str) -> tuple[Task, ...]:
    """Tasks in the document's order; none where the text has no 责任单位.

    `Task.span` runs from the number to the full stop behind the last unit, `Task.text_span` over the task's own words. A numbered
    paragraph without 责任单位 is not a task, nor is one that a heading parts from it. Numbers may start again at 1 in a new breakdown of
    the same document.
    """
    tasks: list[Task] = []
    path: tuple[str, ...] = ()
    gap_start, previous = 0, 0
    for block in _blocks(text):
        marker = _number_marker(text, max(gap_start, block.start - _LONGEST_TASK), block.start, previous)
        if marker is None or _HEADING_LINE.search(text, marker.end(), block.start):
            continue
        path = _heading_path(text[gap_start : marker.start()], path)
        words = _trimmed(text, marker.end(), block.start)
        previous = int(marker[1])
        tasks.append(
            Task(
                number=previous,
                text=mend(text[words.start : words.end]),
                heading_path=path,
                lead_units=block.lead.names,
                cooperating_units=block.cooperating.names,
                lead_open_ended=block.lead.open_ended,
                open_ended=block.cooperating.open_ended,
                document_id=document_id,
                span=Span(marker.start(1), block.end),
                text_span=words,
            )
        )
        gap_start = block.end
    return tuple(tasks)


def _blocks(text: str) -> Iterator[_Block]:
    for label in _LEAD_LABEL.finditer(text):
        if _LED_BY_ANOTHER.search(text, max(0, label.start() - _LONGEST_LIST), label.start()):
            continue
        bracket = text[: label.start()].rstrip()[-1:]
        closing = _BRACKETS.get(bracket)
        start = text.rindex(bracket, 0, label.start()) if closing else label.start()
        end = _units_end(text, label.end(), closing)
        inner_end = end - 1 if closing and text[end - 1] == closing else end
        second = _COOPERATING_LABEL.search(text, label.end(), inner_end)
        lead = read_units(text[label.end() : second.start() if second else inner_end])
        cooperating = read_units(text[second.end() : inner_end]) if second else Units()
        if lead.names:
            yield _Block(start, end, lead, cooperating)


def _units_end(text: str, start: int, closing: str | None) -> int:
    """Behind the full stop (or the bracket that closes the list); a list without one ends before the next number, heading or label."""
    limit = len(text)
    following = _NEXT_BLOCK.search(text, start)
    label = _LEAD_LABEL.search(text, start)
    for found in (following, label):
        if found:
            limit = min(limit, found.start())
    if closing:
        depth = 0
        for at in range(start, limit):
            depth += (text[at] in _BRACKETS) - (text[at] in _BRACKETS.values())
            if depth < 0:
                return at + 1
    stop = text.find("。", start, limit)
    return stop + 1 if stop >= 0 else start + len(text[start:limit].rstrip())


def read_units(listed: str) -> Units:
    """The units of a list; commas inside brackets belong to the name: "市发展改革委(市粮食局、市能源局)"."""
    names: list[str] = []
    name, depth, open_ended = "", 0, False
    for character in "".join(listed.split()) + "、":
        depth += (character in _BRACKETS) - (character in _BRACKETS.values())
        if depth > 0 or character not in "、，,；;。":
            name += character
            continue
        others = _AND_OTHERS.search(name)
        if others:
            name, open_ended = name[: others.start()], True
        if name:
            names.append(name)
        name = ""
    return Units(tuple(names), open_ended)


def _number_marker(text: str, start: int, end: int, previous: int) -> re.Match[str] | None:
    """The number of the task whose labels begin at `end`.

    Numbers run on from `previous`; where a numbered paragraph between has no labels the last of the run counts. Before the first task
    the last 1 counts, since a covering letter may number its own points.
    """
    candidates = list(_NUMBER.finditer(text, start, end))
    chosen, expected = None, previous + 1
    for candidate in candidates:
        if int(candidate[1]) == expected:
            chosen, expected = candidate, expected + 1
    if previous and chosen:
        return chosen
    restarts = [candidate for candidate in candidates if int(candidate[1]) == 1]
    if restarts:
        return restarts[-1]
    return chosen or next((candidate for candidate in candidates if int(candidate[1]) > previous), None)


def _heading_path(gap: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """(chapter, section) in force behind `gap`; a chapter ends the section before it.

    The title of a section is its first sentence; the sentences behind it are its lead-in and no part of the path.
    """
    path = list(before)
    for marker in _HEADING.finditer(gap):
        ends = [found for found in (gap.find("\n", marker.end()), gap.find("。", marker.end())) if found >= 0]
        if marker["section"] and gap.find("。", marker.end()) >= 0:
            ends = [gap.find("。", marker.end())]
        title = mend(gap[marker.start() : min(ends, default=len(gap))])
        chapter = [] if marker["chapter"] else [entry for entry in path[:1] if not _is_section(entry)]
        path = [*chapter, title]
    return tuple(path)


def _is_section(title: str) -> bool:
    return title.startswith(("（", "("))


def _trimmed(text: str, start: int, end: int) -> Span:
    stretch = text[start:end]
    return Span(start + len(stretch) - len(stretch.lstrip()), end - len(stretch) + len(stretch.rstrip()))
