"""The service as tools of the Model Context Protocol: search, ask, measures, tasks and the documents' text, with typed results.

The tools speak to the HTTP interface, of a running service or of one in this process, so that what it checks and says holds here too.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

import httpx
from fastapi import FastAPI
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from ui.api.schemas import AnswerBody, DocumentBody, HitsBody, MeasuresBody, TasksBody, TextBody, TurnBody

INSTRUCTIONS = (
    "据典回答关于政策文件的问题，每句话都有原文出处。先用 ask 提问；要看依据用 search 和 read_document；要数据用 tasks 和 measures。"
)
READ_AT_ONCE = 20_000
"""Characters of a document that one call gives out."""

_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

DocumentIds = Annotated[list[str] | None, Field(max_length=100, description="只在这些文件里找（文件编号）；不写为不限")]
Offset = Annotated[int, Field(ge=0, description="从第几条起，从 0 数")]
Limit = Annotated[int, Field(ge=1, le=1000, description="最多几条")]
Body = TypeVar("Body", bound=BaseModel)


class DocumentList(BaseModel):
    """文件清单。"""

    documents: list[DocumentBody] = Field(description="全部文件")


class Tools:
    """The tools, over a client of the HTTP interface; a refusal is raised as a ToolError with the service's own words."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(
        self,
        question: Annotated[str, Field(min_length=1, max_length=500, description="问题，1 到 500 字")],
        history: Annotated[list[TurnBody] | None, Field(max_length=20, description="此前的对话，追问要靠它补全")] = None,
        documents: DocumentIds = None,
        years: Annotated[list[int] | None, Field(max_length=20, description="只要这些年份")] = None,
        top_k: Annotated[int, Field(ge=1, le=50, description="最多引用几段")] = 5,
    ) -> AnswerBody:
        """提问：根据政策文件回答，每句话都有引文；文件中没有的就说没有。"""
        turns = [turn.model_dump() for turn in history or []]
        body = {"question": question, "history": turns, "documents": documents or [], "years": years or [], "top_k": top_k}
        return await self._answer(AnswerBody, "POST", "/v1/ask", json=body)

    async def search(
        self,
        query: Annotated[str, Field(min_length=1, max_length=500, description="检索词或问题")],
        top_k: Annotated[int, Field(ge=1, le=50, description="最多几段")] = 10,
        documents: DocumentIds = None,
    ) -> HitsBody:
        """检索：找出最相符的原文段落。"""
        return await self._answer(HitsBody, "POST", "/v1/search", json={"query": query, "top_k": top_k, "documents": documents or []})

    async def tasks(
        self,
        unit: Annotated[str, Field(max_length=50, description="单位，可用简称")] = "",
        role: Annotated[Literal["lead", "cooperate", "any"], Field(description="牵头、配合或不限")] = "any",
        chapter: Annotated[str, Field(max_length=100, description="章节标题中的文字")] = "",
        q: Annotated[str, Field(max_length=100, description="任务中的文字")] = "",
        offset: Offset = 0,
        limit: Limit = 50,
    ) -> TasksBody:
        """任务：任务分解中的任务及其责任单位、配合单位。"""
        wanted = {"unit": unit, "role": role, "chapter": chapter, "q": q, "offset": offset, "limit": limit}
        return await self._answer(TasksBody, "GET", "/v1/tasks", params=wanted)

    async def measures(
        self,
        indicator: Annotated[str, Field(max_length=100, description="指标名中的文字")] = "",
        year: Annotated[int | None, Field(description="年份")] = None,
        offset: Offset = 0,
        limit: Limit = 50,
    ) -> MeasuresBody:
        """指标：指标表中的值，照表中所写。"""
        wanted: dict[str, Any] = {"indicator": indicator, "offset": offset, "limit": limit}
        return await self._answer(MeasuresBody, "GET", "/v1/measures", params=wanted if year is None else {**wanted, "year": year})

    async def list_documents(self) -> DocumentList:
        """文件清单：有哪些文件，各自的编号、标题和日期。"""
        return DocumentList(documents=[DocumentBody(**item) for item in await self._json("GET", "/v1/documents")])

    async def read_document(
        self,
        document_id: Annotated[str, Field(min_length=1, max_length=100, description="文件编号")],
        start: Annotated[int, Field(ge=0, description="起点，从 0 数的字符位置")] = 0,
        end: Annotated[int | None, Field(ge=0, description="终点；默认从起点起两万字，也至多两万字")] = None,
    ) -> TextBody:
        """读原文：一份文件的一段，一字不改。引文的 start 和 end 就是这里的位置。"""
        last = start + READ_AT_ONCE if end is None else min(end, start + READ_AT_ONCE)
        path = f"/v1/documents/{quote(document_id, safe='').replace('.', '%2E')}/text"
        return await self._answer(TextBody, "GET", path, params={"start": start, "end": last})

    async def _answer(self, shape: type[Body], method: str, path: str, **content: Any) -> Body:
        return shape.model_validate(await self._json(method, path, **content))

    async def _json(self, method: str, path: str, **content: Any) -> Any:
        try:
            response = await self._http.request(method, path, **content)
            found = response.json()
        except (httpx.HTTPError, ValueError) as exc:
            raise ToolError("问答服务没有回应，请稍后再试；若一直如此，请联系管理员。") from exc
        if response.is_success:
            return found
        raise ToolError(str(found.get("detail", "")) or "问答服务出错，请稍后再试。")


def mcp_server(http: httpx.AsyncClient) -> MCPServer[None]:
    """A server that offers the tools."""
    tools = Tools(http)
    server: MCPServer[None] = MCPServer("judian", title="据典", instructions=INSTRUCTIONS, log_level="WARNING")
    for tool in (tools.ask, tools.search, tools.tasks, tools.measures, tools.list_documents, tools.read_document):
        server.add_tool(tool, annotations=_READ_ONLY, structured_output=True)
    return server


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service in this process, which takes up new indexes like any other."""
    async with app.router.lifespan_context(app), in_process(app) as http:
        yield http


def in_process(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", timeout=_TIMEOUT)


def at_address(url: str, key: str = "") -> httpx.AsyncClient:
    """A client of the service at `url`, which it shows the `key` if there is one."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT, trust_env=False)
