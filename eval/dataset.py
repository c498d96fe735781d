"""Question sets: JSON lines of cases, split in two by hash, and the checks that make them worth trusting."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.errors import DocumentError, JudianError
from corpus.load import load_documents
from eval.metrics import faults, normalised, states
from eval.types import Case, CaseType, Proof, Split
from rag.types import Answer, Citation, CitationVia, Mode, Turn

BUNDLED = Path(__file__).parent / "questions"
"""The folder of the question sets that come with the package."""

ELSEWHERE = BUNDLED / "elsewhere.txt"
"""Questions of everyday life and of the world at large, one a line. Accuracy is not taken over them: any assistant ought to let them be."""

LONGEST_QUESTION = 500
ID_DIGITS = 12
TOKEN_WINDOW = 600
"""Within how many normalised characters of a document the tokens of one table cell must stand."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A question that a user marked as answered badly, with what was said before it."""

    question: str
    history: tuple[str | Turn, ...] = ()


_CASE = TypeAdapter(Case)
_CASES = TypeAdapter(tuple[Case, ...])
_FLAGGED = TypeAdapter(Flagged)
_LINE_ORDER = (
    "id",
    "type",
    "question",
    "history",
    "answer",
    "facts",
    "evidence",
    "alternatives",
    "reject",
    "paraphrased",
    "parts",
    "documents",
    "seen",
)
_LEFT_OUT_WHEN_EMPTY = ("history", "alternatives", "reject", "seen")


