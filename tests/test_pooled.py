"""Answers of several processes are those of one; where a process is missing, the service answers itself."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpus.errors import IndexMissingError, QuestionError
from index.store import load_index
from rag.assistant import Assistant
from rag.config import Settings
from rag.types import Answer, References, Sentence
from tests.letters import LetterEncoder, build_small
from ui.api import pooled
from ui.api.attended import Attendance, AttendedAssistant
from ui.api.kept_vectors import Cached, KeepingEncoder
from ui.api.metrics import Metrics
from ui.api.pooled import MOST, Opener, PooledAssistant, processes_of

PATIENCE_S = 300.0

_SERVICE = """
import multiprocessing, sys, time
from functools import partial
from pathlib import Path
from tests.test_pooled import not_counted, open_small
from ui.api.pooled import PooledAssistant

home = Path(sys.argv[1])
assistant = PooledAssistant(open_small(home, not_counted), partial(open_small, home), 1, not_counted)
print(*(process.pid for process in multiprocessing.active_children()), flush=True)
time.sleep(300)
"""


def open_small(home: Path, cached: Cached) -> Assistant:
    encoder = LetterEncoder()
    return Assistant(load_index(home / "index", encoder), KeepingEncoder(encoder, cached))


def fail_to_open(_cached: Cached) -> Assistant:
    raise IndexMissingError("没有索引")


def not_counted(_cache: str, _hits: int, _misses: int) -> None:
    """Nobody looks at the caches."""


def wait_for(met: Callable[[], bool]) -> None:
    """Waits until something is so; the limit is only there for a test that fails."""
    deadline = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Noting:
    """The small assistant, its pool, and which questions were answered in this process."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here: list[str] = []
        self.metrics = Metrics()
        self.plain = open_small(home, not_counted)
        plain_ask = Assistant.ask

        def ask(assistant: Assistant, question: str, *rest: Any, **named: Any) -> Any:
            self.here.append(question)
            return plain_ask(assistant, question, *rest, **named)

        monkeypatch.setattr(Assistant, "ask", ask)

    def pooled(self, opener: Opener, processes: int = 1) -> PooledAssistant:
        return PooledAssistant(self.plain, opener, processes, self.metrics.cached)

    def answers_elsewhere(self, assistant: Assistant) -> bool:
        """Whether a question is answered by another process."""
        self.here.clear()
        assistant.ask("丁有几个？")
        return not self.here


@pytest.fixture(autouse=True)
def plain_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new process imports the main module of this one, for which Streamlit's tests leave a script of the page."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


@pytest.fixture
def small_home(tmp_path: Path) -> Path:
    build_small(tmp_path / "index", LetterEncoder())
    return tmp_path


@pytest.fixture
def noting(small_home: Path, monkeypatch: pytest.MonkeyPatch) -> Noting:
    return Noting(small_home, monkeypatch)


@pytest.fixture
def several(noting: Noting, small_home: Path) -> Iterator[PooledAssistant]:
    """The small assistant with a process that is ready."""
    assistant = noting.pooled(partial(open_small, small_home))
    wait_for(lambda: noting.answers_elsewhere(assistant))
    yield assistant
    assistant.close()


def process_of() -> BaseProcess:
    """The one process of the pool."""
    (process,) = multiprocessing.active_children()
    return process


def test_an_answer_of_another_process_is_the_same(noting: Noting, several: PooledAssistant) -> None:
    for question in ("丁有几个？", "乙和丙呢？"):
        told, own = several.ask(question, top_k=3), noting.plain.ask(question, top_k=3)
        assert (told.answer, told.citations, told.confidence, told.related) == (own.answer, own.citations, own.confidence, own.related)
    assert several.search("甲", 2) == noting.plain.search("甲", 2)
    references, *sentences, whole = several.stream("丁有几个？")
    assert isinstance(references, References)
    assert all(isinstance(sentence, Sentence) for sentence in sentences)
    assert isinstance(whole, Answer)
    assert whole.citations == references.citations


def test_errors_come_back_in_their_words(several: PooledAssistant) -> None:
    with pytest.raises(QuestionError, match="问题是空的"):
        several.ask(" ")


def test_what_caches_found_elsewhere_is_counted_here(noting: Noting, several: PooledAssistant) -> None:
    several.ask("甲乙有几个？")
    several.search("甲乙丙", 2)
    counted = noting.metrics.text().decode()
    assert 'judian_cache_misses_total{cache="vectors"}' in counted


def test_a_process_that_dies_is_replaced(noting: Noting, several: PooledAssistant) -> None:
    died = process_of()
    os.kill(died.pid or 0, 9)
    died.join(PATIENCE_S)
    assert several.ask("丁有几个？").citations
    wait_for(lambda: noting.answers_elsewhere(several))
    assert process_of().pid != died.pid


def test_processes_that_cannot_open_leave_the_work_here(noting: Noting) -> None:
    assistant = noting.pooled(fail_to_open)
    wait_for(lambda: not multiprocessing.active_children())
    assert not noting.answers_elsewhere(assistant)
    assistant.close()


def test_an_index_that_is_another_elsewhere_is_not_asked(noting: Noting, several: PooledAssistant) -> None:
    several.fingerprint = "another"
    assert not noting.answers_elsewhere(several)


def test_processes_end_with_the_assistant(noting: Noting, small_home: Path) -> None:
    assistant = noting.pooled(partial(open_small, small_home), processes=2)
    wait_for(lambda: noting.answers_elsewhere(assistant))
    assert len(multiprocessing.active_children()) == 2
    AttendedAssistant(assistant, Attendance(Metrics(), None)).close()
    assert not multiprocessing.active_children()


def test_processes_of_an_assistant_that_was_replaced_end(noting: Noting, small_home: Path) -> None:
    assistants = [noting.pooled(partial(open_small, small_home))]
    wait_for(lambda: noting.answers_elsewhere(assistants[0]))
    assistants.clear()
    wait_for(lambda: not multiprocessing.active_children())


def test_processes_end_when_the_service_is_killed(small_home: Path) -> None:
    service = subprocess.Popen([sys.executable, "-c", _SERVICE, str(small_home)], stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout is not None
        (process,) = map(int, service.stdout.readline().split())
    finally:
        service.kill()
        service.wait()
    wait_for(lambda: not Path(f"/proc/{process}").exists())


def test_one_process_a_core_unless_another_number_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooled, "available_cores", lambda: 3)
    assert processes_of(Settings()) == 3
    assert processes_of(Settings(processes=7)) == 7
    assert processes_of(Settings(index="local.db")) == 1
    assert processes_of(Settings(model="other/model")) == 1
    monkeypatch.setattr(pooled, "available_cores", lambda: 64)
    assert processes_of(Settings()) == MOST
