"""What the tests in a browser share: a running API, a running page, Chromium, and the ways of a person on the page."""

import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ui.page.launch import page_command

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
CHROMIUM = shutil.which("chromium")
OFFICE, WIDE, PHONE = (1366, 768), (1920, 1080), (390, 844)
PATIENCE = 60_000
"""Milliseconds that a busy machine may take for an answer."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False, timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} did not come up in {seconds} s")


@pytest.fixture(scope="session")
def api_url(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running API with a home of its own, so that what is added, removed and judged leaves the user's alone."""
    own = tmp_path_factory.mktemp("api")
    (own / "models").symlink_to(home / "models")
    shutil.copytree(home / "index", own / "index")
    port = free_port()
    with running([sys.executable, "-P", "-m", "ui.command.main", "serve", "--port", str(port)], own):
        wait_for(f"http://127.0.0.1:{port}/healthz", 120)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(command: list[str], home: Path, **settings: str) -> Iterator[None]:
    """A process of the service over a home, with no other settings of the environment."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")}
    environment = {**own, "JUDIAN_HOME": str(home), **settings}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def served(api_url: str, home: Path, **settings: str) -> Iterator[str]:
    """A running page that keeps its conversations under `home`."""
    port = free_port()
    with running(page_command("127.0.0.1", port, api_url, home / "secrets.toml"), home, **settings):
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", 60)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def behind_a_proxy(url: str, address: str) -> Iterator[str]:
    """The page through a reverse proxy that says it asks for somebody at `address`.

    A real one, because Chromium sends what a context's `extra_http_headers` holds with pages but, before version 151, not with WebSockets.
    """
    target = urlsplit(url)

    class _Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request: socket.socket = self.request
            with socket.create_connection((target.hostname, target.port)) as page:
                line, _, rest = request.recv(65536).partition(b"\r\n")
                page.sendall(line + f"\r\nX-Forwarded-For: {address}\r\n".encode() + rest)
                answers = threading.Thread(target=_pour, args=(page, request), daemon=True)
                answers.start()
                _pour(request, page)
                answers.join(10)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Forward) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    """All that comes until one of the two is closed."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="session")
def page_url(api_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(api_url, tmp_path_factory.mktemp("page")) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: apt-get install chromium fonts-noto-cjk")
        pytest.skip("chromium is missing: apt-get install chromium fonts-noto-cjk")
    return CHROMIUM


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    ARTIFACTS.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def open_page(browser: Browser, url: str, size: tuple[int, int] = OFFICE, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="zh-CN",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def ask(page: Page, question: str) -> None:
    turns = page.locator(".jd-turn")
    before = turns.count()
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.keyboard.press("Enter")
    settled(page, before + 1)


def settled(page: Page, turns: int) -> None:
    expect(page.locator(".jd-turn")).to_have_count(turns, timeout=PATIENCE)
    expect(page.locator(".jd-waiting")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(f'.jd-sources.jd-current[data-turn="{turns - 1}"]')).to_have_count(1, timeout=PATIENCE)


def in_view(page: Page, selector: str) -> None:
    expect(page.locator(selector).first).to_be_in_viewport(timeout=PATIENCE)


def overflows(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))
