"""The page without a browser: its HTML and its logic, against a service that answers from a table."""

import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Span
from rag.types import CitationVia
from tests.page_parts import QUOTE, FakeApi, answer, answered, card, citation
from ui.client import DocumentCard, MeasureRecord, OutlineEntry, Service, TaskRecord
from ui.page import ask as page_ask
from ui.page import cards, document_view, launch, markup, turns
from ui.page import measures as page_measures
from ui.page import tasks as page_tasks
from ui.page.conversations import Exchange
from ui.page.references import copy_text


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def page(api: FakeApi, request: pytest.FixtureRequest, tmp_path: Path) -> AppTest:
    def script(service: "Service", file: "Path") -> None:
        import streamlit as st

        from ui.page import ask as page_ask
        from ui.page.conversations import Conversations
        from ui.page.desk import Desk

        page_ask.show(service, Desk(Conversations(file), "somebody", st.session_state))

    service = Service(f"http://{request.node.name}.test", httpx.MockTransport(api))
    return AppTest.from_function(script, args=(service, tmp_path / "talks.sqlite3"), default_timeout=20).run()


def shown(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


# What is shown


def test_marks_become_links_and_unknown_ones_stay_text() -> None:
    html = turns.marked(2, answer("6%左右[1]，另见[7]。"), "6%左右[1]，另见[7]。")
    assert re.findall(r'href="#(source-[\d-]+)"[^>]*>(\d+)</a>', html) == [("source-2-1", "1")]
    assert "[7]" in html


def test_a_long_list_is_shown_an_item_a_line() -> None:
    assert turns.paragraphs(0, answer("甲；乙；丙；丁。")) == "<ul><li>甲</li><li>乙</li><li>丙</li><li>丁。</li></ul>"
    assert turns.paragraphs(0, answer("共四项：甲；乙；丙；丁。\n另有戊。")) == (
        "<p>共四项：</p><ul><li>甲</li><li>乙</li><li>丙</li><li>丁。</li></ul><p>另有戊。</p>"
    )
    assert turns.paragraphs(0, answer("甲；乙；丙。")) == "<p>甲；乙；丙。</p>"


def test_everything_that_is_shown_is_escaped() -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">\'"'
    held = Exchange(
        evil,
        answer(
            evil + "[1]。", question=evil, citations=(citation(title=evil, heading_path=(evil,), text=evil, quote=evil, context=(evil,)),)
        ),
    )
    held_card = DocumentCard("001", evil, evil, evil, evil, evil, (), (), ("date",), 9, 1, 0, 0)
    parts = [
        turns.exchange(0, held, {"001": held_card}),
        cards.sources(0, held, {"001": held_card}, True),
        markup.shelf([held_card]),
        markup.notice(evil),
        markup.task_list([TaskRecord(1, evil, (evil,), (evil,), (evil,), evil, 0, 1)], 1),
        markup.bars(evil, evil, [(evil, 3)]),
        markup.measure_list([(evil, [MeasureRecord(evil, evil, 2021, evil, evil, evil, evil, evil, 0, 1)])], {evil: evil}, {}),
        document_view.document_html(evil, document_view.lay_out(evil, []), Span(3, 20)),
        document_view.outline_html([OutlineEntry(0, evil, 0, 5)], None),
        document_view.hit_html(evil, 1, evil, [evil], 0, 5),
        document_view.about_html(held_card),
    ]
    for html in parts:
        assert "<script" not in html
        assert "<img" not in html
        assert "onerror=&quot;" in html or "onerror" not in html or '"onerror' not in html
        opened = re.findall(r"<([a-z0-9]+)", html)
        assert set(opened) <= {
            *(
                "article",
                "section",
                "header",
                "footer",
                "div",
                "span",
                "p",
                "h1",
                "h2",
                "h3",
                "b",
                "i",
                "a",
                "button",
                "small",
                "blockquote",
                "mark",
            ),
            *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "br"),
        }


@pytest.mark.parametrize(
    ("confidence", "words"), [(1.0, "有原文直接依据"), (0.8, "有原文直接依据"), (0.79, "较可能"), (0.5, "较可能"), (0.49, "请核对原文")]
)
def test_confidence_has_three_plain_levels(confidence: float, words: str) -> None:
    assert words in turns.exchange(0, Exchange("问", answer(confidence=confidence)), {})


