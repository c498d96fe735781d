"""The HTTP API: the one process that owns the index and the encoder."""

import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import IndexMismatchError, IndexMissingError, JudianError, QuestionError, UnknownDocumentError
from corpus.types import ReadDocument
from rag.assistant import Assistant
from rag.types import Turn

PROBLEM = "application/problem+json"
_log = logging.getLogger("judian.api")

_TITLES = {
    400: "请求有误",
    404: "没有找到",
    405: "方法不支持",
    413: "请求过大",
    422: "请求内容不合要求",
    500: "服务内部错误",
    503: "服务尚未就绪",
}


BODY_LIMIT = 1_000_000
"""Bytes of a request's body; no request that the API understands comes near."""


class BodyLimit:
    """Refuses a body over `limit` bytes with 413: by its declared length before a byte is read, else as soon as it has grown too long."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        messages: list[Message] = []
        size = int(declared) if declared.isdigit() else 0
        more = size <= self.limit
        while more:
            message = await receive()
            messages.append(message)
            size = sum(len(part.get("body", b"")) for part in messages)
            more = message.get("more_body", False) and size <= self.limit
        if size > self.limit:
            detail = f"请求过大，至多 {self.limit // 1000} KB，请缩短后再试。"
            await _problem(Request(scope), 413, detail)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)


class _Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class TurnBody(_Strict):
    """对话中的一轮。"""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=2000)


class AskBody(_Strict):
    """一次提问。"""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": "2024年地区生产总值增长目标是多少？"}]})

    question: str = Field(min_length=1, max_length=500, description="问题，1 到 500 字")
    history: list[TurnBody] = Field(default=[], max_length=20, description="此前的对话，至多 20 轮")
    documents: list[str] = Field(default=[], max_length=100, description="只在这些文件里找（文件编号）")
    years: list[int] = Field(default=[], max_length=20, description="只要这些年份")
    top_k: int = Field(default=5, ge=1, le=50, description="最多引用几段")


class SearchBody(_Strict):
    """一次检索。"""

    query: str = Field(min_length=1, max_length=500, description="检索词或问题")
    documents: list[str] = Field(default=[], max_length=100)
    top_k: int = Field(default=10, ge=1, le=50)


class CitationBody(BaseModel):
    """一段引文：`text` 是整段，`quote` 是其中起证明作用的部分，`start`、`end` 是它在原文中的字符位置。"""

    mark: int
    passage_id: str
    document_id: str
    source: str
    title: str
    date: str
    heading_path: list[str]
    text: str
    quote: str
    start: int
    end: int
    via: Literal["task", "measure", "outline", "reading", "passage"]
    score: float


class AnswerBody(BaseModel):
    """一个回答；`answer` 中的 [n] 与 `citations` 的 `mark` 对应。"""

    answer: str
    abstained: bool
    mode: Literal["structured", "reading", "extractive", "llm", "mixed"]
    question: str
    citations: list[CitationBody]
    confidence: float
    related: list[str]
    timings_ms: dict[str, float]


class HitsBody(BaseModel):
    """检索结果，最相符的在前。"""

    hits: list[CitationBody]


class DocumentBody(BaseModel):
    """一份文件。"""

    id: str
    source: str
    title: str
    issuer: str
    number: str | None
    date: str
    reports_on: list[int]
    plans_for: list[int]
    inferred: list[str]
    characters: int
    passages: int
    tasks: int
    measures: int


class HeadingBody(BaseModel):
    """目录中的一个标题。"""

    level: int
    text: str
    start: int
    end: int


class OutlineBody(DocumentBody):
    """一份文件及其目录。"""

    outline: list[HeadingBody]


class TextBody(BaseModel):
    """原文的一段，一字不改。"""

    id: str
    start: int
    end: int
    text: str


class TaskBody(BaseModel):
    """一项任务；`start`、`end` 是它在原文中的字符位置。"""

    document_id: str
    number: int
    text: str
    heading_path: list[str]
    lead_units: list[str]
    cooperating_units: list[str]
    open_ended: bool
    start: int
    end: int


class TasksBody(BaseModel):
    """任务的一页；`total` 是符合条件的总数。"""

    tasks: list[TaskBody]
    total: int
    offset: int


class MeasureBody(BaseModel):
    """一个指标在一年的一个值，照表中所写；`start`、`end` 是表中这一行的字符位置。"""

    document_id: str
    indicator: str
    unit: str
    year: int
    kind: Literal["target", "actual", "estimate"]
    value: str
    group: str
    parent: str
    attribute: str
    marks: list[str]
    note: str
    table: str
    start: int
    end: int


class MeasuresBody(BaseModel):
    """指标值的一页；`total` 是符合条件的总数。"""

    measures: list[MeasureBody]
    total: int
    offset: int


def create_app(load: Callable[[], Assistant]) -> FastAPI:
    """The service over an assistant that `load` brings up when the service starts.

    A JudianError while loading leaves the service up, answering 503 with the error's words.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.assistant, app.state.problem = None, "索引正在载入，请稍候再试。"
        try:
            app.state.assistant = load()
        except JudianError as exc:
            _log.error("%s", exc)
            app.state.problem = str(exc)
        yield

    app = FastAPIOffline(
        title="据典",
        version="1",
        description="政策文件问答：每句话都有原文出处。",
        lifespan=lifespan,
    )
    app.add_middleware(GZipMiddleware, minimum_size=2048)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT)
    _add_error_handlers(app)
    _add_routes(app)
    return app


