"""Verdicts and totals, on cases worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import (
    Interval,
    RiskPoint,
    abstention,
    bootstrap,
    citation_precision,
    evidence_recall,
    evidence_share,
    faults,
    latency,
    longest_allowed,
    mcnemar,
    missing_facts,
    normalised,
    risk_area,
    risk_coverage,
    score,
    score_error,
    states,
    totals,
    without_marks,
)
from eval.types import Case, CaseType, Fault, Outcome, Proof
from rag.types import Answer, Citation, CitationVia, Mode


def cite(text: str, quote: str | None = None) -> Citation:
    return Citation(
        1, "p", "003", "公报.txt", "公报", "2022-01-30", (), text, text if quote is None else quote, 0, 1, CitationVia.PASSAGE, 1.0
    )


def says(text: str, *passages: str, abstained: bool = False, confidence: float = 1.0) -> Answer:
    return Answer(text, abstained, Mode.READING, "问题", tuple(cite(passage) for passage in passages), confidence)


GDP = Case(
    type=CaseType.NUMBER,
    question="2023年GDP多少？涨了多少？",
    answer="30145.79亿元，增长6.1%。",
    facts=(("30145.79亿元", "3.014579万亿元"), ("6.1%",)),
    evidence=(Proof("001", "地区生产总值30145.79亿元"), Proof("001", "增长6.1%")),
    alternatives=((Proof("003", tokens=("地区生产总值", "30145.79")),),),
    reject=("增长6.0%",),
)
NOWHERE = Case(type=CaseType.UNANSWERABLE, question="成都2023年GDP多少？", answer="文件中没有。")
PASSAGE = "2023年，全市地区生产总值 30145.79 亿元、增长6.1%。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 30，145 亿 元\n", "30,145亿元"),
        ("1,234,567.5万元", "1234567.5万元"),
        ("12,34", "12,34"),
        ("0.123,456", "0.123,456"),
        ("“满天星”行动‘计划’「一」", "满天星行动计划一"),
        ("渝府办发〔2021〕12号【42.1】", "渝府办发[2021]12号[42.1]"),
        ("2021——2025年，Ａ－Ｂ—C", "2021-2025年,a-b-c"),
        ("10∶30﹕", "10:30:"),
        ("5Ｇ\u3000手机\u200b", "5g手机"),
    ],
)
def test_text_is_compared_in_one_form(text: str, expected: str) -> None:
    assert normalised(text) == expected


@given(st.text())
def test_marks_and_white_space_never_matter(text: str) -> None:
    assert without_marks(f"{text}[1]［23］") == without_marks(text)
    assert not any(character.isspace() for character in normalised(text))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("增长6%。", "6%", True),
        ("增长16%。", "6%", False),
        ("增长1.6%。", "6%", False),
        ("共30个", "30", True),
        ("共300个", "30", False),
        ("共30.5个", "30", False),
        ("共30.", "30", True),
        ("30.5亿元", "30.5亿元", True),
        ("130.5亿元", "30.5亿元", False),
        ("A30.5亿元", "30.5亿元", True),
        ("市教委、市科技局", "市教委", True),
        ("2,000公里", "2000公里", True),
        ("（一）", "(一)", True),
    ],
)
def test_a_figure_counts_only_as_a_whole_figure(text: str, form: str, expected: bool) -> None:
    assert states(normalised(text), form) is expected


def test_missing_facts_are_named_by_their_first_form() -> None:
    assert missing_facts(GDP, "3.014579万亿元[1]。") == ("6.1%",)
    assert missing_facts(GDP, "30145.79亿元，增长16.1%。") == ("6.1%",)
    assert missing_facts(GDP, "30,145.79 亿元、6.1％") == ()


def test_an_answer_may_have_80_characters_and_twice_the_reference() -> None:
    # 30145.79亿元,增长6.1%。 has 18 characters.
    assert longest_allowed(GDP) == 80 + 2 * 18
    right = "30145.79亿元，增长6.1%。"
    assert faults(GDP, says(right + "啊" * 98 + "[1]", PASSAGE)) == ()
    assert faults(GDP, says(right + "啊" * 99, PASSAGE)) == (Fault.TOO_LONG,)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says("30145.79亿元，增长6.1%[1]。", PASSAGE), ()),
        (says("30145.79亿元，增长6.1%。", "别处", "地区生产总值 30145.79"), ()),
        (says("30145.79亿元，增长6.1%。", "别处"), (Fault.NO_EVIDENCE,)),
        (says("30145.79亿元，增长6.1%。"), (Fault.NO_EVIDENCE,)),
        (says("30145.79亿元。", PASSAGE), (Fault.FACT_MISSING,)),
        (says("30145.79亿元，增长6.1%，上年增长6.0%。", PASSAGE), (Fault.REJECTED,)),
        (says("30145.79亿元，增长6.1%，上年增长16.0%。", PASSAGE), ()),
        (says("30145.79亿元，增长6.1%。", PASSAGE, abstained=True), (Fault.ABSTAINED,)),
        (says("不知道" * 50), (Fault.FACT_MISSING, Fault.TOO_LONG, Fault.NO_EVIDENCE)),
    ],
)
def test_an_answerable_question_wants_facts_brevity_and_evidence(answer: Answer, expected: tuple[Fault, ...]) -> None:
    assert faults(GDP, answer) == expected


def test_an_unanswerable_question_wants_an_abstention() -> None:
    assert faults(NOWHERE, says("文件中没有找到。", abstained=True)) == ()
    assert faults(NOWHERE, says("文件中没有找到。")) == (Fault.ANSWERED,)


def test_evidence_counts_the_best_of_the_alternative_lists() -> None:
    assert evidence_share(GDP, ["全市地区生产总值30145.79亿元"]) == 1.0, "the one table cell of the alternative"
    assert evidence_share(GDP, ["工业增长6.1%"]) == 0.5
    assert evidence_share(GDP, ["地区生产总值", "30145.79"]) == 0.0, "the tokens of a cell stand in one passage"
    assert evidence_share(NOWHERE, [PASSAGE]) == 0.0


def test_evidence_recall_divides_by_what_the_hits_could_hold() -> None:
    case = Case(type=CaseType.LIST, question="哪三项？", answer="甲、乙、丙", evidence=tuple(Proof("0", item) for item in "甲乙丙"))
    hits = ["甲", "无", "乙", "无", "无", "丙"]
    assert [evidence_recall(case, hits, depth) for depth in (1, 2, 3, 5, 10)] == [1.0, 0.5, 2 / 3, 2 / 3, 1.0]
    assert evidence_recall(case, ["甲乙丙"], 1) == 1.0, "a passage that holds more than one piece does not count above 1"
    assert evidence_recall(case, [], 5) == 0.0


def test_citation_precision_asks_every_quote_for_a_stated_fact_or_evidence() -> None:
    answer = Answer(
        "30145.79亿元，增长6.1%。",
        False,
        Mode.READING,
        "问题",
        (
            cite(PASSAGE, "地区生产总值30145.79亿元"),
            cite(PASSAGE, "生产总值30145.79"),
            cite(PASSAGE, "增长16.1%"),
            cite(PASSAGE, ""),
        ),
        1.0,
    )
    assert citation_precision(GDP, answer) == 0.5, "the second is a stretch of evidence; the third holds another figure, the last nothing"
    assert citation_precision(GDP, says("30145.79亿元。")) == 0.0
    assert citation_precision(GDP, says("没有找到。", PASSAGE, abstained=True)) == 0.0


def test_an_outcome_holds_every_measure() -> None:
    outcome = score(GDP, says("30145.79亿元，增长6.1%[1]。", PASSAGE, confidence=0.8), ["别处", PASSAGE], 12.5)
    assert outcome == Outcome(
        answerable=True,
        correct=True,
        faults=(),
        abstained=False,
        confidence=0.8,
        recall=(0.0, 1.0, 1.0),
        citation_precision=1.0,
        citation_recall=1.0,
        length=18,
        reference_length=18,
        latency_ms=12.5,
    )


def made(
    answerable: bool = True, correct: bool = True, abstained: bool = False, confidence: float = 1.0, fault: Fault | None = None
) -> Outcome:
    return Outcome(answerable, correct, (fault,) if fault else (), abstained, confidence, (1.0, 1.0, 1.0), 1.0, 1.0, 20, 10, 8.0)


def test_errors_are_wrong_answers_in_every_average() -> None:
    found = totals([made(), score_error(GDP, 3.0)])
    assert found.accuracy is not None
    assert found.accuracy.value == 0.5
    assert [interval and interval.value for interval in found.recall] == [0.5, 0.5, 0.5]
    assert found.citation_precision is not None
    assert found.citation_precision.value == 0.5
    assert found.faults == {Fault.ERROR: 1}
    assert found.verbosity == 2.0
    assert found.abstention.wrong == 0.0
    assert (found.cases, found.answerable) == (2, 2)


def test_abstention_is_the_finding_of_unanswerable_questions() -> None:
    found = abstention(
        [
            made(answerable=False, abstained=True),
            made(answerable=False, abstained=True),
            made(answerable=False, correct=False),
            made(abstained=True, correct=False),
            made(),
            made(),
        ]
    )
    assert [found.precision, found.recall, found.f1, found.wrong] == pytest.approx([2 / 3, 2 / 3, 2 / 3, 1 / 3])
    nothing = abstention([])
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.wrong) == (0.0, 0.0, 0.0, 0.0)


def test_risk_coverage_goes_from_the_surest_answer_down() -> None:
    outcomes = [
        made(confidence=0.5, correct=False),
        made(confidence=0.9),
        made(confidence=0.5),
        made(confidence=0.7, correct=False),
        made(abstained=True, correct=False, confidence=0.95),
    ]
    curve = risk_coverage(outcomes)
    assert curve == (RiskPoint(0.9, 0.2, 0.0), RiskPoint(0.7, 0.4, 0.5), RiskPoint(0.5, 0.8, 0.5))
    # 0.2 of the cases at risk 0, 0.2 at 0.5, 0.4 at 0.5, over 0.8 covered.
    assert risk_area(curve) == pytest.approx(0.375)
    assert risk_coverage([made(abstained=True)]) == ()
    assert risk_area(()) is None


def test_the_bootstrap_brackets_the_mean_and_repeats_itself() -> None:
    found = bootstrap([1.0] * 60 + [0.0] * 40)
    assert found is not None
    assert found.value == pytest.approx(0.6)
    # The normal approximation of a share of 0.6 in 100 is 0.6 +- 0.096.
    assert found.low == pytest.approx(0.504, abs=0.02)
    assert found.high == pytest.approx(0.696, abs=0.02)
    assert found == bootstrap([1.0] * 60 + [0.0] * 40)
    assert bootstrap([1.0, 1.0]) == Interval(1.0, 1.0, 1.0)
    assert bootstrap([]) is None


@pytest.mark.parametrize(
    ("first_only", "second_only", "expected"),
    [(0, 0, 1.0), (0, 1, 1.0), (0, 5, 2 / 32), (5, 0, 2 / 32), (1, 9, 2 * 11 / 1024), (4, 4, 1.0), (2, 10, 2 * (1 + 12 + 66) / 4096)],
)
def test_mcnemar_is_the_exact_binomial_test(first_only: int, second_only: int, expected: float) -> None:
    assert mcnemar(first_only, second_only) == pytest.approx(expected)


def test_latency_is_given_in_percentiles() -> None:
    found = latency([float(value) for value in range(101)])
    assert found is not None
    assert (found.p50, found.p95, found.p99) == (50.0, 95.0, 99.0)
    assert latency([]) is None