def test_what_was_understood_is_shown_only_where_it_differs() -> None:
    assert "理解为" not in turns.exchange(0, Exchange("问？", answer()), {})
    assert "理解为：2023年的目标是多少" in turns.exchange(0, Exchange("那2023年呢？", answer(question="2023年的目标是多少")), {})


def test_a_quote_is_found_whatever_its_white_space() -> None:
    assert cards.find_quote("甲乙 丙\n丁。", "乙丙 丁") == (1, 6)
    assert cards.find_quote("甲乙丙", "乙丁") is None
    assert "<mark>地区生产总值增长6%左右</mark>" in cards.passage(citation())
    assert cards.passage(citation(quote="别处的话")).startswith('<div class="jd-beyond"><blockquote><mark>别处的话</mark>')
    assert "<mark>" not in cards.passage(citation(), highlight=False)


def test_a_long_passage_is_folded_around_its_quote() -> None:
    text = "前面的话，" * 60 + QUOTE + "，" + "后面的话。" * 60
    html = cards.passage(citation(text=text))
    short, whole = html.split("<details>")
    assert re.sub(r"<[^>]+>", "", short) == "…" + "前面的话，" * 14 + QUOTE + "，" + "后面的话。" * 14 + "…"
    assert text in re.sub(r"<[^>]+>", "", whole)


def test_a_passage_is_shown_below_what_leads_it_in() -> None:
    held = Exchange("问", answer(citations=(citation(context=("要抓好以下五项工作：",)),)))
    html = cards.sources(0, held, {"001": card()}, True)
    assert '<p class="jd-context">要抓好以下五项工作：</p><blockquote>' in html


def test_a_task_is_shown_by_its_parts() -> None:
    task = "9.力争人才资源总量突破660万人。责任单位:市委组织部、市人力社保局;配合单位:市民政局、市科协。"
    html = cards.passage(citation(text=task, quote=task, via=CitationVia.TASK))
    assert "<b>第9项</b>力争人才资源总量突破660万人。" in html
    assert "<dt>责任单位</dt><dd>市委组织部、市人力社保局</dd><dt>配合单位</dt><dd>市民政局、市科协</dd>" in html


def test_a_copied_answer_carries_its_references() -> None:
    assert copy_text(answer(), {"001": card()}).splitlines()[-1] == (
        "[1] 《政府工作报告（2024年）》（渝府〔2024〕1号，2024年1月21日）“二、2024年主要任务”：地区生产总值增长6%左右"
    )


def test_a_document_without_number_or_date_is_referred_to_without_them() -> None:
    undated = answer(citations=(citation(date=""),))
    assert copy_text(undated, {"001": card(number=None)}).splitlines()[-1].startswith("[1] 《政府工作报告（2024年）》“二、")
    assert copy_text(undated, {"001": card()}).splitlines()[-1].startswith("[1] 《政府工作报告（2024年）》（渝府〔2024〕1号）“二、")
    assert markup.document_line(card(number=None, date="")) == "日期不详<i></i>42 字"


