"""How large a request may be."""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import problem

BODY_LIMIT = 1_000_000
"""Bytes of a request's body; no request that the API understands comes near."""


class BodyLimit:
    """Refuses a body over `limit` bytes with 413: by its declared length before a byte is read, else as soon as it has grown too long."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        messages: list[Message] = []
        size = int(declared) if declared.isdigit() else 0
        more = size <= self.limit
        while more:
            message = await receive()
            messages.append(message)
            size = sum(len(part.get("body", b"")) for part in messages)
            more = message.get("more_body", False) and size <= self.limit
        if size > self.limit:
            detail = f"请求过大，至多 {self.limit // 1000} KB，请缩短后再试。"
            await problem(Request(scope), 413, detail)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)
