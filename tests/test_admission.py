"""Who is let in, how often, how many at once and for how long; and what every response carries."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from rag.assistant import Assistant
from rag.config import Settings
from rag.types import Answer
from ui.api.app import create_app
from ui.api.keys import KeyStore, Role
from ui.api.limits import AtOnce
from ui.api.metrics import Metrics

GROWTH = "2024年地区生产总值增长目标是多少？"

Open = Callable[..., TestClient]


@pytest.fixture
def opened(assistant: Assistant, tmp_path: Path) -> Iterator[Open]:
    """Opens the service with settings of one's own."""
    clients: list[TestClient] = []

    def open_client(**settings: Any) -> TestClient:
        client = TestClient(create_app(lambda: assistant, Settings(home=tmp_path, **settings)), raise_server_exceptions=False)
        clients.append(client)
        return client.__enter__()

    yield open_client
    for client in clients:
        client.__exit__(None, None, None)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refused(response: Any, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert all(word in response.json()["detail"] for word in words), response.json()["detail"]


def test_every_endpoint_but_one_wants_a_key(opened: Open, tmp_path: Path) -> None:
    client = opened(api_keys=True)
    assert client.get("/healthz").status_code == 200
    for path in ("/v1/documents", "/v1/tasks", "/metrics", "/docs", "/openapi.json", "/nowhere"):
        response = client.get(path)
        refused(response, 401, "Authorization: Bearer")
        assert response.headers["www-authenticate"] == 'Bearer realm="judian"'
    (token,) = KeyStore(tmp_path / "keys.json").add(["教委"])
    assert client.get("/v1/documents", headers=bearer(token)).status_code == 200
    assert client.get("/v1/documents", headers={"Authorization": f"bearer  {token} "}).status_code == 200
    assert client.get("/nowhere", headers=bearer(token)).status_code == 404
    KeyStore(tmp_path / "keys.json").revoke("教委")
    refused(client.get("/v1/documents", headers=bearer(token)), 401, "已撤销")


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer " + "x" * 5000, "judian_x"])
def test_what_is_no_key(opened: Open, value: str) -> None:
    refused(opened(api_keys=True).get("/v1/documents", headers={"Authorization": value}), 401)


def test_a_broken_key_file_closes_the_door(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    refused(opened(api_keys=True).get("/v1/documents", headers=bearer("judian_x")), 503, "keys.json")


def test_the_name_of_the_key_is_recorded(opened: Open, tmp_path: Path) -> None:
    from ui.api.audit import list_records

    (token,) = KeyStore(tmp_path / "keys.json").add(["水利局"])
    opened(api_keys=True).post("/v1/ask", json={"question": GROWTH}, headers=bearer(token))
    assert [record.circumstances.key for record in list_records(tmp_path / "audit", 5)] == ["水利局"]


def test_an_administrators_endpoint_wants_an_administrators_key(opened: Open, tmp_path: Path) -> None:
    """A request that could succeed from here without keys is refused with a user's key, and gets further with an administrator's."""
    from fastapi import Depends

    from ui.api.administrators import require_administrator

    client = opened(api_keys=True)
    client.app.get("/only", dependencies=[Depends(require_administrator)])(lambda: "in")  # type: ignore[attr-defined]
    store = KeyStore(tmp_path / "keys.json")
    user, boss = *store.add(["user"]), *store.add(["boss"], Role.ADMINISTRATOR)
    refused(client.get("/only", headers=bearer(user)), 403)
    assert client.get("/only", headers=bearer(boss)).json() == "in"


def test_one_key_may_ask_so_often(opened: Open, tmp_path: Path) -> None:
    one, other = KeyStore(tmp_path / "keys.json").add(["one", "other"])
    client = opened(api_keys=True, key_rate="2/hour", address_rate="off")
    first = client.get("/v1/documents", headers=bearer(one))
    assert first.headers["ratelimit-policy"] == '"key";q=2;w=3600'
    assert first.headers["ratelimit"].startswith('"key";r=1;t=')
    assert client.get("/v1/documents", headers=bearer(one)).status_code == 200
    last = client.get("/v1/documents", headers=bearer(one))
    refused(last, 429, "这个密钥", "至多 2 次")
    assert 3000 < int(last.headers["retry-after"]) <= 3600
    assert client.get("/v1/documents", headers=bearer(other)).status_code == 200


def test_one_address_may_ask_so_often_with_a_key_or_without(opened: Open) -> None:
    client = opened(api_keys=True, address_rate="3/hour")
    assert [client.get("/v1/documents").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert client.get("/healthz").status_code == 200


def test_pages_of_other_sites_may_not_call_unless_told_so(opened: Open) -> None:
    ask = {"Origin": "https://portal.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    closed = opened()
    assert "access-control-allow-origin" not in closed.get("/v1/documents", headers=ask).headers
    open_to_one = opened(cors_origins="https://portal.example, https://other.example", api_keys=True)
    preflight = open_to_one.options("/v1/ask", headers=ask)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://portal.example"
    refusal = open_to_one.post("/v1/ask", json={}, headers=ask)
    assert refusal.status_code == 401
    assert refusal.headers["access-control-allow-origin"] == "https://portal.example"
    stranger = open_to_one.options("/v1/ask", headers={**ask, "Origin": "https://evil.example"})
    assert stranger.headers.get("access-control-allow-origin") != "https://evil.example"


def test_every_response_has_an_id_and_the_headers_of_care(opened: Open) -> None:
    client = opened()
    ids = set()
    for path in ("/healthz", "/nowhere", "/v1/documents/999", "/docs"):
        headers = client.get(path).headers
        ids.add(headers["x-request-id"])
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert len(ids) == 4
    assert client.get("/v1/documents").headers["cache-control"] == "no-store"


def test_too_many_at_once_and_too_long(opened: Open, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question hangs: its place stays taken after its time is over, others are told to come again, health is told all the while."""
    go_on = threading.Event()
    asked = assistant.ask(GROWTH)

    def hang(*_: Any) -> Answer:
        assert go_on.wait(30)
        return asked

    monkeypatch.setattr(Assistant, "ask", hang)
    client = opened(at_once=1, time_limit=1)
    late = client.post("/v1/ask", json={"question": GROWTH})
    refused(late, 503, "1 秒内没有办完")
    assert late.headers["retry-after"]
    full = client.post("/v1/ask", json={"question": GROWTH})
    refused(full, 503, "同时在办的请求已有 1 个")
    assert full.headers["retry-after"] == "1"
    assert client.get("/healthz").status_code == 200
    go_on.set()
    deadline = time.monotonic() + 10
    while client.post("/v1/ask", json={"question": GROWTH}).status_code != 200:
        assert time.monotonic() < deadline
    counted = client.get("/metrics").text
    assert 'judian_refusals_total{reason="time"} 1.0' in counted
    assert 'judian_requests_total{method="POST",path="/v1/ask",status="503"}' in counted


def test_a_response_that_has_begun_may_take_its_time_but_not_a_client_that_stops_reading() -> None:
    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        for _ in range(4):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.04)

    async def exchange(pause: float) -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            await asyncio.sleep(pause)
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await AtOnce(slow, 1, 0.1, Metrics())({"type": "http", "path": "/x", "method": "GET", "headers": []}, receive, send)
        return sent

    assert len(asyncio.run(exchange(0.0))) == 4
    assert len(asyncio.run(exchange(5.0))) == 0


def test_the_counters(opened: Open) -> None:
    client = opened()
    client.post("/v1/ask", json={"question": GROWTH})
    client.post("/v1/ask", json={"question": GROWTH})
    client.post("/v1/ask", json={"question": "成都市2024年的地铁里程是多少？"})
    client.post("/v1/ask", json={"question": ""})
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    lines = set(response.text.splitlines())
    assert {
        'judian_requests_total{method="POST",path="/v1/ask",status="200"} 3.0',
        'judian_requests_total{method="POST",path="/v1/ask",status="422"} 1.0',
        'judian_answers_total{mode="reading"} 1.0',
        "judian_abstentions_total 1.0",
        'judian_cache_hits_total{cache="answers"} 1.0',
        'judian_cache_misses_total{cache="answers"} 2.0',
        'judian_stage_seconds_count{stage="retrieve"} 2.0',
        "judian_llm_failures_total 0.0",
    } <= lines
    assert GROWTH not in response.text
