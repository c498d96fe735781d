"""The bench: how long things take on this machine, beside the usual stack in the same run, as Markdown to read and JSON to compare.

Every time is wall-clock time of the thing that users run: the bundled documents, the real model, the service in a process of its own.
"""

import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeAlias, TypeVar

import httpx
import numpy as np
from pydantic import TypeAdapter

from corpus.errors import ServiceError
from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Document
from eval.metrics import Latency, evidence_recall, latency, latency_of
from eval.run import Service, Stamp, stamp_of
from eval.service import COMMAND, family_bytes, free_ports, status_bytes
from eval.types import Case, System
from eval.usual import TOP_K, UsualStack
from index.encoder import open_encoder
from index.runtime import available_cores
from index.types import Encoder, Matcher, Progress, Vectors
from rag.build import build
from rag.config import Settings
from rag.llm import ChatModel
from rag.types import Turn
from rag.wire import open_assistant, open_matcher, prepare_index

FORMAT = 2
CLIENTS = {1: "请问，", 2: "问一下，", 4: "麻烦查一下，", 8: "帮忙看看，"}
"""Numbers of clients that ask at once, and how each begins its questions: the service keeps answers, and none shall be asked for twice."""

DEPTHS = (1, TOP_K)
"""The numbers of passages at which the two stacks are compared."""

BUSY = 0.5
"""The load a core at which a page of figures warns that others were at work too."""

ABSTAINED = "abstained"
WARM_UP = 5
"""Asks before times count: the first ones load what is loaded once."""

_SAMPLE = 50
_PASSAGES = 256
_QUERIES = 200
_SPOKEN = 10
"""Questions that a chat model answers for the usual stack: each takes some seconds."""

_LENGTH, _LENGTH_APART = 200, 50
_PATIENCE_S = 180.0
_POLL_S = 0.02
_STOP_S = 10.0

Say: TypeAlias = Callable[[str], None]
"""Told what is being measured."""

Search: TypeAlias = Callable[[str], Sequence[str]]
"""The passages that a stack finds for a query, best first."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured: the cores that this process may use, and as `load` the mean number of processes at work in the minute before."""

    processor: str
    cores: int
    memory_bytes: int
    load: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read into passages, tasks and measures."""

    document: str
    characters: int
    passages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Embedding:
    """Passages in one call, `characters` each on average, and queries one at a time."""

    passages: int
    characters: float
    per_second: float
    queries: int
    query: Latency


@dataclass(frozen=True, slots=True)
class Building:
    """An index built from nothing: `embedding_s` of `seconds` go to vectors.

    Where `sampled` is less than `texts`, the vectors of that many texts were timed and the others estimated by their characters.
    """

    texts: int
    sampled: int
    embedding_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One ask: what answered (a mode, or `ABSTAINED`), how long it took, and the question as it was understood."""

    mode: str
    milliseconds: float
    question: str


@dataclass(frozen=True, slots=True)
class ModeLatency:
    mode: str
    asks: int
    latency: Latency


@dataclass(frozen=True, slots=True)
class Throughput:
    """Clients that each ask again as soon as they are answered; `latency` is of the answers, None without any."""

    clients: int
    seconds: float
    answers: int
    errors: int
    latency: Latency | None

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


@dataclass(frozen=True, slots=True)
class Serving:
    """The service in processes of its own: from its start until it is ready and until its first answer, and its memory.

    `first_bytes` is resident in the API's process after the first answer, while those that answer beside it still open the index; `bytes` is in
    memory of all of them after all measurements, what they share counted once. None where the system does not say.
    """

    ready_s: float
    first_answer_s: float
    first_bytes: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Stack:
    """One of the two stacks: texts it searches, what it keeps on disk, how long it takes to build and to search, and what it finds.

    `evidence` is the recall of evidence at the numbers of passages of `DEPTHS`, over the answerable questions. `ask` is of the questions that the
    usual stack was asked too, None where it had no chat model.
    """

    name: str
    texts: int
    size_bytes: int
    building_s: float
    evidence: tuple[float, ...]
    search: Latency
    ask: Latency | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    format: int
    started: str
    stamp: Stamp
    machine: Machine
    encoder: str
    reading: tuple[Reading, ...]
    embedding: Embedding
    building: Building
    questions: int
    in_process: tuple[ModeLatency, ...]
    over_http: tuple[ModeLatency, ...]
    throughput: tuple[Throughput, ...]
    serving: Serving
    index_bytes: Mapping[str, int]
    ours: Stack
    usual: Stack
    usual_model: str = ""
    """The chat model that wrote the usual stack's answers."""

    usual_asks: int = 0


