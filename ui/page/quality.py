"""The page of quality: the report of the latest evaluation that `judian eval run` has saved."""

from pathlib import Path

import streamlit as st

from eval.command.choosing import latest_run
from eval.report import html_page
from eval.run import RunError, load_run
from rag.config import Settings
from ui.page import markup

_NO_SCRIPTS = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
"""The report is a page of its own: nothing in it runs or is fetched, whatever a question or a document says."""

_HEIGHT = 2400
"""Pixels; a longer report scrolls inside."""


def show(settings: Settings) -> None:
    try:
        file = latest_run(settings)
    except RunError:
        st.html('<p class="jd-none">还没有评测结果。管理员在服务器上运行 judian eval run 之后，这里显示最近一次的结果。</p>')
        return
    with st.spinner("正在整理评测结果…"):
        try:
            page = _report((file, file.stat().st_mtime_ns))
        except RunError as exc:
            st.html(markup.notice(str(exc)))
            return
    st.iframe(page, height=_HEIGHT)


@st.cache_data(max_entries=2, show_spinner=False)
def _report(saved: tuple[Path, int]) -> str:
    """The report of a file, kept until it is written anew (the time in nanoseconds)."""
    return html_page(load_run(saved[0])).replace("<head>", "<head>" + _NO_SCRIPTS, 1)
