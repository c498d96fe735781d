"""Readings made from records: who answers for a task, the cells of the indicator tables, the outline.

They are made when the index is built, so that tasks, tables and outlines are found by the same search as readings written by a reader.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from corpus.clean import mend, mend_row
from corpus.readings import TaskMatter
from corpus.types import Heading, Measure, MeasureKind, ReadDocument, Reading, Span, Task, Via

READER = "rendered-1"

_QUALIFIER = re.compile(r"^([≥≤＜＞<>]?)(-?[\d.]+)(.*)$")


def task_readings(document: ReadDocument, matters: Sequence[TaskMatter]) -> Iterator[Reading]:
    """One reading a task: its forms are the task's words and the everyday words for its matter; its answer names the units."""
    phrases = {matter.number: matter.phrases for matter in matters}
    for task in document.tasks:
        yield Reading(
            id=f"{task.document_id}-t-{task.number:04d}",
            document_id=task.document_id,
            question=task.text,
            paraphrases=phrases.get(task.number, ()),
            answer=units_answer(task),
            quotes=(mend(document.document.text[task.span.start : task.span.end]),),
            spans=(task.span,),
            type="responsibility",
            years=task_years(task),
            reader=READER,
            via=Via.TASK,
            ref=str(task.number),
        )


def units_answer(task: Task, lead: bool = True, cooperating: bool = True) -> str:
    """Who leads and who cooperates, in the document's order; 等 where its list is open."""
    parts = []
    if lead:
        parts.append("牵头（责任单位）：" + "、".join(task.lead_units) + ("等" if task.lead_open_ended else ""))
    if cooperating:
        names = "、".join(task.cooperating_units) + ("等" if task.open_ended else "")
        parts.append("配合单位：" + names if task.cooperating_units else "没有列配合单位")
    return "；".join(parts)


def task_years(task: Task) -> tuple[int, ...]:
    """2025 for the tasks of the five-year chapter, else the year that the chapter names."""
    years = re.findall(r"20\d\d", "".join(task.heading_path))
    return (2025,) if "十四五" in "".join(task.heading_path[:1]) else tuple(sorted({int(year) for year in years}))


def measure_readings(document: ReadDocument) -> Iterator[Reading]:
    """A reading for every cell of an indicator, and one for target and result together where a year has both."""
    for row, cells_of_row in groupby(document.measures, key=lambda m: m.row):
        cells = tuple(cells_of_row)
        for number, cell in enumerate(cells):
            yield _measure_reading(document, (cell,), f"{row.start}-{number}")
        if len(cells) > 1:
            yield _measure_reading(document, cells, f"{row.start}")


def value_text(measure: Measure) -> str:
    """A cell's value as one says it, and as written where that differs; a sign with the note that explains it."""
    value = measure.value
    if not value:
        return "表中空缺"
    if not any(character.isdigit() for character in value):
        return f"“{value}”" + (f"（{_note_of(measure)}）" if measure.note else "")
    written = as_written(measure)
    return said_value(value, measure.unit) + (f"（表中写作“{written}”）" if written else "")


def as_written(measure: Measure) -> str:
    """The value of a cell that has more than a number, where one says it otherwise; else empty."""
    value = measure.value
    qualified = any(character.isdigit() for character in value) and (not value.strip("【】*")[-1].isdigit() or "【" in value)
    return value if qualified and said_value(value, measure.unit) != value else ""


def said_value(value: str, unit: str) -> str:
    """A value as written with its unit before a qualifier: "6以上" in % is "6%以上"; a total or an average of five years is said to be one."""
    match = _QUALIFIER.match(re.sub(r"[【】*]", "", value))
    if not match or not any(character.isdigit() for character in value):
        return f"“{value}”"
    meaning = {"【": "五年累计", "*": "五年年均"}.get(next((mark for mark in "【*" if mark in value), ""), "")
    return f"{meaning}{match[1]}{match[2]}{unit}{match[3]}"


def _note_of(measure: Measure) -> str:
    """The sentence of the notes that explains the sign written in the cell, or all of them."""
    sentences = re.split(r"(?<=[；。])", measure.note)
    found = next((sentence for sentence in sentences if f"“{measure.value}”" in sentence), measure.note)
    return found.rstrip("；。")


