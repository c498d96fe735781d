"""Runs of systems that can be worked out by hand: over small cases, over HTTP, and over the bundled cases with their real documents."""

import json
import random
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from corpus.errors import ServiceError
from eval.command.choosing import choose
from eval.command.main import app
from eval.command.showing import describe
from eval.dataset import BUNDLED, QuestionSetError, case_id, load_cases, load_texts, save_cases, split_of
from eval.metrics import normalised, totals
from eval.report import by_document, by_type
from eval.run import Run, RunError, Service, Stamp, compare, examine, load_run, record_id, run_cases, save_run, stamp_of
from eval.types import Case, CaseType, Fault, Proof, Split, System
from rag.types import Answer, Citation, CitationVia, Mode, Turn

STAMP = Stamp("fake", 5, 1, "corpus", "code", "", False, "cases", "machine")


def cite(text: str, mark: int = 1) -> Citation:
    return Citation(
        mark, f"p{mark}", "通知", "通知.txt", "通知", "2024-01-01", ("一、总则",), text, text, 0, len(text), CitationVia.PASSAGE, 1.0
    )


class Scripted:
    """Gives the answer and the hits that were put down for a question; knows nothing else."""

    def __init__(self, answers: dict[str, Answer], hits: dict[str, list[Citation]]) -> None:
        self.answers = answers
        self.hits = hits
        self.asked: list[tuple[str, tuple[Turn, ...], int]] = []

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
        self.asked.append((question, tuple(history), top_k))
        return self.answers[question]

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
        return self.hits[query][:top_k]


def answered(question: str, text: str, *cited: str, abstained: bool = False) -> Answer:
    citations = tuple(cite(passage, mark) for mark, passage in enumerate(cited, start=1))
    return Answer(text, abstained, Mode.READING, question, citations, 0.5)


def identified(case: Case) -> Case:
    return replace(case, id=case_id(case.question, case.history))


def of_split(split: Split, count: int) -> list[Case]:
    """The first cases "数字 n 是多少？" that fall into a split; the answer to each is its own number."""
    numbered = (
        identified(
            Case(CaseType.NUMBER, f"数字 {n} 是多少？", f"{n}个", ((f"{n}个",),), (Proof("通知", f"共有{n}个"),), documents=("通知",))
        )
        for n in range(1000, 2000)
    )
    return [case for case in numbered if split_of(case) is split][:count]


def perfect(cases: Sequence[Case]) -> Scripted:
    proofs = {case.question: [piece.quote for piece in case.evidence] for case in cases}
    return Scripted(
        {case.question: answered(case.question, case.answer, *proofs[case.question]) for case in cases},
        {case.question: [cite(quote) for quote in proofs[case.question]] for case in cases},
    )


def test_a_follow_up_is_asked_with_its_history_and_searched_whole() -> None:
    case = identified(
        Case(
            CaseType.FOLLOWUP, "牵头单位是谁？", "市科技局", (("市科技局",),), (Proof("通知", "牵头：市科技局"),), history=("高企多少家？",)
        )
    )
    system = Scripted(
        {"牵头单位是谁？": replace(answered("牵头单位是谁？", "市科技局[1]。", "牵头：市科技局"), question="高企的牵头单位是谁？")},
        {"高企的牵头单位是谁？": [cite("别处"), cite("牵头：市科技局")]},
    )
    record = examine(system, case, top_k=7)
    assert system.asked == [("牵头单位是谁？", (Turn("user", "高企多少家？"),), 7)]
    assert record.outcome.correct
    assert record.outcome.recall == (0.0, 1.0, 1.0)


def test_what_a_system_raises_is_a_wrong_answer() -> None:
    (case,) = of_split(Split.TUNE, 1)
    record = examine(Scripted({}, {}), case)
    assert record.outcome.faults == (Fault.ERROR,)
    assert record.exchange is not None
    assert record.exchange.error.startswith("KeyError")
    searchless = Scripted({case.question: answered(case.question, case.answer, "共有1个")}, {})
    assert examine(searchless, case).outcome.faults == (Fault.ERROR,)


@pytest.mark.parametrize("workers", [1, 4])
def test_records_keep_the_order_of_the_cases(workers: int) -> None:
    cases = [*of_split(Split.TUNE, 15), *of_split(Split.TEST, 15)]
    seen: list[tuple[int, int]] = []
    run = run_cases(perfect(cases), cases, replace(STAMP, workers=workers), progress=lambda done, total: seen.append((done, total)))
    assert [record.id for record in run.records] == [record_id(case) for case in cases]
    assert all(record.outcome.correct for record in run.records)
    assert seen == [(done, 30) for done in range(1, 31)]


