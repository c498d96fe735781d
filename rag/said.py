"""What is said of a reading: its answer as a statement with its evidence, alone or in the context of its stretch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.clean import mend
from corpus.figures import find_figures, same_figure
from corpus.types import Reading, Span, Via
from index.segment import bigrams, normal
from rag.arithmetic import amounts_in, without
from rag.question import Question, content_of
from rag.rank import Scored, overlap
from rag.types import CitationVia, Evidence, Mode, Statement

SAME_ANSWER = 0.6
"""Share of character pairs in common from which two answers say the same."""

SAID_AGAIN = 0.9
"""Share of the pairs of characters of an answer that stand in what was said before, from which it says nothing new."""

SAME_THING = 0.45
"""Share of character pairs in common from which two questions ask of the same thing."""

CONTEXT_LENGTH = 75
"""Characters of an answer and its stretch that are shown together."""

CONTEXT_OF_PARTS = 110
"""The same where several things are asked and the answer names fewer."""

LONGEST_CLAUSE = 90
"""Characters of a clause that is shown whole."""

BARE = 20
"""Characters of an answer that hardly stands alone."""

_VIA = {
    Via.READING: CitationVia.READING,
    Via.MEASURE: CitationVia.MEASURE,
    Via.OUTLINE: CitationVia.OUTLINE,
    Via.TASK: CitationVia.TASK,
    Via.STATEMENT: CitationVia.PASSAGE,
}
_MODES = {Via.READING: Mode.READING, Via.STATEMENT: Mode.EXTRACTIVE}


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch between two full stops or semicolons, as shown, and where it stands."""

    text: str
    span: Span


