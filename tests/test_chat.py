"""The page without a browser: its client, its HTML, its logic, against a service that answers from a table."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from corpus.errors import QuestionError, ServiceError, UnknownDocumentError
from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Span
from rag.types import Answer, Citation, CitationVia, Mode, Turn
from ui.client import DocumentCard, MeasureRecord, OutlineEntry, Service, TaskRecord, checked_question, trimmed_history
from ui.page import ask as page_ask
from ui.page import document_view, launch, markup
from ui.page import measures as page_measures
from ui.page import tasks as page_tasks
from ui.page.markup import Exchange

TEXT = "今年经济社会发展的主要预期目标是：地区生产总值增长6%左右，规上工业增加值增长7%。"
QUOTE = "地区生产总值增长6%左右"
CITATION: dict[str, Any] = {
    "mark": 1,
    "passage_id": "001-1",
    "document_id": "001",
    "source": "001.txt",
    "title": "政府工作报告（2024年）",
    "date": "2024-01-21",
    "heading_path": ["二、2024年主要任务"],
    "text": TEXT,
    "quote": QUOTE,
    "start": 17,
    "end": 29,
    "via": "reading",
    "score": 0.98,
}
DOCUMENT: dict[str, Any] = {
    "id": "001",
    "source": "001.txt",
    "title": "政府工作报告（2024年）",
    "issuer": "市政府",
    "number": "渝府〔2024〕1号",
    "date": "2024-01-21",
    "reports_on": [2023],
    "plans_for": [2024],
    "inferred": [],
    "characters": 42,
    "passages": 1,
    "tasks": 0,
    "measures": 0,
}


def answered(text: str, question: str, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "answer": text,
        "abstained": False,
        "mode": "reading",
        "question": question,
        "citations": [CITATION],
        "confidence": 0.95,
        "related": ["2024年规上工业增加值增长目标是多少？"],
        "timings_ms": {"total": 9.0},
    }
    return {**base, **changes}


class FakeApi:
    """Answers from `answers`, by question; what it is not told of it abstains from. Keeps every body that it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {
            "2024年经济增长目标是多少？": answered("6%左右[1]。", "2024年经济增长目标是多少？"),
            "那工业呢？": answered("7%[1]。", "2024年规上工业增加值增长目标是多少", confidence=0.6),
        }
        self.asked: list[dict[str, Any]] = []
        self.down = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/v1/documents":
            return httpx.Response(200, json=[DOCUMENT])
        if request.url.path == "/v1/ask":
            body = json.loads(request.content)
            self.asked.append(body)
            nothing = answered("文件中没有找到这个问题的答案。", body["question"], abstained=True, confidence=0.1, related=[])
            return httpx.Response(200, json=self.answers.get(body["question"], nothing))
        return httpx.Response(404, json={"detail": f"没有 {request.url.path} 这个地址。"})


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def page(api: FakeApi, request: pytest.FixtureRequest) -> AppTest:
    def script(service: "Service") -> None:
        from ui.page import ask as page_ask

        page_ask.show(service)

    service = Service(f"http://{request.node.name}.test", httpx.MockTransport(api))
    return AppTest.from_function(script, args=(service,), default_timeout=20).run()


