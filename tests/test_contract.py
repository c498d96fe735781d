"""The description of the interface: complete, in Chinese, and kept by every endpoint whatever is sent to it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from rag.assistant import Assistant
from rag.config import Settings
from tests.test_api import problem
from ui.api.administrators import require_administrator
from ui.api.app import create_app
from ui.api.indexing import Indexer

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
OPERATIONS = {
    "POST /v1/ask",
    "POST /v1/ask/batch",
    "POST /v1/search",
    "GET /v1/documents",
    "POST /v1/documents",
    "GET /v1/documents/{document_id}",
    "DELETE /v1/documents/{document_id}",
    "GET /v1/documents/{document_id}/text",
    "GET /v1/passages/{passage_id}",
    "GET /v1/tasks",
    "GET /v1/measures",
    "POST /v1/feedback",
    "POST /v1/chat/completions",
    "GET /v1/models",
    "GET /v1/models/{model}",
    "GET /healthz",
    "GET /metrics",
}


NOTHING_TO_GET_WRONG = {
    "DELETE /v1/documents/{document_id}",
    "GET /v1/documents",
    "GET /v1/documents/{document_id}",
    "GET /v1/models",
    "GET /v1/models/{model}",
    "GET /v1/passages/{passage_id}",
    "GET /healthz",
    "GET /metrics",
}
"""Operations that take any text or nothing at all, so that no request can violate their description."""

MODES = [(name, GenerationMode.POSITIVE) for name in sorted(OPERATIONS)]
MODES += [(name, GenerationMode.NEGATIVE) for name in sorted(OPERATIONS - NOTHING_TO_GET_WRONG)]


@pytest.fixture(scope="module")
def service(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The service as an administrator meets it; changes of the library are made, the index is left alone."""
    app = create_app(lambda: assistant, Settings(home=tmp_path_factory.mktemp("home")))
    app.dependency_overrides[require_administrator] = lambda: None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Indexer, "update", lambda _: None)
        app.state.served.load()
        yield app


@pytest.fixture(scope="module")
def interface(service: FastAPI) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", service)


@pytest.mark.parametrize(("operation", "mode"), MODES)
def test_every_endpoint_keeps_to_its_description(interface: Any, operation: str, mode: GenerationMode) -> None:
    method, path = operation.split()

    @settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=interface[path][method].as_strategy(generation_mode=mode))
    def keep_to_it(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    keep_to_it()


def test_the_examples_of_the_description_work(service: FastAPI) -> None:
    client = TestClient(service)
    shapes = service.openapi()["components"]["schemas"]
    for path, name in {"ask": "AskBody", "ask/batch": "BatchBody", "search": "SearchBody", "feedback": "FeedbackBody"}.items():
        for example in shapes[name]["examples"]:
            assert client.post(f"/v1/{path}", json=example).is_success, path
    assert client.post("/v1/chat/completions", json=shapes["ChatBody"]["examples"][0]).is_success


def test_every_operation_is_described(service: FastAPI) -> None:
    description = service.openapi()
    operations = {f"{method.upper()} {path}": found for path, methods in description["paths"].items() for method, found in methods.items()}
    assert operations.keys() == OPERATIONS
    tags = {tag["name"] for tag in description["tags"]}
    for name, operation in operations.items():
        assert CHINESE.search(operation["summary"]), name
        assert CHINESE.search(operation["description"]), name
        assert set(operation["tags"]) <= tags
        assert len(operation["tags"]) == 1
        for parameter in operation.get("parameters", []):
            assert CHINESE.search(parameter.get("description", "")), (name, parameter["name"])
        for status, response in operation["responses"].items():
            assert CHINESE.search(response["description"]), (name, status)
            if int(status) >= 400:
                (media,) = response["content"].items()
                assert media[0] == "application/problem+json"
                assert media[1]["example"]["status"] == int(status)
    assert len({operation["operationId"] for operation in operations.values()}) == len(operations)


def test_every_field_is_described_with_an_example(service: FastAPI) -> None:
    shapes = service.openapi()["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & set(shapes)
    for name, shape in shapes.items():
        assert CHINESE.search(shape["description"]), name
        for field, described in shape["properties"].items():
            # A field that holds another shape says no more than that shape does.
            assert CHINESE.search(described.get("description", "")) or "$ref" in described, (name, field)
    requests = {"AskBody", "BatchBody", "SearchBody", "FeedbackBody", "ChatBody"}
    answers = {"AnswerBody", "CitationBody", "TextBody", "ChangedBody", "Completion"}
    for name in requests | answers:
        assert shapes[name]["examples"], name


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/measures", "/v1/documents", "/v1/documents/001", "/v1/documents/001/text"])
def test_unknown_parameters_are_refused(service: FastAPI, path: str) -> None:
    client = TestClient(service)
    assert client.get(path).status_code == 200
    problem(client.get(f"{path}?colour=red"), 422, "不认识参数 colour")
