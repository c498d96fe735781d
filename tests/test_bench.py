"""The bench on inputs of which the result is known: nothing here depends on how long anything takes."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from corpus.load import load_documents
from eval import bench as bench_module
from eval.bench import (
    ABSTAINED,
    WARM_UP,
    Asked,
    Bench,
    Building,
    Embedding,
    Machine,
    ModeLatency,
    Reading,
    SamplingEncoder,
    Serving,
    Stack,
    Throughput,
    ask_each,
    by_mode,
    compare_searches,
    describe_machine,
    folder_bytes,
    load_bench,
    markdown,
    run_bench,
    save_bench,
    spread,
    time_embedding,
    time_reading,
    time_throughput,
)
from eval.command.main import app
from eval.metrics import Latency
from eval.run import Stamp
from eval.types import Case, CaseType, Proof
from eval.usual import CHUNK_CHARACTERS, OVERLAP_CHARACTERS, UsualStack, split
from rag.llm import ChatModel
from rag.types import Answer, Citation, Mode, Turn
from tests.letters import LetterEncoder
from tests.scripted import saying, shown

STAMP = Stamp("in process", 5, 1, "c" * 64, "d" * 64, "0123456789abcdef", False, "e" * 64, "Linux x86_64, 2 CPU, Python 3.11.9")


def case(question: str, *quotes: str, history: tuple[str, ...] = ()) -> Case:
    kind = CaseType.NUMBER if quotes else CaseType.UNANSWERABLE
    return Case(kind, question, "答", (), tuple(Proof("900", quote) for quote in quotes), history=history)


class Echo:
    """Says which mode a question names, abstains from one that names none, fails on 错; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []
        self.lock = threading.Lock()

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
        with self.lock:
            self.asked.append((question, len(history), top_k))
        if question == "错":
            raise RuntimeError(question)
        named = [mode for mode in Mode if mode == question]
        return Answer("", not named, named[0] if named else Mode.EXTRACTIVE, f"{question}？", (), 1.0)

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
        raise AssertionError((query, top_k))


def test_percentiles_are_by_mode_the_most_frequent_first() -> None:
    asked = [Asked("reading", float(ms), "") for ms in range(1, 102)] + [Asked(ABSTAINED, 7.0, ""), Asked("structured", 300.0, "")]
    total, reading, abstained, structured = by_mode(asked)
    # Of 1 to 101 the percentile p lies at 1 + 100 p.
    assert reading == ModeLatency("reading", 101, Latency(51.0, 96.0, 100.0))
    assert abstained == ModeLatency("abstained", 1, Latency(7.0, 7.0, 7.0))
    assert structured == ModeLatency("structured", 1, Latency(300.0, 300.0, 300.0))
    # Sorted, the 103 times are 1 to 7, 7, 8 to 101, 300: the median is the 52nd, 51.
    assert (total.mode, total.asks, total.latency.p50) == ("all", 103, 51.0)


def test_nothing_timed_has_no_percentiles() -> None:
    with pytest.raises(ValueError, match="nothing was timed"):
        by_mode([])


def test_every_case_is_asked_once_after_the_warm_up() -> None:
    system = Echo()
    cases = [case("structured"), case("那呢", history=("前一问", "又一问")), *[case("reading")] * WARM_UP]
    asked = ask_each(system, cases)
    assert [one.mode for one in asked] == ["structured", ABSTAINED, *["reading"] * WARM_UP]
    assert asked[1].question == "那呢？"
    assert len(system.asked) == len(cases) + WARM_UP
    assert system.asked[WARM_UP + 1] == ("那呢", 2, 5)
    assert all(one.milliseconds >= 0 for one in asked)


@pytest.mark.parametrize(("clients", "answers", "errors"), [(1, 1, 0), (2, 1, 1), (3, 2, 1), (8, 4, 4)])
def test_clients_begin_at_different_cases_and_errors_are_counted(clients: int, answers: int, errors: int) -> None:
    found = time_throughput(Echo, [case("reading"), case("错")], clients, seconds=0)
    # Without time every client asks once: client n of the case n x 2 / clients.
    assert (found.clients, found.answers, found.errors) == (clients, answers, errors)
    assert found.per_second == answers / found.seconds


def test_a_client_asks_one_case_after_the_other() -> None:
    system = Echo()
    found = time_throughput(lambda: system, [case("reading"), case("甲"), case("乙")], 1, seconds=0.05)
    assert [question for question, _, _ in system.asked] == [("reading", "甲", "乙")[at % 3] for at in range(len(system.asked))]
    assert (found.answers, found.errors) == (len(system.asked), 0)


def test_a_client_that_is_never_answered_has_no_latency() -> None:
    found = time_throughput(Echo, [case("错")], 1, seconds=0)
    assert (found.answers, found.errors, found.latency, found.per_second) == (0, 1, None, 0.0)