_BENCH = TypeAdapter(Bench)


def run_bench(
    settings: Settings,
    cases: Sequence[Case],
    started: str,
    full: bool = False,
    seconds: float = 15.0,
    say: Say = print,
    model: ChatModel | None = None,
) -> Bench:
    """Measures everything with the questions of `cases`, one thing after the other; `full` embeds all texts instead of a sample. A chat `model` writes
    answers for the usual stack.

    Raises what opening the product raises, ServiceError when the service does not start, UsualStackError without its library.
    """
    machine = describe_machine()
    say("准备索引")
    prepare_index(settings)
    documents = load_documents()
    say("读文件")
    reading = tuple(time_reading(document) for document in documents)
    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    assistant = open_assistant(replace(settings, llm=""))
    say("计算向量")
    passages = [passage.text for document in assistant.documents for passage in document.passages]
    embedding = time_embedding(encoder, passages, [case.question for case in cases[:_QUERIES]])
    say("建立索引")
    building = time_building(encoder, open_matcher(settings), sys.maxsize if full else _SAMPLE)
    say("本进程内提问")
    asked = ask_each(assistant, cases)
    say("对照方案：切块、计算向量")
    began = time.perf_counter()
    usual = UsualStack([document.text for document in documents], encoder)
    usual_s = time.perf_counter() - began
    say("对照检索")
    index_bytes = folder_bytes(settings.index_folder)
    wholes = [one.question for one in asked]

    def our_search(query: str) -> list[str]:
        return [hit.text for hit in assistant.search(query, TOP_K)]

    (our_evidence, our_latency), (usual_evidence, usual_latency) = compare_searches([our_search, usual.search], cases, wholes)
    our_ask = usual_ask = None
    if model:
        say("对照方案：大模型作答")
        few = spread(wholes, _SPOKEN)
        usual_ask = latency_of([_timed(usual.ask, question, model)[1] for question in few])
        our_ask = latency_of([_timed(assistant.ask, question)[1] for question in few])
    stamp = stamp_of("in process", cases, assistant.fingerprint)
    say("启动接口")
    with served(settings) as service:
        start(service, cases[0])
    with served(settings) as service:
        first = start(service, cases[0])
        say("经接口提问")
        over_http = by_mode(ask_each(service.client(), cases))
        throughput = []
        for clients, opening in CLIENTS.items():
            say(f"{clients} 个客户端同时提问")
            worded = [replace(case, question=opening + case.question) for case in cases]
            throughput.append(time_throughput(service.client, worded, clients, seconds))
        serving = replace(first, bytes=family_bytes(service.process.pid))
    return Bench(
        format=FORMAT,
        started=started,
        stamp=stamp,
        machine=machine,
        encoder=encoder.name,
        reading=reading,
        embedding=embedding,
        building=building,
        questions=len(cases),
        in_process=by_mode(asked),
        over_http=over_http,
        throughput=tuple(throughput),
        serving=serving,
        index_bytes=index_bytes,
        ours=Stack("judian", building.texts, sum(index_bytes.values()), building.seconds, our_evidence, our_latency, our_ask),
        usual=Stack("usual stack", len(usual.chunks), usual.size_bytes, usual_s, usual_evidence, usual_latency, usual_ask),
        usual_model=model.name if model else "",
        usual_asks=min(_SPOKEN, len(wholes)) if model else 0,
    )


