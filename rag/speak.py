"""Answers by a chat model, never trusted blindly: shown sentence by sentence as each passes its check, with the answer without a model behind it.

The answer without a model is there before a model is asked. It is given at once when the model fails, refuses, takes too long or writes
nothing that can be proved; a note then says so. A model that has failed is left alone (`rag.breaker`), so that no further question waits for it.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import ChatModelBusyError, ChatModelError
from rag.breaker import Breaker
from rag.llm import ChatModel
from rag.material import SURE, Findings, Material
from rag.orders import as_data
from rag.support import Proof, share_known, unproved
from rag.types import Answer, AnswerEvent, Mode, References, Sentence, Turn
from rag.writing import REFUSAL, Failed, Writing
from rag.written import sentences_of

PROMPTS = Path(__file__).parent / "prompts"

LEAST_S = 0.2
"""Share of the time for a question that must be left for a repair to be asked for."""

PLANNING_S = 0.3
"""Share of the time for a question that taking it apart may use."""

MOST_PARTS = 3
LONGEST_PART = 60
LONGEST_PLAN = 240
TURNS_SHOWN = 6
TRIAL_S = 20.0

_log = logging.getLogger("judian.llm")


@dataclass(frozen=True, slots=True)
class Budget:
    """What one question may cost: `seconds` with the model in all, tokens of the material it is shown; `plan` lets it take hard questions apart."""

    seconds: float = 30.0
    prompt_tokens: int = 2500
    plan: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """What a speaker may look into for one question: material within a number of tokens, what is found for another question, rarity of words."""

    gather: Callable[[Sequence[Findings], int], Material]
    find: Callable[[str], Findings]
    rarity: Callable[[str], float]


class Speaker:
    """Writes answers with a chat model. Safe to use from several threads."""

    def __init__(self, model: ChatModel, budget: Budget | None = None, breaker: Breaker | None = None) -> None:
        self.name = model.name
        self._model = model
        self._budget = budget or Budget()
        self._breaker = breaker or Breaker(self._try)
        self._answer, self._repair, self._plan = ((PROMPTS / f"{name}.md").read_text("utf-8") for name in ("answer", "repair", "plan"))

    def events(self, found: Findings, access: Access, history: Sequence[Turn], most_citations: int) -> Iterator[AnswerEvent]:
        """References, sentences as each passes its check, and the whole answer. Closing the iterator stops the model."""
        if not is_wanted(found, history):
            yield from plain_events(found.answer)
            return
        if not self._breaker.closed():
            yield from plain_events(replace(found.answer, note="大模型此前没有应答，暂停使用。"))
            return
        watch = _Watch(self._budget.seconds)
        rounds = self._rounds(found, access, history, watch)
        found = rounds[0]
        material = access.gather(rounds, self._budget.prompt_tokens)
        yield References(material.citations)
        writing = Writing(found, material, access.rarity, most_citations)
        failure = ""
        try:
            for text in self._written(writing, material, watch):
                yield Sentence(text)
        except ChatModelError as exc:
            failure = self._failed(exc, writing)
        if writing.shown:
            yield from map(Sentence, writing.complete())
            yield writing.answer(_note(writing, failure), watch.timings(found.answer))
            return
        answer = replace(found.answer, note=_why_not(writing, failure), timings_ms=watch.timings(found.answer))
        yield from map(Sentence, pieces_of(answer.answer))
        yield answer

    def _written(self, writing: Writing, material: Material, watch: "_Watch") -> Iterator[str]:
        """What may be shown of the model's answer, and of its second try at the sentences that failed."""
        asked = Turn("user", material.request)
        said: list[str] = []
        yield from self._taken(writing, (asked,), watch, said)
        if writing.wants_repair and watch.left() > LEAST_S * self._budget.seconds:
            again = Turn("user", f"{self._repair}\n{_complaints(writing.failed)}")
            writing.failed.clear()
            yield from self._taken(writing, (asked, Turn("assistant", "".join(said)), again), watch, [])

    def _taken(self, writing: Writing, turns: Sequence[Turn], watch: "_Watch", said: list[str]) -> Iterator[str]:
        with closing(self._model.stream(self._answer, turns, watch.left())) as pieces:
            for written in sentences_of(watch.timed(pieces, said)):
                yield from writing.add(written)
                if writing.full:
                    return

    def _rounds(self, found: Findings, access: Access, history: Sequence[Turn], watch: "_Watch") -> list[Findings]:
        """What was found for the question and, where that is little, for what the model takes it apart into."""
        if not self._budget.plan or (found.answer.confidence >= SURE and not found.answer.abstained):
            return [found]
        parts = [access.find(part) for part in self._parts(found, history, watch)]
        if history and len(parts) == 1 and _is_surer(parts[0], found):
            return parts
        return [found, *(part for part in parts if part.question.text != found.question.text)]

    def _parts(self, found: Findings, history: Sequence[Turn], watch: "_Watch") -> list[str]:
        """The questions that the model takes a question apart into; none where it fails, which the answer then finds out by itself."""
        lines = [f"{'用户' if turn.role == 'user' else '助手'}：{as_data(turn.content)}" for turn in history[-TURNS_SHOWN:]]
        conversation = "\n".join([*lines, f"用户：{as_data(found.asked)}"])
        known = f"{conversation}\n{found.question.text}"
        text = ""
        try:
            with closing(self._model.stream(self._plan, (Turn("user", conversation),), PLANNING_S * watch.left())) as pieces:
                for piece in watch.timed(pieces, []):
                    text += piece
                    if len(text) > LONGEST_PLAN:
                        break
        except ChatModelError as exc:
            _log.info("大模型没有拆分问题：%s", exc)
        lines = [
            re.sub(r"^[\s\-*•]*(?:\d[.、)）])?\s*", "", line).strip()
            for line in re.sub(r"<think>.*?(</think>|$)", "", text, flags=re.S).split("\n")
        ]
        return [line for line in dict.fromkeys(lines) if _may_be_asked(line, known)][:MOST_PARTS]

    def _failed(self, error: ChatModelError, writing: Writing) -> str:
        """The words for what went wrong. A model that has not brought a sentence is left alone for a while."""
        if not writing.sentences:
            self._breaker.failed()
        _log.warning("%s", error)
        return "大模型没有在规定时间内答完" if isinstance(error.__cause__, TimeoutError) else "大模型没有应答"

    def _try(self) -> None:
        """Raises ChatModelError when the model still does not answer."""
        with closing(self._model.stream("只回答：好", (Turn("user", "你好"),), TRIAL_S)) as pieces:
            if next(pieces, None) is None:
                raise ChatModelBusyError("没有应答")


