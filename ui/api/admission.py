"""Who is let in: the rate of the address, the key, the rate of the key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import SettingError
from rag.config import Settings
from ui.api.keys import Key, KeyStore, Role
from ui.api.metrics import Metrics
from ui.api.problems import problem
from ui.api.rates import Rate, Standing, neighbourhood
from ui.api.visit import current_visit

OPEN = frozenset({"/healthz"})
"""Addresses that want no key and count towards no rate."""

_BEARER = re.compile(r"bearer +([\x21-\x7e]{1,200}) *", re.IGNORECASE)
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="judian"'}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in; `reason` is the word of the metrics."""

    status: int
    reason: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Admission:
    """Refuses before a byte of the body is read. Tells the name of the key to the visit, and in `scope["state"]` whether it is an administrator's."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self._keys = KeyStore(settings.keys_file) if settings.api_keys else None
        self._address_rate = Rate("address", settings.address_rate, "JUDIAN_ADDRESS_RATE")
        self._key_rate = Rate("key", settings.key_rate, "JUDIAN_KEY_RATE")
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        host = request.client.host if request.client else ""
        standing = self._address_rate.hit(neighbourhood(host))
        refusal = _too_often(standing) if standing and not standing.allowed else None
        if refusal is None and self._keys is not None:
            refusal, key = self._checked(request, self._keys)
            if key is not None:
                current_visit().key = key.name
                scope.setdefault("state", {})["administrator"] = key.role is Role.ADMINISTRATOR
                of_key = self._key_rate.hit(key.name)
                refusal = _too_often(of_key) if of_key and not of_key.allowed else None
                standing = of_key or standing
        if refusal is not None:
            self._metrics.refusals.labels(refusal.reason).inc()
            response = problem(request, refusal.status, refusal.detail)
            response.headers.update(refusal.headers)
            await response(scope, receive, send)
            return
        await self.app(scope, receive, _telling(send, standing))

    def _checked(self, request: Request, keys: KeyStore) -> tuple[Refusal | None, Key | None]:
        token = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if token is None:
            return Refusal(401, "no key", "需要密钥：请求头要有 Authorization: Bearer 密钥；密钥由管理员发放。", _CHALLENGE), None
        try:
            key = keys.find(token[1])
        except SettingError as exc:
            return Refusal(503, "keys unreadable", str(exc)), None
        if key is None:
            return Refusal(401, "wrong key", "密钥不对或已撤销，请向管理员核实。", _CHALLENGE), None
        return None, key


def _too_often(standing: Standing) -> Refusal:
    whose = "这个密钥" if standing.name == "key" else "这个地址"
    detail = f"{whose}的请求过于频繁（每 {standing.window_s} 秒至多 {standing.quota} 次），请在 {max(1, standing.reset_s)} 秒后再试。"
    return Refusal(429, f"{standing.name} rate", detail, standing.headers())


def _telling(send: Send, standing: Standing | None) -> Send:
    if standing is None:
        return send

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message["headers"]).update(standing.headers())
        await send(message)

    return telling
