"""How paragraphs are cut into passages and short stretches packed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import places_of, read_paragraphs, slice_spans
from corpus.split import LIMIT, SMALL, TARGET, Piece, pack_pieces, passage_id, sentences, split_paragraph
from corpus.types import Span

PROSE = st.text(alphabet="。！？；，：”）、的发展建设a1 \n", max_size=1500)


def pieces(text: str) -> list[str]:
    (paragraph,) = read_paragraphs(text)
    return [slice_spans(text, piece.spans) for piece in split_paragraph(text, paragraph)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲。乙！丙？丁", ["甲。", "乙！", "丙？", "丁"]),
        ("他说：“甲。”乙。", ["他说：“甲。”", "乙。"]),
        ("（甲。）乙", ["（甲。）", "乙"]),
        ("甲……！！乙", ["甲……！！", "乙"]),
        ("增长2.5%。", ["增长2.5%。"]),
        ("", []),
        ("  ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@settings(deadline=None)
@given(st.text())
def test_sentences_lose_nothing(text: str) -> None:
    held = [place for start, end in sentences(text) for place in range(start, end)]
    assert held == sorted(set(held))
    assert {place for place, character in enumerate(text) if not character.isspace()} <= set(held)


def test_sentences_are_packed_to_the_target() -> None:
    sentence = "推" * 99 + "。"
    assert [len(piece) for piece in pieces(sentence * 5)] == [200, 200, 100]
    assert [len(piece) for piece in pieces(sentence * 4)] == [200, 200]
    assert pieces(sentence) == [sentence]


def test_a_short_last_sentence_joins_the_one_before() -> None:
    assert [len(piece) for piece in pieces("推" * 249 + "。" + "进" * 49 + "。")] == [300]
    assert [len(piece) for piece in pieces("推" * 249 + "。" + "进" * 99 + "。")] == [250, 100]


def test_a_lead_stays_with_what_it_names() -> None:
    lead = "大力发展现代服务业。"
    assert pieces(lead + "推" * 290 + "。") == [lead + "推" * 290 + "。"]
    assert [len(piece) for piece in pieces(lead + "推" * 311 + "。")] == [10, 312]


def test_a_sentence_too_long_is_cut_at_semicolons_with_its_lead_in() -> None:
    text = "今年实施一批实事，包括：" + "；".join("甲" * 90 for _ in range(5)) + "。"
    (paragraph,) = read_paragraphs(text)
    cut = split_paragraph(text, paragraph)
    assert [slice_spans(text, piece.spans)[-1] for piece in cut] == ["；", "；", "。"]
    assert [piece.lead_in for piece in cut] == [None, Span(0, 12), Span(0, 12)]


def test_without_semicolons_commas_cut_and_without_commas_length() -> None:
    assert [piece[-1] for piece in pieces("，".join(["甲" * 100] * 5) + "。")] == ["，", "，", "。"]
    assert [len(piece) for piece in pieces("甲" * 1000)] == [320, 320, 320, 40]
    words = ("word " * 200).strip()
    assert all(len(piece) <= LIMIT and not re.search(r"\bwor?$", piece) for piece in pieces(words))


@settings(deadline=None)
@given(PROSE)
def test_pieces_hold_every_character_once_and_none_is_too_long(text: str) -> None:
    for paragraph in read_paragraphs(text):
        cut = split_paragraph(text, paragraph)
        held = [place for piece in cut for place in places_of(piece.spans)]
        assert held == sorted(held)
        assert [place for place in held if not text[place].isspace()] == [
            place for place in places_of(paragraph.spans) if not text[place].isspace()
        ]
        assert all(len(places_of(piece.spans)) <= LIMIT for piece in cut)


@settings(deadline=None)
@given(PROSE)
def test_no_sentence_that_fits_is_cut(text: str) -> None:
    for paragraph in read_paragraphs(text):
        stored, places = slice_spans(text, paragraph.spans), places_of(paragraph.spans)
        starts = {piece.spans[0].start for piece in split_paragraph(text, paragraph)}
        for start, end in sentences(stored):
            if end - start <= LIMIT:
                assert not starts & set(places[start + 1 : end])


def test_pack_pieces() -> None:
    text = "甲" * 100 + "乙" * 100 + "丙" * 100 + "丁" * 15
    stretches = [Piece((Span(0, 100),)), Piece((Span(100, 200),)), Piece((Span(200, 300),)), Piece((Span(300, 315),))]
    assert [len(packed) for packed in pack_pieces(stretches, text)] == [2, 2]
    assert pack_pieces([], text) == ()
    # A stretch shorter than SMALL may go beyond TARGET, never beyond LIMIT.
    big = Piece((Span(0, TARGET),))
    assert [len(packed) for packed in pack_pieces([big, Piece((Span(300, 315),))], "甲" * 400)] == [2]
    assert [len(packed) for packed in pack_pieces([big, Piece((Span(300, 300 + SMALL),))], "甲" * 400)] == [1, 1]


def test_passage_ids_come_from_content_and_place() -> None:
    spans = (Span(12, 20),)
    assert passage_id("001", spans, "加快 发展") == passage_id("001", spans, "加快发展")
    assert passage_id("001", spans, "加快发展").startswith("001-000012-")
    assert (
        len(
            {
                passage_id("001", spans, "甲"),
                passage_id("001", spans, "乙"),
                passage_id("002", spans, "甲"),
                passage_id("001", (Span(13, 20),), "甲"),
            }
        )
        == 4
    )
