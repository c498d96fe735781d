"""Sentences and marks out of what models write, in whatever pieces it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.written import LONGEST_SENTENCE, Written, read_sentence, sentences_of


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        ("增长6%左右[1]。", "增长6%左右", (1,)),
        ("增长6%左右[1][3]。", "增长6%左右", (1, 3)),
        ("增长6%左右[1,3]。", "增长6%左右", (1, 3)),
        ("增长6%左右[1、3]。", "增长6%左右", (1, 3)),
        ("增长6%左右[1-3]。", "增长6%左右", (1, 2, 3)),
        ("增长6%左右【2】。", "增长6%左右", (2,)),
        ("增长6%左右〔2〕。", "增长6%左右", (2,)),
        ("增长6%左右［２］。", "增长6%左右", (2,)),
        ("增长6%左右（2）。", "增长6%左右", (2,)),
        ("增长6%左右(2)", "增长6%左右", (2,)),
        ("增长6%左右[资料2]。", "增长6%左右", (2,)),
        ("增长6%左右[来源：2]。", "增长6%左右", (2,)),
        ("增长6%左右【2†source】。", "增长6%左右", (2,)),
        ("增长6%左右[^2]。", "增长6%左右", (2,)),
        ("增长[1]6%左右。", "增长6%左右", (1,)),
        ("（2）增长6%左右。", "（2）增长6%左右", ()),
        ("渝府发〔2021〕12号。", "渝府发〔2021〕12号", ()),
        ("增长6%（预期）。", "增长6%（预期）", ()),
        ("增长6%左右。", "增长6%左右", ()),
    ],
)
def test_marks_in_any_brackets(text: str, words: str, marks: tuple[int, ...]) -> None:
    assert read_sentence(text) == Written(words, marks)


TEXT = """<think>先看[1]，再看[2]。</think>2024年增长目标为6%左右[1]。城镇新增就业60万人以上。【2】【3】
主要目标有：
1. **粮食**产量217亿斤（4）
- 老旧小区改造[1-3]；
（1）推进改革！[5]没有标注"""
SENTENCES = [
    ("2024年增长目标为6%左右", (1,), False),
    ("城镇新增就业60万人以上", (2, 3), False),
    ("主要目标有：粮食产量217亿斤", (4,), True),
    ("老旧小区改造", (1, 2, 3), True),
    ("推进改革！", (5,), True),
    ("没有标注", (), False),
]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 1000])
def test_sentences_do_not_depend_on_the_pieces(length: int) -> None:
    pieces = [TEXT[at : at + length] for at in range(0, len(TEXT), length)]
    assert [(one.text, one.marks, one.new_line) for one in sentences_of(pieces)] == SENTENCES


def test_a_sentence_comes_as_soon_as_it_is_whole() -> None:
    taken: list[str] = []

    def pieces() -> "list[str]":
        return ["增长6%左右[1]。", "就业", "60万人[2]。"]

    def watched() -> "object":
        for piece in pieces():
            taken.append(piece)
            yield piece

    first = next(iter(sentences_of(watched())))  # type: ignore[arg-type]
    assert first.text == "增长6%左右"
    assert taken == ["增长6%左右[1]。", "就业"]


def test_a_sentence_without_end_is_cut() -> None:
    found = list(sentences_of(["没完没了" * 300]))
    assert [len(one.text) for one in found] == [LONGEST_SENTENCE] * 3


def test_thoughts_that_never_end_are_left_out() -> None:
    assert [one.text for one in sentences_of(["好。<thi", "nk>想不", "完。"])] == ["好"]


@given(st.text(alphabet="增长6%。[]1，（）\n<think>/【】：- ", max_size=60), st.integers(1, 9))
def test_any_text_is_read_the_same_in_any_pieces(text: str, length: int) -> None:
    whole = list(sentences_of([text]))
    assert whole == list(sentences_of(text[at : at + length] for at in range(0, len(text), length)))
    assert all(one.text and "\n" not in one.text for one in whole)
