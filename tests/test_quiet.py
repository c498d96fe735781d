"""Nothing leaves the machine: every process of the service runs with its way out watched and closed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from fastapi.testclient import TestClient
from websockets.sync.client import connect
from websockets.typing import Origin

from rag.assistant import Assistant
from ui.api.app import create_app
from ui.page.launch import page_command
from ui.quiet import go_offline, switch_off_telemetry

ROOT = Path(__file__).parents[1]
GROWTH = "2024年地区生产总值增长目标是多少？"

GUARD = """
import os, socket

_LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None}

def _refuse(what, address):
    host = address[0] if isinstance(address, tuple) else address
    host = host.decode() if isinstance(host, bytes) else host
    if host in _LOCAL or (isinstance(host, str) and host.startswith("/")):
        return
    with open(os.environ["GUARD_LOG"], "a") as log:
        log.write(f"{what} {address!r}\\n")
    raise OSError(f"no way out to {address!r}")

def _guarded(name):
    original = getattr(socket.socket, name)
    def call(self, *arguments):
        _refuse(name, arguments[-1])
        return original(self, *arguments)
    return call

for _name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, _name, _guarded(_name))

_resolve = socket.getaddrinfo
def getaddrinfo(host, *arguments, **options):
    _refuse("getaddrinfo", (host,))
    return _resolve(host, *arguments, **options)
socket.getaddrinfo = getaddrinfo
"""
"""A sitecustomize module: Python runs it at the start of every process. It logs and refuses whatever is not for this machine."""


@pytest.fixture
def guarded(tmp_path: Path, home: Path) -> dict[str, str]:
    """An environment whose Python processes have no way out, and log each try to GUARD_LOG."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
    (tmp_path / "tries").touch()
    # Someone's own tracing and statistics, which must not carry our questions out.
    talkative = {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "k",
        "LANGCHAIN_TRACING_V2": "true",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true",
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")}
    return {
        **own,
        **talkative,
        "PYTHONPATH": f"{tmp_path / 'guard'}:{ROOT}",
        "GUARD_LOG": str(tmp_path / "tries"),
        "JUDIAN_HOME": str(home),
        "JUDIAN_API_PORT": "0",
        "JUDIAN_PAGE_PORT": "0",
    }


def tries(environment: dict[str, str]) -> str:
    return Path(environment["GUARD_LOG"]).read_text("utf-8")


def run(environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)


@pytest.fixture
def service(guarded: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The addresses of the page and the API of a whole service without a way out."""
    process = subprocess.Popen([sys.executable, "-m", "ui.command.main", "run"], cwd=ROOT, env=guarded, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        page, api = (re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0] for _ in range(2))
        yield page, api
    finally:
        process.terminate()
        process.wait(30)


def test_the_guard_refuses_and_tells(guarded: dict[str, str]) -> None:
    done = run(guarded, "-c", "import socket; socket.socket().connect(('192.0.2.1', 80))")
    assert "no way out" in done.stderr
    done = run(guarded, "-c", "import socket; socket.getaddrinfo('example.org', 80)")
    assert "no way out" in done.stderr
    assert tries(guarded).splitlines() == ["connect ('192.0.2.1', 80)", "getaddrinfo ('example.org',)"]


def test_serving_and_asking_make_no_outbound_request(guarded: dict[str, str], service: tuple[str, str]) -> None:
    page, api = service
    with httpx.Client(trust_env=False, timeout=60) as client:
        assert "6%左右" in client.post(f"{api}/v1/ask", json={"question": GROWTH}).json()["answer"]
        assert client.post(f"{api}/v1/search", json={"query": "就业"}).json()["hits"]
        for path in ("/docs", "/redoc", "/openapi.json", "/v1/documents"):
            assert client.get(api + path).status_code == 200
        assert client.get(page).status_code == 200
    assert open_page(page)
    assert tries(guarded) == ""


def open_page(page: str) -> list[str]:
    """Opens the page as a browser does and gives back what it is told to show, until the script of the page has finished."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    told: list[str] = []
    with connect(f"{page.replace('http', 'ws', 1)}/_stcore/stream", origin=Origin(page), proxy=None, max_size=None) as socket:
        message = BackMsg()
        message.rerun_script.query_string = ""
        socket.send(message.SerializeToString())
        while "script_finished" not in told:
            data = socket.recv(timeout=60)
            assert isinstance(data, bytes)
            forward = ForwardMsg()
            forward.ParseFromString(data)
            told.append(str(forward.WhichOneof("type")))
    return [kind for kind in told if kind == "delta"]


def test_asking_in_process_makes_no_outbound_request(guarded: dict[str, str]) -> None:
    done = run(guarded, "-m", "ui.command.main", "ask", GROWTH, "--json")
    assert "6%左右" in json.loads(done.stdout)["answer"], done.stderr
    assert tries(guarded) == ""


def test_the_retriever_makes_no_outbound_request(guarded: dict[str, str]) -> None:
    code = "from ui.quiet import switch_off_telemetry as q; q(); from rag.langchain import open_retriever; print(len(open_retriever().invoke('就业')))"
    done = run(guarded, "-c", code)
    assert done.stdout == "10\n", done.stderr
    assert tries(guarded) == ""


def test_a_model_of_a_hub_is_looked_for_in_the_cache_alone(guarded: dict[str, str], tmp_path: Path) -> None:
    done = run({**guarded, "JUDIAN_MODEL": "no-such/model", "HF_HOME": str(tmp_path / "hub")}, "-m", "ui.command.main", "ask", GROWTH)
    assert done.returncode == 1
    assert "无法取得向量模型 no-such/model" in done.stderr
    assert "Traceback" not in done.stderr
    assert tries(guarded) == ""


def test_telemetry_is_off_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(variable, "true")
    for variable in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "DO_NOT_TRACK", "OTEL_SDK_DISABLED"):
        monkeypatch.setenv(variable, "0")
    switch_off_telemetry()
    go_offline()
    code = """
import huggingface_hub.constants as hub, langsmith.utils as smith
print(hub.HF_HUB_DISABLE_TELEMETRY, hub.HF_HUB_OFFLINE, bool(smith.tracing_is_enabled()))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True True False\n"


def test_streamlit_is_told_not_to_gather_statistics() -> None:
    command = page_command("127.0.0.1", 8501, "http://127.0.0.1:8000")
    assert "--browser.gatherUsageStats=false" in command
    assert "--server.headless=true" in command


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_carries_its_own_scripts(assistant: Assistant, path: str) -> None:
    with TestClient(create_app(lambda: assistant)) as client:
        page = client.get(path)
        links = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
        assert links
        assert "http" not in re.sub(r"<!--.*?-->", "", page.text, flags=re.DOTALL)
        for link in links:
            assert link.startswith("/")
            assert client.get(urljoin(path, link)).status_code == 200
