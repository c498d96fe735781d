"""Answers that are complete because they are worked out over records: tasks by number, unit, role and section.

A question is read clause by clause; what a clause leaves out (the unit, the role, the section) is that of the clause before.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.types import Task
from index.segment import normal
from rag.lexicon import Lexicon
from rag.question import COOPERATE_WORDS, LEAD_WORDS, Ask, Question, thing_of
from rag.render import units_answer
from rag.tasks import COOPERATE, LEAD, Role, Tasks, title_of, units_of
from rag.types import CitationVia, Evidence, Mode, Statement

SHORT_TASK = 40
"""Characters of a task's words in a list of several."""

SHORTEST_MATTER = 4
"""Characters that tell, at least, what somebody is responsible for."""

MOST_UNITS = 6
"""Units named where several have the same count."""

MOST_CITED = 50

MOST_NUMBERS = 8
"""Numbers of tasks named beside their count, where the tasks themselves are not asked for."""

_OFFICE = re.compile(
    r"[\u4e00-\u9fff]{1,7}?(?:局|委|办|厅|院|总工会|妇联|残联|联合会|协会|供销社|集团|公司)(?=牵头|配合|负责|在|的|有|，|做|管|当|领|几|多少|[和与跟同、]|共同|一起|联合)"
)
"""What is named like a unit of government and given a part in tasks."""

_TAKES_PART = re.compile(r"(?:在[^，,。；;？?]{0,12})?(?:牵头|配合|负责|管|做|当|领|共同|一起|联合)")

_ALONE = re.compile(r"单独(?!或|还是|和|与)|独自|独家|(?:自己)?一家(?:扛|牵头|负责|干|单干)|单挑|没拉别|只(?:写|列|有)了?[它一]")
_MATTER_ASKED = re.compile(r"什么[事内任工]|啥[事活]|内容|[讲写]的?(?:什么|啥)|是(?:什么|啥)")
_UNAIDED = re.compile(
    r"(?:没有?|无|不)(?:用|需要?|写|列|带|给)?(?:任何|别的|其他)?(?:列)?(?:配合|帮手)(?:单位)?|配合单位(?:都|也)?(?:没[有写列得]|不[写列]|空)"
)
_AIDED = re.compile(r"(?:写了|列了|有|带)(?:的)?配合")
_JOINTLY = "共同|一起|一块儿?|一道|联合|一同|合伙"
_TOGETHER = re.compile(f"{_JOINTLY}|同时|并列|都")
_WITH = re.compile(f"[和与跟同].+(?:{_JOINTLY})")
_SEPARATELY = re.compile(r"分别|各自|各(?:牵|配|有|是)")
_CLAUSE = re.compile(r"[，,；;。？?：:]|(?=其中|里头|里面属于|又)")
_SENTENCE = re.compile(r"[；;。？?]")
_CLAUSE_END = re.compile(r"[，,；;。？?]")
_WHO_ELSE = re.compile(r"的?[又也还]?是谁$")
"""What asks of a second matter who leads it."""

_OF_ONE_UNIT = re.compile(
    r"^(?P<one>[^，,。；;？?]{3,20}?)(?:和|跟|与)(?P<other>[^，,。；;？?]{3,20}?)[，,]?(?:这两[件项个]事?)?(?:[，,]|都)?"
    r"(?:牵头|负责|责任|主管)?的?(?:单位|部门)?(?:是不是|是否|是)?(?:归|由)?(?:(?:同?一|哪同一)[家个](?:单位|部门)?(?:管|牵头|负责|抓|主管)|一样不一样|一样吗|相同吗|是不是一样|是不是同一[家个])"
)
_OF_TWO = re.compile(
    r"^(?!.*(?:单位|配合))(?P<one>[^，,、。；;？?谁哪]{4,24})(?:、|，|,|和|跟)(?P<other>[^，,、。；;？?谁哪]{4,24})[，,]?(?:这?[两俩二][件个项样块]?(?:事儿?)?)?"
    r"(?:分别|各自?)(?:都?是?(?:由|归)?)?(?:谁|哪[个家](?:单位|部门)?)(?:负责|牵头|管|抓|在?办|的责任)?[？?]?$"
)
_HOW_MANY = re.compile(r"多少|几(?!乎|年|月|号)|总共|一共|共(?!同)")
_ITEMS = re.compile(r"编号|[管干做][啥什]|哪几|哪些|啥事|什么事|是什么|有啥|列出|列一下|都是|分别是|具体|哪\w?项")
_REST = re.compile(r"剩下|其余|剩余|没它|不是它|没有它|另外")
_RANGE = re.compile(r"第?(\d{1,3})项?\s*(?:到|至|—|-|~)\s*第?(\d{1,3})项?")
_ON_A_MATTER = re.compile(
    r"[和跟与同](?P<beside>[^\W\d和跟与同]{2,10}?)(?:有关|相关|沾边|挂钩)(?!部门|单位|方)|(?:涉及到?|关于|提到|提及)了?(?P<named>[^\W\d的]{2,10}?)(?=的|任务|$|[？?，,。；;])|(?P<of>[^\W\d]{2,8}?)方面的?任务"
)
"""Words that ask for the tasks which speak of something."""

