"""Every endpoint and every error of the HTTP interface, over the real index."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.load import load_documents
from index.encoder import OnnxEncoder
from index.types import Encoder
from rag.assistant import Assistant
from rag.config import Settings
from rag.wire import open_assistant
from tests.letters import LetterEncoder, build_small
from ui.api.app import create_app

GROWTH = "2024年地区生产总值增长目标是多少？"
CITATION_FIELDS = {
    "mark",
    "passage_id",
    "document_id",
    "source",
    "title",
    "date",
    "heading_path",
    "text",
    "quote",
    "start",
    "end",
    "via",
    "score",
}
ANSWER_FIELDS = {"answer", "abstained", "mode", "question", "citations", "confidence", "related", "timings_ms"}


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: assistant), raise_server_exceptions=False) as client:
        yield client


def problem(response: Any, status: int, *words: str) -> str:
    """Asserts the error shape (RFC 9457, in Chinese) and that the detail holds the words; returns the detail."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    assert body["status"] == status
    assert body["instance"] == response.request.url.path
    assert any("\u4e00" <= character <= "\u9fff" for character in body["title"])
    detail = str(body["detail"])
    assert any("\u4e00" <= character <= "\u9fff" for character in detail), detail
    for word in words:
        assert word in detail
    assert "Traceback" not in detail
    return detail


def sliced(client: TestClient, citation: dict[str, Any]) -> str:
    """The stored text that a citation points at, as the service gives it out, white space aside."""
    query = f"start={citation['start']}&end={citation['end']}"
    return "".join(client.get(f"/v1/documents/{citation['document_id']}/text?{query}").json()["text"].split())


def test_ask(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": GROWTH})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert set(answer) == ANSWER_FIELDS
    assert "6%左右" in answer["answer"]
    assert not answer["abstained"]
    assert answer["citations"][0]["document_id"] == "001"
    for citation in answer["citations"]:
        assert set(citation) == CITATION_FIELDS
        assert sliced(client, citation) == "".join(citation["quote"].split())
        assert f"[{citation['mark']}]" in answer["answer"]


def test_a_row_of_a_table_comes_with_its_header(client: TestClient) -> None:
    citation = client.post("/v1/ask", json={"question": "2021年地区生产总值增速的预期和实际"}).json()["citations"][0]
    assert citation["context"][-1] == "序号 指标名称 2021年预期 2021年实际"
    assert citation["text"] == "1 地区生产总值增速(%) 6以上 8.3"


def test_ask_with_everything(client: TestClient) -> None:
    history = [{"role": "user", "content": GROWTH}, {"role": "assistant", "content": "6%左右[1]。"}]
    body = {"question": "那城镇新增就业呢？", "history": history, "documents": ["001"], "years": [2024], "top_k": 2}
    answer = client.post("/v1/ask", json=body).json()
    assert "60万人以上" in answer["answer"]
    assert {citation["document_id"] for citation in answer["citations"]} == {"001"}
    assert len(answer["citations"]) <= 2


def test_ask_abstains(client: TestClient) -> None:
    answer = client.post("/v1/ask", json={"question": "成都市2024年的地铁里程是多少？"}).json()
    assert answer["abstained"] is True
    assert answer["answer"].startswith("文件中没有找到这个问题的答案。")
    assert answer["citations"]


def test_search(client: TestClient) -> None:
    hits = client.post("/v1/search", json={"query": "轨道交通", "top_k": 4, "documents": ["003", "004"]}).json()["hits"]
    assert [hit["mark"] for hit in hits] == [1, 2, 3, 4]
    for hit in hits:
        assert set(hit) - {"context"} == CITATION_FIELDS
        assert hit["document_id"] in {"003", "004"}
        assert sliced(client, hit) == "".join(hit["quote"].split())


def test_search_gives_ten_by_default(client: TestClient) -> None:
    assert len(client.post("/v1/search", json={"query": "就业"}).json()["hits"]) == 10


def test_documents(client: TestClient) -> None:
    listed = client.get("/v1/documents").json()
    assert [document["id"] for document in listed] == ["000", "001", "002", "003", "004"]
    for document, stored in zip(listed, load_documents(), strict=True):
        assert document["characters"] == len(stored.text)
        assert document["title"] == stored.info.title
        assert document["passages"] > 0


def test_a_document_with_its_outline(client: TestClient) -> None:
    document = client.get("/v1/documents/001").json()
    assert document["date"] == "2024-01-21"
    texts = [heading["text"] for heading in document["outline"]]
    assert "一、2023年工作回顾" in texts
    assert "二、2024年主要任务" in texts
    for heading in document["outline"]:
        assert 0 <= heading["start"] < heading["end"] <= document["characters"]


def test_the_text_of_a_document_is_the_stored_one(client: TestClient) -> None:
    for stored in load_documents():
        assert client.get(f"/v1/documents/{stored.info.id}/text").json()["text"] == stored.text
    stretch = client.get("/v1/documents/001/text?start=3&end=11").json()
    assert stretch == {"id": "001", "start": 3, "end": 11, "text": load_documents()[1].text[3:11]}
    assert client.get("/v1/documents/001/text?start=22000&end=99999999").json()["end"] == len(load_documents()[1].text)


def test_healthz(client: TestClient, assistant: Assistant) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "documents": 5, "built": assistant.built, "updating": False, "problem": ""}


