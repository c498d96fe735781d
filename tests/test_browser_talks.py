"""Conversations as a person keeps them: several, renamed, searched, saved, judged, deleted, each browser's its own."""

import io
import re
from pathlib import Path

import httpx
import pytest
from docx import Document
from playwright.sync_api import Browser, Page, expect

from tests.browsing import ARTIFACTS, PHONE, ask, open_page, settled

pytestmark = pytest.mark.browser

GROWTH = "2024年地区生产总值增长目标是多少？"
TALENT = "人才资源总量这项归谁牵头？"


def open_menu(page: Page) -> None:
    page.get_by_role("button", name="本对话").click()
    # While the page is drawn anew, what it showed before may still stand beside it.
    expect(page.get_by_label("对话的名称")).to_have_count(1)
    expect(page.get_by_label("对话的名称")).to_be_visible()


def saved(page: Page, words: str) -> tuple[str, bytes]:
    with page.expect_download() as caught:
        page.get_by_role("button", name=words).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_conversations_are_kept_found_renamed_and_deleted(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    expect(page.get_by_text("还没有对话")).to_be_visible()
    ask(page, GROWTH)
    expect(page.locator(".jd-talk[aria-current]")).to_have_text(GROWTH)
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".jd-welcome")).to_be_visible()
    ask(page, TALENT)
    expect(page.locator(".jd-talk")).to_have_text([TALENT, GROWTH])
    page.locator(".jd-talk", has_text=GROWTH).click()
    expect(page.locator(".jd-question")).to_have_text([GROWTH])
    expect(page.locator(".jd-answer")).to_contain_text("6%左右")

    open_menu(page)
    page.get_by_label("对话的名称").fill("<b>增长</b>目标")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-talk-title")).to_have_text("<b>增长</b>目标")
    expect(page.locator(".jd-talk")).to_have_text([TALENT, "<b>增长</b>目标"])
    page.keyboard.press("Escape")

    page.get_by_label("找对话").fill("组织部")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-talk")).to_have_text([TALENT])
    page.get_by_label("找对话").fill("没有的字")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有含有这些字的对话")).to_be_visible()
    page.get_by_label("找对话").fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-talk")).to_have_count(2)

    page.reload()
    settled(page, 1)
    expect(page.locator(".jd-talk-title")).to_have_text("<b>增长</b>目标")
    page.screenshot(path=ARTIFACTS / "office-talks.png")

    open_menu(page)
    page.get_by_role("button", name="删除这个对话").click()
    page.get_by_role("button", name="不删除").click()
    # Until the page is drawn anew the button of before still stands there, and a click on it is nobody's.
    expect(page.get_by_role("button", name="删除", exact=True)).to_have_count(0)
    expect(page.locator(".jd-talk")).to_have_count(2)
    page.get_by_role("button", name="删除这个对话").click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator(".jd-talk")).to_have_text([TALENT])
    expect(page.locator(".jd-welcome")).to_be_visible()
    page.context.close()


def test_another_browser_sees_none_of_them_even_by_the_address(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, GROWTH)
    expect(page).to_have_url(re.compile(r"\?c="))
    address = page.url
    cookie = next(held for held in page.context.cookies() if held.get("name") == "judian_browser")
    assert cookie.get("httpOnly")
    other = open_page(browser, address)
    expect(other.locator(".jd-problem")).to_contain_text("没有找到这个对话")
    expect(other.locator(".jd-turn")).to_have_count(0)
    expect(other.locator(".jd-talk")).to_have_count(0)
    other.context.close()
    again = page.context.new_page()
    again.goto(address)
    expect(again.locator(".jd-question")).to_have_text([GROWTH])
    page.context.close()


def test_a_conversation_is_saved_as_word_and_markdown(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, GROWTH)
    open_menu(page)
    page.screenshot(path=ARTIFACTS / "office-talk-menu.png")
    name, word = saved(page, "存为 Word 文件")
    assert name == "2024年地区生产总值增长目标是多少？.docx"
    assert GROWTH in [paragraph.text for paragraph in Document(io.BytesIO(word)).paragraphs]
    name, text = saved(page, "存为 Markdown 文件")
    assert name.endswith(".md")
    assert re.search(r"^\[\^1-1\]: 《重庆市人民政府工作报告（2024年）》（2024年1月21日）", text.decode(), re.M)
    page.context.close()


