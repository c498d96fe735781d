"""How large a request may be."""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import problem

BODY_LIMIT = 1_000_000
"""Bytes of a request's body; no request that the API understands comes near, but for a document."""

UPLOAD_LIMIT = 50_000_000
"""Bytes of a request that brings a document."""


class BodyLimit:
    """Refuses a body that is too large with 413: by its declared length before a byte is read, else as soon as it has grown too long."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT, upload_limit: int = UPLOAD_LIMIT) -> None:
        self.app = app
        self.limit = limit
        self.upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.upload_limit if (scope["method"], scope["path"]) == ("POST", "/v1/documents") else self.limit
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        messages: list[Message] = []
        size = int(declared) if declared.isdigit() else 0
        more = size <= limit
        size = 0 if more else size
        while more:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            more = message.get("more_body", False) and size <= limit
        if size > limit:
            detail = f"请求过大，至多 {limit // 1000} KB，请缩短后再试。"
            await problem(Request(scope), 413, detail)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)
