"""The trials of honesty: by hand on made-up documents, and on the real ones, where they must also be able to fail."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.load import load_documents
from corpus.types import Document, DocumentInfo, Reading, Span
from eval.dataset import BUNDLED, load_cases, load_elsewhere, split_of
from eval.honesty import (
    Mutation,
    MutationTrial,
    TrialError,
    ask_about,
    ask_orphaned,
    find_mutations,
    mutated,
    only_answered_by,
    try_mutations,
    try_removal,
)
from eval.types import Case, CaseType, Proof, Split
from index.store import load_index
from index.types import Encoder, Matcher
from rag.assistant import Assistant
from rag.types import Answer, Citation, CitationVia, Mode, Turn

TEXT = "全年新增企业1234家，增长6.5%。2023年建成45公里，另建45公里，投资890亿元。"


def document(text: str = TEXT, name: str = "甲") -> Document:
    return Document(DocumentInfo(name, f"{name}.txt", name, "", None, "2023-01-01", (), (2023,), ""), text)


def reading(question: str, answer: str, quote: str, name: str = "甲") -> Reading:
    start = TEXT.index(quote)
    return Reading(question, name, question, (), answer, (quote,), (Span(start, start + len(quote)),), "number", (), "hand")


READINGS = (
    reading("新增多少家？", "1234家", "新增企业1234家"),
    reading("企业新增情况如何？", "新增1234家，增长6.5%", "新增企业1234家，增长6.5%"),
    reading("建成多少公里？", "45公里", "建成45公里"),
    reading("哪一年？", "2023年", "2023年"),
    reading("投资多少？", "890亿元", "投资890亿元"),
)


def test_figures_that_stand_once_and_are_answered_are_changed_to_figures_that_stand_nowhere() -> None:
    found = find_mutations([document()], READINGS, 3)
    assert {mutation.old: set(mutation.questions) for mutation in found} == {
        "1234": {"新增多少家？", "企业新增情况如何？"},
        "6.5": {"企业新增情况如何？"},
        "890": {"投资多少？"},
    }
    for mutation in found:
        assert TEXT[mutation.start :].startswith(mutation.old)
        assert len(mutation.new) == len(mutation.old)
        assert mutation.new not in TEXT
        assert mutation.new.find(".") == mutation.old.find(".")
    assert found == find_mutations([document()], READINGS, 3)
    # What other figures come to may still be said once it was changed.
    worked_out = replace(READINGS[3], answer="共6.5亿元", computed=("6.5亿元",))
    assert {mutation.old for mutation in find_mutations([document()], (*READINGS, worked_out), 2)} == {"1234", "890"}
    with pytest.raises(TrialError, match="不足 4 个"):
        find_mutations([document()], READINGS, 4)
    with pytest.raises(TrialError, match="不足 3 个"):
        find_mutations([document(), document(name="乙")], READINGS, 3)


def test_copies_are_changed_where_the_figures_stand_and_nowhere_else() -> None:
    other = document("不变1234。", "乙")
    changed = mutated(
        [document(), other], [Mutation("甲", TEXT.index("1234"), "1234", "5678", ()), Mutation("甲", TEXT.index("6.5"), "6.5", "7.1", ())]
    )
    assert [copy.text for copy in changed] == [TEXT.replace("1234", "5678").replace("6.5%", "7.1%"), other.text]
    with pytest.raises(ValueError, match="does not stand at 0"):
        mutated([document()], [Mutation("甲", 0, "1234", "5678", ())])


class Scripted:
    """Answers as it was told, and finds nothing."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
        assert top_k
        return self.answers["".join([*(turn.content for turn in history), question])]

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
        raise AssertionError(f"{query} searched for {top_k}")


def says(text: str, abstained: bool = False, cited: str = "") -> Answer:
    citations = (Citation(1, "p", cited, "", "", "", (), "", "", 0, 0, CitationVia.PASSAGE, 1.0),) if cited else ()
    return Answer(text, abstained, Mode.READING, "", citations, 1.0)


