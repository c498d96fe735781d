"""Streaming from a chat model: pieces in order, a deadline for the whole, errors in our words, and closing as a way to stop it."""

import time
from contextlib import closing

import pytest

from corpus.errors import ChatModelBusyError, ChatModelError
from rag.llm import ChatModel, open_chat_model
from rag.types import Turn
from tests.scripted import Piece, chat, saying

ASKED = (Turn("user", "问"),)


def test_pieces_come_in_order() -> None:
    model = chat(["第一", "第二", "", "第三"])
    assert [piece for piece in model.stream("system", ASKED, 5) if piece] == ["第一", "第二", "第三"]


def test_system_and_turns_are_what_the_model_is_asked() -> None:
    script = saying("好")
    list(ChatModel(script, "m").stream("规则", (Turn("user", "问"), Turn("assistant", "答"), Turn("user", "再问")), 5))
    assert [(message.type, message.content) for message in script.asked[0]] == [
        ("system", "规则"),
        ("human", "问"),
        ("ai", "答"),
        ("human", "再问"),
    ]


def test_the_deadline_is_for_the_whole_answer() -> None:
    model = chat(["一", 0.05, "二", 30.0, "三"])
    started = time.monotonic()
    pieces = model.stream("system", ASKED, 1)
    assert [next(pieces), next(pieces)] == ["一", "二"]
    with pytest.raises(ChatModelBusyError, match=r"在 1 秒内没有答完"):
        next(pieces)
    assert time.monotonic() - started < 25


def test_closing_stops_the_model() -> None:
    pauses: list[Piece] = ["二", 0.01]
    script = saying(["一", *pauses * 2000])
    with closing(ChatModel(script, "m").stream("system", ASKED, 60)) as pieces:
        assert next(pieces) == "一"
    assert script.stopped.wait(20)
    assert len(script.said) < 2000


def test_a_model_that_cannot_stream_answers_in_one_piece() -> None:
    from langchain_core.language_models import FakeListChatModel

    assert "".join(ChatModel(FakeListChatModel(responses=["全部"]), "m").stream("system", ASKED, 5)) == "全部"


def test_an_error_in_the_middle_is_ours() -> None:
    pieces = chat(["一", RuntimeError("key sk-abcdef123456 refused")]).stream("system", ASKED, 5)
    assert next(pieces) == "一"
    with pytest.raises(ChatModelError, match="RuntimeError：key … refused"):
        next(pieces)


def test_one_loop_serves_one_stream_after_another() -> None:
    model = chat("好")
    assert ["".join(model.stream("system", ASKED, 5)) for _ in range(3)] == ["好"] * 3


def test_a_server_that_is_not_there_is_found_out_at_once() -> None:
    pytest.importorskip("langchain_openai")
    model = open_chat_model("none", "http://127.0.0.1:9/v1", timeout_s=60, environment={})
    started = time.monotonic()
    with pytest.raises(ChatModelBusyError, match="连接不上"):
        list(model.stream("system", ASKED, 60))
    assert time.monotonic() - started < 30
