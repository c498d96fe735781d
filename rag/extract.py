"""Answers out of passages, where no reading speaks: the sentence, or the clauses of it, that hold what is asked."""

import re
from collections.abc import Sequence

from corpus.split import sentences
from corpus.types import Passage, PassageKind, Span
from index.segment import bigrams
from rag.question import Question
from rag.retrieve import Query, Retriever
from rag.types import CitationVia, Draft, Evidence, Mode, Statement

PASSAGES = 8
SAID = 0.42
"""Share of the question's character pairs, weighted by rarity, that an extract and its headings must hold to be said."""

LONGEST = 110
"""Characters of a sentence that is said whole; of a longer one only the clauses around what is asked."""

_ASKING = re.compile(r"多少|几个|哪些|哪个|什么|怎么|如何|是否|有没有|请问|分别|是|吗|呢|的|了|[？?]")
_HOW_MANY = re.compile(r"多少|几|率|比重|增速|增长")
_FIGURE = re.compile(r"\d|百分之|[一二三四五六七八九十百千]+(?:万|亿|个|项|家|成|倍|公里)")
_CLAUSE = re.compile(r"[^，；,;]*[，；,;]?")


def extract(question: Question, query: Query, retriever: Retriever, documents: Sequence[str]) -> Draft:
    """The best extract as a draft; an empty draft when none holds enough of the question."""
    wanted = bigrams(_ASKING.sub(" ", query.text))
    weights = {term: retriever.rarity(term) for term in wanted}
    total = sum(weights[term] for term in wanted) or 1.0
    best: tuple[float, Passage, Span, str] | None = None
    for rank, hit in enumerate(retriever.passages(query, PASSAGES, documents, readings=())):
        passage = retriever.index.all_passages[hit.passage]
        stored = retriever.text_of(passage.document_id)
        context = frozenset(bigrams(" ".join((*passage.heading_path, passage.part, *(str(year) for year in passage.years)))))
        for span in units_of(passage, stored):
            text = "".join(stored[span.start : span.end].split())
            terms = frozenset(bigrams(text))
            share = sum(weights[term] * (1.0 if term in terms else 0.6 if term in context else 0.0) for term in wanted) / total
            if _HOW_MANY.search(question.text) and not _FIGURE.search(text):
                share -= 0.25
            if question.years and passage.years and not set(question.years) & set(passage.years):
                share -= 0.3
            value = share - 0.02 * rank
            if best is None or value > best[0]:
                best = (value, passage, span, stored)
    if best is None or best[0] < SAID:
        return Draft((), 0.0 if best is None else max(0.0, best[0]))
    value, passage, span, stored = best
    cut = _narrowed(stored, span, weights) if passage.kind is PassageKind.PROSE else span
    text = "".join(stored[cut.start : cut.end].split()).strip("，；。—")
    evidence = Evidence(passage.document_id, cut, CitationVia.PASSAGE, min(1.0, value))
    return Draft((Statement(text, (evidence,), min(1.0, value), Mode.EXTRACTIVE),), min(1.0, value))


def units_of(passage: Passage, stored: str) -> list[Span]:
    """The sentences of a passage of prose; a row, a task or a note whole."""
    if passage.kind in (PassageKind.TABLE_ROW, PassageKind.TASK):
        return [passage.spans[-1]]
    whole = Span(passage.spans[0].start, passage.spans[-1].end)
    return [Span(whole.start + start, whole.start + end) for start, end in sentences(stored[whole.start : whole.end])]


def clauses_of(stored: str, span: Span) -> list[Span]:
    """The clauses of a sentence, each with the mark at its end."""
    return [Span(span.start + m.start(), span.start + m.end()) for m in _CLAUSE.finditer(stored[span.start : span.end]) if m[0]]


def _narrowed(stored: str, span: Span, weights: dict[str, float]) -> Span:
    """The clauses of a long sentence around the one that holds most of what is asked."""
    if span.end - span.start <= LONGEST:
        return span
    clauses = clauses_of(stored, span)
    values = [sum(weights.get(term, 0.0) for term in set(bigrams(stored[c.start : c.end]))) for c in clauses]
    at = values.index(max(values))
    first, last = at, at
    while last + 1 < len(clauses) and clauses[last + 1].end - clauses[first].start <= LONGEST:
        last += 1
        if values[last] == 0 and last > at + 1:
            break
    return Span(clauses[first].start, clauses[last].end)
