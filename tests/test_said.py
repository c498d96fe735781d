"""What is said of a reading: alone, with its stretch, or in the clause that it comes from."""

from dataclasses import replace

import pytest

from corpus.types import Reading, Span
from rag.assistant import Assistant
from rag.question import Aim, Ask, Question
from rag.said import Clause, as_statement, clause_around, in_context
from tests.test_guard import reading

ASKED = Question("得奖的舞剧叫什么，第几届", (), (), Ask.PLAIN, Aim.ANY, lead=False, cooperating=False)
STORED = "推进体育强市建设。舞剧《绝对考验》获第十三届\n中国舞蹈“荷花奖”，再上台阶；承办运动会。"


def found(answer: str, quote: str) -> Reading:
    return replace(reading("哪部舞剧获奖？", answer, quote), spans=(Span(11, 17),))


def said_in(clause: str, answer: str, quote: str, parts: int) -> str:
    held = found(answer, quote)
    return in_context(as_statement(held, 0.9), held, ASKED, Clause(clause, Span(9, 32)), parts).text


def test_a_clause_ends_where_a_sentence_or_a_semicolon_does() -> None:
    clause = clause_around(STORED, Span(0, len(STORED)), Span(11, 17))
    assert clause.text == "舞剧《绝对考验》获第十三届中国舞蹈“荷花奖”，再上台阶"
    assert STORED[clause.span.start : clause.span.end].replace("\n", "") == clause.text


def test_a_clause_goes_no_further_than_its_passage() -> None:
    assert clause_around(STORED, Span(9, 19), Span(11, 17)).text == "舞剧《绝对考验》获第"


def test_of_a_long_clause_the_phrases_that_lie_near_are_shown() -> None:
    stored = "，".join(f"第{number}个短语一共有十个字" for number in range(20))
    found_at = stored.index("第9个")
    clause = clause_around(stored, Span(0, len(stored)), Span(found_at, found_at + 3))
    assert clause.text.startswith("第6个")
    assert clause.text.endswith("第12个短语一共有十个字")
    assert stored[clause.span.start : clause.span.end] == clause.text


def test_an_answer_to_one_of_several_things_is_said_in_its_clause() -> None:
    clause = "舞剧《绝对考验》获第十三届中国舞蹈“荷花奖”"
    assert said_in(clause, "《绝对考验》", "《绝对考验》", 2) == clause
    assert said_in(clause, "是", "《绝对考验》", 2) == f"是（原文：“{clause}”）"


def test_an_answer_that_names_them_all_is_not() -> None:
    both = "第一件是很长的一件事情，第二件也是很长的一件事情"
    assert said_in(f"还有别的，{both}", both, both, 2) == both


def test_a_long_clause_is_left_out() -> None:
    assert said_in("《绝对考验》" + "很长" * 60, "《绝对考验》", "《绝对考验》", 2) == "《绝对考验》"


def test_what_is_said_in_its_clause_is_proved_by_it() -> None:
    held = found("《绝对考验》", "《绝对考验》")
    statement = in_context(as_statement(held, 0.9), held, ASKED, Clause("《绝对考验》获奖", Span(9, 32)), 2)
    assert statement.evidence[0].span == Span(9, 32)


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("拿了荷花奖的那个舞剧叫啥？第几届", ("绝对考验", "第十三届")),
        ("2023年哪所学院改名成大学了？哪所新办的学院开始招生", ("重庆科技学院", "重庆中医药学院")),
        ("规划纲要讲山清水秀美丽之地的第十篇，下面一共几章、几节", ("4章", "15节")),
    ],
)
def test_both_things_asked_are_told(assistant: Assistant, question: str, facts: tuple[str, ...]) -> None:
    answer = assistant.ask(question).answer
    assert all(fact in answer for fact in facts)


def test_figures_told_one_by_one_are_not_shown_behind_one_of_them() -> None:
    quote = "高铁、高速公路通车里程分别突破1100公里、4500公里"
    held = replace(reading("2024年高铁通车里程突破多少公里？", "1100公里", quote), spans=(Span(0, len(quote)),))
    told = in_context(as_statement(held, 0.9), held, ASKED, None, 1).text
    assert "4500" not in told
