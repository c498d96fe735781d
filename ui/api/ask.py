"""Questions, one by one, piece by piece or in a batch, and searches."""

from collections.abc import Generator
from typing import Any, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from corpus.errors import JudianError
from rag.assistant import Assistant
from rag.types import Answer, AnswerEvent, References, Sentence, Turn
from ui.api.events import EVENT_STREAM, event, prefers_events, streamed
from ui.api.parameters import refuse_unknown
from ui.api.problems import problem_body, problem_of, refusals, status_of
from ui.api.schemas import EXAMPLE_ANSWER, EXAMPLE_CITATION, AnswerBody, AskBody, BatchAnswerBody, BatchBody, HitsBody, SearchBody, TurnBody
from ui.api.serving import CurrentAssistant
from ui.fields import fields_of

router = APIRouter(tags=["问答"], dependencies=[Depends(refuse_unknown)], responses=refusals(400, 404, 413, 422))

_EXAMPLE_EVENTS = (
    event({"citations": [EXAMPLE_CITATION]}, "references")
    + event({"text": EXAMPLE_ANSWER["answer"]}, "sentence")
    + event(EXAMPLE_ANSWER, "final")
)

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "回答。请求头 Accept 为 text/event-stream 时逐段送出：references（引文）、sentence（每句一个）、final（整个回答）；"
        "中途出错时最后一个事件是 error。",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}, "example": _EXAMPLE_EVENTS}},
    }
}


@router.post("/v1/ask", summary="提问", response_model=AnswerBody, responses=_ANSWERS)
async def ask(body: AskBody, request: Request, assistant: CurrentAssistant) -> Any:
    """回答一个问题；每句话都有原文出处，文件中没有的就说没有。"""
    if prefers_events(request.headers.get("accept", "")):
        return await _events(body, request, assistant)
    return await run_in_threadpool(answered, assistant, body)


@router.post("/v1/ask/batch", summary="批量提问", response_model=BatchAnswerBody)
async def ask_batch(body: BatchBody, request: Request, assistant: CurrentAssistant) -> Any:
    """依次回答一批互不相干的问题；其中一个不能作答，不影响其余。"""
    answers = []
    for question in body.questions:
        if await request.is_disconnected():
            break
        answers.append(await run_in_threadpool(_item, assistant, question, request.url.path))
    return {"answers": answers}


@router.post("/v1/search", summary="检索段落", response_model=HitsBody)
def search(body: SearchBody, assistant: CurrentAssistant) -> Any:
    """找出最相符的段落。"""
    return {"hits": assistant.search(body.query, body.top_k, body.documents)}


def answered(assistant: Assistant, body: AskBody) -> Answer:
    return assistant.ask(body.question, turns(body.history), body.documents, body.years, body.top_k)


def turns(history: list[TurnBody]) -> list[Turn]:
    return [Turn(turn.role, turn.content) for turn in history]


async def _events(body: AskBody, request: Request, assistant: Assistant) -> Response:
    pieces = cast("Generator[AnswerEvent]", assistant.stream(body.question, turns(body.history), body.documents, body.years, body.top_k))
    return await streamed(pieces, _written, lambda error: event(problem_of(request.url.path, error), "error"))


def _written(piece: AnswerEvent) -> str:
    match piece:
        case References(citations):
            return event({"citations": [fields_of(citation) for citation in citations]}, "references")
        case Sentence(text):
            return event({"text": text}, "sentence")
        case Answer():
            return event(AnswerBody(**fields_of(piece)).model_dump(), "final")


def _item(assistant: Assistant, question: AskBody, path: str) -> dict[str, Any]:
    try:
        return {"answer": answered(assistant, question)}
    except JudianError as exc:
        return {"problem": problem_body(path, status_of(exc), str(exc))}
