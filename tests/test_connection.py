"""Clients that dawdle, leave or talk nonsense, over real connections."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn

from eval.load import Client, Reply, request_bytes
from rag.assistant import Assistant
from rag.config import Settings
from tests.test_cli import free_port
from ui.api import connection
from ui.api.app import create_app

GROWTH = "2024年地区生产总值增长目标是多少？"
BODY = json.dumps({"question": GROWTH}).encode()


@pytest.fixture(scope="module")
def port(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a service that waits a second for the head of a request."""
    home: Path = tmp_path_factory.mktemp("home")
    app = create_app(lambda: assistant, Settings(home=home, address_rate="off"))
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "HEAD_S", 1.0)
        config = uvicorn.Config(app, port=port, http=connection.PatientConnection, log_config=None, timeout_keep_alive=30)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield port
        server.should_exit = True
        thread.join(10)


def answers(port: int) -> bool:
    async def ask() -> Reply:
        client = Client(port)
        try:
            return await client.ask(GROWTH)
        finally:
            await client.close()

    return asyncio.run(ask()).status == 200


@pytest.mark.parametrize(
    "said",
    [[b""], [b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nX-Slow:"], [request_bytes("GET", "/healthz"), b"GET /v1/doc"]],
    ids=["nothing", "half a head", "half of the second head"],
)
def test_a_head_that_does_not_come_ends_the_connection(port: int, said: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for part in said[:-1]:
            client.sendall(part)
            assert client.recv(65536)
        client.sendall(said[-1])
        while client.recv(65536):
            pass
    assert answers(port)


def test_a_connection_stays_for_those_who_ask(port: int) -> None:
    async def ask() -> list[int]:
        client = Client(port)
        found = []
        for _ in range(3):
            found.append((await client.ask(GROWTH)).status)
            writer = client._writer
            await asyncio.sleep(0.6)
            assert client._writer is writer
        await client.close()
        return found

    assert asyncio.run(ask()) == [200, 200, 200]


@pytest.mark.parametrize("sent", [len(request_bytes("POST", "/v1/ask", BODY)) - 5, len(request_bytes("POST", "/v1/ask", BODY))])
def test_clients_that_leave_harm_nobody(port: int, sent: int) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(request_bytes("POST", "/v1/ask", BODY)[:sent])
    assert answers(port)


def test_nonsense_is_refused(port: int) -> None:
    for said in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 1_000_000,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200_000,
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client, suppress(OSError):
            client.sendall(said)
            assert client.recv(65536).startswith((b"HTTP/1.1 400", b""))
    assert answers(port)
