"""The question sets that come with the package, and the checker that proves them."""

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.errors import DocumentError
from eval.command.main import app
from eval.dataset import (
    BUNDLED,
    QuestionSetError,
    across,
    case_id,
    check_cases,
    draft_case,
    draft_cases,
    load_cases,
    load_elsewhere,
    load_texts,
    named_set,
    proofs_of,
    questions_hash,
    requirements,
    save_cases,
    split_of,
    stand_together,
)
from eval.types import Case, CaseType, Proof, Split

TEXTS = {"通知": "高新技术企业突破 8000\n家。牵头单位：市科技局。\n表一\n常住人口\t3205\n户籍人口\t3412"}
GOOD = Case(
    type=CaseType.NUMBER,
    question="高企要搞多少家？",
    answer="8000家。",
    facts=(("8000家",),),
    evidence=(Proof("通知", "高新技术企业突破8000家"),),
    documents=("通知",),
)


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases(BUNDLED)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return load_texts()


def test_every_bundled_case_passes_the_checker(cases: tuple[Case, ...], texts: dict[str, str]) -> None:
    # Ids alone: a failure must not print questions of the test split.
    assert [(problem.case.id, problem.reason) for problem in check_cases(cases, texts)] == []


def test_there_are_enough_cases_of_every_kind(cases: tuple[Case, ...], texts: dict[str, str]) -> None:
    assert [need for need in requirements(cases, texts) if need.present < need.wanted] == []
    assert len(cases) == 2542


def test_the_halves_are_of_like_size_and_hold_every_type(cases: tuple[Case, ...]) -> None:
    halves = {split: [case for case in cases if split_of(case) is split] for split in Split}
    assert {split: len(half) for split, half in halves.items()} == {Split.TUNE: 1757, Split.TEST: 785}
    for half in halves.values():
        assert {case.type for case in half} == set(CaseType)


def test_questions_of_other_matters_are_cases_to_abstain_from_and_none_of_the_sets(cases: tuple[Case, ...]) -> None:
    elsewhere = load_elsewhere()
    assert len({case.id for case in elsewhere}) == len(elsewhere) == 163
    assert not any(case.answerable or case.documents for case in elsewhere)
    assert not {case.id for case in elsewhere} & {case.id for case in cases}


def test_files_are_as_the_formatter_writes_them(tmp_path: Path) -> None:
    for file in sorted(BUNDLED.glob("*.jsonl")):
        save_cases(tmp_path / file.name, load_cases(file))
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_a_case_survives_being_written_and_read(tmp_path: Path) -> None:
    case = Case(
        type=CaseType.FOLLOWUP,
        question="那户籍呢？",
        answer="3412万人",
        facts=(("3412",),),
        evidence=(Proof("通知", tokens=("户籍人口", "3412")),),
        alternatives=((Proof("通知", "户籍人口 3412"),),),
        reject=("3205",),
        history=("常住人口多少？",),
        paraphrased=True,
        parts=2,
        documents=("通知",),
        seen=True,
    )
    file = tmp_path / "a.jsonl"
    save_cases(file, [case])
    assert load_cases(file) == (replace(case, id=case_id("那户籍呢？", ["常住人口多少？"])),)
    assert set(json.loads(file.read_text("utf-8"))) == {field.name for field in fields(Case)}


