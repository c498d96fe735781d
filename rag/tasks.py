"""The numbered tasks of the documents: by number, by unit and role, by section."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.types import Task
from index.segment import normal
from rag.question import LAST


@dataclass(frozen=True, slots=True)
class Role:
    """A way of being part of a task, by the names the documents use."""

    name: str
    verb: str


LEAD = Role("责任单位", "牵头")
COOPERATE = Role("配合单位", "配合")

_PART = re.compile(r"第([一二三四五六])(?:个?(?:大?部分|大块|大?板块))")
_PLACE = re.compile(r"[章节]|部分|方面|里面?|中|板块|预期目标|重点工作|[这那]一?块|任务里")
_NUMBER_OF_HEADING = re.compile(r"^[(（]?[一二三四五六七八九十]+[)）、]")


class Tasks:
    """The numbered tasks of all documents."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.all = tuple(tasks)
        self.units = tuple(dict.fromkeys(unit for task in tasks for unit in (*task.lead_units, *task.cooperating_units)))
        self.chapters = tuple(dict.fromkeys(task.heading_path[0] for task in tasks if task.heading_path))
        self._by_place: dict[str, list[Task]] = {}
        for task in sorted(tasks, key=lambda task: task.span.start):
            self._by_place.setdefault(task.document_id, []).append(task)
        self._titles = {heading: _undated(title_of(heading)) for task in tasks for heading in task.heading_path}

    def by_number(self, number: int, document_id: str = "") -> Task | None:
        """The task of a number, of one document or of the first that has it; the last of all for `LAST`."""
        if number == LAST:
            return max(self.all, key=lambda task: task.number, default=None)
        return next((task for task in self.all if task.number == number and document_id in ("", task.document_id)), None)

    def at(self, document_id: str, position: int) -> Task | None:
        """The task in whose text a stored character stands."""
        tasks = self._by_place.get(document_id, [])
        before = bisect_right(tasks, position, key=lambda task: task.span.start) - 1
        return tasks[before] if before >= 0 and position < tasks[before].span.end else None

    def knows(self, unit: str) -> bool:
        """Whether a unit takes part in any task."""
        return unit in map(_first_name, self.units)

    def section_in(self, text: str) -> str | None:
        """The chapter or section that a text names by a stretch of its title or by its number, if one is named."""
        part = _PART.search(text)
        if part:
            return next((chapter for chapter in self.chapters if chapter.startswith(f"{part[1]}、")), None)
        if not _PLACE.search(text):
            return None
        asked = _undated(text)
        best, length = None, 0
        for heading, title in self._titles.items():
            size = longest_common(title, asked)
            if size > length and (size >= 5 or size >= 0.6 * len(title)):
                best, length = heading, size
        return best or self._by_words(asked)

    def _by_words(self, asked: str) -> str | None:
        """The one section whose title alone holds words of four characters that the text names."""
        words = [asked[start : start + 4] for start in range(len(asked) - 3)]
        found = {heading for heading, title in self._titles.items() if any(word in title for word in words)}
        return found.pop() if len(found) == 1 else None

    def in_section(self, heading: str) -> list[Task]:
        return [task for task in self.all if heading in task.heading_path]

    def sections_of(self, chapter: str | None) -> tuple[str, ...]:
        """The sections of a chapter, the chapters where none is given."""
        if chapter is None:
            return self.chapters
        return tuple(dict.fromkeys(task.heading_path[1] for task in self.in_section(chapter) if len(task.heading_path) > 1))


def _undated(text: str) -> str:
    return re.sub(r"[\d年]", "", normal(text))


def title_of(heading: str) -> str:
    """A heading without its number."""
    return _NUMBER_OF_HEADING.sub("", heading)


def units_of(task: Task, role: Role) -> tuple[str, ...]:
    """The units in a role; one with a second name in brackets ("市委宣传部(市版权局)") under its first."""
    units = task.lead_units if role is LEAD else task.cooperating_units
    return tuple(map(_first_name, units))


def _first_name(unit: str) -> str:
    return re.sub(r"[(（].*", "", unit)


def longest_common(left: str, right: str) -> int:
    """Length of the longest stretch that two texts share."""
    best = 0
    row = [0] * (len(right) + 1)
    for character in left:
        previous = 0
        for position, other in enumerate(right, start=1):
            current = row[position]
            row[position] = previous + 1 if character == other else 0
            best = max(best, row[position])
            previous = current
    return best
