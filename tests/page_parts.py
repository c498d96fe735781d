"""What the tests of the page share: one document, one citation, answers about it, and a service that answers from a table."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from rag.types import Answer, Citation, CitationVia, Mode
from ui.client import DocumentCard, Service

TEXT = "今年经济社会发展的主要预期目标是：地区生产总值增长6%左右，规上工业增加值增长7%。"
QUOTE = "地区生产总值增长6%左右"
CITATION: dict[str, Any] = {
    "mark": 1,
    "passage_id": "001-1",
    "document_id": "001",
    "source": "001.txt",
    "title": "政府工作报告（2024年）",
    "date": "2024-01-21",
    "heading_path": ["二、2024年主要任务"],
    "text": TEXT,
    "quote": QUOTE,
    "start": 17,
    "end": 29,
    "via": "reading",
    "score": 0.98,
}
DOCUMENT: dict[str, Any] = {
    "id": "001",
    "source": "001.txt",
    "title": "政府工作报告（2024年）",
    "issuer": "市政府",
    "number": "渝府〔2024〕1号",
    "date": "2024-01-21",
    "reports_on": [2023],
    "plans_for": [2024],
    "inferred": [],
    "characters": 42,
    "passages": 1,
    "tasks": 0,
    "measures": 0,
}


def answered(text: str, question: str, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "answer": text,
        "abstained": False,
        "mode": "reading",
        "question": question,
        "citations": [CITATION],
        "confidence": 0.95,
        "related": ["2024年规上工业增加值增长目标是多少？"],
        "timings_ms": {"total": 9.0},
    }
    return {**base, **changes}


class FakeApi:
    """Answers from `answers`, by question; what it is not told of it abstains from. Keeps every body that it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {
            "2024年经济增长目标是多少？": answered("6%左右[1]。", "2024年经济增长目标是多少？"),
            "那工业呢？": answered("7%[1]。", "2024年规上工业增加值增长目标是多少", confidence=0.6),
        }
        self.asked: list[dict[str, Any]] = []
        self.down = False
        self.judged: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/v1/documents":
            return httpx.Response(200, json=[DOCUMENT])
        if request.url.path == "/openapi.json":
            return httpx.Response(200, json={"paths": {"/v1/ask": {"post": {}}, "/v1/feedback": {"post": {}}}})
        if request.url.path == "/v1/feedback":
            self.judged.append(json.loads(request.content))
            return httpx.Response(200, json={"id": len(self.judged)})
        if request.url.path == "/v1/ask":
            body = json.loads(request.content)
            self.asked.append(body)
            nothing = answered("文件中没有找到这个问题的答案。", body["question"], abstained=True, confidence=0.1, related=[])
            return httpx.Response(200, json=self.answers.get(body["question"], nothing))
        return httpx.Response(404, json={"detail": f"没有 {request.url.path} 这个地址。"})


def service_that(respond: Callable[[httpx.Request], httpx.Response]) -> Service:
    return Service("http://service.test/", httpx.MockTransport(respond))


def citation(**changes: Any) -> Citation:
    held = {**CITATION, "heading_path": tuple(CITATION["heading_path"]), "via": CitationVia(CITATION["via"])}
    return replace(Citation(**held), **changes)


def answer(text: str = "6%左右[1]。", **changes: Any) -> Answer:
    return replace(Answer(text, False, Mode.READING, "问", (citation(),), 0.95), **changes)


def card(**changes: Any) -> DocumentCard:
    lists = {"reports_on": tuple(DOCUMENT["reports_on"]), "plans_for": tuple(DOCUMENT["plans_for"]), "inferred": ()}
    return replace(DocumentCard(**{**DOCUMENT, **lists}), **changes)
