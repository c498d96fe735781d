"""Vectors computed together are those computed alone, and the latest are kept."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from corpus.errors import ModelError
from index.types import Encoder, Progress, Vectors
from tests.letters import LetterEncoder
from ui.api.batching import BatchingEncoder
from ui.api.cache import Lru
from ui.api.metrics import Metrics


class SlowEncoder(LetterEncoder):
    """Notes what it is given, and works on the first batch until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.batches.append(list(texts))
        self.begun.set()
        assert self.go_on.wait(10)
        if "坏" in texts:
            raise ModelError("坏")
        return super().encode_queries(texts, progress)


def ask_all(slow: SlowEncoder, texts: Sequence[str]) -> dict[str, Vectors | Exception]:
    """Each text from a thread of its own: the first at once, the others while it is being worked on."""
    encoder = BatchingEncoder(slow, Metrics())
    found: dict[str, Vectors | Exception] = {}

    def ask(text: str) -> None:
        try:
            found[text] = encoder.encode_queries([text])
        except Exception as exc:
            found[text] = exc

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
    threads[0].start()
    assert slow.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(encoder._waiting) < len(texts) - 1:
        time.sleep(0.001)
    slow.go_on.set()
    for thread in threads:
        thread.join(10)
    found["afterwards"] = encoder.encode_queries(["丁"])
    return found


def test_who_waits_is_computed_together() -> None:
    slow = SlowEncoder()
    found = ask_all(slow, ["甲", "乙", "丙", "甲乙"])
    assert [len(batch) for batch in slow.batches] == [1, 3, 1]
    for text in ("甲", "乙", "丙", "甲乙"):
        vector = found[text]
        assert isinstance(vector, np.ndarray)
        assert np.array_equal(vector, LetterEncoder().encode_queries([text]))


def test_what_fails_fails_for_all_who_waited_and_for_nobody_after() -> None:
    slow = SlowEncoder()
    found = ask_all(slow, ["甲", "坏", "丙"])
    assert isinstance(found["甲"], np.ndarray)
    assert isinstance(found["坏"], ModelError)
    assert isinstance(found["丙"], ModelError)
    assert isinstance(found["afterwards"], np.ndarray)


def test_a_vector_is_computed_once() -> None:
    slow = SlowEncoder()
    slow.go_on.set()
    metrics = Metrics()
    encoder = BatchingEncoder(slow, metrics)
    first = encoder.encode_queries(["甲", "乙", "甲"])
    again = encoder.encode_queries(["乙", "甲"])
    assert slow.batches == [["甲", "乙"]]
    assert np.array_equal(first, LetterEncoder().encode_queries(["甲", "乙", "甲"]))
    assert np.array_equal(again, first[[1, 0]])
    assert encoder.encode_queries([]).shape == (0, 4)
    assert 'judian_cache_hits_total{cache="vectors"} 2.0' in metrics.text().decode()


def test_the_bundled_model_gives_the_same_vectors_together_as_alone(encoder: Encoder) -> None:
    texts = ["2024年地区生产总值增长目标是多少", "就业", "轨道交通运营里程达到多少公里？"]
    together = BatchingEncoder(encoder, Metrics()).encode_queries(texts)
    alone = np.concatenate([encoder.encode_queries([text]) for text in texts])
    assert (together * alone).sum(axis=1) == pytest.approx(1.0, abs=0.005)


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    cache: Lru[str, int] = Lru(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (1, None, 3, 2)
