"""The processes of the service: the API, the chat page, and the one that starts, watches and ends them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from types import FrameType

import httpx

from corpus.errors import ServiceError
from rag.config import Settings
from ui.api.keys import KeyStore, Role
from ui.page.launch import page_command

SELF = [sys.executable, "-P", "-m", "ui.command.main"]
"""The command line of judian, wherever the process stands: -P keeps the folder it stands in out of the imports."""

LOOPBACK = "127.0.0.1"
PAGE = "对话页面"
MOST_CONNECTIONS = 800
"""Open connections beyond which the API answers 503: fewer than the files that a process may usually have open."""

_POLL_S = 0.2
_PATIENCE_S = 10.0
_DEATHS = 5
_DEATHS_WITHIN_S = 60.0

Say = Callable[[str], None]
"""Tells the user what happens, a line at a time."""


class Part:
    """One process of the service. `health` is the address that answers 200 once it is ready, `name` what messages call it.

    `environment` is added to that of this process; told to end, the part has `patience_s` seconds to finish what it is at.
    """

    def __init__(
        self, name: str, command: Sequence[str], health: str, environment: Mapping[str, str] | None = None, patience_s: float = _PATIENCE_S
    ) -> None:
        self.name = name
        self.health = health
        self._command = list(command)
        self._environment = dict(environment or {})
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: list[float] = []

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the watcher alone, which then ends its parts in order.
        self._process = subprocess.Popen(
            self._command,
            env={**os.environ, **self._environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def exit_code(self) -> int | None:
        return None if self._process is None else self._process.poll()

    def revive(self) -> None:
        """Starts again after a death. Raises ServiceError where it keeps dying."""
        now = time.monotonic()
        self._deaths = [*(at for at in self._deaths if now - at < _DEATHS_WITHIN_S), now]
        if len(self._deaths) >= _DEATHS:
            raise ServiceError(f"{self.name}一分钟内退出了 {_DEATHS} 次，不再重启；原因见上面的输出。")
        self.start()

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(self._patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(settings: Settings, port: int) -> None:
    """Serves the API from this process until it is told to end; what is in flight then is finished within the time limit of a request."""
    # Many questions are worked on side by side: threads that help one search only get in the way of another. Read when the libraries load.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import uvicorn

    from ui.api.app import create_app
    from ui.api.connection import PatientConnection
    from ui.api.logs import start_log
    from ui.api.metrics import Metrics
    from ui.api.pooled import pooled

    start_log(settings.log_file)
    metrics = Metrics()
    app = create_app(lambda: pooled(settings, metrics.cached), settings, metrics)
    uvicorn.run(
        app,
        host=settings.host,
        port=port,
        http=PatientConnection,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=settings.time_limit,
    )


def check_exposure(settings: Settings, insecure: bool) -> None:
    """Raises ServiceError where the API would listen beyond this machine and ask nobody for a key."""
    if is_loopback(settings.host) or settings.api_keys or insecure:
        return
    raise ServiceError(
        f"接口在 {settings.host} 上会向其他机器开放，而现在不要求密钥：请设置 JUDIAN_API_KEYS=on 并用 judian keys add 发放密钥；"
        "网络确已隔离时可加 --insecure。"
    )


def page_host(settings: Settings, insecure: bool) -> str:
    """Where the page listens: beyond this machine only where users sign in, or where that was said to be wanted."""
    return settings.host if insecure or is_loopback(settings.host) or settings.secrets_file.exists() else LOOPBACK


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def page_key(settings: Settings) -> str:
    """The key that the page shows to the API: the one that is set, else a fresh one under the page's name; none where none is asked for."""
    if settings.api_key or not settings.api_keys:
        return settings.api_key
    return KeyStore(settings.keys_file).renew(PAGE, Role.ADMINISTRATOR)


