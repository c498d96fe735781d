"""The OpenAI-compatible endpoints, asked by the official client over a real server."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from corpus.errors import ChatModelBusyError
from rag.assistant import Assistant
from rag.types import Turn
from tests.serving import served
from tests.test_api import CITATION_FIELDS, GROWTH
from tests.test_stream import failing
from ui.api.app import create_app
from ui.api.chat_completions import conversation, tokens
from ui.api.chat_schemas import ChatMessage

ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": GROWTH}]


@pytest.fixture(scope="module")
def url(assistant: Assistant) -> Iterator[str]:
    with served(create_app(lambda: assistant)) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


def citations(holder: Any) -> list[dict[str, Any]]:
    """The citations that a message or a chunk's delta carries beside its own fields."""
    found: list[dict[str, Any]] = holder.model_extra["citations"]
    return found


def test_a_completion_is_the_answer(client: OpenAI, assistant: Assistant) -> None:
    completion = client.chat.completions.create(model="judian", messages=ASKED)
    choice = completion.choices[0]
    answer = assistant.ask(GROWTH)
    assert (choice.index, choice.finish_reason, choice.message.role) == (0, "stop", "assistant")
    assert choice.message.content == answer.answer
    assert [cited["quote"] for cited in citations(choice.message)] == [citation.quote for citation in answer.citations]
    assert all(set(cited) == CITATION_FIELDS for cited in citations(choice.message))
    assert completion.model == "judian"
    assert completion.object == "chat.completion"
    assert completion.usage is not None
    counted = (tokens(GROWTH), tokens(answer.answer))
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == counted
    assert completion.usage.total_tokens == sum(counted)


def test_a_stream_is_the_completion_in_chunks(client: OpenAI, assistant: Assistant) -> None:
    chunks = list(client.chat.completions.create(model="judian", messages=ASKED, stream=True))
    answer = assistant.ask(GROWTH)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [cited["start"] for cited in citations(chunks[0].choices[0].delta)] == [citation.start for citation in answer.citations]
    assert text_of(chunks) == answer.answer
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


def text_of(chunks: list[ChatCompletionChunk], index: int = 0) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices if choice.index == index)


def test_a_stream_tells_its_usage_last_where_it_is_asked_to(client: OpenAI, assistant: Assistant) -> None:
    stream = client.chat.completions.create(model="judian", messages=ASKED, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == tokens(GROWTH) + tokens(assistant.ask(GROWTH).answer)


def test_the_helper_of_the_client_puts_a_stream_together(client: OpenAI, assistant: Assistant) -> None:
    with client.chat.completions.stream(model="judian", messages=ASKED) as stream:
        completion = stream.get_final_completion()
    assert completion.choices[0].message.content == assistant.ask(GROWTH).answer


def test_several_choices(client: OpenAI, assistant: Assistant) -> None:
    answer = assistant.ask(GROWTH).answer
    completion = client.chat.completions.create(model="judian", messages=ASKED, n=2)
    assert [(choice.index, choice.message.content) for choice in completion.choices] == [(0, answer), (1, answer)]
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 2 * tokens(answer)
    chunks = list(client.chat.completions.create(model="judian", messages=ASKED, n=2, stream=True))
    assert [text_of(chunks, index) for index in (0, 1)] == [answer, answer]


def test_what_clients_send_besides_is_taken(client: OpenAI) -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "你是助手。"},
            {"role": "user", "content": [{"type": "text", "text": GROWTH}, {"type": "image_url", "image_url": {"url": "data:,"}}]},
        ],
        temperature=0.2,
        top_p=1,
        max_tokens=5,
        stop=["。"],
        seed=1,
        user="u1",
        tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        tool_choice="auto",
        response_format={"type": "text"},
        presence_penalty=0,
        metadata={"a": "b"},
    )
    assert completion.model == "judian"
    assert "6%左右" in (completion.choices[0].message.content or "")


def test_a_follow_up_is_understood(client: OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [
        *ASKED,
        {"role": "assistant", "content": "6%左右[1]。"},
        {"role": "user", "content": "那城镇新增就业呢？"},
    ]
    completion = client.chat.completions.create(model="judian", messages=messages)
    assert "60万人以上" in (completion.choices[0].message.content or "")


def test_what_is_refused_reads_as_an_error_of_the_client(client: OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="500"):
        client.chat.completions.create(model="judian", messages=[{"role": "user", "content": "问" * 501}])
    with pytest.raises(openai.UnprocessableEntityError, match="没有 user 消息") as refused:
        client.chat.completions.create(model="judian", messages=[{"role": "system", "content": "你是助手。"}], stream=True)
    assert refused.value.code == "422"
    with pytest.raises(openai.NotFoundError, match="只有 judian"):
        client.models.retrieve("gpt-4o")


def test_an_error_on_the_way_reaches_the_client(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assistant, "stream", failing(ChatModelBusyError("模型没有回应。")))
    unheard: list[ChatCompletionMessageParam] = [{"role": "user", "content": "2024年固定资产投资增长目标是多少？"}]
    stream = client.chat.completions.create(model="judian", messages=unheard, stream=True)
    with pytest.raises(openai.APIError, match="模型没有回应。"):
        list(stream)


def test_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["judian"]
    assert client.models.retrieve("judian").owned_by == "judian"


def test_errors_keep_the_form_of_the_others(assistant: Assistant) -> None:
    with TestClient(create_app(lambda: assistant)) as client:
        response = client.post("/v1/chat/completions", json={"messages": []})
        assert response.headers["content-type"] == "application/problem+json"
        body = response.json()
        assert body["detail"] == body["error"]["message"] == "messages 过少，至少 1 个。"
        missing = client.get("/v1/models/x").json()
        assert missing["detail"] == missing["error"]["message"] == "没有名为 'x' 的模型，只有 judian。"


def test_the_question_is_the_last_message_of_the_user() -> None:
    said = [("user", "甲" * 3000), ("assistant", "乙"), ("assistant", " "), ("tool", "丙"), ("user", "丁"), ("assistant", "戊")]
    question, history = conversation([ChatMessage(role=role, content=content) for role, content in said])
    assert question == "丁"
    assert history == [Turn("user", "甲" * 2000), Turn("assistant", "乙")]
    many = [ChatMessage(role="user", content=str(number)) for number in range(50)]
    question, history = conversation(many)
    assert question == "49"
    assert [turn.content for turn in history] == [str(number) for number in range(29, 49)]


def test_tokens() -> None:
    assert tokens("2024年GDP增长6%左右。") == len(["2024", "年", "GDP", "增", "长", "6", "%", "左", "右", "。"])
    assert tokens(" \n") == 0
