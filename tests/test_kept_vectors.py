"""A vector is computed once as long as it is kept."""

from collections.abc import Sequence

import numpy as np
import pytest

from corpus.errors import ModelError
from index.lru import Lru
from index.types import Progress, Vectors
from tests.letters import LetterEncoder
from ui.api.kept_vectors import KeepingEncoder
from ui.api.metrics import Metrics


class NotingEncoder(LetterEncoder):
    """Notes what it is given, and fails where that is bad."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.asked.append(list(texts))
        if "坏" in texts:
            raise ModelError("坏")
        return super().encode_queries(texts, progress)


def test_a_vector_is_computed_once() -> None:
    noting, metrics = NotingEncoder(), Metrics()
    encoder = KeepingEncoder(noting, metrics.cached)
    first = encoder.encode_queries(["甲", "乙", "甲"])
    again = encoder.encode_queries(["乙", "丙", "甲"])
    assert noting.asked == [["甲", "乙"], ["丙"]]
    assert np.array_equal(first, LetterEncoder().encode_queries(["甲", "乙", "甲"]))
    assert np.array_equal(again, LetterEncoder().encode_queries(["乙", "丙", "甲"]))
    assert encoder.encode_queries([]).shape == (0, 4)
    assert 'judian_cache_hits_total{cache="vectors"} 2.0' in metrics.text().decode()
    assert 'judian_cache_misses_total{cache="vectors"} 3.0' in metrics.text().decode()


def test_what_fails_is_not_kept() -> None:
    noting = NotingEncoder()
    encoder = KeepingEncoder(noting, Metrics().cached)
    with pytest.raises(ModelError):
        encoder.encode_queries(["甲", "坏"])
    assert np.array_equal(encoder.encode_queries(["甲"]), LetterEncoder().encode_queries(["甲"]))
    assert noting.asked == [["甲", "坏"], ["甲"]]


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    cache: Lru[str, int] = Lru(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (1, None, 3, 2)
