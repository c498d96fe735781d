"""What questions are limited to: documents, years, a unit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from rag.types import Answer
from ui.client import LONGEST_QUESTION, DocumentCard
from ui.page.conversations import Scope
from ui.page.turns import scope_words

_DOCUMENTS, _YEARS, _UNIT = "scope-documents", "scope-years", "scope-unit"


def pick(documents: Sequence[DocumentCard], units: Sequence[str]) -> Scope:
    """Draws the choice and gives back what is chosen."""
    held = chosen()
    by_id = {card.id: card for card in documents}
    words = scope_words(held, by_id)
    label = f"范围：{words if len(words) <= 28 else words[:27] + '…'}" if words else "范围：全部文件、年份和单位"
    with st.popover(label, type="tertiary", key="scope"):
        st.multiselect("只在这些文件里找", list(by_id), format_func=lambda held: by_id[held].title, key=_DOCUMENTS, placeholder="全部文件")
        st.multiselect("只要这些年份", years(documents), format_func=lambda year: f"{year}年", key=_YEARS, placeholder="全部年份")
        if units:
            st.selectbox("只问这个单位的任务", units, index=None, key=_UNIT, placeholder="全部单位")
        st.button("不限范围", key="scope-clear", on_click=clear, disabled=held == Scope())
    return held


def chosen() -> Scope:
    state = st.session_state
    return Scope(tuple(state.get(_DOCUMENTS) or ()), tuple(sorted(state.get(_YEARS) or ())), state.get(_UNIT) or "")


def clear() -> None:
    st.session_state[_DOCUMENTS], st.session_state[_YEARS], st.session_state[_UNIT] = [], [], None


def years(documents: Sequence[DocumentCard]) -> list[int]:
    """The years that the documents report on or plan for, the latest first."""
    return sorted({year for card in documents for year in (*card.reports_on, *card.plans_for)}, reverse=True)


def worded(question: str, scope: Scope) -> str:
    """The question with the unit of the scope in it, as the service takes no unit of its own."""
    if not scope.unit or scope.unit in question or len(question) + len(scope.unit) > LONGEST_QUESTION:
        return question
    return f"{scope.unit}{question}"


def understood(answer: Answer, asked: str, scope: Scope) -> Answer:
    """The answer whose question is the one typed where only the unit of the scope was put before it, as the page shows the scope anyhow."""
    return replace(answer, question=asked) if scope.unit and answer.question == worded(asked, scope) else answer


def documents_of(scope: Scope, documents: Mapping[str, DocumentCard]) -> tuple[str, ...]:
    """The documents of the scope that are still there."""
    return tuple(held for held in scope.documents if held in documents)
