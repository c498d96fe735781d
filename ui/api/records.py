"""Tasks and measures as data, a page at a time."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from corpus.types import Measure, Task
from ui.api.parameters import refuse_unknown
from ui.api.problems import refusals
from ui.api.schemas import MeasureBody, MeasuresBody, TaskBody, TasksBody
from ui.api.serving import CurrentAssistant

router = APIRouter(tags=["数据"], dependencies=[Depends(refuse_unknown)], responses=refusals(422))

Offset = Annotated[int, Query(ge=0, description="从第几条起（从 0 数）")]
Limit = Annotated[int, Query(ge=1, le=1000, description="最多几条")]


@router.get("/v1/tasks", summary="任务清单")
def tasks(
    assistant: CurrentAssistant,
    unit: Annotated[str, Query(max_length=50, description="单位，可用简称")] = "",
    role: Annotated[Literal["lead", "cooperate", "any"], Query(description="牵头、配合或不限")] = "any",
    chapter: Annotated[str, Query(max_length=100, description="章节标题中的文字")] = "",
    q: Annotated[str, Query(max_length=100, description="任务中的文字")] = "",
    offset: Offset = 0,
    limit: Limit = 1000,
) -> TasksBody:
    """任务分解中的任务，可按单位、章节和文字筛选。"""
    found = assistant.tasks(unit, role, chapter, q)
    return TasksBody(tasks=[task_body(task) for task in found[offset : offset + limit]], total=len(found), offset=offset)


@router.get("/v1/measures", summary="指标表中的值")
def measures(
    assistant: CurrentAssistant,
    indicator: Annotated[str, Query(max_length=100, description="指标名中的文字")] = "",
    year: Annotated[int | None, Query(description="年份")] = None,
    offset: Offset = 0,
    limit: Limit = 1000,
) -> MeasuresBody:
    """指标表中的值，可按指标名和年份筛选。"""
    found = assistant.measures(indicator, year)
    return MeasuresBody(measures=[measure_body(measure) for measure in found[offset : offset + limit]], total=len(found), offset=offset)


def task_body(task: Task) -> TaskBody:
    return TaskBody(
        document_id=task.document_id,
        number=task.number,
        text=task.text,
        heading_path=list(task.heading_path),
        lead_units=list(task.lead_units),
        cooperating_units=list(task.cooperating_units),
        open_ended=task.open_ended,
        start=task.span.start,
        end=task.span.end,
    )


def measure_body(measure: Measure) -> MeasureBody:
    return MeasureBody(
        document_id=measure.document_id,
        indicator=measure.indicator,
        unit=measure.unit,
        year=measure.year,
        kind=measure.kind.value,
        value=measure.value,
        group=measure.group,
        parent=measure.parent,
        attribute=measure.attribute,
        marks=list(measure.marks),
        note=measure.note,
        table=measure.table,
        start=measure.row.start,
        end=measure.row.end,
    )
