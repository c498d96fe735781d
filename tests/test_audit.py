"""The record of questions: what is kept, that nothing is lost or changed, and `judian audit`."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.errors import AuditError
from rag import wire
from rag.assistant import Assistant
from rag.config import Settings
from rag.types import Answer, Citation, CitationVia, Mode, Turn
from tests.test_cli import judian
from ui.api.app import create_app
from ui.api.audit import Asked, AuditLog, Circumstances, Record, differences, find_record, list_records, record_of

GROWTH = "2024年地区生产总值增长目标是多少？"
TODAY = f"{datetime.now(UTC):%Y%m%d}"
HASHES = {"001": "aa", "003": "cc"}
CITED = Citation(1, "001-5", "001", "001.txt", "报告", "2024-01-21", (), "甲。", "甲", 5, 6, CitationVia.READING, 0.9)
ANSWER = Answer("甲[1]。", False, Mode.READING, "问", (CITED,), 0.9)


def record(id_: str = f"{TODAY}-01", asked: Asked | None = None, answer: Answer = ANSWER) -> Record:
    return record_of(asked or Asked("问"), answer, Circumstances(id_, "教委", "f" * 12, False, True, 12.5), HASHES)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    asked = Asked("那就业呢？", (Turn("user", "增长目标？"), Turn("assistant", "6%[1]。")), ("001",), (2024,), 3)
    first, second = record(f"{TODAY}-01", asked), record(f"{TODAY}-02")
    log.append(first)
    log.append(second)
    assert list_records(tmp_path, 10) == [second, first]
    assert list_records(tmp_path, 1) == [second]
    assert find_record(tmp_path, first.id) == first
    assert first.citations[0].sha256 == "aa"
    log.close()
    assert find_record(tmp_path, second.id) == second


@pytest.mark.parametrize("id_", ["", "x", f"{TODAY}-99", "../../etc", "20240101-01"])
def test_an_unknown_id(tmp_path: Path, id_: str) -> None:
    AuditLog(tmp_path).append(record())
    with pytest.raises(AuditError, match="没有编号为"):
        find_record(tmp_path, id_)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM records", "UPDATE records SET record = '{}'", "INSERT OR REPLACE INTO records SELECT id, at, '' FROM records"],
)
def test_records_cannot_be_changed(tmp_path: Path, statement: str) -> None:
    log = AuditLog(tmp_path)
    log.append(record())
    with sqlite3.connect(next(tmp_path.glob("*.sqlite"))) as connection, pytest.raises(sqlite3.Error):
        connection.execute(statement)
    assert find_record(tmp_path, f"{TODAY}-01").answer == "甲[1]。"


def test_numbers_of_persons_are_masked_everywhere(tmp_path: Path) -> None:
    asked = Asked("我的电话13812345678，目标？", (Turn("user", "身份证500101199003071234"),))
    answer = replace(ANSWER, question="我的电话13812345678，目标？", answer="13812345678 没有记载，见 023-63851234[1]。")
    AuditLog(tmp_path).append(record(asked=asked, answer=answer))
    kept = find_record(tmp_path, f"{TODAY}-01")
    assert kept.masked
    assert kept.asked.question == kept.understood == "我的电话138********，目标？"
    assert kept.asked.history[0].content == "身份证500***************"
    assert kept.answer == "138******** 没有记载，见 023-63851234[1]。"
    assert b"13812345678" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_full_file_goes_on_in_another(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, megabytes=0)
    for number in range(3):
        log.append(record(f"{TODAY}-{number}"))
    assert sorted(file.name for file in tmp_path.glob("*.sqlite")) == [f"{TODAY}-00{number}.sqlite" for number in (1, 2, 3)]
    assert [kept.id for kept in list_records(tmp_path, 10)] == [f"{TODAY}-{number}" for number in (2, 1, 0)]


@pytest.mark.parametrize(("days", "kept"), [(30, 1), (0, 2)])
def test_records_of_long_ago_are_deleted(tmp_path: Path, days: int, kept: int) -> None:
    AuditLog(tmp_path).append(record("20240101-01"))
    AuditLog(tmp_path, days).append(record())
    assert len(list(tmp_path.glob("*.sqlite"))) == kept
    assert len(list_records(tmp_path, 10, date(2024, 1, 1))) == kept
    assert len(list_records(tmp_path, 10, date(2024, 1, 2))) == 1


def test_what_cannot_be_written_or_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError, match="无法写入问答记录"):
        AuditLog(tmp_path / "file").append(record())
    (tmp_path / f"{TODAY}-001.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(AuditError, match="无法读取"):
        list_records(tmp_path, 1)
    with pytest.raises(AuditError, match="无法写入"):
        AuditLog(tmp_path).append(record())


def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    """Records are there as soon as they are told to be, whatever happens to who wrote them."""
    code = (
        "import sys, pathlib; from tests.test_audit import *; log = AuditLog(pathlib.Path(sys.argv[1]))\n"
        "for number in range(100000): log.append(record(f'{TODAY}-{number}')); print(number, flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(200)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {found.id for found in list_records(tmp_path, 100_000)}
    assert {f"{TODAY}-{number}" for number in told} <= kept


@pytest.mark.parametrize(
    ("today", "hashes", "words"),
    [
        (ANSWER, HASHES, []),
        (replace(ANSWER, confidence=0.1, timings_ms={"total": 5.0}), HASHES, []),
        (replace(ANSWER, answer="乙[1]。"), HASHES, ["回答：乙[1]。"]),
        (replace(ANSWER, mode=Mode.LLM), HASHES, ["回答方式：reading → llm"]),
        (replace(ANSWER, question="问？"), HASHES, ["理解的问题：问 → 问？"]),
        (ANSWER, {"001": "bb"}, ["文件 001 已改动"]),
        (replace(ANSWER, citations=()), {}, ["不再引用：001 第 5–6 字“甲”", "文件 001 已不在"]),
        (
            replace(ANSWER, citations=(replace(CITED, start=7, end=8, quote="乙"),)),
            HASHES,
            ["不再引用：001 第 5–6 字“甲”", "新引用：001 第 7–8 字“乙”"],
        ),
    ],
)
def test_what_differs_today(today: Answer, hashes: dict[str, str], words: list[str]) -> None:
    assert list(differences(record(), today, hashes)) == words


@pytest.fixture
def client(assistant: Assistant, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: assistant, Settings(home=tmp_path, address_rate="off"))) as client:
        yield client


def test_every_answer_is_recorded_under_its_request_id(
    client: TestClient, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = client.post("/v1/ask", json={"question": GROWTH})
    again = client.post("/v1/ask", json={"question": GROWTH})
    client.post("/v1/ask", json={"question": ""})
    found = list_records(tmp_path / "audit", 10)
    assert [one.id for one in found] == [again.headers["x-request-id"], first.headers["x-request-id"]]
    assert [one.circumstances.cached for one in found] == [True, False]
    assert found[1].answer == first.json()["answer"] == again.json()["answer"]
    assert found[1].citations[0].sha256 == assistant.document("001").document.info.sha256
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    monkeypatch.setattr(wire, "open_assistant", lambda _settings: assistant)
    assert judian("audit", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("　")[0] for line in lines] == [one.id for one in found]
    assert judian("audit", "replay", found[1].id) == 0
    shown = capsys.readouterr().out
    assert first.json()["answer"] in shown
    assert "今天的回答与当时相同。" in shown


def test_a_replay_tells_what_has_changed(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    then = replace(assistant.ask(GROWTH), answer="5%左右[1]。")
    hashes = {document.document.info.id: document.document.info.sha256 for document in assistant.documents}
    kept = record_of(Asked(GROWTH), then, Circumstances(f"{TODAY}-7", "", assistant.fingerprint, False, True, 9.0), hashes)
    AuditLog(tmp_path / "audit").append(kept)
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    monkeypatch.setattr(wire, "open_assistant", lambda _settings: assistant)
    assert judian("audit", "replay", kept.id) == 1
    shown = capsys.readouterr().out
    assert "5%左右[1]。" in shown.split("今天的回答与当时不同")[0]
    assert "6%左右" in shown.split("今天的回答与当时不同")[1]
    assert judian("audit", "replay", "nothing") == 1
    assert "没有编号为 'nothing' 的问答记录" in capsys.readouterr().err


def test_an_answer_is_given_though_it_cannot_be_recorded(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("")
    with TestClient(create_app(lambda: assistant, Settings(home=tmp_path))) as client:
        assert client.post("/v1/ask", json={"question": GROWTH}).status_code == 200
        assert "judian_audit_failures_total 1.0" in client.get("/metrics").text


def test_no_record_where_none_is_wanted(assistant: Assistant, tmp_path: Path) -> None:
    with TestClient(create_app(lambda: assistant, Settings(home=tmp_path, audit=False))) as client:
        assert client.post("/v1/ask", json={"question": GROWTH}).status_code == 200
    assert not (tmp_path / "audit").exists()