def test_searches_are_compared_on_the_answerable_cases() -> None:
    cases = [case("一", "甲乙"), case("二", "丙丁", "戊己"), case("三")]
    found = {"一": ["无", "有甲乙"], "二": ["丙丁在此", "无", "无", "戊己", "无"]}
    seen: list[str] = []

    def first(query: str) -> list[str]:
        seen.append(f"first {query}")
        return found[query]

    def second(query: str) -> list[str]:
        seen.append(f"second {query}")
        return ["甲乙丙丁戊己"]

    (ours, _), (other, spent) = compare_searches([first, second], cases, ["一", "二", "三"])
    assert seen == ["first 一", "second 一", "first 二", "second 二"]
    # At 1: nothing of the first case, the one piece that fits of the second. At 4: everything.
    assert ours == (0.5, 1.0)
    assert other == (1.0, 1.0)
    assert spent.p50 >= 0


@pytest.mark.parametrize(
    ("count", "most", "expected"), [(3, 5, [0, 1, 2]), (5, 3, [0, 2, 4]), (10, 4, [0, 3, 6, 9]), (0, 2, []), (4, 1, [0])]
)
def test_a_sample_is_spread_evenly(count: int, most: int, expected: list[int]) -> None:
    assert spread(range(count), most) == expected


def test_a_sampling_encoder_computes_some_vectors_and_estimates_the_rest() -> None:
    letters = LetterEncoder()
    sampling = SamplingEncoder(letters, 2)
    vectors = sampling.encode_passages(["甲", "乙乙", "丙"])
    assert letters.encoded == ["甲", "丙"]
    assert vectors.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
    # Two of four characters were encoded: all would have taken twice as long.
    assert sampling.estimated_s == pytest.approx(2 * sampling.spent_s)
    sampling.encode_queries(["丁"])
    assert sampling.encode_queries([]).shape == (0, 4)
    assert (sampling.texts, sampling.sampled) == (4, 3)
    assert (sampling.name, sampling.dimension) == ("letters", 4)


def test_a_sampling_encoder_that_takes_all_estimates_nothing() -> None:
    sampling = SamplingEncoder(LetterEncoder(), 10)
    assert np.count_nonzero(sampling.encode_passages(["甲", "乙乙", "丙"])) == 3
    assert sampling.estimated_s == sampling.spent_s


def test_passages_of_usual_length_are_embedded() -> None:
    letters = LetterEncoder()
    found = time_embedding(letters, ["甲" * 10, "乙" * 190, "丙" * 230, "丁" * 900], ["甲", "乙", "丙"])
    assert (found.passages, found.characters, found.queries) == (2, 210.0, 3)
    assert found.per_second > 0
    # One passage to warm up, then both in one call, then the queries one by one.
    assert [len(text) for text in letters.encoded] == [190, 190, 230, 1, 1, 1]
    assert time_embedding(letters, ["甲" * 10], ["甲"]).passages == 1


def test_a_document_is_read_and_counted() -> None:
    document = load_documents()[0]
    found = time_reading(document)
    assert (found.document, found.characters) == (document.info.id, len(document.text))
    assert found.passages > 400
    assert found.seconds > 0


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "d").write_bytes(b"123")
    (tmp_path / "b" / "e").write_bytes(b"4")
    assert list(folder_bytes(tmp_path).items()) == [("b", 4), ("a", 2)]


def test_the_machine_is_described() -> None:
    found = describe_machine()
    assert found.processor
    assert found.cores >= 1
    assert found.memory_bytes > 2**28
    assert found.load >= 0


def test_the_usual_stack_cuts_and_finds_chunks() -> None:
    text = "\n\n".join(letter * 300 for letter in "甲乙丙丁")
    stack = UsualStack([text, "乙丙"], LetterEncoder())
    assert stack.chunks == ("甲" * 300, "乙" * 300, "丙" * 300, "丁" * 300, "乙丙")
    # 乙 alone is nearest to the chunk of 乙, then to the one that is half 乙.
    assert stack.search("乙", 2) == ["乙" * 300, "乙丙"]
    assert len(stack.search("乙")) == 4
    assert stack.size_bytes == 5 * 4 * 4 + 3 * (4 * 300 + 2)


def test_the_usual_stack_answers_out_of_its_nearest_chunks() -> None:
    model = saying("乙")
    stack = UsualStack(["甲" * 300 + "\n\n" + "乙" * 300], LetterEncoder())
    assert stack.ask("乙是什么？", ChatModel(model, "scripted")) == "乙"
    assert shown(model).index("乙" * 300) < shown(model).index("甲" * 300) < shown(model).index("乙是什么？")


def test_chunks_of_a_long_line_overlap() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(1200))
    chunks = split(text)
    assert [len(chunk) for chunk in chunks] == [CHUNK_CHARACTERS, CHUNK_CHARACTERS, 300]
    assert all(after[:OVERLAP_CHARACTERS] == before[-OVERLAP_CHARACTERS:] for before, after in pairwise(chunks))


