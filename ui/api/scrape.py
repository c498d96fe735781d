"""What the service tells Prometheus."""

from fastapi import APIRouter, Request, Response

from ui.api.metrics import CONTENT_TYPE, Metrics

router = APIRouter()


@router.get("/metrics", summary="运行指标", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """请求数、耗时、弃答、缓存命中等，Prometheus 文本格式。"""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=CONTENT_TYPE)
