"""The documents: what is known of them, their outlines and their stored texts."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException

from corpus.types import Passage, PassageKind, ReadDocument
from ui.api.schemas import DocumentBody, HeadingBody, OutlineBody, PassageAndParallelsBody, PassageBody, TextBody
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


@router.get("/v1/passages/{passage_id}", summary="一个段落，以及其他文件中说法相同的段落")
def passage(passage_id: str, assistant: CurrentAssistant) -> PassageAndParallelsBody:
    found = assistant.passage(passage_id)
    parallels = [PassageBody(**passage_fields(other)) for other in assistant.said_elsewhere(passage_id)]
    return PassageAndParallelsBody(**passage_fields(found), parallels=parallels)


def passage_fields(found: Passage) -> dict[str, Any]:
    """The fields of a PassageBody; of a table row that stands with its parent, the place of the row itself."""
    return {
        "id": found.id,
        "document_id": found.document_id,
        "kind": found.kind.value,
        "heading_path": list(found.heading_path),
        "part": found.part,
        "years": list(found.years),
        "text": found.text,
        "start": found.spans[-1 if found.kind is PassageKind.TABLE_ROW else 0].start,
        "end": found.spans[-1].end,
    }


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
