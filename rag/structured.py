"""Answers that are complete because they are worked out over records: tasks by number, unit, role and section."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.types import Task
from index.segment import normal
from rag.question import Ask, Question
from rag.render import units_answer
from rag.types import CitationVia, Evidence, Mode, Statement

_OFFICE = re.compile(
    r"[\u4e00-\u9fff]{1,7}?(?:局|委|办|厅|院|总工会|妇联|残联|联合会|协会|供销社|集团|公司)(?=牵头|配合|负责|在|的|有|，|做|管|当|领|几|多少)"
)
"""What is named like a unit of government and given a part in tasks."""

SHORT_TASK = 40
"""Characters of a task's words in a list of several."""


MOST_UNITS = 6
"""Units named where several have the same count."""

MOST_CITED = 50


_ALONE = re.compile(r"单独|独自|独家|一家(?=扛|牵头|负责)")
_UNAIDED = re.compile(r"(?:没有?|无|不用|不需要?)(?:任何|列)?配合|配合单位(?:都|也)?(?:没有|空)")


@dataclass(frozen=True, slots=True)
class Role:
    """A way of being part of a task, by the names the documents use."""

    name: str
    verb: str


LEAD = Role("责任单位", "牵头")
COOPERATE = Role("配合单位", "配合")


class Tasks:
    """The numbered tasks of all documents."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tuple(tasks)
        self.units = tuple(dict.fromkeys(unit for task in tasks for unit in (*task.lead_units, *task.cooperating_units)))
        self._sections = {normal(heading): heading for task in tasks for heading in task.heading_path}

    @property
    def all(self) -> tuple[Task, ...]:
        """Every task, in order."""
        return self._tasks

    def by_number(self, number: int, document_id: str = "") -> Task | None:
        """The task of a number, of one document or of the first that has it."""
        return next((task for task in self._tasks if task.number == number and document_id in ("", task.document_id)), None)

    def of(self, unit: str, role: Role, question: str) -> list[Task]:
        """The tasks in which a unit has a role, in the chapter or section that the question names if it names one."""
        scope = self.section_in(question)
        members = [task for task in self._tasks if unit in _units_of(task, role) and (scope is None or scope in task.heading_path)]
        if _ALONE.search(question):
            members = [task for task in members if len(_units_of(task, role)) == 1]
        return [task for task in members if not task.cooperating_units] if _UNAIDED.search(question) else members

    def section_in(self, question: str) -> str | None:
        """The chapter or section that a question names by a stretch of its title, if one is named."""
        if not re.search(r"[章节]|部分|方面|里面?|中|板块|预期目标|重点工作|这一块|那块", question):
            return None
        part = re.search(r"第([一二三四五六])(?:大?部分|大块|大板块)", question)
        if part:
            chapters = list(dict.fromkeys(task.heading_path[0] for task in self._tasks))
            return next((chapter for chapter in chapters if chapter.startswith(f"{part[1]}、")), None)
        asked = re.sub(r"[\d年]", "", normal(question))
        best, length = None, 0
        for plain, heading in self._sections.items():
            title = re.sub(r"^[(（]?[一二三四五六七八九十]+[)）、]", "", plain)
            size = longest_common(title, asked)
            if size > length and (size >= 5 or size >= 0.6 * len(title)):
                best, length = heading, size
        return best

    def in_section(self, heading: str) -> list[Task]:
        return [task for task in self._tasks if heading in task.heading_path]


def answer_from_tasks(question: Question, tasks: Tasks) -> list[Statement]:
    """Statements for questions about tasks by number, by unit, or by section; none for other questions."""
    if question.ask is Ask.TASK_NUMBER:
        found = [task for number in question.task_numbers if (task := tasks.by_number(number))]
        return [_one_task(task, question) for task in found]
    if question.ask is Ask.MOST_TASKS:
        return _most(question, tasks)
    if question.ask in (Ask.COUNT_TASKS, Ask.LIST_TASKS):
        together = _together(question, tasks)
        return together or (_counts if question.ask is Ask.COUNT_TASKS else _lists)(question, tasks)
    if question.ask is Ask.COUNT_SECTION:
        return _sections(question, tasks)
    return []


def _sections(question: Question, tasks: Tasks) -> list[Statement]:
    """How many tasks the sections named hold; every chapter where the question asks for all of them; the difference of two."""
    if re.search(r"(?<!第)四(?:大块|个?部分)|各(?:部分|章|板块)|每个?(?:部分|章|板块)|几大块", question.text):
        headings = list(dict.fromkeys(task.heading_path[0] for task in tasks.all))
    else:
        headings = [h for part in re.split(r"[，,]|比", question.text) if (h := tasks.section_in(part + "节"))] or (
            [h] if (h := tasks.section_in(question.text)) else []
        )
    statements, counts = [], []
    for heading in dict.fromkeys(headings):
        members = tasks.in_section(heading)
        if "配合单位" in question.text and re.search(r"写了|有配合|列了", question.text):
            members = [task for task in members if task.cooperating_units]
            listed = "、".join(f"第{task.number}项" for task in members)
            text = f"“{heading}”中列有配合单位的任务共{len(members)}项：{listed}"
        else:
            text = f"“{heading}”共{len(members)}项任务（第{members[0].number}项至第{members[-1].number}项）"
        counts.append(len(members))
        statements.append(_worked_out(text, members, (str(len(members)), *(str(task.number) for task in members))))
    if len(counts) == 2 and re.search(r"比|差|多几|少几", question.text):
        result = abs(counts[0] - counts[1])
        text = f"相差{result}项（{max(counts)}-{min(counts)}={result}）"
        statements.append(Statement(text, statements[0].evidence[:1], 1.0, Mode.STRUCTURED, (str(result), *map(str, counts))))
    return statements


def names_unknown_unit(question: Question) -> bool:
    """Whether a question about tasks names a unit that takes part in none of them."""
    if question.units:
        return False
    return any(not re.search(r"哪|什么|各|多个|几", match[0]) for match in _OFFICE.finditer(question.text))


def responsible(task: Task, question: Question, confidence: float) -> Statement:
    """Who leads a task and who cooperates, as far as the question asks."""
    both = question.lead == question.cooperating
    answer = units_answer(task, lead=question.lead or both, cooperating=question.cooperating or both)
    text = f"第{task.number}项“{_short(task.text)}”，{answer}"
    return Statement(text, (_evidence(task, confidence),), confidence, Mode.STRUCTURED, (str(task.number),))


def _counts(question: Question, tasks: Tasks) -> list[Statement]:
    statements = []
    totals: list[tuple[str, int]] = []
    roles = _roles(question)
    for unit in question.units:
        for role in roles:
            members = tasks.of(unit, role, question.text)
            totals.append((f"{unit}{role.verb}", len(members)))
            scope = tasks.section_in(question.text)
            place = f"在“{scope}”中" if scope else ""
            numbers = "、".join(str(task.number) for task in members[:12]) + ("等" if len(members) > 12 else "")
            listed = f"（第{numbers}项）" if members else ""
            text = f"{unit}{place}{role.verb}{len(members)}项{listed}"
            statements.append(_worked_out(text, members, (str(len(members)), *(str(task.number) for task in members))))
    statements = [statement for statement in statements if statement.evidence]
    if len(totals) == 2 and statements:
        statements += _compared(question.text, totals, statements[0].evidence[:1])
    return statements


def _compared(text: str, totals: Sequence[tuple[str, int]], evidence: tuple[Evidence, ...]) -> list[Statement]:
    """The sum or the difference of two counts, where the question asks for one."""
    (more, most), (less, least) = sorted(totals, key=lambda total: -total[1])
    if re.search(r"加起来|加一起|合计|一共|总共|合起来", text):
        result, said = most + least, f"合计{most + least}项（{totals[0][1]}+{totals[1][1]}={most + least}）"
    elif not re.search(r"差|比|多|少|哪个|谁", text):
        return []
    elif most == least:
        result, said = 0, f"两者相同，都是{most}项"
    else:
        result, said = most - least, f"{more}比{less}多{most - least}项（{most}-{least}={most - least}）"
    return [Statement(said, evidence, 1.0, Mode.STRUCTURED, (str(most), str(least), str(result)))]


def _together(question: Question, tasks: Tasks) -> list[Statement]:
    """The tasks that several units share: led by all of them, or led by the first with the other's help; none for other questions."""
    if len(question.units) < 2:
        return []
    first, *others = question.units
    if re.search(r"牵头.*配合", question.text) and not re.search(r"分别|各", question.text):
        members = [task for task in tasks.of(first, LEAD, question.text) if set(others) <= set(task.cooperating_units)]
        text = f"{first}牵头、{'、'.join(others)}配合的任务"
    elif re.search(r"共同|一起|联合|同时|都", question.text):
        role = _roles(question)[0]
        members = [task for task in tasks.of(first, role, question.text) if set(others) <= set(_units_of(task, role))]
        text = f"{'、'.join(question.units)}共同{role.verb}的任务"
    else:
        return []
    if not members:
        own = tasks.of(first, LEAD, "") or tasks.of(first, COOPERATE, "")
        return [_worked_out(f"分解方案中没有{text}", own[:1], ())]
    items = "；".join(f"{task.number}.{_short(task.text)}" for task in members)
    listed = items if question.ask is Ask.LIST_TASKS else f"第{'、'.join(str(task.number) for task in members)}项"
    return [_worked_out(f"{text}共{len(members)}项：{listed}", members, (str(len(members)), *(str(task.number) for task in members)))]