def describe_machine() -> Machine:
    """The processor by its name where the system tells it, and the load before anything is measured."""
    names = [line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    processor = names[0] if names else platform.processor() or platform.machine()
    return Machine(processor, available_cores(), memory, round(os.getloadavg()[0], 2))


def time_reading(document: Document) -> Reading:
    began = time.perf_counter()
    read = read_document(document)
    return Reading(document.info.id, len(document.text), len(read.passages), time.perf_counter() - began)


def time_embedding(encoder: Encoder, passages: Sequence[str], queries: Sequence[str]) -> Embedding:
    """The rate of an encoder over the passages of usual length, or over all where none is, and its time for one query."""
    chosen = [text for text in passages if abs(len(text) - _LENGTH) <= _LENGTH_APART] or list(passages)
    chosen = spread(chosen, _PASSAGES)
    encoder.encode_passages(chosen[:1])
    began = time.perf_counter()
    encoder.encode_passages(chosen)
    elapsed = time.perf_counter() - began
    times = [_timed(encoder.encode_queries, [query])[1] for query in queries]
    return Embedding(len(chosen), sum(map(len, chosen)) / len(chosen), len(chosen) / elapsed, len(queries), latency_of(times))


class SamplingEncoder:
    """An encoder that computes the vectors of at most `most` texts a call, spread over the call, and leaves those of the others zero.

    It keeps the time that this took, and estimates from the numbers of characters what all would have taken.
    """

    def __init__(self, encoder: Encoder, most: int) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.texts = 0
        self.sampled = 0
        self.spent_s = 0.0
        self.estimated_s = 0.0
        self._encoder = encoder
        self._most = most

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, self._encoder.encode_queries, progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(texts, self._encoder.encode_passages, progress)

    def _encode(
        self, texts: Sequence[str], encode: Callable[[Sequence[str], Progress | None], Vectors], progress: Progress | None
    ) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        rows = spread(range(len(texts)), self._most)
        chosen = [texts[row] for row in rows]
        began = time.perf_counter()
        vectors[rows] = encode(chosen, progress)
        elapsed = time.perf_counter() - began
        self.texts += len(texts)
        self.sampled += len(rows)
        self.spent_s += elapsed
        self.estimated_s += elapsed * sum(map(len, texts)) / sum(map(len, chosen))
        return vectors


def time_building(encoder: Encoder, matcher: Matcher, most: int = _SAMPLE) -> Building:
    """The index of the bundled documents built in a folder of its own, all but the vectors of texts beyond `most` a collection."""
    sampling = SamplingEncoder(encoder, most)
    with tempfile.TemporaryDirectory(prefix="judian-bench-") as folder:
        began = time.perf_counter()
        build(Path(folder) / "index", sampling, matcher=matcher)
        elapsed = time.perf_counter() - began
    return Building(sampling.texts, sampling.sampled, sampling.estimated_s, elapsed - sampling.spent_s + sampling.estimated_s)


def ask_each(system: System, cases: Sequence[Case]) -> list[Asked]:
    """Every case asked once, one at a time, after a few that do not count."""
    for case in cases[:WARM_UP]:
        _ask(system, case)
    return [_ask(system, case) for case in cases]


def _ask(system: System, case: Case) -> Asked:
    answer, milliseconds = _timed(system.ask, case.question, [Turn("user", earlier) for earlier in case.history])
    return Asked(ABSTAINED if answer.abstained else str(answer.mode), milliseconds, answer.question)


def by_mode(asked: Sequence[Asked]) -> tuple[ModeLatency, ...]:
    """Latency by what answered, most frequent first, and before them that of all under the name "all"."""
    times: dict[str, list[float]] = {}
    for one in asked:
        times.setdefault(one.mode, []).append(one.milliseconds)
    groups = [("all", [one.milliseconds for one in asked]), *sorted(times.items(), key=lambda group: (-len(group[1]), group[0]))]
    return tuple(ModeLatency(mode, len(chosen), latency_of(chosen)) for mode, chosen in groups)


def compare_searches(searches: Sequence[Search], cases: Sequence[Case], queries: Sequence[str]) -> list[tuple[tuple[float, ...], Latency]]:
    """Evidence recall at `DEPTHS` and latency of each search over the answerable cases, each searched by its query.

    The searches take turns question by question, so that whatever else the machine does falls on all of them alike.
    """
    times: list[list[float]] = [[] for _ in searches]
    recalls: list[list[tuple[float, ...]]] = [[] for _ in searches]
    for case, query in zip(cases, queries, strict=True):
        if not case.answerable:
            continue
        for number, search in enumerate(searches):
            passages, milliseconds = _timed(search, query)
            times[number].append(milliseconds)
            recalls[number].append(tuple(evidence_recall(case, passages, depth) for depth in DEPTHS))
    return [
        (tuple(sum(column) / len(column) for column in zip(*found, strict=True)), latency_of(spent))
        for found, spent in zip(recalls, times, strict=True)
    ]


def time_throughput(open_system: Callable[[], System], cases: Sequence[Case], clients: int, seconds: float) -> Throughput:
    """As many clients as told, each asking one case after the other for some seconds, at least once; the ask under way at the end counts.

    Clients begin at different cases, so that no two ask the same at once. Whatever a system raises is counted as an error.
    """
    times: list[float] = []
    errors: list[str] = []
    began = time.perf_counter()

    def ask_on(number: int) -> None:
        system = open_system()
        at = number * len(cases) // clients
        while True:
            try:
                times.append(_ask(system, cases[at % len(cases)]).milliseconds)
            except Exception as exc:
                errors.append(str(exc))
            if time.perf_counter() - began >= seconds:
                break
            at += 1

    threads = [threading.Thread(target=ask_on, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Throughput(clients, time.perf_counter() - began, len(times), len(errors), latency(times))


class ServedProcess:
    """The service as users start it, in a process of its own on a free port of this machine."""

    def __init__(self, settings: Settings) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            # Where Python may keep compiled programs, as it does unless told otherwise, only the first start compiles this one.
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "JUDIAN_HOST": "127.0.0.1",
            "JUDIAN_HOME": str(settings.home),
            # One address asks all questions here, and none of them belongs in the record of what users asked.
            "JUDIAN_ADDRESS_RATE": "off",
            "JUDIAN_AUDIT": "off",
        }
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port)], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def client(self) -> Service:
        # A transport of its own keeps a proxy of the environment out of the way.
        return Service(self.url, transport=httpx.HTTPTransport())

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def served(settings: Settings) -> Iterator[ServedProcess]:
    """The service for as long as the context lasts; it is being started, not ready, when the context begins."""
    service = ServedProcess(settings)
    try:
        yield service
    finally:
        service.stop()