def test_an_answer_is_judged_with_a_reason(browser: Browser, page_url: str, api_url: str) -> None:
    if "/v1/feedback" not in httpx.get(f"{api_url}/openapi.json", trust_env=False).json()["paths"]:
        pytest.skip("the service takes no feedback")
    page = open_page(browser, page_url)
    ask(page, GROWTH)
    ask(page, TALENT)
    page.locator('.jd-turn[data-turn="0"] .jd-up').click()
    expect(page.get_by_text("已记下，谢谢")).to_be_visible()
    expect(page.locator('.jd-turn[data-turn="0"] .jd-up')).to_have_attribute("aria-pressed", "true")
    page.locator('.jd-turn[data-turn="1"] .jd-down').click()
    page.get_by_text("出处不对").click()
    page.get_by_label("应当怎样回答").fill("市委组织部")
    page.get_by_label("补充说明").fill("漏了一个单位")
    page.screenshot(path=ARTIFACTS / "office-judging.png")
    page.get_by_role("button", name="提交").click()
    expect(page.locator('.jd-turn[data-turn="1"] .jd-down')).to_have_attribute("aria-pressed", "true")
    page.reload()
    settled(page, 2)
    expect(page.locator('.jd-turn[data-turn="1"] .jd-down')).to_have_attribute("aria-pressed", "true")
    page.context.close()


def test_questions_are_limited_to_documents_years_and_a_unit(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    expect(page.locator(".jd-shelf li")).to_have_count(5)
    page.locator(".st-key-scope button").click()
    page.get_by_label("只要这些年份").click()
    page.get_by_role("option", name="2022年").click()
    page.keyboard.press("Escape")
    page.get_by_label("只问这个单位的任务").fill("市教委")
    page.get_by_role("option", name="市教委", exact=True).click()
    expect(page.locator(".st-key-scope button").first).to_contain_text("2022年；市教委")
    page.screenshot(path=ARTIFACTS / "office-scope.png")
    page.get_by_role("button", name="不限范围").click()
    expect(page.locator(".st-key-scope button").first).to_contain_text("全部文件")
    page.get_by_label("只在这些文件里找").click()
    page.get_by_role("option", name="重庆市人民政府工作报告（2024年）").click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    ask(page, "地区生产总值增长目标是多少？")
    expect(page.locator(".jd-turn")).to_contain_text("只在以下范围里找：《重庆市人民政府工作报告（2024年）》")
    expect(page.locator(".jd-answer")).to_contain_text("6%左右")
    expect(page.locator(".jd-current .jd-group h3")).to_have_text(["重庆市人民政府工作报告（2024年）"])
    page.context.close()


def test_a_follow_up_says_what_was_understood(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, "2022年高新技术企业数量目标是多少家？")
    ask(page, "那2021年呢？")
    expect(page.locator('.jd-turn[data-turn="1"] .jd-understood')).to_contain_text("高新技术企业")
    page.context.close()


def test_the_same_indicator_in_other_years_leads_to_its_row(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, "2025年常住人口城镇化率目标是多少？")
    expect(page.locator(".jd-current .jd-card .jd-table mark").nth(1)).to_contain_text("常住人口城镇化率")
    page.locator(".jd-others summary").click()
    page.screenshot(path=ARTIFACTS / "office-other-years.png")
    page.locator(".jd-others a", has_text="2022年目标").click()
    expect(page.locator("#here, .jd-marked").first).to_be_in_viewport()
    expect(page.locator(".jd-marked")).to_contain_text("71左右")
    page.context.close()


def test_one_goes_from_place_to_place_of_a_topic(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, GROWTH)
    page.locator(".jd-current .jd-open").first.click()
    way = page.locator(".jd-way")
    # The way stays in sight where the text is far down.
    expect(page.locator("#here").first).to_be_in_viewport()
    expect(way).to_be_in_viewport()
    number = int(re.findall(r"第 (\d+) 处", way.inner_text())[0])
    page.screenshot(path=ARTIFACTS / "office-way.png")
    step, expected = ("下一处", number + 1) if way.locator("a", has_text="下一处").count() else ("上一处", number - 1)
    way.locator("a", has_text=step).click()
    expect(way).to_contain_text(f"第 {expected} 处")
    expect(page.locator("#here").first).to_be_in_viewport()
    expect(way).to_be_in_viewport()
    page.context.close()


def test_the_phone_has_its_conversations_behind_one_button(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url, PHONE)
    ask(page, GROWTH)
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.locator(".jd-talk")).to_have_text([GROWTH])
    page.wait_for_timeout(500)
    page.screenshot(path=ARTIFACTS / "phone-talks.png")
    page.context.close()
