"""What the chat page takes beside the answers: Chromium against the service as users run it.

Times are the browser's own. Of an answer the page's cost is what passes between Enter and the answer with its sources on the screen, less what
the API took, as its log tells.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ServiceError
from corpus.load import load_documents
from corpus.read import read_document
from eval.bench import Machine, Say, describe_machine
from eval.load import distinct_questions
from eval.metrics import Latency, latency_of
from eval.service import RunningService, running_service
from rag.config import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HEADING = "## The chat page"
OPENED, ASKED = 10, 40
"""How often the page is opened, and how many questions are asked on it, after `_WARM_UP` that do not count."""

TALK = 8
"""Questions in a conversation, which is drawn anew with each."""

_WARM_UP = 3
_PATIENCE_MS = 60_000
_SEED = 1
_BOX = '[data-testid="stChatInputTextArea"]'
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
_READY = f"""() => document.querySelector('.jd-welcome') && document.querySelector('{_BOX}') && performance.now()"""
_NOTE_ENTER = "() => addEventListener('keydown', event => { if (event.key === 'Enter') window.judianAsked = performance.now() }, true)"
_ANSWERED = """turns => document.querySelectorAll('.jd-turn').length === turns && !document.querySelector('.jd-waiting')
  && document.querySelector(`.jd-sources.jd-current[data-turn="${turns - 1}"]`) && performance.now() - window.judianAsked"""


@dataclass(frozen=True, slots=True)
class PageCost:
    """In milliseconds: the first paint of the page and the time until a question can be typed; of answers the API's part and the page's own."""

    started: str
    machine: Machine
    painted: Latency
    ready: Latency
    answered: Latency
    own: Latency


def measure_page(settings: Settings, started: str, say: Say = print) -> PageCost:
    """Opens the page and asks on it. Raises ServiceError when the service does not start or there is no browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as exc:
        raise ServiceError("测量页面要用浏览器：请安装开发工具（pip install -e '.[dev]'）。") from exc
    chromium = shutil.which("chromium")
    if chromium is None:
        raise ServiceError("没有找到 chromium：请先安装（apt-get install chromium fonts-noto-cjk）。")
    machine = describe_machine()
    questions = distinct_questions([read_document(document) for document in load_documents()], _SEED)
    say("启动服务")
    with running_service(settings) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        url = f"http://127.0.0.1:{service.page_port}"
        say("打开页面")
        openings = [_open(browser, url) for _ in range(1 + OPENED)][1:]
        say("在页面上提问")
        asked = _ask_all(browser, url, service, list(islice(questions, _WARM_UP + ASKED)))
        browser.close()
    return PageCost(started, machine, *(latency_of(times) for pairs in (openings, asked) for times in zip(*pairs, strict=True)))


def _open(browser: "Browser", url: str) -> tuple[float, float]:
    """A browser that has never been there: its first paint, and when a question can be typed."""
    page = _new_page(browser, url)
    ready = float(page.wait_for_function(_READY).json_value())
    painted = float(page.evaluate(_PAINTED))
    page.context.close()
    return painted, ready


def _ask_all(browser: "Browser", url: str, service: RunningService, questions: Sequence[str]) -> list[tuple[float, float]]:
    """Of each question after the first ones the API's time and the rest."""
    times = []
    for first in range(0, len(questions), TALK):
        page = _new_page(browser, url)
        page.wait_for_function(_READY)
        page.evaluate(_NOTE_ENTER)
        for turns, question in enumerate(questions[first : first + TALK], start=1):
            page.locator(_BOX).fill(question)
            page.keyboard.press("Enter")
            times.append(float(page.wait_for_function(_ANSWERED, arg=turns).json_value()))
        page.context.close()
    answers = _answer_times(service.home)
    if len(answers) != len(times):
        raise ServiceError(f"页面提了 {len(times)} 个问题，接口的日志里却有 {len(answers)} 次回答。")
    return [(answer, whole - answer) for answer, whole in zip(answers, times, strict=True)][_WARM_UP:]


def _answer_times(home: Path) -> list[float]:
    """Milliseconds of the questions in the API's log, in order."""
    file = Settings(home=home).log_file
    assert file is not None
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [line["milliseconds"] for line in lines if line.get("path") == "/v1/ask"]


def _new_page(browser: "Browser", url: str) -> "Page":
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(url)
    return page


def section(cost: PageCost) -> str:
    """The figures as a section of the page of benchmarks."""
    machine = cost.machine
    rows = (
        ("first paint", cost.painted),
        ("until a question can be typed", cost.ready),
        ("an answer: the API's part", cost.answered),
        ("an answer: the page's own part", cost.own),
    )
    return "\n".join(
        [
            HEADING,
            "",
            f"Written by `judian eval bench --page`. {cost.started}, {machine.processor}, {machine.cores} CPU, load before the run {machine.load}. Chromium "
            f"on the machine of the service, 1366x768: the page opened {OPENED} times by a browser that has nothing of it, {ASKED} questions asked in conversations of {TALK}.",
            "",
            "| ms | p50 | p95 |",
            "| --- | ---: | ---: |",
            *(f"| {name} | {times.p50:.0f} | {times.p95:.0f} |" for name, times in rows),
            "",
        ]
    )
