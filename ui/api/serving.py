"""The assistant that the service answers with at this moment."""

import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from corpus.errors import JudianError
from rag.assistant import Assistant

_log = logging.getLogger("judian.api")


class Served:
    """Holds the assistant, or the words that say why there is none; who has taken it out keeps it until done."""

    def __init__(self, load: Callable[[], Assistant]) -> None:
        self.assistant: Assistant | None = None
        self.problem = "索引正在载入，请稍候再试。"
        self._load = load

    def load(self) -> None:
        """Brings the assistant up. A JudianError leaves what was there, and its words where nothing was."""
        try:
            self.assistant = self._load()
        except JudianError as exc:
            _log.error("%s", exc)
            self.problem = str(exc)


def current_assistant(request: Request) -> Assistant:
    """The assistant for one request. Raises 503 while there is none."""
    served: Served = request.app.state.served
    if served.assistant is None:
        raise HTTPException(503, served.problem)
    return served.assistant


CurrentAssistant = Annotated[Assistant, Depends(current_assistant)]
"""A parameter of an endpoint that is the assistant."""
