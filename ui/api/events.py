"""Answers that arrive piece by piece, as server-sent events (HTML Living Standard, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi.encoders import jsonable_encoder
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

EVENT_STREAM = "text/event-stream"
SILENCE_S = 15.0
"""Seconds without an event after which a comment is sent, so that nobody on the way takes the connection for dead."""

_COMMENT = ": \n\n"
_END = object()
T = TypeVar("T")


def event(data: Any, name: str = "") -> str:
    """One event on the wire; `data` is written as JSON in one line."""
    text = json.dumps(jsonable_encoder(data), ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n"


async def streamed(pieces: Generator[T], written: Callable[[T], str], failed: Callable[[Exception], str]) -> StreamingResponse:
    """The pieces as they come, each as `written`. What fails before the first is raised, what fails later is written as `failed` says.

    The pieces are made in a thread; when the client goes away the generator is closed after the piece that it is at.
    """
    steps = _pulled(pieces)
    first = await anext(steps)

    async def body() -> AsyncGenerator[str]:
        yield _COMMENT if first is None else written(first)
        async with aclosing(steps):
            try:
                async for piece in steps:
                    yield _COMMENT if piece is None else written(piece)
            except Exception as exc:
                yield failed(exc)

    return StreamingResponse(body(), media_type=EVENT_STREAM, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _pulled(pieces: Generator[T]) -> AsyncGenerator[T | None]:
    """The pieces, and None after each long silence."""
    step: asyncio.Future[Any] | None = None
    try:
        while True:
            step = asyncio.ensure_future(run_in_threadpool(next, pieces, _END))
            while not (await asyncio.wait([step], timeout=SILENCE_S))[0]:
                yield None
            piece = step.result()
            if piece is _END:
                return
            yield piece
    finally:
        # A generator that runs in a thread cannot be closed: the last step is let end first.
        if step is not None:
            step.add_done_callback(lambda done: _close(done, pieces))


def _close(done: asyncio.Future[Any], pieces: Generator[Any]) -> None:
    if not done.cancelled():
        done.exception()
    pieces.close()


def prefers_events(accept: str) -> bool:
    """Whether an `Accept` header asks for events rather than for one JSON answer (RFC 9110, section 12.5.1)."""
    weights = {EVENT_STREAM: 0.0, "application/json": 0.0}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name in weights:
            weights[name] = _weight(parameters)
    return weights[EVENT_STREAM] > weights["application/json"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
