"""The load generator: questions that nobody asked before, a client that reads what servers send, and the page's section."""

import asyncio
import time
from itertools import islice

from eval.bench import Machine
from eval.load import distinct_questions, read_reply, request_bytes
from eval.metrics import latency
from eval.soak import Crash, Mixed, Rush, Soak, section
from rag.assistant import Assistant

SOAK = Soak(
    "2026-01-31T08:00+00:00",
    Machine("a processor", 2, 8_000_000_000, 0.1),
    Rush(16, 10.0, 700, 0, 14.0, latency([100.0, 200.0, 300.0])),
    Mixed(60.0, {200: 900, 413: 20, 503: 3, 500: 1}, 2, 500_000_000, 510_000_000),
    Crash(80, 0, 7.25),
)


def test_no_question_comes_twice_and_the_order_is_always_the_same(assistant: Assistant) -> None:
    first = list(islice(distinct_questions(assistant.documents, 1), 3000))
    assert len(set(first)) == 3000
    assert first[:100] == list(islice(distinct_questions(assistant.documents, 1), 100))
    assert all(0 < len(question) <= 500 for question in first)
    assert sum(any(m.indicator in question for d in assistant.documents for m in d.measures) for question in first) > 1000


def read(sent: bytes) -> tuple[int, bytes]:
    async def parse() -> tuple[int, bytes]:
        reader = asyncio.StreamReader()
        reader.feed_data(sent)
        reader.feed_eof()
        reply = await read_reply(reader, time.perf_counter())
        return reply.status, reply.body

    return asyncio.run(parse())


def test_responses_of_every_framing() -> None:
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcGARBAGE") == (200, b"abc")
    assert read(b"HTTP/1.1 413 Too large\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") == (413, b"abcde")
    assert read(b"HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\nabc") == (400, b"abc")


def test_a_request_as_it_goes_over_the_wire() -> None:
    sent = request_bytes("POST", "/v1/ask", "问".encode(), "judian_x", {"Content-Type": "text/plain"})
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /v1/ask HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Type: text/plain",
        b"Content-Length: 3",
        b"Authorization: Bearer judian_x",
    ]
    assert body.decode() == "问"


def test_the_section_tells_the_figures() -> None:
    assert SOAK.mixed.faults == 1
    assert round(SOAK.mixed.growth, 3) == 0.02
    written = section(SOAK)
    for line in (
        "| answers a second | 70.0 |",
        "| processor time of the service for an answer | 20.0 ms |",
        "| 5xx but 503 | 1 |",
        "| memory after 30% of the time, at the end | 500 MB, 510 MB (+2.0%) |",
        "| of them without a record | 0 |",
        "| answering again after | 7.2 s |",
    ):
        assert line in written.splitlines()
    assert "busy" not in written
