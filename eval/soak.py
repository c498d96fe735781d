"""The service under load: as many distinct questions as it can take, then good and bad clients together, then a killed process.

The load comes from this process, on the same machine.
"""

import asyncio
import os
import random
import signal
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.load import load_documents
from corpus.read import read_document
from eval.bench import Machine, Say, describe_machine
from eval.load import Client, distinct_questions, read_reply, request_bytes
from eval.metrics import Latency, latency
from eval.service import KEYS, RunningService, running_service
from rag.config import Settings

CLIENTS = 16
GOOD, BAD = 8, 6
"""Clients of either kind that the service bears at the same time in the mixed part."""

HEADING = "## Under load"

_WARM_UP_S = 5.0
_SETTLED = 0.3
"""Share of the mixed part after which memory is compared: by then what is read or kept at first use has been."""


@dataclass(frozen=True, slots=True)
class Rush:
    """Clients that each ask a new question as soon as they are answered; `failed` counts what was not answered with 200.

    `processor_s` is the time that the API's processes had a core: what an answer costs, however busy the machine is.
    """

    clients: int
    seconds: float
    asked: int
    failed: int
    processor_s: float
    latency: Latency | None


@dataclass(frozen=True, slots=True)
class Mixed:
    """Good and bad clients together. `faults` are statuses of 500 and above but 503; memory is that of the API's processes, in bytes."""

    seconds: float
    statuses: Mapping[int, int]
    unanswered: int
    settled_bytes: int
    last_bytes: int

    @property
    def faults(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500 and status != 503)

    @property
    def growth(self) -> float:
        return self.last_bytes / self.settled_bytes - 1 if self.settled_bytes else 0.0


@dataclass(frozen=True, slots=True)
class Crash:
    """The API's process killed while it answers: `lost` of `answered` questions have no record; the service was back after `back_s` seconds."""

    answered: int
    lost: int
    back_s: float


@dataclass(frozen=True, slots=True)
class Soak:
    started: str
    machine: Machine
    rush: Rush
    mixed: Mixed
    crash: Crash


def run_soak(settings: Settings, started: str, seconds: float, say: Say = print) -> Soak:
    """A tenth of the time for the rush, the rest for the mixed part; the crash takes what it takes. Raises ServiceError when the service does not start."""
    machine = describe_machine()
    questions = distinct_questions([read_document(document) for document in load_documents()])
    say("启动服务")
    with running_service(settings) as service:
        say(f"{CLIENTS} 个客户端同时提问")
        rush = asyncio.run(_rush(service, questions, max(10.0, seconds / 10)))
        say("好坏请求混合")
        mixed = asyncio.run(_mixed(service, questions, seconds))
        say("杀死接口进程")
        crash = asyncio.run(_crash(service, questions))
    return Soak(started, machine, rush, mixed, crash)


async def _rush(service: RunningService, questions: Iterator[str], seconds: float) -> Rush:
    await _ask_for(service, questions, _WARM_UP_S)
    before, began = service.processor_s(), time.perf_counter()
    times, failed = await _ask_for(service, questions, seconds)
    spent = service.processor_s() - before
    return Rush(CLIENTS, time.perf_counter() - began, len(times), failed, spent, latency(times))


async def _ask_for(service: RunningService, questions: Iterator[str], seconds: float) -> tuple[list[float], int]:
    """The milliseconds of every answer, and how many were none."""
    times: list[float] = []
    failed = 0
    began = time.perf_counter()

    async def ask_on(number: int) -> None:
        nonlocal failed
        client = Client(service.port, service.keys[number])
        while time.perf_counter() - began < seconds:
            reply = await client.ask(next(questions))
            times.append(reply.milliseconds)
            failed += reply.status != 200
        await client.close()

    await asyncio.gather(*(ask_on(number) for number in range(CLIENTS)))
    return times, failed


async def _mixed(service: RunningService, questions: Iterator[str], seconds: float) -> Mixed:
    statuses: Counter[int] = Counter()
    unanswered = 0
    memory: list[tuple[float, int]] = []
    chance = random.Random(7)
    began = time.perf_counter()

    async def until_the_end(act: Callable[[], Awaitable[int]]) -> None:
        nonlocal unanswered
        while time.perf_counter() - began < seconds:
            try:
                statuses[await act()] += 1
            except (OSError, EOFError):
                unanswered += 1

    async def good() -> int:
        client = Client(service.port, chance.choice(service.keys))
        try:
            return (await client.ask(next(questions))).status
        finally:
            await client.close()

    async def bad() -> int:
        await asyncio.sleep(0.1)
        return await chance.choice(BAD_MANNERS)(service.port, chance.choice(service.keys))

    async def watch_memory() -> None:
        while time.perf_counter() - began < seconds:
            memory.append((time.perf_counter() - began, service.memory()))
            await asyncio.sleep(1.0)

    await asyncio.gather(watch_memory(), *(until_the_end(good) for _ in range(GOOD)), *(until_the_end(bad) for _ in range(BAD)))
    settled = [bytes_ for at, bytes_ in memory if at >= _SETTLED * seconds][:5]
    last = [bytes_ for _, bytes_ in memory][-5:]
    statuses.pop(LEFT, None)
    return Mixed(seconds, dict(sorted(statuses.items())), unanswered, int(statistics.median(settled)), int(statistics.median(last)))


