"""What the service tells Prometheus."""

from typing import Any

from fastapi import APIRouter, Request, Response

from ui.api.metrics import CONTENT_TYPE, Metrics
from ui.api.problems import refusals

router = APIRouter(tags=["服务"], responses=refusals())

_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/metrics", summary="运行指标", response_class=Response, responses=_TEXT)
def metrics(request: Request) -> Response:
    """请求数、耗时、弃答、缓存命中等，Prometheus 文本格式。"""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=CONTENT_TYPE)
