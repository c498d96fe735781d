"""The page where documents are read: the outline on the left, the text with the place asked for highlighted, a search inside."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from corpus.errors import UnknownDocumentError
from corpus.types import Span
from rag.types import Citation
from ui.client import LONGEST_QUESTION, DocumentCard, Service, service_key
from ui.page import document_view, library, markup
from ui.page.known import known_documents, known_layout, known_outline, known_text

PLACES = 12
"""Places of a topic that one can go through."""


def show(service: Service, administrator: bool) -> None:
    documents = known_documents(service)
    document_id = st.query_params.get("id", "")
    if not document_id:
        library.show(service, documents, administrator)
        return
    chosen = next((held for held in documents if held.id == document_id), None)
    if chosen is None:
        raise UnknownDocumentError(f"没有编号为 {document_id[:40]!r} 的文件，可能已被移除。请从“文件”重新进入。")
    place = asked_place(chosen)
    with st.spinner("正在打开文件…"):
        text, outline, blocks = known_text(service, document_id), known_outline(service, document_id), known_layout(service, document_id)
    left, right = st.columns([5, 13], gap="large")
    with left, st.container(key="reader-aside"):
        st.html(document_view.about_html(chosen))
        query = st.text_input(
            "在这份文件里找",
            placeholder="在这份文件里找…",
            key=f"find-{document_id}",
            label_visibility="collapsed",
            max_chars=LONGEST_QUESTION,
        )
        st.html(document_view.aside_html(outline, _found(service, document_id, query), place))
    with right:
        topic = st.query_params.get("topic", "").strip()[:LONGEST_QUESTION]
        # The text keeps its position on the page with and without a way, so that the new text takes the place of the old at once.
        way = st.container(key="way")
        if topic and place:
            way.html(_way(service, documents, topic, chosen, place))
        st.html(document_view.text_html(chosen, document_view.document_html(text, blocks, place)))
    if place:
        st.session_state["focus"] = f"{document_view.HERE}@{document_id}-{place.start}-{place.end}"


def asked_place(document: DocumentCard) -> Span | None:
    """The place that the address names, if it lies in the document."""
    start, end = st.query_params.get("start", ""), st.query_params.get("end", "")
    if not (start.isdecimal() and end.isdecimal() and len(start) < 9 and len(end) < 9):
        return None
    span = Span(int(start), min(int(end), document.characters))
    return span if span.start < span.end else None


@st.cache_data(ttl=300, max_entries=256, show_spinner=False, hash_funcs={Service: service_key})
def _search(service: Service, query: str, top_k: int, documents: tuple[str, ...] = ()) -> tuple[Citation, ...]:
    return service.search(query, top_k, documents)


def _found(service: Service, document_id: str, query: str) -> str:
    """The places of the document that fit the query best, as links."""
    if not query.strip():
        return ""
    hits = _search(service, query, 8, (document_id,))
    links = [
        document_view.hit_html(document_id, number, hit.quote, hit.heading_path, hit.start, hit.end) for number, hit in enumerate(hits, 1)
    ]
    return "".join(links) or '<p class="jd-none">没有找到相近的段落。</p>'


def _way(service: Service, documents: Sequence[DocumentCard], topic: str, chosen: DocumentCard, place: Span) -> str:
    places = [(hit.document_id, Span(hit.start, hit.end)) for hit in _search(service, topic, PLACES)]
    before, number, count, after = around((chosen.id, place), places, [held.id for held in documents])
    titles = {held.id: held.title for held in documents}

    def step(to: tuple[str, Span] | None, words: str) -> str:
        if to is None:
            return f'<span class="jd-step">{words}</span>'
        elsewhere = "" if to[0] == chosen.id else f"<small>《{escape(titles.get(to[0], to[0]))}》</small>"
        return f'<a class="jd-step" {markup.opens(to[0], to[1].start, to[1].end, topic)}>{words}{elsewhere}</a>'

    about = f"<p>“{escape(topic)}”相关的 {count} 处，这是第 {number} 处</p>"
    return f'<nav class="jd-way" aria-label="同一话题的各处">{about}<div>{step(before, "上一处")}{step(after, "下一处")}</div></nav>'


def around(
    here: tuple[str, Span], places: Sequence[tuple[str, Span]], order: Sequence[str]
) -> tuple[tuple[str, Span] | None, int, int, tuple[str, Span] | None]:
    """The place before `here`, its number, how many there are, and the place after: in the order of the documents and of the text.

    Places that overlap are one; those of documents that `order` does not name are left out.
    """
    kept: list[tuple[str, Span]] = []
    for document_id, span in sorted(
        (held for held in {*places, here} if held[0] in order), key=lambda held: (order.index(held[0]), held[1], held != here)
    ):
        overlaps = bool(kept) and kept[-1][0] == document_id and span.start < kept[-1][1].end
        if overlaps and (document_id, span) == here:
            kept[-1] = here
        elif not overlaps:
            kept.append((document_id, span))
    at = kept.index(here)
    return kept[at - 1] if at else None, at + 1, len(kept), kept[at + 1] if at + 1 < len(kept) else None
