"""The page's client of the HTTP API: typed answers in, Chinese errors out."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from corpus.errors import JudianError, QuestionError, ServiceError, UnknownDocumentError
from rag.types import Answer, Citation, CitationVia, Mode, Turn

LONGEST_QUESTION = 500
"""Characters of a question that the API takes."""

LONGEST_TURN = 2000
MOST_TURNS = 20
"""What the API takes of an earlier conversation: characters a turn, and turns."""

_TIMEOUT = httpx.Timeout(120.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """What the service knows of a document; the names in `inferred` are not written in the document itself."""

    id: str
    source: str
    title: str
    issuer: str
    number: str | None
    date: str
    reports_on: tuple[int, ...]
    plans_for: tuple[int, ...]
    inferred: tuple[str, ...]
    characters: int
    passages: int
    tasks: int
    measures: int


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading of a document; `start` and `end` are character offsets into the stored text."""

    level: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A numbered task; `start` and `end` are where it stands in its document."""

    number: int
    text: str
    heading_path: tuple[str, ...]
    lead_units: tuple[str, ...]
    cooperating_units: tuple[str, ...]
    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MeasureRecord:
    """One value of an indicator in one year, as written; `start` and `end` are where its row stands in its document."""

    indicator: str
    unit: str
    year: int
    kind: str
    value: str
    note: str
    table: str
    document_id: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The indicator with its unit, as the page lists it."""
        return f"{self.indicator}（{self.unit}）" if self.unit else self.indicator


@dataclass(frozen=True, slots=True)
class Update:
    """How the latest change of the documents goes: whether it is under way, and what went wrong (empty when nothing)."""

    under_way: bool
    problem: str


