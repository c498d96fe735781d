"""The small script of the page: citation marks, ways into a document, copying. It is inline and talks to nobody but the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_SCRIPT = Path(__file__).with_name("wiring.js")


def mount(focus: str, on_open: Callable[[], None]) -> Any:
    """Put the script on the page; it brings the element with the id `focus` into view whenever `focus` changes.

    A click on a way into a document runs `on_open`; the place is then `.open` of the result: `id`, `start`, `end`.
    """
    component = st.components.v2.component("judian_wiring", js=_SCRIPT.read_text(encoding="utf-8"), isolate_styles=False)
    with st.container(key="wiring"):
        return component(key="wired", data={"focus": focus}, on_open_change=on_open, height="content")
