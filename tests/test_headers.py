"""What the page adds to its responses, over an application that answers with a page and a script."""

import asyncio
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.page.headers import PageHeaders
from ui.page.server import to_the_conversation


async def site(scope: Any, _receive: Any, send: Any) -> None:
    kind = b"text/html; charset=utf-8" if scope["path"] == "/" else b"text/javascript"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": b""})


def answered(path: str, cookie: bytes = b"", scheme: str = "http") -> dict[str, str]:
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def ask() -> None:
        headers = [(b"cookie", cookie)] if cookie else []
        await PageHeaders(site)({"type": "http", "path": path, "scheme": scheme, "headers": headers}, None, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    return {name.decode(): value.decode() for name, value in told[0]["headers"]}


def test_a_browser_gets_a_token_once_that_no_script_reads_and_no_other_site_sends() -> None:
    first, second = answered("/")["set-cookie"], answered("/")["set-cookie"]
    assert re.fullmatch(r"judian_browser=[\w-]{32}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", first)
    assert first != second
    assert answered("/", scheme="https")["set-cookie"].endswith("; Secure")
    assert "set-cookie" not in answered("/", b"a=1; judian_browser=known")
    assert "set-cookie" not in answered("/script.js")


@pytest.mark.parametrize("path", ["/", "/script.js"])
def test_nothing_is_fetched_from_sent_to_or_framed_by_another_site(path: str) -> None:
    headers = answered(path)
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert not re.search(r"https?:|\*", headers["content-security-policy"])
    assert policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_name_of_the_first_page_leads_to_it() -> None:
    with TestClient(Starlette(routes=[Route("/ask", to_the_conversation)])) as client:
        response = client.get("/ask?q=1", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (308, "./?q=1")
