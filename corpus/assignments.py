"""Tasks that running text assigns: a paragraph ends in who does it, in brackets or on lines below it, as plans and opinions have it.

（一）……。（牵头单位：市教委；配合单位：市财政局、各区县政府）
1.……。（市教委牵头，市财政局、市科技局等按职责分工负责）
……。
责任单位：市教委、市财政局
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from corpus.clean import mend, places_of, slice_spans
from corpus.outline import Headed, heading_path
from corpus.tasks import Units, read_units
from corpus.types import Heading, Span, Task

_HELPS = r"配合|协办|协同|协助|协作|参与|参加|参建"
_LEADS = r"牵头|主责|主要责任|第一责任"
_LABEL = re.compile(
    rf"(?:(?P<leads>{_LEADS})|(?P<helps>{_HELPS})|(?P<does>责任|负责|实施|落实))(?:责任|负责|实施)?\s*(?:单位|部门|处室|机构)\s*[:：]"
)
_OTHER_LABEL = re.compile(r"[；;，,。\s]*(?:完成|办结|实施|推进)?(?:时限|时间|期限|进度)(?:要求)?\s*[:：]")
_ROLE = re.compile(
    r"(?:(?P<leads>(?:总)?牵头(?:负责|组织|落实|实施)*|主办|承办)"
    rf"|(?P<helps>(?:{_HELPS})(?:落实|实施|做好)?)"
    r"|(?P<does>(?:按|根据|依照)(?:照)?(?:各自)?(?:职责|职能)(?:分工)?(?:分别|共同|抓好)?(?:负责|落实|配合)?|(?:分别|共同|分工|具体|组织)?(?:负责|落实|实施)))$"
)
_UNIT = re.compile(
    r".{0,38}(?:[局委办厅部院会处署司府社队组行所站馆台协联区县市镇乡州]|中心|公司|集团|单位|部门|海关|税务|学校|高校|企业|机构|街道|开发区|新区|法院|团体)"
    r"(?:[（(〔].*[)）〕])?"
)
_NO_UNIT = re.compile(r"坚持|实行|建立|健全|完善|加强|强化|形成|落实|以上|上述|本[方意通规]|各项")
"""How words begin that only sound like a unit's name ("坚持政府牵头")."""

_BRACKETED = re.compile(r"[（(](?P<inner>(?:[^（）()]|[（(][^（）()]{0,100}[)）]){4,400})[)）]")
_NUMBER = re.compile(
    r"\s*(?:(?P<number>\d{1,3})\s*[.．、](?!\d)|[（(](?P<bracketed>\d{1,3})[)）]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])\s*"
)
_DEADLINE = re.compile(r"\d{4}年|\d月|底前|完成|推进|坚持|长期")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who leads and who helps; a line that names only those who help leads nothing."""

    lead: Units
    cooperating: Units


def read_assignment(bracketed: str) -> Assignment | None:
    """What the words of a bracket assign, "市教委牵头，市财政局配合" or "责任单位：市教委"; None for words that assign nothing."""
    return _labelled(bracketed) if _LABEL.search(bracketed) else _spoken(bracketed)


def assigned_tasks(text: str, headed: Sequence[Headed], outline: Sequence[Heading], document_id: str) -> tuple[Task, ...]:
    """The tasks of the paragraphs that end in an assignment, in order.

    `number` is the one written before the task, 0 where there is none. An assignment on a line of its own is that of the paragraphs above it,
    up to the assignment or the heading before.
    """
    reader = _Reader(text, outline, document_id)
    for item in headed:
        reader.take(item)
    return tuple(reader.tasks)


def numbered_through(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks with their written numbers where these tell them apart, else with their places among the tasks of the document."""
    written = [task.number for task in tasks]
    if 0 not in written and len(set(written)) == len(written):
        return tuple(tasks)
    return tuple(replace(task, number=place) for place, task in enumerate(tasks, start=1))


def _labelled(text: str) -> Assignment | None:
    """By labels: 责任单位 leads, unless a unit is said to lead before it."""
    labels = list(_LABEL.finditer(text))
    if not labels or text[: labels[0].start()].strip(" \t\n；;，,。"):
        return None
    ends = [label.start() for label in labels[1:]] + [len(text)]
    lead, cooperating = Units(), Units()
    for label, end in zip(labels, ends, strict=True):
        other = _OTHER_LABEL.search(text, label.end(), end)
        units = read_units(text[label.end() : other.start() if other else end])
        if label["helps"] or (label["does"] and lead.names):
            cooperating = _both(cooperating, units)
        else:
            lead = _both(lead, units)
    return Assignment(lead, cooperating) if lead.names or cooperating.names else None


def _spoken(text: str) -> Assignment | None:
    """By verbs: the units before 牵头 lead; those before 负责 do where none leads, and help where one does."""
    lead, does, helps, waiting = Units(), Units(), Units(), ""
    for segment in _segments(text):
        role = _ROLE.search(segment)
        if role is None:
            if not (lead.names or does.names) or not _DEADLINE.search(segment):
                waiting += segment + "、"
            continue
        units = read_units((waiting + segment[: role.start()]).removeprefix("由"))
        waiting = ""
        if not all(_UNIT.fullmatch(name) and not _NO_UNIT.match(name) for name in units.names):
            return None
        if role["leads"]:
            lead = _both(lead, units)
        elif role["helps"]:
            helps = _both(helps, units)
        else:
            does = _both(does, units)
    if waiting or not (lead.names or does.names):
        return None
    return Assignment(lead, _both(does, helps)) if lead.names else Assignment(does, helps)