def start(service: ServedProcess, case: Case) -> Serving:
    """Waits until the service is ready and asks it one case. Raises ServiceError when it ends, says that it cannot, or takes too long."""
    with httpx.Client(trust_env=False, timeout=5.0) as client:
        while not _is_ready(client, service):
            time.sleep(_POLL_S)
    ready_s = time.perf_counter() - service.began
    _ask(service.client(), case)
    return Serving(ready_s, time.perf_counter() - service.began, status_bytes(service.process.pid, "VmRSS"), None)


def _is_ready(client: httpx.Client, service: ServedProcess) -> bool:
    code = service.process.poll()
    if code is not None:
        raise ServiceError(f"接口未能启动（代码 {code}），原因见上面的输出。")
    if time.perf_counter() - service.began > _PATIENCE_S:
        raise ServiceError(f"接口 {_PATIENCE_S:.0f} 秒内没有就绪：请用 judian serve 查看原因。")
    try:
        response = client.get(f"{service.url}/healthz")
    except httpx.HTTPError:
        return False
    if response.status_code == 503 and "problem+json" in response.headers.get("content-type", ""):
        raise ServiceError(str(response.json()["detail"]))
    return response.status_code == 200


def folder_bytes(folder: Path) -> dict[str, int]:
    """The bytes of all files under each entry of a folder, largest first."""
    sizes = {
        entry.name: sum(file.stat().st_size for file in ([entry] if entry.is_file() else entry.rglob("*")) if file.is_file())
        for entry in folder.iterdir()
    }
    return dict(sorted(sizes.items(), key=lambda size: (-size[1], size[0])))