_UNITS_COUNTED = re.compile(r"(?:多少|(?<!哪)几)[家个]")
_MOST = re.compile(r"最多")
_FEWEST = re.compile(r"最少")
_SECOND = re.compile(r"第二多|第二[位名是]|其次|前[二三两]")
_GROUPED_BY_SECTION = re.compile(r"哪一?个?(?:小?节|部分|章|大?块|方面|板块)")
_EACH_SECTION = re.compile(r"(?<!第)四(?:大块|个?部分)|各(?:部分|章|板块)|每个?(?:部分|章|板块)|几大块")
_SUMMED = re.compile(r"加起来|加一起|加一块|合计|合起来|合到一|加总")
_COMPARED = re.compile(r"差|比|多几|少几|多多少|少多少|哪个多|谁多|谁更|哪家多|哪个更")


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause asks of the tasks: whose, in which role, where, on what matter, and whether how many or which."""

    text: str
    units: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    section: str | None = None
    numbers: tuple[int, int] | None = None
    matter: str = ""
    how_many: bool = False
    items: bool = False
    rest: bool = False

    @property
    def asks(self) -> bool:
        return self.how_many or self.items or self.rest


def answer_from_tasks(question: Question, tasks: Tasks, lexicon: Lexicon) -> list[Statement]:
    """Statements for questions about tasks by number, by unit, or by section; none for other questions."""
    if question.ask is Ask.TASK_NUMBER:
        found = [task for number in question.task_numbers if (task := tasks.by_number(number))]
        return [_one_task(task, question) for task in found]
    if question.ask is Ask.MOST_TASKS:
        return _most(question, tasks)
    if question.ask in (Ask.COUNT_TASKS, Ask.LIST_TASKS, Ask.COUNT_SECTION) and not names_unknown_unit(question, lexicon):
        return _of_clauses(question, tasks, lexicon)
    return []


def tasks_in_the_other_role(question: Question, tasks: Tasks, lexicon: Lexicon) -> list[Statement]:
    """That a unit has no task in the role that is asked for, and those that it has in the other; none for other questions."""
    asks = question.ask in (Ask.COUNT_TASKS, Ask.LIST_TASKS)
    clauses = _clauses(question, tasks, lexicon) if asks and not names_unknown_unit(question, lexicon) else []
    if len(clauses) != 1 or len(clauses[0].units) != 1 or len(clauses[0].roles) != 1:
        return []
    clause, unit, role = clauses[0], clauses[0].units[0], clauses[0].roles[0]
    narrower = clause.section or clause.matter or clause.numbers or _ALONE.search(clause.text) or _UNAIDED.search(clause.text)
    other = COOPERATE if role is LEAD else LEAD
    members = [task for task in tasks.all if unit in units_of(task, other)]
    if narrower or not members or any(unit in units_of(task, role) for task in tasks.all):
        return []
    return [_worked_out(f"分解方案中没有{unit}{role.verb}的任务", members[:1], ()), _said(clause, f"{unit}{other.verb}", members)]


def names_unknown_unit(question: Question, lexicon: Lexicon) -> bool:
    """Whether a question about tasks names a unit that takes part in none of them: alone, or as one that shares tasks with a known one."""
    if question.units and not _TOGETHER.search(question.text):
        return False
    offices = [match for match in _OFFICE.finditer(question.text) if not re.search(r"哪|什么|各|多个|几", match[0])]
    if question.ask is Ask.RESPONSIBLE:
        # Who is asked for may be responsible for an institute that is to be built: that takes part in no task either.
        offices = [office for office in offices if _TAKES_PART.match(question.text, office.end())]
    return any(not lexicon.units_in(office[0]) for office in offices)


def sentences_of_tasks(question: Question) -> list[Question]:
    """What a question asks about several tasks, each as a question of its own and of the question's years: its sentences or clauses where each asks
    who leads something of its own, or the two things of which it asks whether one unit leads both; none for a question about one."""
    both = _OF_ONE_UNIT.search(question.text) or _OF_TWO.search(question.text)
    if both:
        return [replace(question, text=f"{both[side]}由谁牵头", lead=True, cooperating=False) for side in ("one", "other")]
    pieces = [_pieces(cut, question.text) for cut in (_SENTENCE, _CLAUSE_END)]
    texts = next((texts for texts in pieces if len(texts) > 1 and all(map(_asks_who_leads, texts))), [])
    return [replace(question, text=text, lead=True, cooperating=bool(COOPERATE_WORDS.search(text))) for text in texts]


def matters_in(text: str) -> list[str]:
    """The clauses of a question about who leads that name a matter; none where there is only one clause."""
    pieces = _pieces(_CLAUSE_END, text)
    return [piece for piece in pieces if len(thing_of(LEAD_WORDS.sub("", piece))) >= SHORTEST_MATTER] if len(pieces) > 1 else []


def _pieces(cut: re.Pattern[str], text: str) -> list[str]:
    """What a text is cut into, without what is empty."""
    return [piece for piece in map(str.strip, cut.split(text)) if piece]


def _asks_who_leads(text: str) -> bool:
    """Whether a piece of a question asks who leads something that it names itself."""
    matter = thing_of(COOPERATE_WORDS.sub("", LEAD_WORDS.sub("", text)))
    return len(matter) >= SHORTEST_MATTER and bool(LEAD_WORDS.search(text) or _WHO_ELSE.search(text))


def responsible(task: Task, question: Question, confidence: float, *, whole: bool = False) -> Statement:
    """Who leads a task and who cooperates, as far as the question asks, behind the task's words, `whole` or cut short."""
    both = question.lead == question.cooperating
    answer = units_answer(task, lead=question.lead or both, cooperating=question.cooperating or both)
    counts = _counts_of_units(task, question)
    told = f"{_number_and_text(task).rstrip('。')}；" if whole else f"第{task.number}项“{_short(task.text)}”，"
    text = told + answer + "".join(f"；{words}{count}家" for words, count in counts)
    return Statement(text, (_evidence(task, confidence),), confidence, Mode.STRUCTURED, (str(task.number), *(str(n) for _, n in counts)))


