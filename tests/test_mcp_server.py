"""The tools over MCP, called by the SDK's own client: in memory, over stdio, and over streamable HTTP."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent
from typer.testing import CliRunner

from corpus.errors import ServiceError
from corpus.load import load_documents
from rag.assistant import Assistant
from rag.config import Settings
from tests.serving import served
from tests.test_api import ANSWER_FIELDS, CITATION_FIELDS, GROWTH
from ui.api.app import create_app
from ui.api.keys import KeyStore
from ui.command.main import app
from ui.mcp_server import READ_AT_ONCE, at_address, client_of, mcp_server

TOOLS = {"ask", "search", "tasks", "measures", "list_documents", "read_document"}


@asynccontextmanager
async def connected(assistant: Assistant) -> AsyncIterator[Client]:
    """A client of the tools over a service in this process."""
    async with client_of(create_app(lambda: assistant)) as http, Client(mcp_server(http)) as client:
        yield client


def called(assistant: Assistant, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers, typed."""
    result = asyncio.run(_call(assistant, tool, arguments))
    assert not result.is_error, result.content
    content: dict[str, Any] = result.structured_content
    # Clients that know no types get the same as text.
    assert isinstance(result.content[0], TextContent)
    assert json.loads(result.content[0].text) == content
    return content


def refused(assistant: Assistant, tool: str, **arguments: Any) -> str:
    """The words with which a tool refuses."""
    result = asyncio.run(_call(assistant, tool, arguments))
    assert result.is_error
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


async def _call(assistant: Assistant, tool: str, arguments: dict[str, Any]) -> CallToolResult:
    async with connected(assistant) as client:
        result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    return result


def test_every_tool_says_what_it_takes_and_gives(assistant: Assistant) -> None:
    async def listed() -> list[Any]:
        async with connected(assistant) as client:
            return list((await client.list_tools()).tools)

    tools = asyncio.run(listed())
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert re.search(r"[\u4e00-\u9fff]", tool.description)
        assert tool.annotations.read_only_hint is True
        assert tool.output_schema["properties"]
        for name, field in tool.input_schema["properties"].items():
            assert re.search(r"[\u4e00-\u9fff]", field["description"]), (tool.name, name)


def test_ask(assistant: Assistant) -> None:
    answer = called(assistant, "ask", question=GROWTH, top_k=2)
    assert set(answer) == ANSWER_FIELDS
    assert answer["answer"] == assistant.ask(GROWTH, top_k=2).answer
    assert all(set(citation) == CITATION_FIELDS for citation in answer["citations"])


def test_ask_after_something_else(assistant: Assistant) -> None:
    history = [{"role": "user", "content": GROWTH}, {"role": "assistant", "content": "6%左右[1]。"}]
    answer = called(assistant, "ask", question="那城镇新增就业呢？", history=history, documents=["001"], years=[2024])
    assert "60万人以上" in answer["answer"]
    assert {citation["document_id"] for citation in answer["citations"]} == {"001"}


def test_search(assistant: Assistant) -> None:
    hits = called(assistant, "search", query="轨道交通", top_k=3, documents=["004"])["hits"]
    assert [hit["passage_id"] for hit in hits] == [hit.passage_id for hit in assistant.search("轨道交通", 3, ["004"])]


def test_tasks_and_measures(assistant: Assistant) -> None:
    tasks = called(assistant, "tasks", unit="市商务委", role="lead", limit=2, offset=1)
    known = assistant.tasks("市商务委", "lead")
    assert (tasks["total"], tasks["offset"]) == (len(known), 1)
    assert [task["number"] for task in tasks["tasks"]] == [task.number for task in known[1:3]]
    measures = called(assistant, "measures", indicator="地区生产总值", year=2022)
    assert measures["total"] == len(assistant.measures("地区生产总值", 2022)) > 0
    assert {measure["year"] for measure in measures["measures"]} == {2022}


def test_documents(assistant: Assistant) -> None:
    listed = called(assistant, "list_documents")["documents"]
    assert [document["id"] for document in listed] == ["000", "001", "002", "003", "004"]
    stored = load_documents()[4].text
    assert called(assistant, "read_document", document_id="004", start=10, end=90)["text"] == stored[10:90]
    assert called(assistant, "read_document", document_id="004")["end"] == READ_AT_ONCE
    assert called(assistant, "read_document", document_id="004", start=len(stored) - 5)["text"] == stored[-5:]


