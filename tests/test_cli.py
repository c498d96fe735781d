"""The command line: what it says, to whom, and with which exit code; and `judian run` from start to end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
import uvicorn

from corpus.errors import IndexMissingError, ServiceError
from rag import wire
from rag.assistant import Assistant
from rag.config import Settings
from tests.letters import LetterEncoder, build_small
from ui.api.app import create_app
from ui.command import main as cli
from ui.command import serve

ROOT = Path(__file__).parents[1]
GROWTH = "2024年地区生产总值增长目标是多少"
METRO = "成都市2024年的地铁里程是多少"


def judian(*arguments: str) -> int:
    """Runs a command in this process; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["judian", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


def one_line_of_chinese(text: str) -> str:
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    assert re.search(r"[\u4e00-\u9fff]", text)
    assert "Traceback" not in text
    return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No setting of the machine's, no service of the machine's; what a command changes in the environment is put back."""
    for variable in [name for name in os.environ if name.startswith("JUDIAN_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("JUDIAN_HOME", str(home))
    monkeypatch.setenv("JUDIAN_API_PORT", str(free_port()))
    monkeypatch.setenv("JUDIAN_AUDIT", "off")
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(variable, "1")


@pytest.fixture
def _in_process(monkeypatch: pytest.MonkeyPatch, assistant: Assistant) -> None:
    """Commands that load the assistant get the one that is loaded already."""
    monkeypatch.setattr(wire, "open_assistant", lambda _settings: assistant)


@pytest.fixture(scope="module")
def service(assistant: Assistant) -> Iterator[str]:
    """The address of a running service."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(lambda: assistant), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.usefixtures("_in_process")
def test_ask_answers_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert judian("ask", GROWTH) == 0
    said = capsys.readouterr()
    assert said.err == ""
    answer, sources = said.out.split("\n\n")[:2]
    assert "6%左右" in answer
    assert "[1]" in answer
    assert sources.startswith("[1] 重庆市人民政府工作报告（2024年）（2024-01-21） › 二、2024年主要任务\n    “")


@pytest.mark.usefixtures("_in_process")
def test_ask_abstains_with_the_nearest_passages(capsys: pytest.CaptureFixture[str]) -> None:
    assert judian("ask", METRO) == 0
    said = capsys.readouterr().out
    assert said.startswith("文件中没有找到这个问题的答案。\n\n相近的段落：\n[1] ")


@pytest.mark.usefixtures("_in_process")
def test_ask_in_json_is_what_the_api_says(capsys: pytest.CaptureFixture[str], service: str) -> None:
    assert judian("ask", GROWTH, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    answered = httpx.post(f"{service}/v1/ask", json={"question": GROWTH}, trust_env=False).json()
    assert told.pop("timings_ms").keys() == answered.pop("timings_ms").keys()
    assert told == answered


@pytest.mark.usefixtures("_in_process")
def test_search_lists_passages(capsys: pytest.CaptureFixture[str]) -> None:
    assert judian("search", "轨道交通", "--top-k", "3", "--document", "003") == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    assert [line[:3] for line in heads] == ["[1]", "[2]", "[3]"]
    assert judian("search", "轨道交通", "--top-k", "2", "--json") == 0
    assert [hit["mark"] for hit in json.loads(capsys.readouterr().out)["hits"]] == [1, 2]


@pytest.mark.parametrize("named", [True, False], ids=["by its address", "by its port"])
def test_a_running_service_is_asked(service: str, named: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def loaded(_settings: Settings) -> NoReturn:
        raise AssertionError("nothing is loaded where a service runs")

    monkeypatch.setattr(wire, "open_assistant", loaded)
    if named:
        monkeypatch.setenv("JUDIAN_API_URL", service + "/")
    else:
        monkeypatch.setenv("JUDIAN_API_PORT", service.rsplit(":", 1)[1])
    assert judian("ask", GROWTH) == 0
    assert judian("search", "就业", "--top-k", "1") == 0
    assert "6%左右" in capsys.readouterr().out
    assert judian("search", "就业", "--document", "999") == 1
    assert "没有编号为 '999' 的文件" in one_line_of_chinese(capsys.readouterr().err)


@pytest.mark.usefixtures("_in_process")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", ""], "问题是空的"),
        (["ask", "问" * 501], "500"),
        (["ask", "2024年\x07增长"], "控制字符"),
        (["ask"], "缺少参数 question"),
        (["ask", GROWTH, "--colour"], "没有选项 --colour"),
        (["search", "就业", "--top-k", "99"], "参数 --top-k 的值不对"),
        (["search", "就业", "--document", "999"], "现有：000、001、002、003、004"),
        (["frobnicate"], "judian --help"),
        (["index", "frobnicate"], "judian index --help"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert judian(*arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert words in one_line_of_chinese(said.err)


def test_a_setting_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JUDIAN_API_PORT", "http")
    assert judian("ask", GROWTH) == 1
    assert "JUDIAN_API_PORT='http'" in one_line_of_chinese(capsys.readouterr().err)


def test_a_named_service_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JUDIAN_API_URL", f"http://127.0.0.1:{free_port()}")
    assert judian("ask", GROWTH) == 1
    assert "没有回应" in one_line_of_chinese(capsys.readouterr().err)


def test_no_index_yet(tmp_path: Path, bundled_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "models").symlink_to(bundled_cache)
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    for command in (["ask", GROWTH], ["search", "就业"], ["index", "status"]):
        assert judian(*command) == 1
        assert "请运行 judian index build 建立" in one_line_of_chinese(capsys.readouterr().err)


def test_an_unforeseen_error_is_one_line_unless_debugging(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_settings: Settings) -> NoReturn:
        raise RuntimeError("out of\nluck")

    monkeypatch.setattr(wire, "open_assistant", broken)
    assert judian("ask", GROWTH) == 1
    assert "程序出错：RuntimeError: out of luck" in one_line_of_chinese(capsys.readouterr().err)
    monkeypatch.setattr(sys, "argv", ["judian", "--debug", "ask", GROWTH])
    with pytest.raises(RuntimeError, match="luck"):
        cli.main()


def test_a_current_index_is_left_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (home / "index" / "manifest.json").stat().st_mtime_ns
    assert judian("index", "build") == 0
    assert f"索引已是最新：{home / 'index'}" in one_line_of_chinese(capsys.readouterr().err)
    assert (home / "index" / "manifest.json").stat().st_mtime_ns == before


def test_the_state_of_the_index(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert judian("index", "status") == 0
    said = capsys.readouterr().out
    assert str(home / "index") in said
    assert "状态　最新" in said
    build_small(tmp_path / "index", LetterEncoder())
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    assert judian("index", "status") == 1
    said = capsys.readouterr().out
    assert "letters（4 维）" in said
    assert "段落 3，读记 2，任务 0" in said
    assert "已过期，请运行 judian index build 重建" in said
    (tmp_path / "index" / "records.sqlite").write_text("[]")
    assert judian("index", "status") == 1
    assert "已损坏，请运行 judian index build 重建" in capsys.readouterr().out


def test_a_taken_port_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command, variable in (
            ("serve", "JUDIAN_API_PORT"),
            ("run", "JUDIAN_API_PORT"),
            ("chat", "JUDIAN_PAGE_PORT"),
            ("run", "JUDIAN_PAGE_PORT"),
        ):
            with monkeypatch.context() as patch:
                patch.setenv(variable, port)
                assert judian(command) == 1
                assert f"端口 {port} 已被占用（127.0.0.1:{port}）：请先停止占用它的程序，或用 {variable} 换一个端口" in one_line_of_chinese(
                    capsys.readouterr().err
                )


def test_one_port_for_two_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    port = str(free_port())
    monkeypatch.setenv("JUDIAN_API_PORT", port)
    monkeypatch.setenv("JUDIAN_PAGE_PORT", port)
    assert judian("run") == 1
    assert f"不能共用端口 {port}" in one_line_of_chinese(capsys.readouterr().err)


def test_addresses_that_this_machine_does_not_have() -> None:
    for host in ("203.0.113.7", "no.such.host.invalid"):
        with pytest.raises(ServiceError, match=f"本机没有 {host} 这个地址：请检查 JUDIAN_HOST"):
            serve.free_port(host, 0, "JUDIAN_API_PORT")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("policy.example", "http://policy.example:8000"),
    ],
)
def test_where_a_service_is_reached(host: str, url: str) -> None:
    assert serve.local_url(host, 8000) == url


def test_the_settings_are_shown(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert judian("settings") == 0
    said = capsys.readouterr().out
    assert "JUDIAN_PAGE_PORT" in said
    assert str(home) in said
    assert judian("settings", "--markdown") == 0
    assert capsys.readouterr().out == cli.settings_markdown() + "\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert judian("--help") == 0
    said = capsys.readouterr().out
    for command in ("ask", "search", "index", "serve", "chat", "run", "settings", "eval", "corpus", "read", "keys", "audit"):
        assert f" {command} " in said
    assert judian("eval", "--help") == 0
    assert judian("corpus", "--help") == 0
    assert judian("read", "--help") == 0
    assert judian("keys", "--help") == 0
    assert judian("audit", "--help") == 0


def test_starting_is_quick() -> None:
    """The command line is up before any library that takes long to import."""
    code = "import sys, ui.command.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {
        "numpy",
        "torch",
        "faiss",
        "jieba",
        "streamlit",
        "langchain_core",
        "fastapi",
        "uvicorn",
        "onnxruntime",
        "pydantic.main",
        "httpx",
    }
    assert not heavy & set(done.stdout.split())


def test_a_part_that_cannot_start_is_named() -> None:
    part = serve.Part("接口", [sys.executable, "-c", "raise SystemExit(3)"], "http://127.0.0.1:9/healthz")
    with pytest.raises(ServiceError, match="接口未能启动（代码 3）"):
        serve.watch([part], lambda: None, lambda _line: None)


def test_a_part_that_keeps_dying_is_given_up(service: str) -> None:
    """Another process answers in its place, so that the part counts as ready."""
    part = serve.Part("接口", [sys.executable, "-c", "raise SystemExit(3)"], f"{service}/healthz")
    lines: list[str] = []
    with pytest.raises(ServiceError, match="接口一分钟内退出了 5 次，不再重启"):
        serve.watch([part], lambda: lines.append("ready"), lines.append)
    assert lines == ["ready", *["接口意外退出（代码 3），正在重新启动……"] * 5]


def test_a_service_without_an_index_says_why_it_does_not_start(tmp_path: Path, bundled_cache: Path) -> None:
    (tmp_path / "models").symlink_to(bundled_cache)
    settings = Settings(home=tmp_path, api_port=free_port())
    with pytest.raises(IndexMissingError):
        wire.open_assistant(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUDIAN_HOME", str(tmp_path))
        with pytest.raises(ServiceError, match="还没有索引"):
            serve.watch([serve.api_part(settings, settings.api_port)], lambda: None, lambda _line: None)


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def command_line(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at the processes under /proc")
def test_run_from_start_to_end(home: Path, tmp_path: Path) -> None:
    """Starts with nothing but settings, answers on both addresses, revives a dead API, and leaves nothing behind."""
    environment = {**os.environ, "JUDIAN_HOME": str(home), "JUDIAN_API_PORT": "0", "JUDIAN_PAGE_PORT": "0"}
    with (tmp_path / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.command.main", "run"],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        page, api = (re.findall(r"http://127\.0\.0\.1:\d+", line)[0] for line in lines[:2])
        assert lines[2] == "按 Ctrl-C 结束。\n"
        assert httpx.get(page, trust_env=False).status_code == 200
        assert "6%左右" in httpx.post(f"{api}/v1/ask", json={"question": GROWTH}, timeout=60, trust_env=False).json()["answer"]
        parts = children(process.pid)
        assert len(parts) == 2
        os.kill(next(part for part in parts if " serve " in command_line(part)), signal.SIGKILL)
        deadline = time.monotonic() + 60
        while not (len(children(process.pid)) == 2 and serve.is_running(api)):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        parts = children(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not any(Path(f"/proc/{part}").exists() for part in parts)
        assert not serve.is_running(api)
    finally:
        process.kill()
        process.wait()
    assert "接口意外退出（代码 -9），正在重新启动……" in (tmp_path / "stderr").read_text("utf-8")