def api_part(settings: Settings, port: int, insecure: bool = False) -> Part:
    command = [*SELF, "serve", "--port", str(port), *(["--insecure"] if insecure else [])]
    return Part("接口", command, f"{local_url(settings.host, port)}/healthz", patience_s=settings.time_limit + _PATIENCE_S)


def page_part(settings: Settings, host: str, port: int, service_url: str, key: str = "") -> Part:
    environment = {"JUDIAN_API_KEY": key} if key else {}
    command = page_command(host, port, service_url, settings.secrets_file)
    return Part(PAGE, command, f"{local_url(host, port)}/_stcore/health", environment)


def watch(parts: Sequence[Part], ready: Callable[[], None], say: Say) -> None:
    """Starts the parts, calls `ready` when all of them answer, revives those that die, and ends all on Ctrl-C or a signal to end.

    Raises ServiceError when a part cannot start, is not ready for a reason that waiting does not mend, or keeps dying.
    """
    with _told_to_end() as end:
        try:
            for part in parts:
                part.start()
            if _all_ready(parts, end):
                ready()
            while not end.wait(_POLL_S):
                for part in parts:
                    code = part.exit_code()
                    if code is not None:
                        say(f"{part.name}意外退出（代码 {code}），正在重新启动……")
                        part.revive()
        finally:
            for part in reversed(parts):
                part.stop()


def free_port(host: str, port: int, variable: str) -> int:
    """The port if it can be listened on; one that the system chooses for 0. Raises ServiceError that names the setting `variable`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OverflowError as exc:
            raise ServiceError(f"端口 {port} 不存在：请用 {variable} 指定 1 到 65535 的端口。") from exc
        except PermissionError as exc:
            raise ServiceError(f"没有权限使用端口 {port}：请用 {variable} 换一个 1024 以上的端口。") from exc
        except OSError as exc:
            if not _can_bind(family, host):
                raise ServiceError(f"本机没有 {host} 这个地址：请检查 JUDIAN_HOST。") from exc
            raise ServiceError(f"端口 {port} 已被占用（{host}:{port}）：请先停止占用它的程序，或用 {variable} 换一个端口。") from exc
        return int(listener.getsockname()[1])


def local_url(host: str, port: int) -> str:
    """Where this machine reaches a service that listens on `host`; all addresses include the loopback one."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def service_url(settings: Settings) -> str:
    """Where the API is: the address that the settings name, else the one that they would start it on."""
    return settings.api_url.rstrip("/") or local_url(settings.host, settings.api_port)


def is_running(url: str) -> bool:
    """Whether a ready 据典 answers at `url`."""
    try:
        response = httpx.get(f"{url}/healthz", timeout=httpx.Timeout(5.0, connect=0.5), trust_env=False)
        return response.status_code == 200 and response.json().get("status") == "ok"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError):
        return False


def _all_ready(parts: Sequence[Part], end: threading.Event) -> bool:
    """Waits for the parts; False when told to end before they are ready."""
    for part in parts:
        while not _is_ready(part):
            code = part.exit_code()
            if code is not None:
                raise ServiceError(f"{part.name}未能启动（代码 {code}），原因见上面的输出。")
            if end.wait(_POLL_S):
                return False
    return True


def _is_ready(part: Part) -> bool:
    """Whether the part answers. Raises ServiceError with the part's own words where it says that it will not get ready by itself."""
    try:
        response = httpx.get(part.health, timeout=5.0, trust_env=False)
    except httpx.HTTPError:
        return False
    if response.status_code == 503 and "problem+json" in response.headers.get("content-type", ""):
        raise ServiceError(str(response.json()["detail"]))
    return response.status_code == 200


def _can_bind(family: socket.AddressFamily, host: str) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        try:
            listener.bind((host, 0))
        except OSError:
            return False
    return True


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """An event that Ctrl-C, a request to terminate or a closed terminal sets, for as long as the context lasts."""
    end = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        end.set()

    before = {which: signal.signal(which, told) for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield end
    finally:
        for which, handler in before.items():
            with suppress(TypeError):
                signal.signal(which, handler)