def _measure_reading(document: ReadDocument, cells: tuple[Measure, ...], ref: str) -> Reading:
    first = cells[0]
    name = f"{first.indicator}（{first.parent}）" if first.parent else first.indicator
    questions = {c.kind: _cell_question(c) for c in cells}
    question = (
        "、".join(dict.fromkeys(questions.values()))
        if len(cells) == 1
        else f"{first.indicator}：{'和'.join(cell_label(c) for c in cells)}分别是多少"
    )
    paraphrases = (
        tuple(f"{cell_label(c)}{first.indicator}" for c in cells)
        if len(cells) == 1
        else (f"{first.indicator}目标与完成情况", f"表中{first.indicator}一行")
    )
    answer = name + "：" + "，".join(f"{cell_label(c)}{value_text(c)}" for c in cells)
    text = document.document.text
    return Reading(
        id=f"{first.document_id}-m-{ref}",
        document_id=first.document_id,
        question=question,
        paraphrases=paraphrases,
        answer=answer,
        quotes=(mend_row(text[first.row.start : first.row.end]),),
        spans=(first.row,),
        type="table",
        years=tuple(sorted({cell.year for cell in cells})),
        reader=READER,
        via=Via.MEASURE,
        ref=ref,
    )


def cell_label(cell: Measure) -> str:
    """Year and kind of a cell, as one says them."""
    period = f"{cell.year}年"
    return period + {MeasureKind.TARGET: "目标", MeasureKind.ACTUAL: "实际", MeasureKind.ESTIMATE: "预计"}[cell.kind]


def _cell_question(cell: Measure) -> str:
    kind = {MeasureKind.TARGET: "的目标（预期）", MeasureKind.ACTUAL: "实际完成", MeasureKind.ESTIMATE: "预计"}[cell.kind]
    return f"{cell.year}年{cell.indicator}{kind}是多少"


def outline_readings(document: ReadDocument) -> Iterator[Reading]:
    """What each chapter and section is called, and how many of each kind there are."""
    headings = document.outline
    info = document.document.info
    for kind in ("篇", "章", "节"):
        of_kind = [heading for heading in headings if heading.label.endswith(kind)]
        if of_kind:
            yield _outline_reading(
                info.id, f"{info.title}一共有多少{kind}", (f"规划纲要有几{kind}",), f"共{len(of_kind)}{kind}", of_kind[-1:], f"count-{kind}"
            )
    boxes = [heading for heading in headings if heading.label.startswith("专栏")]
    if boxes:
        yield _outline_reading(
            info.id, f"{info.title}一共有多少个专栏", ("规划纲要有几个专栏",), f"共{len(boxes)}个专栏", boxes[-1:], "count-专栏"
        )
    yield from _children_readings(document)
    for number, heading in enumerate(headings):
        if (heading.label and heading.label[-1:] in "篇章节") or heading.label.startswith("专栏"):
            title = heading.text.removeprefix(heading.label).strip()
            yield _outline_reading(
                info.id,
                f"{heading.label}是什么",
                (f"{title}在哪一{_unit_of(heading)}", f"哪{_unit_of(heading)}讲{title}"),
                _place(headings, heading),
                [heading],
                str(number),
            )


def _children_readings(document: ReadDocument) -> Iterator[Reading]:
    """What a heading is divided into: the titles of its numbered parts, in order."""
    headings = document.outline
    info = document.document.info
    for number, heading in enumerate(headings):
        children = [child for child in headings if child.parent == number and child.label]
        if len(children) < 3 or heading.label.startswith("专栏"):
            continue
        title = heading.text.removeprefix(heading.label).strip()
        names = [child.text.removeprefix(child.label).strip() for child in children]
        question = f"{info.aliases[0] if info.aliases else info.title}“{title}”包括哪些方面"
        forms = (
            f"{title}有哪{len(children)}个方面",
            f"{title}部署了哪些工作任务",
            f"{title}的重点方向",
            f"请列出{title}的{len(children)}项内容",
        )
        yield _outline_reading(info.id, question, forms, "；".join(names), children, f"parts-{number}")


def _unit_of(heading: Heading) -> str:
    return heading.label[-1:] if heading.label[-1:] in "篇章节" else "专栏"


def _place(headings: tuple[Heading, ...], heading: Heading) -> str:
    path = [heading.text]
    while heading.parent is not None:
        heading = headings[heading.parent]
        path.append(heading.text)
    return "，".join(reversed(path))


def _outline_reading(
    document_id: str, question: str, paraphrases: tuple[str, ...], answer: str, headings: Sequence[Heading], ref: str
) -> Reading:
    return Reading(
        id=f"{document_id}-o-{ref}",
        document_id=document_id,
        question=question,
        paraphrases=paraphrases,
        answer=answer,
        quotes=tuple(heading.text for heading in headings),
        spans=tuple(Span(heading.span.start, heading.span.end) for heading in headings),
        type="entity",
        years=(),
        reader=READER,
        via=Via.OUTLINE,
        ref=ref,
    )
