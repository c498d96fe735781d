"""Opt-in: questions of the tuning split to a real server (`make test-llm`); nothing unproved may reach the user."""

import os
from dataclasses import replace

import pytest

from eval.command.choosing import choose
from eval.dataset import BUNDLED, load_cases
from eval.spoken import markdown, speak_cases
from rag.assistant import Assistant
from rag.config import Settings
from rag.material import tokens_of
from rag.types import Mode
from rag.wire import open_speaker

pytestmark = pytest.mark.llm


def test_questions_to_a_real_server(assistant: Assistant, chat_server: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """JUDIAN_TEST_LLM_QUESTIONS and JUDIAN_TEST_LLM_PROMPT (tokens of passages) keep a slow machine from taking hours."""
    url, name = chat_server
    prompt = int(os.environ.get("JUDIAN_TEST_LLM_PROMPT", "1500"))
    speaker = open_speaker(replace(Settings(), llm=name, llm_url=url, llm_timeout=900, llm_prompt_tokens=prompt, llm_answer_tokens=150))
    assert speaker is not None
    with_model = assistant.with_speaker(speaker)
    cases = choose(load_cases(BUNDLED), "tune", limit=int(os.environ.get("JUDIAN_TEST_LLM_QUESTIONS", "40")))
    found = list(speak_cases(assistant, with_model, cases))
    with capsys.disabled():
        print("\n" + markdown(found, name, "tune"))
    assert [(one.question, one.unproved) for one in found if one.unproved] == []
    assert any(one.answer.mode in (Mode.LLM, Mode.MIXED) and one.model_ms > 0 for one in found)
    assert all(one.answer.note for one in found if one.model_ms > 0 and one.answer.answer == one.plain.answer)


def test_tokens_are_reckoned_rather_too_many_than_too_few(assistant: Assistant, chat_server: tuple[str, str]) -> None:
    import httpx

    url, _ = chat_server
    for passage in assistant._passages[::150]:
        counted = len(httpx.post(f"{url.removesuffix('/v1')}/tokenize", json={"content": passage.text}, trust_env=False).json()["tokens"])
        assert counted <= tokens_of(passage.text) <= 3 * counted, passage.text