def is_wanted(found: Findings, history: Sequence[Turn]) -> bool:
    """Whether a model could better an answer: not one that is complete because it was worked out over records, nor a certain abstention."""
    answer = found.answer
    if answer.abstained:
        return answer.confidence > 0 or bool(history)
    return not (found.draft.records and answer.mode is Mode.STRUCTURED)


def plain_events(answer: Answer) -> Iterator[AnswerEvent]:
    """An answer that is there already, as a stream."""
    yield References(answer.citations)
    yield from map(Sentence, pieces_of(answer.answer))
    yield answer


def pieces_of(text: str) -> list[str]:
    """The sentences of an answer, each with its stop; joined they are the answer."""
    return re.findall(r"[^。\n]*[。\n]+|[^。\n]+$", text)


class _Watch:
    """How long a question has gone on, and how much of that was spent waiting for the model."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._started = time.perf_counter()
        self._waited = 0.0

    def left(self) -> float:
        return max(0.0, self._seconds - (time.perf_counter() - self._started))

    def timed(self, pieces: Iterable[str], said: list[str]) -> Iterator[str]:
        """The pieces, kept in `said`, the wait for each counted."""
        iterator = iter(pieces)
        while True:
            began = time.perf_counter()
            try:
                piece = next(iterator, None)
            finally:
                self._waited += time.perf_counter() - began
            if piece is None:
                return
            said.append(piece)
            yield piece

    def timings(self, plain: Answer) -> dict[str, float]:
        """The timings of the answer without a model, with what came after it."""
        total = plain.timings_ms.get("total", 0.0) + 1000 * (time.perf_counter() - self._started)
        return {**plain.timings_ms, "model": round(1000 * self._waited, 2), "total": round(total, 2)}


def _is_surer(one: Findings, other: Findings) -> bool:
    return not one.answer.abstained and one.answer.confidence > other.answer.confidence


def _may_be_asked(line: str, known: str) -> bool:
    """Whether a part that a model made of a question is one: short, and with no figure, name or year that was not there."""
    if not 4 <= len(line) <= LONGEST_PART or REFUSAL.search(line):
        return False
    return not unproved(line.rstrip("？?"), [Proof(known)], known) and share_known(line, [known]) > 0


def _complaints(failed: Sequence[Failed]) -> str:
    return "\n".join(f"“{one.text}”：{'；'.join(one.reasons)}" for one in failed)


def _why_not(writing: Writing, failure: str) -> str:
    """Why nothing of the model is in the answer."""
    if failure:
        return f"{failure}，未予采用。"
    if writing.refused and not writing.failed:
        return "大模型没有在资料中找到答案。"
    return "大模型所写没有通过核对，未予采用。"


def _note(writing: Writing, failure: str) -> str:
    """What has to be said about an answer that a model wrote: nothing when all that it wrote was proved."""
    notes = [failure] if failure else []
    if writing.failed:
        notes.append(f"大模型所写有 {len(writing.failed)} 句没有通过核对，已略去")
    if writing.added:
        notes.append("所缺的由文件要点补上")
    return "；".join(notes) + "。" if notes else ""