def test_ids_depend_on_what_was_asked_alone() -> None:
    assert case_id("高企多少？") == case_id("高企多少？", [])
    assert case_id("牵头单位是谁？", ["甲"]) != case_id("牵头单位是谁？", ["乙"])
    assert len(case_id("问")) == 12


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"question": " "}, "1 到 500 字"),
        ({"question": "问" * 501}, "1 到 500 字"),
        ({"answer": ""}, "缺少参考答案"),
        ({"facts": ((),)}, "空的写法"),
        ({"facts": (("8000家", " "),)}, "空的写法"),
        ({"reject": ("",)}, "空的写法"),
        ({"parts": 0}, "parts"),
        ({"type": CaseType.FOLLOWUP}, "history"),
        ({"type": CaseType.UNANSWERABLE}, "不应有 facts"),
        ({"facts": ()}, "应有 facts 和 evidence"),
        ({"evidence": ()}, "应有 facts 和 evidence"),
        ({"documents": ("999",)}, "'999'"),
        ({"evidence": (Proof("通知"),)}, "quote 或 tokens 之一"),
        ({"evidence": (Proof("通知", "8000家", ("8000",)),)}, "quote 或 tokens 之一"),
        ({"evidence": (Proof("别处", "8000家"),)}, "'别处'"),
        ({"evidence": (Proof("通知", "高新技术企业达到8000家"),)}, "不是文件 通知 的原文"),
        ({"alternatives": ((Proof("通知", "高新技术企业达到8000家"),),)}, "不是文件 通知 的原文"),
        ({"evidence": (Proof("通知", tokens=("常住人口", "9999")),)}, "没有一处同时有"),
        ({"answer": "9000家。"}, "判错：fact_missing"),
        ({"answer": "8000家，" + "又" * 200, "reject": ("又又",)}, "判错：rejected"),
        ({"reject": ("8000",)}, "判错：rejected"),
        ({"reject": ("8000家",)}, "也是 facts 的写法"),
    ],
)
def test_the_checker_tells_what_is_wrong(change: dict[str, object], reason: str | None) -> None:
    found = [problem.reason for problem in check_cases([replace(GOOD, **change)], TEXTS)]  # type: ignore[arg-type]
    assert (found == []) if reason is None else any(reason in text for text in found), found


def test_tokens_of_a_cell_stand_near_each_other() -> None:
    far = "常住人口" + "甲" * 700 + "3205"
    assert not stand_together(("常住人口", "3205"), far)
    assert stand_together(("3205", "常住人口"), far + "常住人口3205")


