"""Passages, readings and tasks that may answer a question."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.types import Passage, Reading
from index.hybrid import fuse
from index.segment import bigrams, normal
from index.store import Collection, LoadedIndex
from index.types import Encoder, Ranked, Vectors
from rag.lexicon import Lexicon
from rag.types import PassageHit, ReadingHit

READING_DEPTH = 60
"""Rows of readings looked at; several of them may be forms of one reading."""

READING_WEIGHT = 2.0
"""Weight of the passages behind the readings found, against 1 for each leg over the passages themselves."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search sees it: its text and its vector (1, dimension)."""

    text: str
    vector: Vectors


class Retriever:
    """Search over a loaded index. Safe to use from several threads: nothing changes after construction."""

    def __init__(self, index: LoadedIndex, encoder: Encoder, lexicon: Lexicon, use_readings: bool = True) -> None:
        self.index = index
        self.encoder = encoder
        self.use_readings = use_readings
        self._lexicon = lexicon
        self._passages_of = {document.document.info.id: _by_start(document.passages) for document in index.documents}
        self._number = {passage.id: number for number, passage in enumerate(index.all_passages)}
        self.rarity, self.knows = _rarity(index)
        self._names = _rare_names(index)
        self._texts = {document.document.info.id: document.document.text for document in index.documents}
        self._reading_terms: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def query(self, text: str) -> Query:
        """The question with the documents' words beside its everyday ones, and its vector."""
        return self.queries([text])[0]

    def queries(self, texts: Sequence[str]) -> list[Query]:
        """Several questions at once, their vectors computed together."""
        expanded = [self._lexicon.expanded(text) for text in texts]
        vectors = self.encoder.encode_queries(expanded)
        return [Query(text, vectors[row : row + 1]) for row, text in enumerate(expanded)]

    def names_in(self, text: str) -> tuple[str, ...]:
        """The proper names of the corpus, those that few passages hold, that a text names."""
        plain = normal(text)
        return tuple(name for name in self._names if name in plain)

    def text_of(self, document_id: str) -> str:
        """A document as stored."""
        return self._texts[document_id]

    def passages(
        self, query: Query, top_k: int, documents: Sequence[str] = (), readings: Sequence[ReadingHit] | None = None
    ) -> list[PassageHit]:
        """The passages that fit best, best first: three legs over the passages, lifted by those that stand behind fitting readings."""
        collection = self.index.passages
        rankings = collection.index.rankings(query.text, query.vector, self.index.segmenter)
        weights = dict.fromkeys(rankings, 1.0)
        if readings is None:
            readings = self.readings(query, 20)
        behind = dict.fromkeys(number for hit in readings for number in self.passages_behind(hit.reading))
        rankings["readings"] = [Ranked(number, 0.0) for number in behind]
        weights["readings"] = READING_WEIGHT
        hits = [PassageHit(item.row, item.score) for item in fuse(rankings, weights)]
        if documents:
            hits = [hit for hit in hits if self.index.all_passages[hit.passage].document_id in documents]
        return hits[:top_k]

    def readings(self, query: Query, top_k: int, documents: Sequence[str] = ()) -> list[ReadingHit]:
        """The readings whose question is nearest, best first; none when readings are switched off."""
        return self._readings(self.index.readings, query, top_k, documents) if self.use_readings else []

    def tasks(self, query: Query, top_k: int, documents: Sequence[str] = ()) -> list[ReadingHit]:
        """The numbered tasks whose matter is nearest, as readings, best first."""
        return self._readings(self.index.tasks, query, top_k, documents)

    def passages_behind(self, reading: Reading) -> list[int]:
        """Numbers of the passages that hold the quotes of a reading."""
        found = (self.passage_at(place.document_id, place.span.start) for place in reading.places)
        return list(dict.fromkeys(number for number in found if number is not None))

    def passage_at(self, document_id: str, position: int) -> int | None:
        """Number of the passage that holds a stored character; of the passage behind it where a heading stands there; None behind the last."""
        starts, passages = self._passages_of[document_id]
        at = int(np.searchsorted(starts, position, side="right")) - 1
        if at >= 0 and any(span.start <= position < span.end for span in passages[at].spans):
            return self._number[passages[at].id]
        return self._number[passages[at + 1].id] if at + 1 < len(passages) else None

    def around(self, reading: Reading) -> str:
        """The text of the passages behind a reading, with their headings and the title of their part."""
        passages = [self.index.all_passages[number] for number in self.passages_behind(reading)]
        return " ".join(" ".join((p.text, *p.heading_path, p.part)) for p in passages)

    def terms_of(self, reading: Reading) -> frozenset[str]:
        """The character pairs of a reading: question forms, answer and quotes."""
        return self._terms_of(reading)[0]

    def _shares(self, wanted: Sequence[tuple[str, float]], reading: Reading) -> tuple[float, float, float]:
        """Share of the question's character pairs, `wanted` with their rarity, found in the reading; in the reading or its passages and their headings;
        and the rarity of the rarest that stands in neither though the documents know it, against that of a pair they hold once."""
        total = sum(weight for _, weight in wanted)
        if not total:
            return 0.0, 0.0, 0.0
        own, around = self._terms_of(reading)
        here = sum(weight for term, weight in wanted if term in own)
        there = sum(weight for term, weight in wanted if term in around and term not in own)
        absent = max((weight for term, weight in wanted if term not in own and term not in around and self.knows(term)), default=0.0)
        return here / total, (here + there) / total, absent / self.rarity("")

    def _terms_of(self, reading: Reading) -> tuple[frozenset[str], frozenset[str]]:
        """Character pairs of a reading, and of the passages behind it with their headings and titles."""
        terms = self._reading_terms.get(reading.id)
        if terms is None:
            own = frozenset(bigrams(" ".join((reading.question, *reading.paraphrases, reading.answer, *reading.quotes))))
            around = frozenset(bigrams(self.around(reading)))
            terms = self._reading_terms[reading.id] = (own, around)
        return terms

    def _readings(self, collection: Collection, query: Query, top_k: int, documents: Sequence[str]) -> list[ReadingHit]:
        if collection.index.count == 0:
            return []
        rankings = collection.index.rankings(query.text, query.vector, self.index.segmenter, READING_DEPTH)
        rows = sorted({item.row for ranking in rankings.values() for item in ranking})
        vectors = collection.index.dense.vectors(rows)
        cosines = vectors @ query.vector[0]
        learnt = self.index.metric.project(vectors) @ self.index.metric.project(query.vector)[0]
        rankings["learnt"] = [Ranked(rows[n], float(learnt[n])) for n in np.argsort(-learnt, kind="stable")]
        nearest: dict[int, tuple[float, float]] = {}
        for row, cosine, likeness in zip(rows, cosines, learnt, strict=True):
            owner = int(collection.owners[row])
            known = nearest.get(owner, (-1.0, -1.0))
            nearest[owner] = (max(known[0], float(cosine)), max(known[1], float(likeness)))
        best: dict[int, float] = {}
        for item in fuse(rankings):
            best.setdefault(int(collection.owners[item.row]), item.score)
        hits = []
        wanted = [(term, self.rarity(term)) for term in bigrams(query.text)]
        for owner, score in list(best.items())[:top_k]:
            reading = self.index.all_readings[owner]
            if not documents or all(place.document_id in documents for place in reading.places):
                hits.append(ReadingHit(reading, *nearest[owner], *self._shares(wanted, reading), score))
        return sorted(hits, key=lambda hit: (-hit.score, hit.reading.id))


RARE_NAME = 6
"""Passages that may hold a proper name for it to tell one matter from another."""


def _rare_names(index: LoadedIndex) -> tuple[str, ...]:
    """Names of three characters or more that at most RARE_NAME passages hold as they are."""
    texts = [normal(passage.text) for passage in index.all_passages]
    names = (word for word in index.segmenter.words if len(word) >= 3)
    return tuple(name for name in names if 0 < sum(name in text for text in texts) <= RARE_NAME)


def _by_start(passages: Iterable[Passage]) -> tuple[np.ndarray, list[Passage]]:
    ordered = sorted(passages, key=lambda passage: passage.spans[-1].start)
    return np.asarray([passage.spans[-1].start for passage in ordered]), ordered


def _rarity(index: LoadedIndex) -> tuple[Callable[[str], float], Callable[[str], bool]]:
    """Inverse document frequency of a character pair over the passages (rare pairs weigh more), and whether any passage holds it."""
    counts: dict[str, int] = {}
    for passage in index.all_passages:
        for term in set(bigrams(passage.text)):
            counts[term] = counts.get(term, 0) + 1
    total = len(index.all_passages)
    return lambda term: math.log(1 + total / (1 + counts.get(term, 0))), lambda term: term in counts
