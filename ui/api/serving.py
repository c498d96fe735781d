"""The assistant that the service answers with at this moment, and its replacement when a new index is there."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from corpus.errors import JudianError
from rag.assistant import Assistant

LOOK_S = 1.0
"""Seconds between two looks at the manifest of the index."""

_log = logging.getLogger("judian.api")


class Served:
    """Holds the assistant, or the words that say why there is none. Who has taken it out keeps it until done, whatever comes after it.

    `manifest` is the file that an index swaps in last: where it is another than before, the assistant is loaded anew.
    """

    def __init__(self, load: Callable[[], Assistant], manifest: Path) -> None:
        self.assistant: Assistant | None = None
        self.problem = "索引正在载入，请稍候再试。"
        self._load = load
        self._manifest = manifest
        self._seen: tuple[int, int] | None = None

    def load(self) -> None:
        """Brings the assistant up. A JudianError leaves the one that was there, or else the words that say why there is none."""
        self._seen = self._stamp()
        # What an index holds stays: looking through it for garbage while it is read, or again and again later, would make users wait.
        gc.disable()
        try:
            self.assistant = self._load()
            self.problem = ""
            threading.Thread(target=self._prepare, args=(self.assistant,), name="preparing", daemon=True).start()
        except JudianError as exc:
            _log.error("%s", exc)
            self.problem = str(exc)
        finally:
            gc.enable()
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        """Ends what works for the assistant; nobody asks any more."""
        if self.assistant is not None:
            self.assistant.close()

    def _prepare(self, assistant: Assistant) -> None:
        """Computes ahead what an assistant will need, until another one has taken its place."""
        assistant.prepare(lambda: self.assistant is assistant)

    async def watch(self) -> None:
        """Loads again whenever the index is another one; until then, and where the new one cannot be loaded, the old one answers."""
        while True:
            await asyncio.sleep(LOOK_S)
            stamp = self._stamp()
            if stamp is not None and stamp != self._seen:
                try:
                    await run_in_threadpool(self.load)
                except Exception:
                    _log.exception("the new index cannot be loaded")

    def _stamp(self) -> tuple[int, int] | None:
        """What tells one manifest from another: inode and time of writing; None in the moment between two of them."""
        try:
            found = self._manifest.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def current_assistant(request: Request) -> Assistant:
    """The assistant for one request. Raises 503 while there is none."""
    served: Served = request.app.state.served
    if served.assistant is None:
        raise HTTPException(503, served.problem)
    return served.assistant


CurrentAssistant = Annotated[Assistant, Depends(current_assistant)]
"""A parameter of an endpoint that is the assistant."""