class QuestionSetError(JudianError):
    """A question set that is missing or not well-formed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a case, in words that tell how to mend it."""

    case: Case
    reason: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many cases of some kind there should be, and are."""

    kind: str
    wanted: int
    present: int


def case_id(question: str, history: Sequence[str] = ()) -> str:
    """The id of a question asked after others: a hash of their words alone, so that nothing else of the case changes it."""
    return hashlib.sha256((question + "|".join(history)).encode()).hexdigest()[:ID_DIGITS]


def split_of(case: Case) -> Split:
    """Which half a case belongs to: by its id, so that it never moves when others come or go; one whose answer was seen is for tuning."""
    return Split.TUNE if case.seen or int(case.id[:2], 16) < 128 else Split.TEST


def questions_hash(cases: Sequence[Case]) -> str:
    """A hash of cases with their truth: other questions, or another answer to one, give another."""
    return hashlib.sha256(_CASES.dump_json(tuple(cases), exclude={"__all__": {"seen"}})).hexdigest()


def load_cases(*sources: Path) -> tuple[Case, ...]:
    """The cases of files, or of all `*.jsonl` of folders, in order. Raises QuestionSetError naming file and line."""
    files = [file for source in sources for file in (sorted(source.glob("*.jsonl")) if source.is_dir() else [source])]
    cases = tuple(case for file in files for case in _load_file(file))
    if not cases:
        raise QuestionSetError(f"{'、'.join(map(str, sources))} 中没有问题：请给出 .jsonl 文件或存放它们的文件夹。")
    twice = [identity for identity, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        raise QuestionSetError(f"有 {len(twice)} 个问题出现不止一次（编号 {'、'.join(twice[:5])}）：请删去重复的。")
    return cases


def load_elsewhere(file: Path = ELSEWHERE) -> tuple[Case, ...]:
    """Questions that have nothing to do with the documents, one a line of a file, as cases to abstain from."""
    return tuple(
        Case(CaseType.UNANSWERABLE, line, "文件与这个问题无关。", id=case_id(line))
        for line in file.read_text("utf-8").splitlines()
        if line.strip()
    )


def named_set(name: str) -> Path:
    """The question set that a name means: a path, or a bundled set without its ending. Raises QuestionSetError."""
    for path in (Path(name), BUNDLED / f"{name}.jsonl"):
        if path.exists():
            return path
    known = "、".join(path.stem for path in sorted(BUNDLED.glob("*.jsonl")))
    raise QuestionSetError(f"没有名为 {name!r} 的问题集：请给出文件路径，或 {known} 之一。")


def save_cases(file: Path, cases: Iterable[Case]) -> None:
    """Writes cases as JSON lines, one field order everywhere, with their ids."""
    file.write_text("".join(_line(case) for case in cases), "utf-8")


def _line(case: Case) -> str:
    record = asdict(case)
    for proofs in (record["evidence"], *record["alternatives"]):
        for proof in proofs:
            del proof["tokens" if proof["quote"] else "quote"]
    ordered = {name: record[name] for name in _LINE_ORDER if record[name] or name not in _LEFT_OUT_WHEN_EMPTY}
    return json.dumps(ordered, ensure_ascii=False) + "\n"


def _load_file(file: Path) -> list[Case]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise QuestionSetError(f"问题集 {file} 无法读取：{exc}。") from exc
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            case = _CASE.validate_json(line)
        except ValidationError as exc:
            where = ".".join(map(str, exc.errors()[0]["loc"])) or "整行"
            raise QuestionSetError(f"问题集 {file} 第 {number} 行的 {where} 不合格式：{exc.errors()[0]['msg']}。") from exc
        identity = case_id(case.question, case.history)
        if case.id not in ("", identity):
            raise QuestionSetError(
                f"问题集 {file} 第 {number} 行的编号 {case.id} 与内容不符，应为 {identity}；删去 id 再运行 judian eval format 即可。"
            )
        cases.append(replace(case, id=identity))
    return cases


def draft_case(question: str, history: Sequence[str] = (), documents: Sequence[str] = ()) -> Case:
    """A case to be completed by a person, from a question that was answered badly: the checker tells what it still lacks."""
    kind = CaseType.FOLLOWUP if history else CaseType.ENTITY
    return Case(kind, question, "", history=tuple(history), documents=tuple(documents), seen=True, id=case_id(question, history))


def draft_cases(file: Path, known: Iterable[Case] = ()) -> list[Case]:
    """Drafts from JSON lines with a `question` and perhaps the user's earlier questions as `history`, those already `known` left out.

    `history` may hold texts or turns ({"role", "content"}); other fields are not looked at. Raises QuestionSetError.
    """
    seen = {case.id for case in known}
    drafts = []
    try:
        for line in filter(str.strip, file.read_text("utf-8").splitlines()):
            flagged = _FLAGGED.validate_json(line)
            history = [
                turn if isinstance(turn, str) else turn.content for turn in flagged.history if isinstance(turn, str) or turn.role == "user"
            ]
            draft = draft_case(flagged.question, history)
            if draft.id not in seen:
                drafts.append(draft)
                seen.add(draft.id)
    except (OSError, ValidationError) as exc:
        raise QuestionSetError(f"{file} 无法读取：每行应是一个带 question 的 JSON 对象。") from exc
    return drafts


def proofs_of(quotes: Sequence[str], texts: Mapping[str, str]) -> tuple[tuple[Proof, ...], ...]:
    """Lists of evidence that quotes make: where they stand, a list for each document that holds all of them, else one out of several documents.

    Raises QuestionSetError for a quote that stands in none.
    """
    stored = {name: normalised(text) for name, text in texts.items()}
    homes = [[name for name, text in stored.items() if normalised(quote) in text] for quote in quotes]
    for quote, found in zip(quotes, homes, strict=True):
        if not found:
            raise QuestionSetError(f"引文不是任何文件的原文：{quote[:60]}")
    common = [name for name in stored if all(name in found for found in homes)]
    if common:
        return tuple(tuple(Proof(name, quote) for quote in quotes) for name in common)
    return (tuple(Proof(found[0], quote) for quote, found in zip(quotes, homes, strict=True)),)


def put_case(file: Path, case: Case) -> bool:
    """Puts a case into a set, in the place of a draft of the same question if there is one; tells whether there was."""
    cases = list(load_cases(file)) if file.exists() and file.read_text("utf-8").strip() else []
    places = [number for number, other in enumerate(cases) if other.id == case.id]
    if places:
        cases[places[0]] = case
    else:
        cases.append(case)
    save_cases(file, cases)
    return bool(places)


def load_texts(folder: Path | None = None) -> dict[str, str]:
    """Texts of documents by id: of the bundled five, of a folder with a manifest, or of a folder of .txt and .md files named by their ids.

    Raises DocumentError.
    """
    if folder is None or (folder / "manifest.toml").is_file():
        documents = load_documents() if folder is None else load_documents(folder)
        return {document.info.id: document.text for document in documents}
    texts = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*")) if path.suffix in (".txt", ".md")}
    if not texts:
        raise DocumentError(f"{folder} 中没有 manifest.toml，也没有 .txt 或 .md 文件：请给出存放文件原文的文件夹。")
    return texts


def check_cases(cases: Iterable[Case], texts: Mapping[str, str]) -> list[Problem]:
    """Everything wrong with the cases, given the documents' texts by id: form, evidence not there, references judged wrong."""
    stored = {name: normalised(text) for name, text in texts.items()}
    return [Problem(case, reason) for case in cases for reason in _faulty(case, stored)]


def _faulty(case: Case, stored: Mapping[str, str]) -> Iterable[str]:
    malformed = list(_malformed(case))
    return malformed or (*_unproved(case, stored), *_misjudged(case))