def test_a_saved_run_tells_nothing_of_the_test_split_but_outcomes(tmp_path: Path) -> None:
    tune, test = of_split(Split.TUNE, 5), of_split(Split.TEST, 5)
    file, journal = tmp_path / "run.json", tmp_path / "journal"
    run = run_cases(perfect([*tune, *test]), [*tune, *test], STAMP, journal)
    save_run(file, run)
    assert load_run(file) == run
    for written in (file.read_text("utf-8"), journal.read_text("utf-8")):
        assert all(case.question in written and case.id in written for case in tune)
        assert not any(text in written for case in test for text in (case.question, case.answer, case.evidence[0].quote, case.id))
    assert [record.exchange is None for record in run.records] == [False] * 5 + [True] * 5
    with pytest.raises(ValueError, match="test split"):
        describe(run.records[-1])


def test_an_interrupted_run_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    cases = of_split(Split.TUNE, 6)
    journal = tmp_path / "run.journal"
    system = perfect(cases)
    failing = cases[3].question
    kept = system.answers.pop(failing)

    def stop(done: int, _: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cases(system, cases, STAMP, journal, stop)
    kept_ids = journal.read_text("utf-8")
    with journal.open("ab") as file:
        file.write(b'{"id": "cut o')

    system.answers[failing] = kept
    before = len(system.asked)
    run = run_cases(system, cases, STAMP, journal)
    again = [question for question, _, _ in system.asked[before:]]
    # The error is asked again, beside what had not been kept at the stop.
    assert failing in again
    assert again == [case.question for case in cases if case.question == failing or case.id not in kept_ids]
    assert 1 <= len(again) <= 2
    assert all(record.outcome.correct for record in run.records)
    with pytest.raises(RunError, match="另一次评测"):
        run_cases(system, cases, replace(STAMP, code="changed"), journal)
    journal.write_text("{}", "utf-8")
    with pytest.raises(RunError, match="中间结果"):
        run_cases(system, cases, STAMP, journal)


def test_runs_are_compared_case_by_case_in_the_tuning_split_alone() -> None:
    tune, test = of_split(Split.TUNE, 12), of_split(Split.TEST, 4)
    cases = [*tune, *test]
    good = perfect(cases)
    worse = perfect(cases)
    for case in [*tune[:6], *test[:3]]:
        worse.answers[case.question] = answered(case.question, "不清楚", "共有", abstained=True)
    best = perfect(cases)
    best.answers[tune[11].question] = answered(tune[11].question, "0个", "共有0个")
    before, after = run_cases(worse, cases, STAMP), run_cases(best, cases, STAMP)
    found = compare(before, after)
    assert (found.cases, found.right_before, found.right_after, found.gained, found.lost) == (16, 7, 15, 9, 1)
    assert [change.after.id for change in found.better] == [case.id for case in tune[:6]]
    assert [change.after.id for change in found.worse] == [tune[11].id]
    # Ten cases changed, one of them for the worse: 2 (1 + 10) / 1024.
    assert found.p_value == pytest.approx(22 / 1024)
    with pytest.raises(RunError, match="没有共同的问题"):
        compare(run_cases(good, tune[:2], STAMP), run_cases(good, test, STAMP))


def service_for(system: Scripted) -> httpx.MockTransport:
    """The HTTP interface over a system, as its description has it; an unknown question is a problem."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/documents":
            return httpx.Response(200, json=[{"id": "通知"}])
        body = json.loads(request.content)
        if request.url.path == "/v1/search":
            return httpx.Response(200, json={"hits": [asdict(hit) for hit in system.search(body["query"], body["top_k"])]})
        if body["question"] not in system.answers:
            return httpx.Response(422, json={"title": "问题有误", "detail": "不认识这个问题。"})
        answer = system.ask(body["question"], [Turn(**turn) for turn in body["history"]], top_k=body["top_k"])
        return httpx.Response(200, json={**asdict(answer), "timings_ms": {"total": 1.0}, "something_new": 1})

    return httpx.MockTransport(handle)


def test_a_service_is_examined_like_a_system_in_process() -> None:
    cases = of_split(Split.TUNE, 4)
    system = perfect(cases)
    del system.answers[cases[2].question]
    service = Service("http://judian.test/", transport=service_for(system))
    remote = run_cases(service, cases, STAMP)
    local = run_cases(perfect(cases), cases, STAMP)
    assert [record.outcome.faults for record in remote.records] == [(), (), (Fault.ERROR,), ()]
    assert remote.records[0].exchange == local.records[0].exchange
    exchange = remote.records[2].exchange
    assert exchange is not None
    assert "422" in exchange.error
    assert "不认识这个问题" in exchange.error
    assert len(service.corpus_fingerprint()) == 64


def test_a_service_that_is_not_there_or_answers_oddly_is_told_so() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ServiceError, match=r"http://judian\.test 没有应答"):
        Service("http://judian.test", transport=httpx.MockTransport(refuse)).corpus_fingerprint()
    odd = Service("http://judian.test", transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"answer": "只有答案"})))
    with pytest.raises(ServiceError, match="不合约定"):
        odd.ask("问")


def test_a_service_that_asks_for_keys_is_shown_the_one_that_is_set() -> None:
    shown: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        shown.append(request.headers.get("Authorization", ""))
        return httpx.Response(200, json=[])

    for key in ("", "jd-1234"):
        Service("http://judian.test", transport=httpx.MockTransport(note), key=key).corpus_fingerprint()
    assert shown == ["", "Bearer jd-1234"]


def windows(texts: dict[str, str], length: int = 300, step: int = 200) -> list[Citation]:
    """The documents cut into overlapping passages."""
    return [
        Citation(
            1,
            f"{name}-{start}",
            name,
            name,
            name,
            "",
            (),
            text[start : start + length],
            text[start : start + length],
            start,
            start,
            CitationVia.PASSAGE,
            1.0,
        )
        for name, text in texts.items()
        for start in range(0, len(text), step)
    ]


class Careless:
    """Right answers beside random passages: a retriever whose hits were shuffled."""

    def __init__(self, cases: Sequence[Case], passages: list[Citation]) -> None:
        self.references = {(case.question, case.history): case.answer for case in cases}
        self.passages = passages
        self.random = random.Random(1)

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
        reference = self.references[question, tuple(turn.content for turn in history)]
        return Answer(reference, False, Mode.READING, question, tuple(self.search(question, top_k)), 1.0)

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
        assert query
        return self.random.sample(self.passages, top_k)


class Parrot:
    """Pastes the passages that share most characters with the question."""

    def __init__(self, passages: list[Citation]) -> None:
        self.passages = [(frozenset(normalised(passage.text)), passage) for passage in passages]

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
        found = tuple(self.search("".join([*(turn.content for turn in history), question]), top_k))
        return Answer("".join(passage.text for passage in found), False, Mode.EXTRACTIVE, question, found, 1.0)

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
        wanted = frozenset(normalised(query))
        ranked = sorted(self.passages, key=lambda entry: -len(wanted & entry[0]))
        return [passage for _, passage in ranked[:top_k]]


class Mute:
    """Always abstains."""

    def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
        assert len(history) + top_k
        return Answer("文件中没有。", True, Mode.EXTRACTIVE, question, (), 0.0)

    def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
        assert query
        assert top_k
        return []


@pytest.fixture(scope="module")
def answerable() -> list[Case]:
    return [case for case in load_cases(BUNDLED) if case.answerable]


@pytest.fixture(scope="module")
def passages() -> list[Citation]:
    return windows(load_texts())


@pytest.mark.parametrize("name", ["careless", "parrot", "mute"])
def test_systems_that_cheat_score_near_zero_on_answerable_questions(name: str, answerable: list[Case], passages: list[Citation]) -> None:
    systems: dict[str, System] = {"careless": Careless(answerable, passages), "parrot": Parrot(passages), "mute": Mute()}
    found = totals([record.outcome for record in run_cases(systems[name], answerable, STAMP).records])
    assert found.accuracy is not None
    assert found.accuracy.value <= 0.05
    if name != "parrot":
        recall = found.recall[1]
        assert recall is not None
        assert recall.value <= 0.05


def test_the_reference_answers_score_one(answerable: list[Case]) -> None:
    class Knowing:
        """Gives the reference answer and cites the evidence, in hits too."""

        def __init__(self) -> None:
            self.by_asked = {(case.question, *case.history): case for case in answerable}
            self.latest = threading.local()

        def ask(self, question: str, history: Sequence[Turn] = (), *, top_k: int = 5) -> Answer:
            case = self.by_asked[(question, *(turn.content for turn in history))]
            self.latest.hits = [cite(proof.quote or " ".join(proof.tokens)) for proof in case.evidence]
            assert top_k
            return Answer(case.answer, False, Mode.READING, question, tuple(self.latest.hits), 1.0)

        def search(self, query: str, top_k: int = 10) -> Sequence[Citation]:
            assert query
            hits: list[Citation] = self.latest.hits
            return hits[:top_k]

    found = totals([record.outcome for record in run_cases(Knowing(), answerable, STAMP).records])
    assert found.accuracy is not None
    assert found.accuracy.value == 1.0
    assert found.faults == {}
    assert [interval and interval.value for interval in found.recall[:2]] == [1.0, 1.0]


def test_cases_are_chosen_by_split_type_and_limit() -> None:
    cases = load_cases(BUNDLED)
    assert len(choose(cases, "tune")) + len(choose(cases, "test")) == len(choose(cases, "all")) == len(cases)
    assert {case.type for case in choose(cases, "tune", "list, table")} == {CaseType.LIST, CaseType.TABLE}
    few = choose(cases, "all", limit=10)
    assert sorted(case.id for case in few) == sorted(case.id for case in cases)[:10]
    for split, types, reason in [("train", "", "'train'"), ("tune", "essay", "'essay'")]:
        with pytest.raises(QuestionSetError, match=reason):
            choose(cases, split, types)


def test_totals_are_grouped_by_type_and_document() -> None:
    cases = of_split(Split.TUNE, 3)
    records = run_cases(perfect(cases), cases, STAMP).records
    assert [(name, len(chosen)) for name, chosen in by_type(records)] == [("数字", 3)]
    assert [(name, len(chosen)) for name, chosen in by_document(records)] == [("通知", 3)]


def test_a_stamp_tells_code_corpus_and_cases_apart() -> None:
    cases = of_split(Split.TUNE, 3)
    stamp = stamp_of("in process", cases, "corpus")
    assert stamp == stamp_of("in process", cases, "corpus")
    assert len(stamp.code) == 64
    assert stamp_of("in process", cases[:2], "corpus").cases != stamp.cases
    assert stamp_of("http://somewhere", cases, "corpus", in_process=False).code == ""


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Run]:
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    tune, test = of_split(Split.TUNE, 3), of_split(Split.TEST, 3)
    system = perfect([*tune, *test])
    for case in (tune[0], test[0]):
        system.answers[case.question] = answered(case.question, "1个", "别处")
    run = run_cases(system, [*tune, *test], STAMP)
    file = tmp_path / "runs" / "a.json"
    save_run(file, run)
    return file, run


def test_failures_are_shown_of_the_tuning_split_alone(saved: tuple[Path, Run]) -> None:
    result = CliRunner().invoke(app, ["failures"])
    assert result.exit_code == 0
    tune, test = of_split(Split.TUNE, 1)[0], of_split(Split.TEST, 1)[0]
    assert result.output.splitlines() == [
        f"{tune.id} number [fact_missing、no_evidence] 0.50 reading",
        f"  问   {tune.question}",
        f"  应答 {tune.answer}",
        "  所答 1个",
        f"  缺少 {tune.answer}",
        f"  证据 通知 {tune.evidence[0].quote}",
        "  所引 通知 别处",
        "",
        "调试集答错 1 题",
    ]
    assert test.question not in result.output
    assert saved[1].records[3].outcome.correct is False


def test_compare_and_show_give_totals(saved: tuple[Path, Run]) -> None:
    file, _ = saved
    result = CliRunner().invoke(app, ["compare", str(file), str(file)])
    assert "准确率 0.667 → 0.667，变好 0，变坏 0" in result.output
    assert "p = 1.0000" in result.output
    shown = CliRunner().invoke(app, ["show"])
    assert shown.output.splitlines()[1].split()[:3] == ["全部", "6", "0.667"]


def test_run_asks_a_service_and_saves_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [*of_split(Split.TUNE, 4), *of_split(Split.TEST, 4)]
    questions = tmp_path / "mine.jsonl"
    save_cases(questions, cases)
    system = perfect(cases)
    system.answers[cases[0].question] = answered(cases[0].question, "没有", abstained=True)
    monkeypatch.setattr("eval.command.choosing.Service", lambda url, key: Service(url, transport=service_for(system), key=key))
    out = tmp_path / "out.json"
    command = ["run", "--url", "http://judian.test", "--set", str(questions), "--split", "all", "--out", str(out)]
    result = CliRunner().invoke(app, [*command, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["accuracy"]["value"] == 0.875
    run = load_run(out)
    assert (run.stamp.system, run.stamp.code, len(run.records)) == ("http://judian.test", "", 8)
    assert not out.with_name("out.json.journal").exists()
    assert CliRunner().invoke(app, [*command, "--fail-under", "0.9"]).exit_code == 1
