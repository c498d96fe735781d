"""Statements put together with the marks of what proves them, over the real documents."""

import pytest

from corpus.types import Span
from rag.assistant import Assistant
from rag.types import CitationVia, Evidence, Mode, Statement


@pytest.mark.parametrize(
    ("most", "text", "citations"),
    [
        (6, "甲[1][2]。\n乙[3][4]。\n丙[5][6]。", 6),
        (4, "甲[1][2]。\n乙[3]。\n丙[4]。", 4),
        (3, "甲[1]。\n乙[2]。\n丙[3]。", 3),
        (2, "甲[1]。\n乙[2]。", 2),
    ],
)
def test_every_statement_has_a_citation_before_any_has_a_further_one(assistant: Assistant, most: int, text: str, citations: int) -> None:
    found = assistant.search("全市城镇新增就业", 6)
    places = [Evidence(hit.document_id, Span(hit.start, hit.end), CitationVia.PASSAGE, 1.0) for hit in found]
    statements = [Statement(name, tuple(places[2 * n : 2 * n + 2]), 1.0, Mode.READING) for n, name in enumerate("甲乙丙")]
    composed = assistant._composer.compose(statements, most)
    assert (composed.text, len(composed.citations)) == (text, citations)
    assert composed.statements == tuple(statements)[: composed.text.count("\n") + 1]
