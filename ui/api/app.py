"""The HTTP API."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from rag.assistant import Assistant
from rag.config import Settings, read_settings
from ui.api import ask, chat_completions, documents, feedback, health, records, scrape
from ui.api.admission import Admission
from ui.api.attended import AttendedAssistant, open_attendance
from ui.api.body import BODY_LIMIT, BodyLimit
from ui.api.contract import TAGS, describe, operation_id
from ui.api.door import Door
from ui.api.indexing import Indexer
from ui.api.limits import AtOnce
from ui.api.metrics import Metrics
from ui.api.problems import add_error_handlers
from ui.api.serving import Served

PARTS = (ask, documents, records, feedback, chat_completions, health, scrape)


def create_app(load: Callable[[], Assistant], settings: Settings | None = None, metrics: Metrics | None = None) -> FastAPI:
    """The service over an assistant that `load` brings up when the service starts; `settings` are those of the environment unless given.

    A JudianError while loading leaves the service up, answering 503 with the error's words, until there is an index that can be loaded.
    """
    app = FastAPIOffline(
        title="据典",
        version="1",
        description="政策文件问答：每句话都有原文出处。",
        lifespan=_lifespan,
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
    )
    app.state.settings = settings or read_settings()
    app.state.metrics = metrics or Metrics()
    attendance = open_attendance(app.state.settings, app.state.metrics)
    app.state.served = Served(lambda: AttendedAssistant(load(), attendance), app.state.settings.index_folder / "manifest.json")
    app.state.indexer = Indexer(app.state.settings)
    for part in PARTS:
        app.include_router(part.router)
    add_error_handlers(app)
    _add_middleware(app, app.state.settings, app.state.metrics)
    describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.served.load()
    watching = asyncio.create_task(app.state.served.watch())
    try:
        yield
    finally:
        watching.cancel()
        app.state.indexer.stop()
        app.state.served.close()


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """What every request passes through; what is added last is passed first."""
    app.add_middleware(GZipMiddleware, minimum_size=2048)
    app.add_middleware(AtOnce, most=settings.at_once, seconds=settings.time_limit, metrics=metrics)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT)
    app.add_middleware(Admission, settings=settings, metrics=metrics)
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST", "DELETE"], allow_headers=["*"], expose_headers=["*"]
        )
    app.add_middleware(Door, metrics=metrics)
