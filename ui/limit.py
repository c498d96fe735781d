"""A limit on what a request may carry, so that no client can fill the memory of the service."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_BODY = 1_000_000
"""Bytes. The longest question with the longest history takes half of it, every character written as an escape."""


class BodyLimit:
    """Refuses a body of more than `limit` bytes with 413: at once where its length is declared, else as soon as too much has come."""

    def __init__(self, app: ASGIApp, limit: int = LONGEST_BODY) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        received = 0

        async def limited() -> Message:
            nonlocal received
            self._check(int(declared) if declared.isdigit() else 0)
            message = await receive()
            received += len(message.get("body", b""))
            self._check(received)
            return message

        await self._app(scope, limited, send)

    def _check(self, length: int) -> None:
        if length > self._limit:
            raise HTTPException(413, f"请求体过大，至多 {self._limit // 1000} KB；请缩短问题或此前的对话。")
