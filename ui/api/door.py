"""What every request passes first and every response last: an id, the headers that keep browsers careful, a line in the log, the counters."""

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.metrics import Metrics
from ui.api.visit import Visit, enter

GONE = 499
"""The status under which a request is counted whose client left before it was answered."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src blob:; frame-ancestors 'none'"
)

_log = logging.getLogger("judian.access")


class Door:
    """Outermost: a response without it leaves the service only where the connection itself is at fault."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit, started, status = Visit(), time.perf_counter(), GONE
        enter(visit)

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _mark(MutableHeaders(raw=message["headers"]), visit)
            await send(message)

        with self._metrics.in_flight.track_inprogress():
            try:
                await self.app(scope, receive, send_marked)
            except Exception:
                status = 500 if status == GONE else status
                raise
            finally:
                self._leave(scope, visit, status, time.perf_counter() - started)

    def _leave(self, scope: Scope, visit: Visit, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH") else "other"
        self._metrics.requests.labels(method, path, str(status)).inc()
        self._metrics.request_seconds.labels(path).observe(seconds)
        facts = {
            "request_id": visit.id,
            "method": method,
            "path": path,
            "status": status,
            "milliseconds": round(1000 * seconds, 1),
            "key": visit.key,
        }
        _log.info("request", extra={"facts": facts})


def _mark(headers: MutableHeaders, visit: Visit) -> None:
    headers["X-Request-ID"] = visit.id
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    is_page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _DATA_POLICY)
    if not is_page:
        headers.setdefault("Cache-Control", "no-store")