def shown(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def service_that(respond: Callable[[httpx.Request], httpx.Response]) -> Service:
    return Service("http://service.test/", httpx.MockTransport(respond))


def citation(**changes: Any) -> Citation:
    held = {**CITATION, "heading_path": tuple(CITATION["heading_path"]), "via": CitationVia(CITATION["via"])}
    return replace(Citation(**held), **changes)


def answer(text: str = "6%左右[1]。", **changes: Any) -> Answer:
    return replace(Answer(text, False, Mode.READING, "问", (citation(),), 0.95), **changes)


# The client


def test_an_answer_crosses_the_wire_whole(api: FakeApi) -> None:
    got = service_that(api).ask(" 2024年经济增长目标是多少？ ", [Turn("user", "甲"), Turn("assistant", "乙")])
    assert got.answer == "6%左右[1]。"
    assert got.mode is Mode.READING
    assert got.citations == (citation(),)
    assert api.asked == [
        {"question": "2024年经济增长目标是多少？", "history": [{"role": "user", "content": "甲"}, {"role": "assistant", "content": "乙"}]}
    ]


def test_fields_that_a_newer_service_adds_are_passed_over() -> None:
    newer = answered("6%左右[1]。", "问", citations=[{**CITATION, "number": "渝府〔2024〕1号"}], tables=[])
    assert service_that(lambda _: httpx.Response(200, json=newer)).ask("问").citations == (citation(),)


def test_history_is_cut_to_what_the_service_takes() -> None:
    turns = [Turn("user", str(number) + "长" * 3000) for number in range(30)]
    kept = trimmed_history(turns)
    assert [turn.content[:2] for turn in kept[:2]] == ["10", "11"]
    assert {len(turn.content) for turn in kept} == {2000}
    assert len(kept) == 20


def test_a_question_too_long_or_empty_never_leaves_the_page(api: FakeApi) -> None:
    assert checked_question("问" * 500 + "\n") == "问" * 500
    with pytest.raises(QuestionError, match="问题有 501 字，最多 500 字"):
        service_that(api).ask("问" * 501)
    with pytest.raises(QuestionError, match="问题是空的"):
        service_that(api).ask(" \n ")
    assert api.asked == []


@pytest.mark.parametrize(
    ("status", "detail", "error", "words"),
    [
        (503, "索引正在载入，请稍候再试。", ServiceError, "服务尚未就绪：索引正在载入，请稍候再试。"),
        (422, "问题里有不可见的控制字符，请删去后再问。", QuestionError, "问题里有不可见的控制字符，请删去后再问。"),
        (404, "没有编号为 '9' 的文件", UnknownDocumentError, "没有编号为 '9' 的文件"),
        (500, "", ServiceError, "服务内部出错，请稍后再试。"),
    ],
)
def test_refusals_keep_the_words_of_the_service(status: int, detail: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        service_that(lambda _: httpx.Response(status, json={"detail": detail})).ask("问")
    assert str(caught.value) == words


def test_a_service_that_is_gone_slow_or_another_program_is_said_in_chinese() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    def slow(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    for respond, words in ((gone, "连不上问答服务"), (slow, "太久没有回应"), (lambda _: httpx.Response(200, text="<html>"), "无法读懂")):
        with pytest.raises(ServiceError, match=words):
            service_that(respond).documents()


def test_an_id_from_the_address_bar_stays_one_segment_of_the_path() -> None:
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(200, json={"outline": []})

    service_that(respond).outline("../a b/c?d")
    assert seen == ["/v1/documents/%2E%2E%2Fa%20b%2Fc%3Fd"]


def test_records_are_read_page_after_page() -> None:
    base = {
        "text": "甲",
        "heading_path": ["一"],
        "lead_units": ["市教委"],
        "cooperating_units": [],
        "document_id": "000",
        "open_ended": False,
    }
    records = [{**base, "number": number, "start": number, "end": number + 5} for number in range(5)]

    def respond(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        return httpx.Response(200, json={"tasks": records[offset : offset + 2], "total": 5, "offset": offset})

    tasks = service_that(respond).tasks()
    assert [task.number for task in tasks] == [0, 1, 2, 3, 4]
    assert tasks[3] == TaskRecord(3, "甲", ("一",), ("市教委",), (), "000", 3, 8)


# What is shown


def test_marks_become_links_and_unknown_ones_stay_text() -> None:
    html = markup.marked(2, answer("6%左右[1]，另见[7]。"))
    assert re.findall(r'href="#(source-[\d-]+)"[^>]*>(\d+)</a>', html) == [("source-2-1", "1")]
    assert "[7]" in html


def test_a_long_list_is_shown_an_item_a_line() -> None:
    assert markup.marked(0, answer("甲；乙；丙；丁。")) == "甲；<br>乙；<br>丙；<br>丁。"
    assert markup.marked(0, answer("甲；乙；丙。")) == "甲；乙；丙。"


def test_everything_that_is_shown_is_escaped() -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">\'"'
    held = Exchange(
        evil, answer(evil + "[1]。", question=evil, citations=(citation(title=evil, heading_path=(evil,), text=evil, quote=evil),))
    )
    card = DocumentCard("001", evil, evil, evil, evil, evil, (), (), ("date",), 9, 1, 0, 0)
    parts = [
        markup.exchange(0, held, {"001": card}),
        markup.sources(0, held, {"001": card}, True),
        markup.shelf([card]),
        markup.notice(evil),
        markup.task_list([TaskRecord(1, evil, (evil,), (evil,), (evil,), evil, 0, 1)], 1),
        markup.bars(evil, evil, [(evil, 3)]),
        markup.measure_list([(evil, [MeasureRecord(evil, evil, 2021, evil, evil, evil, evil, evil, 0, 1)])], {evil: evil}, {}),
        document_view.document_html(evil, document_view.lay_out(evil, []), Span(3, 20)),
        document_view.outline_html([OutlineEntry(0, evil, 0, 5)], None),
        document_view.hit_html(evil, 1, evil, [evil], 0, 5),
        document_view.about_html(card),
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
    assert words in markup.exchange(0, Exchange("问", answer(confidence=confidence)), {})


def test_what_was_understood_is_shown_only_where_it_differs() -> None:
    assert "理解为" not in markup.exchange(0, Exchange("问？", answer()), {})
    assert "理解为：2023年的目标是多少" in markup.exchange(0, Exchange("那2023年呢？", answer(question="2023年的目标是多少")), {})


def test_a_quote_is_found_whatever_its_white_space() -> None:
    assert markup.find_quote("甲乙 丙\n丁。", "乙丙 丁") == (1, 6)
    assert markup.find_quote("甲乙丙", "乙丁") is None
    assert "<mark>地区生产总值增长6%左右</mark>" in markup.passage(citation())
    assert markup.passage(citation(quote="别处的话")).startswith('<div class="jd-beyond"><blockquote><mark>别处的话</mark>')
    assert "<mark>" not in markup.passage(citation(), highlight=False)


def test_a_long_passage_is_folded_around_its_quote() -> None:
    text = "前面的话，" * 60 + QUOTE + "，" + "后面的话。" * 60
    html = markup.passage(citation(text=text))
    short, whole = html.split("<details>")
    assert re.sub(r"<[^>]+>", "", short) == "…" + "前面的话，" * 14 + QUOTE + "，" + "后面的话。" * 14 + "…"
    assert text in re.sub(r"<[^>]+>", "", whole)


def test_a_task_is_shown_by_its_parts() -> None:
    task = "9.力争人才资源总量突破660万人。责任单位:市委组织部、市人力社保局;配合单位:市民政局、市科协。"
    html = markup.passage(citation(text=task, quote=task, via=CitationVia.TASK))
    assert "<b>第9项</b>力争人才资源总量突破660万人。" in html
    assert "<dt>责任单位</dt><dd>市委组织部、市人力社保局</dd><dt>配合单位</dt><dd>市民政局、市科协</dd>" in html


def test_a_copied_answer_carries_its_references() -> None:
    card = DocumentCard(**{**DOCUMENT, "reports_on": (), "plans_for": (), "inferred": ()})
    assert markup.copy_text(answer(), {"001": card}).splitlines()[-1] == (
        "[1] 《政府工作报告（2024年）》（渝府〔2024〕1号，2024年1月21日）“二、2024年主要任务”：地区生产总值增长6%左右"
    )


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
    assert page_tasks.units(tasks) == ["市教委", "市交通局"]
    assert page_tasks.task_table(tasks).decode("utf-8-sig").splitlines()[1] == "1,建设轨道交通,市交通局,市教委,一"
    assert page_tasks.plain_cell("=1+1") == "'=1+1"


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