def test_what_is_refused_is_told_in_the_words_of_the_service(assistant: Assistant) -> None:
    assert "问题里没有文字" in refused(assistant, "ask", question="？？")
    assert "没有编号为 '999' 的文件" in refused(assistant, "search", query="就业", documents=["999"])
    assert "没有编号为 '..' 的文件" in refused(assistant, "read_document", document_id="..")
    assert "没有" in refused(assistant, "read_document", document_id="../001")
    assert refused(assistant, "ask", question="")
    assert refused(assistant, "ask", question=GROWTH, top_k=51)


def test_a_service_that_is_gone_is_told() -> None:
    async def call() -> CallToolResult:
        async with at_address("http://127.0.0.1:9") as http, Client(mcp_server(http)) as client:
            result = await client.call_tool("search", {"query": "就业"})
            assert isinstance(result, CallToolResult)
            return result

    result = asyncio.run(call())
    assert result.is_error
    assert "没有回应" in str(result.content[0])


def test_a_service_that_asks_for_keys_is_shown_one(assistant: Assistant, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, api_keys=True)
    (token,) = KeyStore(settings.keys_file).add(["智能体"])

    async def call(url: str, key: str) -> CallToolResult:
        async with at_address(url, key) as http, Client(mcp_server(http)) as client:
            result = await client.call_tool("ask", {"question": GROWTH})
            assert isinstance(result, CallToolResult)
            return result

    with served(create_app(lambda: assistant, settings)) as url:
        assert not asyncio.run(call(url, token)).is_error
        assert "密钥" in str(asyncio.run(call(url, "")).content[0])


@pytest.fixture(scope="module")
def url(assistant: Assistant) -> Iterator[str]:
    with served(create_app(lambda: assistant)) as url:
        yield url


async def asked(client: Client) -> str:
    async with client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools == TOOLS
        result = await client.call_tool("ask", {"question": GROWTH})
        assert isinstance(result, CallToolResult)
        return str((result.structured_content or {})["answer"])


def judian(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "ui.command.main", *arguments]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_stdio(url: str, assistant: Assistant, mode: str, tmp_path: Path) -> None:
    """`judian mcp` as a desktop client starts it; the running service answers."""
    command, *arguments = judian("mcp")
    server = StdioServerParameters(command=command, args=arguments, env={**os.environ, "JUDIAN_API_URL": url, "JUDIAN_HOME": str(tmp_path)})
    assert asyncio.run(asked(Client(server, mode=mode))) == assistant.ask(GROWTH).answer


def test_over_stdio_without_a_service(home: Path, assistant: Assistant) -> None:
    command, *arguments = judian("mcp")
    server = StdioServerParameters(
        command=command, args=arguments, env={**os.environ, "JUDIAN_API_PORT": "9", "JUDIAN_API_KEYS": "on", "JUDIAN_HOME": str(home)}
    )
    assert asyncio.run(asked(Client(server))) == assistant.ask(GROWTH).answer


def test_over_http(url: str, assistant: Assistant, tmp_path: Path) -> None:
    environment = {**os.environ, "JUDIAN_API_URL": url, "JUDIAN_HOME": str(tmp_path)}
    with subprocess.Popen(judian("mcp", "--http", "--port", "0"), env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            address = process.stderr.readline().split()[-1]
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mcp", address)
            _wait_until_it_listens(address)
            assert asyncio.run(asked(Client(address))) == assistant.ask(GROWTH).answer
            foreign = httpx.post(
                address, json={}, headers={"host": "example.com", "accept": "application/json, text/event-stream"}, trust_env=False
            )
            assert foreign.status_code == 421
        finally:
            process.terminate()


def _wait_until_it_listens(address: str) -> None:
    transport = httpx.HTTPTransport(retries=10)
    with httpx.Client(transport=transport, trust_env=False, timeout=30) as http:
        assert http.get(address).status_code in (400, 405, 406)


def test_what_cannot_be_served_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDIAN_HOST", "0.0.0.0")
    assert isinstance(CliRunner().invoke(app, ["mcp", "--http"]).exception, ServiceError)
    monkeypatch.setenv("JUDIAN_HOST", "127.0.0.1")
    monkeypatch.setenv("JUDIAN_API_URL", "http://127.0.0.1:9")
    failed = CliRunner().invoke(app, ["mcp"]).exception
    assert isinstance(failed, ServiceError)
    assert "没有回应" in str(failed)