async def _crash(service: RunningService, questions: Iterator[str]) -> Crash:
    answered: list[str] = []
    killed = asyncio.Event()

    async def ask_on(number: int) -> None:
        client = Client(service.port, service.keys[number])
        with suppress(OSError, EOFError):
            while not killed.is_set():
                answered.append((await client.ask(next(questions))).headers["x-request-id"])
        await client.close()

    asking = [asyncio.create_task(ask_on(number)) for number in range(GOOD)]
    await asyncio.sleep(5.0)
    os.kill(service.api_process(), signal.SIGKILL)
    killed.set()
    await asyncio.gather(*asking)
    back_s = await asyncio.to_thread(service.wait)
    return Crash(len(answered), len(set(answered) - _recorded(service.home / "audit")), back_s)


def _recorded(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(file)) as connection:
            found |= {row[0] for row in connection.execute("SELECT id FROM records")}
    return found


LEFT = 0
"""What a bad client tells that did not wait for a response."""


async def _exchange(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return (await read_reply(reader, time.perf_counter())).status
    finally:
        writer.close()


async def broken_json(port: int, key: str) -> int:
    return await _exchange(port, request_bytes("POST", "/v1/ask", b'{"question": "', key))


async def huge_body(port: int, key: str) -> int:
    return await _exchange(port, request_bytes("POST", "/v1/ask", b"x" * 2_000_000, key))


async def long_question(port: int, key: str) -> int:
    return await _exchange(port, request_bytes("POST", "/v1/ask", b'{"question": "' + "问".encode() * 900 + b'"}', key))


async def unknown_address(port: int, key: str) -> int:
    return await _exchange(port, request_bytes("GET", "/v1/nothing?q=%00", key=key))


async def wrong_key(port: int, key: str) -> int:
    return await _exchange(port, request_bytes("POST", "/v1/ask", b"{}", key[::-1]))


async def no_http(port: int, _key: str) -> int:
    return await _exchange(port, b"\x16\x03\x01 hello\r\n\r\n")


async def leave_at_once(port: int, key: str) -> int:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_bytes("POST", "/v1/ask", '{"question": "增长目标是多少？"}'.encode(), key))
    await writer.drain()
    writer.close()
    return LEFT


async def slow_body(port: int, key: str) -> int:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    request = request_bytes("POST", "/v1/ask", b" " * 50, key)
    for at in range(len(request) - 50, len(request) - 46):
        writer.write(request[:at] if at == len(request) - 50 else b" ")
        await asyncio.sleep(0.5)
    writer.close()
    return LEFT


async def half_a_head(port: int, _key: str) -> int:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/ask HTTP/1.1\r\nHost:")
    await asyncio.sleep(2.0)
    writer.close()
    return LEFT


BAD_MANNERS = (
    broken_json,
    huge_body,
    long_question,
    unknown_address,
    wrong_key,
    no_http,
    leave_at_once,
    slow_body,
    half_a_head,
)


def section(soak: Soak) -> str:
    """The figures as a section of the page of benchmarks."""
    rush, mixed, crash, machine = soak.rush, soak.mixed, soak.crash, soak.machine
    spread = rush.latency
    busy = " **The machine was busy with other work: on an idle one it is faster.**" if machine.load > machine.cores / 2 else ""
    statuses = ", ".join(f"{status}: {count}" for status, count in mixed.statuses.items())
    return "\n".join(
        [
            HEADING,
            "",
            f"Written by `judian eval bench --soak`. {soak.started}, {machine.processor}, {machine.cores} CPU, load before the run {machine.load}."
            f"{busy} The service runs under `judian run`, with keys and the record of questions; the load comes from the same machine.",
            "",
            "| distinct questions |  |",
            "| --- | ---: |",
            f"| clients | {rush.clients} |",
            f"| seconds | {rush.seconds:.0f} |",
            f"| answers a second | {rush.asked / rush.seconds:.1f} |",
            f"| not answered with 200 | {rush.failed} |",
            f"| processor time of the service for an answer | {1000 * rush.processor_s / max(1, rush.asked):.1f} ms |",
            *([f"| p50, p95, p99 | {spread.p50:.0f} ms, {spread.p95:.0f} ms, {spread.p99:.0f} ms |"] if spread else []),
            "",
            f"| good and bad clients together, {GOOD} and {BAD} at a time, {KEYS} keys |  |",
            "| --- | ---: |",
            f"| seconds | {mixed.seconds:.0f} |",
            f"| responses by status | {statuses} |",
            f"| 5xx but 503 | {mixed.faults} |",
            f"| connections ended without a response | {mixed.unanswered} |",
            f"| memory after {_SETTLED:.0%} of the time, at the end | {mixed.settled_bytes / 1e6:.0f} MB, {mixed.last_bytes / 1e6:.0f} MB "
            f"({mixed.growth:+.1%}) |",
            "",
            "| the API's process killed (-9) while it answers |  |",
            "| --- | ---: |",
            f"| questions answered before | {crash.answered} |",
            f"| of them without a record | {crash.lost} |",
            f"| answering again after | {crash.back_s:.1f} s |",
            "",
        ]
    )
