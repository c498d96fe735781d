"""A circuit breaker: what has failed is left alone, and tried again behind the users' backs."""

import logging
import threading
import time
from collections.abc import Callable

REST_S = 30.0
"""Seconds after a failure before the first trial; twice as long after each trial that fails."""

LONGEST_REST_S = 600.0

_log = logging.getLogger("judian.llm")


def in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="chat-model-trial", daemon=True).start()


class Breaker:
    """Open after a failure: `closed` says no until a trial has succeeded. Trials run beside the questions, so that none waits for one.

    `trial` raises when the thing still fails. Safe to use from several threads.
    """

    def __init__(
        self,
        trial: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = in_background,
    ) -> None:
        self._trial = trial
        self._clock = clock
        self._start = start
        self._lock = threading.Lock()
        self._rest_s = REST_S
        self._due: float | None = None
        self._trying = False

    def closed(self) -> bool:
        """Whether the thing may be used; when it has rested long enough, this starts a trial."""
        with self._lock:
            if self._due is None:
                return True
            if self._trying or self._clock() < self._due:
                return False
            self._trying = True
        self._start(self._try)
        return False

    def failed(self) -> None:
        """To be called when a use has failed."""
        with self._lock:
            if self._due is None:
                self._due = self._clock() + self._rest_s

    def _try(self) -> None:
        try:
            self._trial()
        except Exception as exc:
            with self._lock:
                self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
                self._due, self._trying = self._clock() + self._rest_s, False
            _log.warning("大模型仍不可用，%.0f 秒后再试：%s", self._rest_s, exc)
        else:
            with self._lock:
                self._rest_s, self._due, self._trying = REST_S, None, False
            _log.info("大模型恢复可用。")
