"""Answers attended: kept under the index that they were given from, and recorded as far as they were sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.types import Answer, References, Sentence
from ui.api.attended import Attendance, AttendedAssistant
from ui.api.audit import AuditLog, list_records
from ui.api.metrics import Metrics

GROWTH = "2024年地区生产总值增长目标是多少？"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that reach the assistant behind."""
    asked: list[str] = []
    plain = Assistant.ask

    def ask(self: Assistant, question: str, *rest: Any) -> Answer:
        asked.append(question)
        return plain(self, question, *rest)

    monkeypatch.setattr(Assistant, "ask", ask)
    return asked


@pytest.fixture
def attended(assistant: Assistant, tmp_path: Path) -> AttendedAssistant:
    return AttendedAssistant(assistant, Attendance(Metrics(), AuditLog(tmp_path)))


def test_the_same_question_is_worked_on_once(attended: AttendedAssistant, asked: list[str]) -> None:
    first, again = attended.ask(GROWTH), attended.ask(GROWTH)
    assert asked == [GROWTH]
    assert (again.answer, again.citations, again.confidence) == (first.answer, first.citations, first.confidence)
    assert again.timings_ms.keys() == first.timings_ms.keys()
    attended.ask(GROWTH, top_k=1)
    attended.ask(GROWTH, documents=["001"])
    attended.ask(GROWTH, years=[2024])
    assert asked == [GROWTH] * 4


def test_an_answer_of_another_index_is_not_taken(attended: AttendedAssistant, asked: list[str]) -> None:
    attended.ask(GROWTH)
    attended.fingerprint = "another"
    attended.ask(GROWTH)
    assert asked == [GROWTH] * 2


def test_everything_else_is_the_assistants_own(attended: AttendedAssistant, assistant: Assistant) -> None:
    assert attended.documents is assistant.documents
    assert attended.tasks("市教委") == assistant.tasks("市教委")
    assert attended.search("就业", 3) == assistant.search("就业", 3)


def test_a_stream_is_recorded_once(attended: AttendedAssistant, tmp_path: Path) -> None:
    events = list(attended.stream(GROWTH))
    assert isinstance(events[0], References)
    assert isinstance(events[-1], Answer)
    assert "".join(event.text for event in events if isinstance(event, Sentence)) == events[-1].answer
    (record,) = list_records(tmp_path, 5)
    assert record.answer == events[-1].answer
    assert record.circumstances.whole


def test_a_stream_of_an_answer_given_before(attended: AttendedAssistant, asked: list[str]) -> None:
    answer = attended.ask(GROWTH)
    events = list(attended.stream(GROWTH))
    assert asked == [GROWTH]
    assert "".join(event.text for event in events if isinstance(event, Sentence)) == answer.answer


def test_who_leaves_before_the_end_leaves_a_record_of_what_was_sent(attended: AttendedAssistant, tmp_path: Path) -> None:
    events = attended.stream("2024年地区生产总值和城镇新增就业的目标分别是多少？")
    assert isinstance(events, Iterator)
    sent = [next(events), next(events)]
    events.close()  # type: ignore[attr-defined]
    (record,) = list_records(tmp_path, 5)
    assert not record.circumstances.whole
    assert isinstance(sent[1], Sentence)
    assert record.answer == sent[1].text


def test_who_leaves_with_the_answer_leaves_one_record(attended: AttendedAssistant, tmp_path: Path) -> None:
    events = attended.stream(GROWTH)
    while not isinstance(next(events), Answer):
        pass
    events.close()  # type: ignore[attr-defined]
    assert [record.circumstances.whole for record in list_records(tmp_path, 5)] == [True]
