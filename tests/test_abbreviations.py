"""What abbreviations stand for, by the words that a document puts them in brackets behind."""

import pytest

from rag.assistant import Assistant


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("QDLP啥意思", "合格境内有限合伙人试点"),
        ("RCEP是什么", "区域全面经济伙伴关系协定"),
        ("MEMS的中文叫什么", "微机电系统"),
        ("c2m指什么？", "反向定制"),
    ],
)
def test_an_abbreviation_is_told_in_the_documents_words(assistant: Assistant, question: str, words: str) -> None:
    answer = assistant.ask(question)
    assert answer.answer.partition("：")[2].startswith(words)
    assert words in answer.citations[0].quote


@pytest.mark.parametrize("question", ["PPP是什么意思", "QDLP试点什么时候开始的"])
def test_what_no_document_spells_out_is_not_made_up(assistant: Assistant, question: str) -> None:
    assert "：合格境内" not in assistant.ask(question).answer
