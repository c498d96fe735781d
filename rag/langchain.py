"""据典 for those who build chains and agents of their own: its search as a LangChain retriever, its answers as a LangChain tool."""

from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun, CallbackManagerForToolRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import QuestionError
from rag.assistant import Assistant
from rag.config import Settings, read_settings
from rag.types import Answer, Citation
from rag.wire import open_assistant


class PolicyRetriever(BaseRetriever):
    """Finds passages of the policy documents, best first.

    A document's `page_content` is the passage, verbatim but for white space; its `metadata` are the other fields of a citation: document, title,
    date, heading path, the offsets `start` and `end` into the stored text, score. Searching raises UnknownDocumentError for an id in
    `documents` that the corpus does not hold, QuestionError for a query that cannot be taken.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    top_k: int = Field(default=10, ge=1, le=50)
    documents: tuple[str, ...] = ()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        return [_document(hit) for hit in self.assistant.search(query, self.top_k, self.documents)]


def open_retriever(settings: Settings | None = None, **options: Any) -> PolicyRetriever:
    """A retriever over the index that `judian index build` made; `options` are the retriever's fields `top_k` and `documents`."""
    return PolicyRetriever(assistant=open_assistant(settings or read_settings()), **options)


class PolicyQuestion(BaseModel):
    """What an agent asks."""

    question: str = Field(description="一个关于政策文件的问题，1 到 500 字，写明年份和事项")


class PolicyTool(BaseTool):
    """Answers questions out of the policy documents, every sentence with its sources.

    What an agent reads is the answer followed by its numbered quotes; the artifact of the tool message is the whole `rag.types.Answer`. A question
    that cannot be taken is answered with what is wrong with it, so that the agent can ask again. An answer cites at most about `top_k` passages
    of `documents`, or of all where none are named.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = "ask_policy_documents"
    description: str = "回答关于政策文件的问题，附原文出处；文件中没有的会说没有。"
    args_schema: type[BaseModel] = PolicyQuestion
    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    assistant: Assistant
    top_k: int = Field(default=5, ge=1, le=50)
    documents: tuple[str, ...] = ()

    def _run(self, question: str, run_manager: CallbackManagerForToolRun | None = None) -> tuple[str, Answer | None]:  # noqa: ARG002
        try:
            answer = self.assistant.ask(question, documents=self.documents, top_k=self.top_k)
        except QuestionError as exc:
            return str(exc), None
        return "\n".join([answer.answer, *map(_source, answer.citations)]), answer


def open_tool(settings: Settings | None = None, **options: Any) -> PolicyTool:
    """A tool over the index that `judian index build` made; `options` are the tool's fields `top_k` and `documents`."""
    return PolicyTool(assistant=open_assistant(settings or read_settings()), **options)


def _source(citation: Citation) -> str:
    quote = "".join(citation.quote.split())
    return f"[{citation.mark}] {citation.title}（{citation.date}）：“{quote}”"


def _document(hit: Citation) -> Document:
    metadata = {
        "document_id": hit.document_id,
        "source": hit.source,
        "title": hit.title,
        "date": hit.date,
        "heading_path": list(hit.heading_path),
        "quote": hit.quote,
        "start": hit.start,
        "end": hit.end,
        "score": hit.score,
        "context": list(hit.context),
    }
    return Document(id=hit.passage_id, page_content=hit.text, metadata=metadata)
