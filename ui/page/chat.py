"""The chat page, a client of the API; `ui.page.launch.page_command` starts it."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from corpus.errors import JudianError
from rag.config import read_settings
from ui.client import Service
from ui.page import ask, documents, judging, markup, measures, quality, signin, talks, tasks, wiring
from ui.page.conversations import Conversations
from ui.page.desk import Desk
from ui.page.known import offers
from ui.page.signin import Asker

_STYLE = Path(__file__).with_name("style.css")
_LOGO = Path(__file__).with_name("logo.svg")
_WORDMARK = Path(__file__).with_name("wordmark.svg")
# Pixels that the list of conversations is wide.
_SIDEBAR = 244

_PLACE, _TALK = "place_to_open", "talk_to_open"
_log = logging.getLogger("judian.page")


@st.cache_resource(show_spinner=False)
def _service(url: str) -> Service:
    return Service(url, key=read_settings().api_key)


def service_url(arguments: list[str]) -> str:
    """The API's address: `--service`, else what the settings say."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--service", default="")
    known, _ = parser.parse_known_args(arguments)
    return str(known.service) or read_settings().service_url


def main() -> None:
    st.set_page_config(page_title="据典 · 政策文件问答", page_icon=str(_LOGO), layout="wide", initial_sidebar_state=_SIDEBAR)
    st.html(_STYLE)
    st.logo(str(_WORDMARK), size="large")
    if signin.is_set_up() and not signin.is_signed_in():
        st.navigation([st.Page(signin.show, title="登录")], position="hidden").run()
        return
    settings = read_settings()
    asker = signin.asker(settings.administrators)
    desk = Desk(Conversations(settings.conversations_file), asker.owner, st.session_state)
    service = _service(service_url(sys.argv[1:]))
    pages = _pages(service, desk, asker)
    chosen = st.navigation(list(pages.values()), position="top")
    _go(pages, desk)
    st.session_state["focus"] = ""
    chosen.run()
    wiring.mount(st.session_state["focus"], _note_click)


def _pages(service: Service, desk: Desk, asker: Asker) -> dict[str, Any]:
    """The pages by name; those of records only where the service has records to show."""
    shown: dict[str, tuple[str, Callable[[], None]]] = {
        "ask": ("问答", lambda: ask.show(service, desk, signin.line(asker), bool(asker.name))),
        "documents": ("文件", lambda: documents.show(service, asker.administrator)),
    }
    if offers(service, "GET /v1/tasks"):
        shown["tasks"] = ("任务", lambda: tasks.show(service))
    if offers(service, "GET /v1/measures"):
        shown["measures"] = ("指标", lambda: measures.show(service))
    shown["quality"] = ("质量", lambda: quality.show(read_settings()))
    return {name: st.Page(_guarded(show, name), title=title, url_path=name, default=name == "ask") for name, (title, show) in shown.items()}


def _go(pages: dict[str, Any], desk: Desk) -> None:
    """Follows the click that the page's script has told of."""
    place, talk = st.session_state.pop(_PLACE, None), st.session_state.pop(_TALK, None)
    if place is not None:
        st.switch_page(pages["documents"], query_params=place)
    if talk is not None:
        talks.open_talk(desk, talk)


def _note_click(name: str, asked: dict[str, Any]) -> None:
    if name == "talk":
        st.session_state[_TALK] = str(asked.get("id", ""))
    elif name == "judge":
        judging.ask_why(asked)
    else:
        start, end = asked.get("start"), asked.get("end")
        if isinstance(start, int) and isinstance(end, int):
            place = {"id": str(asked.get("id", ""))[:64], "start": str(start), "end": str(end), "topic": str(asked.get("topic", ""))[:500]}
            st.session_state[_PLACE] = {key: value for key, value in place.items() if value} if place["id"] else {}


def _guarded(show: Callable[[], None], name: str) -> Callable[[], None]:
    """A page that says in Chinese what went wrong instead of breaking."""

    def page() -> None:
        try:
            show()
        except JudianError as exc:
            st.html(markup.notice(str(exc)))
        except Exception:
            _log.exception("the page failed")
            st.html(markup.notice("页面出错了，已记录。请刷新页面再试；若一直如此，请联系管理员。"))

    page.__name__ = name
    return page


if __name__ == "__main__":
    main()