def _most(question: Question, tasks: Tasks) -> list[Statement]:
    """Which units have most tasks in a role, or fewest, with their counts."""
    role = _roles(question)[0]
    counts = Counter(unit for task in tasks.all for unit in _units_of(task, role))
    if not counts:
        return []
    fewest = "最少" in question.text
    edge = min(counts.values()) if fewest else max(counts.values())
    units = sorted(unit for unit, count in counts.items() if count == edge)
    members = [task for task in tasks.all if set(units) & set(_units_of(task, role))]
    named = "、".join(units[:MOST_UNITS]) + (f"等{len(units)}个单位" if len(units) > MOST_UNITS else "")
    text = f"{role.verb}任务最{'少' if fewest else '多'}的是{named}，{edge}项"
    return [_worked_out(text, members[:MOST_CITED], (str(edge), str(len(units))))]


def _units_of(task: Task, role: Role) -> tuple[str, ...]:
    """The units in a role; one with a second name in brackets ("市委宣传部(市版权局)") under its first."""
    units = task.lead_units if role is LEAD else task.cooperating_units
    return tuple(re.sub(r"[(（].*", "", unit) for unit in units)


def _lists(question: Question, tasks: Tasks) -> list[Statement]:
    statements = []
    for unit in question.units:
        for role in _roles(question):
            members = tasks.of(unit, role, question.text)
            if members:
                items = "；".join(f"{task.number}.{_short(task.text)}" for task in members)
                text = f"{unit}{role.verb}{len(members)}项：{items}"
                statements.append(_worked_out(text, members, (str(len(members)), *(str(task.number) for task in members))))
    return statements


