"""The page where questions are asked: the conversation on the left, the passages that it rests on at the right."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from corpus.errors import JudianError, ServiceError
from corpus.tables import Row, Table
from rag.types import Citation
from ui.client import DocumentCard, Service
from ui.page import cards, judging, markup, scope, talks, turns
from ui.page.conversations import Exchange
from ui.page.desk import Desk
from ui.page.known import known_documents, known_measures, known_tables, known_units, offers
from ui.page.other_years import others, others_html

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "查数字": ("2024年地区生产总值增长目标是多少？", "2023年新增经营主体多少户？"),
    "查分工": ("人才资源总量这项归谁牵头？", "市教委牵头几项任务？"),
    "查清单": ("2024年15件重点民生实事有哪些？", "“十四五”规划设了哪些专栏？"),
    "看指标": ("2025年常住人口城镇化率目标是多少？", "2022年高新技术企业数量目标是多少家？"),
    "作比较": ("2021年和2024年的经济增长目标分别是多少？", "2021年高新技术企业数量目标和实际各是多少？"),
}
"""Questions to start from, by kind."""

_PENDING = "pending"


def show(service: Service, desk: Desk, foot: str = "", signed_in: bool = False) -> None:
    """Draws the page; `foot` (HTML) stands below the list of conversations, and for users the way out."""
    talks.open_asked(desk)
    left, right = st.columns([11, 9], gap="large")
    conversation, ask = left.container(key="conversation"), left.container(key="ask")
    documents, problem = _documents(service)
    with ask:
        limits = scope.pick(tuple(documents.values()), _units(service, documents))
        typed = st.chat_input("用平常的话问这些文件…", key="typed")
    asked = st.session_state.pop(_PENDING, None) or typed
    with conversation:
        if problem and not asked:
            st.html(markup.notice(problem))
        head = st.container()
        if not desk.exchanges and not asked:
            _welcome()
        _conversation(service, desk, documents, Exchange(asked.strip(), scope=limits) if asked else None)
    talks.remember(desk)
    if desk.exchanges:
        with head:
            talks.heading(desk, documents)
    talks.sidebar(desk, foot, signed_in)
    with right, st.container(key="sources"):
        _sources(service, desk, documents)
    if desk.exchanges:
        st.session_state["focus"] = markup.turn_id(len(desk.exchanges) - 1)


def _documents(service: Service) -> tuple[Mapping[str, DocumentCard], str]:
    """The documents by id, or why they cannot be had."""
    try:
        return {held.id: held for held in known_documents(service)}, ""
    except ServiceError as exc:
        return {}, str(exc)


def _units(service: Service, documents: Mapping[str, DocumentCard]) -> tuple[str, ...]:
    """The units to choose from; none where no document has tasks or the service cannot be reached."""
    try:
        return known_units(service) if any(held.tasks for held in documents.values()) else ()
    except ServiceError:
        return ()


def _conversation(service: Service, desk: Desk, documents: Mapping[str, DocumentCard], asked: Exchange | None) -> None:
    judged = bool(documents) and offers(service, "POST /v1/feedback")
    for turn, held in enumerate(desk.exchanges):
        st.html(turns.exchange(turn, held, documents, _beside(service, held, documents), judged))
    if asked:
        turn, place = len(desk.exchanges), st.empty()
        place.html(turns.waiting(turn, asked.question, len(asked.scope.documents) or len(documents)))
        held = _answered(service, desk, asked, documents)
        desk.keep(held)
        place.html(turns.exchange(turn, held, documents, _beside(service, held, documents), judged))
    if desk.problem:
        st.html(markup.notice(desk.problem))
    if desk.exchanges:
        _next_steps(len(desk.exchanges) - 1, desk.exchanges[-1])
    judging.dialog_if_asked(service, desk)


def _answered(service: Service, desk: Desk, asked: Exchange, documents: Mapping[str, DocumentCard]) -> Exchange:
    """The exchange with its answer, or with the words that say why there is none."""
    try:
        within = scope.documents_of(asked.scope, documents)
        answer = service.ask(scope.worded(asked.question, asked.scope), desk.history(), within, asked.scope.years)
        return replace(asked, answer=scope.understood(answer, asked.question, asked.scope))
    except JudianError as exc:
        return replace(asked, problem=str(exc))


def _beside(service: Service, held: Exchange, documents: Mapping[str, DocumentCard]) -> str:
    """The same indicator in other years, for an answer that says one of them."""
    if held.answer is None or held.answer.abstained or not any(card.measures for card in documents.values()):
        return ""
    titles = {card.id: card.title for card in documents.values()}
    try:
        return others_html(others(held.answer, known_measures(service)), titles, held.answer.question)
    except ServiceError:
        return ""


def _sources(service: Service, desk: Desk, documents: Mapping[str, DocumentCard]) -> None:
    def table_at(citation: Citation) -> tuple[Table, Row] | None:
        if not documents.get(citation.document_id) or not documents[citation.document_id].measures:
            return None
        try:
            return cards.row_at(known_tables(service, citation.document_id), citation.start, citation.end)
        except JudianError:
            return None

    last = len(desk.exchanges) - 1
    if desk.exchanges:
        panels = (cards.sources(turn, held, documents, turn == last, table_at) for turn, held in enumerate(desk.exchanges))
        st.html("".join(panels))
    elif documents:
        st.html(markup.shelf(tuple(documents.values())))


def _welcome() -> None:
    st.html(turns.welcome())
    with st.container(key="examples"):
        for number, (kind, questions) in enumerate(EXAMPLES.items()):
            with st.container(key=f"kind-{number}"):
                st.html(f'<p class="jd-kind">{kind}</p>')
                for question in questions:
                    st.button(question, key=f"example-{question}", on_click=_choose, args=(question,))


def _next_steps(turn: int, held: Exchange) -> None:
    """What can be done after the last answer: ask again what failed, or go on with a related question."""
    if held.answer is None:
        st.button("再问一次", key=f"again-{turn}", on_click=_choose, args=(held.question,))
        return
    related = tuple(dict.fromkeys(held.answer.related))
    if related:
        with st.container(key="related"):
            st.html('<p class="jd-kind">接着问</p>')
            for number, question in enumerate(related):
                st.button(question, key=f"related-{turn}-{number}", on_click=_choose, args=(question,))


def _choose(question: str) -> None:
    st.session_state[_PENDING] = question
