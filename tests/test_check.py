"""Verification of readings: cases worked by hand, copies of the documents' own figures altered, and the readings that are shipped."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import UnknownDocumentError
from corpus.load import load_documents
from corpus.readings import BUNDLED, Locator, Record, quoted_texts, read_records, stated_measures
from corpus.types import Document, DocumentInfo, MeasureKind, StatedMeasure
from rag.check import (
    Fault,
    Remedy,
    check_files,
    check_record,
    document_of,
    drop_failed,
    find_contradictions,
    find_duplicates,
    load_verified,
    mend_quotes,
    miscalculated,
    stamp,
    unsupported,
)

TEXT = """关于加快发展的通知

渝府办发〔2021〕12号

各区县人民政府：
    2023年，全市新能源汽车产量达到50万辆，
增长30%以上；高新技术企业突破8000家。市经济信息委牵头，渝中区、江北区配合，实施“满天星”行动计划，
建成《重庆英才》平台，节约粮食10.8亿公斤。
1	地区生产总值	亿元	30145.79	6.1
2	常住人口	万人	3191.43
"""
DOCUMENT = Document(DocumentInfo("900", "900.txt", "通知", "", None, "2021-02-03", (), (), ""), TEXT)
QUOTE = "2023年，全市新能源汽车产量达到50万辆，增长30%以上；高新技术企业突破8000家"


def reading(**changes: Any) -> dict[str, Any]:
    fields = {
        "question": "2023年重庆新能源汽车产量是多少？",
        "paraphrases": ["2023年造了多少辆新能源车"],
        "answer": "50万辆",
        "quotes": ["2023年，全市新能源汽车产量达到50万辆"],
        "type": "number",
        "years": [2023],
        "measure": {"indicator": "新能源汽车产量", "year": 2023, "kind": "actual", "value": "50", "unit": "万辆", "scope": "全市"},
        "reader": "test/reader.md v1",
        "date": "2026-01-01",
    }
    return {**fields, **changes}


def faults(fields: Mapping[str, Any]) -> list[tuple[Fault, Remedy]]:
    return [(flaw.fault, flaw.remedy) for flaw in check_record(fields, Locator(TEXT))]


def record(line: int = 1, **changes: Any) -> Record:
    return Record(Path("900.jsonl"), line, reading(**changes))


def test_a_sound_record_has_no_flaw() -> None:
    assert check_record(reading(), Locator(TEXT)) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "50万辆",
        "500000辆",
        "增长30%以上",
        "30%",
        "8000家以上",
        "超过8000家",
        "2023年达到50万辆",
    ],
)
def test_figures_that_the_quote_states_are_supported(answer: str) -> None:
    assert unsupported(answer, [QUOTE]) == ()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("60万辆", "数字“60万辆”不在引文中"),
        ("5万辆", "数字“5万辆”不在引文中"),
        ("50万吨", "数字“50万吨”不在引文中"),
        ("8000户", "数字“8000户”不在引文中"),
        ("3%", "数字“3%”不在引文中"),
        ("超过50万辆", "“50万辆”在引文中不是不少于"),
        ("8000家以下", "“8000家”在引文中不是不超过"),
        ("2024年", "日期“2024年”不在引文中"),
        ("渝府办发〔2021〕12号", "文号“渝府办发〔2021〕12号”不在引文中"),
        ("市经济信息委", "单位“市经济信息委”不在引文中"),
        ("永川区", "地名“永川区”不在引文中"),
        ("“满天星”行动计划", "名称“满天星”不在引文中"),
        ("《重庆英才》", "文件名“重庆英才”不在引文中"),
    ],
)
def test_what_the_quote_does_not_state_is_named(answer: str, reason: str) -> None:
    assert reason in unsupported(answer, [QUOTE])


def test_names_and_numbers_of_documents_are_found_in_their_quotes() -> None:
    assert unsupported("市经济信息委牵头，渝中区、江北区配合", ["市经济信息委牵头，渝中区、江北区配合"]) == ()
    assert unsupported("渝府办发〔2021〕12号", ["渝府办发〔 2021〕12号"]) == ()
    assert unsupported("“满天星”行动计划", ['实施"满天星"行动计划']) == ()


def test_a_cell_counts_in_the_unit_of_its_row() -> None:
    assert unsupported("30145.79亿元", ["1\t地区生产总值\t亿元\t30145.79\t6.1"]) == ()
    assert unsupported("3191.43万人", ["2\t常住人口\t万人\t3191.43"]) == ()
    assert unsupported("3191.44万人", ["2\t常住人口\t万人\t3191.43"]) == ("数字“3191.44万人”不在引文中",)


def test_a_date_may_stand_in_two_quotes() -> None:
    assert unsupported("2024年1月21日", ["2024年政府工作报告", "1月21日在大会上"]) == ()
    assert unsupported("2024年1月21日", ["1月21日在大会上"]) == ("日期“2024年1月21日”不在引文中",)
    assert unsupported("2021—2025年", ["“十四五”期间"]) == ()


def test_a_number_is_not_a_part_of_a_longer_one() -> None:
    assert unsupported("6%", ["增长16%"]) == ("数字“6%”不在引文中",)
    assert unsupported("邮编400015", ["邮政编码：400015"]) == ()


def test_what_is_marked_computed_needs_no_quote() -> None:
    assert unsupported("合计80万辆", ["50万辆", "30万辆"]) == ("数字“80万辆”不在引文中",)
    assert unsupported("合计80万辆", ["50万辆", "30万辆"], ["80万辆"]) == ()
    assert faults(reading(answer="50万辆、8000家，共2项", computed=["2项"], quotes=[QUOTE])) == []


def test_a_share_is_worked_out_of_two_amounts_of_a_unit_and_rounded_as_it_is_written() -> None:
    quotes = ["一般公共预算收入2285亿元", "税收收入1543亿元", "增长7.9%"]
    assert not list(miscalculated("67.5%", quotes, ["67.5%"]))
    assert not list(miscalculated("68%", quotes, ["68%"]))
    assert list(miscalculated("67.6%", quotes, ["67.6%"])) == ["“67.6%”不是引文中数字的和、差或比，也不是项数"]


def test_what_was_worked_out_may_be_worked_with() -> None:
    quotes = ["收入2285亿元，税收1543亿元", "收入预计2354亿元，税收预计1629亿元"]
    computed = ["742亿元", "725亿元", "17亿元"]
    assert not list(miscalculated("少17亿元（742亿元减725亿元）", quotes, computed))
    assert list(miscalculated("少18亿元", quotes, ["18亿元"]))


def test_what_a_share_leaves_of_all_needs_no_quote() -> None:
    assert not list(miscalculated("还剩10%", ["完成任务总量的90%"], ["10%"]))
    assert list(miscalculated("还剩11%", ["完成任务总量的90%"], ["11%"]))


def test_each_list_of_an_answer_may_be_counted() -> None:
    answer = "开工3条：甲、乙、丙；建成2条：丁、戊"
    assert not list(miscalculated(answer, ["开工甲、乙、丙，建成丁、戊"], ["3条", "2条"]))
    assert list(miscalculated(answer, ["开工甲、乙、丙，建成丁、戊"], ["7条"]))


def test_a_sum_may_be_of_all_the_figures_of_a_quote() -> None:
    quotes = ["甲14亿元，乙781亿元，丙113亿元，丁2293亿元，戊129亿元，己240亿元", "另有庚1亿元"]
    assert not list(miscalculated("3570亿元", quotes, ["3570亿元"]))


def test_a_sum_may_be_of_some_of_the_figures_quoted() -> None:
    quotes = ["水厂15座、电厂14座、桥4座、隧道2座"]
    assert not list(miscalculated("33座", quotes, ["33座"]))
    assert list(miscalculated("34座", quotes, ["34座"]))


@pytest.mark.parametrize(
    "changes",
    [
        {"question": ""},
        {"answer": None},
        {"quotes": []},
        {"quotes": "50万辆"},
        {"paraphrases": "一种问法"},
        {"type": "essay"},
        {"years": ["2023"]},
        {"years": [23]},
        {"measure": {"indicator": "产量", "year": 2023, "kind": "done", "value": "50", "unit": "万辆"}},
        {"measure": {"indicator": "产量", "year": 2023, "kind": "actual", "value": 50, "unit": "万辆"}},
        {"measure": "50万辆"},
        {"date": "去年"},
        {"question": "上述产量是多少？"},
    ],
)
def test_malformed_records_fail(changes: dict[str, Any]) -> None:
    assert (Fault.MALFORMED, Remedy.DROP) in faults(reading(**changes))


def test_a_line_that_is_no_object_is_malformed(tmp_path: Path) -> None:
    file = tmp_path / "900.jsonl"
    file.write_text('{"question": "半\n\n[1]\n', "utf-8")
    assert [found.fields for found in read_records([file])] == [{}, {}]
    checked = check_files([file], {"900": DOCUMENT})
    assert [(finding.fault, finding.reason, finding.record.line) for finding in checked.findings] == [
        (Fault.MALFORMED, "不是 JSON 对象", 1),
        (Fault.MALFORMED, "不是 JSON 对象", 3),
    ]


def test_a_quote_with_other_marks_is_mended_and_an_invented_one_dropped() -> None:
    fields = reading(quotes=["2023年,全市新能源汽车产量达到 50万辆"])
    assert faults(fields) == [(Fault.NOT_VERBATIM, Remedy.MEND)]
    assert mend_quotes(fields, Locator(TEXT))["quotes"] == ["2023年，全市新能源汽车产量达到50万辆"]
    assert faults(reading(quotes=["2023年，新能源汽车产量达到50万辆"])) == [(Fault.NOT_VERBATIM, Remedy.DROP)]


def test_a_measure_must_stand_in_the_quotes() -> None:
    measure = {"indicator": "新能源汽车产量", "year": 2023, "kind": "actual", "value": "55", "unit": "万辆", "scope": "全市"}
    assert faults(reading(measure=measure)) == [(Fault.UNSUPPORTED, Remedy.DROP)]
    assert stated_measures(reading()) == (StatedMeasure("新能源汽车产量", 2023, MeasureKind.ACTUAL, "50", "万辆", "全市"),)
    several = [{**measure, "value": "30以上", "unit": "%"}, {**measure, "value": "超过8000", "unit": "家"}]
    assert faults(reading(quotes=[QUOTE], measure=several)) == []


def test_answers_are_no_longer_than_needed() -> None:
    assert (Fault.TOO_LONG, Remedy.DROP) in faults(reading(answer="产量很大" * 30))
    assert (Fault.TOO_LONG, Remedy.DROP) in faults(reading(answer="2023年重庆新能源汽车产量是多少：50万辆"))
    assert (Fault.TOO_LONG, Remedy.DROP) in faults(
        reading(answer="全市新能源汽车产量达到，全市新能源汽车产量达到", quotes=["50万辆"], measure=None)
    )


def test_clauses_in_other_words_are_reported() -> None:
    assert faults(reading(answer="50万辆，远超邻近各省同期水平")) == [(Fault.UNSUPPORTED, Remedy.REPORT)]


def test_records_without_reader_or_date_are_reported() -> None:
    fields = reading()
    del fields["reader"], fields["date"]
    assert [(flaw.fault, flaw.reason) for flaw in check_record(fields, Locator(TEXT))] == [(Fault.UNSIGNED, "没有写明 reader、date")]


def test_duplicates() -> None:
    same = record(2, paraphrases=["新能源车产量"], answer="50万辆。")
    assert [(f.record.line, f.remedy) for f in find_duplicates([record(1), same])] == [(2, Remedy.DROP)]
    fuller = record(2, answer="达到50万辆")
    assert [(f.record.line, f.remedy) for f in find_duplicates([record(1), fuller])] == [(1, Remedy.DROP)]
    elsewhere = record(2, answer="50万辆", quotes=["产量达到50万辆，增长30%以上"])
    assert [(f.record.line, f.remedy) for f in find_duplicates([record(1), elsewhere])] == [(2, Remedy.REPORT)]
    assert find_duplicates([record(1), record(2, question="2023年重庆造了多少新能源车？")]) == []


def test_contradictions() -> None:
    other = record(2, question="2023年重庆新能源汽车产量多大？", answer="8000家", paraphrases=["2023年造了多少辆新能源车？"])
    found = find_contradictions([record(1), other])
    forms = ["2023年造了多少辆新能源车", "2023年造了多少辆新能源车？"]
    assert [(f.record.line, f.remedy, f.form) for f in found] == [(1, Remedy.DROP_FORM, forms[0]), (2, Remedy.DROP_FORM, forms[1])]
    other = record(2, answer="60万辆", paraphrases=[], measure=None)
    assert [(f.record.line, f.remedy) for f in find_contradictions([record(1), other])] == [(1, Remedy.DROP), (2, Remedy.DROP)]
    other = record(2, question="造了多少", answer="60万辆", paraphrases=["2023年重庆新能源汽车产量是多少"], measure=None)
    assert [(f.record.line, f.form) for f in find_contradictions([record(1), other])] == [(2, "2023年重庆新能源汽车产量是多少")]
    assert find_contradictions([record(1), record(2, answer="60万辆", years=[2024], measure=None)]) == []
    assert find_contradictions([record(1), record(2, answer="50万辆，增长30%", measure=None)]) == []


def test_two_values_of_one_indicator_are_reported() -> None:
    measure = {**reading()["measure"], "value": "60"}
    found = find_contradictions([record(1), record(2, question="另一个问题", paraphrases=[], answer="60万辆", measure=measure)])
    assert [(f.record.line, f.remedy) for f in found] == [(1, Remedy.REPORT), (2, Remedy.REPORT)]
    assert "50万辆、60万辆" in found[0].reason


def test_documents_that_differ_are_both_kept(tmp_path: Path) -> None:
    other = replace(DOCUMENT, info=replace(DOCUMENT.info, id="901"), text=TEXT.replace("50万辆", "60万辆"))
    files = [tmp_path / "900.jsonl", tmp_path / "901.jsonl"]
    files[0].write_text(json.dumps(reading()), "utf-8")
    files[1].write_text(json.dumps(reading(answer="60万辆", quotes=["产量达到60万辆"], measure=None)), "utf-8")
    checked = check_files(files, {"900": DOCUMENT, "901": other})
    assert checked.dropped == 0
    assert {(f.fault, f.remedy) for f in checked.findings} == {(Fault.CONTRADICTION, Remedy.REPORT)}


def test_files_are_rewritten_without_what_failed(tmp_path: Path) -> None:
    file = tmp_path / "900.jsonl"
    task = {"task": 1, "matter": ["新能源车"]}
    lines = [
        task,
        reading(),
        reading(question="第二问", paraphrases=["p"], answer="70万辆", measure=None),
        reading(question="第三问", paraphrases=["p"], quotes=["2023年,全市新能源汽车产量达到50万辆"], measure=None),
        reading(question="第四问", answer="8000家", quotes=[QUOTE], measure=None),
    ]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    documents = {"900": DOCUMENT}
    checked = check_files([file], documents)
    assert (checked.records, checked.tasks, checked.forms, checked.dropped) == (4, 1, 8, 1)
    assert drop_failed(checked, documents) == 1
    kept = [found.fields for found in read_records([file])]
    assert kept[0] == task
    assert [fields["question"] for fields in kept[1:]] == ["2023年重庆新能源汽车产量是多少？", "第三问", "第四问"]
    assert kept[2]["quotes"] == ["2023年，全市新能源汽车产量达到50万辆"]
    assert [fields["paraphrases"] for fields in kept[1:]] == [[], ["p"], []]
    assert check_files([file], documents).findings == ()
    assert list(tmp_path.iterdir()) == [file]


def test_only_verified_readings_are_loaded(tmp_path: Path) -> None:
    lines = [
        {"task": 1, "matter": ["新能源车"]},
        reading(),
        reading(question="第二问", answer="70万辆，共2项", measure=None),
        reading(question="第三问", paraphrases=[], quotes=["2023年,全市新能源汽车产量达到50万辆"], measure=None),
        reading(question="第四问", paraphrases=[], quotes=["从前的话"]),
    ]
    (tmp_path / "900.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    taken, dropped = load_verified(DOCUMENT, tmp_path)
    assert [(found.question, found.quotes) for found in taken] == [
        ("2023年重庆新能源汽车产量是多少？", ("2023年，全市新能源汽车产量达到50万辆",)),
        ("第三问", ("2023年，全市新能源汽车产量达到50万辆",)),
    ]
    assert [(found.question, found.reason) for found in dropped] == [
        ("第二问", "数字“70万辆”不在引文中；数字“2项”不在引文中"),
        ("第四问", "引文“从前的话”在文件中找不到；数字“50万辆”不在引文中；指标值“50万辆”不在引文中"),
    ]
    assert all(
        TEXT[span.start : span.end].replace("\n", "") == "2023年，全市新能源汽车产量达到50万辆" for found in taken for span in found.spans
    )


def test_stamping_leaves_what_is_signed(tmp_path: Path) -> None:
    file = tmp_path / "900.jsonl"
    unsigned = {name: value for name, value in reading(question="未署名").items() if name not in ("reader", "date")}
    file.write_text("".join(json.dumps(line) + "\n" for line in (reading(), unsigned, {"task": 1, "matter": ["a"]})), "utf-8")
    assert stamp([file], "somebody/reader.md v1", "2026-11-21") == 2
    signed = [(found.fields["reader"], found.fields["date"]) for found in read_records([file])]
    assert signed == [("test/reader.md v1", "2026-01-01"), *[("somebody/reader.md v1", "2026-11-21")] * 2]
    assert stamp([file], "nobody", "2027-01-01") == 0


def test_a_file_belongs_to_the_document_that_its_name_begins_with() -> None:
    documents = {"00": DOCUMENT, "003": DOCUMENT}
    assert document_of(Path("003a.jsonl"), documents) == "003"
    assert document_of(Path("00.tasks.jsonl"), documents) == "00"
    with pytest.raises(UnknownDocumentError, match=r"x\.jsonl"):
        document_of(Path("x.jsonl"), documents)


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {document.info.id: document for document in load_documents()}


@pytest.fixture(scope="module")
def shipped() -> list[Record]:
    return [found for found in read_records(sorted(BUNDLED.glob("*.jsonl"))) if not found.is_task]


def test_shipped_readings_pass(documents: dict[str, Document]) -> None:
    checked = check_files(sorted(BUNDLED.glob("*.jsonl")), documents)
    failing = [finding for finding in checked.findings if finding.remedy is not Remedy.REPORT]
    assert [(finding.record.path.name, finding.record.line, finding.reason) for finding in failing] == []


def test_shipped_records_are_signed(shipped: list[Record]) -> None:
    assert [(found.path.name, found.line) for found in shipped if not (found.fields.get("reader") and found.fields.get("date"))] == []


def test_altered_figures_of_shipped_answers_are_caught(shipped: list[Record]) -> None:
    """One digit of a shipped answer changed: the check must see it, unless the altered figure stands in the quotes by chance."""
    chosen = random.Random(7).sample([found.fields for found in shipped if re.search(r"\d", found.fields["answer"])], 400)
    missed = []
    for number, fields in enumerate(chosen):
        places = [match.start() for match in re.finditer(r"\d", fields["answer"])]
        place = places[number % len(places)]
        digit = str((int(fields["answer"][place]) + 1 + number % 8) % 10)
        altered = fields["answer"][:place] + digit + fields["answer"][place + 1 :]
        if not unsupported(altered, quoted_texts(fields)):
            missed.append((altered, fields["answer"], quoted_texts(fields)))
    assert len(missed) <= 4, missed


def omission(**changes: Any) -> dict[str, Any]:
    """A record that tells what the notice leaves out."""
    told = {
        "question": "节约的粮食里稻谷有多少？",
        "paraphrases": ["省下的粮食，稻谷占多少"],
        "answer": "文件没有写节约的粮食中稻谷的数量",
        "quotes": ["节约粮食10.8亿公斤"],
        "type": "omission",
        "measure": None,
    }
    return reading(**{**told, **changes})


def test_what_a_document_leaves_out_is_told_in_set_words_and_states_nothing_else() -> None:
    assert faults(omission()) == []
    assert faults(omission(question="2022年节约了多少粮食？", answer="文件没有写2022年节约的粮食")) == []
    assert faults(omission(answer="没有写稻谷的数量")) == [(Fault.MALFORMED, Remedy.DROP)]
    assert faults(omission(answer="文件没有写稻谷的数量，只写了5亿公斤小麦")) == [(Fault.UNSUPPORTED, Remedy.DROP)]


def test_what_is_answered_is_not_left_out() -> None:
    answered = record(1)
    left_out = Record(Path("900.omissions.jsonl"), 3, omission(paraphrases=["2023年造了多少辆新能源车"]))
    for pair in ([answered, left_out], [left_out, answered]):
        assert [(finding.record, finding.remedy) for finding in find_contradictions(pair)] == [(left_out, Remedy.DROP)]
    assert find_contradictions([Record(Path("900.omissions.jsonl"), 1, omission()), left_out]) == []
