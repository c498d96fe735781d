"""The chat page, run by Streamlit: `streamlit run ui/page/chat.py -- --service URL` (`ui.page.launch.page_command` gives the full command)."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from corpus.errors import JudianError
from rag.config import read_settings
from ui.client import Service, service_key
from ui.page import ask, documents, markup, measures, tasks, wiring

_STYLE = Path(__file__).with_name("style.css")
_LOGO = Path(__file__).with_name("logo.svg")
_WORDMARK = Path(__file__).with_name("wordmark.svg")
_WIRED = "wired"
_PLACE = "place_to_open"
_log = logging.getLogger("judian.page")


@st.cache_resource(show_spinner=False)
def _service(url: str) -> Service:
    return Service(url)


@st.cache_data(ttl=60, show_spinner=False, hash_funcs={Service: service_key})
def _endpoints(service: Service) -> frozenset[str]:
    return service.endpoints()


def service_url(arguments: list[str]) -> str:
    """The API's address: `--service`, else what the settings say."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--service", default="")
    known, _ = parser.parse_known_args(arguments)
    return str(known.service) or read_settings().service_url


def main() -> None:
    st.set_page_config(page_title="据典 · 政策文件问答", page_icon=str(_LOGO), layout="wide", initial_sidebar_state="collapsed")
    st.html(_STYLE)
    st.logo(str(_WORDMARK), size="large")
    service = _service(service_url(sys.argv[1:]))
    ask_page = st.Page(_guarded(ask.show, service, "ask"), title="问答", url_path="ask", default=True)
    documents_page = st.Page(_guarded(documents.show, service, "documents"), title="文件", url_path="documents")
    pages = [ask_page, documents_page]
    offered = _offered(service)
    if "/v1/tasks" in offered:
        pages.append(st.Page(_guarded(tasks.show, service, "tasks"), title="任务", url_path="tasks"))
    if "/v1/measures" in offered:
        pages.append(st.Page(_guarded(measures.show, service, "measures"), title="指标", url_path="measures"))
    chosen = st.navigation(pages, position="top")
    place = st.session_state.pop(_PLACE, None)
    if place is not None:
        st.switch_page(documents_page, query_params=place)
    st.session_state["focus"] = ""
    chosen.run()
    wiring.mount(st.session_state["focus"], _remember_place)


def _offered(service: Service) -> frozenset[str]:
    """The endpoints of the service; none while it cannot be reached (the page says so when something is asked)."""
    try:
        return _endpoints(service)
    except JudianError:
        return frozenset()


def _remember_place() -> None:
    """A click on a way into a document: the place comes from the browser, so nothing in it is trusted."""
    place = st.session_state[_WIRED].get("open") or {}
    start, end = place.get("start"), place.get("end")
    if isinstance(start, int) and isinstance(end, int):
        document_id = str(place.get("id", ""))[:64]
        st.session_state[_PLACE] = {"id": document_id, "start": str(start), "end": str(end)} if document_id else {}


def _guarded(show: Callable[[Service], None], service: Service, name: str) -> Callable[[], None]:
    """A page that says in Chinese what went wrong instead of breaking."""

    def page() -> None:
        try:
            show(service)
        except JudianError as exc:
            st.html(markup.notice(str(exc)))
        except Exception:
            _log.exception("the page failed")
            st.html(markup.notice("页面出错了，已记录。请刷新页面再试；若一直如此，请联系管理员。"))

    page.__name__ = name
    return page


if __name__ == "__main__":
    main()
