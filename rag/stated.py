"""What a passage states, piece by piece: readings made by rule, for documents that nobody has read.

A piece is a sentence, of a longer one what lies between its semicolons, of what is longer still some neighbouring clauses. It is its own question
and its own answer, so that it is found, ranked, guarded, compared and reckoned with like a reading that somebody wrote.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from corpus.clean import mend
from corpus.figures import years_in
from corpus.split import sentences
from corpus.types import Passage, PassageKind, Reading, Span, Via
from index.segment import bigrams

LONGEST = 90
"""Characters of a piece that is not cut."""

SHORTEST = 6
"""Characters of one that says anything."""

TELLING = 0.08
"""Share of what a piece has of a question that a clause at its edge must have, so that it is said."""

LONGEST_YEAR = 8
"""Characters of a clause that only names a year."""

READER = "stated-1"

_NUMBERED = re.compile(r"^\d+[.．、](?!\d)")
_UNITS = re.compile(r"(?:责任|牵头|配合|协办|主办)单位")
_SEGMENT = re.compile(r"[^；;]*[；;]?")
_CLAUSE = re.compile(r"[^，；;,]*[，；,;]?")
_FIGURE = re.compile(r"\d|[一二三四五六七八九十两百千]+(?:个|项|家|条|成|倍|大|座|所|名)")


def statements_of(passage: Passage, stored: str) -> Iterator[Reading]:
    """The pieces of a passage of the `stored` document, in order; none of what records tell of: a table's row, and whom a task is given to."""
    if passage.kind is PassageKind.TABLE_ROW:
        return
    # Of several years that a passage names it is not known which a sentence is of that names none.
    inherited = set(passage.years) if len(passage.years) == 1 else set(passage.years) - set(years_in(passage.text))
    for sentence in _sentences(passage, stored):
        named: set[int] = set()
        for number, span in enumerate(_pieces(stored, sentence)):
            text = mend(stored[span.start : span.end])
            # What follows in a sentence is of the year that it began with.
            named = set(years_in(text)) or named
            answer = _NUMBERED.sub("", text).strip("，；。—、")
            if len(answer) >= SHORTEST and not _UNITS.match(answer):
                yield Reading(
                    id=f"{passage.id}-{sentence.start}-{number}",
                    document_id=passage.document_id,
                    question=answer,
                    paraphrases=(),
                    answer=answer,
                    quotes=(text,),
                    spans=(span,),
                    type="statement",
                    years=tuple(sorted(named | inherited)),
                    reader=READER,
                    via=Via.STATEMENT,
                )


def told_of(answer: str, wanted: Mapping[str, float]) -> str:
    """Of a piece the clauses that tell the one amount that is asked for: without those before what a question asks, and those behind its figure.

    `wanted` are the question's character pairs with what each counts.
    """
    clauses = [match[0] for match in _CLAUSE.finditer(answer) if match[0]]
    terms = [{term for term in bigrams(clause) if term in wanted} for clause in clauses]
    best = max(terms, key=lambda own: sum(wanted[term] for term in own))
    least = TELLING * sum(wanted[term] for term in set().union(*terms))
    telling = [n for n, own in enumerate(terms) if own and (own is best or sum(wanted[term] for term in own - best) >= least)]
    if not telling:
        return answer
    first, last = telling[0], len(clauses) - 1
    last = next((n for n in range(telling[-1], len(clauses)) if _FIGURE.search("".join(clauses[first : n + 1]))), last)
    # A year that a sentence begins with is that of all of it.
    opening = clauses[0] if first and len(clauses[0]) <= LONGEST_YEAR and years_in(clauses[0]) else ""
    return opening + _NUMBERED.sub("", "".join(clauses[first : last + 1])).rstrip("，；,;")


def units_of(passage: Passage, stored: str) -> list[Span]:
    """The sentences of a passage of prose; a row, a task or a note whole."""
    if passage.kind in (PassageKind.TABLE_ROW, PassageKind.TASK):
        return [passage.spans[-1]]
    return _sentences(passage, stored)


def _sentences(passage: Passage, stored: str) -> list[Span]:
    whole = Span(passage.spans[0].start, passage.spans[-1].end)
    return [Span(whole.start + start, whole.start + end) for start, end in sentences(stored[whole.start : whole.end])]


def clauses_of(stored: str, span: Span) -> list[Span]:
    """The clauses of a sentence, each with the mark at its end."""
    return _cut(_CLAUSE, stored, span)


def _pieces(stored: str, sentence: Span) -> Iterator[Span]:
    """A sentence that is short enough, or what it is cut into."""
    if _length(stored, sentence) <= LONGEST:
        yield sentence
        return
    for segment in _cut(_SEGMENT, stored, sentence):
        if _length(stored, segment) <= LONGEST:
            yield segment
        else:
            yield from _packed(stored, clauses_of(stored, segment))


def _packed(stored: str, clauses: list[Span]) -> Iterator[Span]:
    """Neighbouring clauses together, as many as make a piece of about half the length."""
    start = clauses[0].start
    for last, clause in pairwise(clauses):
        if _length(stored, Span(start, clause.end)) > 0.6 * LONGEST:
            yield Span(start, last.end)
            start = clause.start
    yield Span(start, clauses[-1].end)


def _cut(pattern: re.Pattern[str], stored: str, span: Span) -> list[Span]:
    return [Span(match.start(), match.end()) for match in pattern.finditer(stored, span.start, span.end) if match[0]]


def _length(stored: str, span: Span) -> int:
    return len("".join(stored[span.start : span.end].split()))
