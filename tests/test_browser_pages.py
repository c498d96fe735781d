"""The pages beside the conversation: files to save, documents to add and remove, the evaluation; and what every page owes every reader."""

import io
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from eval.run import run_cases, save_run
from eval.types import Split
from tests.browsing import ARTIFACTS, OFFICE, PATIENCE, PHONE, WIDE, ask, behind_a_proxy, in_view, open_page, overflows, served
from tests.test_run import STAMP, of_split, perfect

pytestmark = pytest.mark.browser

GROWTH = "2024年地区生产总值增长目标是多少？"
NOTICE = "# 关于加强山城步道管护的通知\n\n渝测〔2025〕9号\n\n2025年3月5日\n\n一、总体要求\n\n到2027年，全市山城步道完好率达到百分之九十七以上。\n"
PAGES = ("ask", "documents", "documents?id=004&start=5000&end=5040&topic=科技创新", "tasks", "measures", "quality")


def saved(page: Page, words: str) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name=words).click()
    return Path(caught.value.path()).read_bytes()


def opened(page: Page) -> None:
    """Waits until the page is drawn and rests."""
    expect(page.locator(".jd-shelf li, .jd-text, .jd-task-card, .jd-table, .jd-none, .jd-turn").first).to_be_visible()
    expect(page.locator("[data-testid=stSpinner]")).to_have_count(0)
    page.wait_for_timeout(800)


def test_tasks_are_filtered_by_chapter_and_saved_as_excel(browser: Browser, page_url: str) -> None:
    page = open_page(browser, f"{page_url}/tasks")
    expect(page.locator(".jd-page-title")).to_contain_text("456 项")
    page.get_by_label("单位").fill("市教委")
    page.get_by_role("option", name="市教委", exact=True).click()
    page.get_by_label("分工").click()
    page.get_by_role("option", name="牵头", exact=True).click()
    expect(page.get_by_text("符合条件的有 23 项")).to_be_visible()
    expect(page.locator(".jd-bars li").first).to_contain_text("市教委")
    sheet = load_workbook(io.BytesIO(saved(page, "下载所选任务（Excel）"))).active
    assert sheet is not None
    assert sheet.max_row == 24
    assert all("市教委" in str(row[2].value) for row in sheet.iter_rows(min_row=2))
    page.get_by_label("章节").click()
    page.get_by_role("option").nth(1).click()
    expect(page.get_by_text("符合条件的有 23 项")).to_have_count(0)
    page.context.close()


def test_indicators_are_chosen_and_saved_as_excel_and_csv(browser: Browser, page_url: str) -> None:
    page = open_page(browser, f"{page_url}/measures")
    expect(page.locator(".jd-table tbody tr").first).to_be_visible()
    page.get_by_label("选择指标").fill("森林覆盖率")
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    expect(page.locator(".jd-panel-title")).to_have_count(2)
    page.screenshot(path=ARTIFACTS / "office-measures-two.png")
    sheet = load_workbook(io.BytesIO(saved(page, "下载所选指标（Excel）"))).active
    assert sheet is not None
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {"常住人口城镇化率", "森林覆盖率"}
    assert saved(page, "CSV").decode("utf-8-sig").startswith("指标,单位,年份,性质,数值,说明,文件,表\r\n")
    page.context.close()


