"""The assistant as the service asks it: what it answers is kept for the next who asks the same, counted, and recorded."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.errors import AuditError
from index.lru import Lru
from rag.assistant import Assistant
from rag.config import Settings
from rag.types import Answer, AnswerEvent, Citation, Mode, References, Sentence, Turn
from ui.api.audit import Asked, AuditLog, Circumstances, record_of
from ui.api.metrics import Metrics
from ui.api.visit import current_visit

KEPT = 512
"""Answers kept; one takes some ten kilobytes."""

_log = logging.getLogger("judian.api")


class Attendance:
    """What goes with every answer of a service, whichever assistant gives it: the answers kept, the counters and the record."""

    def __init__(self, metrics: Metrics, audit: AuditLog | None) -> None:
        self.metrics = metrics
        self.audit = audit
        self.answers: Lru[tuple[str, Asked], Answer] = Lru(KEPT)


def open_attendance(settings: Settings, metrics: Metrics) -> Attendance:
    audit = AuditLog(settings.audit_folder, settings.audit_days, settings.audit_megabytes) if settings.audit else None
    return Attendance(metrics, audit)


class AttendedAssistant(Assistant):
    """The same assistant, its answers attended. An answer is kept under the fingerprint of the index that it was given from."""

    def __init__(self, assistant: Assistant, attendance: Attendance) -> None:
        vars(self).update(vars(assistant))
        self._plain = assistant
        self._attendance = attendance
        self._hashes = {document.document.info.id: document.document.info.sha256 for document in assistant.documents}

    def ask(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = (), top_k: int = 5
    ) -> Answer:
        asked, started = Asked(question, tuple(history), tuple(documents), tuple(years), top_k), time.perf_counter()
        answer = self._kept(asked, started)
        if answer is None:
            answer = self._plain.ask(question, history, documents, years, top_k)
            self._attend(asked, answer, started)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = (), top_k: int = 5
    ) -> Iterator[AnswerEvent]:
        asked, started = Asked(question, tuple(history), tuple(documents), tuple(years), top_k), time.perf_counter()
        kept = self._kept(asked, started)
        if kept is not None:
            yield from (References(kept.citations), Sentence(kept.answer), kept)
            return
        citations: tuple[Citation, ...] = ()
        said = ""
        try:
            for event in self._plain.stream(question, history, documents, years, top_k):
                if isinstance(event, References):
                    citations = event.citations
                elif isinstance(event, Sentence):
                    said += event.text
                else:
                    self._attend(asked, event, started, keep=False)
                yield event
        except GeneratorExit:
            # Who left before the end has read a part, which is recorded as such.
            if not isinstance(event, Answer):
                part = Answer(said, False, Mode.MIXED, question, citations, 0.0)
                self._record(asked, part, started, whole=False)
            raise

    def close(self) -> None:
        self._plain.close()

    def search(self, query: str, top_k: int = 10, documents: Sequence[str] = ()) -> list[Citation]:
        return self._plain.search(query, top_k, documents)

    def _kept(self, asked: Asked, started: float) -> Answer | None:
        """An answer given before, its times those of finding it."""
        found = self._attendance.answers.get((self.fingerprint, asked))
        self._attendance.metrics.cached("answers", int(found is not None), int(found is None))
        if found is None:
            return None
        answer = replace(found, timings_ms=dict.fromkeys(found.timings_ms, 0.0) | {"total": round(_milliseconds(started), 2)})
        self._record(asked, answer, started, cached=True)
        return answer

    def _attend(self, asked: Asked, answer: Answer, started: float, keep: bool = True) -> None:
        """Counts and records an answer; one that a chat model failed on is not kept, and a streamed one neither, as it numbers its marks otherwise."""
        metrics = self._attendance.metrics
        metrics.answered(str(answer.mode), _milliseconds(started) / 1000, answer.abstained, answer.timings_ms)
        if answer.note:
            metrics.llm_failures.inc()
        elif keep:
            self._attendance.answers.put((self.fingerprint, asked), answer)
        self._record(asked, answer, started)

    def _record(self, asked: Asked, answer: Answer, started: float, cached: bool = False, whole: bool = True) -> None:
        """A record that cannot be written is counted and logged; the answer is given all the same."""
        if self._attendance.audit is None:
            return
        visit = current_visit()
        circumstances = Circumstances(visit.next_record(), visit.key, self.fingerprint, cached, whole, round(_milliseconds(started), 2))
        try:
            self._attendance.audit.append(record_of(asked, answer, circumstances, self._hashes))
        except AuditError as exc:
            self._attendance.metrics.audit_failures.inc()
            _log.error("%s", exc)


def _milliseconds(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
