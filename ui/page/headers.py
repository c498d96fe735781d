"""What the page adds to its responses: a token that tells one browser from another, and headers that let nothing out."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.page.signin import COOKIE

_YEAR_S = 365 * 24 * 3600

# Streamlit's own scripts need the two unsafe words; what counts here is that nothing is fetched from, sent to or framed by another site.
_POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' ws: wss: data: blob:; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


class PageHeaders:
    """Adds the headers to every response, and the cookie to a page that a browser without one opens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = f"{COOKIE}=".encode() in dict(scope["headers"]).get(b"cookie", b"")

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *((name.encode(), value.encode()) for name, value in _HEADERS.items())]
                if not known and dict(headers).get(b"content-type", b"").startswith(b"text/html"):
                    headers.append((b"set-cookie", _cookie(scope).encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, dressed)


def _cookie(scope: Scope) -> str:
    """A fresh token that scripts cannot read and other sites cannot send."""
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Lax{secure}"
