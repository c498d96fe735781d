"""The documents as a library: what is there, and for administrators how one is added, checked and removed."""

import time
from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from corpus.errors import JudianError, ServiceError
from ui.client import DocumentCard, Service
from ui.page import markup
from ui.page.known import forget, known_outline, known_tasks, offers

ENDINGS = ("txt", "md", "docx", "pdf", "html")
LARGEST_MB = 50
_PATIENCE_S, _POLL_S = 900.0, 0.5
_ADDED = "added-document"


def show(service: Service, documents: Sequence[DocumentCard], administrator: bool) -> None:
    left, right = st.columns([11, 9], gap="large")
    with left, st.container(key="records"):
        st.html(markup.shelf(documents))
    with right, st.container(key="sources"):
        st.html('<h2 class="jd-panel-title">管理文件</h2>')
        if not offers(service, "POST /v1/documents"):
            st.html('<p class="jd-none">文件由管理员在服务器上用 judian corpus add 添加。</p>')
        elif not administrator:
            st.html('<p class="jd-none">添加和移除文件由管理员办理：请用管理员账号登录，或在服务器本机上打开本页。</p>')
        else:
            _add(service)
            _report(service, documents)
            _remove(service, documents)


def _add(service: Service) -> None:
    with st.form("add-document", clear_on_submit=True, border=False):
        chosen = st.file_uploader(f"添加一份文件（{'、'.join(ENDINGS)}，至多 {LARGEST_MB} MB）", ENDINGS, max_upload_size=LARGEST_MB)
        title = st.text_input("标题", max_chars=200, placeholder="不填则取自文件")
        date_column, number_column = st.columns(2)
        date = date_column.text_input("日期", max_chars=20, placeholder="例如 2025-01-19")
        number = number_column.text_input("文号", max_chars=100, placeholder="没有则不填")
        if not st.form_submit_button("添加", type="primary"):
            return
    if chosen is None:
        st.html(markup.notice("还没有选文件，请先选一份再添加。"))
        return
    with st.status("正在上传并读这份文件…") as status:
        try:
            document_id = service.add_document(chosen.name, chosen.getvalue(), title.strip(), date.strip(), number.strip())
            status.update(label="已收下，正在编入；其间照旧作答…")
            _wait(service, lambda: document_id in {held.id for held in service.documents()})
        except JudianError as exc:
            status.update(label="没有添加成", state="error", expanded=True)
            st.html(markup.notice(str(exc)))
            return
        status.update(label="已编入", state="complete")
    forget()
    st.session_state[_ADDED] = document_id
    st.rerun()


def _wait(service: Service, is_done: Callable[[], bool]) -> None:
    """Until the index has been made anew and taken up. Raises ServiceError with the service's own words where that failed."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        update = service.update()
        if not update.under_way:
            if update.problem:
                raise ServiceError(update.problem)
            if is_done():
                return
        time.sleep(_POLL_S)
    raise ServiceError("编入这份文件用时很长，还没有完成。可以先离开本页，过一会儿在左侧看它是否出现。")


def _report(service: Service, documents: Sequence[DocumentCard]) -> None:
    """What was read of the document that was added last, to be compared with the document itself."""
    held = next((held for held in documents if held.id == st.session_state.get(_ADDED)), None)
    if held:
        numbers = [task.number for task in known_tasks(service) if task.document_id == held.id] if held.tasks else []
        st.html(check_report(held, [entry.text for entry in known_outline(service, held.id)], numbers))


def check_report(held: DocumentCard, headings: Sequence[str], numbers: Sequence[int]) -> str:
    """The findings about a document that somebody should look at, before its figures."""
    doubts = [
        f"{words}没有写明，是推定的"
        for name, words in (("title", "标题"), ("date", "日期"), ("issuer", "发文机关"))
        if name in held.inferred
    ]
    doubts += [] if held.number else ["没有文号"]
    doubts += [] if headings else ["没有认出标题，全文作一段目录"]
    missing = sorted(set(range(min(numbers), max(numbers) + 1)) - set(numbers)) if numbers else []
    doubts += [f"任务编号不连续，缺第 {'、'.join(map(str, missing[:20]))} 项"] if missing else []
    listed = "".join(f"<li>{escape(words)}</li>" for words in doubts) or "<li>没有发现需要核对的地方</li>"
    figures = (("字数", held.characters), ("标题", len(headings)), ("段落", held.passages), ("任务", held.tasks), ("指标值", held.measures))
    rows = "".join(f"<dt>{words}</dt><dd>{count:,}</dd>" for words, count in figures)
    return (
        f'<article class="jd-card jd-report"><h3>《{escape(held.title)}》已编入</h3><p class="jd-dateline">{markup.document_line(held)}</p>'
        f"<ul>{listed}</ul><dl>{rows}</dl><footer>{markup.open_link(held.id, 0, 0, '打开看看')}</footer></article>"
    )


def _remove(service: Service, documents: Sequence[DocumentCard]) -> None:
    titles = {held.id: held.title for held in documents}
    chosen = st.selectbox(
        "移除一份文件", list(titles), index=None, format_func=titles.__getitem__, placeholder="选一份…", key="remove-which"
    )
    if st.button("移除…", key="remove-document", disabled=chosen is None) and chosen:
        _confirm_removal(service, chosen, titles[chosen])


@st.dialog("移除这份文件？")
def _confirm_removal(service: Service, document_id: str, title: str) -> None:
    st.html(f"<p>《{escape(title)}》移除后，回答里不再引用它；要恢复须重新添加。</p>")
    remove, leave = st.columns(2)
    if remove.button("移除", type="primary", key="remove-document-sure", width="stretch"):
        try:
            with st.spinner("正在移除…"):
                service.remove_document(document_id)
                _wait(service, lambda: document_id not in {held.id for held in service.documents()})
        except JudianError as exc:
            st.html(markup.notice(str(exc)))
            return
        forget()
        st.rerun()
    if leave.button("不移除", key="remove-document-not", width="stretch"):
        st.rerun()
