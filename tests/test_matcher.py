"""Comparing a question with readings token by token: on tokens that can be reckoned by hand, and with the model as it was taught."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from corpus.errors import IndexMismatchError
from corpus.types import Reading
from index import runtime
from index.adapter import Adapter, load_adapter, save_adapter
from index.build import build_index
from index.bundled import TOKENIZER_FILE, is_complete, prepare_bundled_model
from index.matcher import LONGEST, Match, TokenStore, TokenWriter, matcher_name, reading_text, thinned
from index.store import is_current, known_tokens, load_index
from index.types import Matcher, Progress, Tokens
from tests.letters import FINGERPRINT, LetterEncoder, small_reading, small_source

LETTERS = "甲乙丙丁"


class LetterMatcher:
    """A matcher whose tokens are the letters of a text, each a direction of its own."""

    width = len(LETTERS)

    def __init__(self, name: str = "letters") -> None:
        self.name = name
        self.read: list[str] = []

    def questions(self, texts: Sequence[str]) -> list[Tokens]:
        return [tokens_of(text) for text in texts]

    def readings(self, texts: Sequence[str], progress: Progress | None = None) -> list[Tokens]:
        self.read += texts
        if progress and texts:
            progress(len(texts), len(texts), "")
        return [tokens_of(text) for text in texts]


def tokens_of(text: str) -> Tokens:
    letters = [LETTERS.index(letter) for letter in text if letter in LETTERS]
    return (127 * np.eye(len(LETTERS), dtype=np.int8)[letters]).astype(np.int8)


def reading(name: str, question: str) -> Reading:
    return replace(small_reading(), id=name, question=question, paraphrases=(), answer="", quotes=())


def written(folder: Path, matcher: LetterMatcher, readings: Sequence[Reading], done: int = 0, known: Path | None = None) -> TokenStore:
    TokenWriter(folder, matcher, done, known).add(readings)
    return TokenStore(folder, matcher.width)


def test_a_reading_matches_by_its_best_tokens_and_by_what_it_leaves_out(tmp_path: Path) -> None:
    store = written(tmp_path, LetterMatcher(), [reading("1", "甲乙"), reading("2", "丙"), reading("3", "甲乙丙丁")])
    assert store.count == 3
    question = tokens_of("甲乙丙丁")
    one, two, all_of_it = store.matches(question, [0, 1, 2])
    assert (one.mean, one.least) == pytest.approx((0.5, 1 / 3))
    assert (two, all_of_it) == (Match(0.25, 0.0), Match(1.0, 1.0))
    assert store.matches(question, [2, 0])[0] == Match(1.0, 1.0)
    assert store.matches(question, []) == []
    assert store.matches(tokens_of(""), [0]) == [Match(0.0, 0.0)]


def test_tokens_like_one_before_them_are_left_out() -> None:
    assert thinned(tokens_of("甲乙甲甲丙")).tolist() == tokens_of("甲乙丙").tolist()
    assert len(thinned(tokens_of(""))) == 0


def test_a_killed_writing_goes_on_where_it_was_told_of(tmp_path: Path) -> None:
    matcher = LetterMatcher()
    first, second, third = reading("1", "甲"), reading("2", "乙乙丙"), reading("3", "丁")
    written(tmp_path, matcher, [first])
    # The second batch was written, but the build was killed before it took note of it.
    written(tmp_path, matcher, [third], done=1)
    store = written(tmp_path, matcher, [second, third], done=1)
    assert [store.of(n).tolist() for n in range(3)] == [tokens_of(text).tolist() for text in ("甲", "乙丙", "丁")]


def test_tokens_of_known_texts_are_taken_over(tmp_path: Path) -> None:
    first, second = reading("1", "甲"), reading("2", "乙")
    written(tmp_path / "old", LetterMatcher(), [first])
    matcher = LetterMatcher()
    store = written(tmp_path / "new", matcher, [second, first], known=tmp_path / "old")
    assert matcher.read == [reading_text(second, second.wordings)]
    assert store.of(1).tolist() == tokens_of("甲").tolist()
    assert len(written(tmp_path / "none", matcher, [first], known=tmp_path / "missing").of(0)) == 1


def test_damaged_tokens_are_refused(tmp_path: Path) -> None:
    written(tmp_path, LetterMatcher(), [reading("1", "甲乙")])
    with (tmp_path / "vectors.i8").open("ab") as file:
        file.truncate(4)
    with pytest.raises(IndexMismatchError, match="judian index build"):
        TokenStore(tmp_path, LetterMatcher.width)
    with pytest.raises(IndexMismatchError, match="judian index build"):
        TokenStore(tmp_path / "missing", LetterMatcher.width)


def test_an_index_holds_the_tokens_of_its_readings_for_one_matcher(tmp_path: Path) -> None:
    folder, encoder, matcher = tmp_path / "index", LetterEncoder(), LetterMatcher()
    build_index(folder, small_source(), encoder, matcher=matcher)
    index = load_index(folder, encoder, matcher=matcher)
    assert index.tokens is not None
    assert index.tokens.count == len(index.all_readings) == 1
    assert index.tokens.matches(tokens_of("丁"), [0]) == [Match(1.0, 1.0)]
    assert is_current(folder, encoder.name, FINGERPRINT, matcher_name=matcher.name)
    assert not is_current(folder, encoder.name, FINGERPRINT)
    assert load_index(folder, encoder).tokens is None
    other: Matcher = LetterMatcher("others")
    assert known_tokens(folder, other) is None
    with pytest.raises(IndexMismatchError, match="匹配模型 letters 建立，当前是 others"):
        load_index(folder, encoder, matcher=other)
    # Built anew, it computes nothing again.
    again = LetterMatcher()
    build_index(folder, small_source(fingerprint="other"), encoder, matcher=again)
    assert again.read == []


def test_an_index_without_tokens_serves_no_matcher(tmp_path: Path) -> None:
    build_index(tmp_path / "index", small_source(), LetterEncoder())
    with pytest.raises(IndexMismatchError, match="（无）"):
        load_index(tmp_path / "index", LetterEncoder(), matcher=LetterMatcher())


def test_the_model_tells_a_question_in_other_words_from_one_of_something_else(matcher: Matcher, tmp_path: Path) -> None:
    assert matcher.name == matcher_name()
    asked = reading("1", "2023年重庆新能源汽车产量是多少？")
    others = [reading("2", "2023年重庆汽车产业增加值增长多少？"), reading("3", "2023年新建绿道多少公里？")]
    TokenWriter(tmp_path, matcher, 0, None).add([asked, *others])
    store = TokenStore(tmp_path, matcher.width)
    [question, nothing] = matcher.questions(["前年一共造了多少辆新能源车", ""])
    right, *wrong = store.matches(question, [0, 1, 2])
    assert right.mean > max(match.mean for match in wrong)
    assert right.least > max(match.least for match in wrong)
    assert all(match.mean <= 1.01 for match in store.matches(nothing, [0]))
    [alone] = matcher.questions(["前年一共造了多少辆新能源车"])
    assert np.abs(alone.astype(int) - question).max() <= 1


def test_a_long_text_is_cut(matcher: Matcher) -> None:
    [tokens] = matcher.readings(["推进绿色低碳转型。" * 500])
    assert 100 <= len(tokens) <= 160


def test_a_text_is_cut_as_its_tokenizer_would_cut_it(bundled_cache: Path) -> None:
    tokenizer = Tokenizer.from_file(str(prepare_bundled_model(bundled_cache) / TOKENIZER_FILE))
    text = "推进绿色低碳转型，" * 40
    ids = tokenizer.encode(text).ids
    assert len(ids) > LONGEST
    for longest in (3, LONGEST, len(ids) - 1, len(ids), len(ids) + 1):
        tokenizer.enable_truncation(longest)
        assert list(runtime._shortened(ids, longest)) == tokenizer.encode(text).ids


def test_an_adapter_adds_its_products_and_is_kept_in_half_precision(tmp_path: Path) -> None:
    left, right = np.asarray([[1.0], [2.0]], np.float32), np.asarray([[0.5, 0.25]], np.float32)
    adapter = Adapter({"l6.q.w": (left, right)}, np.ones((3, 2), np.float32), np.zeros(3, np.float32), {"date": "2026-11-22"})
    whole = np.zeros((2, 2), np.float32)
    assert adapter.applied("l6.q.w", whole).tolist() == [[0.5, 0.25], [1.0, 0.5]]
    assert adapter.applied("l6.k.w", whole) is whole
    save_adapter(adapter, tmp_path / "adapter.npz")
    loaded = load_adapter(tmp_path / "adapter.npz")
    assert loaded.about == {"date": "2026-11-22"}
    assert loaded.applied("l6.q.w", whole).tolist() == adapter.applied("l6.q.w", whole).tolist()
    assert loaded.projection.dtype == np.float32
    assert [path.name for path in tmp_path.iterdir()] == ["adapter.npz"]


def test_the_shipped_adapter_says_how_it_was_made_and_changes_the_upper_layers() -> None:
    adapter = load_adapter()
    assert {"date", "lesson", "readings"} <= set(adapter.about)
    first = adapter.about["lesson"]["first"]
    assert {int(name[1:].partition(".")[0]) for name in adapter.factors} == set(range(first, 12))
    assert adapter.projection.shape == (len(adapter.shift), 384)


def test_a_model_converted_for_another_adapter_is_converted_anew(bundled_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepare_bundled_model(bundled_cache)
    assert is_complete(folder)
    monkeypatch.setattr("index.bundled.adapter_digest", lambda: "another")
    assert not is_complete(folder)
