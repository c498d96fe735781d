"""Building an index of any size: texts stream through in batches, and a build that was killed goes on where it stopped.

1. Documents, passages and readings go into the records file.
2. Pairs of characters and the documents' own words are counted over the passages.
3. Each collection's texts are embedded and handed to the engine, batch after batch; vectors of known texts are taken over.
4. The readings' tokens are computed where a matcher is given, those of known texts taken over.
5. The engine finishes its collections, the manifest is written, and the folder is swapped in.

Each batch is committed with the number reached, so that of a killed build at most one batch is done again.
"""

import itertools
import os
import shutil
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from corpus.errors import IndexMismatchError
from corpus.parallel import read_parallels
from corpus.types import Passage, ReadDocument, Reading, Via
from index import records
from index.dense import FLAT_UP_TO
from index.digest import vector_digest
from index.files import Files
from index.matcher import FOLDER as TOKENS
from index.matcher import TokenWriter
from index.metric import learn_metric
from index.records import RecordsWriter
from index.segment import Segmenter, bigrams, normal
from index.store import (
    COLLECTIONS,
    COMPARED,
    FORMAT,
    METRIC,
    PARALLELS,
    PARALLELS_FORM,
    PASSAGES,
    READINGS,
    TASKS,
    abandoned_folder,
    known_tokens,
    known_vectors,
    work_folder,
    write_manifest,
)
from index.types import Encoder, Engine, Matcher, Progress, Row, VectorLookup, Vectors

BATCH = 1024
"""Texts embedded and committed together: seconds of work, and what a killed build may lose."""

_COUNTED = 8192
LEARNT_FROM = 100_000
"""Questions from which the similarity is learnt, at most."""

_VECTORS, _OWNERS = "learning.f32", "learning.i32"
_QUERIES = 200
"""Vectors of questions for which a large collection is tuned."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Source:
    """What an index is made of, in an order that is the same each time; each of the two is gone through once.

    `passage_text` is a passage as search is to see it, `words` are names that a document brings along.
    """

    documents: Iterable[ReadDocument]
    readings: Iterable[Reading]
    passage_text: Callable[[Passage], str]
    words: Callable[[ReadDocument], Iterable[str]]
    fingerprint: str


def build_index(
    folder: Path,
    source: Source,
    encoder: Encoder,
    engine: Engine | None = None,
    progress: Progress | None = None,
    matcher: Matcher | None = None,
) -> None:
    """Writes an index of the source, replacing what is in `folder` only when all is written.

    Vectors of texts that the old index holds under the same encoder are taken over, not computed again. What a killed or failed build of the
    same source left is gone on with. Raises IndexMismatchError while another process builds into the same folder.
    """
    engine = engine or Files()
    work = work_folder(folder)
    key = f"{FORMAT} {engine.name} {encoder.name} {encoder.dimension} {matcher.name if matcher else ''} {source.fingerprint}"
    writer = _open_records(work, key)
    try:
        _write_records(work, writer, source, progress)
        segmenter = Segmenter(writer.words())
        _count_words(writer, segmenter, progress)
        counts = _fill(folder, work, writer, source, segmenter, encoder, engine, progress)
        if matcher:
            _write_tokens(folder, work, writer, matcher, progress)
        build = writer.state("build")
    finally:
        writer.close()
    shutil.rmtree(abandoned_folder(work), ignore_errors=True)
    write_manifest(work, engine.name, build, encoder, matcher, counts, source.fingerprint)
    _swap_in(work, folder)
    engine.publish(COLLECTIONS, build)


def _open_records(work: Path, key: str) -> RecordsWriter:
    """The records of a build under way, if it is of the same key; of a new one otherwise, which may take over the vectors of the other."""
    try:
        if work.exists():
            writer = RecordsWriter(work / records.FILE)
            if writer.state("key") == key:
                return writer
            writer.close()
            abandoned = abandoned_folder(work)
            shutil.rmtree(abandoned, ignore_errors=True)
            work.replace(abandoned)
        work.mkdir(parents=True)
        writer = RecordsWriter(work / records.FILE)
    except sqlite3.OperationalError as exc:
        raise IndexMismatchError(f"另一个进程正在 {work.parent} 中建立索引：请等它结束后再试。") from exc
    except sqlite3.DatabaseError:
        shutil.rmtree(work)
        return _open_records(work, key)
    writer.set_state("key", key)
    writer.set_state("build", uuid.uuid4().hex[:12])
    writer.commit()
    return writer


def _write_records(work: Path, writer: RecordsWriter, source: Source, progress: Progress | None) -> None:
    if writer.state("read"):
        return
    done = writer.count("documents")
    compared: list[ReadDocument] = []
    for number, document in enumerate(source.documents):
        if number < COMPARED:
            compared.append(document)
        if number < done:
            continue
        writer.add_document(document, (normal(word) for word in source.words(document)))
        if number % 20 == 19:
            writer.commit()
            if progress:
                progress(number + 1, number + 1, "读入文件")
    (work / PARALLELS).write_bytes(PARALLELS_FORM.dump_json(read_parallels(compared)))
    writer.add_readings(source.readings)
    writer.set_state("read", "yes")
    writer.commit()


def _count_words(writer: RecordsWriter, segmenter: Segmenter, progress: Progress | None) -> None:
    """In how many passages each pair of characters and each of the documents' own words stands."""
    done, total = int(writer.state("counted", "0")), writer.count("passages")
    by_start: dict[str, list[str]] = {}
    for word in segmenter.words:
        by_start.setdefault(word[:2], []).append(word)
    for batch in _batches(writer.passages(done), _COUNTED):
        words: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for passage in batch:
            pairs.update(set(bigrams(passage.text)))
            words.update(_words_in(normal(passage.text), by_start))
        done += len(batch)
        writer.count_words(words.items(), pairs.items())
        writer.set_state("counted", str(done))
        writer.commit()
        if progress:
            progress(done, total, "统计词语")