def test_documents_are_shown_whole_in_order_and_marked_at_the_place() -> None:
    for document in load_documents():
        read = read_document(document)
        outline = [OutlineEntry(h.level, h.text, h.span.start, h.span.end) for h in read.outline]
        blocks = document_view.lay_out(document.text, outline)
        letters = re.sub(r"\s", "", document.text)
        html = document_view.document_html(document.text, blocks, None)
        text = re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", html)))
        for again in ("序号指标名称2021年预期2021年实际", "序号指标名称2022年预期"):
            # A table's header that a page break repeats is shown once.
            first = letters.find(again) + len(again)
            letters = letters[:first] + letters[first:].replace(again, "", 1)
        assert text == letters, document.info.id
        assert html.count('id="h-') == len(outline)
        for passage in read.passages[:: max(1, len(read.passages) // 4)]:
            span = Span(passage.spans[0].start, passage.spans[-1].end)
            marked = document_view.document_html(document.text, blocks, span)
            inside = "".join(unescape(part) for part in re.findall(r"<mark[^>]*>(.*?)</mark>", marked))
            assert re.sub(r"\s", "", inside) == re.sub(r"\s", "", document.text[span.start : span.end]), passage.id
            assert marked.count('id="here"') == 1


# The conversation


def test_a_question_is_asked_answered_and_sourced(page: AppTest, api: FakeApi) -> None:
    page.chat_input(key="typed").set_value("2024年经济增长目标是多少？").run()
    html = shown(page)
    assert "6%左右" in html
    assert "有原文直接依据" in html
    assert 'id="source-0-1"' in html
    assert "渝府〔2024〕1号" in html
    assert api.asked[0]["history"] == []
    assert not page.exception


def test_a_follow_up_carries_the_conversation(page: AppTest, api: FakeApi) -> None:
    page.chat_input(key="typed").set_value("2024年经济增长目标是多少？").run()
    page.chat_input(key="typed").set_value("那工业呢？").run()
    assert api.asked[1]["history"] == [
        {"role": "user", "content": "2024年经济增长目标是多少？"},
        {"role": "assistant", "content": "6%左右[1]。"},
    ]
    html = shown(page)
    assert "理解为：2024年规上工业增加值增长目标是多少" in html
    assert "较可能" in html
    assert html.count('class="jd-sources jd-current"') == 1
    assert html.index('class="jd-sources" data-turn="0"') < html.index('class="jd-sources jd-current" data-turn="1"')


def test_examples_and_related_questions_ask_when_clicked(page: AppTest, api: FakeApi) -> None:
    first = next(iter(page_ask.EXAMPLES.values()))[0]
    api.answers[first] = answered("6%左右[1]。", first)
    page.button(key=f"example-{first}").click().run()
    page.button(key="related-0-0").click().run()
    assert [body["question"] for body in api.asked] == [first, "2024年规上工业增加值增长目标是多少？"]
    assert "最接近的 1 段" in shown(page)
    assert "文件中没有找到这个问题的答案。" in shown(page)


def test_a_failure_is_said_kept_out_of_the_history_and_can_be_asked_again(page: AppTest, api: FakeApi) -> None:
    api.down = True
    page.chat_input(key="typed").set_value("2024年经济增长目标是多少？").run()
    assert "连不上问答服务" in shown(page)
    api.down = False
    page.button(key="again-0").click().run()
    assert api.asked[0]["history"] == []
    assert "6%左右" in shown(page)
    page.button(key="fresh").click().run()
    assert "jd-turn" not in shown(page)
    assert "句句有出处" in shown(page)


def test_a_question_too_long_is_answered_with_what_to_do(page: AppTest, api: FakeApi) -> None:
    page.chat_input(key="typed").set_value("问" * 501).run()
    assert "问题有 501 字，最多 500 字" in shown(page)
    assert api.asked == []


# Records


def test_tasks_are_chosen_by_unit_role_and_words() -> None:
    tasks = [
        TaskRecord(1, "建设轨道交通", ("一",), ("市交通局",), ("市教委",), "000", 0, 1),
        TaskRecord(2, "办好教育", ("二",), ("市教委",), (), "000", 1, 2),
    ]
    numbers = [
        [task.number for task in page_tasks.chosen_tasks(tasks, *asked)]
        for asked in (("市教委", "牵头", ""), ("市教委", "配合", ""), ("", "", "轨道"))
    ]
    assert numbers == [[2], [1], [1]]
    assert page_tasks.task_rows(tasks)[0] == (1, "建设轨道交通", "市交通局", "市教委", "一")
    assert [task.number for task in page_tasks.chosen_tasks(tasks, "", "", "", "二")] == [2]
    assert page_tasks.chapters(tasks) == ["一", "二"]


def test_values_are_plotted_only_where_they_are_plain_figures() -> None:
    values = ["6.5左右", "＞50", "5.5以内", "【42.1】", "▽", "", "9*", "-3"]
    assert [page_measures.number(value) for value in values] == [6.5, 50.0, 5.5, None, None, None, None, -3.0]


def test_years_without_a_value_break_the_line() -> None:
    point = {"指标": "甲", "性质": "目标", "原文": "1"}
    gaps = page_measures.with_gaps([{**point, "年份": 2022, "数值": 1.0}, {**point, "年份": 2025, "数值": 2.0}])[2:]
    assert [(gap["年份"], gap["数值"]) for gap in gaps] == [(2023, None), (2024, None)]


def test_the_command_keeps_streamlit_quiet_and_local() -> None:
    command = launch.page_command("127.0.0.1", 8501, "http://127.0.0.1:8000")
    assert "--browser.gatherUsageStats=false" in command
    assert "--server.address=127.0.0.1" in command
    assert command[-3:] == ["--", "--service", "http://127.0.0.1:8000"]
