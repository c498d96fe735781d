"""Trials of honesty: copies of the documents in which figures were changed, or from which one was taken out.

Whatever is said must stand in the documents as they are now: a figure that was changed must never be said again, and what only the missing
document answers must not be answered. Vectors of texts that did not change are taken from the index that is there.
"""

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import JudianError
from corpus.figures import FigureKind, find_figures
from corpus.types import Document, Reading
from eval.metrics import missing_facts, normalised, states, without_marks
from eval.types import Case, System
from index.store import LoadedIndex, load_index
from index.types import Encoder, Matcher
from rag.assistant import Assistant
from rag.build import build
from rag.types import Turn

MUTATIONS = 100
SEED = 0
MOST_QUESTIONS = 3
"""Questions asked about each changed figure."""

_DIGITS = re.compile(r"(?<![\d.,])\d+(?:\.\d+)?(?![\d.,])")
_YEAR = re.compile(r"(?:19|20)\d\d")


class TrialError(JudianError):
    """Documents on which a trial cannot be made."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A number that stands once in all documents, the one put in its place (of the same length, standing nowhere), and questions it answers."""

    document_id: str
    start: int
    old: str
    new: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MutationTrial:
    """What became of changed figures, with readings (`readings`) or without.

    `dropped` readings were left out when the index was built because their quotes had changed, `stale` ones state an old figure of theirs still.
    Of the `questions` asked, `said_old` were answered with the old figure (one shown to come of others is none), `said_new` with the new one,
    `abstained` not at all.
    """

    readings: bool
    mutations: int
    dropped: int
    stale: int
    questions: int
    said_old: int
    said_new: int
    abstained: int


@dataclass(frozen=True, slots=True)
class RemovalTrial:
    """What became of the `questions` that only the missing document answers.

    `facts_said` were answered with every fact although it is gone: another document says the same, or the trial has failed.
    `cited` counts answers that cite the missing document.
    """

    document_id: str
    questions: int
    abstained: int
    facts_said: int
    cited: int


def find_mutations(documents: Sequence[Document], readings: Sequence[Reading], most: int = MUTATIONS, seed: int = SEED) -> list[Mutation]:
    """Figures that answers of readings state and their quotes hold, drawn at random; none that other figures come to, which still may be said.

    Raises TrialError where there are fewer than `most`.
    """
    counts = Counter(found[0] for document in documents for found in _DIGITS.finditer(document.text))
    texts = {document.info.id: document.text for document in documents}
    worked_out = {number for reading in readings for step in reading.computed for number in _DIGITS.findall(step)}
    asked: dict[tuple[str, int, str], list[str]] = {}
    for reading in readings:
        text = texts[reading.document_id]
        for number in _numbers_of(reading.answer):
            if number in worked_out:
                continue
            places = [
                found.start() for span in reading.spans for found in _DIGITS.finditer(text, span.start, span.end) if found[0] == number
            ]
            if counts[number] == 1 and len(places) == 1:
                asked.setdefault((reading.document_id, places[0], number), []).append(reading.question)
    draw = random.Random(seed)
    found = sorted(asked)
    if len(found) < most:
        raise TrialError(f"只有 {len(found)} 个数字在全部文件中只出现一次并为问答记录所答，不足 {most} 个。")
    taken = {*counts, *worked_out}
    mutations = []
    for place in draw.sample(found, most):
        new = _another(place[2], taken, draw)
        taken.add(new)
        questions = sorted(set(asked[place]))
        mutations.append(Mutation(*place, new, tuple(draw.sample(questions, min(MOST_QUESTIONS, len(questions))))))
    return mutations


def _numbers_of(answer: str) -> Iterable[str]:
    """The numbers of an answer that are worth changing: those of quantities and shares, of two digits at least, no years."""
    for figure in find_figures(answer):
        if figure.kind in (FigureKind.QUANTITY, FigureKind.PERCENT, FigureKind.POINTS):
            for found in _DIGITS.finditer(figure.surface):
                if sum(character.isdigit() for character in found[0]) >= 2 and not _YEAR.fullmatch(found[0]):
                    yield found[0]


def _another(number: str, taken: set[str], draw: random.Random) -> str:
    """A number of the same form that is not taken: its digits drawn anew, the first no zero."""
    for _ in range(1000):
        drawn = "".join(character if character == "." else str(draw.randint(int(place == 0), 9)) for place, character in enumerate(number))
        if drawn not in taken and not _YEAR.fullmatch(drawn):
            return drawn
    raise TrialError(f"找不到可以替换 {number} 的数字。")


