"""Whether the documents mention a thing, and which of them do: the clause that names it in the same words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from corpus.types import DocumentInfo, Passage, PassageKind, Span
from index.segment import normal
from rag.question import Question, asks_yes_or_no
from rag.retrieve import Retriever
from rag.stated import clauses_of, units_of
from rag.types import CitationVia, Evidence, Mode, Statement

PASSAGES = 60
"""Passages in which the thing is looked for."""

LONGEST = 80
"""Characters around the thing that are said of a longer sentence."""

_MENTION = re.compile(
    r"(?:提没提|有没有提|提到|提及|写到|讲到|说到|谈到|涉及)[到及过了]*(?:关于)?(?P<thing>[^，,。；;？?]{2,20}?)"
    r"(?:的?(?:内容|事情?|说法))?(?:吗|没有?|么)?[？?。]?$"
)
_FIRST = re.compile(r"最早|首次|第一次|首先|先提")
_OF_DOCUMENTS = r"哪(?:一|几)?[份个些年]的?(?:文件|报告|材料)里?面?(?:最早|首次|第一次|先)?"
_TOLD_OF = r"[提写说讲谈][到出过及起了的]*"
_WHICH = re.compile(
    rf"{_OF_DOCUMENTS}{_TOLD_OF}(?:关于)?(?P<behind>[^，,。；;？?]{{2,20}}?)(?:的?(?:内容|事情?|说法))?[？?。]?$"
    rf"|^(?P<before>[^，,。；;？?]{{2,20}}?)(?:最早|首次|第一次)?是?[在由]?{_OF_DOCUMENTS}{_TOLD_OF}[？?。]?$"
)
_WHAT = re.compile(r"多少|几|什么|啥|哪|谁|怎")


def answer_from_mentions(question: Question, retriever: Retriever, documents: Sequence[str]) -> list[Statement]:
    """The best place that names the thing, in the document that is named, or in a document or a part of one of the year asked for; where it is asked
    which documents name it, the best place of each, the earliest document first.

    None where more is asked, or none names it.
    """
    which = _WHICH.search(question.text)
    if which:
        found = list(_naming(which["behind"] or which["before"], (), retriever, documents))
        told = [
            replace(statement, text=f"《{info.title}》{statement.text}") for info, statement in sorted(found, key=lambda one: one[0].date)
        ]
        return told[:1] if _FIRST.search(question.text) else told
    asked = _MENTION.search(question.text)
    if not asked or not asks_yes_or_no(question.text) or _WHAT.search(asked["thing"]):
        return []
    infos = retriever.index.records.infos()
    named = [info.id for info in infos if any(alias in question.text for alias in info.aliases) and (not documents or info.id in documents)]
    years = () if named else question.years
    return [statement for _, statement in islice(_naming(asked["thing"], years, retriever, named or documents), 1)]


def _naming(thing: str, years: Sequence[int], retriever: Retriever, documents: Sequence[str]) -> Iterator[tuple[DocumentInfo, Statement]]:
    """Of each document the best of the passages that name a thing, best first; of documents or parts of one of the `years` if any are given."""
    plain = _plain(thing)
    known: set[str] = set()
    for hit in retriever.passages(retriever.query(thing), PASSAGES, documents):
        passage = retriever.index.all_passages[hit.passage]
        info = retriever.index.records.by_id[passage.document_id].document.info
        if info.id not in known and plain in _plain(passage.text) and (not years or {info.year, *passage.years} & set(years)):
            statement = _named_in(passage, plain, retriever.text_of(info.id))
            if statement:
                known.add(info.id)
                yield info, statement


def _plain(text: str) -> str:
    """Without quotation marks, which a question may leave out."""
    return re.sub(r"[“”\"]", "", normal(text))


def _named_in(passage: Passage, thing: str, stored: str) -> Statement | None:
    """The sentence of a passage that names the thing, of a long one the clauses around it."""
    span = next((span for span in units_of(passage, stored) if thing in _plain(stored[span.start : span.end])), None)
    if span is None:
        return None
    if passage.kind in (PassageKind.PROSE, PassageKind.TASK) and span.end - span.start > LONGEST:
        span = _around(span, thing, stored)
    text = "".join(stored[span.start : span.end].split()).strip("，,；;。—")
    return Statement(f"提到了：{text}", (Evidence(passage.document_id, span, CitationVia.PASSAGE, 1.0),), 1.0, Mode.EXTRACTIVE)


def _around(span: Span, thing: str, stored: str) -> Span:
    """The clause that names the thing, with those behind it that there is room for; the whole stretch where the name runs over a comma."""
    clauses = clauses_of(stored, span)
    first = next((n for n, clause in enumerate(clauses) if thing in _plain(stored[clause.start : clause.end])), None)
    if first is None:
        return span
    last = max(n for n, clause in enumerate(clauses) if n == first or (n > first and clause.end - clauses[first].start <= LONGEST))
    return Span(clauses[first].start, clauses[last].end)
