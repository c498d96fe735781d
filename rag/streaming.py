"""An asynchronous stream as a plain iterator: with a deadline, and cancelled when it is closed."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

_Item = TypeVar("_Item")


class EventLoop:
    """One event loop in a thread of its own, begun when it is first needed: clients keep their connections from one stream to the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def iterate(self, opened: Callable[[], AsyncIterator[_Item]], seconds: float) -> Iterator[_Item]:
        """The items of the stream that `opened` opens; TimeoutError when it has not ended after `seconds`.

        However the iteration ends, a stream that goes on is cancelled, which closes its connection at once.
        """
        items: SimpleQueue[tuple[bool, _Item | BaseException | None]] = SimpleQueue()

        async def pour() -> None:
            try:
                async for item in opened():
                    items.put((True, item))
                items.put((False, None))
            except BaseException as exc:
                items.put((False, exc))
                if not isinstance(exc, Exception):
                    raise

        deadline = time.monotonic() + seconds
        future = asyncio.run_coroutine_threadsafe(pour(), self._running())
        try:
            while True:
                try:
                    more, item = items.get(timeout=max(0.0, deadline - time.monotonic()))
                except Empty:
                    raise TimeoutError from None
                if isinstance(item, BaseException):
                    raise item
                if not more:
                    return
                yield item  # type: ignore[misc]
        finally:
            future.cancel()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()
            return self._loop