def test_answers_about_changed_figures_are_counted() -> None:
    mutations = [Mutation("甲", 0, "6.5", "7.1", ("一", "二")), Mutation("甲", 9, "1234", "5678", ("三", "四", "五", "六"))]
    answers = {
        "一": says("6.5%"),
        "二": says("7.1%"),
        "三": says("没有", abstained=True),
        "四": says("5678家[12]"),
        "五": says("12345家，16.5%"),
        "六": says("相差1234家（2234-1000=1234家）"),
    }
    assert ask_about(Scripted(answers), mutations) == (6, 1, 2, 1)
    assert ask_about(Scripted({"七": says("1234家，其中1234=1000+234")}), [Mutation("甲", 9, "1234", "5678", ("七",))]) == (1, 1, 0, 0)


CASE = Case(CaseType.NUMBER, "几家？", "8家。", (("8家",),), (Proof("甲", "8家"),), documents=("甲",))


def test_a_case_is_orphaned_when_all_its_evidence_stood_in_the_missing_document() -> None:
    elsewhere = replace(CASE, alternatives=((Proof("乙", "8家"),),))
    about_another = replace(CASE, documents=("甲", "乙"))
    unanswerable = Case(CaseType.UNANSWERABLE, "几家？", "没有。", documents=("甲",))
    assert only_answered_by([CASE, elsewhere, about_another, unanswerable], "甲") == [CASE]
    assert only_answered_by([CASE, elsewhere], "乙") == []


def test_answers_to_orphaned_questions_are_counted() -> None:
    cases = [replace(CASE, question=name) for name in "一二三"] + [replace(CASE, question="四", history=("先问",))]
    answers = {
        "一": says("没有", abstained=True, cited="乙"),
        "二": says("8家", cited="甲"),
        "三": says("9家", cited="乙"),
        "先问四": says("8家", cited="乙"),
    }
    found = ask_orphaned(Scripted(answers), cases, "甲")
    assert (found.questions, found.abstained, found.facts_said, found.cited) == (4, 1, 2, 1)


@pytest.fixture(scope="module")
def trials(home: Path, encoder: Encoder, matcher: Matcher) -> tuple[MutationTrial, MutationTrial]:
    return try_mutations(load_documents(), home / "index", encoder, matcher)


def test_an_old_figure_is_never_said_once_it_was_changed(trials: tuple[MutationTrial, MutationTrial]) -> None:
    for trial in trials:
        print(trial)
        assert (trial.mutations, trial.stale, trial.said_old) == (100, 0, 0)
        assert trial.questions >= 100
    assert trials[0].dropped >= 100


def test_with_readings_off_changed_figures_are_read_in_the_passages(trials: tuple[MutationTrial, MutationTrial]) -> None:
    without = trials[1]
    assert without.said_new >= 0.5 * without.questions


def test_a_system_that_remembers_the_old_documents_fails_the_trial(home: Path, encoder: Encoder, assistant: Assistant) -> None:
    index = load_index(home / "index", encoder)
    asked, said_old, said_new, _ = ask_about(assistant, find_mutations(load_documents(), index.all_readings)[:40])
    assert said_old >= 0.7 * asked
    assert said_new == 0


def test_what_only_a_missing_document_answers_is_not_answered(home: Path, encoder: Encoder, matcher: Matcher, assistant: Assistant) -> None:
    cases = load_cases(BUNDLED)
    found = try_removal(load_documents(), "001", cases, home / "index", encoder, matcher)
    print(found)
    assert found.cited == 0
    assert found.abstained >= 0.7 * found.questions
    assert found.facts_said <= 0.05 * found.questions
    intact = ask_orphaned(assistant, only_answered_by(cases, "001"), "001")
    assert intact.facts_said >= 0.5 * intact.questions


def test_what_has_nothing_to_do_with_the_documents_is_not_answered(assistant: Assistant) -> None:
    cases = [case for case in load_elsewhere() if split_of(case) is Split.TEST]
    abstained = sum(assistant.ask(case.question).abstained for case in cases)
    print(f"{abstained} of {len(cases)}")
    assert abstained >= 0.8 * len(cases) >= 50


def test_a_trial_without_questions_is_refused(home: Path, encoder: Encoder) -> None:
    with pytest.raises(TrialError, match="没有只由文件 009"):
        try_removal(load_documents(), "009", [CASE], home / "index", encoder)