def test_the_interface_describes_itself(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) >= {
        "/healthz",
        "/v1/ask",
        "/v1/search",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/{document_id}/text",
        "/v1/passages/{passage_id}",
    }


@pytest.mark.parametrize("endpoint", [("/v1/ask", "question"), ("/v1/search", "query")], ids=["ask", "search"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "不能为空"),
        (" \n\u3000", "空"),
        ("问" * 501, "500"),
        ("2024年\x00增长", "控制字符"),
        ("\x07\x1b", "控制字符"),
        ("👍🏽", "没有文字"),
    ],
    ids=["empty", "blank", "too long", "control character", "only control characters", "emoji"],
)
def test_texts_that_cannot_be_taken(client: TestClient, endpoint: tuple[str, str], text: str, words: str) -> None:
    path, field = endpoint
    problem(client.post(path, json={field: text}), 422, words)


def test_five_hundred_characters_are_taken(client: TestClient) -> None:
    assert client.post("/v1/ask", json={"question": "问" * 500}).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "question"),
        ({"question": 5}, "question"),
        ({"question": None}, "question"),
        ([GROWTH], "请求体"),
        ({"question": "x", "colour": "red"}, "不认识字段 colour"),
        ({"question": "x", "top_k": 0}, "top_k 不能小于 1"),
        ({"question": "x", "top_k": 51}, "top_k 不能大于 50"),
        ({"question": "x", "top_k": "many"}, "top_k"),
        ({"question": "x", "documents": "001"}, "documents"),
        ({"question": "x", "documents": ["001"] * 101}, "documents 过多"),
        ({"question": "x", "years": ["soon"]}, "years"),
        ({"question": "x", "history": [{"role": "user", "content": "x"}] * 21}, "history 过多，至多 20 个"),
        ({"question": "x", "history": [{"role": "user", "content": "x" * 2001}]}, "至多 2000 字"),
        ({"question": "x", "history": [{"role": "system", "content": "x"}]}, "role 只能是"),
        ({"question": "x", "history": [{"role": "user", "content": "x", "name": "y"}]}, "不认识字段"),
    ],
)
def test_bodies_that_cannot_be_taken(client: TestClient, body: Any, words: str) -> None:
    problem(client.post("/v1/ask", json=body), 422, words)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b'{"question": "x",}', 422),
        (b'{"question": "a\x01b"}', 422),
        (b'{"question": "\\ud800"}', 422),
        (b'{"question": "x", "top_k": NaN}', 422),
        (b'{"question": "\xff\xfe"}', 400),
        ('{"question": "增长目标"}'.encode("gbk"), 400),
        (b"[" * 100_000, 400),
        (b'{"question": "x", "top_k": ' + b"9" * 5000 + b"}", 400),
    ],
    ids=["empty", "cut off", "comma", "raw control character", "surrogate", "nan", "not utf-8", "gbk", "nested", "huge number"],
)
def test_what_is_no_json_is_told_in_chinese(client: TestClient, content: bytes, status: int) -> None:
    problem(client.post("/v1/ask", content=content, headers={"content-type": "application/json"}), status)


def test_a_body_without_its_type_is_told_what_is_missing(client: TestClient) -> None:
    problem(client.post("/v1/ask", content=json.dumps({"question": GROWTH}).encode()), 422, "application/json")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body_is_refused_before_it_is_read(client: TestClient, chunked: bool) -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        yield b'{"question": "'
        for _ in range(64):
            read += 1
            yield b"x" * 1_000_000
        yield b'"}'

    content = chunks() if chunked else b'{"question": "' + b"x" * 64_000_000 + b'"}'
    problem(client.post("/v1/ask", content=content, headers={"content-type": "application/json"}), 413, "过大")
    assert client.get("/healthz").status_code == 200