def _assistant(request: Request) -> Assistant:
    if request.app.state.assistant is None:
        raise HTTPException(503, request.app.state.problem)
    assistant: Assistant = request.app.state.assistant
    return assistant


def _add_routes(app: FastAPI) -> None:
    @app.get("/healthz", summary="服务是否就绪")
    def healthz(request: Request) -> dict[str, Any]:
        assistant = _assistant(request)
        return {"status": "ok", "documents": len(assistant.documents), "built": assistant.built}

    @app.post("/v1/ask", summary="提问", response_model=AnswerBody)
    def ask(body: AskBody, request: Request) -> Any:
        history = [Turn(turn.role, turn.content) for turn in body.history]
        return _assistant(request).ask(body.question, history, body.documents, body.years, body.top_k)

    @app.post("/v1/search", summary="检索段落", response_model=HitsBody)
    def search(body: SearchBody, request: Request) -> Any:
        return {"hits": _assistant(request).search(body.query, body.top_k, body.documents)}

    @app.get("/v1/documents", summary="文件清单")
    def documents(request: Request) -> list[DocumentBody]:
        return [DocumentBody(**_about(document)) for document in _assistant(request).documents]

    @app.get("/v1/documents/{document_id}", summary="一份文件及其目录")
    def document(document_id: str, request: Request) -> OutlineBody:
        read = _assistant(request).document(document_id)
        outline = [HeadingBody(level=h.level, text=h.text, start=h.span.start, end=h.span.end) for h in read.outline]
        return OutlineBody(**_about(read), outline=outline)

    @app.get("/v1/documents/{document_id}/text", summary="原文")
    def text(
        document_id: str, request: Request, start: Annotated[int, Query(ge=0)] = 0, end: Annotated[int | None, Query(ge=0)] = None
    ) -> TextBody:
        stored = _assistant(request).document(document_id).document.text
        last = len(stored) if end is None else min(end, len(stored))
        if start > last:
            raise HTTPException(422, f"start={start} 大于 end={last}；全文共 {len(stored)} 字。")
        return TextBody(id=document_id, start=start, end=last, text=stored[start:last])

    @app.get("/v1/tasks", summary="任务清单")
    def tasks(
        request: Request,
        unit: Annotated[str, Query(max_length=50, description="单位，可用简称")] = "",
        role: Annotated[Literal["lead", "cooperate", "any"], Query(description="牵头、配合或不限")] = "any",
        chapter: Annotated[str, Query(max_length=100, description="章节标题中的文字")] = "",
        q: Annotated[str, Query(max_length=100, description="任务中的文字")] = "",
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    ) -> TasksBody:
        found = _assistant(request).tasks(unit, role, chapter, q)
        page = [
            TaskBody(
                document_id=task.document_id,
                number=task.number,
                text=task.text,
                heading_path=list(task.heading_path),
                lead_units=list(task.lead_units),
                cooperating_units=list(task.cooperating_units),
                open_ended=task.open_ended,
                start=task.span.start,
                end=task.span.end,
            )
            for task in found[offset : offset + limit]
        ]
        return TasksBody(tasks=page, total=len(found), offset=offset)

    @app.get("/v1/measures", summary="指标表中的值")
    def measures(
        request: Request,
        indicator: Annotated[str, Query(max_length=100, description="指标名中的文字")] = "",
        year: Annotated[int | None, Query(description="年份")] = None,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    ) -> MeasuresBody:
        found = _assistant(request).measures(indicator, year)
        page = [
            MeasureBody(
                document_id=measure.document_id,
                indicator=measure.indicator,
                unit=measure.unit,
                year=measure.year,
                kind=measure.kind.value,
                value=measure.value,
                group=measure.group,
                parent=measure.parent,
                attribute=measure.attribute,
                marks=list(measure.marks),
                note=measure.note,
                table=measure.table,
                start=measure.row.start,
                end=measure.row.end,
            )
            for measure in found[offset : offset + limit]
        ]
        return MeasuresBody(measures=page, total=len(found), offset=offset)