def _segments(text: str) -> Iterator[str]:
    """The stretches between commas and semicolons that stand in no bracket."""
    segment, depth = "", 0
    for character in "".join(text.split()) + "；":
        depth += (character in "（(") - (character in "）)")
        if depth > 0 or character not in "，,；;。":
            segment += character
            continue
        if segment:
            yield segment
        segment = ""


def _both(first: Units, second: Units) -> Units:
    return Units(tuple(dict.fromkeys((*first.names, *second.names))), first.open_ended or second.open_ended)


def _assignments(stored: str) -> Iterator[tuple[int, int, Assignment]]:
    """Where the assignments of a paragraph stand: all of it, the brackets in it, or its last sentence with labels."""
    whole = _labelled(stored)
    if whole:
        yield 0, len(stored), whole
        return
    position = 0
    for bracket in _BRACKETED.finditer(stored):
        found = read_assignment(bracket["inner"])
        if found and found.lead.names:
            position = bracket.end()
            yield bracket.start(), position, found
    label = _LABEL.search(stored, position)
    found = _labelled(stored[label.start() :]) if label else None
    if label and found and found.lead.names:
        yield label.start(), len(stored), found


@dataclass(frozen=True, slots=True)
class _Words:
    """What a task says: its number (0 for none), the words behind it, and where number and words stand."""

    number: int
    text: str
    start: int
    span: Span


class _Reader:
    """Goes through the paragraphs; `_above` are those since the last heading or assignment."""

    def __init__(self, text: str, outline: Sequence[Heading], document_id: str) -> None:
        self.tasks: list[Task] = []
        self._text = text
        self._outline = outline
        self._document_id = document_id
        self._above: list[Headed] = []

    def take(self, item: Headed) -> None:
        if item.whole:
            self._above = [item]
            return
        stored, places = slice_spans(self._text, item.paragraph.spans), places_of(item.paragraph.spans)
        position = 0
        for start, end, found in _assignments(stored):
            words = _words(stored[position:start], places[position:start])
            if words:
                self._add(words, [item], found, places[end - 1] + 1)
            elif found.lead.names and self._above:
                self._add_above(found, places[end - 1] + 1)
            elif self.tasks and not self._text[self.tasks[-1].span.end : places[start]].strip():
                self._go_on(found, places[end - 1] + 1)
            position, self._above = end, []
        if position == 0 and not _OTHER_LABEL.match(stored):
            self._above.append(item)

    def _add_above(self, found: Assignment, end: int) -> None:
        """A task of the paragraphs above its assignment, or of the heading when nothing stands between them."""
        source = [item for item in self._above if not item.whole] or self._above
        spans = [span for item in source for span in item.paragraph.spans]
        words = _words("".join(self._text[span.start : span.end] for span in spans), places_of(spans))
        if words:
            self._add(words, source, found, end)

    def _go_on(self, found: Assignment, end: int) -> None:
        """A second line of units: 配合单位 below 责任单位."""
        task = self.tasks[-1]
        helps = _both(Units(task.cooperating_units, task.open_ended), _both(found.lead, found.cooperating))
        span = Span(task.span.start, end)
        self.tasks[-1] = replace(task, cooperating_units=helps.names, open_ended=helps.open_ended, span=span)

    def _add(self, words: _Words, source: Sequence[Headed], found: Assignment, end: int) -> None:
        self.tasks.append(
            Task(
                number=words.number,
                text=words.text,
                heading_path=self._path(source),
                lead_units=found.lead.names,
                cooperating_units=found.cooperating.names,
                lead_open_ended=found.lead.open_ended,
                open_ended=found.cooperating.open_ended,
                document_id=self._document_id,
                span=Span(words.start, end),
                text_span=words.span,
            )
        )

    def _path(self, source: Sequence[Headed]) -> tuple[str, ...]:
        """The headings above all of the paragraphs; a heading that one of them begins with is the task's own."""
        paths = []
        for item in source:
            heading = item.heading
            if heading is not None and self._outline[heading].span.start == item.paragraph.span.start:
                heading = self._outline[heading].parent
            paths.append(heading_path(self._outline, heading))
        return tuple(shared[0] for shared in takewhile(lambda at: len(set(at)) == 1, zip(*paths, strict=False)))


def _words(stored: str, places: Sequence[int]) -> _Words | None:
    """The words of a task in a stretch of the stored text; None where it has none."""
    number = _NUMBER.match(stored)
    begin = number.end() if number else 0
    words = stored[begin:]
    if not words.strip(" ，。；\n\t"):
        return None
    first, last = begin + len(words) - len(words.lstrip()), begin + len(words.rstrip())
    written = int(number["number"] or number["bracketed"] or 0) if number else 0
    opening = len(stored) - len(stored.lstrip())
    return _Words(written, mend(words), places[opening], Span(places[first], places[last - 1] + 1))
