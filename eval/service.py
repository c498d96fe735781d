"""The service as users run it, under `judian run`, for what measures it from outside; and how any process of it is started and watched.

It stands in a folder of its own that borrows the index: with keys, with its record of questions, with rates switched off.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from corpus.errors import ServiceError
from rag.config import Settings

KEYS = 500

COMMAND = [sys.executable, "-P", "-m", "ui.command.main"]
"""The command line of judian: named, not imported, as the faces lie above this package."""

_PATIENCE_S = 300.0


class RunningService:
    """The API on `port`, the page on `page_port`, what they keep under `home`, and KEYS keys to the API."""

    def __init__(self, home: Path, port: int, page_port: int, process: subprocess.Popen[bytes], keys: Sequence[str]) -> None:
        self.home = home
        self.port = port
        self.page_port = page_port
        self.keys = keys
        self._process = process

    def api_process(self) -> int:
        """Raises ServiceError where none runs."""
        for child in children(self._process.pid):
            with suppress(OSError):
                if b"\0serve\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        raise ServiceError("接口没有在运行。")

    def memory(self) -> int:
        """Bytes of the API's processes, what they share counted once; 0 where it cannot be told."""
        with suppress(OSError, ServiceError):
            return family_bytes(self.api_process()) or 0
        return 0

    def processor_s(self) -> float:
        """Seconds of processor time that the API's processes have had so far."""
        ticks = 0
        for process in family(self.api_process()):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def wait(self) -> float:
        """Seconds until the service is ready. Raises ServiceError when it ends or takes too long."""
        began = time.perf_counter()
        while time.perf_counter() - began < _PATIENCE_S:
            if self._process.poll() is not None:
                raise ServiceError(f"服务未能启动（代码 {self._process.returncode}），原因见上面的输出。")
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False, timeout=5.0).status_code == 200:
                    return time.perf_counter() - began
            time.sleep(0.1)
        raise ServiceError(f"服务 {_PATIENCE_S:.0f} 秒内没有就绪。")


@contextmanager
def running_service(settings: Settings) -> Iterator[RunningService]:
    """The service with the index of the settings' home, ready; ended with the block. Raises ServiceError when it does not start."""
    with tempfile.TemporaryDirectory(prefix="judian-measured-") as folder:
        home = Path(folder)
        for name in ("index", "models", "corpus"):
            if (settings.home / name).exists():
                (home / name).symlink_to((settings.home / name).absolute())
        api_port, page_port = free_ports(2)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")},
            "JUDIAN_HOME": folder,
            "JUDIAN_MODEL": settings.model,
            "JUDIAN_API_PORT": str(api_port),
            "JUDIAN_PAGE_PORT": str(page_port),
            "JUDIAN_API_KEYS": "on",
            "JUDIAN_KEY_RATE": "off",
            "JUDIAN_ADDRESS_RATE": "off",
        }
        keys = subprocess.run(
            [*COMMAND, "keys", "add", "load", "--count", str(KEYS)], env=environment, capture_output=True, text=True, check=True
        )
        process = subprocess.Popen([*COMMAND, "run"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            service = RunningService(home, api_port, page_port, process, keys.stdout.split())
            service.wait()
            yield service
        finally:
            process.terminate()
            process.wait()


def children(process: int) -> list[int]:
    """The processes that any thread of a process started and that have not ended."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def family(process: int) -> list[int]:
    """A process, and those that it started."""
    return [process, *children(process)]


def family_bytes(process: int) -> int | None:
    """Bytes in memory of a process and those that it started; of what several map, each counts its share (PSS). None where the system does not say."""
    try:
        own = [_field_bytes(Path(f"/proc/{member}/smaps_rollup"), "Pss") for member in family(process)]
    except OSError:
        return None
    return sum(filter(None, own))


def status_bytes(process: int | str, field: str) -> int | None:
    """Bytes by a field of Linux's status of a process (or "self"): VmRSS now, VmHWM at most so far; None elsewhere."""
    try:
        return _field_bytes(Path(f"/proc/{process}/status"), field)
    except OSError:
        return None


def _field_bytes(file: Path, field: str) -> int | None:
    return next((1024 * int(line.split()[1]) for line in file.read_text("utf-8").splitlines() if line.startswith(f"{field}:")), None)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
