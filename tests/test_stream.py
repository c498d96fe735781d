"""Answers that arrive piece by piece, and many at once."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from corpus.errors import ChatModelBusyError
from rag.assistant import Assistant
from rag.types import AnswerEvent, References, Sentence
from tests.serving import served
from tests.test_api import ANSWER_FIELDS, CITATION_FIELDS, GROWTH, problem
from ui.api import events
from ui.api.app import create_app
from ui.api.events import prefers_events

EVENTS = {"accept": "text/event-stream"}
SEVERAL = "2024年地区生产总值和规上工业增加值增长目标分别是多少？"


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: assistant), raise_server_exceptions=False) as client:
        yield client


def received(text: str) -> list[tuple[str, Any]]:
    """The events of a stream: their names and data."""
    found = []
    for block in text.split("\n\n")[:-1]:
        if not block.startswith(":"):
            name, data = block.split("\n")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.parametrize("question", [GROWTH, SEVERAL, "成都市2024年的地铁里程是多少？"])
def test_a_stream_is_the_answer_in_pieces(client: TestClient, question: str) -> None:
    response = client.post("/v1/ask", json={"question": question, "top_k": 3}, headers=EVENTS)
    assert response.headers["content-type"].startswith("text/event-stream")
    found = received(response.text)
    names = [name for name, _ in found]
    assert names == ["references", *["sentence"] * (len(found) - 2), "final"]
    final = found[-1][1]
    assert set(final) == ANSWER_FIELDS
    assert "".join(data["text"] for name, data in found if name == "sentence") == final["answer"]
    assert found[0][1] == {"citations": final["citations"]}
    assert all(set(citation) == CITATION_FIELDS for citation in final["citations"])
    whole = client.post("/v1/ask", json={"question": question, "top_k": 3}).json()
    assert {**final, "timings_ms": {}} == {**whole, "timings_ms": {}}


def test_what_cannot_be_asked_is_told_before_a_stream_begins(client: TestClient) -> None:
    problem(client.post("/v1/ask", json={"question": "　"}, headers=EVENTS), 422, "空")
    problem(client.post("/v1/ask", json={"question": GROWTH, "documents": ["999"]}, headers=EVENTS), 404, "999")


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("text/event-stream, */*", True),
        ("application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=x", False),
    ],
)
def test_who_gets_a_stream(accept: str, streams: bool) -> None:
    assert prefers_events(accept) is streams


def failing(error: Exception) -> Any:
    def stream(*_: object) -> Iterator[AnswerEvent]:
        yield References(())
        yield Sentence("第一句。")
        raise error

    return stream


def test_what_goes_wrong_on_the_way_is_the_last_event(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assistant, "stream", failing(ChatModelBusyError("模型没有回应。")))
    found = received(client.post("/v1/ask", json={"question": GROWTH}, headers=EVENTS).text)
    assert [name for name, _ in found] == ["references", "sentence", "error"]
    assert found[-1][1] == {
        "type": "about:blank",
        "title": "服务暂时不可用",
        "status": 503,
        "detail": "模型没有回应。",
        "instance": "/v1/ask",
    }
    monkeypatch.setattr(Assistant, "stream", failing(ZeroDivisionError("division by zero")))
    name, data = received(client.post("/v1/ask", json={"question": GROWTH}, headers=EVENTS).text)[-1]
    assert (name, data["status"]) == ("error", 500)
    assert "division" not in data["detail"]


class Endless:
    """Sentences without end, and what became of them."""

    def __init__(self) -> None:
        self.said = 0
        self.closed = threading.Event()

    def stream(self, *_: object) -> Iterator[AnswerEvent]:
        try:
            yield References(())
            while True:
                self.said += 1
                yield Sentence("又一句。")
        finally:
            self.closed.set()


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions"])
def test_a_client_that_goes_away_stops_the_work(path: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless()
    monkeypatch.setattr(Assistant, "stream", endless.stream)
    body = {"question": GROWTH} if path == "/v1/ask" else {"messages": [{"role": "user", "content": GROWTH}], "stream": True}
    with served(create_app(lambda: assistant)) as url, httpx.Client(trust_env=False) as http:
        with http.stream("POST", url + path, json=body, headers=EVENTS) as response:
            assert response.status_code == 200
            lines = response.iter_lines()  # kept: to let go of the lines is to go away
            assert next(lines)
            assert not endless.closed.is_set()
        assert endless.closed.wait(30)
        said = endless.said
        assert http.get(f"{url}/healthz").status_code == 200
        assert endless.said == said


def test_long_silence_is_broken_by_comments(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    going_on = threading.Event()

    def slow(*_: object) -> Iterator[AnswerEvent]:
        yield References(())
        assert going_on.wait(30)
        yield Sentence("终于。")

    monkeypatch.setattr(events, "SILENCE_S", 0.01)
    monkeypatch.setattr(Assistant, "stream", slow)
    text = ""
    with (
        served(create_app(lambda: assistant)) as url,
        httpx.Client(trust_env=False) as http,
        http.stream("POST", f"{url}/v1/ask", json={"question": GROWTH}, headers=EVENTS) as response,
    ):
        for line in response.iter_lines():
            text += line + "\n"
            if line.startswith(":"):
                going_on.set()
    assert [name for name, _ in received(text)] == ["references", "sentence"]


def test_a_batch_answers_in_order(client: TestClient) -> None:
    asked = [{"question": GROWTH, "top_k": 2}, {"question": " "}, {"question": GROWTH, "documents": ["999"]}, {"question": SEVERAL}]
    answers = client.post("/v1/ask/batch", json={"questions": asked}).json()["answers"]
    assert [item["answer"] is None for item in answers] == [False, True, True, False]
    assert [item["problem"] and item["problem"]["status"] for item in answers] == [None, 422, 404, None]
    assert answers[1]["problem"]["instance"] == "/v1/ask/batch"
    alone = client.post("/v1/ask", json=asked[0]).json()
    assert {**answers[0]["answer"], "timings_ms": {}} == {**alone, "timings_ms": {}}


def test_a_hundred_questions_are_taken_and_no_more(client: TestClient) -> None:
    hundred = [{"question": f"第{number}项任务由谁牵头？"} for number in range(101, 201)]
    answers = client.post("/v1/ask/batch", json={"questions": hundred}).json()["answers"]
    assert len(answers) == 100
    assert all(f"第{number}项" in item["answer"]["answer"] for number, item in enumerate(answers, start=101))
    problem(client.post("/v1/ask/batch", json={"questions": [*hundred, *hundred[:1]]}), 422, "questions 过多，至多 100 个")
    problem(client.post("/v1/ask/batch", json={"questions": []}), 422, "questions 过少，至少 1 个")
    problem(client.post("/v1/ask/batch", json={"questions": [{"question": "x", "colour": 1}]}), 422, "不认识字段 questions.0.colour")
