"""The reader: walks a document passage by passage with a chat model and writes down every question that the passage answers.

The craft is in `rag/prompts/reader.md`, which every reader gets word by word. What comes back is parsed leniently and checked strictly
(`rag.check`); what fails is sent back once with the reasons, together with the figures that no record asks for, and dropped if it fails
again. Every passage that was read is one line of a
journal beside the output (`001.jsonl.state` beside `001.jsonl`), so that a run that was cut off goes on where it ended.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.clean import mend
from corpus.errors import ChatModelBusyError, ReadingsError
from corpus.figures import find_figures, normal
from corpus.readings import Locator, Record
from corpus.types import Passage, PassageKind, ReadDocument
from index.types import Progress
from rag.check import Remedy, check_record, find_contradictions, find_duplicates, mend_quotes, without_failed, write_records
from rag.coverage import is_checkable
from rag.llm import ChatModel, Prices, Reply, Usage
from rag.types import Turn

NO_PRICES = Prices()
PROMPT = Path(__file__).parent / "prompts" / "reader.md"

READ_KINDS = (PassageKind.PROSE, PassageKind.BOX, PassageKind.NOTICE, PassageKind.NOTE)
"""Passages that are read; tasks and rows of tables have records of their own (`corpus.tasks`, `corpus.tables`)."""

TRIES = 4
"""Requests for one passage before it is left for another run, when the model does not answer."""

GIVE_UP = 3
"""Passages in a row without an answer that end a run."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that a model wrote and the check refused twice, and why (in Chinese)."""

    question: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What reading one passage brought: one line of the journal. `repaired` counts records that came only when asked for again."""

    passage: str
    records: tuple[Mapping[str, Any], ...]
    rejected: tuple[Rejected, ...]
    repaired: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A run's outcome.

    `passages` counts those to be read, `read` those read so far, in this run and before; `unanswered` names those that the model left open.
    `records` went into the file, `rejected` did not; `idle` counts records and forms of questions left out, since other
    records repeat or gainsay them.
    """

    passages: int
    read: int
    records: int
    repaired: int
    idle: int
    rejected: tuple[Rejected, ...]
    usage: Usage
    cost: float
    unanswered: tuple[str, ...] = ()


@dataclass(slots=True)
class Pace:
    """Keeps requests `interval_s` apart, and waits twice as long after each failure in a row."""

    interval_s: float = 0.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0, init=False)

    def wait(self) -> None:
        ahead = self._next - self.clock()
        if ahead > 0:
            self.sleep(ahead)
        self._next = self.clock() + self.interval_s

    def back_off(self, failures: int) -> None:
        self.sleep(max(1.0, self.interval_s) * 2**failures)


def prompt_version(prompt: str) -> str:
    """The version that the prompt's title names: "v1" of "# 读者守则（reader prompt v1）"; without one, a hash of its text."""
    match = re.search(r"reader prompt (v\d+)", prompt.partition("\n")[0])
    return match[1] if match else hashlib.sha256(prompt.encode()).hexdigest()[:8]


def reader_name(model: str, prompt: str) -> str:
    """Who signs a record: "qwen-plus/reader.md v1"."""
    return f"{model}/reader.md {prompt_version(prompt)}"


def passages_to_read(document: ReadDocument) -> tuple[Passage, ...]:
    return tuple(passage for passage in document.passages if passage.kind in READ_KINDS)


