"""The log: JSON lines with request ids, and nothing of what was asked."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.errors import SettingError
from rag.assistant import Assistant
from rag.config import Settings
from ui.api.app import create_app
from ui.api.logs import start_log

SECRET = "红岩村大桥工程的钥匙在哪里"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log of this test; afterwards the loggers are as they were."""
    loggers = [logging.getLogger(name) for name in ("judian", "uvicorn")]
    before = [(logger.handlers[:], logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers = []
    start_log(tmp_path / "logs" / "api.jsonl")
    yield tmp_path / "logs" / "api.jsonl"
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        for handler in logger.handlers:
            handler.close()
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_a_request_is_a_line_without_its_question(log: Path, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(lambda: assistant, Settings(home=tmp_path)), raise_server_exceptions=False) as client:
        asked = client.post("/v1/ask", json={"question": SECRET})
        client.get(f"/v1/tasks?q={SECRET}")
        client.get(f"/v1/documents/{SECRET}")
        client.get(f"/{SECRET}")
        monkeypatch.setattr(Assistant, "ask", lambda _self, question, *_: int(question))
        failed = client.post("/v1/ask", json={"question": SECRET + "？"})
    assert failed.status_code == 500
    text = log.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert SECRET not in text
    assert "%E7%BA%A2" not in text
    requests = [line for line in lines if line["logger"] == "judian.access"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("POST", "/v1/ask", 200),
        ("GET", "/v1/tasks", 200),
        ("GET", "/v1/documents/{document_id}", 404),
        ("GET", "other", 404),
        ("POST", "/v1/ask", 500),
    ]
    assert requests[0]["request_id"] == asked.headers["x-request-id"]
    assert all(line["milliseconds"] >= 0 and line["time"].endswith("+00:00") for line in requests)
    (error,) = (line for line in lines if line["level"] == "error")
    assert error["error"].endswith("ValueError")
    assert "attended.py" in error["error"]


def test_errors_go_to_standard_error_too(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del log
    start_log(None)
    logging.getLogger("judian.api").error("索引没有建成")
    assert json.loads(capsys.readouterr().err)["message"] == "索引没有建成"


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    with pytest.raises(SettingError, match="JUDIAN_LOG"):
        start_log(tmp_path / "logs" / "api.jsonl")
