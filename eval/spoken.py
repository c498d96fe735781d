"""Answers by a chat model beside those without one: how many are right, which path gave them, and whether a figure went unproved."""

import platform
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from eval.metrics import faults
from eval.types import Case, Fault, System
from rag.types import Answer, Mode, Statement, Turn
from rag.verify import unsupported_figures

HEADING = "## With a chat model"

_MARK = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One question answered without a model and with one. `unproved` are figures of the second answer that none of its citations has."""

    question: str
    plain: Answer
    answer: Answer
    plain_faults: tuple[Fault, ...]
    faults: tuple[Fault, ...]
    unproved: tuple[str, ...]

    @property
    def by_model(self) -> bool:
        return self.answer.mode is Mode.LLM or (self.answer.mode is Mode.MIXED and self.plain.answer != self.answer.answer)

    @property
    def model_ms(self) -> float:
        return self.answer.timings_ms.get("model", 0.0)

    @property
    def overhead_ms(self) -> float:
        """What putting the question to the model cost beside waiting for it and beside the answer without it."""
        parts = ("understand", "retrieve", "answer", "model")
        return self.answer.timings_ms["total"] - sum(self.answer.timings_ms.get(part, 0.0) for part in parts)


def unproved_figures(answer: Answer, question: str = "") -> tuple[str, ...]:
    """Figures of an answer that stand in no citation (passage, quote, headings, title or date) and were not in the question."""
    shown = [text for c in answer.citations for text in (c.text, c.quote, *c.heading_path, c.title, c.date)]
    return unsupported_figures(Statement(_MARK.sub("", answer.answer), (), 1.0, Mode.LLM), [*shown, question])


def speak_case(plain: System, speaking: System, case: Case) -> Spoken:
    """One case asked twice."""
    history = [Turn("user", earlier) for earlier in case.history]
    first, second = plain.ask(case.question, history), speaking.ask(case.question, history)
    unproved = unproved_figures(second, " ".join((*case.history, case.question))) if first.answer != second.answer else ()
    return Spoken(case.question, first, second, faults(case, first), faults(case, second), unproved)


def speak_cases(plain: System, speaking: System, cases: Sequence[Case]) -> Iterator[Spoken]:
    """Every case asked twice, in order."""
    return (speak_case(plain, speaking, case) for case in cases)


def markdown(found: Sequence[Spoken], name: str, split: str) -> str:
    """The section of a report, with its heading."""
    asked = [one for one in found if one.model_ms > 0]
    written = [one for one in found if one.by_model]
    rows = (
        ("questions", len(found), len(found)),
        ("right", sum(not one.plain_faults for one in found), sum(not one.faults for one in found)),
        ("abstentions", sum(one.plain.abstained for one in found), sum(one.answer.abstained for one in found)),
        ("answers written by the model, wholly or in part", "", len(written)),
        ("right among these", sum(not one.plain_faults for one in written), sum(not one.faults for one in written)),
        ("questions that the model was asked and the answer without it was given", "", len(asked) - len(written)),
        ("answers with a figure that no citation has", "", sum(bool(one.unproved) for one in found)),
        ("seconds spent waiting for the model, median", "", f"{median([one.model_ms for one in asked] or [0]) / 1000:.1f}"),
        ("milliseconds beside the model's own, median", "", f"{median([one.overhead_ms for one in asked] or [0]):.0f}"),
    )
    notes = Counter(re.sub(r"\d+", "n", one.answer.note) for one in found if one.answer.note)
    return "\n".join(
        [
            HEADING,
            "",
            f"{len(found)} questions of the {split} split, {name}, {platform.machine()}.",
            "",
            "| | without a model | with the model |",
            "| --- | ---: | ---: |",
            *(f"| {label} | {before} | {after} |" for label, before, after in rows),
            "",
            "What the answers' notes say: " + ("; ".join(f"{note} ({count})" for note, count in notes.most_common()) or "nothing") + ".",
            "",
        ]
    )
