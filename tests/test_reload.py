"""A new index is taken up while the service answers; a document that is uploaded can soon be asked about."""

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from corpus.added import load_added
from corpus.errors import IndexMismatchError
from index.store import load_index
from rag.assistant import Assistant
from rag.config import Settings
from rag.wire import open_assistant
from tests.letters import SENTENCES, LetterEncoder, build_small
from tests.serving import served
from tests.test_added import NOTICE
from tests.test_api import GROWTH, problem
from ui.api import indexing, serving
from ui.api.administrators import require_administrator
from ui.api.app import create_app
from ui.api.body import UPLOAD_LIMIT
from ui.api.indexing import Indexer

PATIENCE_S = 500.0


def wait_for(met: Callable[[], bool]) -> None:
    """Waits until something is so; the limit is only there for a test that fails."""
    deadline = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def small_home(tmp_path: Path) -> Path:
    build_small(tmp_path / "index", LetterEncoder())
    return tmp_path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LOOK_S", 0.01)


def small_app(home: Path) -> TestClient:
    def load() -> Assistant:
        encoder = LetterEncoder()
        return Assistant(load_index(home / "index", encoder), encoder)

    return TestClient(create_app(load, Settings(home=home)))


def text_of(client: TestClient) -> str:
    return str(client.get("/v1/documents/900/text").json()["text"])


@pytest.mark.usefixtures("quick")
def test_a_new_index_is_taken_up(small_home: Path) -> None:
    with small_app(small_home) as client:
        assert text_of(client) == "".join(SENTENCES)
        build_small(small_home / "index", LetterEncoder(), [*SENTENCES, "丙丙。"])
        wait_for(lambda: text_of(client) == "".join(SENTENCES) + "丙丙。")
        assert client.get("/healthz").json()["problem"] == ""


@pytest.mark.usefixtures("quick")
def test_an_index_that_cannot_be_loaded_leaves_the_old_one(small_home: Path) -> None:
    manifest = small_home / "index" / "manifest.json"
    with small_app(small_home) as client:
        whole = manifest.read_bytes()
        manifest.write_bytes(whole[:100])
        wait_for(lambda: client.get("/healthz").json()["problem"] != "")
        assert "已损坏" in client.get("/healthz").json()["problem"]
        assert text_of(client) == "".join(SENTENCES)
        manifest.write_bytes(whole)
        wait_for(lambda: client.get("/healthz").json()["problem"] == "")
        shutil.rmtree(small_home / "index")
        assert text_of(client) == "".join(SENTENCES)


@pytest.mark.usefixtures("quick")
def test_a_service_without_an_index_gets_ready_when_there_is_one(tmp_path: Path) -> None:
    with small_app(tmp_path) as client:
        problem(client.get("/healthz"), 503, "还没有索引")
        build_small(tmp_path / "index", LetterEncoder())
        wait_for(lambda: client.get("/healthz").status_code == 200)


@pytest.mark.usefixtures("quick")
def test_an_unforeseen_error_does_not_end_the_watch(small_home: Path, assistant: Assistant) -> None:
    errors: Iterator[Exception | None] = iter([None, ZeroDivisionError("at load"), IndexMismatchError("在换。"), None])
    loads = itertools.count()

    def load() -> Assistant:
        error = next(errors)
        next(loads)
        if error:
            raise error
        return assistant

    with TestClient(create_app(load, Settings(home=small_home))) as client:
        for times in (1, 2, 3):
            assert client.get("/healthz").status_code == 200
            (small_home / "index" / "manifest.json").write_text("", "utf-8")
            wait_for(lambda times=times: repr(loads) == f"count({times + 1})")  # type: ignore[misc]


class TestAdministrators:
    """Who may upload where no keys are asked for."""

    @pytest.fixture
    def ask(self, assistant: Assistant, tmp_path: Path) -> Callable[..., Any]:
        def ask(address: str, **headers: str) -> Any:
            app = create_app(lambda: assistant, Settings(home=tmp_path))
            client = TestClient(app, client=(address, 5000), base_url="http://127.0.0.1:8000")
            with client:
                return client.delete("/v1/documents/a12345678", headers=headers)

        return ask

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.9.1"])
    def test_this_machine_may(self, ask: Callable[..., Any], address: str) -> None:
        problem(ask(address), 404, "没有编号为 'a12345678' 的添加文件")
        problem(ask(address, origin="http://localhost:8000"), 404)

    @pytest.mark.parametrize("address", ["10.0.0.7", "testclient", "::ffff:10.0.0.7"])
    def test_others_may_not(self, ask: Callable[..., Any], address: str) -> None:
        problem(ask(address), 403, "管理员")

    @pytest.mark.parametrize(
        "header",
        [
            {"x-forwarded-for": "10.0.0.7"},
            {"forwarded": "for=10.0.0.7"},
            {"via": "1.1 proxy"},
            {"origin": "https://example.com"},
            {"origin": "null"},
            {"host": "judian.example.com"},
        ],
        ids=str,
    )
    def test_neither_through_a_proxy_nor_from_another_site(self, ask: Callable[..., Any], header: dict[str, str]) -> None:
        problem(ask("127.0.0.1", **header), 403, "管理员")

    @pytest.mark.parametrize("administrator", [True, False])
    def test_a_key_decides_where_there_are_keys(self, administrator: bool) -> None:
        scope = {"type": "http", "client": ("10.0.0.7" if administrator else "127.0.0.1", 1), "headers": []}
        request = Request({**scope, "state": {"administrator": administrator}})
        if administrator:
            require_administrator(request)
        else:
            with pytest.raises(Exception, match="管理员"):
                require_administrator(request)


