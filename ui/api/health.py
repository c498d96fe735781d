"""Whether the service is ready."""

from typing import Any

from fastapi import APIRouter

from ui.api.serving import CurrentAssistant

router = APIRouter()


@router.get("/healthz", summary="服务是否就绪")
def healthz(assistant: CurrentAssistant) -> dict[str, Any]:
    return {"status": "ok", "documents": len(assistant.documents), "built": assistant.built}
