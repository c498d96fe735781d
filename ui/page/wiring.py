"""The small script of the page: citation marks, ways into a document, conversations, copying. It is inline and talks to nobody but the page.

What a click asks for comes from the browser, so nothing in it is trusted.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_SCRIPT = Path(__file__).with_name("wiring.js")
_KEY = "wired"
_CLICKS = ("open", "talk", "judge")


def mount(focus: str, on_click: Callable[[str, dict[str, Any]], None]) -> None:
    """Put the script on the page; it brings the element with the id `focus` into view whenever `focus` changes.

    A click on a way into a document ("open": `id`, `start`, `end`, `topic`), on a conversation ("talk": `id`) or on what is thought of an answer
    ("judge": `turn`, `verdict`) runs `on_click` before the page is drawn again.
    """
    component = st.components.v2.component("judian_wiring", js=_SCRIPT.read_text(encoding="utf-8"), isolate_styles=False)
    callbacks: dict[str, Any] = {f"on_{name}_change": _passing(name, on_click) for name in _CLICKS}
    with st.container(key="wiring"):
        component(key=_KEY, data={"focus": focus}, height="content", **callbacks)


def _passing(name: str, on_click: Callable[[str, dict[str, Any]], None]) -> Callable[[], None]:
    def clicked() -> None:
        asked = st.session_state[_KEY].get(name)
        if isinstance(asked, dict):
            on_click(name, asked)

    return clicked
