"""The page of tasks: filtered by unit, part in it and words; counted by unit; saved as a table."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from ui.client import Service, TaskRecord
from ui.page import markup
from ui.page.known import known_tasks, known_units
from ui.page.sheets import XLSX, Cell, csv_file, xlsx_file

SHOWN = 40
"""Tasks shown at a time."""

ROLES = ("牵头或配合", "牵头", "配合")
ANY_UNIT, ANY_CHAPTER = "全部单位", "全部章节"
MOST_BARS = 12
HEAD = ("序号", "任务", "牵头单位", "配合单位", "所在章节")


def show(service: Service) -> None:
    tasks = known_tasks(service)
    left, right = st.columns([11, 9], gap="large")
    with left, st.container(key="records"):
        st.html(markup.title("任务", f"{len(tasks)} 项"))
        chosen = _choose(tasks, known_units(service))
        pages = max(1, -(-len(chosen) // SHOWN))
        page = st.number_input(f"第几页（共 {pages} 页）", 1, pages, key="task-page") if pages > 1 else 1
        st.html(markup.task_list(chosen[(page - 1) * SHOWN : page * SHOWN], len(chosen)))
    with right, st.container(key="sources"):
        counts = lead_counts(chosen).most_common(MOST_BARS)
        st.html(markup.bars("牵头项数", f"所选任务中最多的 {len(counts)} 个单位", counts))
        with st.container(horizontal=True):
            st.download_button(
                "下载所选任务（Excel）",
                partial(xlsx_file, "任务", HEAD, task_rows(chosen)),
                "任务.xlsx",
                XLSX,
                key="task-save-xlsx",
                on_click="ignore",
                disabled=not chosen,
            )
            st.download_button(
                "CSV",
                partial(csv_file, HEAD, task_rows(chosen)),
                "任务.csv",
                "text/csv",
                key="task-save",
                on_click="ignore",
                disabled=not chosen,
            )


def _choose(tasks: Sequence[TaskRecord], units: Sequence[str]) -> list[TaskRecord]:
    unit_column, role_column = st.columns([5, 4])
    unit = unit_column.selectbox("单位", [ANY_UNIT, *units], key="task-unit")
    role = role_column.selectbox("分工", ROLES, key="task-role")
    chapter_column, words_column = st.columns([5, 4])
    chapter = chapter_column.selectbox("章节", [ANY_CHAPTER, *chapters(tasks)], key="task-chapter")
    words = words_column.text_input("内容含有", key="task-words", placeholder="例如：轨道交通", max_chars=100)
    return chosen_tasks(tasks, "" if unit == ANY_UNIT else unit, role, words, "" if chapter == ANY_CHAPTER else chapter)


def chapters(tasks: Sequence[TaskRecord]) -> list[str]:
    """The outermost headings of the tasks, in order."""
    return list(dict.fromkeys(task.heading_path[0] for task in tasks if task.heading_path))


def chosen_tasks(tasks: Sequence[TaskRecord], unit: str, role: str, words: str, chapter: str = "") -> list[TaskRecord]:
    """Tasks of the chapter in which the unit has the role (any, when empty) and whose matter or heading holds every one of the words."""

    def takes_part(task: TaskRecord) -> bool:
        named = {"牵头": task.lead_units, "配合": task.cooperating_units}.get(role, (*task.lead_units, *task.cooperating_units))
        return not unit or unit in named

    wanted = words.split()
    return [
        task
        for task in tasks
        if takes_part(task)
        and (not chapter or chapter in task.heading_path[:1])
        and all(word in " ".join((task.text, *task.heading_path)) for word in wanted)
    ]


def lead_counts(tasks: Sequence[TaskRecord]) -> Counter[str]:
    return Counter(unit for task in tasks for unit in dict.fromkeys(task.lead_units))


def task_rows(tasks: Sequence[TaskRecord]) -> list[tuple[Cell, ...]]:
    """A row a task, under `HEAD`."""
    return [
        (task.number, task.text, "、".join(task.lead_units), "、".join(task.cooperating_units), " / ".join(task.heading_path))
        for task in tasks
    ]
