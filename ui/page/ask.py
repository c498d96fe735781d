"""The page where questions are asked: the conversation on the left, the passages that it rests on at the right."""

from collections.abc import Mapping

import streamlit as st

from corpus.errors import JudianError, ServiceError
from rag.types import Turn
from ui.client import DocumentCard, Service, service_key
from ui.page import markup
from ui.page.markup import Exchange

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "查数字": ("2024年地区生产总值增长目标是多少？", "2023年新增经营主体多少户？"),
    "查分工": ("人才资源总量这项归谁牵头？", "市教委牵头几项任务？"),
    "查清单": ("2024年15件重点民生实事有哪些？", "“十四五”规划设了哪些专栏？"),
    "看指标": ("2025年常住人口城镇化率目标是多少？", "2022年高新技术企业数量目标是多少家？"),
    "作比较": ("2021年和2024年的经济增长目标分别是多少？", "2021年高新技术企业数量目标和实际各是多少？"),
}
"""Questions to start from, by kind."""

_EXCHANGES, _PENDING = "exchanges", "pending"


@st.cache_data(ttl=60, show_spinner=False, hash_funcs={Service: service_key})
def known_documents(service: Service) -> tuple[DocumentCard, ...]:
    """The documents of the service, asked for once a minute. Raises ServiceError."""
    return service.documents()


def show(service: Service) -> None:
    exchanges: list[Exchange] = st.session_state.setdefault(_EXCHANGES, [])
    left, right = st.columns([11, 9], gap="large")
    conversation, ask = left.container(key="conversation"), left.container(key="ask")
    typed = ask.chat_input("用平常的话问这些文件…", key="typed")
    asked = st.session_state.pop(_PENDING, None) or typed
    try:
        documents = known_documents(service)
    except ServiceError as exc:
        documents = ()
        if not asked:
            conversation.html(markup.notice(str(exc)))
    by_id = {held.id: held for held in documents}
    with conversation:
        if exchanges or asked:
            st.button("新对话", key="fresh", on_click=_start_afresh, type="tertiary", icon=":material/add:")
        else:
            _welcome()
        for turn, held in enumerate(exchanges):
            st.html(markup.exchange(turn, held, by_id))
        if asked:
            _ask(service, asked, exchanges, by_id)
        if exchanges:
            _next_steps(len(exchanges) - 1, exchanges[-1])
    with right, st.container(key="sources"):
        if exchanges:
            last = len(exchanges) - 1
            st.html("".join(markup.sources(turn, held, by_id, turn == last) for turn, held in enumerate(exchanges)))
        elif documents:
            st.html(markup.shelf(documents))
    if exchanges:
        st.session_state["focus"] = markup.turn_id(len(exchanges) - 1)


def _ask(service: Service, question: str, exchanges: list[Exchange], documents: Mapping[str, DocumentCard]) -> None:
    """Ask while the question and a word of progress are shown; the exchange then takes their place."""
    turn = len(exchanges)
    place = st.empty()
    place.html(markup.waiting(turn, question, len(documents)))
    try:
        held = Exchange(question.strip(), service.ask(question, history(exchanges)))
    except JudianError as exc:
        held = Exchange(question.strip(), problem=str(exc))
    exchanges.append(held)
    place.html(markup.exchange(turn, held, documents))


def history(exchanges: list[Exchange]) -> list[Turn]:
    """The conversation so far as the service takes it; what failed is left out."""
    return [
        turn
        for held in exchanges
        if held.answer is not None
        for turn in (Turn("user", held.question), Turn("assistant", held.answer.answer))
    ]


def _welcome() -> None:
    st.html(markup.welcome())
    with st.container(key="examples"):
        for kind, questions in EXAMPLES.items():
            with st.container(key=f"kind-{list(EXAMPLES).index(kind)}"):
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


def _start_afresh() -> None:
    st.session_state[_EXCHANGES] = []