def _counts_of_units(task: Task, question: Question) -> list[tuple[str, int]]:
    """How many units lead a task or cooperate in it, and how many of them govern districts, as far as the question asks how many."""
    if not _UNITS_COUNTED.search(question.text):
        return []
    roles = [("责任单位", task.lead_units, question.lead), ("配合单位", task.cooperating_units, question.cooperating)]
    counts = []
    for words, units, asked in roles:
        if asked and units:
            districts = [unit for unit in units if unit.endswith("区政府")]
            counts += [(f"{words}共", len(units))] + ([("其中区政府", len(districts))] if "区政府" in question.text else [])
    return counts


def _of_clauses(question: Question, tasks: Tasks, lexicon: Lexicon) -> list[Statement]:
    """A statement for each thing that the clauses ask, and the sum or the difference of two counts where one is asked for."""
    statements: list[Statement] = []
    totals: list[tuple[str, int]] = []
    before: list[Task] = []
    clauses = _clauses(question, tasks, lexicon)
    for clause in clauses:
        scope = _scope(clause, tasks)
        groups = [("其余", [task for task in scope if task not in before])] if clause.rest else _groups(clause, scope, tasks)
        for words, before in groups:
            if before:
                statements.append(_said(clause, words, before))
            if before or any(map(tasks.knows, clause.units)):
                totals.append((words, len(before)))
    if not statements and len(clauses) == 1 and len(clauses[0].units) > 1 and totals:
        return _none_shared(clauses[0], totals[0][0], tasks)
    if len(totals) == 2 and len({words for words, _ in totals}) == 2 and statements:
        statements += _compared(question.text, totals, statements[0].evidence[:1])
    return statements