def test_a_passage_and_its_parallels(client: TestClient, assistant: Assistant) -> None:
    """Task 136 of the breakdown is a sentence of the newspaper's half of the same report."""
    (task,) = [passage for passage in assistant.document("000").passages if passage.text.startswith("136.")]
    body = client.get(f"/v1/passages/{task.id}").json()
    assert (body["id"], body["document_id"], body["kind"], body["text"]) == (task.id, "000", "task", task.text)
    assert body["heading_path"] == list(task.heading_path)
    assert (body["start"], body["end"]) == (task.spans[0].start, task.spans[-1].end)
    first = body["parallels"][0]
    assert first["document_id"] == "002"
    assert "支持渝北创建国家级农业高新区" in first["text"]
    assert task.id in [other["id"] for other in client.get(f"/v1/passages/{first['id']}").json()["parallels"]]
    problem(client.get("/v1/passages/000-000000-00000000"), 404, "没有编号为")


@pytest.mark.parametrize("path", ["/v1/documents/999", "/v1/documents/999/text", "/v1/documents/%00", "/v1/documents/001.txt"])
def test_unknown_documents(client: TestClient, path: str) -> None:
    problem(client.get(path), 404, "没有编号为", "000、001、002、003、004")


def test_unknown_documents_in_a_question(client: TestClient) -> None:
    problem(client.post("/v1/ask", json={"question": GROWTH, "documents": ["001", "999"]}), 404, "'999'")
    problem(client.post("/v1/search", json={"query": "就业", "documents": ["x" * 5000]}), 404, "没有编号为")


@pytest.mark.parametrize("query", ["start=9&end=2", "start=99999999", "start=-1", "start=a", "end=-5"])
def test_stretches_that_are_not_there(client: TestClient, query: str) -> None:
    problem(client.get(f"/v1/documents/001/text?{query}"), 422)


def test_unknown_addresses_and_methods(client: TestClient) -> None:
    problem(client.get("/v2/ask"), 404, "/v2/ask", "/docs")
    problem(client.get("/v1/documents/..%2f..%2fetc%2fpasswd"), 404)
    problem(client.get("/v1/ask"), 405, "GET")
    problem(client.delete("/healthz"), 405, "DELETE")


def test_the_service_lives_on(client: TestClient) -> None:
    """Many bad requests and questions at once, then a good one."""

    def bad() -> None:
        for content in (b"{", b'{"question": ""}', b"\xff", b"[" * 1000):
            client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
        client.post("/v1/ask", json={"question": GROWTH})

    threads = [threading.Thread(target=bad) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "6%左右" in client.post("/v1/ask", json={"question": GROWTH}).json()["answer"]


def test_an_unforeseen_error_is_told_without_its_insides(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(lambda: assistant), raise_server_exceptions=False) as client:
        with monkeypatch.context() as patch:
            patch.setattr(Assistant, "ask", lambda *_: 1 / 0)
            detail = problem(client.post("/v1/ask", json={"question": GROWTH}), 500)
            assert "division" not in detail
        assert client.post("/v1/ask", json={"question": GROWTH}).status_code == 200


class BundledLookalike(LetterEncoder):
    """Has the name and dimension of the bundled model, so that only the files of an index can give it away."""

    def __init__(self) -> None:
        super().__init__(OnnxEncoder.name, OnnxEncoder.dimension)


def no_index(_folder: Path) -> None:
    pass


def built_by_another_model(folder: Path) -> None:
    build_small(folder, LetterEncoder())


def half_written(folder: Path) -> None:
    build_small(folder, BundledLookalike())
    (folder / "passages" / "vectors.npy").unlink()


def without_manifest(folder: Path) -> None:
    build_small(folder, BundledLookalike())
    (folder / "manifest.json").unlink()


def cut_manifest(folder: Path) -> None:
    build_small(folder, BundledLookalike())
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:200])


def tampered(folder: Path) -> None:
    build_small(folder, BundledLookalike())
    path = folder / "records.sqlite"
    path.write_bytes(path.read_bytes().replace("甲甲乙".encode(), "甲甲甲".encode()))


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (no_index, "还没有索引"),
        (without_manifest, "还没有索引"),
        (built_by_another_model, "由模型 letters（4 维）建立"),
        (half_written, "缺少 passages/vectors.npy"),
        (cut_manifest, "已损坏"),
        (tampered, "可能损坏或被改动"),
    ],
)
def test_an_index_that_cannot_be_used(
    prepare: Callable[[Path], None], words: str, tmp_path: Path, bundled_cache: Path, encoder: Encoder
) -> None:
    assert encoder.name == OnnxEncoder.name
    (tmp_path / "models").symlink_to(bundled_cache)
    prepare(tmp_path / "index")
    with TestClient(create_app(lambda: open_assistant(Settings(home=tmp_path)))) as client:
        problem(client.get("/healthz"), 503, words, "judian index build")
        problem(client.post("/v1/ask", json={"question": GROWTH}), 503, words, "judian index build")
        problem(client.post("/v1/search", json={"query": "就业"}), 503, words)
        problem(client.get("/v1/documents"), 503, words)
        problem(client.post("/v1/ask", json={"question": ""}), 503, words)
