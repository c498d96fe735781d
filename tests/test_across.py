"""Readings of several documents: two documents of one line each, worked by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.readings import ACROSS, Dropped, Locator, quotes_of, read_records, resolve
from corpus.types import Document, DocumentInfo, Place, Reading, Span
from rag.check import Fault, Remedy, check_files, check_record, document_of, drop_failed, load_verified_across
from rag.said import as_statement

EARLY = Document(
    DocumentInfo("900", "900.txt", "2022年的报告", "", None, "2022-01-08", (2021,), (2022,), ""), "改造老旧小区800个，建公园5座。"
)
LATE = Document(DocumentInfo("901", "901.txt", "2024年的报告", "", None, "2024-01-10", (2023,), (2024,), ""), "今年改造老旧小区1000个。")
DOCUMENTS = {"900": EARLY, "901": LATE}
LOCATORS = {document_id: Locator(document.text) for document_id, document in DOCUMENTS.items()}
YEARS = (2021, 2022, 2023, 2024)


def reading(**changes: Any) -> dict[str, Any]:
    fields = {
        "question": "2022年、2024年老旧小区改造的目标分别是多少？",
        "paraphrases": [],
        "answer": "2022年800个，2024年1000个，多200个",
        "quotes": [{"document": "901", "text": "改造老旧小区1000个"}, {"document": "900", "text": "改造老旧小区800个"}],
        "type": "compare",
        "years": [2022, 2024],
        "measure": None,
        "computed": ["200个"],
        "reader": "test/reader.md v1",
        "date": "2026-01-01",
    }
    return {**fields, **changes}


def write(folder: Path, *records: dict[str, Any]) -> Path:
    file = folder / "cross.jsonl"
    file.write_text("".join(json.dumps(fields, ensure_ascii=False) + "\n" for fields in records), "utf-8")
    return file


def test_a_reading_belongs_to_the_document_quoted_first_and_knows_the_other_places() -> None:
    found = resolve(reading(), ACROSS, LOCATORS)
    assert isinstance(found, Reading)
    assert (found.document_id, found.spans, found.elsewhere) == ("901", (Span(2, 13),), (Place("900", Span(0, 10)),))
    assert found.quotes == ("改造老旧小区1000个", "改造老旧小区800个")
    assert [DOCUMENTS[place.document_id].text[place.span.start : place.span.end] for place in found.places] == list(found.quotes)


def test_quotes_of_one_document_stand_together() -> None:
    quotes = [
        {"document": "900", "text": "改造老旧小区800个"},
        {"document": "901", "text": "改造老旧小区1000个"},
        {"document": "900", "text": "建公园5座"},
    ]
    found = resolve(reading(quotes=quotes), ACROSS, LOCATORS)
    assert isinstance(found, Reading)
    assert found.quotes == ("改造老旧小区800个", "建公园5座", "改造老旧小区1000个")
    assert found.places == (Place("900", Span(0, 10)), Place("900", Span(11, 16)), Place("901", Span(2, 13)))


def test_an_answer_cites_every_document() -> None:
    found = resolve(reading(), ACROSS, LOCATORS)
    assert isinstance(found, Reading)
    statement = as_statement(found, 0.9)
    assert [(item.document_id, item.span) for item in statement.evidence] == [("901", Span(2, 13)), ("900", Span(0, 10))]
    assert statement.computed == ("2022", "2024", "200个")


def test_a_sound_record_has_no_flaw() -> None:
    assert check_record(reading(), LOCATORS, YEARS) == ()


@pytest.mark.parametrize(
    ("changes", "fault", "reason"),
    [
        ({"quotes": ["改造老旧小区1000个"]}, Fault.MALFORMED, "quotes 应为写明文件编号的引文的列表：document、text"),
        ({"answer": "2022年900个，2024年1000个"}, Fault.UNSUPPORTED, "数字“900个”不在引文中"),
        ({"answer": "2025年1000个"}, Fault.UNSUPPORTED, "日期“2025年”不在引文中"),
        ({"computed": ["300个"], "answer": "2024年多300个"}, Fault.UNSUPPORTED, "“300个”不是引文中数字的和、差或比，也不是项数"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], fault: Fault, reason: str) -> None:
    assert [(flaw.fault, flaw.reason) for flaw in check_record(reading(**changes), LOCATORS, YEARS)] == [(fault, reason)]


def test_quotes_of_another_document_and_of_none_are_not_verbatim() -> None:
    swapped = [{"document": "900", "text": "改造老旧小区1000个"}, {"document": "902", "text": "改造老旧小区800个"}]
    flaws = check_record(reading(quotes=swapped), LOCATORS, YEARS)
    assert [(flaw.fault, flaw.reason) for flaw in flaws] == [
        (Fault.NOT_VERBATIM, "引文“改造老旧小区1000个”在文件中找不到"),
        (Fault.NOT_VERBATIM, "没有编号为 '902' 的文件"),
    ]
    assert resolve(reading(quotes=swapped), ACROSS, LOCATORS) == "引文在文件中找不到"


def test_a_record_of_one_document_names_none() -> None:
    flaws = check_record(reading(), LOCATORS["901"])
    assert [flaw.reason for flaw in flaws] == ["quotes 应为至少一段引文的列表"]


def test_files_are_told_by_their_names() -> None:
    assert document_of(Path("cross.jsonl"), DOCUMENTS) == ACROSS
    assert document_of(Path("900.jsonl"), DOCUMENTS) == "900"


def test_only_verified_readings_are_loaded(tmp_path: Path) -> None:
    write(tmp_path, reading(), reading(question="第二问", answer="900个", computed=[]))
    taken, dropped = load_verified_across(DOCUMENTS.values(), tmp_path)
    assert [found.question for found in taken] == ["2022年、2024年老旧小区改造的目标分别是多少？"]
    assert dropped == (Dropped(ACROSS, "第二问", "数字“900个”不在引文中"),)


def test_a_document_taken_out_or_altered_takes_its_readings_along(tmp_path: Path) -> None:
    write(tmp_path, reading())
    assert load_verified_across([LATE], tmp_path)[0] == ()
    assert load_verified_across([replace(EARLY, text=EARLY.text.replace("800", "850")), LATE], tmp_path)[0] == ()


def test_quotes_are_mended_in_their_documents(tmp_path: Path) -> None:
    loose = [{"document": "900", "text": "改造老旧小区800个,建公园5座"}, {"document": "901", "text": "改造老旧小区1000个"}]
    file = write(tmp_path, reading(quotes=loose))
    checked = check_files([file], DOCUMENTS)
    assert [finding.remedy for finding in checked.findings] == [Remedy.MEND]
    assert drop_failed(checked, DOCUMENTS) == 0
    kept = [quote for found in read_records([file]) for quote in quotes_of(found.fields)]
    assert [(quote.document_id, quote.text) for quote in kept] == [("900", "改造老旧小区800个，建公园5座"), ("901", "改造老旧小区1000个")]
