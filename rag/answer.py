"""Answers out of readings: which of those found answer the question, and all of its parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.segment import bigrams
from rag.question import Ask, Question
from rag.retrieve import Query, Retriever
from rag.structured import Tasks, answer_from_tasks, responsible
from rag.types import CitationVia, Evidence, Mode, ReadingHit, Statement

CANDIDATES = 30
MOST_STATEMENTS = 4
THRESHOLD = 0.45


def parts_of(text: str) -> tuple[str, ...]:
    """Clauses of a question that may be asked on their own, the whole first."""
    pieces = [piece.strip() for piece in re.split(r"[，,；;？?。！!]|还有|以及|、(?=.{4,})", text)]
    parts = [piece for piece in pieces if len(piece) >= 4]
    return tuple(dict.fromkeys([text, *parts])) if len(parts) > 1 else (text,)


def score(hit: ReadingHit, question: Question) -> float:
    """How well a reading answers a question, 0 to 1."""
    value = 0.75 * (hit.cosine - 0.75) / 0.2 + 0.45 * hit.overlap
    if question.years and hit.reading.years:
        value += 0.1 if set(question.years) & set(hit.reading.years) else -0.3
    return max(0.0, min(1.0, value / 1.3))


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said, how sure that is, how many records it rests on, and what may be asked next."""

    statements: tuple[Statement, ...]
    confidence: float
    records: int = 0
    related: tuple[str, ...] = ()


def answer_question(question: Question, query: Query, retriever: Retriever, tasks: Tasks, documents: Sequence[str]) -> Draft:
    """The statements that answer a question: over records where it asks for them, else out of readings; none when nothing fits."""
    worked_out = answer_from_tasks(question, tasks)
    if worked_out:
        return Draft(tuple(worked_out), 1.0, sum(len(statement.evidence) for statement in worked_out))
    if question.ask is Ask.RESPONSIBLE:
        hits = retriever.tasks(query, 5, documents)
        if hits:
            task = tasks.by_number(int(hits[0].reading.ref))
            if task and hits[0].cosine > 0.8:
                return Draft((responsible(task, question, hits[0].cosine),), hits[0].cosine)
    hits = choose(question, retriever, query, documents)
    related = tuple(hit.reading.question for hit in hits[1:4])
    if not hits or score(hits[0], question) < THRESHOLD:
        return Draft((), score(hits[0], question) if hits else 0.0, related=related)
    confidence = score(hits[0], question)
    return Draft((as_statement(hits[0], confidence),), confidence, related=related)


def choose(question: Question, retriever: Retriever, query: Query, documents: Sequence[str]) -> list[ReadingHit]:
    """The readings that together answer the question, best first."""
    found: dict[str, ReadingHit] = {}
    for hit in retriever.readings(query, CANDIDATES, documents):
        found[hit.reading.id] = hit
    ranked = sorted(found.values(), key=lambda hit: (-score(hit, question), hit.reading.id))
    return ranked[:MOST_STATEMENTS]


def as_statement(hit: ReadingHit, confidence: float) -> Statement:
    via = {"reading": CitationVia.READING, "measure": CitationVia.MEASURE, "outline": CitationVia.OUTLINE, "task": CitationVia.TASK}[hit.reading.via]
    evidence = tuple(Evidence(hit.reading.document_id, span, via, confidence) for span in hit.reading.spans)
    return Statement(hit.reading.answer, evidence, confidence, Mode.READING if via is CitationVia.READING else Mode.STRUCTURED)