def _clauses(question: Question, tasks: Tasks, lexicon: Lexicon) -> list[Clause]:
    """The clauses that ask something; where only what is left out differs, a later one takes it from the one before."""
    known = Clause(question.text)
    asking: list[Clause] = []
    for text in filter(None, _CLAUSE.split(question.text)):
        text = text.strip()
        place = lexicon.expanded(text) + "节" * (question.ask is Ask.COUNT_SECTION)
        units = lexicon.units_in(text) or tuple(unit for unit in lexicon.governments_in(text) if unit in question.units)
        if asking and units and _WITH.search(text):
            units = tuple(dict.fromkeys((*known.units, *units)))
        numbers = _RANGE.search(text)
        goes_on = bool(asking) and text.endswith("呢")
        known = replace(
            known,
            text=text,
            units=units or known.units,
            roles=_roles_in(text) or known.roles,
            section=tasks.section_in(place) or known.section,
            numbers=(int(numbers[1]), int(numbers[2])) if numbers else known.numbers,
            matter=_matter_in(text) or known.matter,
            how_many=bool(_HOW_MANY.search(text)) or (goes_on and asking[-1].how_many),
            items=bool(_ITEMS.search(text)) or (goes_on and asking[-1].items),
            rest=bool(_REST.search(text) and asking),
        )
        narrower = known.rest or any(words.search(text) for words in (_ALONE, _UNAIDED, _AIDED))
        same = asking and not narrower and _whose(known) == _whose(asking[-1])
        if same and (known.items or known.how_many):
            asking[-1] = replace(asking[-1], how_many=asking[-1].how_many or known.how_many, items=asking[-1].items or known.items)
        elif known.asks:
            asking.append(known)
    if len(asking) > 1:
        return asking
    listed = question.ask is Ask.LIST_TASKS
    only = asking[0] if asking else replace(known, how_many=not listed, items=listed)
    return [replace(only, text=question.text)]


def _whose(clause: Clause) -> tuple[object, ...]:
    """What a clause asks about, apart from whether how many or which."""
    return clause.units, clause.roles, clause.section, clause.numbers, clause.matter


def _matter_in(text: str) -> str:
    """What a clause says that the tasks shall speak of; empty where it says nothing of it."""
    asked = _ON_A_MATTER.search(text)
    return (asked["beside"] or asked["named"] or asked["of"]) if asked else ""


def _roles_in(text: str) -> tuple[Role, ...]:
    plain = _UNAIDED.sub("", text)
    lead, helping = bool(LEAD_WORDS.search(plain)), bool(COOPERATE_WORDS.search(plain))
    if plain != text and not helping:
        return (LEAD,)
    return (*([LEAD] if lead else []), *([COOPERATE] if helping else []))


def _scope(clause: Clause, tasks: Tasks) -> list[Task]:
    """The tasks of the section, the numbers and the matter that a clause names."""
    members = tasks.in_section(clause.section) if clause.section else list(tasks.all)
    if clause.matter:
        members = [task for task in members if normal(clause.matter) in normal(task.text)]
    if clause.numbers:
        members = [task for task in members if clause.numbers[0] <= task.number <= clause.numbers[1]]
    if _ALONE.search(clause.text):
        members = [task for task in members if len(units_of(task, LEAD)) == 1]
    return [task for task in members if not task.cooperating_units] if _UNAIDED.search(clause.text) else members


def _groups(clause: Clause, scope: Sequence[Task], tasks: Tasks) -> list[tuple[str, list[Task]]]:
    """The tasks that a clause asks for, each group behind the words that name it."""
    place = f"“{title_of(clause.section)}”" if clause.section else ""
    if clause.matter:
        place += f"提到“{clause.matter}”的任务"
    if clause.matter and not clause.units:
        return [(place, list(scope))]
    if not clause.units:
        sections = tasks.chapters if _EACH_SECTION.search(clause.text) else _sections_named(clause, tasks)
        aided = bool(_AIDED.search(clause.text))
        return [
            (
                f"“{title_of(section)}”" + ("中列有配合单位的任务" if aided else ""),
                [task for task in tasks.in_section(section) if not aided or task.cooperating_units],
            )
            for section in sections
        ]
    roles = clause.roles or (LEAD, COOPERATE)
    first, *others = clause.units
    within = f"在{place}中" if place else ""
    if others and len(roles) == 2 and re.search(r"牵头.*配合", clause.text) and not _SEPARATELY.search(clause.text):
        members = [task for task in scope if first in units_of(task, LEAD) and set(others) <= set(units_of(task, COOPERATE))]
        return [(f"{within}{first}牵头、{'、'.join(others)}配合的任务", members)]
    if others and _TOGETHER.search(clause.text) and not _SUMMED.search(clause.text):
        members = [task for task in scope if set(clause.units) <= set(units_of(task, roles[0]))]
        return [(f"{within}{'、'.join(clause.units)}共同{roles[0].verb}的任务", members)]
    alone = "单独" * bool(_ALONE.search(clause.text))
    unaided = "、没有配合单位的任务" * bool(_UNAIDED.search(clause.text))
    return [
        (f"{unit}{within}{alone}{role.verb}{unaided}", [task for task in scope if unit in units_of(task, role)])
        for unit in clause.units
        for role in roles
    ]


