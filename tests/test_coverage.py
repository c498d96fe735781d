"""Coverage of documents by readings: a document worked by hand, a count by brute force, and the readings that are shipped."""

from pathlib import Path

import pytest

from corpus.figures import Date, Label, find_expressions
from corpus.load import load_documents
from corpus.read import read_document
from corpus.readings import BUNDLED, load_readings
from corpus.types import Document, DocumentInfo, FurnitureKind, ReadDocument, Reading, Span
from rag.coverage import Coverage, Share, cover, is_checkable, total

TEXT = """关于加快发展的意见

一、总体要求

2023年，全市新能源汽车产量达到50万辆，增长30%。要坚持稳中求进的工作总基调。高新技术企业突破8000家，科技型企业突破6万家。

二、重点任务

实施“满天星”行动计划，统筹推进各项工作。
"""
INFO = DocumentInfo("900", "900.txt", "关于加快发展的意见", "", None, "2023-02-03", (), (2023,), "")


@pytest.fixture(scope="module")
def document() -> ReadDocument:
    return read_document(Document(INFO, TEXT))


def reading(*quotes: str) -> Reading:
    spans = tuple(Span(TEXT.index(quote), TEXT.index(quote) + len(quote)) for quote in quotes)
    return Reading("900-q-1", "900", "问", (), "答", quotes, spans, "number", (), "")


def counts(coverage: Coverage) -> dict[str, tuple[int, int]]:
    return {name: (share.covered, share.total) for name in ("sentences", "figures", "dates") for share in [getattr(coverage, name)]}


def test_nothing_is_covered_without_readings(document: ReadDocument) -> None:
    found = cover(document, [])
    assert counts(found) == {"sentences": (0, 3), "figures": (0, 4), "dates": (0, 1)}
    assert found.quoted.covered == 0
    assert found.open_sentences[1].text == "高新技术企业突破8000家，科技型企业突破6万家。"
    assert found.open_figures[0].text.endswith("，全市新能源汽车产量达到【50万辆】，增长30%。要坚持稳中求进的工作总基调")


def test_a_sentence_needs_all_its_figures_and_half_of_its_words(document: ReadDocument) -> None:
    found = cover(document, [reading("2023年，全市新能源汽车产量达到50万辆")])
    assert counts(found) == {"sentences": (0, 3), "figures": (1, 4), "dates": (1, 1)}
    found = cover(document, [reading("2023年，全市新能源汽车产量达到50万辆", "增长30%")])
    assert counts(found) == {"sentences": (1, 3), "figures": (2, 4), "dates": (1, 1)}
    found = cover(document, [reading("8000家", "6万家")])
    assert counts(found) == {"sentences": (0, 3), "figures": (2, 4), "dates": (0, 1)}
    found = cover(document, [reading("实施“满天星”行动计划")])
    assert counts(found) == {"sentences": (1, 3), "figures": (0, 4), "dates": (0, 1)}


def test_quoted_characters_are_counted_without_white_space(document: ReadDocument) -> None:
    found = cover(document, [reading("增长30%")])
    assert found.quoted == Share(5, len("".join(TEXT.split())))


def test_readings_of_other_documents_do_not_count(document: ReadDocument) -> None:
    other = Reading("901-q-1", "901", "问", (), "答", ("增长30%",), (Span(0, len(TEXT)),), "number", (), "")
    assert cover(document, [other]).figures == Share(0, 4)
    assert cover(document, [other]).readings == 0


@pytest.mark.parametrize(
    ("sentence", "checkable"),
    [
        ("增长30%。", True),
        ("2023年启动。", True),
        ("实施“满天星”计划。", True),
        ("渝中区先行。", True),
        ("推进教育、医疗、养老等事业。", True),
        ("要坚持稳中求进的工作总基调。", False),
        ("（一）去年成效明显。", False),
    ],
)
def test_what_can_be_checked(sentence: str, checkable: bool) -> None:
    assert is_checkable(sentence) is checkable


def test_shares_add_up() -> None:
    assert Share(1, 2) + Share(2, 4) == Share(3, 6)
    assert Share(0, 0).value == 1.0
    one = Coverage("900", 3, Share(1, 2), Share(3, 4), Share(0, 1), Share(5, 10))
    both = total([one, one])
    assert (both.readings, both.sentences, both.figures.value, both.quoted) == (6, Share(2, 4), 0.75, Share(10, 20))


@pytest.fixture(scope="module")
def documents() -> dict[str, ReadDocument]:
    return {document.info.id: read_document(document) for document in load_documents()}


def test_tasks_and_tables_stand_for_themselves(documents: dict[str, ReadDocument]) -> None:
    """Without any reading, exactly the figures inside tasks, table rows and headings are covered: counted one by one."""
    for document_id in ("000", "004"):
        document = documents[document_id]
        text = document.document.text
        records = [task.span for task in document.tasks] + [measure.row for measure in document.measures]
        records += [heading.span for heading in document.outline]
        skipped = (FurnitureKind.CONTENTS, FurnitureKind.PAGE_HEADER, FurnitureKind.TABLE_HEADER, FurnitureKind.BLANK)
        unread = [item.span for item in document.furniture if item.kind in skipped]
        figures = [found.span for found in find_expressions(text) if not isinstance(found, Date | Label)]
        figures = [figure for figure in figures if not any(span.start < figure.end and figure.start < span.end for span in unread)]
        within = [figure for figure in figures if any(span.start <= figure.start and figure.end <= span.end for span in records)]
        found = cover(document, []).figures
        assert found.total == len(figures)
        assert abs(found.covered - len(within)) <= 2  # a figure over two neighbouring records


FLOORS = {"000": (0.99, 0.97), "001": (0.99, 0.97), "002": (0.99, 0.97), "003": (0.99, 0.97), "004": (0.99, 0.97)}
"""Shares of figures and of sentences that the shipped readings must cover."""


@pytest.mark.parametrize("document_id", FLOORS)
def test_shipped_readings_cover_their_documents(documents: dict[str, ReadDocument], document_id: str) -> None:
    document = documents[document_id]
    found = cover(document, load_readings(document.document, Path(BUNDLED))[0])
    figures, sentences = FLOORS[document_id]
    assert found.figures.value >= figures, [gap.text for gap in found.open_figures[:20]]
    assert found.sentences.value >= sentences, [gap.text for gap in found.open_sentences[:20]]
