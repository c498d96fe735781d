"""The search of 据典 as a LangChain retriever, for those who build chains and agents of their own."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from rag.assistant import Assistant
from rag.config import Settings, read_settings
from rag.types import Citation
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
    }
    return Document(id=hit.passage_id, page_content=hit.text, metadata=metadata)
