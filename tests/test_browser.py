"""The page as a person uses it: Chromium against a running page and a running API over the real documents. Screenshots go to `artifacts/`."""

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

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
CHROMIUM = shutil.which("chromium")
GROWTH = "2024年地区生产总值增长目标是多少？"
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


@pytest.fixture(scope="module")
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
def served(api_url: str) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(page_command("127.0.0.1", port, api_url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def page_url(api_url: str) -> Iterator[str]:
    with served(api_url) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: apt-get install chromium fonts-noto-cjk")
        pytest.skip("chromium is missing: apt-get install chromium fonts-noto-cjk")
    ARTIFACTS.mkdir(exist_ok=True)
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


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("office", OFFICE, "light"), ("office-dark", OFFICE, "dark"), ("wide", WIDE, "light"), ("phone", PHONE, "light")],
)
def test_an_answer_stands_beside_its_source(browser: Browser, page_url: str, name: str, size: tuple[int, int], scheme: str) -> None:
    page = open_page(browser, page_url, size, scheme)
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if not request.url.startswith((page_url, "data:", "blob:")) else None)
    expect(page.locator(".jd-shelf li")).to_have_count(5)
    page.screenshot(path=ARTIFACTS / f"{name}-welcome.png")
    ask(page, GROWTH)
    expect(page.locator(".jd-answer")).to_contain_text("6%左右")
    expect(page.locator(".jd-current .jd-card mark").first).to_contain_text("6%左右")
    in_view(page, ".jd-answer")
    if size != PHONE:
        left, right = page.locator(".jd-answer").bounding_box(), page.locator(".jd-current .jd-card").first.bounding_box()
        assert left
        assert right
        assert left["x"] + left["width"] <= right["x"]
        in_view(page, ".jd-current .jd-card mark")
    assert not overflows(page)
    page.screenshot(path=ARTIFACTS / f"{name}-answer.png")
    assert outside == []
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.context.close()


def test_a_mark_lights_up_its_card_and_leads_into_the_document(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, GROWTH)
    ask(page, "市教委牵头几项任务？")
    first = page.locator(".jd-turn").first
    first.locator(".jd-mark").first.click()
    expect(page.locator('.jd-sources.jd-current[data-turn="0"] .jd-card.jd-lit')).to_have_count(1)
    page.screenshot(path=ARTIFACTS / "office-mark.png")
    page.locator(".jd-current .jd-open").first.click()
    expect(page.locator(".jd-text h1")).to_contain_text("政府工作报告（2024年）")
    expect(page.locator("#here")).to_contain_text("6%左右")
    in_view(page, "#here")
    in_view(page, ".jd-outline .jd-here")
    page.screenshot(path=ARTIFACTS / "office-document.png")
    page.get_by_label("在这份文件里找").fill("轨道交通")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-hit").first).to_be_visible()
    page.locator(".jd-hit").first.click()
    expect(page.locator("#here")).to_contain_text("轨道交通", timeout=PATIENCE)
    in_view(page, "#here")
    page.wait_for_timeout(600)
    page.screenshot(path=ARTIFACTS / "office-found.png")
    page.get_by_role("link", name="问答").first.click()
    expect(page.locator(".jd-turn")).to_have_count(2)
    page.context.close()


def test_examples_related_questions_and_a_new_conversation(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    page.get_by_role("button", name=GROWTH).click()
    settled(page, 1)
    page.locator(".st-key-related button").first.click()
    settled(page, 2)
    page.locator('[data-jd="copy"]').first.click()
    expect(page.locator('[data-jd="copy"]').first).to_have_text("已复制")
    assert "出处：\n[1] 《" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".jd-welcome")).to_be_visible()
    expect(page.locator(".jd-turn")).to_have_count(0)
    page.context.close()


def test_tasks_are_filtered_and_lead_into_the_document(browser: Browser, page_url: str) -> None:
    page = open_page(browser, f"{page_url}/tasks")
    expect(page.locator(".jd-page-title")).to_contain_text("456 项", timeout=PATIENCE)
    page.get_by_label("内容含有").fill("人才资源总量")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-task-card")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".jd-task-card")).to_contain_text("市委组织部、市人力社保局")
    page.screenshot(path=ARTIFACTS / "office-tasks.png")
    page.locator(".jd-task-card .jd-open").click()
    expect(page.locator("#here")).to_contain_text("人才资源总量", timeout=PATIENCE)
    in_view(page, "#here")
    page.context.close()


def test_indicators_are_drawn_and_listed_with_their_sources(browser: Browser, page_url: str) -> None:
    page = open_page(browser, f"{page_url}/measures")
    expect(page.locator(".jd-table tbody tr").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(500)
    page.screenshot(path=ARTIFACTS / "office-measures.png")
    page.locator(".jd-table .jd-open").first.click()
    in_view(page, "#here, .jd-marked")
    page.context.close()


def test_html_in_a_question_does_nothing(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    page.evaluate("window.harmed = 0")
    evil = "<img src=x onerror='window.harmed=1'><script>window.harmed=1</script><b>粗</b>"
    ask(page, evil)
    expect(page.locator(".jd-question")).to_have_text(evil)
    page.wait_for_timeout(500)
    assert page.evaluate("window.harmed") == 0
    assert page.locator(".jd-turn img, .jd-turn script, .jd-turn b").count() == 0
    page.goto(f"{page_url}/documents?id=%3Cimg%20src%3Dx%20onerror%3D%22window.harmed%3D1%22%3E")
    expect(page.locator(".jd-problem")).to_contain_text("没有编号为")
    assert page.locator(".jd-problem img").count() == 0
    page.context.close()


def test_a_long_question_and_an_abstention_are_said_plainly(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, "问" * 501)
    expect(page.locator(".jd-problem")).to_contain_text("最多 500 字")
    ask(page, "成都市2024年的地铁里程是多少？")
    expect(page.locator(".jd-abstained")).to_be_visible()
    expect(page.locator(".jd-current .jd-panel-title")).to_contain_text("最接近的")
    page.screenshot(path=ARTIFACTS / "office-abstained.png")
    page.context.close()


def test_enter_sends_and_shift_enter_breaks_the_line(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    box = page.get_by_test_id("stChatInputTextArea")
    box.click()
    page.keyboard.type("2024年地区生产总值")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("增长目标是多少")
    assert box.input_value() == "2024年地区生产总值\n增长目标是多少"
    page.keyboard.press("Enter")
    settled(page, 1)
    expect(page.locator(".jd-answer")).to_contain_text("6%左右")
    page.context.close()


def test_a_service_that_is_down_is_said_plainly(browser: Browser) -> None:
    with served(f"http://127.0.0.1:{free_port()}") as url:
        page = open_page(browser, url)
        expect(page.locator(".jd-problem").first).to_contain_text("连不上问答服务")
        page.get_by_test_id("stChatInputTextArea").fill(GROWTH)
        page.keyboard.press("Enter")
        expect(page.locator(".jd-turn .jd-problem")).to_contain_text("请稍后再试")
        expect(page.get_by_role("button", name="再问一次")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "office-down.png")
        page.context.close()
