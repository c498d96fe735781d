"""The conversations of whoever asks: listed and searched at the side, renamed, saved as files and deleted from the head of the open one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from html import escape
from itertools import groupby

import streamlit as st

from corpus.errors import JudianError
from ui.client import DocumentCard
from ui.page import export, markup
from ui.page.conversations import LONGEST_TITLE, Conversation, Exchange
from ui.page.desk import Desk

ADDRESS = "c"
"""The part of the page's address that names the open conversation."""

_OPENED, _PROBLEM, _REMOVING = "opened-address", "talk-problem", "removing-talk"
_LISTED = 200
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def open_asked(desk: Desk) -> None:
    """Opens the conversation that the address names when a tab comes with it."""
    if _OPENED not in st.session_state and desk.conversation is None and ADDRESS in st.query_params:
        open_talk(desk, st.query_params[ADDRESS])
    st.session_state[_OPENED] = True


def open_talk(desk: Desk, conversation_id: str) -> None:
    try:
        desk.open(conversation_id[:64])
    except JudianError as exc:
        st.session_state[_PROBLEM] = str(exc)


def remember(desk: Desk) -> None:
    """Puts the open conversation into the address, so that a page loaded anew shows it again."""
    if desk.conversation:
        st.query_params[ADDRESS] = desk.conversation.id
    elif ADDRESS in st.query_params:
        del st.query_params[ADDRESS]


def sidebar(desk: Desk, foot: str, signed_in: bool) -> None:
    """The list of conversations, with a search in it, and what `foot` says."""
    with st.sidebar:
        words = st.text_input("找对话", key="talk-words", placeholder="找对话…", label_visibility="collapsed", max_chars=50)
        problem = st.session_state.pop(_PROBLEM, "")
        try:
            listed = desk.listed(words)
        except JudianError as exc:
            listed, problem = (), str(exc)
        if problem:
            st.html(markup.notice(problem))
        st.html(talk_list(listed, desk.conversation, bool(words.strip()), today()) + foot)
        if signed_in:
            st.button("退出登录", key="sign-out", type="tertiary", on_click=st.logout)


def today() -> date:
    return datetime.now(UTC).astimezone().date()


def talk_list(listed: Sequence[Conversation], current: Conversation | None, searched: bool, day: date) -> str:
    """Conversations under the words that say how long ago they were last added to."""
    if not listed:
        words = "没有含有这些字的对话。" if searched else "还没有对话。问过的会留在这里。"
        return f'<p class="jd-none">{words}</p>'
    groups = groupby(listed[:_LISTED], key=lambda held: _age(held, day))
    shown = "".join(f"<h3>{age}</h3>{''.join(_talk(held, current) for held in talks)}" for age, talks in groups)
    more = f'<p class="jd-none">另有 {len(listed) - _LISTED} 个更早的，可以搜索。</p>' if len(listed) > _LISTED else ""
    return f'<nav class="jd-talks" aria-label="对话">{shown}{more}</nav>'


def _age(held: Conversation, day: date) -> str:
    days = (day - datetime.fromisoformat(held.touched).astimezone().date()).days
    return next((words for most, words in ((0, "今天"), (1, "昨天"), (7, "七天内"), (30, "一个月内")) if days <= most), "更早")


def _talk(held: Conversation, current: Conversation | None) -> str:
    here = ' aria-current="true"' if current and current.id == held.id else ""
    held_id, title = escape(held.id, quote=True), escape(held.title)
    return f'<button type="button" class="jd-talk" data-jd="talk" data-id="{held_id}" title="{escape(held.title, quote=True)}"{here}>{title}</button>'


def heading(desk: Desk, documents: Mapping[str, DocumentCard]) -> None:
    """The title of the open conversation, what can be done with it, and the way to a new one."""
    with st.container(key="talk-head", horizontal=True, vertical_alignment="center"):
        st.html(f'<h1 class="jd-talk-title">{escape(desk.title)}</h1>')
        if desk.exchanges:
            with st.popover("本对话", type="tertiary", icon=":material/more_horiz:", key="talk-menu"):
                _menu(desk, documents)
        st.button("新对话", key="fresh", on_click=desk.start_afresh, type="tertiary", icon=":material/add:")


def _menu(desk: Desk, documents: Mapping[str, DocumentCard]) -> None:
    if desk.conversation:
        st.text_input(
            "对话的名称",
            value=desk.conversation.title,
            key=f"title-{desk.conversation.id}",
            max_chars=LONGEST_TITLE,
            on_change=_rename,
            args=(desk,),
        )
    for words, ending, kind, make in (("存为 Word 文件", "docx", _WORD, _word), ("存为 Markdown 文件", "md", "text/markdown", _markdown)):
        st.download_button(
            words,
            partial(make, desk.title, desk.exchanges, documents, _date()),
            export.file_name(desk.title, ending),
            kind,
            key=f"save-{ending}",
            on_click="ignore",
            width="stretch",
        )
    if desk.conversation:
        _removal(desk)


def _removal(desk: Desk) -> None:
    """Asked once more in the same place: a dialog would open behind the menu."""
    if not st.session_state.get(_REMOVING):
        st.button("删除这个对话", key="remove-talk", width="stretch", on_click=_ask_removal, args=(True,))
        return
    st.html(f"<p>本对话共 {len(desk.exchanges)} 问，删除后不能恢复。</p>")
    remove, leave = st.columns(2)
    remove.button("删除", type="primary", key="remove-talk-sure", width="stretch", on_click=_remove, args=(desk,))
    leave.button("不删除", key="remove-talk-not", width="stretch", on_click=_ask_removal, args=(False,))


def _ask_removal(asked: bool) -> None:
    st.session_state[_REMOVING] = asked


def _remove(desk: Desk) -> None:
    _ask_removal(False)
    try:
        desk.remove()
    except JudianError as exc:
        st.session_state[_PROBLEM] = str(exc)


def _rename(desk: Desk) -> None:
    if desk.conversation:
        try:
            desk.rename(st.session_state[f"title-{desk.conversation.id}"])
        except JudianError as exc:
            st.session_state[_PROBLEM] = str(exc)


def _word(title: str, exchanges: Sequence[Exchange], documents: Mapping[str, DocumentCard], date: str) -> bytes:
    from ui.page.word_file import word

    return word(title, exchanges, documents, date)


def _markdown(title: str, exchanges: Sequence[Exchange], documents: Mapping[str, DocumentCard], date: str) -> bytes:
    return export.markdown(title, exchanges, documents, date).encode()


def _date() -> str:
    return markup.chinese_date(today().isoformat())
