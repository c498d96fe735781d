"""How many requests are answered at one time, and for how long."""

import asyncio
import logging

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.admission import OPEN
from ui.api.metrics import Metrics
from ui.api.problems import problem

_log = logging.getLogger("judian.api")


class AtOnce:
    """Answers 503 beyond `most` requests at one time, and where a response has not begun after `seconds`.

    Work that cannot be stopped (a thread) goes on after its 503 and holds its place until it ends. A response that has begun may take its
    time, as long as the client takes each piece within `seconds`.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float, metrics: Metrics) -> None:
        self.app = app
        self._most = most
        self._seconds = seconds
        self._metrics = metrics
        self._working: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self.app(scope, receive, send)
        elif len(self._working) >= self._most:
            await self._refuse(scope, receive, send, "at once", f"同时在办的请求已有 {self._most} 个，请稍后再试。", 1)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, given_up = asyncio.Event(), False

        async def send_in_time(message: Message) -> None:
            if given_up:
                return
            begun.set()
            async with asyncio.timeout(self._seconds):
                await send(message)

        task = asyncio.create_task(self._run(scope, receive, send_in_time))
        self._working.add(task)
        task.add_done_callback(self._leave)
        beginning = asyncio.create_task(begun.wait())
        try:
            await asyncio.wait({task, beginning}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if task.done() or begun.is_set():
                await task
                return
            given_up = True
            await self._refuse(scope, receive, send, "time", f"{self._seconds:g} 秒内没有办完，请换个简短的问法，或稍后再试。", 5)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            beginning.cancel()

    def _leave(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        if not task.cancelled():
            task.exception()  # told to whoever waits for the task; after a 503 nobody does

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except TimeoutError:
            _log.warning("a client did not take its response in time")

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, reason: str, detail: str, again_s: int) -> None:
        self._metrics.refusals.labels(reason).inc()
        response = problem(Request(scope), 503, detail)
        response.headers["Retry-After"] = str(again_s)
        await response(scope, receive, send)
