"""The page's client of the HTTP API."""

import httpx
import pytest

from corpus.errors import QuestionError, ServiceError, UnknownDocumentError
from rag.types import Mode, Turn
from tests.page_parts import CITATION, FakeApi, answered, citation, service_that
from ui.client import TaskRecord, checked_question, trimmed_history

HISTORY = [{"role": "user", "content": "甲"}, {"role": "assistant", "content": "乙"}]


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


def test_an_answer_crosses_the_wire_whole(api: FakeApi) -> None:
    got = service_that(api).ask(" 2024年经济增长目标是多少？ ", [Turn("user", "甲"), Turn("assistant", "乙")], ["001"], [2024])
    assert got.answer == "6%左右[1]。"
    assert got.mode is Mode.READING
    assert got.citations == (citation(),)
    assert api.asked == [{"question": "2024年经济增长目标是多少？", "history": HISTORY, "documents": ["001"], "years": [2024]}]


def test_fields_that_a_newer_service_adds_are_passed_over() -> None:
    newer = answered("6%左右[1]。", "问", citations=[{**CITATION, "number": "渝府〔2024〕1号"}], tables=[])
    assert service_that(lambda _: httpx.Response(200, json=newer)).ask("问").citations == (citation(),)


def test_an_answer_that_was_kept_before_a_field_was_added_is_still_read() -> None:
    assert "context" not in CITATION
    kept = answered("6%左右[1]。", "问", citations=[CITATION])
    assert service_that(lambda _: httpx.Response(200, json=kept)).ask("问").citations[0].context == ()


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
