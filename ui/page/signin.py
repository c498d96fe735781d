"""Who is asking: a user signed in through Streamlit's OpenID Connect support, or, where none is set up, a browser."""

import hashlib
import secrets
from dataclasses import dataclass
from html import escape
from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

COOKIE = "judian_browser"
"""Holds the token by which a browser's conversations are found again."""

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


@dataclass(frozen=True, slots=True)
class Asker:
    """`owner` is what conversations are kept under, `name` what the page calls a signed-in user (empty for a browser)."""

    owner: str
    name: str = ""
    administrator: bool = False


def is_set_up() -> bool:
    """Whether the secrets file has an `[auth]` table, so that nobody gets in without signing in."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def is_signed_in() -> bool:
    return bool(st.user.is_logged_in)


def asker(administrators: str) -> Asker:
    """The signed-in user, an administrator when the mail address is among `administrators` (parted by commas); else the browser, an administrator on this machine."""
    if is_set_up():
        user = st.user.to_dict()
        mail = str(user.get("email") or "") if user.get("email_verified") is not False else ""
        return Asker(
            owner="user:" + _hidden(f"{user.get('iss')} {user.get('sub')}"),
            name=str(user.get("name") or mail or "已登录"),
            administrator=bool(mail) and mail.casefold() in {held.strip().casefold() for held in administrators.split(",")},
        )
    token = st.context.cookies.get(COOKIE) or st.session_state.setdefault("browser", _session_token())
    return Asker("browser:" + _hidden(token), administrator=opened_on_this_machine())


def show() -> None:
    """The page of those who have not signed in."""
    with st.container(key="sign-in"):
        st.html('<div class="jd-welcome"><h1>据典 · 政策文件问答</h1><p>请用单位的统一账号登录。</p></div>')
        st.button("登录", type="primary", key="sign-in-button", on_click=st.login)


def line(held: Asker) -> str:
    """Who the page takes the reader for."""
    if held.name:
        return f'<p class="jd-foot">已登录：{escape(held.name)}。对话只有您自己看得到。</p>'
    return '<p class="jd-foot">本页未设登录，能打开的人都可以使用；对话按浏览器分开保存，只在本机服务器上。</p>'


def opened_on_this_machine() -> bool:
    """Whether the browser runs on the machine of the page: it asks from a loopback address for a loopback address, and no proxy says otherwise."""
    headers = st.context.headers
    if any(name in headers for name in _FORWARDED):
        return False
    host = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
    # Streamlit gives no address for a browser on the same machine.
    return (st.context.ip_address is None or _is_loopback(st.context.ip_address)) and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _session_token() -> str:
    """For a browser that takes no cookie: its conversations last as long as the tab."""
    return secrets.token_urlsafe(24)


def _hidden(token: str) -> str:
    """What is stored in the place of a token, so that whoever reads the file cannot act as its owner."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]
