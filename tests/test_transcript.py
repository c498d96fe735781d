"""The page on the HTTP interface shows what happens: its requests are sent, its programs run."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.assistant import Assistant
from tests.transcript import ADDRESS, PAGE, Exchange, answered, example_service, exchanges, shown
from ui.api.app import create_app

PAGE_TEXT = PAGE.read_text("utf-8")
SHOWN = exchanges(PAGE_TEXT)
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE_TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def service(assistant: Assistant) -> Iterator[tuple[str, Path]]:
    with example_service(assistant) as service:
        yield service


def shape(value: Any) -> Any:
    """What stays the same from one answer to the next: names and kinds."""
    match value:
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case list():
            return [shape(item) for item in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def form(answer: str) -> Any:
    """The shape of an answer, or the names of its events."""
    try:
        return shape(json.loads(answer))
    except ValueError:
        return [line for line in answer.split("\n") if line.startswith("event: ")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("exchange", SHOWN, ids=[re.sub(r"\s+", " ", each.command)[:60] for each in SHOWN])
def test_an_answer_has_the_shape_that_the_page_shows(exchange: Exchange, service: tuple[str, Path]) -> None:
    now = shown(answered(exchange.command, *service))
    assert form(now) == form(exchange.answer)
    assert form(now)


def test_every_endpoint_is_on_the_page(assistant: Assistant) -> None:
    for path in create_app(lambda: assistant).openapi()["paths"]:
        assert re.sub(r"\w+_id", "id", path).replace("/{model}", "") in PAGE_TEXT, path


def test_the_first_answer_is_the_one_of_today(assistant: Assistant) -> None:
    told = json.loads(SHOWN[0].answer)
    answer = assistant.ask("2024年地区生产总值增长目标是多少？", top_k=1)
    assert told["answer"] == answer.answer
    assert [cited["quote"] for cited in told["citations"]] == [citation.quote for citation in answer.citations]


@pytest.mark.parametrize("program", PROGRAMS, ids=["openai", "langchain"])
def test_the_programs_of_the_page_run(
    program: str, service: tuple[str, Path], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUDIAN_HOME", str(home))
    exec(compile(program.replace(ADDRESS, service[0]), "docs/api.md", "exec"), {})
    assert "地区生产总值增长6%左右" in capsys.readouterr().out
    assert len([line for line in program.split("\n") if line.strip()]) <= 10


def test_a_command_ends_where_a_shell_ends_it() -> None:
    page = '```console\n$ curl a \\\n  -d \'{\n "b": 1}\'\n{"c": 2}\n```\n\n```console\n$ curl d\nevent: e\n```\n'
    assert exchanges(page) == [Exchange("curl a \\\n  -d '{\n \"b\": 1}'", '{"c": 2}'), Exchange("curl d", "event: e")]
