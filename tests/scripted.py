"""A chat model one can reason about: it says what a function of the messages returns, piece by piece, and errs when told to."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field

from rag.assistant import Assistant
from rag.breaker import Breaker
from rag.llm import ChatModel
from rag.speak import Budget, Speaker

Piece = str | float | Exception
"""What is said next: a text, a pause in seconds, or an error."""

Line = Callable[[Sequence[BaseMessage]], Iterable[Piece]]


class Scripted(BaseChatModel):
    """Says its lines in turn, the last one for ever. `asked` keeps the messages of every request, `said` the texts that were taken."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    lines: list[Line]
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    said: list[str] = Field(default_factory=list)
    stopped: threading.Event = Field(default_factory=threading.Event)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:  # noqa: ARG002
        text = "".join(piece for piece in self._line(messages) if isinstance(piece, str))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    async def _astream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:  # noqa: ARG002
        try:
            for piece in self._line(messages):
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                    continue
                self.said.append(piece)
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        finally:
            self.stopped.set()

    def _line(self, messages: list[BaseMessage]) -> Iterable[Piece]:
        self.asked.append(messages)
        return self.lines[min(len(self.asked), len(self.lines)) - 1](messages)


def saying(*lines: str | Sequence[Piece] | Line) -> Scripted:
    """A model that says these lines: texts (in pieces of three characters), sequences of pieces, or functions of the messages."""
    return Scripted(lines=[_line(line) for line in lines])


def _line(line: str | Sequence[Piece] | Line) -> Line:
    if callable(line):
        return line
    if isinstance(line, str):
        return lambda _: [line[at : at + 3] for at in range(0, len(line), 3)]
    return lambda _: line


def chat(*lines: str | Sequence[Piece] | Line) -> ChatModel:
    return ChatModel(saying(*lines), "scripted")


def speaking(assistant: Assistant, model: Scripted, budget: Budget | None = None, breaker: Breaker | None = None) -> Assistant:
    """The same assistant with a model that writes its answers; without taking questions apart unless the budget says so."""
    return assistant.with_speaker(Speaker(ChatModel(model, "scripted"), budget or Budget(30, plan=False), breaker))


def shown(model: Scripted, request: int = 0) -> str:
    """What the model was shown with the question of a request."""
    return str(model.asked[request][1].content)


def number_of(request: str, words: str) -> int:
    """The number of the passage in a request that holds the words."""
    passages = dict(re.findall(r"^\[(\d+)\] (.*)$", request, re.M))
    return next(int(number) for number, text in passages.items() if words in text)
