"""How the product holds up as the corpus grows: the real documents among ever more simulated ones, built, searched and asked.

Building and asking run in processes of their own, so that the memory of each is its own. What was measured is kept size by size; a run replaces
the sizes that it measures, and a run that was killed goes on with its index where it stopped.
"""

import hashlib
import itertools
import json
import multiprocessing
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import TypeAdapter

from corpus.errors import JudianError
from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import ReadDocument
from eval.bench import Machine, describe_machine, folder_bytes
from eval.metrics import Latency, evidence_recall, latency
from eval.plot import Axis, plot
from eval.run import Stamp, code_fingerprint, stamp_of
from eval.service import status_bytes
from eval.simulate import Simulation, is_simulated
from eval.simulated import SimulatedVectors, embed_ahead
from eval.types import Case
from index.build import Source, build_index
from index.encoder import open_encoder
from index.engine import open_engine
from index.store import known_vectors, load_index
from rag.assistant import Assistant
from rag.build import corpus_words, fingerprint, readings_of, search_text
from rag.config import Settings
from rag.lexicon import read_lexicon
from rag.retrieve import Retriever
from rag.types import Turn
from rag.wire import open_matcher

FOUND_AMONG = 5
SEED = 1
_WARM_UP = 10
_FIGURES = ("<!-- figures by `judian eval bench --scale` -->", "<!-- end of figures -->")

Say: TypeAlias = Callable[[str], None]

_Result = TypeVar("_Result")
_Question = TypeVar("_Question")
_Found = TypeVar("_Found")


class ScaleError(JudianError):
    """A corpus of some size could not be built or asked."""


@dataclass(frozen=True, slots=True)
class Built:
    """A build: wall-clock seconds, the most memory it held, and how many of the simulated vectors were made up rather than embedded."""

    seconds: float
    peak_bytes: int
    made_up: int
    bytes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions asked of a corpus: seconds until it was open, resident memory afterwards, and how what proves the answers was found.

    `retrieval` is search by passages alone, `search` what `/v1/search` does, `ask` what `/v1/ask` does; `evidence` is that of searches, and
    `evidence_unread` that of passages alone, without the readings.
    """

    open_s: float
    memory_bytes: int
    retrieval: Latency
    search: Latency
    ask: Latency
    evidence: float
    evidence_unread: float
    modes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured over `passages` passages, `simulated` of them simulated."""

    passages: int
    simulated: int
    embedded: int
    questions: int
    recall: float
    probed: int
    built: Built
    asked: Asked
    machine: Machine
    stamp: Stamp


_SIZES = TypeAdapter(tuple[Size, ...])
_BUILT, _ASKED = TypeAdapter(Built), TypeAdapter(Asked)


def measure(settings: Settings, size: int, cases: Sequence[Case], embed: int, kept: bool = False, say: Say = print) -> Size:
    """A corpus of `size` passages built and asked; `embed` simulated passages are really embedded, less those that an earlier run embedded.

    The index is deleted when it has been measured, unless it is to be `kept`. Raises ScaleError, and what opening the product raises.
    """
    real = [read_document(document) for document in load_documents()]
    own = sum(len(document.passages) for document in real)
    simulated = max(0, size - own)
    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    say("计算模拟段落的向量")
    texts = _texts(real, simulated)
    embed_ahead(
        vectors_file(settings, real), texts, min(embed, simulated), encoder, lambda done, total, what: say(f"{what} {done}/{total}")
    )
    say(f"{size} 段：建立索引")
    folder = settings.home / "bench" / f"scale-{size}"
    built = _in_process(_BUILT, _build, settings, folder, simulated)
    say(f"{size} 段：提问")
    asked = _in_process(_ASKED, _ask, settings, folder, tuple(cases))
    about = json.loads((folder / "index" / "passages" / "dense.json").read_text())
    found = (own + simulated, simulated, simulated - built.made_up, len(cases), about["recall"], about["probed"])
    if not kept:
        shutil.rmtree(folder)
    return Size(*found, built, asked, describe_machine(), stamp_of("in process", cases, fingerprint()))


def vectors_file(settings: Settings, real: Sequence[ReadDocument]) -> Path:
    """Where the vectors of simulated passages wait for the next run; others wherever the simulation gives other texts."""
    digest = hashlib.sha256("\n".join(_texts(real, 500)).encode()).hexdigest()[:12]
    return settings.home / "bench" / f"simulated-{digest}.f32"


def _simulating(settings: Settings, real: Sequence[ReadDocument], passages: int) -> SimulatedVectors:
    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    own = (search_text(passage) for document in real for passage in document.passages)
    known = known_vectors(settings.index_folder, encoder, open_engine(settings.index))
    return SimulatedVectors(encoder, own, _texts(real, passages), vectors_file(settings, real), known)


