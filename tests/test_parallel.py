"""Parallel stretches of made-up documents, worked out by hand, and of the task breakdown and the newspaper's half of the same report."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.load import load_documents
from corpus.parallel import LEAST, SHORTEST, Counterpart, Counterparts, find_parallels, link_passages, read_parallels
from corpus.read import read_document
from corpus.types import Document, DocumentInfo, ReadDocument, Span


@pytest.fixture(scope="module")
def read() -> dict[str, ReadDocument]:
    return {document.info.id: read_document(document) for document in load_documents()}


def document(document_id: str, text: str) -> ReadDocument:
    return read_document(
        Document(DocumentInfo(document_id, f"{document_id}.txt", "某文件", "某机关", None, "2023-05-01", (), (2023,), ""), text)
    )


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def stretches(first: str, second: str) -> list[tuple[str, str, int, float]]:
    one, other = document("a", first), document("b", second)
    return [
        (first[p.first.start : p.first.end], second[p.second.start : p.second.end], p.characters, p.similarity)
        for p in find_parallels(one, other)
    ]


def test_wraps_blanks_and_width_make_no_difference() -> None:
    first = "前言。推动 5G 融合应用示范，拓展智慧政务、交通等应用。后记。"
    second = "另有：推动５G融合应\n用示范;拓展智慧政务、\n\n交通等应用！完"
    assert stretches(first, second) == [
        ("推动 5G 融合应用示范，拓展智慧政务、交通等应用", "推动５G融合应\n用示范;拓展智慧政务、\n\n交通等应用", 21, 1.0),
    ]


def test_a_few_other_words_are_passed_over() -> None:
    first = "深入实施安全生产专项整治三年行动，持续开展高层建筑消防安全整治。"
    second = "深入实施安全生产专项整治三年行动，淘汰落后产能，持续开展高层建筑消防安全整治。"
    assert stretches(first, second) == [(first[:-1], second[:-1], 30, 0.833)]


def test_other_figures_say_other_things() -> None:
    assert stretches("力争高新技术企业突破8000家、科技型企业加快成长。", "力争高新技术企业突破4500家、科技型企业加快成长。") == []


def test_a_clause_whose_figure_differs_is_left_out() -> None:
    shared = "集聚高端研发机构，推动生物医药创新基地建设，"
    assert stretches("有研发机构的规上工业企业占比达到50%。", "有研发机构的规上工业企业占比达到30%。") == []
    assert stretches(f"{shared}工业企业占比达到50%。", f"{shared}工业企业占比达到30%。") == [(shared[:-1], shared[:-1], 20, 1.0)]


def test_short_turns_of_phrase_are_no_parallels() -> None:
    assert stretches("推动成渝地区双城经济圈建设。", "服务成渝地区双城经济圈建设。") == []
    assert stretches("", "推动成渝地区双城经济圈建设走深走实。") == []


def test_order_may_differ() -> None:
    one, other = "加快建设西部陆海新通道，高效衔接中欧班列", "持续推进国资国企改革，全面深化金融改革创新"
    assert {first for first, *_ in stretches(f"{one}。{other}。", f"{other}。甲乙丙丁。{one}。")} == {one, other}


@settings(deadline=None)
@given(
    st.text(alphabet="发展建设改革开放创新协调绿色。，1", max_size=120), st.text(alphabet="发展建设改革开放创新协调绿色。，1", max_size=120)
)
def test_what_is_found_agrees(first: str, second: str) -> None:
    end = 0
    for parallel in find_parallels(document("a", first), document("b", second)):
        assert parallel.first.start >= end
        end = parallel.first.end
        assert parallel.characters >= SHORTEST
        assert LEAST <= parallel.similarity <= 1
        if parallel.similarity == 1:
            ours, theirs = (text[span.start : span.end] for text, span in ((first, parallel.first), (second, parallel.second)))
            assert letters(ours) == letters(theirs)


def test_a_document_is_its_own_parallel(read: dict[str, ReadDocument]) -> None:
    (parallel,) = find_parallels(read["002"], read["002"])
    assert (parallel.similarity, parallel.first) == (1.0, parallel.second)
    links = link_passages(read["002"], read["002"])
    assert [(link.first, link.second) for link in links] == [
        (passage.id, passage.id) for passage in sorted(read["002"].passages, key=lambda p: p.id)
    ]


def test_the_newspaper_prints_what_the_breakdown_breaks_down(read: dict[str, ReadDocument]) -> None:
    """Tasks 134 to 456 break down what is printed; of the five-year tasks before, 34 is the name of one of its sections.

    Task 387 joins two ends of a longer list, and 423 is a clause of eight characters that the breakdown moves behind another one.
    """
    breakdown, newspaper = read["000"], read["002"]
    numbers = {passage.id: int(re.match(r"\d+", passage.text)[0]) for passage in breakdown.passages if passage.kind == "task"}  # type: ignore[index]
    linked = {numbers[link.first] for link in link_passages(breakdown, newspaper) if link.first in numbers}
    assert set(range(134, 457)) - linked == {387, 423}
    assert linked - set(range(134, 457)) == {34}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (136, "支持渝北创建国家级农业高新区"),
        (141, "力争1—2所高校入选新一轮“双一流”建设名单"),
        (210, "全面推进“巴渝新消费”八大行动"),
        (325, "抓好186公里续建项目"),
        (408, "繁荣发展哲学社会科学"),
        (437, "确保一旦发现疫情精准快速处置"),
        (456, "发扬为民服务孺子牛、创新发展拓荒牛"),
    ],
)
def test_a_task_is_linked_to_the_passage_that_says_it(read: dict[str, ReadDocument], number: int, words: str) -> None:
    breakdown, newspaper = read["000"], read["002"]
    (task,) = [passage for passage in breakdown.passages if passage.text.startswith(f"{number}.")]
    texts = {passage.id: passage.text for passage in newspaper.passages}
    linked = [texts[link.second] for link in link_passages(breakdown, newspaper) if link.first == task.id]
    assert words in linked[0]


def test_links_point_both_ways(read: dict[str, ReadDocument]) -> None:
    there = {(link.first, link.second) for link in link_passages(read["000"], read["002"])}
    back = {(link.second, link.first) for link in link_passages(read["002"], read["000"])}
    assert len(there & back) >= 0.95 * max(len(there), len(back))


def test_spans_are_of_the_stored_texts(read: dict[str, ReadDocument]) -> None:
    for parallel in find_parallels(read["004"], read["000"]):
        assert isinstance(parallel.first, Span)
        ours = letters(read["004"].document.text[parallel.first.start : parallel.first.end])
        theirs = letters(read["000"].document.text[parallel.second.start : parallel.second.end])
        assert ours[:6] == theirs[:6]
        assert ours[-6:] == theirs[-6:]


def test_counterparts_of_a_stretch_and_of_a_passage() -> None:
    first = document("a", "推动 5G 融合应用示范，拓展智慧政务、智慧交通等应用，力争达到100家。另一句话。")
    second = document("b", "前言。推动５G融合应\n用示范，拓展智慧政务、智慧交通等应用，力争达到100家。")
    third = document("c", "推动5G融合应用示范，拓展智慧政务、智慧交通等应用，力争达到200家。")
    documents = (first, second, third)
    counterparts = Counterparts(documents, read_parallels(documents))

    def elsewhere(words: str) -> dict[str, str]:
        start = first.document.text.index(words)
        found = counterparts.of_stretch("a", Span(start, start + len(words)))
        texts = {read.document.info.id: read.document.text for read in documents}
        return {other.document_id: texts[other.document_id][other.span.start : other.span.end] for other in found}

    assert elsewhere("推动 5G 融合应用示范") == {"b": "推动５G融合应\n用示范", "c": "推动5G融合应用示范"}
    assert elsewhere("力争达到100家") == {"b": "力争达到100家"}
    assert elsewhere("另一句话") == {}
    assert elsewhere("5G") == {}
    (one,), (other,), (last,) = (read.passages for read in documents)
    assert counterparts.of_passage(one.id) == (other.id, last.id)
    assert counterparts.of_passage(last.id) == (one.id, other.id) or counterparts.of_passage(last.id) == (other.id, one.id)
    assert counterparts.of_passage("x") == ()


def test_counterparts_say_the_same_letter_for_letter(read: dict[str, ReadDocument]) -> None:
    documents = tuple(read.values())
    counterparts = Counterparts(documents, read_parallels(documents))
    found = 0
    for task in read["000"].tasks:
        for other in counterparts.of_stretch("000", task.text_span):
            assert isinstance(other, Counterpart)
            ours, theirs = read["000"].document.text, read[other.document_id].document.text
            assert letters(theirs[other.span.start : other.span.end]) == letters(ours[task.text_span.start : task.text_span.end])
            found += other.document_id == "002"
    assert found >= 200


def test_all_pairs_are_read_as_each_pair_alone(read: dict[str, ReadDocument]) -> None:
    parallels = read_parallels((read["000"], read["001"], read["002"]))
    assert parallels.stretches == (
        *find_parallels(read["000"], read["001"]),
        *find_parallels(read["000"], read["002"]),
        *find_parallels(read["001"], read["002"]),
    )
    assert set(link_passages(read["000"], read["002"])) <= set(parallels.links)