class Service:
    """The API at `url`. Every method raises ServiceError when the service cannot be reached, is not ready or fails.

    A request that the service refuses raises QuestionError, an unknown document UnknownDocumentError, with the service's own words.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None, key: str = "") -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # A proxy of the environment would carry questions out of the house: the address given is the one spoken to.
        self._http = httpx.Client(base_url=self.url, timeout=_TIMEOUT, trust_env=False, transport=transport, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def ask(self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = ()) -> Answer:
        """The service's answer, from these documents and of these years alone where some are named.

        A question that is empty or too long is refused here, without a request.
        """
        body = {
            "question": checked_question(question),
            "history": [asdict(turn) for turn in trimmed_history(history)],
            "documents": list(documents),
            "years": list(years),
        }
        return read_answer(self._json("POST", "/v1/ask", json=body))

    def search(self, query: str, top_k: int = 10, documents: Sequence[str] = ()) -> tuple[Citation, ...]:
        """The passages that fit the query best, best first."""
        body = {"query": checked_question(query), "top_k": top_k, "documents": list(documents)}
        return tuple(_citation(hit) for hit in self._json("POST", "/v1/search", json=body)["hits"])

    def documents(self) -> tuple[DocumentCard, ...]:
        return tuple(_card(item) for item in self._json("GET", "/v1/documents"))

    def outline(self, document_id: str) -> tuple[OutlineEntry, ...]:
        found = self._json("GET", f"/v1/documents/{_segment(document_id)}")
        return tuple(OutlineEntry(item["level"], item["text"], item["start"], item["end"]) for item in found["outline"])

    def text(self, document_id: str) -> str:
        """The whole document as stored."""
        return str(self._json("GET", f"/v1/documents/{_segment(document_id)}/text")["text"])

    def tasks(self) -> tuple[TaskRecord, ...]:
        return tuple(TaskRecord(**_known(TaskRecord, item)) for item in self._listed("tasks"))

    def measures(self) -> tuple[MeasureRecord, ...]:
        return tuple(MeasureRecord(**_known(MeasureRecord, item)) for item in self._listed("measures"))

    def _listed(self, name: str) -> list[dict[str, Any]]:
        """Every record of a listing endpoint, page after page."""
        listed: list[dict[str, Any]] = []
        while True:
            found = self._json("GET", f"/v1/{name}?offset={len(listed)}")
            listed += found[name]
            if not found[name] or len(listed) >= found["total"]:
                return listed

    def feedback(
        self, question: str, history: Sequence[Turn], answer: Answer, helpful: bool, expected: str = "", comment: str = ""
    ) -> None:
        """Tells the service whether an answer was of use, what it should have been, and why."""
        body = {
            "question": checked_question(question),
            "history": [asdict(turn) for turn in trimmed_history(history)],
            "helpful": helpful,
            "answer": answer.answer,
            "citations": [{"document_id": cited.document_id, "start": cited.start, "end": cited.end} for cited in answer.citations],
            "expected": expected,
            "comment": comment,
        }
        self._json("POST", "/v1/feedback", json=body)

    def add_document(self, name: str, content: bytes, title: str = "", date: str = "", number: str = "") -> str:
        """Uploads a document; the id it will have once the index is made anew. What is empty is read off the document."""
        said = {field: value for field, value in (("title", title), ("date", date), ("number", number)) if value}
        return str(self._json("POST", "/v1/documents", files={"file": (name, content)}, data=said)["id"])

    def remove_document(self, document_id: str) -> None:
        self._json("DELETE", f"/v1/documents/{_segment(document_id)}")

    def update(self) -> Update:
        """Whether the index is being made anew, and why the last time failed, if it did."""
        found = self._json("GET", "/healthz")
        return Update(bool(found.get("updating", False)), str(found.get("problem", "")))

    def endpoints(self) -> frozenset[str]:
        """What the service offers: "POST /v1/ask" and the like."""
        paths = self._json("GET", "/openapi.json")["paths"]
        return frozenset(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)

    def _json(self, method: str, path: str, **content: Any) -> Any:
        try:
            response = self._http.request(method, path, **content)
        except httpx.TimeoutException as exc:
            raise ServiceError("问答服务太久没有回应。请稍后再试；若一直如此，请联系管理员。") from exc
        except httpx.HTTPError as exc:
            raise ServiceError("连不上问答服务，可能尚未启动或正在重启。请稍后再试；若一直如此，请联系管理员。") from exc
        try:
            found = response.json()
        except ValueError as exc:
            raise ServiceError(f"问答服务的回应无法读懂（状态 {response.status_code}）。请联系管理员核对服务地址。") from exc
        if response.is_success:
            return found
        raise _refusal(response.status_code, str(found.get("detail", "")) if isinstance(found, dict) else "")


def service_key(service: Service) -> str:
    """What tells one service from another when their answers are kept."""
    return service.url


def checked_question(question: str) -> str:
    """The question without white space around it. Raises QuestionError when it is empty or longer than the service takes."""
    stripped = question.strip()
    if not stripped:
        raise QuestionError("问题是空的，请写下想问的内容。")
    if len(stripped) > LONGEST_QUESTION:
        raise QuestionError(f"问题有 {len(stripped)} 字，最多 {LONGEST_QUESTION} 字。请只留下要问的部分，分几次问也可以。")
    return stripped


def trimmed_history(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The latest turns that the service takes, each cut to the length that it takes."""
    return tuple(Turn(turn.role, turn.content[:LONGEST_TURN]) for turn in history[-MOST_TURNS:])


def _refusal(status: int, detail: str) -> JudianError:
    if status == 404:
        return UnknownDocumentError(detail or "没有找到。")
    if status == 503:
        return ServiceError(f"服务尚未就绪：{detail or '索引正在载入，请稍候再试。'}")
    if 400 <= status < 500:
        return QuestionError(detail or "服务没有接受这个问题，请换个说法再问。")
    return ServiceError(detail or "服务内部出错，请稍后再试。")


def _segment(document_id: str) -> str:
    """An id as one segment of a path: an id out of an address bar may hold anything."""
    return quote(document_id, safe="").replace(".", "%2E")


def read_answer(found: Mapping[str, Any]) -> Answer:
    """An answer out of the JSON object that the service sends."""
    return Answer(
        answer=found["answer"],
        abstained=found["abstained"],
        mode=Mode(found["mode"]),
        question=found["question"],
        citations=tuple(_citation(item) for item in found["citations"]),
        confidence=found["confidence"],
        related=tuple(found["related"]),
        timings_ms=dict(found["timings_ms"]),
        note=str(found.get("note", "")),
    )


def _citation(found: Mapping[str, Any]) -> Citation:
    return Citation(**{**_known(Citation, found), "via": CitationVia(found["via"])})


def _card(found: Mapping[str, Any]) -> DocumentCard:
    return DocumentCard(**_known(DocumentCard, found))


def _known(kind: type[Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What of a JSON object the record keeps, lists made tuples.

    Fields that a newer service adds are passed over; those that an older one did not give keep their defaults.
    """
    values = {field.name: found[field.name] for field in fields(kind) if field.name in found or field.default is MISSING}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