def _words_in(text: str, by_start: dict[str, list[str]]) -> set[str]:
    """The words that a normalised text holds, found by their first two characters."""
    return {
        word for at in range(len(text) - 1) if (words := by_start.get(text[at : at + 2])) for word in words if text.startswith(word, at)
    }


def _fill(
    folder: Path,
    work: Path,
    stored: RecordsWriter,
    source: Source,
    segmenter: Segmenter,
    encoder: Encoder,
    engine: Engine,
    progress: Progress | None,
) -> dict[str, int]:
    """Embeds the texts of every collection and has the engine index them; the number of rows of each."""
    known = known_vectors(folder, encoder, engine)
    counts = {name: _row_count(stored, name) for name in COLLECTIONS}
    for name, count in counts.items():
        if stored.state(f"finished {name}"):
            continue
        writer = engine.writer(work, name, count, encoder.dimension, segmenter, stored.state("build"))
        done = int(stored.state(f"embedded {name}", "0"))
        report = _Rate(progress, done, count)
        for rows in _batches(_rows(stored, name, source.passage_text, done), BATCH):
            as_passages = name == PASSAGES
            digests = [vector_digest(row.text, as_passages) for row in rows]
            vectors = _vectors([row.text for row in rows], digests, as_passages, encoder, known, report.after(done))
            writer.add(done, rows, digests, vectors)
            if name == READINGS:
                _keep_for_learning(work, done, rows, vectors)
            done += len(rows)
            stored.set_state(f"embedded {name}", str(done))
            stored.commit()
        if name == READINGS:
            _learn(work, encoder.dimension)
        writer.finish(_questions(stored, encoder, count), progress)
        stored.set_state(f"finished {name}", "yes")
        stored.commit()
    return counts


def _write_tokens(folder: Path, work: Path, stored: RecordsWriter, matcher: Matcher, progress: Progress | None) -> None:
    """The tokens of all readings, in the order of their numbers; those that an index of the same matcher has are taken over."""
    done, count = int(stored.state("matched", "0")), stored.count("readings")
    writer = TokenWriter(work / TOKENS, matcher, done, known_tokens(folder, matcher))
    report = _Rate(progress, done, count)
    for batch in _batches(stored.readings(done), BATCH):
        writer.add(batch, report.after(done))
        done += len(batch)
        stored.set_state("matched", str(done))
        stored.commit()


def _keep_for_learning(work: Path, first: int, rows: Sequence[Row], vectors: Vectors) -> None:
    """Keeps vectors of questions and the numbers of their readings beside the engine's, as many as are learnt from."""
    for name, values in ((_VECTORS, vectors), (_OWNERS, np.asarray([row.owner for row in rows], np.int32))):
        with (work / name).open("ab") as file:
            row_bytes = values[:1].nbytes
            file.truncate(min(first, LEARNT_FROM) * row_bytes)
            file.seek(0, os.SEEK_END)
            file.write(values[: max(0, LEARNT_FROM - first)].tobytes())


