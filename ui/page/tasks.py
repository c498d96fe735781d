"""The page of tasks: filtered by unit, part in it and words; counted by unit; saved as a table."""

import csv
import io
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from ui.client import Service, TaskRecord, service_key
from ui.page import markup

SHOWN = 40
"""Tasks shown at a time."""

ROLES = ("牵头或配合", "牵头", "配合")
ANY_UNIT = "全部单位"
MOST_BARS = 12


@st.cache_data(ttl=300, show_spinner=False, hash_funcs={Service: service_key})
def _tasks(service: Service) -> tuple[TaskRecord, ...]:
    return service.tasks()


def show(service: Service) -> None:
    tasks = _tasks(service)
    left, right = st.columns([11, 9], gap="large")
    with left, st.container(key="records"):
        st.html(markup.title("任务", f"{len(tasks)} 项"))
        unit_column, role_column, words_column = st.columns([4, 3, 5])
        unit = unit_column.selectbox("单位", [ANY_UNIT, *units(tasks)], key="task-unit")
        role = role_column.selectbox("分工", ROLES, key="task-role")
        words = words_column.text_input("内容含有", key="task-words", placeholder="例如：轨道交通")
        chosen = chosen_tasks(tasks, "" if unit == ANY_UNIT else unit, role, words)
        pages = max(1, -(-len(chosen) // SHOWN))
        page = st.number_input(f"第几页（共 {pages} 页）", 1, pages, key="task-page") if pages > 1 else 1
        st.html(markup.task_list(chosen[(page - 1) * SHOWN : page * SHOWN], len(chosen)))
    with right, st.container(key="sources"):
        counts = lead_counts(chosen).most_common(MOST_BARS)
        st.html(markup.bars("牵头项数", f"所选任务中最多的 {len(counts)} 个单位", counts))
        st.download_button("下载所选任务（CSV）", task_table(chosen), "任务.csv", "text/csv", key="task-save", disabled=not chosen)


def units(tasks: Sequence[TaskRecord]) -> list[str]:
    """Every unit named in a task, those with most tasks first."""
    counts = Counter(unit for task in tasks for unit in dict.fromkeys((*task.lead_units, *task.cooperating_units)))
    return sorted(counts, key=lambda unit: (-counts[unit], unit))


def chosen_tasks(tasks: Sequence[TaskRecord], unit: str, role: str, words: str) -> list[TaskRecord]:
    """Tasks in which the unit (any, when empty) has the role and whose matter or heading holds every one of the words."""

    def takes_part(task: TaskRecord) -> bool:
        named = {"牵头": task.lead_units, "配合": task.cooperating_units}.get(role, (*task.lead_units, *task.cooperating_units))
        return not unit or unit in named

    wanted = words.split()
    return [task for task in tasks if takes_part(task) and all(word in " ".join((task.text, *task.heading_path)) for word in wanted)]


def lead_counts(tasks: Sequence[TaskRecord]) -> Counter[str]:
    return Counter(unit for task in tasks for unit in dict.fromkeys(task.lead_units))


def task_table(tasks: Sequence[TaskRecord]) -> bytes:
    """The tasks as CSV that spreadsheet programs open as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["序号", "任务", "牵头单位", "配合单位", "所在章节"])
    for task in tasks:
        row = [task.number, task.text, "、".join(task.lead_units), "、".join(task.cooperating_units), " / ".join(task.heading_path)]
        writer.writerow([plain_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def plain_cell(value: object) -> object:
    """A cell that a spreadsheet program does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
