"""The assistant in several processes: within one, only one thread at a time runs Python, and the second core would stand idle.

Each process opens the same index, whose files they share in memory.
"""

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from typing import Any, TypeAlias

from index.encoder import BUNDLED
from index.runtime import available_cores
from rag.assistant import Assistant
from rag.config import Settings
from rag.speak import plain_events
from rag.types import Answer, AnswerEvent, Citation, Turn
from rag.wire import open_assistant
from ui.api.kept_vectors import Cached, KeepingEncoder

MOST = 4
"""Processes that answer, unless more are asked for: each takes some 500 MB."""

Opener: TypeAlias = Callable[[Cached], Assistant]
"""Opens an assistant that tells of what its caches found; it is sent to other processes, so it is a function of a module, or a partial one."""

_Told: TypeAlias = tuple[Any, list[tuple[str, int, int]]]
"""What a method of the assistant returned, and what its caches found meanwhile."""

_log = logging.getLogger("judian.api")


def open_keeping(settings: Settings, cached: Cached) -> Assistant:
    """The assistant of the settings, the vectors of the latest questions kept. Raises as `open_assistant` does."""
    return open_assistant(settings, lambda encoder: KeepingEncoder(encoder, cached))


def pooled(settings: Settings, cached: Cached) -> Assistant:
    """The assistant in as many processes as the settings want. Raises as `open_assistant` does."""
    assistant, processes = open_keeping(settings, cached), processes_of(settings)
    if processes == 1:
        return assistant
    return PooledAssistant(assistant, partial(open_keeping, replace(settings, llm="")), processes, cached)


def processes_of(settings: Settings) -> int:
    """How many processes answer: as set, or one a core; one alone where a server searches, or a model that is not the bundled one encodes."""
    if settings.processes:
        return settings.processes
    return 1 if settings.index or settings.model != BUNDLED else min(available_cores(), MOST)


class PooledAssistant(Assistant):
    """The same assistant; what needs no chat model is done by processes of its own, which end with it.

    It works itself until the first of them has opened its index, where none can, and on what one of them died of.
    """

    def __init__(self, assistant: Assistant, opener: Opener, processes: int, cached: Cached) -> None:
        vars(self).update(vars(assistant))
        self._plain = assistant
        self._cached = cached
        self._pool = _Pool(opener, processes)

    def ask(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = (), top_k: int = 5
    ) -> Answer:
        if self._speaker is not None:
            return self._plain.ask(question, history, documents, years, top_k)
        answer: Answer = self._done("ask", question, tuple(history), tuple(documents), tuple(years), top_k)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = (), top_k: int = 5
    ) -> Iterator[AnswerEvent]:
        if self._speaker is not None:
            return self._plain.stream(question, history, documents, years, top_k)
        return plain_events(self.ask(question, history, documents, years, top_k))

    def search(self, query: str, top_k: int = 10, documents: Sequence[str] = ()) -> list[Citation]:
        hits: list[Citation] = self._done("search", query, top_k, tuple(documents))
        return hits

    def close(self) -> None:
        self._pool.close()

    def _done(self, method: str, *arguments: Any) -> Any:
        told = self._pool.told(self.fingerprint, method, arguments)
        if told is None:
            return getattr(self._plain, method)(*arguments)
        result, found = told
        for of_cache in found:
            self._cached(*of_cache)
        return result


class _Pool:
    """Processes that each hold the assistant. Safe to use from several threads."""

    def __init__(self, opener: Opener, processes: int) -> None:
        self._opener = opener
        self._processes = processes
        self._renewing = threading.Lock()
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(self._processes, context, initializer=_open, initargs=(self._opener,))
        # A process is started for each work that finds none free.
        self._opened, *_ = (self._executor.submit(_nothing) for _ in range(self._processes))
        self._opened.add_done_callback(_log_failure)

    def told(self, fingerprint: str, method: str, arguments: Sequence[Any]) -> _Told | None:
        """What a method of the assistant over the index of this fingerprint returns; None where no process can tell. Raises what the method raises."""
        executor = self._executor
        if not self._opened.done() or self._opened.exception() is not None:
            return None
        try:
            return executor.submit(_work, fingerprint, method, arguments).result()
        except BrokenProcessPool:
            self._renew(executor)
            return None

    def close(self) -> None:
        """Ends the processes, once they have done what they are at."""
        self._executor.shutdown()

    def _renew(self, broken: ProcessPoolExecutor) -> None:
        with self._renewing:
            if self._executor is broken:
                _log.error("a process that answers questions has ended; the pool is started anew")
                self._start()


def _log_failure(opened: Future[None]) -> None:
    if opened.exception() is not None:
        _log.error("no process that answers questions could be started; the service answers by itself")


class _Holder:
    """What a process of the pool holds: its assistant, and what its caches found since they were last asked."""

    def __init__(self, opener: Opener) -> None:
        self._found: list[tuple[str, int, int]] = []
        self.assistant = opener(lambda *found: self._found.append(found))

    def taken(self) -> list[tuple[str, int, int]]:
        found, self._found = self._found, []
        return found


_holder: _Holder | None = None


def _open(opener: Opener) -> None:
    """Makes a process one of the pool. Interrupts are for the process that started it, and when that is gone this one ends too."""
    global _holder
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="watching", daemon=True).start()
    _holder = _Holder(opener)
    threading.Thread(target=_holder.assistant.prepare, args=(lambda: True,), name="preparing", daemon=True).start()
    # As the service does with its own.
    gc.collect()
    gc.freeze()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _nothing() -> None:
    """Done as soon as the process is ready."""


def _work(fingerprint: str, method: str, arguments: Sequence[Any]) -> _Told | None:
    """None where this process opened an index that is another by now."""
    if _holder is None or _holder.assistant.fingerprint != fingerprint:
        return None
    return getattr(_holder.assistant, method)(*arguments), _holder.taken()
