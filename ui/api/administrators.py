"""Who may change the library of documents.

Where keys are asked for, what checks them says in `scope["state"]["administrator"]` (read here as `request.state.administrator`) whether the key
is an administrator's. Where none are asked for, whoever asks from this machine itself is one: neither through a proxy nor from a page of
another site that a browser on this machine shows.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def require_administrator(request: Request) -> None:
    """Raises 403 for whoever is no administrator."""
    administrator = getattr(request.state, "administrator", None)
    if administrator is None:
        administrator = _asks_from_this_machine(request)
    if not administrator:
        raise HTTPException(403, "只有管理员可以添加或移除文件：请使用管理员的密钥，或在服务所在的机器上直接操作。")


def _asks_from_this_machine(request: Request) -> bool:
    if request.client is None or not _is_loopback(request.client.host):
        return False
    if any(header in request.headers for header in _FORWARDED):
        return False
    named = [urlsplit(f"//{request.headers.get('host', '')}").hostname]
    if "origin" in request.headers:
        named.append(urlsplit(request.headers["origin"]).hostname)
    return all(name is not None and _is_loopback(name) for name in named)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
