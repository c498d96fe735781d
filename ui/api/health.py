"""Whether the service is ready."""

from fastapi import APIRouter, Request

from ui.api.problems import described
from ui.api.schemas import HealthBody
from ui.api.serving import CurrentAssistant

router = APIRouter(tags=["服务"], responses=described(500, 503))


@router.get("/healthz", summary="服务是否就绪")
def healthz(request: Request, assistant: CurrentAssistant) -> HealthBody:
    """就绪时为 200；还没有可用的索引时为 503。"""
    state = request.app.state
    return HealthBody(
        status="ok",
        documents=len(assistant.documents),
        built=assistant.built,
        updating=state.indexer.updating,
        problem=state.indexer.problem or state.served.problem,
    )
