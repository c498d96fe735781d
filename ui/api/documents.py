"""The documents: what is known of them, their outlines and their stored texts."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException

from corpus.types import ReadDocument
from ui.api.schemas import DocumentBody, HeadingBody, OutlineBody, TextBody
from ui.api.serving import CurrentAssistant

router = APIRouter()


@router.get("/v1/documents", summary="文件清单")
def documents(assistant: CurrentAssistant) -> list[DocumentBody]:
    return [DocumentBody(**about(document)) for document in assistant.documents]


@router.get("/v1/documents/{document_id}", summary="一份文件及其目录")
def document(document_id: str, assistant: CurrentAssistant) -> OutlineBody:
    read = assistant.document(document_id)
    outline = [HeadingBody(level=h.level, text=h.text, start=h.span.start, end=h.span.end) for h in read.outline]
    return OutlineBody(**about(read), outline=outline)


@router.get("/v1/documents/{document_id}/text", summary="原文")
def text(
    document_id: str,
    assistant: CurrentAssistant,
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int | None, Query(ge=0)] = None,
) -> TextBody:
    stored = assistant.document(document_id).document.text
    last = len(stored) if end is None else min(end, len(stored))
    if start > last:
        raise HTTPException(422, f"start={start} 大于 end={last}；全文共 {len(stored)} 字。")
    return TextBody(id=document_id, start=start, end=last, text=stored[start:last])


def about(read: ReadDocument) -> dict[str, Any]:
    """The fields of a DocumentBody."""
    info = read.document.info
    return {
        "id": info.id,
        "source": info.file,
        "title": info.title,
        "issuer": info.issuer,
        "number": info.number,
        "date": info.date,
        "reports_on": list(info.reports_on),
        "plans_for": list(info.plans_for),
        "inferred": list(info.inferred),
        "characters": len(read.document.text),
        "passages": len(read.passages),
        "tasks": len(read.tasks),
        "measures": len(read.measures),
    }