def _sections_named(clause: Clause, tasks: Tasks) -> list[str]:
    named = [section for part in re.split(r"[和与跟、]|比", clause.text) if (section := tasks.section_in(part + "节"))]
    return list(dict.fromkeys(named)) if len(named) > 1 else [clause.section] if clause.section else []


def _said(clause: Clause, words: str, members: Sequence[Task]) -> Statement:
    """How many tasks, with their numbers or, where they are asked for, with their words."""
    count = f"{words}{'共' if words.endswith(('任务', '”')) else ''}{len(members)}项"
    numbers = [task.number for task in members]
    if clause.items and "编号" not in clause.text and not (clause.how_many and len(members) > MOST_NUMBERS):
        listed = "：" + "；".join(f"{task.number}.{_short(task.text)}" for task in members)
    elif len(members) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        listed = f"（第{numbers[0]}项至第{numbers[-1]}项）"
    else:
        shown = numbers if clause.items else numbers[:MOST_NUMBERS]
        listed = f"（第{'、'.join(map(str, shown))}{'等' if len(shown) < len(numbers) else ''}项）" if members else ""
    return _worked_out(count + listed, members, (str(len(members)), *map(str, numbers)))


def _none_shared(clause: Clause, words: str, tasks: Tasks) -> list[Statement]:
    """That known units share no task, where `words` name all that the clause asks for; beside a task of the first unit."""
    if clause.numbers or _UNAIDED.search(clause.text) or not words.endswith("任务") or not all(map(tasks.knows, clause.units)):
        return []
    own = [task for role in (LEAD, COOPERATE) for task in tasks.all if clause.units[0] in units_of(task, role)]
    return [_worked_out(f"分解方案中没有{words}", own[:1], ())]


def _compared(text: str, totals: Sequence[tuple[str, int]], evidence: tuple[Evidence, ...]) -> list[Statement]:
    """The sum or the difference of two counts, where the question asks for one."""
    (more, most), (less, least) = sorted(totals, key=lambda total: -total[1])
    if _SUMMED.search(text):
        result, said = most + least, f"合计{most + least}项（{totals[0][1]}+{totals[1][1]}={most + least}）"
    elif not _COMPARED.search(text):
        return []
    elif most == least:
        result, said = 0, f"两者相同，都是{most}项"
    else:
        result, said = most - least, f"{more}比{less}多{most - least}项（{most}-{least}={most - least}）"
    return [Statement(said, evidence, 1.0, Mode.STRUCTURED, (str(most), str(least), str(result)))]


def _most(question: Question, tasks: Tasks) -> list[Statement]:
    """Which units or sections have most tasks, or fewest, with their counts."""
    by_section = _GROUPED_BY_SECTION.search(question.text)
    chapter = next((chapter for chapter in [tasks.section_in(question.text)] if chapter in tasks.chapters), None)
    role = next(iter(_roles_in(question.text)), LEAD)
    if by_section:
        counts = Counter({section: len(tasks.in_section(section)) for section in tasks.sections_of(chapter)})
        named = {section: f"“{title_of(section)}”" for section in counts}
    else:
        counts = Counter(unit for task in tasks.all for unit in units_of(task, role))
        named = {unit: unit for unit in counts}
    edges = [("多", -1)] * bool(_MOST.search(question.text)) + [("少", 1)] * bool(_FEWEST.search(question.text))
    statements = []
    for word, sign in edges:
        levels = sorted(set(counts.values()), key=lambda count: sign * count)[: 2 if _SECOND.search(question.text) else 1]
        for place, level in enumerate(levels):
            keys = sorted(key for key, count in counts.items() if count == level)
            members = [t for t in tasks.all if any(key in (t.heading_path if by_section else units_of(t, role)) for key in keys)]
            who = "、".join(named[key] for key in keys[:MOST_UNITS]) + (f"等{len(keys)}个单位" if len(keys) > MOST_UNITS else "")
            whose = "任务" if by_section else f"{role.verb}任务"
            lead = f"{whose}最{word}的是" if place == 0 else "其次是"
            statements.append(_worked_out(f"{lead}{who}，{level}项", members[:MOST_CITED], (str(level), str(len(keys)))))
    return statements


def _one_task(task: Task, question: Question) -> Statement:
    if question.lead or question.cooperating:
        return responsible(task, question, 1.0, whole=_MATTER_ASKED.search(question.text) is not None)
    return Statement(_number_and_text(task), (_evidence(task, 1.0),), 1.0, Mode.STRUCTURED, (str(task.number),))


def _number_and_text(task: Task) -> str:
    return f"第{task.number}项：{task.text}"


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
