"""Text as search sees it: one place where it is normalised and cut into terms."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache

import jieba

_FIRST_CHARACTER = "\u3400"
"""The first of the Chinese characters."""

_RUN = re.compile(r"[a-z0-9.%+]+|[\u3400-\u9fff]+")
_QUOTES = str.maketrans(
    dict.fromkeys("“”\"‘’'「」『』") | {"〔": "(", "〕": ")", "【": "(", "】": ")", "∶": ":", "—": "-", "–": "-", "―": "-"}
)

STOP_WORDS = frozenset(
    [
        "的",
        "了",
        "是",
        "在",
        "和",
        "与",
        "及",
        "等",
        "有",
        "为",
        "对",
        "将",
        "以",
        "吗",
        "呢",
        "啊",
        "请问",
        "什么",
        "哪些",
        "哪个",
        "哪",
        "多少",
        "怎么",
        "如何",
        "是否",
        "有没有",
        "我",
        "我们",
        "你",
        "您",
        "一下",
        "告诉",
        "咱们",
    ]
)


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Search form: NFKC, lower case, without white space and quotation marks, dashes and brackets of one kind."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_QUOTES)
    return re.sub(r"[\s\u200b\ufeff]+", "", folded)


class Segmenter:
    """Cuts Chinese text into search terms with jieba and a dictionary of the corpus' own words.

    `words` are units of government, places and programmes as the corpus names them.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = tuple(sorted({normal(word) for word in words if 2 <= len(normal(word)) <= 12}))

    @cached_property
    def _jieba(self) -> jieba.Tokenizer:
        """The dictionary with the words; it is loaded when a text is cut for the first time, which takes about a second."""
        tokenizer = jieba.Tokenizer()
        _quiet_load(tokenizer)
        for word in self.words:
            tokenizer.add_word(word)
        return tokenizer

    def terms(self, text: str) -> list[str]:
        """Words of every length that jieba's search mode finds, stop words and punctuation left out."""
        return [term for term in self._jieba.lcut_for_search(normal(text)) if term not in STOP_WORDS and _searchable(term)]

    def knows(self, word: str) -> bool:
        """Whether the dictionary has a word."""
        return bool(self._jieba.FREQ.get(word))

    def likelihood(self, text: str) -> float:
        """Natural logarithm of how likely a text is: that of the likeliest way to cut it into words of the dictionary."""
        route: dict[int, tuple[float, int]] = {}
        self._jieba.calc(text, self._jieba.get_DAG(text), route)
        return float(route[0][0])


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of Chinese characters; a run of Latin letters or digits stays whole."""
    terms: list[str] = []
    for run in _RUN.findall(normal(text)):
        if run[0] < _FIRST_CHARACTER:
            terms.append(run)
        else:
            terms += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
    return terms


@lru_cache(maxsize=1)
def _quiet() -> None:
    import logging

    jieba.setLogLevel(logging.WARNING)


def _quiet_load(tokenizer: jieba.Tokenizer) -> None:
    _quiet()
    tokenizer.initialize()


def _searchable(term: str) -> bool:
    return any(character.isalnum() for character in term)
