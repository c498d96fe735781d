"""From documents to an index: read, render, embed, store."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import corpus
import index
import rag
from corpus.added import is_added, load_all
from corpus.figures import find_names
from corpus.load import load_documents
from corpus.read import read_document
from corpus.readings import BUNDLED as BUNDLED_READINGS
from corpus.readings import Dropped, load_task_matters
from corpus.types import Document, Passage, ReadDocument, Reading
from index.build import Source, build_index
from index.types import Encoder, Engine, Matcher, Progress
from rag.check import load_verified, load_verified_across, question_form
from rag.render import measure_readings, outline_readings, task_readings


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What went into an index, and which readings were left out."""

    documents: int
    passages: int
    readings: int
    tasks: int
    dropped: tuple[Dropped, ...]


def build(
    folder: Path,
    encoder: Encoder,
    progress: Progress | None = None,
    readings_folder: Path = BUNDLED_READINGS,
    corpus_folder: Path | None = None,
    sources: Sequence[Document] | None = None,
    engine: Engine | None = None,
    matcher: Matcher | None = None,
) -> BuildReport:
    """Builds the index of the bundled documents and their readings into `folder`, with the documents added in `corpus_folder` if it is given.

    `sources` are documents to be taken instead of all these, such as altered copies of them.
    """
    if sources is None:
        sources = load_all(corpus_folder) if corpus_folder else load_documents()
    documents = [read_document(document) for document in sources]
    readings, dropped = readings_of(documents, readings_folder, corpus_folder)
    source = Source(
        documents, readings, search_text, lambda document: corpus_words([document]), fingerprint(readings_folder, corpus_folder)
    )
    build_index(folder, source, encoder, engine, progress, matcher)
    passages, tasks = sum(len(document.passages) for document in documents), sum(len(document.tasks) for document in documents)
    return BuildReport(len(documents), passages, len(readings), tasks, dropped)


def readings_of(
    documents: Sequence[ReadDocument], readings_folder: Path = BUNDLED_READINGS, corpus_folder: Path | None = None
) -> tuple[list[Reading], tuple[Dropped, ...]]:
    """All readings of some documents, the written ones and those made from records, and which of the written ones are left out."""
    readings: list[Reading] = []
    dropped: list[Dropped] = []
    for document in documents:
        home = corpus_folder / "readings" if corpus_folder and is_added(document.document.info) else readings_folder
        written, lost = load_verified(document.document, home)
        dropped.extend(lost)
        matters = load_task_matters(document.document.info.id, home)
        readings += [*written, *task_readings(document, matters), *measure_readings(document), *outline_readings(document)]
    across, lost = load_verified_across([document.document for document in documents], readings_folder)
    kept, answered = without_answered([*readings, *across])
    return kept, (*dropped, *lost, *answered)


def without_answered(readings: Sequence[Reading]) -> tuple[list[Reading], tuple[Dropped, ...]]:
    """The readings without those that say of a question that no document answers it, where another reading, of whatever document, does."""
    answered = {question_form(text) for reading in readings if not reading.leaves_out for text in reading.wordings}

    def is_answered(reading: Reading) -> bool:
        return reading.leaves_out and any(question_form(text) in answered for text in reading.wordings)

    dropped = (Dropped(reading.document_id, reading.question, "另一条读记答了它") for reading in readings if is_answered(reading))
    return [reading for reading in readings if not is_answered(reading)], tuple(dropped)


def search_text(passage: Passage) -> str:
    """A passage as search sees it: its nearest headings before its text, so that a clause without a subject is found by its section."""
    path = [heading for heading in passage.heading_path[-2:] if heading not in passage.text]
    return " ".join([*path, passage.text])


def fingerprint(readings_folder: Path = BUNDLED_READINGS, corpus_folder: Path | None = None) -> str:
    """A hash of everything that an index is made of: documents, readings, and the code that reads and indexes them."""
    digest = hashlib.sha256()
    sources = [Path(module.__path__[0]) for module in (corpus, index, rag)]
    files = [
        Path(corpus.__path__[0]) / "manifest.toml",
        *sorted((Path(corpus.__path__[0]) / "documents").iterdir()),
        *sorted(readings_folder.glob("*.jsonl")),
    ]
    files += [path for folder in sources[:2] for path in sorted(folder.glob("*.py"))]
    files += [sources[2] / "build.py", sources[2] / "render.py"]
    if corpus_folder:
        files += [*sorted(corpus_folder.glob("manifest.toml")), *sorted(corpus_folder.glob("documents/*.txt"))]
        files += sorted(corpus_folder.glob("readings/*.jsonl"))
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def corpus_words(documents: Sequence[ReadDocument]) -> tuple[str, ...]:
    """Names that a dictionary of the corpus should hold: units of government, places, and what stands in quotation marks or title marks."""
    words = {unit for document in documents for task in document.tasks for unit in (*task.lead_units, *task.cooperating_units)}
    for document in documents:
        words |= {name.text for name in find_names(document.document.text) if 2 <= len(name.text) <= 12}
    return tuple(sorted(words))
