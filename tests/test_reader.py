"""The reader with a scripted chat model in every branch, the translation of vendors' errors, and (opt-in) a real server."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.tracers.context import _tracing_v2_is_enabled
from pydantic import Field
from typer import Typer
from typer.testing import CliRunner

from corpus.errors import ChatModelBusyError, ChatModelError, ReadingsError
from corpus.load import load_documents
from corpus.read import read_document
from corpus.readings import load_readings, read_records
from corpus.types import Document, DocumentInfo, PassageKind, ReadDocument
from rag.llm import ChatModel, Prices, Usage, open_chat_model, translated
from rag.reader import PROMPT, Pace, parse_records, passage_request, passages_to_read, prompt_version, read_with_model, reader_name, tidy
from ui.command.read import read as read_command

TEXT = """一、总体要求

2023年，全市新能源汽车产量达到50万辆，增长30%。

二、重点任务

实施“满天星”行动计划，力争2025年软件业务收入突破5000亿元。

三、组织保障

市经济信息委统筹推进各项工作。
"""
DATE = "2026-11-21"


class Script(GenericFakeChatModel):
    """A chat model that says its lines in order: an exception is raised, a number slept before the next. `asked` keeps what it was shown."""

    messages: Iterator[AIMessage | str] = iter(())
    lines: list[Any] = Field(default_factory=list)
    asked: list[list[BaseMessage]] = Field(default_factory=list)

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.asked.append(messages)
        line = self.lines.pop(0)
        if isinstance(line, float):
            time.sleep(line)
            line = self.lines.pop(0)
        if isinstance(line, Exception):
            raise line
        self.messages = iter([line])
        return super()._generate(messages, *args, **kwargs)


def said(*records: dict[str, Any], tokens: tuple[int, int] = (1000, 100)) -> AIMessage:
    text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)}
    return AIMessage(content=text, usage_metadata=usage)


CARS = {
    "question": "2023年新能源汽车产量是多少？",
    "paraphrases": ["2023年造了多少辆新能源车"],
    "answer": "50万辆",
    "quotes": ["全市新能源汽车产量达到50万辆，增长30%"],
    "type": "number",
    "years": [2023],
    "measure": {"indicator": "新能源汽车产量", "year": 2023, "kind": "actual", "value": "50", "unit": "万辆", "scope": "全市"},
}
SOFTWARE = {
    "question": "2025年软件业务收入目标是多少？",
    "paraphrases": ["软件业到2025年要做到多大"],
    "answer": "力争突破5000亿元",
    "quotes": ["力争2025年软件业务收入突破5000亿元"],
    "type": "number",
    "years": [2025],
    "measure": None,
}
LEAD = {
    "question": "谁统筹推进各项工作？",
    "paraphrases": ["哪家牵头"],
    "answer": "市经济信息委",
    "quotes": ["市经济信息委统筹推进各项工作"],
    "type": "responsibility",
    "years": [],
    "measure": None,
}


class Clock:
    """A clock that a sleep sets forward."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, interval_s: float = 0.0) -> Pace:
        return Pace(interval_s, lambda: self.now, self.sleep)


@pytest.fixture(scope="module")
def document() -> ReadDocument:
    info = DocumentInfo("900", "900.txt", "关于加快发展的意见", "市政府", "渝府发〔2023〕9号", "2023-02-03", (), (2023,), "")
    return read_document(Document(info, TEXT))


def model(*lines: Any, timeout_s: float = 5.0) -> tuple[ChatModel, Script]:
    script = Script(lines=list(lines))
    return ChatModel(script, "fake", timeout_s), script


def records(output: Path) -> list[dict[str, Any]]:
    return [dict(record.fields) for record in read_records([output])]