def test_across_means_several_documents_or_a_comparison() -> None:
    assert not across(GOOD)
    assert across(replace(GOOD, type=CaseType.COMPARE))
    assert across(replace(GOOD, documents=("通知", "公报")))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("不是 JSON", "第 2 行"),
        (json.dumps({**asdict(GOOD), "note": 1}, default=str), "第 2 行的 note"),
        (json.dumps({"question": "问"}), "第 2 行的 type"),
        (json.dumps({**asdict(GOOD), "id": "0" * 12}, default=str), "编号 000000000000 与内容不符"),
        (json.dumps({**asdict(GOOD), "id": ""}, default=str), "不止一次"),
    ],
)
def test_a_set_that_is_not_well_formed_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "a.jsonl"
    save_cases(file, [replace(GOOD, id=case_id(GOOD.question))])
    file.write_text(file.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(QuestionSetError, match=reason):
        load_cases(file)


def test_sets_are_found_by_name_or_path(tmp_path: Path) -> None:
    assert named_set("gazette-2022") == BUNDLED / "gazette-2022.jsonl"
    assert named_set(str(tmp_path)) == tmp_path
    with pytest.raises(QuestionSetError, match="gazette-2022"):
        named_set("没有这个")
    with pytest.raises(QuestionSetError, match=r"\.jsonl"):
        load_cases(tmp_path)


def test_documents_of_others_are_a_folder_of_texts(tmp_path: Path, texts: dict[str, str]) -> None:
    (tmp_path / "通知.txt").write_text(TEXTS["通知"], "utf-8")
    (tmp_path / "图.png").write_bytes(b"")
    assert load_texts(tmp_path) == TEXTS
    assert sorted(texts) == ["000", "001", "002", "003", "004"]
    (tmp_path / "通知.txt").unlink()
    with pytest.raises(DocumentError, match=r"manifest\.toml"):
        load_texts(tmp_path)


def test_flagged_questions_become_drafts_that_the_checker_sends_back(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    flagged = tmp_path / "flagged.jsonl"
    known = next(case for case in cases if split_of(case) is Split.TUNE and not case.history)
    lines = [
        {"question": "低空经济归谁管？", "rating": "down", "reason": "没找到"},
        {
            "question": "那2024年呢？",
            "history": [{"role": "user", "content": "GDP多少？"}, {"role": "assistant", "content": "30145.79亿元"}],
        },
        {"question": "那2024年呢？", "history": ["GDP多少？"]},
        {"question": known.question},
    ]
    flagged.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    drafts = draft_cases(flagged, cases)
    assert [(draft.question, draft.history, draft.type) for draft in drafts] == [
        ("低空经济归谁管？", (), CaseType.ENTITY),
        ("那2024年呢？", ("GDP多少？",), CaseType.FOLLOWUP),
    ]
    assert [problem.reason for problem in check_cases(drafts[:1], TEXTS)] == ["缺少参考答案", "能回答的问题应有 facts 和 evidence"]
    assert {split_of(draft) for draft in drafts} == {Split.TUNE}
    save_cases(tmp_path / "drafts.jsonl", drafts)
    assert load_cases(tmp_path / "drafts.jsonl") == tuple(drafts)
    flagged.write_text('{"text": "没有问题"}', "utf-8")
    with pytest.raises(QuestionSetError, match="question"):
        draft_cases(flagged)


def test_the_check_command_proves_the_bundled_sets() -> None:
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "2542 个问题全部通过：引文都是原文，参考答案都判为正确。"


def test_the_check_command_fails_on_a_set_that_lies(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "通知.txt").write_text(TEXTS["通知"], "utf-8")
    save_cases(tmp_path / "good.jsonl", [GOOD])
    save_cases(tmp_path / "bad.jsonl", [replace(GOOD, evidence=(Proof("通知", "高新技术企业9000家"),))])
    for name, status in (("good", 0), ("bad", 1)):
        result = CliRunner().invoke(app, ["check", "--set", str(tmp_path / f"{name}.jsonl"), "--documents", str(tmp_path / "texts")])
        assert result.exit_code == status, result.output


def test_a_case_that_was_seen_is_for_tuning_whatever_its_hash() -> None:
    held_out = next(case for n in range(99) if split_of(case := replace(GOOD, id=f"{n * 5:02x}")) is Split.TEST)
    assert split_of(replace(held_out, seen=True)) is Split.TUNE


def test_the_hash_of_questions_holds_their_truth() -> None:
    assert questions_hash([GOOD]) == questions_hash([replace(GOOD)])
    assert questions_hash([GOOD]) != questions_hash([replace(GOOD, answer="9000家。")])


def test_quotes_become_evidence_where_they_stand() -> None:
    both, first, second = "高新技术企业8000家", "由市科技局牵头", "由市经信局牵头"
    texts = {"甲": f"{both}，{first}。", "乙": f"{both}，{second}。"}
    assert proofs_of([both], texts) == ((Proof("甲", both),), (Proof("乙", both),))
    assert proofs_of([both, second], texts) == ((Proof("乙", both), Proof("乙", second)),)
    assert proofs_of([first, second], texts) == ((Proof("甲", first), Proof("乙", second)),)
    with pytest.raises(QuestionSetError, match="不是任何文件的原文：由市财政局"):
        proofs_of([both, "由市财政局牵头"], texts)


def test_a_flagged_question_is_completed_by_command(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "通知.txt").write_text(TEXTS["通知"], "utf-8")
    file = tmp_path / "mine.jsonl"
    save_cases(file, [draft_case("高企要搞多少家？"), draft_case("谁牵头？")])
    told = [
        "case",
        "高企要搞多少家？",
        "--set",
        str(file),
        "--documents",
        str(tmp_path / "texts"),
        "--answer",
        "8000家。",
        "--fact",
        "8000家|8千家",
    ]
    for lacking, reason in (([], "能回答的问题应有 facts 和 evidence"), (["--quote", "高新技术企业突破9000家"], "不是任何文件的原文")):
        refused = CliRunner().invoke(app, [*told, *lacking])
        assert refused.exit_code != 0
        assert reason in refused.output or reason in str(refused.exception)
    assert load_cases(file)[0].answer == ""
    written = CliRunner().invoke(app, [*told, "--quote", "高新技术企业突破8000家"])
    assert written.exit_code == 0, written.output
    assert "取代草稿" in written.output
    completed, draft = load_cases(file)
    assert completed == replace(GOOD, facts=(("8000家", "8千家"),), seen=True, id=case_id(GOOD.question))
    assert draft.question == "谁牵头？"
    nothing = ["case", "北京有多少家？", "--set", str(file), "--documents", str(tmp_path / "texts"), "--answer", "文件没有说。"]
    added = CliRunner().invoke(app, [*nothing, "--type", "unanswerable"])
    assert added.exit_code == 0, added.output
    assert [case.type for case in load_cases(file)][2:] == [CaseType.UNANSWERABLE]
