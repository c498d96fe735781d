"""What is said of a reading: its answer as a statement with its evidence, alone or in the context of its stretch."""

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.types import Reading, Via
from index.segment import bigrams, normal
from rag.question import Question, content_of
from rag.rank import Scored
from rag.types import CitationVia, Evidence, Mode, Statement

SAME_ANSWER = 0.6
"""Share of character pairs in common from which two answers say the same."""

SAME_THING = 0.45
"""Share of character pairs in common from which two questions ask of the same thing."""

CONTEXT_LENGTH = 75
"""Characters of an answer and its stretch that are shown together."""

_VIA = {
    Via.READING: CitationVia.READING,
    Via.MEASURE: CitationVia.MEASURE,
    Via.OUTLINE: CitationVia.OUTLINE,
    Via.TASK: CitationVia.TASK,
}


def as_statement(reading: Reading, confidence: float, label: str = "", others: Sequence[Reading] = ()) -> Statement:
    """A reading's answer, behind the name of the part of the question that it answers where there are several; `others` say the same elsewhere."""
    via = _VIA[reading.via]
    sources = [(source, place) for source in (reading, *others) for place in source.places]
    evidence = tuple(Evidence(place.document_id, place.span, _VIA[source.via], confidence) for source, place in sources)
    name = _tidy(label)
    named = name and via is not CitationVia.MEASURE and not reading.answer.startswith(label)
    text = f"{name}：{reading.answer}" if named else reading.answer
    known = (*re.findall(r"\d+", label), *(str(year) for year in reading.years), *reading.computed)
    return Statement(text, evidence, confidence, Mode.READING if via is CitationVia.READING else Mode.STRUCTURED, known)


def _tidy(label: str) -> str:
    return re.sub(r"(?:分别|各)?是?(?:多少|几个|几)?[？?]?$", "", label).strip()


def in_context(statement: Statement, reading: Reading, question: Question) -> Statement:
    """A short answer with the stretch it comes from, so that it stands alone; the stretch alone where the answer only repeats the question."""
    quote = "".join("".join(reading.quotes).split()).strip("，。；、")
    answer = statement.text.rstrip("。")
    if reading.via is not Via.READING or not quote or normal(quote) == normal(answer):
        return statement
    asked = frozenset(bigrams(question.text))
    own = bigrams(answer)
    repeated = sum(term in asked for term in own) / len(own) if own else 0.0
    if repeated >= 0.6 and not re.search(r"\d", answer) and len(quote) <= 100:
        return replace(statement, text=quote)
    if len(answer) + len(quote) <= CONTEXT_LENGTH and normal(answer) in normal(quote):
        return replace(statement, text=f"{answer}（原文：“{quote}”）")
    return statement


def parallels(best: Scored, whole: Sequence[Scored]) -> tuple[Reading, ...]:
    """Readings of other passages that say the same: they are cited beside the best one."""
    first = best.hit.reading
    same = []
    for scored in whole[1:8]:
        other = scored.hit.reading
        agree = numbers_of(other) == numbers_of(first) and set(other.years) == set(first.years) and not _overlap(first, other)
        same_words = alike(first.answer, other.answer) >= SAME_ANSWER or (
            numbers_of(first) and alike(content_of(first.question), content_of(other.question)) >= SAME_THING
        )
        if agree and same_words and scored.probability >= 0.3 * best.probability:
            same.append(other)
    return tuple(same[:2])


def names_several(reading: Reading, count: int) -> bool:
    """Whether a sentence's answer, not worked out, names at least so many things."""
    return reading.via is Via.READING and not reading.computed and len(re.findall(r"[、，；]", reading.answer)) + 1 >= count


def _overlap(one: Reading, other: Reading) -> bool:
    return any(left.document_id == right.document_id and left.span.overlaps(right.span) for left in one.places for right in other.places)


def alike(left: str, right: str) -> float:
    """Share of character pairs that two texts have in common."""
    one, other = frozenset(bigrams(left)), frozenset(bigrams(right))
    return len(one & other) / max(1, len(one | other))


def numbers_of(reading: Reading) -> frozenset[str]:
    """The figures that an answer gives, the years it is about left out."""
    return frozenset(re.findall(r"\d+(?:\.\d+)?", reading.answer)) - {str(year) for year in reading.years}