def _texts(real: Sequence[ReadDocument], passages: int) -> Iterator[str]:
    return (search_text(passage) for document in Simulation(real, SEED).documents(passages) for passage in document.passages)


def _in_process(adapter: TypeAdapter[_Result], work: Callable[..., None], settings: Settings, folder: Path, *rest: object) -> _Result:
    """What a function gives that runs in a process of its own and leaves its result in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    # Of this code only: what another version measured is measured again.
    result = folder / f"{work.__name__.strip('_')}-{code_fingerprint()[:12]}.json"
    if not result.exists():
        process = multiprocessing.get_context("spawn").Process(target=work, args=(settings, folder, result, *rest))
        process.start()
        process.join()
        if process.exitcode or not result.exists():
            raise ScaleError(f"规模测试没有完成（代码 {process.exitcode}），原因见上面的输出；再次运行会接着做。")
    return adapter.validate_json(result.read_bytes())


def _build(settings: Settings, folder: Path, result: Path, simulated: int) -> None:
    """Builds the index of the real documents and of so many simulated passages."""
    began = time.perf_counter()
    real = [read_document(document) for document in load_documents()]
    encoder = _simulating(settings, real, simulated)
    source = Source(
        itertools.chain(real, Simulation(real, SEED).documents(simulated)),
        readings_of(real)[0],
        search_text,
        # The names in simulated documents are those of the real ones and of places that stand in hundreds of them.
        lambda document: [] if is_simulated(document.document.info.id) else corpus_words([document]),
        f"{fingerprint()}-{SEED}-{simulated}",
    )
    build_index(
        folder / "index",
        source,
        encoder,
        open_engine(settings.index),
        lambda done, total, what: print(f"{what} {done}/{total}", flush=True),
        open_matcher(settings),
    )
    seconds = time.perf_counter() - began
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result.write_bytes(_BUILT.dump_json(Built(seconds, peak, encoder.made_up, folder_bytes(folder / "index"))))


def _ask(settings: Settings, folder: Path, result: Path, cases: Sequence[Case]) -> None:
    """Opens the index and asks it everything."""
    began = time.perf_counter()
    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    index = load_index(folder / "index", encoder, open_engine(settings.index), open_matcher(settings))
    assistant = Assistant(index, encoder)
    open_s = time.perf_counter() - began
    # Passages are not compared token by token.
    unread = Retriever(replace(index, matcher=None), encoder, read_lexicon(), use_readings=False)
    answers, ask = _timed(lambda case: assistant.ask(case.question, [Turn("user", earlier) for earlier in case.history]), cases)
    whole = [answer.question for answer in answers]
    searched, search = _timed(lambda question: assistant.search(question, FOUND_AMONG), whole)
    alone, retrieval = _timed(lambda question: unread.passages(unread.query(question), FOUND_AMONG, readings=()), whole)
    found = [[(hit.document_id, hit.text) for hit in hits] for hits in searched]
    nearest = [[(passage.document_id, passage.text) for passage in (index.all_passages[hit.passage] for hit in hits)] for hits in alone]
    evidence, evidence_unread = (_mean_evidence(cases, passages) for passages in (found, nearest))
    modes = Counter("abstained" if answer.abstained else str(answer.mode) for answer in answers)
    memory = status_bytes("self", "VmRSS") or 0
    result.write_bytes(_ASKED.dump_json(Asked(open_s, memory, retrieval, search, ask, evidence, evidence_unread, modes)))


def _timed(ask: Callable[[_Question], _Found], questions: Sequence[_Question]) -> tuple[list[_Found], Latency]:
    """What is found for each question, and how long that took. All are asked before any is asked in another way: what is kept of the latest
    questions helps none of them."""
    found, milliseconds = [], []
    for question in (*questions[:_WARM_UP], *questions):
        began = time.perf_counter()
        found.append(ask(question))
        milliseconds.append(1000 * (time.perf_counter() - began))
    measured = latency(milliseconds[len(questions[:_WARM_UP]) :])
    if measured is None:
        raise ScaleError("没有问题可问：请用调试集里有的题数。")
    return found[len(questions[:_WARM_UP]) :], measured


def _mean_evidence(cases: Sequence[Case], found: Sequence[Sequence[tuple[str, str]]]) -> float:
    """The mean over the answerable cases, 0 where there is none."""
    recalls = [_evidence(case, passages) for case, passages in zip(cases, found, strict=True) if case.answerable]
    return sum(recalls) / max(1, len(recalls))


def _evidence(case: Case, found: Sequence[tuple[str, str]]) -> float:
    """The recall of evidence among what was found; a simulated passage proves nothing, whatever it says."""
    return evidence_recall(case, ["" if is_simulated(document_id) else text for document_id, text in found], FOUND_AMONG)


def save_sizes(file: Path, measured: Sequence[Size]) -> tuple[Size, ...]:
    """Keeps what was measured in a file, in the place of what it had of the same sizes; all that it has then, the smallest first."""
    kept = {size.passages: size for size in (load_sizes(file) if file.exists() else ())}
    kept |= {size.passages: size for size in measured}
    sizes = tuple(kept[passages] for passages in sorted(kept))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_SIZES.dump_json(sizes, indent=1) + b"\n")
    return sizes


def load_sizes(file: Path) -> tuple[Size, ...]:
    return _SIZES.validate_json(file.read_bytes())


def write_page(page: Path, sizes: Sequence[Size]) -> None:
    """Puts the figures and their charts between the marks of a Markdown page; the rest of the page stays. Raises ScaleError without marks."""
    before, begin, rest = page.read_text("utf-8").partition(_FIGURES[0])
    _, end, after = rest.partition(_FIGURES[1])
    if not begin or not end:
        raise ScaleError(f"{page} 里没有标出放数字的地方：{_FIGURES[0]} 与 {_FIGURES[1]}。")
    (page.parent / "scale-evidence.svg").write_text(_evidence_chart(sizes), "utf-8")
    (page.parent / "scale-latency.svg").write_text(_latency_chart(sizes), "utf-8")
    page.write_text(f"{before}{begin}\n\n{markdown(sizes)}\n{end}{after}", "utf-8")


def markdown(sizes: Sequence[Size]) -> str:
    """The figures of some sizes as tables."""
    heads = ["passages", *(f"{size.passages:,}" for size in sizes)]
    rows = [
        ("of them simulated", *(f"{size.simulated:,}" for size in sizes)),
        ("really embedded, of the simulated", *(f"{size.embedded:,}" for size in sizes)),
        ("build, s", *(f"{size.built.seconds:.0f}" for size in sizes)),
        ("most memory of the build, GB", *(_gigabytes(size.built.peak_bytes) for size in sizes)),
        ("on disk, GB", *(_gigabytes(sum(size.built.bytes.values())) for size in sizes)),
        ("dense search", *(f"{size.probed} clusters" if size.probed else "exact" for size in sizes)),
        ("recall@10 against exact search", *(f"{size.recall:.3f}" for size in sizes)),
        ("start to open, s", *(f"{size.asked.open_s:.1f}" for size in sizes)),
        ("memory after all questions, GB", *(_gigabytes(size.asked.memory_bytes) for size in sizes)),
        ("passages alone, p50 / p95, ms", *(_times(size.asked.retrieval) for size in sizes)),
        ("search, p50 / p95, ms", *(_times(size.asked.search) for size in sizes)),
        ("ask, p50 / p95, ms", *(_times(size.asked.ask) for size in sizes)),
        ("evidence@5 of search", *(f"{size.asked.evidence:.3f}" for size in sizes)),
        ("evidence@5 of passages alone", *(f"{size.asked.evidence_unread:.3f}" for size in sizes)),
    ]
    table = [f"| {' | '.join(cells)} |" for cells in (heads, ["---", *["---:"] * len(sizes)], *rows)]
    measured = [_measured(size) for size in sizes]
    charts = "![Evidence found as distractors grow](scale-evidence.svg)\n\n![Latency as distractors grow](scale-latency.svg)"
    return "\n".join([*table, "", *measured, "", charts, ""])


def _measured(size: Size) -> str:
    machine, stamp = size.machine, size.stamp
    made_up = (
        f" Vectors of {size.built.made_up:,} simulated passages are seeded perturbations of embedded ones." if size.built.made_up else ""
    )
    return (
        f"- {size.passages:,}: {size.questions} questions of the tuning split, commit {stamp.commit[:12]}{' with changes' if stamp.changed else ''}, "
        f"{machine.processor}, {machine.cores} cores, load {machine.load:.1f} at the end.{made_up}"
    )


def _evidence_chart(sizes: Sequence[Size]) -> str:
    searched = [(size.passages, size.asked.evidence) for size in sizes]
    alone = [(size.passages, size.asked.evidence_unread) for size in sizes]
    return plot("evidence@5", _across(sizes), Axis("evidence@5", 0, 1, (0, 0.5, 1)), [("search", searched), ("passages alone", alone)])


def _latency_chart(sizes: Sequence[Size]) -> str:
    searched = [(size.passages, size.asked.search.p50) for size in sizes]
    alone = [(size.passages, size.asked.retrieval.p50) for size in sizes]
    most = max(milliseconds for _, milliseconds in (*searched, *alone))
    up = Axis("p50, ms", 0, most, tuple(round(most * share) for share in (0, 0.5, 1)))
    return plot("latency", _across(sizes), up, [("search", searched), ("passages alone", alone)])


def _across(sizes: Sequence[Size]) -> Axis:
    counts = tuple(size.passages for size in sizes)
    return Axis("passages", min(counts) / 2, max(counts) * 2, counts, logarithmic=True)


def _times(found: Latency) -> str:
    return f"{found.p50:.0f} / {found.p95:.0f}"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f}"
