"""The documents: what is known of them, their outlines and stored texts; adding and removing them, for administrators."""

import shutil
import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.exceptions import HTTPException

from corpus.added import add_document, remove_document
from corpus.types import DocumentInfo, Passage, PassageKind, ReadDocument
from ui.api.administrators import require_administrator
from ui.api.parameters import refuse_unknown
from ui.api.problems import refusals
from ui.api.schemas import (
    ChangedBody,
    DocumentBody,
    HeadingBody,
    OutlineBody,
    PassageAndParallelsBody,
    PassageBody,
    TextBody,
    UploadBody,
)
from ui.api.serving import CurrentAssistant

router = APIRouter(tags=["文件"], dependencies=[Depends(refuse_unknown)], responses=refusals(422))

KnownId = Annotated[str, Path(description="文件编号，见文件清单", examples=["001"])]

NAME_KEPT = 60
"""Characters kept of an uploaded file's name, its ending aside."""

_ACCEPTED = "已收下；索引更新后生效，其间照旧作答。是否更新完毕见 /healthz 的 updating。"


@router.get("/v1/documents", summary="文件清单")
def documents(assistant: CurrentAssistant) -> list[DocumentBody]:
    """索引中的全部文件。"""
    return [DocumentBody(**about(document)) for document in assistant.documents]


@router.post(
    "/v1/documents",
    summary="添加文件",
    status_code=202,
    response_description=_ACCEPTED,
    dependencies=[Depends(require_administrator)],
    responses=refusals(400, 403, 409, 413),
)
def upload(request: Request, body: Annotated[UploadBody, Form(media_type="multipart/form-data")]) -> ChangedBody:
    """上传一份文件（仅限管理员）。标题、日期和文号不写时取自文件。"""
    name = FilePath((body.file.filename or "").replace("\\", "/")).name
    with tempfile.TemporaryDirectory() as folder:
        file = FilePath(folder) / f"{FilePath(name).stem[:NAME_KEPT] or '文件'}{FilePath(name).suffix[:NAME_KEPT]}"
        with file.open("wb") as copy:
            shutil.copyfileobj(body.file.file, copy)
        added = add_document(request.app.state.settings.corpus_folder, file, body.title, body.date, body.number)
    request.app.state.indexer.update()
    return _changed(added.info)


@router.delete(
    "/v1/documents/{document_id}",
    summary="移除文件",
    status_code=202,
    response_description=_ACCEPTED,
    dependencies=[Depends(require_administrator)],
    responses=refusals(403, 404, 409),
)
def remove(document_id: KnownId, request: Request) -> ChangedBody:
    """移除一份添加的文件（仅限管理员）；随软件提供的文件不能移除。"""
    removed = remove_document(request.app.state.settings.corpus_folder, document_id)
    request.app.state.indexer.update()
    return _changed(removed)


@router.get("/v1/documents/{document_id}", summary="一份文件及其目录", responses=refusals(404))
def document(document_id: KnownId, assistant: CurrentAssistant) -> OutlineBody:
    """一份文件的情况和目录。"""
    read = assistant.document(document_id)
    outline = [HeadingBody(level=h.level, text=h.text, start=h.span.start, end=h.span.end) for h in read.outline]
    return OutlineBody(**about(read), outline=outline)


@router.get("/v1/documents/{document_id}/text", summary="原文", responses=refusals(404))
def text(
    document_id: KnownId,
    assistant: CurrentAssistant,
    start: Annotated[int, Query(ge=0, description="起点，从 0 数的字符位置")] = 0,
    end: Annotated[int | None, Query(ge=0, description="终点，不含这个字符；默认到文末")] = None,
) -> TextBody:
    """原文或其中一段，一字不改。"""
    stored = assistant.document(document_id).document.text
    last = len(stored) if end is None else min(end, len(stored))
    if start > last:
        raise HTTPException(422, f"start={start} 大于 end={last}；全文共 {len(stored)} 字。")
    return TextBody(id=document_id, start=start, end=last, text=stored[start:last])


@router.get("/v1/passages/{passage_id}", summary="一个段落，以及其他文件中说法相同的段落", responses=refusals(404))
def passage(
    passage_id: Annotated[str, Path(description="段落编号，见引文的 passage_id", examples=["001-008000-dbe48279"])],
    assistant: CurrentAssistant,
) -> PassageAndParallelsBody:
    """一个段落的原文和位置，以及其他文件中说了同样的话的段落。"""
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


def _changed(info: DocumentInfo) -> ChangedBody:
    return ChangedBody(id=info.id, title=info.title, date=info.date, number=info.number)