_CLAUSE_END = re.compile(r"[。！？；]")
_PHRASE = re.compile(r"[^，,]*[，,]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def clause_around(stored: str, within: Span, span: Span) -> Clause:
    """The clause of a stored text that a stretch stands in, or the clauses that it runs over, no further than `within`; of a long one what lies near."""
    start = max((match.end() for match in _CLAUSE_END.finditer(stored, within.start, span.start)), default=within.start)
    end = next((match.start() for match in _CLAUSE_END.finditer(stored, max(span.end - 1, start), within.end)), within.end)
    near = _near(stored, Span(start, end), span)
    return Clause(mend(stored[near.start : near.end]), near)


def _near(stored: str, clause: Span, span: Span) -> Span:
    """As many phrases before and behind a stretch of a clause, in turns, as can be shown."""
    phrases = [Span(match.start(), match.end()) for match in _PHRASE.finditer(stored, clause.start, clause.end) if match[0]]
    held = [number for number, phrase in enumerate(phrases) if phrase.overlaps(span)]
    if not held:
        return clause
    first, last = held[0], held[-1]

    def fits(begin: int, behind: int) -> bool:
        return begin >= 0 and behind < len(phrases) and phrases[behind].end - phrases[begin].start <= LONGEST_CLAUSE

    grown = True
    while grown:
        before = first - fits(first - 1, last)
        behind = last + fits(before, last + 1)
        grown, first, last = (before, behind) != (first, last), before, behind
    end = phrases[last].end
    return Span(phrases[first].start, end - (stored[end - 1] in "，,"))


def as_statement(reading: Reading, confidence: float, label: str = "", others: Sequence[Reading] = ()) -> Statement:
    """A reading's answer, behind the name of the part of the question that it answers where there are several; `others` say the same elsewhere."""
    via = _VIA[reading.via]
    sources = [(source, place) for source in (reading, *others) for place in source.places]
    evidence = tuple(Evidence(place.document_id, place.span, _VIA[source.via], confidence) for source, place in sources)
    name = _tidy(_proved(label, reading))
    named = name and via is not CitationVia.MEASURE and not reading.answer.startswith(label)
    text = f"{name}：{reading.answer}" if named else reading.answer
    known = (*re.findall(r"\d+", name), *(str(year) for year in reading.years), *reading.computed)
    return Statement(text, evidence, confidence, _MODES.get(reading.via, Mode.STRUCTURED), known)


def _proved(label: str, reading: Reading) -> str:
    """The label without the amounts that the quotes of a reading do not hold: a question may name a wrong one."""
    held = [figure for quote in reading.quotes for figure in find_figures(quote)]
    return without(label, [figure for figure in amounts_in(label) if not any(same_figure(figure, other) for other in held)])


def _tidy(label: str) -> str:
    return re.sub(r"(?:分别|各)?是?(?:多少|几个|几)?[？?]?$", "", label).strip()


def in_context(statement: Statement, reading: Reading, question: Question, clause: Clause | None, parts: int) -> Statement:
    """A short answer with the stretch it comes from, so that it stands alone; the stretch alone where the answer only repeats the question.

    Of several things asked (`parts`) an answer that names fewer is said in its `clause`, which may tell the others; so is a bare one whose stretch
    adds nothing to it.
    """
    quote = "".join("".join(reading.quotes).split()).strip("，。；、")
    answer = statement.text.rstrip("。")
    if reading.via is not Via.READING or reading.leaves_out or not quote:
        return statement
    in_clause = _in_clause(statement, clause) if clause and not reading.computed else statement
    if parts > 1 and not names_several(reading, parts) and len(in_clause.text) <= CONTEXT_OF_PARTS:
        return in_clause
    if normal(quote) == normal(answer):
        return in_clause if len(answer) <= BARE and len(in_clause.text) <= CONTEXT_LENGTH else statement
    asked = frozenset(bigrams(question.text))
    own = bigrams(answer)
    repeated = sum(term in asked for term in own) / len(own) if own else 0.0
    if repeated >= 0.6 and not re.search(r"\d", answer) and len(quote) <= 100:
        return replace(statement, text=quote)
    # Of figures told one by one ("高铁、高速公路分别…1100公里、4500公里") the others would be taken for the answer, too.
    of_several = "分别" in quote and bool(numbers_in(quote) - numbers_in(answer) - {str(year) for year in reading.years})
    if not of_several and len(answer) + len(quote) <= CONTEXT_LENGTH and normal(answer) in normal(quote):
        return replace(statement, text=f"{answer}（原文：“{quote}”）")
    return statement


def _in_clause(statement: Statement, clause: Clause) -> Statement:
    """A statement beside the clause it comes from, which is then what proves it; the clause alone where it holds the answer whole."""
    first, *others = statement.evidence
    answer = statement.text.rstrip("。")
    text = clause.text if normal(answer) in normal(clause.text) else f"{answer}（原文：“{clause.text}”）"
    return replace(statement, text=text, evidence=(replace(first, span=clause.span), *others))


def parallels(best: Scored, whole: Sequence[Scored]) -> tuple[Reading, ...]:
    """Readings of other passages that say the same: they are cited beside the best one."""
    first = best.hit.reading
    same = []
    for scored in whole[1:8]:
        other = scored.hit.reading
        agree = numbers_of(other) == numbers_of(first) and set(other.years) == set(first.years) and not overlap(first, other)
        same_words = alike(first.answer, other.answer) >= SAME_ANSWER or (
            numbers_of(first) and alike(content_of(first.question), content_of(other.question)) >= SAME_THING
        )
        if agree and same_words and scored.probability >= 0.3 * best.probability:
            same.append(other)
    return tuple(same[:2])


def names_several(reading: Reading, count: int) -> bool:
    """Whether a sentence's answer, not worked out, names at least so many things."""
    return reading.via is Via.READING and not reading.computed and len(re.findall(r"[、，；]", reading.answer)) + 1 >= count


def figures_for_all(reading: Reading, count: int) -> bool:
    """Whether an answer that gives figures gives one for each of so many things, those worked out from others left out."""
    worked_out = {figure for told in reading.computed for figure in _NUMBER.findall(told)}
    return not numbers_of(reading) or len(numbers_of(reading) - worked_out) >= count


def alike(left: str, right: str) -> float:
    """Share of character pairs that two texts have in common."""
    one, other = frozenset(bigrams(left)), frozenset(bigrams(right))
    return len(one & other) / max(1, len(one | other))


def says_again(answer: str, said: str) -> bool:
    """Whether an answer says hardly more than what was said, both normalised."""
    terms = bigrams(answer)
    return sum(term in said for term in terms) >= SAID_AGAIN * len(terms)


def numbers_of(reading: Reading) -> frozenset[str]:
    """The figures that an answer gives, the years it is about left out."""
    return numbers_in(reading.answer) - {str(year) for year in reading.years}


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text as written, years among them."""
    return frozenset(_NUMBER.findall(text))
