"""A character that was typed for another of the same sound ("规化" for "规划"), put right by the words of the documents."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache

from index.segment import Segmenter

FREQUENT = 8
"""Passages, at least, that hold the word which is taken to be meant."""

GAIN = 4.0
"""How much likelier, as a natural logarithm, the text must be with that word."""

AROUND = 4
"""Characters before and behind a word among which that is weighed."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
_NEVER_MISTAKEN = frozenset("的了是有在着到个给要和跟与及各都不没还又也把被那这哪几多少吗呢吧里上下中前为从对共一二三四五六七八九十")
"""Characters that stand beside any other: a pair with one of them that nobody has written yet is no mistake."""


class Spelling:
    """Puts right what was typed by sound. Nothing is changed that a passage, a reading or the dictionary has."""

    def __init__(self, segmenter: Segmenter, passages_with: Callable[[str], int], texts: Callable[[], Iterable[str]]) -> None:
        """`passages_with` tells how many passages hold two characters side by side; `texts` are those in which words stand as people use them."""
        self._segmenter = segmenter
        self._passages_with = passages_with
        self._texts = texts

    @cached_property
    def _said(self) -> str:
        return "\n".join(self._texts())

    def corrected(self, text: str) -> str:
        """The text with each two characters that nothing has exchanged for the word that sounds the same and goes with what stands beside it."""
        for at in range(len(text) - 1):
            meant = self._meant(text, at)
            text = text[:at] + meant + text[at + 2 :]
        return text

    def _meant(self, text: str, at: int) -> str:
        """The word that is meant by the two characters there: mostly they themselves."""
        pair = text[at : at + 2]
        if not _CHINESE.fullmatch(pair) or self._passages_with(pair):
            return pair
        known = filter(self._segmenter.knows, _sounding_like(pair))
        words = [word for word in known if self._passages_with(word) >= FREQUENT]
        word = max(words, key=self._passages_with, default=pair)
        before, behind = text[max(0, at - AROUND) : at], text[at + 2 : at + 2 + AROUND]
        if not words or not self._goes_with(before[-1:], word, behind[:1]) or pair in self._said or self._segmenter.knows(pair):
            return pair
        gain = self._segmenter.likelihood(before + word + behind) - self._segmenter.likelihood(before + pair + behind)
        return word if gain >= GAIN else pair

    def _goes_with(self, before: str, word: str, behind: str) -> bool:
        """Whether somebody has written a word beside one of these characters."""
        return any(
            len(beside) > len(word) and _CHINESE.fullmatch(beside) and beside in self._said for beside in (before + word, word + behind)
        )


def _sounding_like(pair: str) -> list[str]:
    """The pairs in which one character is another of the same sound."""
    return [other + pair[1] for other in _same_sound(pair[0])] + [pair[0] + other for other in _same_sound(pair[1])]


def _same_sound(character: str) -> frozenset[str]:
    """The other characters that can be typed by the same letters; none of those that are never mistaken."""
    if character in _NEVER_MISTAKEN:
        return frozenset()
    sounds, by_sound = _sounds()
    return frozenset(by_sound.get(sounds.get(character, ""), ())) - {character} - _NEVER_MISTAKEN


@lru_cache(maxsize=1)
def _sounds() -> tuple[dict[str, str], dict[str, set[str]]]:
    """The letters by which each simplified character is mostly typed, and the characters for each of them."""
    # Phrases are not needed, and take half a second to load.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    sounds = {chr(code): _without_tone(spelt.split(",")[0]) for code, spelt in pinyin_dict.items() if _is_simplified(chr(code))}
    by_sound: dict[str, set[str]] = {}
    for character, sound in sounds.items():
        by_sound.setdefault(sound, set()).add(character)
    return sounds, by_sound


def _is_simplified(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _without_tone(sound: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", sound) if not unicodedata.combining(letter) or letter == "\u0308")
