"""Runs: a system asked every case of some question sets, each answer judged, and the whole kept as one JSON file.

Of cases of the test split a run keeps a salted hash and the outcome; question, answer and passages are kept for the tuning split alone.
While a run goes on, every record is appended to a journal beside its file, from which an interrupted run can be taken up again.
"""

import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

import corpus
import index
import rag
from corpus.errors import JudianError, ServiceError
from eval.dataset import questions_hash, split_of
from eval.metrics import mcnemar, missing_facts, score, score_error
from eval.types import DEPTHS, Case, CaseType, Fault, Outcome, Proof, Split, System
from rag.types import Answer, Citation, Turn

FORMAT = 1
TOP_K = 5
SALT = "judian-test-split"
"""Keeps ids of the test split out of runs, so that nobody stumbles on which of its questions fail; the same in all runs, to pair them."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (cases done, cases in all)."""

_Parsed = TypeVar("_Parsed")


class RunError(JudianError):
    """A run that cannot be read, or that does not fit another."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as cited in an answer: where it stands, the whole of it, and what was quoted."""

    document: str
    heading: str
    text: str
    quote: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, wanted and said: the part of a record that only the tuning split has. `error` is what the system failed with."""

    question: str
    history: tuple[str, ...]
    expected: str
    evidence: tuple[Proof, ...]
    missing: tuple[str, ...]
    understood: str
    said: str
    mode: str
    cited: tuple[Shown, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One case of a run. `id` is the case's own, or its salted hash in the test split."""

    id: str
    split: Split
    type: CaseType
    documents: tuple[str, ...]
    paraphrased: bool
    parts: int
    outcome: Outcome
    exchange: Exchange | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a run was made with: enough to tell whether two runs may be compared, and what changed between them.

    `corpus` is the fingerprint of documents and readings as the system gives it, `code` a hash of the packages that answer, `commit` the
    git commit ("" outside a checkout) and `changed` whether files differ from it; `cases` is a hash of all cases asked, with their truth.
    """

    system: str
    top_k: int
    workers: int
    corpus: str
    code: str
    commit: str
    changed: bool
    cases: str
    machine: str


@dataclass(frozen=True, slots=True)
class Run:
    format: int
    started: str
    stamp: Stamp
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """What `/v1/search` answers."""

    hits: tuple[Citation, ...]


_RUN = TypeAdapter(Run)
_RECORD = TypeAdapter(Record)
_STAMP = TypeAdapter(Stamp)
_ANSWER = TypeAdapter(Answer)
_HITS = TypeAdapter(Hits)


class Service:
    """A system behind the HTTP interface: `POST /v1/ask` and `POST /v1/search`; `key` for one that asks for keys. Safe to use from several threads.

    Raises ServiceError when the service cannot be reached, refuses a request or answers in another form.
    """

    def __init__(self, url: str, timeout_seconds: float = 60.0, transport: httpx.BaseTransport | None = None, key: str = "") -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=self.url, timeout=timeout_seconds, transport=transport, headers=headers)

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = TOP_K) -> Answer:
        turns = [{"role": turn.role, "content": turn.content} for turn in history]
        body = self._post("/v1/ask", {"question": question, "history": turns, "top_k": top_k})
        return _parsed(_ANSWER, body, f"{self.url}/v1/ask")

    def search(self, query: str, top_k: int = DEPTHS[-1]) -> Sequence[Citation]:
        body = self._post("/v1/search", {"query": query, "top_k": top_k})
        return _parsed(_HITS, body, f"{self.url}/v1/search").hits

    def corpus_fingerprint(self) -> str:
        """A hash of what the service says of its documents; also the way to find out whether it answers at all."""
        documents = self._checked(lambda: self._client.get("/v1/documents"))
        return hashlib.sha256(documents.content).hexdigest()

    def close(self) -> None:
        self._client.close()

    def _post(self, path: str, body: Mapping[str, Any]) -> bytes:
        return self._checked(lambda: self._client.post(path, json=body)).content

    def _checked(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            response = send()
        except httpx.HTTPError as exc:
            raise ServiceError(f"服务 {self.url} 没有应答（{exc or type(exc).__name__}）：请确认地址正确、服务已启动。") from exc
        if response.is_error:
            raise ServiceError(f"服务 {self.url} 拒绝了请求（{response.status_code}）：{response.text[:200]}")
        return response


def _parsed(adapter: TypeAdapter[_Parsed], body: bytes, where: str) -> _Parsed:
    try:
        return adapter.validate_json(body)
    except ValidationError as exc:
        raise ServiceError(f"{where} 的应答不合约定：{exc.errors()[0]['loc']} {exc.errors()[0]['msg']}") from exc


def run_cases(
    system: System,
    cases: Sequence[Case],
    stamp: Stamp,
    journal: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Asks the system every case, `stamp.workers` at a time, and judges the answers; records keep the order of the cases.

    With a `journal`, every record is appended to that file at once; records that a journal of the same stamp holds already are taken over,
    except those of errors, which are asked again. Raises RunError when the journal is of another run.
    """
    started, done = (_now(), {}) if journal is None or not journal.exists() else _read_journal(journal, stamp)
    if journal is not None and not journal.exists():
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_bytes(_journal_head(started, stamp))
    due = [case for case in cases if record_id(case) not in done]
    with ThreadPoolExecutor(max_workers=stamp.workers) as pool:
        futures = [pool.submit(examine, system, case, stamp.top_k) for case in due]
        try:
            for future in as_completed(futures):
                record = future.result()
                done[record.id] = record
                if journal is not None:
                    with journal.open("ab") as file:
                        file.write(_RECORD.dump_json(record) + b"\n")
                if progress:
                    progress(len(done), len(cases))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Run(FORMAT, started, stamp, tuple(done[record_id(case)] for case in cases))