def test_every_passage_is_read_and_every_record_signed(document: ReadDocument, tmp_path: Path) -> None:
    chat, script = model(said(CARS), said(SOFTWARE), said(LEAD))
    steps: list[tuple[int, int, str]] = []
    output = tmp_path / "900.jsonl"
    report = read_with_model(document, chat, output, DATE, prices=Prices(2.0, 8.0), progress=lambda *step: steps.append(step))
    assert (report.passages, report.read, report.records, report.repaired, report.rejected) == (3, 3, 3, 0, ())
    assert report.usage == Usage(3000, 300)
    assert report.cost == pytest.approx((3000 * 2 + 300 * 8) / 1e6)
    assert [step[:2] for step in steps] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    signature = {"reader": "fake/reader.md v4", "date": DATE}
    assert records(output) == [{**record, **signature} for record in (CARS, SOFTWARE, LEAD)]
    taken, dropped = load_readings(document.document, tmp_path)
    assert ([reading.answer for reading in taken], dropped) == (["50万辆", "力争突破5000亿元", "市经济信息委"], ())
    assert {(reading.reader, reading.date) for reading in taken} == {("fake/reader.md v4", DATE)}
    assert taken[0].measures[0].indicator == "新能源汽车产量"
    assert [messages[0].content for messages in script.asked] == [PROMPT.read_text("utf-8")] * 3


def test_a_passage_is_shown_in_its_context(document: ReadDocument) -> None:
    request = passage_request(document, passages_to_read(document), 1)
    shown, _, rest = request.partition("【正文】\n")
    body = rest.partition("\n【正文完】")[0]
    assert "文件：《关于加快发展的意见》" in shown
    assert "文号：渝府发〔2023〕9号" in shown
    assert "标题：二、重点任务" in shown
    assert "前文（只供理解，不写读记）：2023年，全市新能源汽车产量达到50万辆，增长30%。" in shown
    assert "后文（只供理解，不写读记）：市经济信息委统筹推进各项工作。" in shown
    assert body == "实施“满天星”行动计划，力争2025年软件业务收入突破5000亿元。"


def test_tasks_and_table_rows_are_left_to_their_records() -> None:
    kinds = {PassageKind.TASK, PassageKind.TABLE_ROW}
    documents = {document.info.id: document for document in load_documents()}
    for document_id in ("000", "004"):
        read = read_document(documents[document_id])
        chosen = passages_to_read(read)
        assert not kinds & {passage.kind for passage in chosen}
        assert len(chosen) == sum(passage.kind not in kinds for passage in read.passages)


def test_what_the_check_refuses_is_asked_for_again_with_the_reasons(document: ReadDocument, tmp_path: Path) -> None:
    invented = {**CARS, "quotes": ["产量突破50万辆大关"]}
    wrong = {**CARS, "question": "2023年新能源汽车增长多少？", "answer": "35%", "quotes": ["增长30%"], "measure": None}
    mended = {**wrong, "answer": "30%"}
    chat, script = model(said(invented, wrong), said(CARS, mended), said(SOFTWARE), said(LEAD))
    report = read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    assert (report.records, report.repaired, report.rejected) == (4, 2, ())
    roles = [message.type for message in script.asked[1]]
    assert roles == ["system", "human", "ai", "human"]
    request = str(script.asked[1][-1].content)
    assert "引文“产量突破50万辆大关”在文件中找不到" in request
    assert "数字“35%”不在引文中" in request
    assert json.dumps(tidy(wrong), ensure_ascii=False) in request


def test_what_is_refused_twice_is_dropped_and_reported(document: ReadDocument, tmp_path: Path) -> None:
    wrong = {**CARS, "answer": "60万辆", "measure": None}
    left_out = {**SOFTWARE, "answer": "6000亿元"}
    chat, _ = model(said(wrong, LEAD), said(wrong), said(left_out), said(SOFTWARE | {"question": "软件收入？"}), said(LEAD))
    report = read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    assert [(one.question, one.reasons) for one in report.rejected] == [
        (CARS["question"], ("数字“60万辆”不在引文中",)),
        (SOFTWARE["question"], ("数字“6000亿元”不在引文中",)),
    ]
    assert [record["question"] for record in records(tmp_path / "900.jsonl")] == [LEAD["question"], "软件收入？"]


