"""A question compared with readings token by token: every token of the question with the token of a reading that is most like it.

Late interaction (ColBERT, Khattab & Zaharia 2020, arXiv:2004.12832) with the bundled model as `adapter` changes it. A reading's tokens are computed
once, when the index is built. Where one vector a text tells that two questions are alike on the whole, this tells what of a question a reading does
not speak of.

tokens/vectors.i8     the tokens of all readings one behind another, each `width` bytes: 127 times a vector of unit length
tokens/ends.i64       where the tokens of each reading end
tokens/digests.u8     of each reading's text, so that another build takes over its tokens
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.errors import IndexMismatchError
from corpus.types import Reading
from index import mapped
from index.adapter import adapter_digest
from index.bundled import MODEL, PROMPTS, TOKENS_FILE, prepare_bundled_model
from index.digest import DIGEST_BYTES, digest
from index.runtime import OnnxModel, available_cores, encodable
from index.types import Matcher, Progress, Tokens

LONGEST = 160
"""Tokens of a text that are compared, at most."""

ALIKE = 0.95
"""Cosine from which one token of a reading stands for another: wordings of one question share most of theirs."""

LEAST = 3
"""Tokens of a question, those that a reading answers worst, that are told of beside the mean of all."""

PROMPT_TOKENS = 3
"""Tokens at the beginning of a text that its prompt is cut into."""

FOLDER = "tokens"

_VECTORS, _ENDS, _DIGESTS = "vectors.i8", "ends.i64", "digests.u8"
_STEP = 127
_QUOTED = 160
"""Characters of a reading's quotes that are compared."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well a reading answers a question's tokens: the mean of their similarities to the tokens most like them, and the mean of the lowest."""

    mean: float
    least: float


class OnnxMatcher:
    """The bundled model as it was taught to tell which reading a question means. Safe to use from several threads."""

    def __init__(self, cache: Path, threads: int | None = None, progress: Progress | None = None) -> None:
        self._model = OnnxModel(prepare_bundled_model(cache, progress=progress), TOKENS_FILE, threads or available_cores(), LONGEST)
        self.name = matcher_name()
        self.width = self._model.width

    def questions(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each question."""
        return self._tokens([PROMPTS["query"] + encodable(text) for text in texts])

    def readings(self, texts: Sequence[str], progress: Progress | None = None) -> list[Tokens]:
        """The tokens of each reading's text (see `reading_text`)."""
        return self._tokens([PROMPTS["passage"] + encodable(text) for text in texts], progress)

    def _tokens(self, texts: Sequence[str], progress: Progress | None = None) -> list[Tokens]:
        found: list[Tokens] = [np.zeros((0, self.width), np.int8)] * len(texts)
        for rows, lengths, vectors in self._model.run(texts, progress):
            for row, length, own in zip(rows, lengths, vectors, strict=True):
                # The prompt in front and the sign of the end say nothing of the text.
                found[row] = np.rint(_STEP * own[PROMPT_TOKENS : length - 1]).astype(np.int8)
        return found


def matcher_name() -> str:
    """The identity of the model, told without opening it; tokens computed under another are not compared."""
    return f"{MODEL}/adapter-{adapter_digest()[:12]}"


def reading_text(reading: Reading, wordings: Sequence[str]) -> str:
    """A reading as a question is compared with it: some wordings of its question, its answer and its quotes."""
    quotes = " ".join("".join(quote.split()) for quote in reading.quotes)
    return f"{'；'.join(wordings)} 答：{reading.answer} 文：{quotes[:_QUOTED]}"


class TokenStore:
    """The tokens of an index's readings, by their numbers, as they lie in its folder."""

    def __init__(self, folder: Path, width: int) -> None:
        self._ends = mapped.appended(folder / _ENDS, np.int64)
        self._vectors = mapped.appended(folder / _VECTORS, np.int8).reshape(-1, width)
        if len(self._vectors) != (self._ends[-1] if len(self._ends) else 0):
            raise mapped.damaged(folder / _VECTORS)

    @property
    def count(self) -> int:
        return len(self._ends)

    def of(self, number: int) -> Tokens:
        """The tokens of a reading."""
        return self._vectors[self._ends[number - 1] if number else 0 : self._ends[number]]

    def matches(self, question: Tokens, numbers: Sequence[int]) -> list[Match]:
        """How well some readings, by their numbers, answer a question's tokens; a question without any is answered by none."""
        return matches(question, [self.of(number) for number in numbers])


def matches(question: Tokens, texts: Sequence[Tokens]) -> list[Match]:
    """How well some texts, each of one token at least, answer a question's tokens; a question without any is answered by none."""
    if not len(question) or not texts:
        return [Match(0.0, 0.0)] * len(texts)
    near = question.astype(np.float32) @ np.concatenate(texts).astype(np.float32).T / _STEP**2
    best = np.maximum.reduceat(near, np.cumsum([0, *(len(own) for own in texts[:-1])]), axis=1)
    least = np.sort(best, axis=0)[:LEAST].mean(axis=0)
    return [Match(float(mean), float(low)) for mean, low in zip(best.mean(axis=0), least, strict=True)]


class TokenWriter:
    """Writes the tokens of readings behind each other; `done` of them are there already, what a killed build wrote behind these is cut off."""

    def __init__(self, folder: Path, matcher: Matcher, done: int, known: Path | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._matcher = matcher
        self._folder = folder
        self._known = _known_tokens(known, matcher.width) if known else {}
        ends = mapped.appended(folder / _ENDS, np.int64)[:done] if done else np.zeros(0, np.int64)
        self._end = int(ends[-1]) if done else 0
        for name, size in ((_VECTORS, self._end * matcher.width), (_ENDS, done * 8), (_DIGESTS, done * DIGEST_BYTES)):
            with (folder / name).open("ab") as file:
                file.truncate(size)

    def add(self, readings: Sequence[Reading], progress: Progress | None = None) -> None:
        texts = [reading_text(reading, reading.wordings) for reading in readings]
        digests = [digest(text) for text in texts]
        new = [number for number, own in enumerate(digests) if own not in self._known]
        computed = {
            number: thinned(tokens)
            for number, tokens in zip(new, self._matcher.readings([texts[number] for number in new], progress), strict=True)
        }
        blocks = [computed[number] if number in computed else self._known[own] for number, own in enumerate(digests)]
        ends = self._end + np.cumsum([len(block) for block in blocks], dtype=np.int64)
        self._end = int(ends[-1]) if len(ends) else self._end
        for name, data in (
            (_VECTORS, b"".join(block.tobytes() for block in blocks)),
            (_ENDS, ends.tobytes()),
            (_DIGESTS, b"".join(digests)),
        ):
            with (self._folder / name).open("ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())


def thinned(tokens: Tokens) -> Tokens:
    """The tokens of a text without those that are like one before them."""
    vectors = tokens.astype(np.float32) / _STEP
    alike = vectors @ vectors.T >= ALIKE
    kept = np.ones(len(tokens), np.bool_)
    for number in range(1, len(tokens)):
        kept[number] = not (alike[number, :number] & kept[:number]).any()
    return tokens[kept]


def _known_tokens(folder: Path, width: int) -> dict[bytes, Tokens]:
    """The tokens of a folder by the digests of their texts; none where it is missing or damaged."""
    try:
        store = TokenStore(folder, width)
        digests = mapped.appended(folder / _DIGESTS, np.uint8).reshape(-1, DIGEST_BYTES)
    except (IndexMismatchError, ValueError):
        return {}
    return {own.tobytes(): store.of(number) for number, own in enumerate(digests[: store.count])}
