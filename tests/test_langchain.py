"""The LangChain retriever over the real index."""

import asyncio

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from corpus.errors import QuestionError, UnknownDocumentError
from rag import langchain
from rag.assistant import Assistant
from rag.config import Settings
from rag.langchain import PolicyRetriever, open_retriever

QUERY = "城市轨道交通运营里程"


@pytest.fixture
def retriever(assistant: Assistant) -> PolicyRetriever:
    return PolicyRetriever(assistant=assistant, top_k=6)


def test_it_finds_what_the_assistant_finds(retriever: PolicyRetriever, assistant: Assistant) -> None:
    assert isinstance(retriever, BaseRetriever)
    found, hits = retriever.invoke(QUERY), assistant.search(QUERY, 6)
    assert [document.id for document in found] == [hit.passage_id for hit in hits]
    assert [document.page_content for document in found] == [hit.text for hit in hits]
    assert [document.metadata["score"] for document in found] == [hit.score for hit in hits]


def test_a_found_passage_says_where_it_stands(retriever: PolicyRetriever, assistant: Assistant) -> None:
    for document in retriever.invoke(QUERY):
        stored = assistant.document(document.metadata["document_id"]).document
        assert document.metadata["source"] == stored.info.file
        assert "".join(stored.text[document.metadata["start"] : document.metadata["end"]].split()) == "".join(
            document.metadata["quote"].split()
        )
        assert document.metadata["heading_path"]


def test_it_keeps_to_some_documents(assistant: Assistant) -> None:
    found = PolicyRetriever(assistant=assistant, documents=("001",)).invoke("就业")
    assert len(found) == 10
    assert {document.metadata["document_id"] for document in found} == {"001"}


def test_it_is_a_link_of_a_chain(retriever: PolicyRetriever) -> None:
    chain = retriever | RunnableLambda(len)
    assert chain.invoke(QUERY) == 6
    assert chain.batch([QUERY, "粮食产量"]) == [6, 6]
    assert asyncio.run(chain.ainvoke(QUERY)) == 6


def test_errors_are_those_of_the_assistant(assistant: Assistant, retriever: PolicyRetriever) -> None:
    with pytest.raises(UnknownDocumentError, match="没有编号为 '999' 的文件"):
        PolicyRetriever(assistant=assistant, documents=("999",)).invoke(QUERY)
    with pytest.raises(QuestionError):
        retriever.invoke("  ")
    with pytest.raises(ValidationError):
        PolicyRetriever(assistant=assistant, top_k=0)


def test_it_opens_by_settings(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Settings] = []

    def opening(settings: Settings) -> Assistant:
        opened.append(settings)
        return assistant

    monkeypatch.setattr(langchain, "open_assistant", opening)
    settings = Settings(threads=1)
    assert len(open_retriever(settings, top_k=3).invoke(QUERY)) == 3
    assert opened == [settings]
