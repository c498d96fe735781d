"""What a chat model is shown for a question: verified points and numbered passages, the most useful first, within a budget of tokens."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.figures import years_in
from corpus.types import Passage, PassageKind, Reading
from rag.guard import contradicts
from rag.orders import as_data
from rag.question import Question
from rag.retrieve import Query, Retriever
from rag.support import Proof
from rag.types import Answer, Citation, CitationVia, Draft, Evidence, ReadingHit

READINGS = 6
BEHIND_PASSAGES = 20
"""Readings that lift the passages they stand on."""

PASSAGES = 8
SURE = 0.5
"""Confidence from which an answer without a model counts as sure: whatever is said must then say it too."""

LONGEST_SHOWN = 400
"""Characters of a passage that a model is shown; of the rest it sees the quote."""

_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found for a question without a model, and the answer that is given when no better one comes. `asked` is the question as typed."""

    asked: str
    question: Question
    query: Query
    draft: Draft
    answer: Answer


@dataclass(frozen=True, slots=True)
class Material:
    """`citations` are numbered from 1 by their marks, the first being those of the answer without a model; `proofs` are theirs, in order.

    `answering` are the marks of what answers a part of the question for sure.
    """

    question: str
    citations: tuple[Citation, ...]
    proofs: tuple[Proof, ...]
    points: tuple[str, ...]
    answering: frozenset[int] = frozenset()

    @property
    def request(self) -> str:
        """The material and the question as a model reads them; texts of documents are data (`rag.orders`)."""
        passages = [f"[{citation.mark}] {_headed(citation)}{_shown(citation)}" for citation in self.citations]
        points = [f"- {point}" for point in self.points]
        parts = ["【资料】", *passages, *(["【要点】", *points] if points else []), f"【问题】{as_data(self.question)}"]
        return "\n".join(parts)


def tokens_of(text: str) -> int:
    """About how many tokens a text has, rather too many than too few: seven tenths a Chinese character, one any other but Latin letters."""
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    latin = len(re.findall(r"[A-Za-z ]", text))
    return round(0.7 * han + 0.4 * latin + (len(text) - han - latin)) + 1


class Gatherer:
    """Gathers material. `cite` makes the citation of a stretch, `whole` a passage found evidence."""

    def __init__(
        self,
        retriever: Retriever,
        cite: Callable[[Evidence, int], Citation | None],
        whole: Callable[[Passage, float], Evidence],
    ) -> None:
        self._retriever = retriever
        self._cite = cite
        self._whole = whole

    def gather(self, rounds: Sequence[Findings], documents: Sequence[str], budget_tokens: int) -> Material:
        """The material of a question and of those it was taken apart into.

        First comes what the answers without a model rest on, then further readings, then the passages that fit best.
        """
        first, pile = rounds[0], _Pile(budget_tokens, self._passage)
        for citation in first.answer.citations:
            pile.put(citation, needed=True)
        if not first.answer.abstained:
            pile.points += [as_point(line) for line in first.answer.answer.split("\n")]
        for found in rounds[1:]:
            self._add_answer(found, pile)
        known = "".join(pile.points)
        hits = [self._retriever.readings(found.query, BEHIND_PASSAGES, documents) for found in rounds]
        for found, readings in zip(rounds, hits, strict=True):
            for reading in self._fitting(found.question, readings[:READINGS]):
                self._add_reading(reading, known, pile)
        for found, readings in zip(rounds, hits, strict=True):
            for hit in self._retriever.passages(found.query, PASSAGES, documents, readings):
                passage = self._retriever.index.all_passages[hit.passage]
                cited = self._cite(self._whole(passage, hit.score), 0)
                if cited is not None:
                    pile.put(cited)
        return Material(first.question.text, tuple(pile.citations), tuple(pile.proofs), tuple(pile.points), frozenset(pile.answering))

    def _add_answer(self, found: Findings, pile: "_Pile") -> None:
        """What was found for a part of the question, its marks made those of the pile."""
        marks = {citation.mark: pile.put(citation) for citation in found.answer.citations}
        for line in () if found.answer.abstained else found.answer.answer.split("\n"):
            kept = _MARK.sub(lambda match: f"[{marks[int(match[1])]}]" if marks.get(int(match[1])) else "", line)
            pile.say(f"{found.question.text}：{kept}")
        if not found.answer.abstained and found.answer.confidence >= SURE:
            pile.answering |= {mark for mark in marks.values() if mark}

    def _fitting(self, question: Question, hits: Sequence[ReadingHit]) -> list[Reading]:
        """The readings that may answer a question."""
        named = self._retriever.names_in(question.text)
        fitting = [hit.reading for hit in hits if not hit.reading.leaves_out]
        return [own for own in fitting if not contradicts(question.text, question.years, named, own, self._retriever.around)]

    def _add_reading(self, reading: Reading, known: str, pile: "_Pile") -> None:
        if reading.answer in known:
            return
        evidence = [Evidence(reading.document_id, span, CitationVia.READING, 0.0) for span in reading.spans[:3]]
        found = [pile.put(citation) for item in evidence if (citation := self._cite(item, 0))]
        marks = "".join(f"[{mark}]" for mark in dict.fromkeys(mark for mark in found if mark))
        if marks:
            pile.say(f"{reading.question}{reading.answer}{marks}")

    def _passage(self, citation: Citation) -> Passage | None:
        number = self._retriever.passage_at(citation.document_id, citation.start)
        return None if number is None else self._retriever.index.all_passages[number]