@pytest.fixture
def local(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client on this machine of a service that is told to build no index."""
    monkeypatch.setattr(Indexer, "update", lambda _: None)
    app = create_app(lambda: assistant, Settings(home=tmp_path))
    with TestClient(app, client=("127.0.0.1", 5000), base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield client


def notice(name: str = "通知.txt", content: bytes = NOTICE.encode()) -> dict[str, Any]:
    return {"file": (name, content)}


def test_an_upload_is_added_to_the_library(local: TestClient, tmp_path: Path) -> None:
    fields = {"title": "就业通知", "date": "2023-03-02", "number": "某府〔2023〕8号"}
    response = local.post("/v1/documents", files=notice("../../就业/通知.txt"), data=fields)
    assert response.status_code == 202
    (added,) = load_added(tmp_path / "corpus")
    assert response.json() == {"id": added.info.id, **fields}
    assert added.info.file == f"{added.info.id}_通知.txt"
    assert added.text == NOTICE
    removed = local.delete(f"/v1/documents/{added.info.id}")
    assert (removed.status_code, removed.json()) == (202, response.json())
    assert load_added(tmp_path / "corpus") == ()


@pytest.mark.parametrize(
    ("files", "data", "words"),
    [
        (notice("通知.xlsx"), {}, "表格文件"),
        (notice("通知"), {}, "没有扩展名"),
        (notice("通知.pdf", b"%PDF-1.7 broken"), {}, "通知.pdf"),
        (notice("通知.txt", b""), {}, "没有文字"),
        (notice("长" * 300 + ".txt", b" "), {}, "没有文字"),
        (notice(), {"date": "明天"}, "应写成"),
        (notice(), {"title": " "}, "标题是空的"),
        (notice(), {"colour": "red"}, "不认识字段 colour"),
        ({}, {"title": "没有文件"}, "缺少字段 file"),
        ({}, {"file": "只有文字"}, "file"),
    ],
)
def test_uploads_that_cannot_be_taken(local: TestClient, tmp_path: Path, files: Any, data: dict[str, str], words: str) -> None:
    # A form with a file is what makes the request a multipart one.
    problem(local.post("/v1/documents", files=files or {"other": ("x.txt", b"x")}, data=data), 422, words)
    assert load_added(tmp_path / "corpus") == ()


def test_a_document_is_taken_once(local: TestClient) -> None:
    assert local.post("/v1/documents", files=notice()).status_code == 202
    problem(local.post("/v1/documents", files=notice("另一份.txt")), 409, "已在文件库中")


def test_bundled_documents_stay(local: TestClient) -> None:
    problem(local.delete("/v1/documents/000"), 409, "随软件提供")
    problem(local.delete("/v1/documents/a00000000"), 404, "没有编号")


def test_an_upload_may_be_larger_than_a_question_but_not_endless(local: TestClient) -> None:
    assert local.post("/v1/documents", files=notice(content=NOTICE.encode() * 9000)).status_code == 202
    problem(local.post("/v1/documents", content=b"x", headers={"content-length": str(UPLOAD_LIMIT + 1)}), 413, "50000 KB")
    problem(local.post("/v1/ask", content=b"x" * 1_000_001), 413, "1000 KB")


def test_what_is_uploaded_can_be_asked_about_without_a_pause(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way: an upload, the index built beside the old one, the swap; questions are answered all the while."""
    # On a machine that other processes keep busy a build that gives way would take for ever.
    monkeypatch.setattr(indexing, "NICENESS", 0)
    shutil.copytree(home / "index", tmp_path / "index")
    (tmp_path / "models").symlink_to(home / "models")
    settings = Settings(home=tmp_path)
    ended = threading.Event()
    answers: list[int] = []

    def ask_on(url: str) -> None:
        with httpx.Client(trust_env=False, timeout=60) as http:
            while not ended.is_set():
                answers.append(http.post(f"{url}/v1/ask", json={"question": GROWTH}).status_code)
                ended.wait(0.5)

    with (
        served(create_app(lambda: open_assistant(settings), settings)) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as http,
    ):

        def documents() -> list[str]:
            return [document["id"] for document in http.get("/v1/documents").json()]

        asking = threading.Thread(target=ask_on, args=(url,))
        asking.start()
        try:
            added = http.post("/v1/documents", files=notice("就业通知.txt")).json()["id"]
            assert http.get("/healthz").json()["updating"] is True
            wait_for(lambda: added in documents())
            hits = http.post("/v1/search", json={"query": "某市办公厅关于做好就业工作的通知", "documents": [added]}).json()["hits"]
            assert hits[0]["document_id"] == added
            wait_for(lambda: not http.get("/healthz").json()["updating"])
            assert http.delete(f"/v1/documents/{added}").status_code == 202
            assert http.get("/healthz").json()["updating"] is True
        finally:
            ended.set()
            asking.join()
        assert set(answers) == {200}
        assert http.get("/healthz").json()["problem"] == ""


def test_a_build_that_fails_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file where a folder should be", "utf-8")
    indexer = Indexer(Settings(home=blocked))
    indexer.update()
    wait_for(lambda: not indexer.updating)
    assert "无法在" in indexer.problem or "无法" in indexer.problem


def test_a_build_under_way_is_ended_with_the_service(tmp_path: Path, bundled_cache: Path) -> None:
    (tmp_path / "models").symlink_to(bundled_cache)
    indexer = Indexer(Settings(home=tmp_path))
    indexer.update()
    indexer.update()
    indexer.stop()
    assert not indexer.updating
    assert not (tmp_path / "index").exists()