def mutated(documents: Sequence[Document], mutations: Sequence[Mutation]) -> list[Document]:
    """Copies of the documents in which the numbers are changed."""
    copies = []
    for document in documents:
        text = document.text
        for mutation in mutations:
            if mutation.document_id == document.info.id:
                end = mutation.start + len(mutation.old)
                if text[mutation.start : end] != mutation.old:
                    raise ValueError(f"{mutation.old!r} does not stand at {mutation.start} of {document.info.id}")
                text = text[: mutation.start] + mutation.new + text[end:]
        copies.append(replace(document, text=text))
    return copies


@contextmanager
def index_of(sources: Sequence[Document], index_folder: Path, encoder: Encoder, matcher: Matcher | None = None) -> Iterator[LoadedIndex]:
    """An index of other documents in a folder of its own, which takes over what vectors of the index that is there it can."""
    with TemporaryDirectory(prefix="judian-trial-") as folder:
        copy = Path(folder) / "index"
        shutil.copytree(index_folder, copy)
        build(copy, encoder, sources=sources, matcher=matcher)
        yield load_index(copy, encoder, matcher=matcher)


def index_without(
    document_id: str, documents: Sequence[Document], index_folder: Path, encoder: Encoder, matcher: Matcher | None = None
) -> AbstractContextManager[LoadedIndex]:
    """An index of all documents but one."""
    return index_of([document for document in documents if document.info.id != document_id], index_folder, encoder, matcher)


def try_mutations(
    documents: Sequence[Document],
    index_folder: Path,
    encoder: Encoder,
    matcher: Matcher | None = None,
    most: int = MUTATIONS,
    seed: int = SEED,
) -> tuple[MutationTrial, MutationTrial]:
    """Changes figures of copies of the documents and asks about each of them, with readings and without."""
    before = load_index(index_folder, encoder).all_readings
    mutations = find_mutations(documents, before, most, seed)
    with index_of(mutated(documents, mutations), index_folder, encoder, matcher) as after:
        dropped = len(before) - len(after.all_readings)
        stale = sum(
            rests_on(reading, mutation) and states(normalised(reading.answer), mutation.old)
            for mutation in mutations
            for reading in after.all_readings
        )

        def trial(readings: bool) -> MutationTrial:
            said = ask_about(Assistant(after, encoder, readings), mutations)
            return MutationTrial(readings, len(mutations), dropped, stale, *said)

        return trial(True), trial(False)


def rests_on(reading: Reading, mutation: Mutation) -> bool:
    """Whether a quote of the reading holds the figure. What is worked out from other quotes may be the same number."""
    return any(
        place.document_id == mutation.document_id and place.span.start <= mutation.start < place.span.end for place in reading.places
    )


def ask_about(system: System, mutations: Sequence[Mutation]) -> tuple[int, int, int, int]:
    """Questions asked about changed figures, and how many were answered with the old one, with the new one, and not at all."""
    answered = [(mutation, system.ask(question)) for mutation in mutations for question in mutation.questions]
    return (
        len(answered),
        sum(_states_unworked(without_marks(answer.answer), mutation.old) for mutation, answer in answered),
        sum(states(without_marks(answer.answer), mutation.new) for mutation, answer in answered),
        sum(answer.abstained for _, answer in answered),
    )


def _states_unworked(text: str, number: str) -> bool:
    """Whether a number is stated and not shown as the result of others, which may come to the same."""
    return states(text, number) and not re.search(rf"={re.escape(number)}(?![\d.])", text)


def only_answered_by(cases: Iterable[Case], document_id: str) -> list[Case]:
    """The answerable cases whose evidence, in all its lists, stands in one document alone."""
    return [
        case
        for case in cases
        if case.answerable
        and {proof.document for pieces in (case.evidence, *case.alternatives) for proof in pieces} | set(case.documents) == {document_id}
    ]


def try_removal(
    documents: Sequence[Document],
    document_id: str,
    cases: Iterable[Case],
    index_folder: Path,
    encoder: Encoder,
    matcher: Matcher | None = None,
) -> RemovalTrial:
    """Takes a document out and asks the questions that it alone answers. Raises TrialError where there are none."""
    orphaned = only_answered_by(cases, document_id)
    if not orphaned:
        raise TrialError(f"没有只由文件 {document_id} 回答的问题。")
    with index_without(document_id, documents, index_folder, encoder, matcher) as rest:
        return ask_orphaned(Assistant(rest, encoder), orphaned, document_id)


def ask_orphaned(system: System, cases: Sequence[Case], document_id: str) -> RemovalTrial:
    answered = [(case, system.ask(case.question, [Turn("user", earlier) for earlier in case.history])) for case in cases]
    given = [(case, answer) for case, answer in answered if not answer.abstained]
    return RemovalTrial(
        document_id=document_id,
        questions=len(cases),
        abstained=len(answered) - len(given),
        facts_said=sum(not missing_facts(case, answer.answer) for case, answer in given),
        cited=sum(any(citation.document_id == document_id for citation in answer.citations) for _, answer in answered),
    )
