"""The HTTP API: the one process that owns the index and the encoder."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.gzip import GZipMiddleware

from rag.assistant import Assistant
from rag.config import Settings, read_settings
from ui.api import ask, documents, health, records
from ui.api.body import BODY_LIMIT, BodyLimit
from ui.api.problems import add_error_handlers
from ui.api.serving import Served


def create_app(load: Callable[[], Assistant], settings: Settings | None = None) -> FastAPI:
    """The service over an assistant that `load` brings up when the service starts; `settings` are those of the environment unless given.

    A JudianError while loading leaves the service up, answering 503 with the error's words.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.served.load()
        yield

    app = FastAPIOffline(title="据典", version="1", description="政策文件问答：每句话都有原文出处。", lifespan=lifespan)
    app.state.settings = settings or read_settings()
    app.state.served = Served(load)
    for part in (ask, documents, records, health):
        app.include_router(part.router)
    add_error_handlers(app)
    _add_middleware(app)
    return app


def _add_middleware(app: FastAPI) -> None:
    """What every request passes through; what is added last is passed first."""
    app.add_middleware(GZipMiddleware, minimum_size=2048)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT)