def read_with_model(
    document: ReadDocument,
    model: ChatModel,
    output: Path,
    date: str,
    *,
    limit: int = 0,
    resume: bool = False,
    pace: Pace | None = None,
    prices: Prices = NO_PRICES,
    progress: Progress | None = None,
) -> ReadReport:
    """Reads a document into `output`, at most `limit` passages in this run (0: all); `date` (ISO 8601) signs the records.

    The output is written when the run ends, however it ends. Raises ReadingsError when output of an earlier run is there and `resume` is
    not set, or that run read another text or with another prompt; ChatModelError when the model cannot be used at all.
    """
    prompt = PROMPT.read_text("utf-8")
    info = document.document.info
    journal = Journal(output, {"document": info.id, "text": _sha(document.document.text), "prompt": _sha(prompt)}, resume)
    desk = _Desk(model, prompt, Locator(document.document.text), pace or Pace(), reader_name(model.name, prompt), date)
    passages = passages_to_read(document)
    waiting = [number for number, passage in enumerate(passages) if passage.id not in journal.done]
    waiting = waiting[:limit] if limit else waiting
    unanswered: list[str] = []
    silent = 0
    try:
        for turn, number in enumerate(waiting):
            if progress:
                progress(turn, len(waiting), passages[number].text[:20])
            try:
                journal.add(_read_passage(document, passages, number, desk))
                silent = 0
            except ChatModelBusyError:
                unanswered.append(passages[number].id)
                silent += 1
                if silent == GIVE_UP:
                    raise
        if progress:
            progress(len(waiting), len(waiting), "")
    finally:
        done = [journal.done[passage.id] for passage in passages if passage.id in journal.done]
        records, idle = _settled(done, output, desk.locator)
        write_records(output, records)
    usage = sum((one.usage for one in done), Usage())
    return ReadReport(
        passages=len(passages),
        read=len(done),
        records=len(records),
        repaired=sum(one.repaired for one in done),
        idle=idle,
        rejected=tuple(rejected for one in done for rejected in one.rejected),
        usage=usage,
        cost=prices.cost(usage),
        unanswered=tuple(unanswered),
    )


def passage_request(document: ReadDocument, passages: Sequence[Passage], number: int) -> str:
    """What a model is shown of a passage: its document, part, headings and neighbours, and the passage with its line breaks mended."""
    info, passage = document.document.info, passages[number]
    before, after = _neighbour(passages, number, -1), _neighbour(passages, number, 1)
    shown = "；".join(mend(document.document.text[span.start : span.end]) for span in passage.context)
    facts = (
        ("文件", f"《{info.title}》"),
        ("发文机关", info.issuer),
        ("文号", info.number or ""),
        ("日期", info.date),
        ("所在部分", passage.part if passage.part != info.title else ""),
        ("标题", " > ".join(passage.heading_path)),
        ("表头或引导语", shown),
        ("前文（只供理解，不写读记）", before),
        ("后文（只供理解，不写读记）", after),
    )
    return "\n".join(
        [
            *(f"{name}：{text}" for name, text in facts if text),
            "",
            "【正文】",
            passage.text,
            "【正文完】",
            "",
            "请按读者守则为【正文】写读记。一行一个 JSON 对象，字段为 question、paraphrases、answer、quotes、type、years、measure；"
            "引文从上面的原文逐字照抄。只输出这些 JSON 行，不要解释。",
            *(() if is_checkable(passage.text) else ("【正文】里没有可以问的内容，就只输出 []。",)),
        ]
    )


def parse_records(text: str) -> tuple[tuple[dict[str, Any], ...], int]:
    """The JSON objects of a model's answer, and how many stretches looked like one but are broken.

    Objects may stand on lines of their own, over several lines, in an array, under a key, in a code fence or behind a model's thoughts.
    """
    found: list[dict[str, Any]] = []
    broken = 0
    text = _THOUGHTS.sub("", text)
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            broken += 1
            line_end = text.find("\n", at)
            end = len(text) if line_end < 0 else line_end
        else:
            found.extend(_records_of(value))
        at = text.find("{", end)
    return tuple(tidy(record) for record in found), broken


