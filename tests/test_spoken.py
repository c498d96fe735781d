"""Answers with and without a model set side by side."""

from collections.abc import Sequence
from dataclasses import replace

from eval.spoken import Spoken, markdown, speak_cases, unproved_figures
from eval.types import Case, CaseType, Fault, Proof
from rag.types import Answer, Citation, CitationVia, Mode, Turn

CITATION = Citation(
    1, "p", "001", "f", "2024年报告", "2024-01-21", ("一、目标",), "增长6%左右", "增长6%左右", 0, 6, CitationVia.READING, 1.0
)
PLAIN = Answer(
    "6%左右[1]。", False, Mode.READING, "问", (CITATION,), 0.9, timings_ms={"understand": 1.0, "retrieve": 2.0, "answer": 3.0, "total": 6.0}
)
MODEL = replace(
    PLAIN,
    answer="增长目标是6%左右[1]。",
    mode=Mode.LLM,
    timings_ms={"understand": 1.0, "retrieve": 2.0, "answer": 3.0, "model": 1000.0, "total": 1026.0},
)
CASE = Case(CaseType.NUMBER, "问", "6%左右", (("6%",),), (Proof("001", "增长6%左右"),))


class Fixed:
    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:  # noqa: ARG002
        return self.answers.pop(0)

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:  # noqa: ARG002
        return ()


def test_figures_that_no_citation_has() -> None:
    assert unproved_figures(PLAIN) == ()
    assert unproved_figures(replace(PLAIN, answer="2024年增长7%，1月21日定[1]。")) == ("7",)
    assert unproved_figures(replace(PLAIN, answer="2030年增长6%[1]。"), "2030年呢") == ()


def test_a_case_is_asked_both_ways() -> None:
    wrong = replace(MODEL, answer="增长目标是9%[1]。")
    (right, false) = speak_cases(Fixed(PLAIN, PLAIN), Fixed(MODEL, wrong), [CASE, CASE])
    assert (right.plain_faults, right.faults, right.unproved, right.by_model) == ((), (), (), True)
    assert (false.faults, false.unproved) == ((Fault.FACT_MISSING,), ("9",))
    assert (right.model_ms, right.overhead_ms) == (1000.0, 20.0)


def test_the_table_counts_both_paths() -> None:
    fallen = replace(PLAIN, note="大模型所写有 2 句没有通过核对。", timings_ms={**PLAIN.timings_ms, "model": 500.0, "total": 516.0})
    found = [
        Spoken("问", PLAIN, MODEL, (), (), ()),
        Spoken("问", PLAIN, fallen, (Fault.TOO_LONG,), (Fault.TOO_LONG,), ()),
        Spoken("问", PLAIN, PLAIN, (), (), ()),
    ]
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:4]]
        for line in markdown(found, "m", "tune").splitlines()
        if len(cells := line.split("|")) > 3
    }
    assert rows["right"] == ["2", "2"]
    assert rows["answers written by the model, wholly or in part"] == ["", "1"]
    assert rows["questions that the model was asked and the answer without it was given"] == ["", "1"]
    assert rows["answers with a figure that no citation has"] == ["", "0"]
    assert rows["milliseconds beside the model's own, median"] == ["", "15"]
    assert "大模型所写有 n 句没有通过核对。 (1)" in markdown(found, "m", "tune")
