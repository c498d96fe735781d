"""Bringing the index up to date after the library of documents has changed, while the service goes on answering."""

import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress

from rag.config import PREFIX, Settings

NICENESS = 5
"""How far a build gives way to the service."""

_log = logging.getLogger("judian.api")


class Indexer:
    """Builds the index in a process of its own, one at a time; what is asked for during a build is done after it."""

    def __init__(self, settings: Settings) -> None:
        self.problem = ""
        self._environment = {
            **os.environ,
            PREFIX + "HOME": str(settings.home),
            PREFIX + "MODEL": settings.model,
            PREFIX + "THREADS": str(settings.threads),
        }
        self._changed = threading.Condition()
        self._wanted = False
        self._process: subprocess.Popen[str] | None = None
        self._worker: threading.Thread | None = None

    @property
    def updating(self) -> bool:
        """Whether an index is being built, or about to be."""
        return self._worker is not None

    def update(self) -> None:
        """Asks for an index of the documents as they are now, and returns at once."""
        with self._changed:
            self._wanted = True
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="indexing", daemon=True)
                self._worker.start()

    def stop(self) -> None:
        """Ends a build that is under way; the index that was there stays whole."""
        with self._changed:
            self._wanted = False
            if self._process is not None:
                self._process.terminate()
            worker = self._worker
        if worker is not None:
            worker.join(timeout=10)

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._wanted:
                    self._worker = None
                    return
                self._wanted = False
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "ui.command.main", "index", "build"],
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
            self._finish(self._process)

    def _finish(self, process: subprocess.Popen[str]) -> None:
        _, said = process.communicate()
        lines = said.strip().splitlines()
        self.problem = "" if process.returncode == 0 else (lines[-1] if lines else f"索引没有建成（代码 {process.returncode}）。")
        if self.problem:
            _log.error("index build failed: %s", self.problem)
        with self._changed:
            self._process = None