def tidy(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with slips of form put right that do not touch its meaning: a lone quote, years as text, values as numbers."""
    fields = {name: record[name] for name in _FIELDS if name in record}
    if "quotes" not in fields and "quote" in record:
        fields["quotes"] = record["quote"]
    for name in ("quotes", "paraphrases", "computed"):
        if isinstance(fields.get(name), str):
            fields[name] = [fields[name]]
    if isinstance(fields.get("answer"), int | float):
        fields["answer"] = str(fields["answer"])
    years = fields.get("years")
    fields["years"] = [_year(year) for year in (years if isinstance(years, list) else [] if years is None else [years])]
    fields["measure"] = _tidy_measure(fields.get("measure"))
    fields.setdefault("paraphrases", [])
    return fields


class Journal:
    """The passages read so far, one JSON line each behind a line that says what is read; the last line may be torn off by a kill."""

    def __init__(self, output: Path, header: Mapping[str, str], resume: bool) -> None:
        self.path = output.with_name(output.name + ".state")
        self.done: dict[str, PassageReading] = {}
        if self.path.exists() and resume:
            self._load(header)
            return
        if self.path.exists() or output.exists():
            raise ReadingsError(f"已有 {self.path if self.path.exists() else output}；要接着读请加 --resume，要重读请先移走该文件。")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(dict(header)) + "\n", "utf-8")

    def add(self, reading: PassageReading) -> None:
        self.done[reading.passage] = reading
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(reading), ensure_ascii=False) + "\n")

    def _load(self, header: Mapping[str, str]) -> None:
        lines = self.path.read_text("utf-8").splitlines(keepends=True)
        if not lines or lines[0] != json.dumps(dict(header)) + "\n":
            raise ReadingsError(f"{self.path} 是用另一版原文或另一版提示词读的，不能接着读；请移走该文件后重读。")
        whole = [line for line in lines if line.endswith("\n")]
        if len(whole) < len(lines):
            self.path.write_text("".join(whole), "utf-8")
        for line in whole[1:]:
            reading = _passage_reading(json.loads(line))
            self.done[reading.passage] = reading


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a reader works with, the same for every passage of a document."""

    model: ChatModel
    prompt: str
    locator: Locator
    pace: Pace
    reader: str
    date: str

    def ask(self, turns: Sequence[Turn]) -> Reply:
        """The model's reply, asked for up to TRIES times."""
        for failures in range(TRIES):
            self.pace.wait()
            try:
                return self.model.ask(self.prompt, turns)
            except ChatModelBusyError:
                if failures == TRIES - 1:
                    raise
                self.pace.back_off(failures)
        raise AssertionError("unreachable")

    def sort_out(self, text: str) -> "_Sorted":
        """The records of a reply, checked and signed, and those refused with their reasons."""
        records, broken = parse_records(text)
        sound: list[dict[str, Any]] = []
        refused = [_Refused({}, ("不是完整的 JSON 对象",))] * broken
        for record in records:
            flaws = check_record(mended := _mended(record, self.locator), self.locator)
            reasons = tuple(flaw.reason for flaw in flaws if flaw.remedy is Remedy.DROP)
            if reasons:
                refused.append(_Refused(record, reasons))
            else:
                sound.append({**mended, "reader": self.reader, "date": self.date})
        if not records and not broken and not _NOTHING.search(text):
            refused.append(_Refused({}, (_NO_RECORDS,)))
        return _Sorted(tuple(sound), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Refused:
    """A record that the check refused; `fields` is empty where there was no record to be read."""

    fields: Mapping[str, Any]
    reasons: tuple[str, ...]

    @property
    def question(self) -> str:
        return str(self.fields.get("question", ""))


@dataclass(frozen=True, slots=True)
class _Sorted:
    sound: tuple[Mapping[str, Any], ...]
    refused: tuple[_Refused, ...]


_FIELDS = ("question", "paraphrases", "answer", "quotes", "type", "years", "measure", "computed")
_NO_RECORDS = "回答里没有 JSON 对象"
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_NOTHING = re.compile(r"\[\s*\]")
_NEIGHBOUR = 200
"""Characters of a neighbouring passage that a model is shown."""


def _read_passage(document: ReadDocument, passages: Sequence[Passage], number: int, desk: _Desk) -> PassageReading:
    """One request, and a second one for what the check refused. Raises ChatModelBusyError when the model does not answer."""
    passage = passages[number]
    asked = Turn("user", passage_request(document, passages, number))
    reply = desk.ask((asked,))
    first = desk.sort_out(reply.text)
    wanting = (*first.refused, *_left_out(passage, first.sound))
    if not wanting:
        return PassageReading(passage.id, first.sound, (), 0, reply.usage)
    again = desk.ask((asked, Turn("assistant", reply.text), Turn("user", _repair_request(wanting))))
    second = desk.sort_out(again.text)
    known = {record["question"] for record in first.sound}
    added = tuple(record for record in second.sound if record["question"] not in known)
    answered = {*(record["question"] for record in second.sound), *(refused.question for refused in second.refused)}
    unmended = [refused for refused in first.refused if refused.fields and refused.question not in answered]
    lost = tuple(Rejected(refused.question, refused.reasons) for refused in (*unmended, *second.refused))
    return PassageReading(passage.id, (*first.sound, *added), lost, len(added), reply.usage + again.usage)


def _left_out(passage: Passage, sound: Sequence[Mapping[str, Any]]) -> tuple["_Refused", ...]:
    """What a reader passed over: figures of the passage that no quote holds, or all of it where it states something and nothing was written."""
    if not sound:
        return (_Refused({}, ("【正文】里有可以问的内容，却没有读记",)),) if is_checkable(passage.text) else ()
    quoted = normal("|".join(quote for record in sound for quote in record["quotes"]))
    surfaces = dict.fromkeys(normal(figure.surface) for figure in find_figures(passage.text))
    missing = [surface for surface in surfaces if surface not in quoted]
    return (_Refused({}, (f"【正文】里的这些数字还没有读记问到，请补写：{'、'.join(missing)}",)),) if missing else ()


def _repair_request(refused: Sequence[_Refused]) -> str:
    lines = ["请按下面的意见改正或补写读记，只写改正和补写的（一行一个 JSON 对象，不要解释）；原文证明不了的，就不要写。", ""]
    for one in refused:
        if one.fields:
            lines.append(json.dumps(dict(one.fields), ensure_ascii=False))
        lines += [f"  ✗ {reason}" for reason in one.reasons]
    return "\n".join(lines)


def _settled(done: Sequence[PassageReading], output: Path, locator: Locator) -> tuple[list[dict[str, Any]], int]:
    """The records of all passages without those that repeat or gainsay others, and how many records and forms that left out."""
    written = [fields for one in done for fields in one.records]
    records = [Record(output, line, fields) for line, fields in enumerate(written, 1)]
    findings = [*find_duplicates(records), *find_contradictions(records)]
    idle = {(finding.record.line, finding.form) for finding in findings if finding.remedy in (Remedy.DROP, Remedy.DROP_FORM)}
    return without_failed(records, findings, locator), len(idle)


def _neighbour(passages: Sequence[Passage], number: int, step: int) -> str:
    """The near end of the passage before or behind, where it belongs to the same part."""
    if not 0 <= number + step < len(passages) or passages[number + step].part != passages[number].part:
        return ""
    text = passages[number + step].text
    if len(text) <= _NEIGHBOUR:
        return text
    return "…" + text[-_NEIGHBOUR:] if step < 0 else text[:_NEIGHBOUR] + "…"


def _mended(record: Mapping[str, Any], locator: Locator) -> dict[str, Any]:
    quotes = record.get("quotes")
    texts = isinstance(quotes, list) and all(isinstance(quote, str) for quote in quotes)
    return mend_quotes(record, locator) if texts else dict(record)


def _records_of(value: Any) -> Iterator[dict[str, Any]]:
    """The records of a parsed object: itself, or those of a list that it wraps ({"readings": [...]})."""
    if "question" not in value:
        wrapped = [item for inner in value.values() if isinstance(inner, list) for item in inner if isinstance(item, dict)]
        if any("question" in item for item in wrapped):
            yield from wrapped
            return
        if "indicator" in value:
            return  # the measure of a record that was cut off
    yield value


def _tidy_measure(measure: Any) -> Any:
    if not measure:
        return None
    several = measure if isinstance(measure, list) else [measure]
    tidied = [_tidy_one_measure(one) if isinstance(one, dict) else one for one in several]
    kept = [one for one in tidied if one is not None]
    return kept if isinstance(measure, list) else next(iter(kept), None)


def _tidy_one_measure(measure: Mapping[str, Any]) -> dict[str, Any] | None:
    """The measure with its value as text and its year as a number; one without indicator or value is none."""
    if not measure.get("indicator") or measure.get("value") in (None, ""):
        return None
    return {**measure, "year": _year(measure.get("year")), "value": str(measure["value"]), "unit": str(measure.get("unit") or "")}


def _year(year: Any) -> Any:
    match = re.fullmatch(r"(\d{4})年?", year.strip()) if isinstance(year, str) else None
    return int(match[1]) if match else year


def _passage_reading(line: Mapping[str, Any]) -> PassageReading:
    rejected = tuple(Rejected(one["question"], tuple(one["reasons"])) for one in line["rejected"])
    return PassageReading(line["passage"], tuple(line["records"]), rejected, line["repaired"], Usage(**line["usage"]))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