def _malformed(case: Case) -> Iterable[str]:
    if not 1 <= len(case.question.strip()) <= LONGEST_QUESTION:
        yield f"问题应有 1 到 {LONGEST_QUESTION} 字"
    if not case.answer.strip():
        yield "缺少参考答案"
    if any(not normalised(form) for forms in case.facts for form in (forms or ("",))) or any(not normalised(text) for text in case.reject):
        yield "facts 或 reject 中有空的写法"
    if case.parts < 1:
        yield "parts 应为正整数"
    if any(not text.strip() for text in case.history) or (case.type is CaseType.FOLLOWUP and not case.history):
        yield "追问应在 history 中写明之前的问题"
    if not case.answerable and (case.facts or case.evidence or case.alternatives):
        yield "无法回答的问题不应有 facts 和 evidence"
    if case.answerable and not (case.facts and case.evidence):
        yield "能回答的问题应有 facts 和 evidence"


def _unproved(case: Case, stored: Mapping[str, str]) -> Iterable[str]:
    for name in case.documents:
        if name not in stored:
            yield f"documents 中的 {name!r} 不在文件之中"
    for proof in (proof for pieces in (case.evidence, *case.alternatives) for proof in pieces):
        if bool(proof.quote) == bool(proof.tokens) or any(not normalised(token) for token in proof.tokens):
            yield "每条证据应有 quote 或 tokens 之一，且不为空"
        elif proof.document not in stored:
            yield f"证据所在文件 {proof.document!r} 不在文件之中"
        elif proof.quote and normalised(proof.quote) not in stored[proof.document]:
            yield f"引文不是文件 {proof.document} 的原文：{proof.quote[:60]}"
        elif proof.tokens and not stand_together(proof.tokens, stored[proof.document]):
            yield f"文件 {proof.document} 中没有一处同时有：{'、'.join(proof.tokens)}"


def _misjudged(case: Case) -> Iterable[str]:
    if case.answerable:
        found = faults(case, reference_answer(case))
        if found:
            yield f"参考答案会被判错：{'、'.join(found)}"
        clashing = [text for text in case.reject if any(states(normalised(form), text) for forms in case.facts for form in forms)]
        if clashing:
            yield f"reject 中的 {clashing[0]!r} 也是 facts 的写法"


def reference_answer(case: Case) -> Answer:
    """The case's own reference answer as a system would give it, citing the evidence."""
    citations = tuple(_as_citation(mark, proof) for mark, proof in enumerate(case.evidence, start=1))
    return Answer(case.answer, not case.answerable, Mode.EXTRACTIVE, case.question, citations, 1.0)


def _as_citation(mark: int, proof: Proof) -> Citation:
    text = proof.quote or " ".join(proof.tokens)
    return Citation(mark, "", proof.document, "", "", "", (), text, text, 0, len(text), CitationVia.PASSAGE, 1.0)


def stand_together(tokens: Sequence[str], text: str, window: int = TOKEN_WINDOW) -> bool:
    """Whether all tokens occur in a normalised text within `window` characters of each other."""
    first, *others = (normalised(token) for token in tokens)
    at = text.find(first)
    while at >= 0:
        around = text[max(0, at - window) : at + len(first) + window]
        if all(token in around for token in others):
            return True
        at = text.find(first, at + 1)
    return False


def across(case: Case) -> bool:
    """Whether a case needs more than one document, or compares years."""
    return case.type is CaseType.COMPARE or len({proof.document for proof in case.evidence} | set(case.documents)) > 1


_REQUIREMENTS: tuple[tuple[str, int, Callable[[Case], bool]], ...] = (
    ("问题", 500, lambda case: case.parts >= 0),
    ("无法回答", 60, lambda case: not case.answerable),
    ("一问多事", 60, lambda case: case.parts > 1),
    ("跨文件或跨年度", 60, across),
    ("完整列举", 50, lambda case: case.type is CaseType.LIST),
    ("计数与合计", 40, lambda case: case.type is CaseType.AGGREGATE),
    ("追问", 50, lambda case: bool(case.history)),
)


def requirements(cases: Sequence[Case], documents: Iterable[str]) -> list[Requirement]:
    """How the bundled sets stand against what was asked of them: kinds of question, every type, every document, half in other words."""
    found = [Requirement(kind, wanted, sum(map(belongs, cases))) for kind, wanted, belongs in _REQUIREMENTS]
    found.append(Requirement("不用文件原词", (len(cases) + 1) // 2, sum(case.paraphrased for case in cases)))
    found += [Requirement(f"类型 {kind}", 1, sum(case.type is kind for case in cases)) for kind in CaseType]
    found += [Requirement(f"文件 {name}", 1, sum(name in case.documents for case in cases)) for name in documents]
    return found