def test_a_quote_in_other_marks_is_mended_without_asking(document: ReadDocument, tmp_path: Path) -> None:
    half_width = {**SOFTWARE, "quotes": ['实施"满天星"行动计划,力争2025年软件业务收入突破5000亿元']}
    chat, script = model(said(CARS), said(half_width), said(LEAD))
    read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    assert len(script.asked) == 3
    assert records(tmp_path / "900.jsonl")[1]["quotes"] == ["实施“满天星”行动计划，力争2025年软件业务收入突破5000亿元"]


def test_an_answer_that_is_no_json_is_asked_for_again(document: ReadDocument, tmp_path: Path) -> None:
    cut_off = AIMessage(json.dumps(CARS, ensure_ascii=False)[:-20])
    chat, script = model("好的，我来写读记。", said(CARS), cut_off, said(SOFTWARE), "我不会。", "还是不会。")
    report = read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    assert "回答里没有 JSON 对象" in str(script.asked[1][-1].content)
    assert "不是完整的 JSON 对象" in str(script.asked[3][-1].content)
    assert (report.read, report.records, report.repaired) == (3, 2, 2)
    assert [one.reasons for one in report.rejected] == [("回答里没有 JSON 对象",)]
    assert report.usage.estimated


def test_a_passage_may_have_nothing_to_ask(document: ReadDocument, tmp_path: Path) -> None:
    text = TEXT.replace("市经济信息委统筹推进各项工作", "要坚持稳中求进的工作总基调")
    chat, script = model(said(CARS), said(SOFTWARE), "[]")
    report = read_with_model(read_document(Document(document.document.info, text)), chat, tmp_path / "900.jsonl", DATE)
    assert (report.read, report.records, report.rejected, len(script.asked)) == (3, 2, (), 3)
    assert ["就只输出 []" in str(messages[1].content) for messages in script.asked] == [False, False, True]


def test_what_a_reader_passed_over_is_asked_for_once(document: ReadDocument, tmp_path: Path) -> None:
    half = {**CARS, "quotes": ["全市新能源汽车产量达到50万辆"]}
    growth = {**CARS, "question": "2023年新能源汽车增长多少？", "paraphrases": [], "answer": "30%", "quotes": ["增长30%"], "measure": None}
    chat, script = model(said(half), said(growth), "[]", said(SOFTWARE), said(LEAD))
    report = read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    assert "这些数字还没有读记问到，请补写：30%" in str(script.asked[1][-1].content)
    assert "有可以问的内容，却没有读记" in str(script.asked[3][-1].content)
    assert (report.records, report.repaired, report.rejected) == (4, 2, ())


def test_records_that_other_passages_repeat_or_gainsay_are_left_out(document: ReadDocument, tmp_path: Path) -> None:
    clash = {**SOFTWARE, "paraphrases": ["2023年造了多少辆新能源车", "软件业到2025年要做到多大"], "years": [2023]}
    chat, _ = model(said(CARS), said(CARS, clash), said(LEAD))
    report = read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    written = records(tmp_path / "900.jsonl")
    assert [record["question"] for record in written] == [CARS["question"], SOFTWARE["question"], LEAD["question"]]
    assert written[0]["paraphrases"] == []
    assert written[1]["paraphrases"] == ["软件业到2025年要做到多大"]
    assert report.idle >= 2


def test_a_run_goes_on_where_a_limit_ended_it(document: ReadDocument, tmp_path: Path) -> None:
    output = tmp_path / "900.jsonl"
    first, _ = model(said(CARS))
    report = read_with_model(document, first, output, DATE, limit=1)
    assert (report.read, report.records) == (1, 1)
    second, script = model(said(SOFTWARE), said(LEAD))
    report = read_with_model(document, second, output, "2026-12-01", resume=True)
    assert (report.read, report.records, report.usage, len(script.asked)) == (3, 3, Usage(3000, 300), 2)
    assert [record["date"] for record in records(output)] == [DATE, "2026-12-01", "2026-12-01"]


