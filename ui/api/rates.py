"""How often somebody may ask, through the `limits` library; the headers are those of draft-ietf-httpapi-ratelimit-headers-10."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from corpus.errors import SettingError

OFF = "off"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with a rate: `remaining` requests of `quota` in `window_s` seconds, the next one free again in `reset_s` seconds."""

    name: str
    allowed: bool
    quota: int
    window_s: int
    remaining: int
    reset_s: int

    def headers(self) -> Mapping[str, str]:
        told = {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w={self.window_s}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.reset_s}',
        }
        return told if self.allowed else {**told, "Retry-After": str(max(1, self.reset_s))}


class Rate:
    """A rate such as "600/minute" for each of many; `name` is what headers call it. Raises SettingError for what is no rate."""

    def __init__(self, name: str, setting: str, variable: str) -> None:
        self._name = name
        self._item = _parsed(setting, variable)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, who: str) -> Standing | None:
        """Counts a request; None where there is no limit."""
        if self._item is None:
            return None
        allowed = self._limiter.hit(self._item, who)
        stats = self._limiter.get_window_stats(self._item, who)
        reset_s = max(0, math.ceil(stats.reset_time - time.time()))
        return Standing(self._name, allowed, self._item.amount, self._item.get_expiry(), max(0, stats.remaining), reset_s)


def neighbourhood(host: str) -> str:
    """Whose requests count together: an IPv4 address, or the network of an IPv6 address, of which one subscriber has many."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False).network_address)
    return str(address)


def _parsed(setting: str, variable: str) -> RateLimitItem | None:
    if setting.lower() in (OFF, ""):
        return None
    try:
        item = parse(setting)
    except ValueError as exc:
        raise SettingError(f"环境变量 {variable}={setting!r} 应为 off 或形如 600/minute 的频率（second、minute、hour、day）。") from exc
    if item.amount < 1:
        raise SettingError(f"环境变量 {variable}={setting!r} 至少为 1 次，不限请写 off。")
    return item