def examine(system: System, case: Case, top_k: int = TOP_K) -> Record:
    """One case asked and judged. The search goes by the question that the answer returned, so that follow-ups are searched whole.

    Whatever the system raises is an outcome, not an end: the answer counts as wrong.
    """
    started = time.perf_counter()
    answer: Answer | None = None
    error = ""
    try:
        answer = system.ask(case.question, [Turn("user", earlier) for earlier in case.history], top_k=top_k)
        milliseconds = 1000 * (time.perf_counter() - started)
        hits = system.search(answer.question, top_k=DEPTHS[-1])
        outcome = score(case, answer, [hit.text for hit in hits], milliseconds)
    except Exception as exc:
        outcome = score_error(case, 1000 * (time.perf_counter() - started))
        error = f"{type(exc).__name__}: {exc}"
    split = split_of(case)
    return Record(
        id=record_id(case),
        split=split,
        type=case.type,
        documents=case.documents,
        paraphrased=case.paraphrased,
        parts=case.parts,
        outcome=outcome,
        exchange=_exchange(case, answer, error) if split is Split.TUNE else None,
    )


def record_id(case: Case) -> str:
    """A case's id in a run: its own in the tuning split, a salted hash in the test split."""
    if split_of(case) is Split.TUNE:
        return case.id
    return hashlib.sha256(f"{SALT}:{case.id}".encode()).hexdigest()[:16]


def _exchange(case: Case, answer: Answer | None, error: str) -> Exchange:
    cited = answer.citations if answer else ()
    return Exchange(
        question=case.question,
        history=case.history,
        expected=case.answer,
        evidence=case.evidence,
        missing=missing_facts(case, answer.answer) if answer else (),
        understood=answer.question if answer else "",
        said=answer.answer if answer else "",
        mode=str(answer.mode) if answer else "",
        cited=tuple(Shown(c.document_id, " / ".join(c.heading_path), c.text, c.quote) for c in cited),
        error=error,
    )


def stamp_of(
    system: str, cases: Sequence[Case], corpus_fingerprint: str, workers: int = 1, top_k: int = TOP_K, in_process: bool = True
) -> Stamp:
    """The stamp of a run that begins now; `system` is "in process" or an address, whose code is not known here."""
    commit, changed = _git_state()
    return Stamp(
        system=system,
        top_k=top_k,
        workers=workers,
        corpus=corpus_fingerprint,
        code=code_fingerprint() if in_process else "",
        commit=commit,
        changed=changed,
        cases=questions_hash(cases),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU, Python {platform.python_version()}",
    )