def test_earlier_output_is_neither_overwritten_nor_mixed(document: ReadDocument, tmp_path: Path) -> None:
    output = tmp_path / "900.jsonl"
    output.write_text("{}\n", "utf-8")
    for resume in (False, True):
        with pytest.raises(ReadingsError, match=r"已有 .*900\.jsonl"):
            read_with_model(document, model()[0], output, DATE, resume=resume)
    assert output.read_text("utf-8") == "{}\n"
    output.unlink()
    read_with_model(document, model(said(CARS))[0], output, DATE, limit=1)
    with pytest.raises(ReadingsError, match="--resume"):
        read_with_model(document, model()[0], output, DATE)
    info = document.document.info
    other = read_document(Document(info, TEXT.replace("50万辆", "60万辆")))
    with pytest.raises(ReadingsError, match="另一版原文"):
        read_with_model(other, model()[0], output, DATE, resume=True)


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_reader as t
from corpus.read import read_document
from corpus.types import Document, DocumentInfo
from rag.llm import ChatModel
from rag.reader import read_with_model

class Killed(t.Script):
    def _generate(self, messages, *args, **kwargs):
        if not self.lines:
            os._exit(9)
        return super()._generate(messages, *args, **kwargs)

info = DocumentInfo("900", "900.txt", "关于加快发展的意见", "市政府", "渝府发〔2023〕9号", "2023-02-03", (), (2023,), "")
model = ChatModel(Killed(lines=[t.said(t.CARS), t.said(t.SOFTWARE)]), "fake")
read_with_model(read_document(Document(info, t.TEXT)), model, Path({output!r}), t.DATE)
"""


def test_a_killed_run_goes_on_where_it_ended(document: ReadDocument, tmp_path: Path) -> None:
    output = tmp_path / "900.jsonl"
    script = KILLED.format(tests=str(Path(__file__).parent), output=str(output))
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    state = tmp_path / "900.jsonl.state"
    assert not output.exists()
    assert len(state.read_text("utf-8").splitlines()) == 3
    with state.open("a", encoding="utf-8") as file:
        file.write('{"passage": "900-0001')  # a line that the kill tore off
    chat, asked = model(said(LEAD))
    report = read_with_model(document, chat, output, DATE, resume=True)
    assert (report.read, report.records, len(asked.asked)) == (3, 3, 1)
    assert [record["answer"] for record in records(output)] == ["50万辆", "力争突破5000亿元", "市经济信息委"]
    assert all(json.loads(line) for line in state.read_text("utf-8").splitlines())


def test_requests_keep_their_distance(document: ReadDocument, tmp_path: Path) -> None:
    clock = Clock()
    chat, _ = model(said(CARS), said(SOFTWARE), said(LEAD))
    read_with_model(document, chat, tmp_path / "900.jsonl", DATE, pace=clock.pace(6.0))
    assert clock.slept == [6.0, 6.0]


def test_a_model_that_fails_now_and_then_is_asked_again(document: ReadDocument, tmp_path: Path) -> None:
    clock = Clock()
    chat, script = model(TimeoutError(), ConnectionError(), said(CARS), said(SOFTWARE), said(LEAD))
    report = read_with_model(document, chat, tmp_path / "900.jsonl", DATE, pace=clock.pace())
    assert (report.read, report.unanswered, len(script.asked)) == (3, (), 5)
    assert clock.slept == [1.0, 2.0]


def test_a_passage_without_an_answer_waits_for_the_next_run(document: ReadDocument, tmp_path: Path) -> None:
    output = tmp_path / "900.jsonl"
    chat, _ = model(said(CARS), *[TimeoutError()] * 4, said(LEAD))
    report = read_with_model(document, chat, output, DATE, pace=Clock().pace())
    assert (report.read, report.records) == (2, 2)
    assert report.unanswered == (passages_to_read(document)[1].id,)
    report = read_with_model(document, model(said(SOFTWARE))[0], output, DATE, resume=True)
    assert (report.read, report.unanswered) == (3, ())
    assert [record["answer"] for record in records(output)] == ["50万辆", "力争突破5000亿元", "市经济信息委"]


def test_a_run_ends_when_the_model_stays_silent(document: ReadDocument, tmp_path: Path) -> None:
    chat, script = model(*[TimeoutError()] * 12)
    with pytest.raises(ChatModelBusyError, match="5 秒内没有答完"):
        read_with_model(document, chat, tmp_path / "900.jsonl", DATE, pace=Clock().pace())
    assert len(script.asked) == 12
    assert records(tmp_path / "900.jsonl") == []


def test_what_was_read_is_kept_when_a_run_is_broken_off(document: ReadDocument, tmp_path: Path) -> None:
    chat, _ = model(said(CARS), RuntimeError("boom"))
    with pytest.raises(ChatModelError, match="RuntimeError：boom"):
        read_with_model(document, chat, tmp_path / "900.jsonl", DATE)
    assert [record["answer"] for record in records(tmp_path / "900.jsonl")] == ["50万辆"]


def test_a_model_is_left_after_its_deadline() -> None:
    chat, _ = model(3.0, said(CARS), timeout_s=0.2)
    start = time.monotonic()
    with pytest.raises(ChatModelBusyError, match=r"模型“fake”在 0\.2 秒内没有答完"):
        chat.ask("system", ())
    assert time.monotonic() - start < 2


def test_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    seen: list[object] = []

    class Watched(Script):
        def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
            seen.append(_tracing_v2_is_enabled())
            return super()._generate(messages, *args, **kwargs)

    ChatModel(Watched(lines=["好"]), "fake").ask("system", ())
    assert seen == [False]


@pytest.mark.parametrize(
    ("text", "count", "broken"),
    [
        ('{"question": "a"}\n{"question": "b"}', 2, 0),
        ('```json\n[{"question": "a"},\n {"question": "b"}]\n```', 2, 0),
        ('{"readings": [{"question": "a"}, {"question": "b"}]}', 2, 0),
        ('{\n  "question": "a",\n  "measure": {"indicator": "x"}\n}', 1, 0),
        ('<think>先写 {"question": "x"}</think>{"question": "a"}', 1, 0),
        ('{"question": "a"}\n{"question": "b", "answer": "没写', 1, 1),
        ('{"question": "他说"好""}\n{"question": "b"}', 1, 1),
        ("没有内容", 0, 0),
        ("[]", 0, 0),
    ],
)
def test_answers_are_parsed_leniently(text: str, count: int, broken: int) -> None:
    found, failed = parse_records(text)
    assert (len(found), failed) == (count, broken)


def test_slips_of_form_are_tidied() -> None:
    record = {"question": "q", "answer": 50, "quote": "原文", "years": "2023年", "measure": {}, "score": 1}
    assert tidy(record) == {"question": "q", "answer": "50", "quotes": ["原文"], "years": [2023], "measure": None, "paraphrases": []}
    measure = {"indicator": "产量", "year": "2023", "kind": "actual", "value": 50.5, "unit": None}
    assert tidy({"measure": measure})["measure"] == {"indicator": "产量", "year": 2023, "kind": "actual", "value": "50.5", "unit": ""}


def test_the_reader_signs_with_model_and_prompt_version() -> None:
    assert prompt_version(PROMPT.read_text("utf-8")) == "v4"
    assert reader_name("qwen-plus", PROMPT.read_text("utf-8")) == "qwen-plus/reader.md v4"
    assert len(prompt_version("# 无版本")) == 8


class RateLimitError(Exception):
    status_code = 429


class AuthenticationError(Exception):
    status_code = 401


class NotFoundError(Exception):
    status_code = 404


class InternalServerError(Exception):
    status_code = 503


class APITimeoutError(Exception):
    pass


class APIConnectionError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "kind", "remedy"),
    [
        (RateLimitError(), ChatModelBusyError, "--rpm"),
        (APITimeoutError(), ChatModelBusyError, "--timeout"),
        (APIConnectionError(), ChatModelBusyError, "--base-url"),
        (InternalServerError(), ChatModelBusyError, "HTTP 503"),
        (AuthenticationError("key sk-abcdef123456 is wrong"), ChatModelError, "环境变量"),
        (NotFoundError(), ChatModelError, "模型名称"),
        (ValueError("token sk-abcdef123456 refused"), ChatModelError, "ValueError：token … refused"),
    ],
)
def test_vendor_errors_are_ours_and_hold_no_key(error: Exception, kind: type[Exception], remedy: str) -> None:
    ours = translated(error, "m", 60)
    assert type(ours) is kind
    assert remedy in str(ours)
    assert "sk-" not in str(ours)


def test_models_that_cannot_be_opened() -> None:
    with pytest.raises(ChatModelError, match="看不出模型“nobody”是哪一家的"):
        open_chat_model("nobody")
    with pytest.raises(ChatModelError, match="pip install langchain-fireworks"):
        open_chat_model("fireworks:some-model")


def test_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path / "home"))
    app = Typer()
    app.command("read")(read_command)
    runner = CliRunner()
    result = runner.invoke(app, ["001"])
    assert "--llm" in str(result.exception)
    result = runner.invoke(app, ["--check", "--readings", str(tmp_path)])
    assert "没有这些文件的读记" in str(result.exception)
    result = runner.invoke(app, [str(tmp_path / "none.txt"), "--coverage"])
    assert "现有的文件：000、001" in str(result.exception)


def test_the_command_checks_drops_signs_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file that was not added; its readings lie where they would be found if it were."""
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path / "home"))
    text, folder = tmp_path / "意见.txt", tmp_path / "home" / "corpus" / "readings"
    text.write_text(TEXT, "utf-8")
    folder.mkdir(parents=True)
    app = Typer()
    app.command("read")(read_command)
    runner = CliRunner()

    def run(*arguments: str) -> tuple[int, str]:
        result = runner.invoke(app, [str(text), *arguments])
        return result.exit_code, result.output

    coverage = json.loads(run("--coverage", "--json")[1])
    (document_id,) = set(coverage) - {"total"}
    file = folder / f"{document_id}.jsonl"
    wrong = {**SOFTWARE, "answer": "6000亿元"}
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in (CARS, wrong, LEAD)), "utf-8")
    status, output = run("--check")
    assert status == 1
    assert "数字“6000亿元”不在引文中" in output
    assert "应丢弃 1 条" in output
    assert [finding["fault"] for finding in json.loads(run("--check", "--json")[1])["findings"]].count("unsigned") == 3
    assert run("--check", "--drop")[0] == 0
    assert [record["answer"] for record in records(file)] == ["50万辆", "市经济信息委"]
    assert "2 条读记补上了署名" in run("--sign", "--reader", "我/reader.md v1", "--date", DATE)[1]
    assert {(record["reader"], record["date"]) for record in records(file)} == {("我/reader.md v1", DATE)}
    assert run("--check")[0] == 0
    figures = json.loads(run("--coverage", "--json")[1])[document_id]["figures"]
    assert figures == {"covered": 2, "total": 3, "share": 0.6667}
    assert run("--coverage", "--fail-under", "0.9")[0] == 1


@pytest.mark.llm
def test_twenty_passages_with_a_real_server(chat_server: tuple[str, str], tmp_path: Path) -> None:
    """JUDIAN_TEST_LLM_PASSAGES and JUDIAN_TEST_LLM_TOKENS (of an answer) keep a slow machine from taking hours."""
    url, name = chat_server
    count = int(os.environ.get("JUDIAN_TEST_LLM_PASSAGES", "20"))
    chat = open_chat_model(name, url, timeout_s=900, max_tokens=int(os.environ.get("JUDIAN_TEST_LLM_TOKENS", "1500")))
    document = read_document(next(document for document in load_documents() if document.info.id == "001"))
    output = tmp_path / "001.jsonl"
    report = read_with_model(document, chat, output, DATE, limit=count)
    assert report.read == count
    assert report.unanswered == ()
    assert report.usage.output_tokens > 0
    taken, dropped = load_readings(document.document, tmp_path)
    assert dropped == ()
    assert len(taken) == report.records
    assert {reading.reader for reading in taken} <= {f"{name}/reader.md v4"}
    print(report)
