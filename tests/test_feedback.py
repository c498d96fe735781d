"""What users say of answers: taken by the service, kept, and given out as cases that the checker knows."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from corpus.errors import ServiceError
from corpus.load import load_documents
from eval.dataset import check_cases, load_cases, load_texts
from eval.types import Case, CaseType, Proof
from rag.assistant import Assistant
from rag.config import Settings
from rag.types import Turn
from tests.test_api import GROWTH, problem
from ui.api.app import create_app
from ui.command.main import app
from ui.feedback import Feedback, Quoted, cases_of, load_feedback, save_feedback


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Settings(home=tmp_path).feedback_file


@pytest.fixture
def client(assistant: Assistant, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: assistant, Settings(home=tmp_path)), raise_server_exceptions=False) as client:
        yield client


def judged(client: TestClient, question: str, helpful: bool, **more: Any) -> dict[str, Any]:
    """What a client sends about the answer that it was given."""
    answer = client.post("/v1/ask", json={"question": question}).json()
    cited = [{name: citation[name] for name in ("document_id", "start", "end")} for citation in answer["citations"]]
    given = {"answer": answer["answer"], "citations": [] if answer["abstained"] else cited}
    return {"question": question, "helpful": helpful, **given, **more}


def test_what_is_said_is_kept(client: TestClient, file: Path) -> None:
    history = [{"role": "user", "content": GROWTH}, {"role": "assistant", "content": "6%左右[1]。"}]
    body = judged(client, "那城镇新增就业呢？", False, history=history, expected="60万人以上。", comment="答非所问")
    response = client.post("/v1/feedback", json=body)
    assert (response.status_code, response.json()) == (201, {"id": 1})
    assert client.post("/v1/feedback", json={"question": GROWTH, "helpful": True}).json() == {"id": 2}
    first, second = load_feedback(file)
    assert (first.helpful, first.question, first.expected, first.comment) == (False, "那城镇新增就业呢？", "60万人以上。", "答非所问")
    assert first.history == (Turn("user", GROWTH), Turn("assistant", "6%左右[1]。"))
    stored = {document.info.id: document.text for document in load_documents()}
    assert [quote.quote for quote in first.quotes] == [stored[c["document_id"]][c["start"] : c["end"]] for c in body["citations"]]
    assert first.received.endswith("+00:00")
    assert (second.helpful, second.quotes) == (True, ())


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"helpful": None}, 422, "helpful"),
        ({"stars": 5}, 422, "不认识字段 stars"),
        ({"comment": "长" * 2001}, 422, "comment 过长，至多 2000 字"),
        ({"citations": [{"document_id": "999", "start": 0, "end": 1}]}, 404, "999"),
        ({"citations": [{"document_id": "001", "start": 5, "end": 5}]}, 422, "没有 5 到 5 这一段"),
        ({"citations": [{"document_id": "001", "start": 0, "end": 99999999}]}, 422, "没有 0 到 99999999 这一段"),
        ({"citations": [{"document_id": "001", "start": -1, "end": 5}]}, 422, "start 不能小于 0"),
    ],
)
def test_what_cannot_be_taken_leaves_nothing(client: TestClient, file: Path, more: dict[str, Any], status: int, words: str) -> None:
    problem(client.post("/v1/feedback", json={"question": GROWTH, "helpful": True, **more}), status, words)
    assert load_feedback(file) == []


def test_many_at_once_lose_nothing(file: Path) -> None:
    threads = [threading.Thread(target=lambda n=n: save_feedback(file, Feedback(True, f"问题{n}"))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(feedback.question for feedback in load_feedback(file)) == sorted(f"问题{n}" for n in range(20))


def test_a_file_that_is_no_database_is_told(client: TestClient, file: Path) -> None:
    file.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(ServiceError, match="无法读写"):
        load_feedback(file)
    problem(client.post("/v1/feedback", json={"question": GROWTH, "helpful": True}), 500, "反馈记录")


def test_cases_are_made_of_what_was_said_last() -> None:
    quotes = (Quoted("001", "地区生产总值增长6%左右"),)
    said = [
        Feedback(False, "增长多少？", expected="百分之六"),
        Feedback(True, "增长多少？", answer="增长6%左右[1]。", quotes=quotes),
        Feedback(True, "成都呢？", answer="文件中没有找到这个问题的答案。"),
        Feedback(False, "那就业呢？", (Turn("user", "增长多少？"), Turn("assistant", "6%。")), expected="60万人以上。", quotes=quotes),
    ]
    growth, absent, jobs = cases_of(said)
    assert (growth.answer, growth.facts, growth.documents) == ("增长6%左右。", (("6%",),), ("001",))
    assert growth.evidence == (Proof("001", "地区生产总值增长6%左右"),)
    assert (absent.type, absent.facts, absent.evidence) == (CaseType.UNANSWERABLE, (), ())
    assert (jobs.type, jobs.history, jobs.answer, jobs.evidence) == (CaseType.FOLLOWUP, ("增长多少？",), "60万人以上。", ())
    assert cases_of(said, [growth]) == [absent, jobs]


def test_the_export_is_a_question_set(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = "2024年规上工业增加值打算增长多少呢？"
    for body in (
        judged(client, question, True),
        judged(client, "成都市2024年的地铁里程？", True),
        judged(client, "老旧小区要改造多少？", False),
    ):
        assert client.post("/v1/feedback", json=body).status_code == 201
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    out = tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, ["feedback", "export", "--out", str(out)])
    assert "3 条反馈，3 个问题" in result.output
    cases = load_cases(out)
    assert [case.question for case in cases] == [question, "成都市2024年的地铁里程？", "老旧小区要改造多少？"]
    assert cases[0].facts == (("7%",),)
    lacking = check_cases(cases, load_texts())
    assert {found.case.question for found in lacking} == {"老旧小区要改造多少？"}
    assert [found.reason for found in lacking] == ["缺少参考答案", "能回答的问题应有 facts 和 evidence"]


def test_the_export_takes_one_kind_alone(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_feedback(file, Feedback(True, "甲？"))
    save_feedback(file, Feedback(False, "乙？"))
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    out = tmp_path / "out.jsonl"

    def exported(*options: str) -> list[Case]:
        assert CliRunner().invoke(app, ["feedback", "export", "--out", str(out), *options]).exit_code == 0
        return list(load_cases(out))

    assert [case.question for case in exported("--unhelpful")] == ["乙？"]
    assert [case.question for case in exported("--helpful")] == ["甲？"]
