"""How text is normalised for search and cut into terms."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.segment import Segmenter, bigrams, normal

CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=30)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(["市经济信息委", "“一区两群”", "山水之城"])


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("２０２４年", "2024年"),
        ("“双城经济圈”", "双城经济圈"),
        ("渝府办发〔2021〕12号", "渝府办发(2021)12号"),
        ("【42.1】", "(42.1)"),
        ("责任单位∶市交通局", "责任单位:市交通局"),
        ("2021—2025", "2021-2025"),
        ("地区\n生产\u3000总值 ", "地区生产总值"),
        ("R&D", "r&d"),
        ("㎡", "m2"),
        ("", ""),
    ],
)
def test_search_form(written: str, searched: str) -> None:
    assert normal(written) == searched


def test_words_of_every_length_are_terms(segmenter: Segmenter) -> None:
    assert set(segmenter.terms("地区生产总值")) >= {"地区", "生产", "总值"}


def test_words_of_the_corpus_stay_whole(segmenter: Segmenter) -> None:
    assert "市经济信息委" in segmenter.terms("责任单位：市经济信息委")
    assert "一区两群" in segmenter.terms("推动“一区两群”协调发展")
    assert "山水之城" in segmenter.terms("山水之城美丽之地")
    assert "山水之城" not in Segmenter().terms("山水之城美丽之地")


def test_stop_words_and_punctuation_are_no_terms(segmenter: Segmenter) -> None:
    assert segmenter.terms("请问是多少呢？……！") == []


def test_segmenters_do_not_share_their_words() -> None:
    Segmenter(["巴渝大将军印"])
    assert "巴渝大将军印" not in Segmenter().terms("巴渝大将军印")


def test_words_too_short_or_too_long_are_left_out() -> None:
    assert Segmenter(["市", "一" * 13, "市发展改革委", "市发展改革委"]).words == ("市发展改革委",)


def test_pairs_of_characters() -> None:
    assert bigrams("轨道交通") == ["轨道", "道交", "交通"]
    assert bigrams("2024年GDP增长6.5%左右") == ["2024", "年", "gdp", "增长", "6.5%", "左右"]
    assert bigrams("增，长") == ["增", "长"]
    assert bigrams("，。") == []


@given(CHINESE, st.integers(0, 30), st.sampled_from(["\n", " ", "\u3000", "\u200b", "“"]))
def test_a_wrap_or_a_blank_makes_no_difference(text: str, place: int, blank: str) -> None:
    assert bigrams(text[:place] + blank + text[place:]) == bigrams(text)


@given(st.text(max_size=60))
def test_any_text_has_a_search_form_without_white_space(text: str) -> None:
    searched = normal(text)
    assert not re.search(r"\s", searched)
    assert all(term == term.lower() for term in bigrams(text))
