"""The page as a person uses it: Chromium against a running page and a running API over the real documents. Screenshots go to `artifacts/`."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browsing import ARTIFACTS, OFFICE, PATIENCE, PHONE, WIDE, ask, free_port, in_view, open_page, overflows, served, settled

pytestmark = pytest.mark.browser

GROWTH = "2024年地区生产总值增长目标是多少？"


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
    expect(page.locator("#here", has_text="轨道交通")).to_have_count(1)
    expect(page.locator("#here")).to_have_count(1)
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
    expect(page.locator("#here", has_text="人才资源总量")).to_have_count(1)
    expect(page.locator("#here")).to_have_count(1)
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


def test_a_service_that_is_down_is_said_plainly(browser: Browser, tmp_path: Path) -> None:
    with served(f"http://127.0.0.1:{free_port()}", tmp_path) as url:
        page = open_page(browser, url)
        expect(page.locator(".jd-problem").first).to_contain_text("连不上问答服务")
        page.get_by_test_id("stChatInputTextArea").fill(GROWTH)
        page.keyboard.press("Enter")
        expect(page.locator(".jd-turn .jd-problem")).to_contain_text("请稍后再试")
        expect(page.get_by_role("button", name="再问一次")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "office-down.png")
        page.context.close()