class _Pile:
    """Material in the making; what does not fit any more is left out."""

    def __init__(self, budget_tokens: int, passage: Callable[[Citation], Passage | None]) -> None:
        self.citations: list[Citation] = []
        self.proofs: list[Proof] = []
        self.points: list[str] = []
        self.answering: set[int] = set()
        self._left = budget_tokens
        self._passage = passage

    def put(self, citation: Citation, needed: bool = False) -> int:
        """The mark of a citation's passage in the pile; 0 where there is no room for it and it is not needed."""
        if not needed:
            same = next((held.mark for held in self.citations if held.passage_id == citation.passage_id), 0)
            if same:
                return same
        cost = tokens_of(_headed(citation) + _shown(citation))
        if cost > self._left and not needed:
            return 0
        self._left -= cost
        self.citations.append(replace(citation, mark=len(self.citations) + 1))
        self.proofs.append(_proof(citation, self._passage(citation)))
        return len(self.citations)

    def say(self, point: str) -> None:
        cost = tokens_of(point)
        if cost <= self._left:
            self._left -= cost
            self.points.append(as_point(point))


def as_point(text: str) -> str:
    """A line of a point: data like any text of a document, but with its own marks."""
    marks = "".join(match[0] for match in _MARK.finditer(text))
    return as_data(_MARK.sub("", text)).rstrip("。") + marks


def _headed(citation: Citation) -> str:
    path = " > ".join((*citation.heading_path, *(line.rstrip("：") for line in citation.context)))
    return as_data(f"《{citation.title}》（{citation.date}）{path}") + "："


def _shown(citation: Citation) -> str:
    text = as_data(citation.text)
    return text if len(text) <= LONGEST_SHOWN else as_data(citation.quote)[:LONGEST_SHOWN]


def _proof(citation: Citation, passage: Passage | None) -> Proof:
    """What a citation proves with, as data: orders that were taken out of a passage prove nothing."""
    quote, text = as_data(citation.quote), as_data(citation.text)
    whole = text if quote in text else f"{quote}\n{text}"
    around = [as_data(words) for words in (*citation.context, *citation.heading_path, citation.title)]
    years = passage.years if passage else ()
    return Proof(whole, (*around, citation.date), years, _section_years(passage) if passage else ())


def _section_years(passage: Passage) -> tuple[int, ...]:
    """The years of the nearest heading that names any. The columns of a table have years of their own."""
    if passage.kind is PassageKind.TABLE_ROW:
        return ()
    return next((years for heading in reversed(passage.heading_path) if (years := years_in(heading))), ())
