"""Every error as application/problem+json (RFC 9457), in Chinese, saying what to change."""

import logging
import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from corpus.errors import (
    ChatModelBusyError,
    DocumentConflictError,
    DocumentError,
    IndexMismatchError,
    IndexMissingError,
    JudianError,
    QuestionError,
    UnknownDocumentError,
)

PROBLEM = "application/problem+json"
_log = logging.getLogger("judian.api")

TITLES = {
    400: "请求有误",
    401: "需要密钥",
    403: "没有权限",
    404: "没有找到",
    405: "方法不支持",
    409: "与现状冲突",
    413: "请求过大",
    422: "请求内容不合要求",
    429: "请求过于频繁",
    500: "服务内部错误",
    503: "服务暂时不可用",
}

EXAMPLE_DETAILS = {
    400: "请求体不是合法的 UTF-8 编码的 JSON，请检查编码和内容。",
    401: "需要密钥：请求头要有 Authorization: Bearer 密钥；密钥由管理员发放。",
    403: "只有管理员可以添加或移除文件：请使用管理员的密钥，或在服务所在的机器上直接操作。",
    404: "没有编号为 '999' 的文件；现有：000、001、002、003、004。",
    409: "000 是随软件提供的文件，不能移除。",
    413: "请求过大，至多 1000 KB，请缩短后再试。",
    422: "question 不能为空。",
    429: "请求过于频繁，请稍候再试。",
    500: "服务内部出错，已记录；请稍后再试。",
    503: "还没有索引：请运行 judian index build 建立。",
}

EVERYWHERE = (401, 429, 500, 503)
"""Refusals that every endpoint knows but the one that tells whether the service is ready."""

_STATUS = {
    QuestionError: 422,
    DocumentConflictError: 409,
    DocumentError: 422,
    UnknownDocumentError: 404,
    IndexMissingError: 503,
    IndexMismatchError: 503,
    ChatModelBusyError: 503,
}

_CHAT = ("/v1/chat/", "/v1/models")
UNFORESEEN = "服务内部出错，已记录；请稍后再试。"


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the description of the interface says of the errors of an endpoint."""
    return described(*statuses, *EVERYWHERE)


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same for an endpoint that knows no other errors than these."""
    return {status: {"description": TITLES[status], "content": {PROBLEM: _media(status)}} for status in statuses}


def problem_body(path: str, status: int, detail: str) -> dict[str, Any]:
    """The fields of a ProblemBody."""
    return {"type": "about:blank", "title": TITLES.get(status, "请求未能完成"), "status": status, "detail": detail, "instance": path}


def problem(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    body = problem_body(request.url.path, status, detail)
    if request.url.path.startswith(_CHAT):
        # A member of its own, as RFC 9457 allows: chat clients look for the words of an error there.
        body["error"] = {"message": detail, "type": body["title"], "param": None, "code": str(status)}
    return JSONResponse(body, status_code=status, media_type=PROBLEM, headers=headers)


def problem_of(path: str, error: Exception) -> dict[str, Any]:
    """What goes wrong once an answer has begun; the unforeseen is written to the log."""
    if isinstance(error, JudianError):
        return problem_body(path, status_of(error), str(error))
    _log.error("unexpected error", exc_info=error)
    return problem_body(path, 500, UNFORESEEN)


def status_of(error: JudianError) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def http_error(request: Request, exc: HTTPException) -> JSONResponse:
        detail = {
            400: EXAMPLE_DETAILS[400],
            404: f"没有 {request.url.path} 这个地址，接口说明见 /docs。",
            405: f"{request.url.path} 不支持 {request.method}。",
        }
        plain = exc.detail if re.search(r"[\u4e00-\u9fff]", str(exc.detail)) else detail.get(exc.status_code, str(exc.detail))
        return problem(request, exc.status_code, plain, dict(exc.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        return problem(request, 422, explained(exc.errors()))

    @app.exception_handler(JudianError)
    async def known(request: Request, exc: JudianError) -> JSONResponse:
        return problem(request, status_of(exc), str(exc))

    @app.exception_handler(Exception)
    async def unknown(request: Request, exc: Exception) -> JSONResponse:
        _log.error("unexpected error", exc_info=exc)
        return problem(request, 500, UNFORESEEN)


_REASONS: dict[str, str] = {
    "missing": "缺少字段 {where}",
    "extra_forbidden": "不认识字段 {where}，请去掉",
    "string_too_short": "{where} 不能为空",
    "string_too_long": "{where} 过长，至多 {max_length} 字",
    "too_long": "{where} 过多，至多 {max_length} 个",
    "too_short": "{where} 过少，至少 {min_length} 个",
    "greater_than_equal": "{where} 不能小于 {ge}",
    "less_than_equal": "{where} 不能大于 {le}",
    "json_invalid": "请求体不是合法的 JSON",
    "model_attributes_type": "{where} 应是一个 JSON 对象，请求头要有 Content-Type: application/json",
    "literal_error": "{where} 只能是 {expected}",
}


def explained(errors: Sequence[Any]) -> str:
    """What is wrong with a request, in Chinese."""
    reasons = []
    for error in errors[:5]:
        where = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path")) or "请求体"
        template = _REASONS.get(error["type"], "{where} 的类型或取值不对")
        known = {"max_length": "", "min_length": "", "ge": "", "le": "", "expected": ""}
        reasons.append(template.format(where=where[:100], **{**known, **error.get("ctx", {})}))
    return "；".join(reasons) + "。"


def _media(status: int) -> dict[str, Any]:
    example = problem_body("/v1/ask", status, EXAMPLE_DETAILS[status])
    return {"schema": {"$ref": "#/components/schemas/ProblemBody"}, "example": example}