def test_an_administrator_adds_a_document_reads_the_check_report_and_removes_it(
    browser: Browser, page_url: str, api_url: str, tmp_path: Path
) -> None:
    if "post" not in httpx.get(f"{api_url}/openapi.json", trust_env=False).json()["paths"]["/v1/documents"]:
        pytest.skip("the service takes no documents")
    file = tmp_path / "步道.md"
    file.write_text(NOTICE, "utf-8")
    page = open_page(browser, f"{page_url}/documents")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("步道.md")).to_be_visible()
    page.get_by_role("button", name="添加", exact=True).click()
    report = page.locator(".jd-report")
    expect(report).to_contain_text("《关于加强山城步道管护的通知》已编入", timeout=4 * PATIENCE)
    expect(report).to_contain_text("字数")
    page.screenshot(path=ARTIFACTS / "office-added.png")
    report.locator(".jd-open").click()
    expect(page.locator(".jd-text")).to_contain_text("完好率达到百分之九十七以上")
    page.goto(page_url)
    ask(page, "到2027年全市山城步道完好率要达到多少？")
    expect(page.locator(".jd-current .jd-group h3").first).to_contain_text("山城步道")
    page.goto(f"{page_url}/documents")
    page.get_by_label("移除一份文件").fill("山城步道")
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="移除…").click()
    page.get_by_role("button", name="移除", exact=True).click()
    expect(page.locator(".jd-shelf li")).to_have_count(5, timeout=4 * PATIENCE)
    page.context.close()


def test_whoever_comes_from_elsewhere_is_no_administrator(browser: Browser, page_url: str) -> None:
    with behind_a_proxy(page_url, "10.1.2.3") as url:
        page = open_page(browser, f"{url}/documents")
        expect(page.get_by_text("添加和移除文件由管理员办理")).to_be_visible()
        expect(page.locator("input[type=file]")).to_have_count(0)
        page.context.close()


def test_the_latest_evaluation_is_shown_and_its_absence_said(browser: Browser, page_url: str, api_url: str, tmp_path: Path) -> None:
    page = open_page(browser, f"{page_url}/quality")
    expect(page.get_by_text("还没有评测结果")).to_be_visible()
    page.context.close()
    cases = of_split(Split.TUNE, 3)
    (tmp_path / "runs").mkdir()
    save_run(tmp_path / "runs" / "20250101-000000-tune.json", run_cases(perfect(cases), cases, STAMP))
    with served(api_url, tmp_path) as url:
        page = open_page(browser, f"{url}/quality")
        expect(page.frame_locator("iframe").get_by_role("heading", name="评测报告")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "office-quality.png")
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_meets_wcag_aa(browser: Browser, page_url: str, scheme: str) -> None:
    page = open_page(browser, page_url, OFFICE, scheme)
    ask(page, GROWTH)
    ask(page, "成都市2024年的地铁里程是多少？")
    found = {"answers": violations(page)}
    for where in PAGES:
        page.goto(f"{page_url}/{where}")
        opened(page)
        page.screenshot(path=ARTIFACTS / f"office-{scheme}-{re.split('[?]', where)[0]}{'-text' if '?' in where else ''}.png")
        found[where] = violations(page)
    assert json.dumps({where: broken for where, broken in found.items() if broken}, ensure_ascii=False, indent=1) == "{}"
    page.context.close()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds against WCAG 2.1 A and AA, and where."""
    options: dict[str, Any] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    broken = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in broken]


@pytest.mark.parametrize(("name", "size"), [("wide", WIDE), ("phone", PHONE)])
def test_every_page_fits_its_screen(browser: Browser, page_url: str, name: str, size: tuple[int, int]) -> None:
    page = open_page(browser, page_url, size)
    for where in PAGES:
        page.goto(f"{page_url}/{where}")
        opened(page)
        assert not overflows(page), where
        page.screenshot(path=ARTIFACTS / f"{name}-{re.split('[?]', where)[0]}{'-text' if '?' in where else ''}.png")
    page.context.close()


def test_the_keyboard_goes_through_the_page_in_reading_order(browser: Browser, page_url: str) -> None:
    page = open_page(browser, page_url)
    ask(page, GROWTH)
    page.evaluate("document.querySelector('.jd-mark').focus()")
    passed = []
    for _ in range(30):
        passed.append(page.evaluate("document.activeElement.dataset.jd || document.activeElement.tagName.toLowerCase()"))
        page.keyboard.press("Tab")
    order = [passed.index(what) for what in ("mark", "turn", "copy", "textarea", "open")]
    assert order == sorted(order), passed
    page.evaluate("document.querySelector('.jd-mark').focus()")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-card.jd-lit")).to_have_count(1)
    in_view(page, ".jd-card.jd-lit")
    page.context.close()
