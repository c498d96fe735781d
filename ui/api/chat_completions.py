"""The service as a chat model, for clients and front ends that speak OpenAI's interface."""

import re
import secrets
import time
from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from rag.assistant import Assistant
from rag.types import Answer, AnswerEvent, References, Sentence, Turn
from ui.api.chat_schemas import MODEL, ChatBody, ChatMessage, Completion, ModelBody, ModelsBody
from ui.api.events import EVENT_STREAM, event, streamed
from ui.api.problems import problem_of, refusals
from ui.api.serving import CurrentAssistant
from ui.fields import fields_of

router = APIRouter(tags=["兼容接口"])

MOST_TURNS = 20
LONGEST_TURN = 2000
"""What is kept of an earlier conversation, as in /v1/ask: the latest turns, and characters of each."""

DONE = "data: [DONE]\n\n"
_TOKEN = re.compile(r"[^\W\d_\u3400-\u9fff]+|\d+|\S")

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "回答。stream 为真时逐段送出 chat.completion.chunk，第一段带 citations，以 data: [DONE] 结束。",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
    }
}


@router.post("/v1/chat/completions", summary="对话", response_model=Completion, responses={**_ANSWERS, **refusals(400, 413, 422)})
async def complete(body: ChatBody, request: Request, assistant: CurrentAssistant) -> Any:
    """以 OpenAI 的格式作答。没有列出的字段（temperature、tools 等）收下而不采用。"""
    question, history = conversation(body.messages)
    reply = Reply(body)
    if body.stream:
        pieces = cast("Generator[AnswerEvent]", assistant.stream(question, history))
        return await streamed(pieces, reply.chunks, lambda error: _failed(request.url.path, error))
    return reply.whole(await run_in_threadpool(assistant.ask, question, history))


@router.get("/v1/models", summary="模型清单", responses=refusals())
def models(assistant: CurrentAssistant) -> ModelsBody:
    """可用的模型，只有 judian 一个。"""
    return ModelsBody(data=[_model(assistant)])


@router.get("/v1/models/{model}", summary="一个模型", responses=refusals(404, 422))
def model(model: Annotated[str, Path(description="模型名", examples=[MODEL])], assistant: CurrentAssistant) -> ModelBody:
    """一个模型的情况。"""
    if model != MODEL:
        raise HTTPException(404, f"没有名为 {model[:40]!r} 的模型，只有 {MODEL}。")
    return _model(assistant)


class Reply:
    """One completion on the wire, whole or in chunks."""

    def __init__(self, body: ChatBody) -> None:
        self._frame = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": MODEL}
        self._indexes = range(body.n or 1)
        self._prompt = sum(tokens(message.text) for message in body.messages)
        self._with_usage = bool(body.stream_options and body.stream_options.include_usage)

    def whole(self, answer: Answer) -> dict[str, Any]:
        message = {"role": "assistant", "content": answer.answer, "citations": [fields_of(citation) for citation in answer.citations]}
        choices = [{"index": index, "message": message, "finish_reason": "stop"} for index in self._indexes]
        return {**self._frame, "object": "chat.completion", "choices": choices, "usage": self._usage(answer)}

    def chunks(self, piece: AnswerEvent) -> str:
        """What a piece of an answer is in a stream: the citations come in the first chunk, the usage in the last if it was asked for."""
        match piece:
            case References(citations):
                return self._chunk({"role": "assistant", "content": "", "citations": [fields_of(citation) for citation in citations]})
            case Sentence(text):
                return self._chunk({"content": text})
            case Answer():
                usage = self._written([], self._usage(piece)) if self._with_usage else ""
                return self._chunk({}, "stop") + usage + DONE

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> str:
        choice = {"delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return "".join(self._written([{"index": index, **choice}]) for index in self._indexes)

    def _written(self, choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> str:
        chunk = {**self._frame, "object": "chat.completion.chunk", "choices": choices}
        return event({**chunk, "usage": usage} if self._with_usage else chunk)

    def _usage(self, answer: Answer) -> dict[str, int]:
        completion = tokens(answer.answer) * len(self._indexes)
        return {"prompt_tokens": self._prompt, "completion_tokens": completion, "total_tokens": self._prompt + completion}


def conversation(messages: Sequence[ChatMessage]) -> tuple[str, list[Turn]]:
    """The question, which is the last message of the user, and the turns before it. Raises 422 where no message is a user's."""
    spoken = [Turn(message.role, message.text) for message in messages if message.role in ("user", "assistant")]
    while spoken and spoken[-1].role != "user":
        spoken.pop()
    if not spoken:
        raise HTTPException(422, "messages 中没有 user 消息，请写出问题。")
    history = [Turn(turn.role, turn.content[:LONGEST_TURN]) for turn in spoken[:-1] if turn.content.strip()]
    return spoken[-1].content, history[-MOST_TURNS:]


def tokens(text: str) -> int:
    """Tokens of a text: a Chinese character, a mark, a run of letters or of digits is one each."""
    return len(_TOKEN.findall(text))


def _model(assistant: Assistant) -> ModelBody:
    return ModelBody(id=MODEL, created=int(datetime.fromisoformat(assistant.built).timestamp()))


def _failed(path: str, error: Exception) -> str:
    found = problem_of(path, error)
    return event({"error": {"message": found["detail"], "type": found["title"], "param": None, "code": str(found["status"])}}) + DONE
