"""Conversations are kept, found again, and seen by their owner alone."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.types import Turn
from tests.page_parts import answer
from ui.page.conversations import LONGEST_TITLE, Conversation, ConversationError, Conversations, Exchange, Scope
from ui.page.desk import Desk

GROWTH = Exchange("2024年经济增长目标是多少？", answer(), scope=Scope(("001",), (2024,), "市教委"))
FAILED = Exchange("那工业呢？", problem="连不上问答服务")


@pytest.fixture
def store(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "home" / "talks.sqlite3")


def begun(store: Conversations, owner: str, *exchanges: Exchange) -> Conversation:
    conversation = store.begin(owner, exchanges[0].question)
    for exchange in exchanges:
        store.add(owner, conversation.id, exchange)
    return conversation


def test_what_is_kept_comes_back_whole(store: Conversations, tmp_path: Path) -> None:
    kept = begun(store, "甲", GROWTH, FAILED)
    conversation, exchanges = Conversations(tmp_path / "home" / "talks.sqlite3").read("甲", kept.id)
    assert exchanges == (GROWTH, FAILED)
    assert conversation.title == GROWTH.question


def test_the_latest_is_listed_first_and_every_word_is_searched_in_titles_questions_and_answers(store: Conversations) -> None:
    growth, failed = begun(store, "甲", GROWTH), begun(store, "甲", FAILED)
    assert [held.id for held in store.listed("甲")] == [failed.id, growth.id]
    store.add("甲", growth.id, FAILED)
    assert [held.id for held in store.listed("甲")] == [growth.id, failed.id]
    store.rename("甲", failed.id, "工业_100%")
    found = {
        words: [held.id for held in store.listed("甲", words)]
        for words in ("6%左右", "经济 工业", "_100%", "1000", "'; DROP TABLE exchange")
    }
    assert found == {"6%左右": [growth.id], "经济 工业": [growth.id], "_100%": [failed.id], "1000": [], "'; DROP TABLE exchange": []}


def test_nobody_else_sees_renames_adds_to_judges_or_removes_a_conversation(store: Conversations) -> None:
    kept = begun(store, "甲", GROWTH)
    assert store.listed("乙") == ()
    for forbidden in (
        lambda: store.read("乙", kept.id),
        lambda: store.rename("乙", kept.id, "改"),
        lambda: store.add("乙", kept.id, FAILED),
        lambda: store.judge("乙", kept.id, 0, "up"),
        lambda: store.remove("乙", kept.id),
    ):
        with pytest.raises(ConversationError, match="没有找到这个对话"):
            forbidden()
    assert store.read("甲", kept.id)[1] == (GROWTH,)


def test_a_conversation_is_renamed_judged_and_removed_with_all_its_exchanges(store: Conversations, tmp_path: Path) -> None:
    kept = begun(store, "甲", GROWTH, FAILED)
    assert store.rename("甲", kept.id, " 经济\n增长 ").title == "经济 增长"
    assert len(store.rename("甲", kept.id, "长" * 100).title) == LONGEST_TITLE
    store.judge("甲", kept.id, 0, "down")
    assert [held.verdict for held in store.read("甲", kept.id)[1]] == ["down", ""]
    store.remove("甲", kept.id)
    with sqlite3.connect(tmp_path / "home" / "talks.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM exchange").fetchone() == (0,)


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_file_that_is_broken_or_newer_is_said_in_chinese_and_left_alone(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "talks.sqlite3"
    if content is None:
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA user_version = 99")
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    with pytest.raises(ConversationError, match="更新的版本" if content is None else "告诉管理员"):
        Conversations(file).listed("甲")
    assert file.read_bytes() == before


# The open conversation of a tab


def test_a_desk_keeps_what_is_asked_and_opens_it_again(store: Conversations) -> None:
    state: dict[Any, Any] = {}
    desk = Desk(store, "甲", state)
    desk.keep(GROWTH)
    desk.keep(FAILED)
    assert desk.history() == [Turn("user", GROWTH.question), Turn("assistant", "6%左右[1]。")]
    assert desk.history(0) == []
    desk.judge(0, "up")
    desk.rename("增长")
    again = Desk(store, "甲", {})
    again.open(desk.conversation.id if desk.conversation else "")
    assert again.exchanges == (replace(GROWTH, verdict="up"), FAILED)
    assert again.title == "增长"
    again.remove()
    assert not again.exchanges
    assert store.listed("甲") == ()


def test_a_conversation_that_cannot_be_kept_goes_on_in_the_tab(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite3"
    file.write_bytes(b"no database at all" * 100)
    desk = Desk(Conversations(file), "甲", {})
    desk.keep(GROWTH)
    assert desk.exchanges == (GROWTH,)
    assert "对话没有保存" in desk.problem
    file.unlink()
    desk.keep(FAILED)
    assert desk.problem == ""
    assert list(desk.exchanges) == [GROWTH, FAILED]
    assert [held.title for held in desk.listed()] == [GROWTH.question]


def test_a_conversation_of_somebody_else_leaves_the_tab_before_a_new_one(store: Conversations) -> None:
    kept = begun(store, "甲", GROWTH)
    desk = Desk(store, "乙", {})
    desk.keep(FAILED)
    with pytest.raises(ConversationError):
        desk.open(kept.id)
    assert desk.exchanges == ()