def _learn(work: Path, dimension: int) -> None:
    """The similarity learnt from the questions kept."""
    paths = (work / _VECTORS, work / _OWNERS)
    vectors = np.fromfile(paths[0], np.float32) if paths[0].exists() else np.zeros(0, np.float32)
    owners = np.fromfile(paths[1], np.int32) if paths[1].exists() else np.zeros(0, np.int32)
    learn_metric(vectors.reshape(-1, dimension), owners).save(work / METRIC)
    for path in paths:
        path.unlink(missing_ok=True)


def _vectors(
    texts: Sequence[str],
    digests: Sequence[bytes],
    as_passages: bool,
    encoder: Encoder,
    known: VectorLookup,
    progress: Progress | None,
) -> Vectors:
    """The vectors of a batch: those that are known, and the others computed."""
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    there = known(digests)
    new = []
    for row, own in enumerate(digests):
        if own in there:
            vectors[row] = there[own]
        else:
            new.append(row)
    if new:
        wanted = [texts[row] for row in new]
        vectors[new] = encoder.encode_passages(wanted, progress) if as_passages else encoder.encode_queries(wanted, progress)
    return vectors


def _row_count(stored: RecordsWriter, name: str) -> int:
    return stored.count("passages") if name == PASSAGES else sum(len(reading.wordings) for _, reading in _readings(stored, name))


def _rows(stored: RecordsWriter, name: str, passage_text: Callable[[Passage], str], start: int) -> Iterator[Row]:
    """The rows of a collection from a number on."""
    if name == PASSAGES:
        for number, passage in enumerate(stored.passages(start), start=start):
            yield Row(passage_text(passage), number, passage.document_id, passage.years, passage.kind)
    else:
        forms = ((number, reading, form) for number, reading in _readings(stored, name) for form in reading.wordings)
        for number, reading, form in itertools.islice(forms, start, None):
            yield Row(form, number, reading.document_id, reading.years, reading.via)


def _readings(stored: RecordsWriter, name: str) -> Iterator[tuple[int, Reading]]:
    """The readings of tasks for the collection of tasks, the other ones for that of readings, each with its number."""
    return ((number, reading) for number, reading in enumerate(stored.readings()) if (reading.via is Via.TASK) == (name == TASKS))


def _questions(stored: RecordsWriter, encoder: Encoder, rows: int) -> Vectors:
    """Vectors of sample questions for a large collection, out of the readings; none for a small one, which needs no tuning."""
    count = stored.count("readings")
    if rows <= FLAT_UP_TO or not count:
        return np.zeros((0, encoder.dimension), np.float32)
    step = max(1, count // _QUERIES)
    return encoder.encode_queries([reading.question for reading in itertools.islice(stored.readings(), 0, None, step)])


class _Rate:
    """Tells how far a collection is, at what rate, and how long it will take."""

    def __init__(self, progress: Progress | None, done: int, total: int) -> None:
        self._progress = progress
        self._first = done
        self._total = total
        self._began = time.monotonic()

    def after(self, done: int) -> Progress | None:
        """A report for a batch that begins behind `done` texts."""
        if self._progress is None:
            return None
        progress = self._progress

        def report(within: int, _batch: int, what: str) -> None:
            now = done + within
            seconds = time.monotonic() - self._began
            progress(now, self._total, f"{what}（{rate_text(now - self._first, self._total - now, seconds)}）")

        return report


def rate_text(done: int, left: int, seconds: float) -> str:
    """The rate of `done` texts in `seconds`, and how long those that are `left` will take at it, in Chinese."""
    rate = done / max(seconds, 1e-3)
    wait = left / max(rate, 1e-3)
    return f"每秒{rate:.0f}条，约剩{f'{wait:.0f}秒' if wait < 100 else f'{wait / 60:.0f}分钟'}"


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    waiting = iter(items)
    while batch := list(itertools.islice(waiting, size)):
        yield batch


def _swap_in(work: Path, folder: Path) -> None:
    """Puts a finished folder in the place of the old one; a reader finds the old one or the new one, whole."""
    retired = work.with_name(work.name + "-old")
    shutil.rmtree(retired, ignore_errors=True)
    if folder.exists():
        folder.replace(retired)
    work.replace(folder)
    shutil.rmtree(retired, ignore_errors=True)
