"""Training on examples that can be worked out by hand, on the real assistant, and what the shipped weights say of their making."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.types import Reading
from eval.dataset import BUNDLED, load_cases, load_elsewhere, questions_hash, split_of
from eval.train import (
    Bin,
    Example,
    Recorder,
    Seen,
    Training,
    TrainingError,
    answers_all,
    answers_part,
    collect,
    collect_elsewhere,
    collect_removed,
    examples_of,
    fit_order,
    fit_relevance,
    fit_sureness,
    fold_of,
    load_training,
    reliability,
    save_ranker,
    taught,
    threshold,
    train,
)
from eval.types import Case, CaseType, Proof, Split
from index.store import load_index
from index.types import Encoder, Matcher
from rag.assistant import Assistant
from rag.question import Aim, Ask, Question
from rag.rank import FEATURES, PART_FEATURES, STATEMENT_WEIGHTS, SURENESS, WEIGHTS, Ranker, load_ranker, load_rankers
from rag.types import ReadingHit

COUNT = len(FEATURES)


def hit(answer: str, years: tuple[int, ...] = ()) -> ReadingHit:
    reading = Reading(answer, "001", f"{answer}？", (), answer, (answer,), (), "number", years, "hand")
    return ReadingHit(0, reading, 0.9, 0.8, 0.5, 0.5, 0.2, 0.5, 0.0, 0.1, None, np.zeros((1, 4), np.float32))


def asked(text: str, years: tuple[int, ...] = ()) -> Question:
    return Question(text, years, (), Ask.PLAIN, Aim.ANY, False, False, ())


def seen(text: str, *hits: ReadingHit, thing: int = 0, things: int = 1) -> Seen:
    return Seen(text, asked(text), hits, tuple((0.0,) * COUNT for _ in hits), thing, things)


CASE = Case(CaseType.NUMBER, "多少家、多少人？", "8家，30人。", (("8家",), ("30人", "三十人")), (Proof("001", "8家30人"),), id="00aa")


def example(number: int, rows: list[list[float]], right: list[bool], whole: bool = True) -> Example:
    values = np.zeros((len(rows), COUNT if whole else len(PART_FEATURES)))
    values[:, : len(rows[0])] = rows
    return Example(f"{number:04x}", whole, values, np.asarray(right), np.eye(len(rows), dtype=bool).tolist())


def test_a_reading_answers_a_question_that_holds_every_fact_and_a_part_that_holds_one() -> None:
    assert answers_all(CASE, hit("有8家，共三十人"))
    assert not answers_all(CASE, hit("有8家"))
    assert not answers_all(CASE, hit("有8家，共30人" + "，另有其他" * 30))
    assert not answers_all(replace(CASE, reject=("9家",)), hit("有8家，共30人，去年9家"))
    assert not answers_all(replace(CASE, type=CaseType.UNANSWERABLE), hit("有8家，共30人"))
    first, second = seen("多少家", thing=0, things=2), seen("多少人", thing=1, things=2)
    assert answers_part(CASE, first, hit("有8家"))
    assert not answers_part(CASE, second, hit("有8家"))
    assert not answers_part(CASE, first, hit("有18家"))
    assert not answers_part(CASE, first, hit("8家" + "，另有其他" * 20))
    assert not answers_part(replace(CASE, type=CaseType.UNANSWERABLE), first, hit("有8家"))


def test_a_question_teaches_as_a_whole_or_by_its_parts() -> None:
    whole = seen("多少家、多少人？", hit("8家30人"), hit("8家"))
    part, hopeless = seen("多少家", hit("9家"), hit("8家"), things=2), seen("多少人", hit("31人"), thing=1, things=2)
    [only] = examples_of(CASE, [whole])
    assert (only.whole, only.right.tolist(), only.same) == (True, [True, False], [[True, False], [False, True]])
    of_parts = examples_of(CASE, [whole, part, hopeless])
    assert [(e.whole, e.right.tolist()) for e in of_parts] == [(False, [False, True]), (False, [False])]
    unanswerable = replace(CASE, type=CaseType.UNANSWERABLE)
    assert [e.right.tolist() for e in examples_of(unanswerable, [whole])] == [[False, False]]
    assert [e.right.tolist() for e in examples_of(unanswerable, [whole, part])] == [[False, False]]
    assert examples_of(replace(CASE, facts=CASE.facts[:1]), [whole, part]) == []
    assert examples_of(CASE, []) == []


def test_the_order_learns_what_sets_right_readings_apart() -> None:
    examples = [example(n, [[1.0, n % 2], [0.0, n % 2], [0.0, n % 2]], [True, False, False]) for n in range(20)]
    weights = fit_order([e.values for e in examples], examples)
    assert weights[0] > 2
    assert abs(weights[1]) < 1e-6
    assert np.allclose(weights[2:], 0)


def test_the_order_is_where_its_gradient_vanishes() -> None:
    # Two readings that differ by x in one feature, the right one ahead: n log(1 + e^-wx) + 0.3 w^2 is least where n x / (1 + e^wx) = 0.6 w.
    examples = [example(n, [[2.0], [0.0]], [True, False]) for n in range(3)]
    weight = fit_order([e.values for e in examples], examples)[0]
    assert 3 * 2 / (1 + np.exp(2 * weight)) == pytest.approx(0.6 * weight, abs=1e-4)


def test_sureness_tells_the_share_that_is_right() -> None:
    # Nothing to tell the questions apart by: what is left is the share, 3 of 4.
    nothing, right = np.zeros((8, len(SURENESS))), np.asarray([1.0, 1, 1, 0, 1, 1, 1, 0])
    model = fit_sureness(nothing, right, np.ones(8))
    assert 1 / (1 + np.exp(-model([0.0] * len(SURENESS)))) == pytest.approx(0.75, abs=1e-3)
    # The wrong ones count a third: 6 of 6 + 2 / 3.
    model = fit_sureness(nothing, right, np.where(right > 0, 1.0, 1 / 3))
    assert 1 / (1 + np.exp(-model([0.0] * len(SURENESS)))) == pytest.approx(0.9, abs=1e-3)


def test_relevance_tells_questions_that_are_answered_from_those_of_other_matters() -> None:
    cosine, unknown = FEATURES.index("cosine"), FEATURES.index("unknown")

    def found(number: int, similarity: float, strange: float) -> Example:
        rows = [[0.0] * COUNT, [0.0] * COUNT]
        for row in rows:
            row[unknown] = strange
        rows[1][cosine] = similarity
        return example(number, rows, [True, False])

    near, far = [found(n, 0.95 + n / 1000, 0.1) for n in range(20)], [found(n, 0.85 + n / 1000, 0.6) for n in range(20)]
    model = fit_relevance(near, far)
    assert model((0.95, 0.1)) > 1 > -1 > model((0.85, 0.6))
    with pytest.raises(TrainingError, match="无关"):
        fit_relevance(near, [])


def test_reliability_sets_what_was_told_against_what_was_true() -> None:
    told, right = np.asarray([0.05, 0.5, 0.58, 0.52, 1.0]), np.asarray([0.0, 1, 0, 1, 1])
    assert reliability(told, right) == (Bin(0.0, 0.1, 1, 0.05, 0.0), Bin(0.5, 0.6, 3, 0.5333, 0.6667), Bin(0.9, 1.0, 1, 1.0, 1.0))
    assert (threshold(told, right, 0.55).right_said, threshold(told, right, 0.55).wrong_kept_back) == (0.3333, 0.5)


def test_parts_of_a_question_lie_in_one_fold_and_folds_are_of_like_size() -> None:
    examples = [example(n // 2, [[1.0]], [True]) for n in range(50)]
    folds = fold_of(examples)
    assert all(folds[n] == folds[n + 1] for n in range(0, 50, 2))
    assert [folds.count(fold) for fold in range(5)] == [10] * 5
    assert folds == fold_of(examples)


def made_up() -> list[Example]:
    """Fifty questions and as many parts: the first feature tells right from wrong, but for every fifth, where nothing is right."""
    draw = np.random.default_rng(7)
    return [
        example(n, [[0.5 + draw.random() / 2], [draw.random() / 2], [draw.random() / 2]], [n % 5 > 0, False, False], n < 50)
        for n in range(100)
    ]


ELSEWHERE = [example(n, [[0.1]], [False]) for n in range(10)]


def test_training_gives_the_same_weights_again_and_says_what_they_were_made_from(tmp_path: Path) -> None:
    ranker, training = train(made_up(), ELSEWHERE, [CASE], "c" * 64, "2024-05-01")
    again, _ = train(made_up(), ELSEWHERE, [CASE], "c" * 64, "2024-05-01")
    assert ranker == again
    assert training.split == Split.TUNE
    for found in (training.whole, training.parts):
        assert (found.examples, found.answerable, found.best_right, found.best_by_cosine) == (50, 40, 1.0, 1.0)
        assert sum(one.questions for one in found.reliability) == 50
    file = tmp_path / "ranking.json"
    save_ranker(ranker, training, file)
    assert load_ranker(file) == ranker
    assert load_training(file) == training
    assert load_training(tmp_path / "none.json") is None
    assert [path.name for path in tmp_path.iterdir()] == ["ranking.json"]


def test_what_is_ranked_without_its_document_makes_less_sure_and_changes_no_order() -> None:
    gone = [replace(one, right=np.zeros(3, np.bool_), removed=True) for one in made_up()]
    ranker, training = train(made_up(), ELSEWHERE, [CASE], "", "")
    wiser, validated = train([*made_up(), *gone], ELSEWHERE, [CASE], "", "")
    assert wiser.order == ranker.order
    first = [0.0] * len(SURENESS)
    assert wiser.sureness(first) < ranker.sureness(first)
    assert (validated.whole.examples, validated.whole.answerable) == (training.whole.examples, training.whole.answerable)


def test_nothing_is_learnt_from_the_test_half_or_from_too_little() -> None:
    def no_assistant(_ranker: Ranker) -> Assistant:
        raise AssertionError("asked before the cases were looked at")

    with pytest.raises(TrainingError, match="只能用调试集训练"):
        collect(no_assistant, [CASE, replace(CASE, id="80aa")])
    with pytest.raises(TrainingError, match="只能用调试集训练"):
        collect_elsewhere(no_assistant, [replace(CASE, id="80aa")])
    with pytest.raises(TrainingError, match="只能用调试集训练"):
        collect_removed(no_assistant, [replace(CASE, id="80aa")], Recorder())
    with pytest.raises(TrainingError, match="太少"):
        train([example(n, [[1.0], [0.0]], [False, False], n % 2 == 0) for n in range(20)], ELSEWHERE, [CASE], "", "")
    with pytest.raises(TrainingError, match="太少"):
        train([example(n, [[1.0], [0.0]], [True, False]) for n in range(20)], ELSEWHERE, [CASE], "", "")


def test_the_assistant_is_asked_and_its_candidates_written_down(home: Path, encoder: Encoder, matcher: Matcher) -> None:
    kinds = (CaseType.NUMBER, CaseType.FOLLOWUP)
    tuning = [case for case in load_cases(BUNDLED) if split_of(case) is Split.TUNE and case.type in kinds]
    cases = sorted(tuning, key=lambda case: case.id)[:60]
    index = load_index(home / "index", encoder, matcher=matcher)
    steps: list[tuple[int, int]] = []
    open_assistant: Callable[[Ranker], Assistant] = lambda ranker: Assistant(  # noqa: E731
        index, encoder, rankers=replace(load_rankers(), readings=ranker)
    )
    examples = collect(open_assistant, cases, lambda done, total: steps.append((done, total)))
    with pytest.raises(TrainingError, match="太少"):
        collect(open_assistant, [])
    alone = sum(not case.history for case in cases)
    assert steps[-1] == (alone + 60, alone + 60)
    assert {e.case for e in examples} <= {case.id for case in cases}
    assert all(e.values.shape == (len(e.right), COUNT if e.whole else len(PART_FEATURES)) for e in examples)
    assert {e.whole for e in examples} == {True, False}
    assert {case.id for case in cases if case.history} & {e.case for e in examples}
    removed = collect_removed(open_assistant, cases[:3], taught(examples))
    assert removed
    assert all(e.removed for e in removed)
    elsewhere = [case for case in load_elsewhere() if split_of(case) is Split.TUNE]
    of_no_document = collect_elsewhere(open_assistant, elsewhere[:3])
    # Nothing but that the documents leave it out is right of what they do not concern.
    assert all(e.values[e.right, FEATURES.index("omission")].all() for e in of_no_document)
    # The readings hold most answers: a training that finds few right ones is broken.
    assert sum(e.right.any() for e in examples if e.whole) >= 0.8 * sum(e.whole for e in examples) >= 15


def test_statements_are_ranked_and_written_down_like_readings(home: Path, encoder: Encoder, matcher: Matcher) -> None:
    tuning = [case for case in load_cases(BUNDLED) if split_of(case) is Split.TUNE and case.type is CaseType.NUMBER and case.parts == 1]
    cases = sorted(tuning, key=lambda case: case.id)[:40]
    index = load_index(home / "index", encoder, matcher=matcher)
    open_assistant: Callable[[Ranker], Assistant] = lambda ranker: Assistant(  # noqa: E731
        index, encoder, use_readings=False, rankers=replace(load_rankers(), statements=ranker)
    )
    examples = collect(open_assistant, cases)
    assert sum(e.right.any() for e in examples) >= 0.6 * len(examples) >= 15
    others = [document.document.info.id for document in index.documents if document.document.info.id != "003"]
    of_others = collect_removed(open_assistant, [case for case in cases if case.documents == ("003",)], taught(examples), others)
    assert of_others
    assert sum(e.right.any() for e in of_others) <= 0.2 * len(of_others)


@pytest.mark.parametrize("file", [WEIGHTS, STATEMENT_WEIGHTS])
def test_the_shipped_weights_were_trained_on_the_tuning_half_of_the_bundled_questions(file: Path) -> None:
    training = load_training(file)
    assert isinstance(training, Training)
    tune = [case for case in load_cases(BUNDLED) if split_of(case) is Split.TUNE]
    assert (training.split, training.cases) == (Split.TUNE, len(tune))
    assert training.questions == questions_hash(tune)
    for found in (training.whole, training.parts):
        assert found.best_right > found.best_by_cosine
    assert "training" in json.loads(file.read_text("utf-8"))
