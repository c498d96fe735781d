"""What users say of answers."""

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException

from rag.assistant import Assistant
from ui.api.ask import turns
from ui.api.parameters import refuse_unknown
from ui.api.problems import refusals
from ui.api.schemas import FeedbackBody, QuotedBody, ReceivedBody
from ui.api.serving import CurrentAssistant
from ui.feedback import Feedback, Quoted, save_feedback

router = APIRouter(tags=["反馈"], dependencies=[Depends(refuse_unknown)], responses=refusals(400, 404, 413, 422))


@router.post("/v1/feedback", summary="评价回答", status_code=201, response_description="已收下。")
def feedback(body: FeedbackBody, request: Request, assistant: CurrentAssistant) -> ReceivedBody:
    """记下对一个回答的评价；管理员可用 judian feedback export 导出为评测问题。"""
    said = Feedback(
        helpful=body.helpful,
        question=body.question,
        history=tuple(turns(body.history)),
        answer=body.answer,
        quotes=tuple(_quoted(assistant, cited) for cited in body.citations),
        expected=body.expected,
        comment=body.comment,
    )
    return ReceivedBody(id=save_feedback(request.app.state.settings.feedback_file, said))


def _quoted(assistant: Assistant, cited: QuotedBody) -> Quoted:
    text = assistant.document(cited.document_id).document.text
    if not cited.start < cited.end <= len(text):
        raise HTTPException(422, f"文件 {cited.document_id} 没有 {cited.start} 到 {cited.end} 这一段；全文共 {len(text)} 字。")
    return Quoted(cited.document_id, text[cited.start : cited.end])
