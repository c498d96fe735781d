"""What passages state, made into readings by rule, and answers out of them."""

import pytest

from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Passage, PassageKind, Span, Via
from rag.stated import LONGEST, statements_of, told_of

STORED = "2023年，全市地区生产总值达到30145.79亿元、增长6.1%。社会消费品零售总额增长8.6%；其中，餐饮消费增长20.6%。完成。"


def passage(stored: str, kind: PassageKind = PassageKind.PROSE, years: tuple[int, ...] = (2023,)) -> Passage:
    return Passage("900-000000-aa", "900", kind, (), (Span(0, len(stored)),), stored, (), "", years)


def said(stored: str, kind: PassageKind = PassageKind.PROSE) -> list[str]:
    return [statement.answer for statement in statements_of(passage(stored, kind), stored)]


def test_a_short_sentence_is_a_statement_and_says_nothing_else() -> None:
    assert said(STORED) == ["2023年，全市地区生产总值达到30145.79亿元、增长6.1%", "社会消费品零售总额增长8.6%；其中，餐饮消费增长20.6%"]


def test_a_long_sentence_is_cut_at_its_semicolons_and_then_at_its_commas() -> None:
    segment = "推进轨道交通成网，" + "，".join(f"建成第{number}号线二期工程" for number in "一二三四五六七八") + "；"
    stored = f"{segment}开通运行郑万高铁重庆段。"
    pieces = said(stored)
    assert pieces[-1] == "开通运行郑万高铁重庆段"
    assert len(pieces) == 3
    assert all(len(piece) <= LONGEST for piece in pieces)
    assert "".join(pieces).replace("，", "") == stored.replace("，", "").replace("；", "").replace("。", "")


def test_a_statement_proves_itself_and_is_of_its_years() -> None:
    first, second = statements_of(passage(STORED), STORED)
    assert (first.via, first.quotes, first.spans) == (Via.STATEMENT, (STORED[: first.spans[0].end],), (Span(0, 34),))
    assert STORED[second.spans[0].start : second.spans[0].end].startswith(second.answer)
    # The second names no year of its own: it is of the one that its passage speaks of.
    assert (first.years, second.years) == ((2023,), (2023,))
    stored = "2020年税收收入下降7.2%。2021年增长7.9%。非税收入减少。"
    assert [one.years for one in statements_of(passage(stored, years=(2020, 2021)), stored)] == [(2020,), (2021,), ()]


def test_whom_a_task_is_given_to_and_a_row_of_a_table_are_no_statements() -> None:
    assert said("4.新型研发机构达到300家。责任单位:市科技局;配合单位:市经济信息委。", PassageKind.TASK) == ["新型研发机构达到300家"]
    assert said("地区生产总值增速 6以上 8.3", PassageKind.TABLE_ROW) == []


def counts(*words: str) -> dict[str, float]:
    return dict.fromkeys(words, 1.0)


@pytest.mark.parametrize(
    ("answer", "wanted", "told"),
    [
        ("蔬菜产业入选全国优势特色产业集群，农产品网络零售额增长12%，乡村旅游收入增长11.8%", ["网络", "络零"], "农产品网络零售额增长12%"),
        ("到2025年，产值之比达到2∶1，乡村旅游收入达到1200亿元", ["乡村", "村旅"], "到2025年，乡村旅游收入达到1200亿元"),
        ("以安置点为重点，涉及搬迁群众，共25.2万人", ["搬迁", "迁群"], "涉及搬迁群众，共25.2万人"),
        ("增长12%，收入增加", ["别的"], "增长12%，收入增加"),
    ],
)
def test_of_a_statement_the_clauses_are_told_that_hold_the_amount_asked_for(answer: str, wanted: list[str], told: str) -> None:
    assert told_of(answer, counts(*wanted)) == told


def test_every_statement_of_the_five_documents_stands_where_it_says() -> None:
    for document in load_documents():
        read = read_document(document)
        for own in read.passages:
            for statement in statements_of(own, document.text):
                (span,) = statement.spans
                stored = "".join(document.text[span.start : span.end].split())
                assert statement.answer.replace(" ", "") in stored
                assert any(span.overlaps(held) for held in own.spans)
