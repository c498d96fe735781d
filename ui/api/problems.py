"""Every error as application/problem+json (RFC 9457), in Chinese, saying what to change."""

import logging
import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from corpus.errors import IndexMismatchError, IndexMissingError, JudianError, QuestionError, UnknownDocumentError

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


def problem(request: Request, status: int, detail: str) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": _TITLES.get(status, "请求未能完成"),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    return JSONResponse(body, status_code=status, media_type=PROBLEM)


def add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def http_error(request: Request, exc: HTTPException) -> JSONResponse:
        detail = {
            400: "请求体不是合法的 UTF-8 编码的 JSON，请检查编码和内容。",
            404: f"没有 {request.url.path} 这个地址，接口说明见 /docs。",
            405: f"{request.url.path} 不支持 {request.method}。",
        }
        plain = exc.detail if re.search(r"[\u4e00-\u9fff]", str(exc.detail)) else detail.get(exc.status_code, str(exc.detail))
        return problem(request, exc.status_code, plain)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        return problem(request, 422, _explained(exc.errors()))

    @app.exception_handler(JudianError)
    async def known(request: Request, exc: JudianError) -> JSONResponse:
        status = {QuestionError: 422, UnknownDocumentError: 404, IndexMissingError: 503, IndexMismatchError: 503}.get(type(exc), 500)
        return problem(request, status, str(exc))

    @app.exception_handler(Exception)
    async def unknown(request: Request, exc: Exception) -> JSONResponse:
        _log.error("unexpected error", exc_info=exc)
        return problem(request, 500, "服务内部出错，已记录；请稍后再试。")


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
