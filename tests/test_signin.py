"""Signing in with an OpenID Connect provider of the house: a small one that runs here, and the page in a browser."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, expect

from tests.browsing import ARTIFACTS, ask, free_port, open_page, running, wait_for
from ui.page.launch import page_command

pytestmark = pytest.mark.browser

KEY = RSAKey.generate_key(2048, {"kid": "one"})
SECRETS = """
[auth]
redirect_uri = "{page}/oauth2callback"
cookie_secret = "a secret of the house that is long enough"
client_id = "judian"
client_secret = "secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


class Provider(BaseHTTPRequestHandler):
    """Lets in whoever comes as `user`; keeps the nonce of the request for the token that follows."""

    user: ClassVar[dict[str, Any]] = {}
    nonce = ""

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if self.path.startswith("/authorize"):
            Provider.nonce = asked.get("nonce", "")
            self.send_response(302)
            self.send_header("Location", asked["redirect_uri"] + "?" + urlencode({"code": "c", "state": asked["state"]}))
            self.end_headers()
        elif self.path.startswith("/jwks"):
            self._say({"keys": [KEY.as_dict(private=False)]})
        else:
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            self._say(
                {
                    "issuer": base,
                    "id_token_signing_alg_values_supported": ["RS256"],
                    **{name: f"{base}/{end}" for name, end in ends.items()},
                }
            )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        now = int(time.time())
        claims = {
            "iss": f"http://{self.headers['Host']}",
            "aud": "judian",
            "iat": now,
            "exp": now + 600,
            "nonce": Provider.nonce,
            **Provider.user,
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)
        self._say({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""

    def _say(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_users_sign_in_keep_their_own_conversations_and_administrators_are_named(
    browser: Browser, api_url: str, provider: str, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (tmp_path / "secrets.toml").write_text(SECRETS.format(page=url, provider=provider), "utf-8")
    command = page_command("127.0.0.1", port, api_url, tmp_path / "secrets.toml")
    with running(command, tmp_path, JUDIAN_ADMINISTRATORS="li@example.gov.cn"):
        wait_for(f"{url}/_stcore/health", 60)
        Provider.user = {"sub": "1", "name": "李<b>某</b>", "email": "Li@example.gov.cn"}
        page = open_page(browser, url)
        expect(page.get_by_role("button", name="登录")).to_be_visible()
        expect(page.get_by_test_id("stChatInputTextArea")).to_have_count(0)
        page.screenshot(path=ARTIFACTS / "office-sign-in.png")
        page.get_by_role("button", name="登录").click()
        expect(page.locator(".jd-foot")).to_contain_text("已登录：李<b>某</b>")
        ask(page, "人才资源总量这项归谁牵头？")
        address = page.url
        page.goto(f"{url}/documents")
        expect(page.get_by_text("管理文件")).to_be_visible()
        expect(page.get_by_text("请用管理员账号登录")).to_have_count(0)
        Provider.user = {"sub": "2", "name": "王某", "email": "wang@example.gov.cn"}
        other = open_page(browser, url)
        other.get_by_role("button", name="登录").click()
        expect(other.locator(".jd-foot")).to_contain_text("已登录：王某")
        other.goto(address)
        expect(other.locator(".jd-problem")).to_contain_text("没有找到这个对话")
        page.goto(address)
        expect(page.locator(".jd-talk")).to_have_count(1)
        page.get_by_role("button", name="退出登录").click()
        expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
