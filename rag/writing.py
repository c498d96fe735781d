"""A model's answer in the making: which of its sentences may be shown, with which marks, and what has to be put beside them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.segment import bigrams, normal
from rag.guard import places_in
from rag.material import SURE, Findings, Material
from rag.question import content_of
from rag.support import Proof, gainsays, share_known, unproved
from rag.types import Answer, Mode, Statement
from rag.verdict import with_verdict_of
from rag.verify import unsupported_figures
from rag.written import Written

SAID = 0.6
"""Share of a line's character pairs that a text must have to say it too, where the line states no figure."""

ANCHORED = 0.6
"""Share of the question's character pairs, weighted by rarity, that a citation must have where no answer was found without a model.

Of the `tune` questions that are then abstained from, one in eight that no document answers finds a passage with so much, hardly any that one does:
what lets a model answer these is mostly that a part of the question, in other words, was answered for sure.
"""

UNSEEN = 0.3
"""Confidence of an answer where none was found without a model."""

MARKS_A_SENTENCE = 4
CANDIDATES = 3
"""Citations tried for a sentence whose own do not prove it."""

MOST_SENTENCES = 12
MOST_CHARACTERS = 1200

REFUSAL = re.compile(
    r"(?:资料|文件|原文|材料|要点|以上|上述|其中|文中)[^，。]{0,12}(?:没有|未|无)(?!来)|(?:无法|不能|难以)(?:回答|确定|得知|判断|提供)"
    r"|^(?:没有|未)(?:找到|提及|提到|提供|相关)|抱歉|对不起|不知道|I cannot|I can't|sorry",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[(\d+)\]")
_ASIDE = re.compile(r"（原文：“.*?”）")


@dataclass(frozen=True, slots=True)
class Failed:
    """A sentence that may not be shown, and why (in Chinese)."""

    text: str
    reasons: tuple[str, ...]


class Writing:
    """Takes sentences as a model ends them. Where the answer without a model is sure, nothing is shown until its first line is said too."""

    def __init__(self, found: Findings, material: Material, rarity: Callable[[str], float], most_citations: int) -> None:
        self._found = found
        self._material = material
        self._rarity = rarity
        self._most = max(most_citations, len(found.answer.citations))
        plain = found.answer
        self._lines = () if plain.abstained else tuple(plain.answer.split("\n"))
        self._sure = bool(self._lines) and plain.confidence >= SURE
        self._held: list[str] = []
        self.shown: list[str] = []
        self.failed: list[Failed] = []
        self.refused = False
        self.sentences = 0
        self.added = 0
        self._cited: set[int] = set()

    @property
    def full(self) -> bool:
        """Whether the model has said enough, or goes on without end."""
        return self.sentences >= MOST_SENTENCES or sum(map(len, (*self.shown, *self._held))) > MOST_CHARACTERS

    @property
    def wants_repair(self) -> bool:
        """Whether sentences that failed are worth asking for again: some did, and what is shown does not say all that it must."""
        return bool(self.failed) and (not self.shown or (self._sure and bool(self.missing)))

    @property
    def missing(self) -> list[str]:
        """The lines of the sure answer that what is shown does not say."""
        said = "".join(self.shown)
        return [line for line in self._lines if not self._says(said, line)] if self._sure else []

    def add(self, written: Written) -> list[str]:
        """What may be shown now that this sentence is there."""
        self.sentences += 1
        if not written.marks and REFUSAL.search(written.text):
            self.refused = True
            return []
        written = replace(written, text=with_verdict_of(self._lines[0] if self._lines else "", written.text))
        if not written.text or any(normal(written.text) in normal(_MARK.sub("", text)) for text in (*self.shown, *self._held)):
            return []
        marks, reasons = self._proved(written)
        if reasons:
            self.failed.append(Failed(written.text, reasons))
            return []
        new_line = "\n" if written.new_line and (self.shown or self._held) else ""
        self._held.append(new_line + written.text + "".join(f"[{mark}]" for mark in marks) + "。")
        self._cited |= set(marks)
        if self._sure and not self.shown and not self._says("".join(self._held), self._lines[0]):
            return []
        released, self._held = self._held, []
        self.shown += released
        return released

    def complete(self) -> list[str]:
        """What has to be shown beside what is: the lines of the sure answer that it does not say. Ends the writing."""
        added = [f"\n{line}" for line in self.missing] if self.shown else []
        self._held = []
        self.added = len(added)
        self.shown += added
        return added

    def answer(self, note: str, timings_ms: dict[str, float]) -> Answer:
        """The whole answer: its text is what was shown, its citations those of the material that it cites."""
        plain = self._found.answer
        text = "".join(self.shown)
        used = {int(mark) for mark in _MARK.findall(text)}
        return Answer(
            answer=text,
            abstained=False,
            mode=Mode.MIXED if self.added else Mode.LLM,
            question=plain.question,
            citations=tuple(citation for citation in self._material.citations if citation.mark in used),
            confidence=plain.confidence if self._lines else UNSEEN,
            related=plain.related,
            timings_ms=timings_ms,
            note=note,
        )

    def _proved(self, written: Written) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The marks that prove a sentence, or why none do. Marks that were left out or are wrong are put right where a citation proves it."""
        strange = [mark for mark in written.marks if not 1 <= mark <= len(self._material.citations)]
        if strange:
            return (), tuple(f"没有编号为 {mark} 的资料" for mark in strange)
        reasons = self._reasons(written.text, written.marks) if written.marks else ("没有标明出处",)
        if not reasons:
            alone = [mark for mark in written.marks if len(written.marks) > 1 and not self._reasons(written.text, (mark,))]
            return self._within_limits(tuple(alone) or written.marks)
        for mark in self._likely(written.text):
            if mark not in written.marks and not self._reasons(written.text, (mark,)):
                return self._within_limits((mark,))
        return (), reasons

    def _within_limits(self, marks: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        room = self._most - len(self._cited | set(marks))
        return (marks[:MARKS_A_SENTENCE], ()) if room >= 0 else ((), ("引文过多",))

    def _reasons(self, text: str, marks: Sequence[int]) -> tuple[str, ...]:
        proofs, question = [self._material.proofs[mark - 1] for mark in marks], self._found.question
        reasons = unproved(text, proofs, question.text, question.years)
        if reasons:
            return reasons
        if self._sure:
            against = gainsays(text, proofs, "".join(_MARK.sub("", line) for line in self._lines), question.years)
            return (against,) if against else ()
        return () if self._lines or self._is_about_the_question(proofs, marks) else ("引文没有说到所问的事",)

    def _is_about_the_question(self, proofs: Sequence[Proof], marks: Sequence[int]) -> bool:
        """Whether citations speak of what is asked: its places, its years, and most of its words that are rare, or answer a part of it for sure."""
        question = self._found.question
        texts = normal("|".join(text for proof in proofs for text in proof.everything))
        if any(normal(place) not in texts for place in places_in(question.text)):
            return False
        if question.years and not any(set(question.years) & set(proof.years) for proof in proofs):
            return False
        if self._material.answering & set(marks):
            return True
        weights = {term: self._rarity(term) for term in bigrams(content_of(question.text))}
        known = {term for text in texts.split("|") for term in bigrams(text)}
        return sum(weight for term, weight in weights.items() if term in known) >= ANCHORED * (sum(weights.values()) or 1.0)

    def _likely(self, text: str) -> list[int]:
        """The citations that most of a sentence stands in, among those that have all its figures."""
        shares = [
            (-share_known(text, proof.everything), number)
            for number, proof in enumerate(self._material.proofs, 1)
            if not _figures_beyond(text, proof.everything)
        ]
        return [number for _, number in sorted(shares)[:CANDIDATES]]

    def _says(self, text: str, line: str) -> bool:
        """Whether a text says what a line of an answer says: all figures that the question does not have, or, where there are none, most words."""
        plain, said, asked = _ASIDE.sub("", _MARK.sub("", line)), _MARK.sub("", text), self._found.question.text
        if _figures_beyond(plain, [asked]):
            return not _figures_beyond(plain, [asked, said])
        return share_known(plain, [said]) >= SAID


def _figures_beyond(text: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The figures of a text that stand in none of the others."""
    return unsupported_figures(Statement(text, (), 1.0, Mode.LLM), texts)


def renumbered(answer: Answer) -> Answer:
    """The answer with its citations numbered from 1 in the order in which its text cites them, where they are not numbered from 1 already."""
    if [citation.mark for citation in answer.citations] == list(range(1, len(answer.citations) + 1)):
        return answer
    order = list(dict.fromkeys(int(mark) for mark in _MARK.findall(answer.answer)))
    new = {mark: number for number, mark in enumerate(order, 1)}
    by_mark = {citation.mark: citation for citation in answer.citations}
    text = _MARK.sub(lambda match: f"[{new[int(match[1])]}]", answer.answer)
    return replace(answer, answer=text, citations=tuple(replace(by_mark[mark], mark=new[mark]) for mark in order))
