"""What passages state, made into readings by rule, and answers out of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Passage, PassageKind, Span, Via
from index.store import LoadedIndex, load_index
from index.types import Encoder, Matcher, Progress, Tokens
from rag.assistant import Assistant
from rag.lexicon import read_lexicon
from rag.retrieve import AT_A_TIME, Retriever
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
        ("3.新增老年助餐点20个；4.加装电梯80部；5.建设充电桩300个", ["电梯", "加装"], "加装电梯80部"),
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


class Counting:
    """A matcher that counts the statements whose tokens it computes."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self.name, self.width = matcher.name, matcher.width
        self.computed: list[str] = []

    def questions(self, texts: Sequence[str]) -> list[Tokens]:
        return self._matcher.questions(texts)

    def readings(self, texts: Sequence[str], progress: Progress | None = None) -> list[Tokens]:
        self.computed += texts
        return self._matcher.readings(texts, progress)


@pytest.fixture(scope="module")
def index(home: Path, encoder: Encoder, matcher: Matcher) -> LoadedIndex:
    return load_index(home / "index", encoder, matcher=matcher)


@pytest.fixture(scope="module")
def unread(index: LoadedIndex, encoder: Encoder) -> Assistant:
    """The assistant as if nobody had read a document."""
    return Assistant(index, encoder, use_readings=False)


def test_statements_are_found_in_the_unread_documents_alone_and_their_tokens_computed_once(
    index: LoadedIndex, encoder: Encoder, matcher: Matcher
) -> None:
    counting = Counting(matcher)
    retriever = Retriever(replace(index, matcher=counting), encoder, read_lexicon(), use_readings=False)
    query = retriever.query("2023年新增经营主体多少户")
    hits = retriever.statements(query, {"001"}, (), True)
    assert {hit.reading.document_id for hit in hits} == {"001"}
    assert all(hit.match for hit in hits)
    assert len(set(counting.computed)) == len(counting.computed) == len(hits)
    assert [hit.match for hit in retriever.statements(query, {"001"}, (), True)] == [hit.match for hit in hits]
    assert len(counting.computed) == len(hits)
    assert retriever.statements(query, set(), (), True) == []


def test_tokens_may_be_computed_before_anybody_asks(index: LoadedIndex, encoder: Encoder, matcher: Matcher) -> None:
    counting = Counting(matcher)
    retriever = Retriever(replace(index, matcher=counting), encoder, read_lexicon(), use_readings=False)
    steps = iter([True, True, False])
    retriever.prepare(["002"], lambda: next(steps))
    assert len(counting.computed) == 2 * AT_A_TIME
    retriever.prepare(["002"], lambda: True)
    stated = [one for own in index.documents[2].passages for one in statements_of(own, index.documents[2].document.text)]
    assert len(counting.computed) == len(stated) > 100
    assert retriever.statements(retriever.query("2021年建设多少公里山城步道"), {"002"}, (), True)
    assert len(counting.computed) == len(stated)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("2023年全年新增经营主体有多少？", "64.8万户"),
        ("“满天星”是什么行动计划？", "满天星"),
        ("2023年培育引进品牌首店多少个，创建中华老字号多少个？", "469个"),
        ("2023年培育引进品牌首店多少个，创建中华老字号多少个？", "13个"),
    ],
)
def test_what_a_document_states_is_said_with_the_sentence_that_states_it(unread: Assistant, question: str, said: str) -> None:
    answer = unread.ask(question)
    assert said in answer.answer
    assert any(said.strip("个") in citation.quote for citation in answer.citations)


def test_what_no_sentence_states_is_not_said(unread: Assistant) -> None:
    assert unread.ask("渝昆高铁的票价是多少元？").abstained
    assert unread.ask("今天天气怎么样").abstained
