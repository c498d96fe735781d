"""Questions and searches."""

from typing import Any

from fastapi import APIRouter

from rag.types import Turn
from ui.api.schemas import AnswerBody, AskBody, HitsBody, SearchBody
from ui.api.serving import CurrentAssistant

router = APIRouter()


@router.post("/v1/ask", summary="提问", response_model=AnswerBody)
def ask(body: AskBody, assistant: CurrentAssistant) -> Any:
    history = [Turn(turn.role, turn.content) for turn in body.history]
    return assistant.ask(body.question, history, body.documents, body.years, body.top_k)


@router.post("/v1/search", summary="检索段落", response_model=HitsBody)
def search(body: SearchBody, assistant: CurrentAssistant) -> Any:
    return {"hits": assistant.search(body.query, body.top_k, body.documents)}
