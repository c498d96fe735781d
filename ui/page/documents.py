"""The page where documents are read: the outline on the left, the text with the place asked for highlighted, a search inside."""

import streamlit as st

from corpus.errors import UnknownDocumentError
from corpus.types import Span
from ui.client import DocumentCard, OutlineEntry, Service, service_key
from ui.page import document_view, markup
from ui.page.ask import known_documents
from ui.page.document_view import Block


@st.cache_data(ttl=300, max_entries=32, show_spinner=False, hash_funcs={Service: service_key})
def _read(service: Service, document_id: str) -> tuple[str, tuple[OutlineEntry, ...], tuple[Block, ...]]:
    text, outline = service.text(document_id), service.outline(document_id)
    return text, outline, document_view.lay_out(text, outline)


def show(service: Service) -> None:
    documents = known_documents(service)
    document_id = st.query_params.get("id", "")
    if not document_id:
        st.html(markup.shelf(documents))
        return
    chosen = next((held for held in documents if held.id == document_id), None)
    if chosen is None:
        raise UnknownDocumentError(f"没有编号为 {document_id[:40]!r} 的文件，可能已被移除。请从“文件”重新进入。")
    place = asked_place(chosen)
    with st.spinner("正在打开文件…"):
        text, outline, blocks = _read(service, document_id)
    left, right = st.columns([5, 13], gap="large")
    with left, st.container(key="reader-aside"):
        st.html(document_view.about_html(chosen))
        query = st.text_input("在这份文件里找", placeholder="在这份文件里找…", key=f"find-{document_id}", label_visibility="collapsed")
        st.html(document_view.aside_html(outline, _found(service, document_id, query), place))
    right.html(document_view.text_html(chosen, document_view.document_html(text, blocks, place)))
    if place:
        st.session_state["focus"] = f"{document_view.HERE}@{document_id}-{place.start}-{place.end}"


def asked_place(document: DocumentCard) -> Span | None:
    """The place that the address names, if it lies in the document."""
    start, end = st.query_params.get("start", ""), st.query_params.get("end", "")
    if not (start.isdecimal() and end.isdecimal() and len(start) < 9 and len(end) < 9):
        return None
    span = Span(int(start), min(int(end), document.characters))
    return span if span.start < span.end else None


def _found(service: Service, document_id: str, query: str) -> str:
    """The places of the document that fit the query best, as links."""
    if not query.strip():
        return ""
    hits = service.search(query, top_k=8, documents=[document_id])
    links = [
        document_view.hit_html(document_id, number, hit.quote, hit.heading_path, hit.start, hit.end) for number, hit in enumerate(hits, 1)
    ]
    return "".join(links) or '<p class="jd-none">没有找到相近的段落。</p>'