BENCH = Bench(
    format=2,
    started="2024-05-01T08:00+00:00",
    stamp=STAMP,
    machine=Machine("A Processor", 2, 16_000_000_000, 0.25),
    encoder="letters",
    reading=(Reading("900", 1000, 12, 0.25),),
    embedding=Embedding(256, 199.6, 50.0, 200, Latency(5.0, 6.0, 7.0)),
    building=Building(25000, 1200, 240.0, 300.0),
    questions=40,
    in_process=(ModeLatency("all", 40, Latency(20.0, 30.0, 40.0)),),
    over_http=(ModeLatency("all", 40, Latency(22.0, 33.0, 44.0)),),
    throughput=(Throughput(1, 15.0, 300, 0, Latency(21.0, 31.0, 41.0)), Throughput(8, 15.0, 0, 3, None)),
    serving=Serving(2.0, 2.5, 500_000_000, None),
    index_bytes={"readings": 40_000_000, "passages": 9_995_000, "words.json": 5_000},
    ours=Stack("judian", 25000, 50_000_000, 300.0, (0.9, 0.96), Latency(30.0, 40.0, 50.0)),
    usual=Stack("usual stack", 800, 4_000_000, 30.0, (0.3, 0.48), Latency(6.0, 8.0, 10.0)),
)


def test_the_page_gives_every_figure_and_the_ratios() -> None:
    rows = [line for line in markdown(BENCH).splitlines() if line.startswith("| ")]
    for row in (
        "| evidence@1 | 0.300 | 0.900 | 3.00 |",
        "| evidence@4 | 0.480 | 0.960 | 2.00 |",
        "| search p50, ms | 6.0 | 30.0 | 5.00 |",
        "| search p95, ms | 8.0 | 40.0 | 5.00 |",
        "| texts | 800 | 25000 | 31.25 |",
        "| building, s | 30.0 | 300.0 | 10.00 |",
        "| building, ms a text | 37.5 | 12.0 | 0.32 |",
        "| on disk, MB | 4.0 | 50.0 | 12.50 |",
        "| all | 40 | 20.0 | 30.0 | 40.0 |",
        "| all | 40 | 22.0 | 33.0 | 44.0 |",
        "| 1 | 20.0 | 21.0 | 31.0 | 41.0 | 0 |",
        "| 8 | 0.0 | — | — | — | 3 |",
        "| start to ready | 2.00 s |",
        "| start to first answer | 2.50 s |",
        "| memory of the API's process after the first answer | 500.0 MB |",
        "| memory with the processes that answer beside it, all of the above asked | — |",
        "| 900 | 1000 | 12 | 250 |",
        "| passages a second (256 of 200 characters on average) | 50.0 |",
        "| one query, p50 and p95 of 200 | 5.0 ms, 6.0 ms |",
        "| readings | 40.0 MB |",
        "| words.json | 5.0 kB |",
        "| all | 50.0 MB |",
    ):
        assert row in rows


def test_the_page_says_what_was_estimated() -> None:
    assert "takes 5.0 min, 4.0 min of it for the vectors of 25000 texts (estimated by characters from 1200)" in markdown(BENCH)
    whole = replace(BENCH, building=Building(25000, 25000, 40.0, 100.0))
    assert "takes 100 s, 40 s of it for the vectors of 25000 texts (all computed)" in markdown(whole)


def test_the_page_warns_when_others_were_at_work() -> None:
    busy = replace(BENCH, machine=replace(BENCH.machine, load=1.5))
    assert "busy with other work" in markdown(busy)
    assert "busy with other work" not in markdown(BENCH)


def test_a_stack_that_finds_nothing_has_no_ratio() -> None:
    nothing = replace(BENCH, usual=replace(BENCH.usual, evidence=(0.0, 0.0)))
    assert "| evidence@4 | 0.000 | 0.960 | — |" in markdown(nothing)


def test_answers_of_the_usual_stack_are_those_of_its_model() -> None:
    spoken = replace(
        BENCH,
        usual=replace(BENCH.usual, ask=Latency(20_000.0, 30_000.0, 40_000.0)),
        ours=replace(BENCH.ours, ask=Latency(20.0, 60.0, 80.0)),
        usual_model="qwen3",
        usual_asks=10,
    )
    page = markdown(spoken)
    assert "| ask p50, ms | 20000.0 | 20.0 | 0.00 |" in page
    assert "10 of the questions, spread over all, were answered by qwen3" in page
    assert "ask p50" not in markdown(BENCH)


def test_figures_are_saved_and_loaded(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "benchmarks.json"
    save_bench(file, BENCH)
    assert load_bench(file) == BENCH


def test_the_command_writes_page_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, bool, float]] = []

    def measured(_settings: object, cases: Sequence[Case], started: str, full: bool, seconds: float, _say: object, _model: object) -> Bench:
        given.append((len(cases), full, seconds))
        return replace(BENCH, started=started)

    monkeypatch.setattr(bench_module, "run_bench", measured)
    page = tmp_path / "docs" / "benchmarks.md"
    result = CliRunner().invoke(app, ["bench", "--full", "--seconds", "2", "--limit", "7", "--out", str(page)])
    assert result.exit_code == 0, result.output
    assert given == [(7, True, 2.0)]
    assert page.read_text("utf-8") == markdown(load_bench(page.with_suffix(".json")))
    assert run_bench is not measured
