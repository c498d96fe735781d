"""The page of indicators: targets and results over the years, every value with its source, missing years left missing."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from ui.client import MeasureRecord, Service
from ui.page import markup
from ui.page.known import known_documents, known_measures
from ui.page.other_years import KINDS
from ui.page.sheets import XLSX, Cell, csv_file, xlsx_file

HEAD = ("指标", "单位", "年份", "性质", "数值", "说明", "文件", "表")
_FIRST = "常住人口城镇化率"


def show(service: Service) -> None:
    measures = known_measures(service)
    titles = {held.id: held.title for held in known_documents(service)}
    names = indicators(measures)
    left, right = st.columns([11, 9], gap="large")
    with left, st.container(key="records"):
        st.html(markup.title("指标", f"{len(names)} 个"))
        start = next((name for name in names if _FIRST in name), names[0] if names else None)
        chosen = st.multiselect("选择指标", names, default=[start] if start else [], key="measure-names", placeholder="选一个或几个指标")
        rows = [measure for measure in measures if measure.name in chosen]
        points = plotted(rows, titles)
        if points:
            st.altair_chart(_chart(points), width="stretch", theme="streamlit")
        elif rows:
            st.html('<p class="jd-none">所选指标没有可以画成图的数值，请看右侧的表。</p>')
        _downloads(rows, titles)
    with right, st.container(key="sources"):
        st.html(markup.measure_list([(name, [row for row in rows if row.name == name]) for name in chosen], titles, KINDS))


def _downloads(rows: Sequence[MeasureRecord], titles: Mapping[str, str]) -> None:
    table = measure_rows(rows, titles)
    with st.container(horizontal=True):
        st.download_button(
            "下载所选指标（Excel）",
            partial(xlsx_file, "指标", HEAD, table),
            "指标.xlsx",
            XLSX,
            key="measure-save-xlsx",
            on_click="ignore",
            disabled=not rows,
        )
        st.download_button(
            "CSV", partial(csv_file, HEAD, table), "指标.csv", "text/csv", key="measure-save", on_click="ignore", disabled=not rows
        )


def indicators(measures: Sequence[MeasureRecord]) -> list[str]:
    """Every indicator with its unit, in the documents' order."""
    return list(dict.fromkeys(measure.name for measure in measures))


def number(value: str) -> float | None:
    """The figure of a value as written ("6.5左右" is 6.5); None where there is none or where signs make it a total or an average."""
    match = re.fullmatch(r"[＞>≥<＜≤]?\s*(-?\d+(?:\.\d+)?)\s*(?:左右|以上|以内|以下)?", value.replace(" ", ""))
    return float(match[1]) if match else None


def plotted(measures: Sequence[MeasureRecord], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The points of the chart, each with its source; values that are no plain figure are left to the table."""
    found = [(measure, number(measure.value)) for measure in measures]
    return [
        {
            "指标": measure.name,
            "年份": measure.year,
            "数值": value,
            "性质": KINDS.get(measure.kind, measure.kind),
            "原文": measure.value,
            "出处": f"《{titles.get(measure.document_id, measure.document_id)}》",
        }
        for measure, value in found
        if value is not None
    ]


def measure_rows(measures: Sequence[MeasureRecord], titles: Mapping[str, str]) -> list[tuple[Cell, ...]]:
    """A row a value, under `HEAD`; a plain figure as a number, anything else as written."""

    def value(held: MeasureRecord) -> Cell:
        plain = re.fullmatch(r"-?\d+(?:\.\d+)?", held.value)
        return float(held.value) if plain else held.value

    return [
        (
            held.indicator,
            held.unit,
            held.year,
            KINDS.get(held.kind, held.kind),
            value(held),
            held.note,
            titles.get(held.document_id, held.document_id),
            held.table,
        )
        for held in measures
    ]


def with_gaps(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The points and, for every year between the first and the last that a line has no value for, an empty one that breaks the line."""
    years = [point["年份"] for point in points]
    held = {(point["指标"], point["性质"], point["年份"]) for point in points}
    lines = dict.fromkeys((point["指标"], point["性质"]) for point in points)
    gaps = [
        {"指标": name, "性质": kind, "年份": year, "数值": None, "原文": "", "出处": ""}
        for name, kind in lines
        for year in range(min(years), max(years) + 1)
        if (name, kind, year) not in held
    ]
    return [*points, *gaps]


def _chart(points: list[dict[str, Any]]) -> Any:
    import altair as alt

    years = list(range(min(point["年份"] for point in points), max(point["年份"] for point in points) + 1))
    base = alt.Chart({"values": with_gaps(points)}).encode(
        x=alt.X("年份:O", axis=alt.Axis(labelAngle=0, title=None), scale=alt.Scale(domain=years)),
        y=alt.Y("数值:Q", scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(title=None, tickCount=5)),
        color=alt.Color("指标:N", legend=alt.Legend(orient="bottom", title=None, labelLimit=320)),
        tooltip=["指标:N", "年份:O", "性质:N", "原文:N", "出处:N"],
    )
    lines = base.mark_line(strokeWidth=1.5, opacity=0.5).encode(detail="性质:N")
    shape = alt.Shape("性质:N", legend=alt.Legend(orient="bottom", title=None, symbolFillColor="#7f8a94", symbolStrokeColor="#7f8a94"))
    return (lines + base.mark_point(filled=True, size=80, opacity=1).encode(shape=shape)).properties(height=360)