def _about(read: ReadDocument) -> dict[str, Any]:
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


def _problem(request: Request, status: int, detail: str) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": _TITLES.get(status, "请求未能完成"),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    return JSONResponse(body, status_code=status, media_type=PROBLEM)


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def http_error(request: Request, exc: HTTPException) -> JSONResponse:
        detail = {
            400: "请求体不是合法的 UTF-8 编码的 JSON，请检查编码和内容。",
            404: f"没有 {request.url.path} 这个地址，接口说明见 /docs。",
            405: f"{request.url.path} 不支持 {request.method}。",
        }
        plain = exc.detail if re.search(r"[\u4e00-\u9fff]", str(exc.detail)) else detail.get(exc.status_code, str(exc.detail))
        return _problem(request, exc.status_code, plain)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        return _problem(request, 422, _explained(exc.errors()))

    @app.exception_handler(JudianError)
    async def known(request: Request, exc: JudianError) -> JSONResponse:
        status = {QuestionError: 422, UnknownDocumentError: 404, IndexMissingError: 503, IndexMismatchError: 503}.get(type(exc), 500)
        return _problem(request, status, str(exc))

    @app.exception_handler(Exception)
    async def unknown(request: Request, exc: Exception) -> JSONResponse:
        _log.error("unexpected error", exc_info=exc)
        return _problem(request, 500, "服务内部出错，已记录；请稍后再试。")


_REASONS: dict[str, str] = {
    "missing": "缺少字段 {where}",
    "extra_forbidden": "不认识字段 {where}，请去掉",
    "string_too_short": "{where} 不能为空",
    "string_too_long": "{where} 过长，至多 {max_length} 字",
    "too_long": "{where} 过多，至多 {max_length} 个",
    "greater_than_equal": "{where} 不能小于 {ge}",
    "less_than_equal": "{where} 不能大于 {le}",
    "json_invalid": "请求体不是合法的 JSON",
    "model_attributes_type": "{where} 应是一个 JSON 对象，请求头要有 Content-Type: application/json",
    "literal_error": "{where} 只能是 {expected}",
}


def _explained(errors: Sequence[Any]) -> str:
    """What is wrong with a request, in Chinese."""
    reasons = []
    for error in errors[:5]:
        where = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path")) or "请求体"
        template = _REASONS.get(error["type"], "{where} 的类型或取值不对")
        reasons.append(template.format(where=where, **{"max_length": "", "ge": "", "le": "", "expected": "", **error.get("ctx", {})}))
    return "；".join(reasons) + "。"