def save_bench(file: Path, bench: Bench) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_BENCH.dump_json(bench, indent=1) + b"\n")


def load_bench(file: Path) -> Bench:
    return _BENCH.validate_json(file.read_bytes())


def spread(items: Sequence[_Item], most: int) -> list[_Item]:
    """At most that many of the items, spread evenly over them, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[place] for place in np.linspace(0, len(items) - 1, most).round().astype(int)]


def markdown(bench: Bench) -> str:
    """The figures as `docs/benchmarks.md` has them."""
    machine, stamp, building, serving = bench.machine, bench.stamp, bench.building, bench.serving
    commit = f"commit {stamp.commit[:12]}{' with changes' if stamp.changed else ''}, " if stamp.commit else ""
    sampled = building.sampled < building.texts
    estimate = f"estimated by characters from {building.sampled}" if sampled else "all computed"
    spoken = (
        f" The usual stack answers nothing without a language model: {bench.usual_asks} of the questions, spread over all, were answered by "
        f"{bench.usual_model} on the same machine out of its nearest {TOP_K} chunks, and by judian, which asks no model."
        if bench.usual_asks
        else ""
    )
    lines = [
        "# Benchmarks",
        "",
        "Written by `judian eval bench`, which measures all of this in one run; `benchmarks.json` beside this file has the same figures.",
        "",
        f"{bench.started}, {commit}corpus {stamp.corpus[:12]}. {machine.processor}, {stamp.machine}, "
        f"{_gigabytes(machine.memory_bytes)} of memory; load before the run {machine.load:.2f}. "
        f"Embedding model {bench.encoder} on the CPU, no language model.{_load_remark(machine)}",
        "",
        "## Beside the usual stack",
        "",
        "The usual stack is LangChain's recursive splitter (500 characters, 50 of them overlapping) over the same documents, vectors of the same "
        f"model, FAISS, the nearest {TOP_K}. Both are asked the same {bench.questions} questions of the tuning split, follow-ups as judian made them "
        "whole, in turns. Evidence is over the answerable ones. A search of judian understands and answers the question on the way, because what the "
        f"answer rests on leads its hits.{spoken}",
        "",
        *_table(("", "usual stack", "judian", "judian / usual stack"), _comparison(bench.usual, bench.ours)),
        "",
        "## Asking",
        "",
        f"{bench.questions} questions one at a time, after {WARM_UP} that do not count, in milliseconds.",
        "",
        *_latency_table("In process", bench.in_process),
        "",
        *_latency_table("Over HTTP", bench.over_http),
        "",
        f"Clients that ask the service over HTTP as fast as they are answered, {bench.throughput[0].seconds:.0f} s each, on the machine that the "
        "service runs on; each number of clients opens its questions in its own way, so that no answer is one that the service had kept:",
        "",
        *_table(("clients", "answers a second", "p50 ms", "p95 ms", "p99 ms", "errors"), map(_throughput_row, bench.throughput)),
        "",
        "## Starting and memory",
        "",
        *_table(
            ("the service, started anew", ""),
            [
                ("start to ready", f"{serving.ready_s:.2f} s"),
                ("start to first answer", f"{serving.first_answer_s:.2f} s"),
                ("memory of the API's process after the first answer", _size(serving.first_bytes)),
                ("memory with the processes that answer beside it, all of the above asked", _size(serving.bytes)),
            ],
        ),
        "",
        "It had been started once before: the system had model and index in memory, and Python had compiled the program.",
        "",
        "## Building",
        "",
        *_table(("document", "characters", "passages", "read in ms"), map(_reading_row, bench.reading)),
        "",
        *_table(
            ("embedding", ""),
            [
                (
                    f"passages a second ({bench.embedding.passages} of {bench.embedding.characters:.0f} characters on average)",
                    f"{bench.embedding.per_second:.1f}",
                ),
                (f"one query, p50 and p95 of {bench.embedding.queries}", _milliseconds(bench.embedding.query)),
            ],
        ),
        "",
        f"The index from nothing takes {_duration(building.seconds)}, {_duration(building.embedding_s)} of it for the vectors of "
        f"{building.texts} texts ({estimate}); reading, word indexes and writing were done in full.",
        "",
        *_table(
            ("index on disk", ""),
            [*((name, _size(size)) for name, size in bench.index_bytes.items()), ("all", _size(bench.ours.size_bytes))],
        ),
        "",
    ]
    return "\n".join(lines)


def _load_remark(machine: Machine) -> str:
    if machine.load < BUSY * machine.cores:
        return ""
    return (
        " **The machine was busy with other work: on an idle one every time is shorter.** The two searches took turns and bore it alike;"
        " compare other times of one section rather than across sections."
    )


def _comparison(usual: Stack, ours: Stack) -> list[tuple[str, str, str, str]]:
    figures = [(f"evidence@{depth}", usual.evidence[row], ours.evidence[row], "{:.3f}") for row, depth in enumerate(DEPTHS)]
    if usual.ask and ours.ask:
        figures += [("ask p50, ms", usual.ask.p50, ours.ask.p50, "{:.1f}"), ("ask p95, ms", usual.ask.p95, ours.ask.p95, "{:.1f}")]
    figures += [
        ("search p50, ms", usual.search.p50, ours.search.p50, "{:.1f}"),
        ("search p95, ms", usual.search.p95, ours.search.p95, "{:.1f}"),
        ("texts", usual.texts, ours.texts, "{:.0f}"),
        ("building, s", usual.building_s, ours.building_s, "{:.1f}"),
        ("building, ms a text", 1000 * usual.building_s / usual.texts, 1000 * ours.building_s / ours.texts, "{:.1f}"),
        ("on disk, MB", usual.size_bytes / 1e6, ours.size_bytes / 1e6, "{:.1f}"),
    ]
    return [(name, form.format(other), form.format(own), _ratio(own, other)) for name, other, own, form in figures]


def _ratio(value: float, reference: float) -> str:
    return f"{value / reference:.2f}" if reference else "—"


def _latency_table(title: str, groups: Sequence[ModeLatency]) -> list[str]:
    rows = [(one.mode, str(one.asks), *_percentiles(one.latency)) for one in groups]
    return _table((title, "asks", "p50", "p95", "p99"), rows)


def _throughput_row(found: Throughput) -> tuple[str, ...]:
    return (str(found.clients), f"{found.per_second:.1f}", *_percentiles(found.latency), str(found.errors))


def _reading_row(found: Reading) -> tuple[str, ...]:
    return (found.document, str(found.characters), str(found.passages), f"{1000 * found.seconds:.0f}")


def _percentiles(found: Latency | None) -> tuple[str, str, str]:
    return (f"{found.p50:.1f}", f"{found.p95:.1f}", f"{found.p99:.1f}") if found else ("—", "—", "—")


def _milliseconds(found: Latency) -> str:
    return f"{found.p50:.1f} ms, {found.p95:.1f} ms"


def _size(size: int | None) -> str:
    if size is None:
        return "—"
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.0f} GB"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    marks = ["---", *["---:"] * (len(heads) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows)]


def _timed(function: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> tuple[_Result, float]:
    """What a call gives, and its milliseconds."""
    began = time.perf_counter()
    result = function(*args, **kwargs)
    return result, 1000 * (time.perf_counter() - began)


def _lines(path: Path) -> list[str]:
    """The lines of a file that only some systems have."""
    try:
        return path.read_text("utf-8").splitlines()
    except OSError:
        return []
