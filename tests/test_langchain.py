"""The LangChain retriever and tool over the real index."""

import asyncio

import pytest
from langchain_core.messages import ToolCall, ToolMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from corpus.errors import QuestionError, UnknownDocumentError
from rag import langchain
from rag.assistant import Assistant
from rag.config import Settings
from rag.langchain import PolicyQuestion, PolicyRetriever, PolicyTool, open_retriever, open_tool
from rag.types import Answer

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
        assert "context" in document.metadata


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
    assert open_tool(settings, top_k=3).top_k == 3
    assert opened == [settings, settings]


def test_the_tool_answers_with_its_sources(assistant: Assistant) -> None:
    question = "2024年地区生产总值增长目标是多少？"
    tool, answer = PolicyTool(assistant=assistant), assistant.ask(question)
    text = tool.invoke({"question": question})
    first, *sources = text.split("\n")
    assert first == answer.answer
    assert [source.split("]")[0] for source in sources] == [f"[{citation.mark}" for citation in answer.citations]
    assert sources[0] == "[1] 重庆市人民政府工作报告（2024年）（2024-01-21）：“地区生产总值增长6%左右”"


def test_an_agent_gets_the_whole_answer_beside_the_words(assistant: Assistant) -> None:
    tool = PolicyTool(assistant=assistant, top_k=2, documents=("001",))
    call = ToolCall(name=tool.name, args={"question": "2024年城镇新增就业目标是多少？"}, id="1", type="tool_call")
    message = tool.invoke(call)
    assert isinstance(message, ToolMessage)
    assert isinstance(message.artifact, Answer)
    assert {citation.document_id for citation in message.artifact.citations} == {"001"}
    assert asyncio.run(tool.ainvoke({"question": QUERY})) == tool.invoke({"question": QUERY})


def test_an_agent_is_told_what_is_wrong_with_its_question(assistant: Assistant) -> None:
    tool = PolicyTool(assistant=assistant)
    assert tool.invoke({"question": "？？"}) == "问题里没有文字，请输入要问的内容。"
    assert tool.args_schema is PolicyQuestion
    assert PolicyQuestion.model_json_schema()["required"] == ["question"]
    with pytest.raises(UnknownDocumentError):
        PolicyTool(assistant=assistant, documents=("999",)).invoke({"question": QUERY})