def code_fingerprint() -> str:
    """A hash of the code and data of the packages that answer questions."""
    digest = hashlib.sha256()
    for package in (corpus, index, rag):
        folder = Path(package.__path__[0])
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".md", ".jsonl")):
            digest.update(path.relative_to(folder.parent).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _git_state() -> tuple[str, bool]:
    """The commit that the package is checked out at and whether files differ from it; ("", False) outside a checkout."""
    folder = Path(__file__).parent
    try:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
        status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "", False
    return commit, bool(status.strip())


def save_run(file: Path, run: Run) -> None:
    """Writes a run whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + ".tmp")
    unfinished.write_bytes(_RUN.dump_json(run, indent=1))
    unfinished.replace(file)


def load_run(file: Path) -> Run:
    """Raises RunError when the file is missing or not a run of this format."""
    try:
        run = _RUN.validate_json(file.read_bytes())
    except OSError as exc:
        raise RunError(f"没有评测结果 {file}（{exc.strerror}）：请先运行 judian eval run。") from exc
    except ValidationError as exc:
        raise RunError(f"{file} 不是评测结果：{exc.errors()[0]['msg']}。") from exc
    if run.format != FORMAT:
        raise RunError(f"{file} 的格式是 {run.format}，本程序读 {FORMAT}：请重新运行 judian eval run。")
    return run


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _journal_head(started: str, stamp: Stamp) -> bytes:
    return json.dumps({"started": started, "stamp": _STAMP.dump_python(stamp)}, ensure_ascii=False).encode() + b"\n"


def _read_journal(journal: Path, stamp: Stamp) -> tuple[str, dict[str, Record]]:
    """When the interrupted run began and its records by id; a line cut off is passed over, errors are left to be asked again."""
    head, *lines = journal.read_bytes().split(b"\n")
    try:
        opened = json.loads(head)
        if _STAMP.validate_python(opened["stamp"]) != stamp:
            raise RunError(f"{journal} 是另一次评测留下的（代码、文件、问题或设置不同），不能接着运行：请删除它，或改用别的 --out。")
    except (ValueError, KeyError, TypeError) as exc:
        raise RunError(f"{journal} 不是评测的中间结果：请删除它。") from exc
    records = []
    for line in lines:
        try:
            records.append(_RECORD.validate_json(line))
        except ValidationError:
            continue
    return opened["started"], {record.id: record for record in records if record.outcome.faults != (Fault.ERROR,)}


@dataclass(frozen=True, slots=True)
class Change:
    """A case of the tuning split that two runs judged differently."""

    before: Record
    after: Record


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the cases that both hold. `better` and `worse` list the tuning split; the counts are of both splits.

    `p_value` is McNemar's exact test of the two accuracies.
    """

    cases: int
    right_before: int
    right_after: int
    gained: int
    lost: int
    p_value: float
    better: tuple[Change, ...]
    worse: tuple[Change, ...]


def compare(before: Run, after: Run) -> Comparison:
    """What changed from one run to another. Raises RunError when they share no case."""
    earlier = {record.id: record for record in before.records}
    pairs = [Change(earlier[record.id], record) for record in after.records if record.id in earlier]
    if not pairs:
        raise RunError("两次评测没有共同的问题，无法比较。")
    better = [pair for pair in pairs if pair.after.outcome.correct and not pair.before.outcome.correct]
    worse = [pair for pair in pairs if pair.before.outcome.correct and not pair.after.outcome.correct]
    return Comparison(
        cases=len(pairs),
        right_before=sum(pair.before.outcome.correct for pair in pairs),
        right_after=sum(pair.after.outcome.correct for pair in pairs),
        gained=len(better),
        lost=len(worse),
        p_value=mcnemar(len(worse), len(better)),
        better=tuple(pair for pair in better if pair.after.exchange),
        worse=tuple(pair for pair in worse if pair.after.exchange),
    )