def _roles(question: Question) -> tuple[Role, ...]:
    if _UNAIDED.search(question.text):
        return (LEAD,)
    if question.lead == question.cooperating:
        return (LEAD, COOPERATE)
    return (LEAD,) if question.lead else (COOPERATE,)


def _one_task(task: Task, question: Question) -> Statement:
    if question.lead or question.cooperating:
        return responsible(task, question, 1.0)
    return Statement(f"第{task.number}项：{task.text}", (_evidence(task, 1.0),), 1.0, Mode.STRUCTURED, (str(task.number),))


def _worked_out(text: str, members: Sequence[Task], computed: tuple[str, ...]) -> Statement:
    return Statement(text, tuple(_evidence(task, 1.0) for task in members), 1.0, Mode.STRUCTURED, computed)


def _evidence(task: Task, score: float) -> Evidence:
    return Evidence(task.document_id, task.span, CitationVia.TASK, score)


def _short(text: str) -> str:
    """A task's words, cut where a clause ends: a figure cut in two would be another one."""
    plain = text.rstrip("。")
    if len(plain) <= SHORT_TASK:
        return plain
    ends = [match.start() for match in re.finditer(r"[，；。、]", plain[:SHORT_TASK])]
    return (plain[: ends[-1]] if ends else re.sub(r"[\d.∶:%]+$", "", plain[: SHORT_TASK - 1])) + "…"


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
