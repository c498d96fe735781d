"""What the tests in a browser share: a running API, a running page, Chromium, and the ways of a person on the page."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from index.encoder import open_encoder
from index.store import is_current, load_index
from rag.assistant import Assistant
from rag.build import build, fingerprint
from rag.config import read_settings
from ui.api.app import create_app
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
def api_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running API: the one that JUDIAN_API_URL names, else one over the index under JUDIAN_HOME, built first where there is none."""
    settings = read_settings()
    if settings.api_url:
        yield settings.api_url
        return
    encoder = open_encoder(settings.model, request.getfixturevalue("bundled_cache"))
    folder = settings.index_folder if os.environ.get("JUDIAN_HOME") else tmp_path_factory.mktemp("home") / "index"
    if not is_current(folder, encoder.name, fingerprint()):
        build(folder, encoder)
    port = free_port()
    app = create_app(lambda: Assistant(load_index(folder, encoder), encoder))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(f"http://127.0.0.1:{port}/healthz", 120)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@contextmanager
def served(api_url: str, home: Path, **settings: str) -> Iterator[str]:
    """A running page that keeps its conversations under `home`."""
    port = free_port()
    process = subprocess.Popen(
        page_command("127.0.0.1", port, api_url),
        env={**os.environ, "JUDIAN_HOME": str(home), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def page_url(api_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(api_url, tmp_path_factory.mktemp("page")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: apt-get install chromium fonts-noto-cjk")
        pytest.skip("chromium is missing: apt-get install chromium fonts-noto-cjk")
    ARTIFACTS.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
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
