"""Passages, readings and tasks that may answer a question."""

import math
import re
import sys
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from corpus.types import Reading, Via
from index.hybrid import DEPTH, RANK_CONSTANT
from index.lru import Lru
from index.matcher import Match, matches, thinned
from index.segment import bigrams, normal
from index.store import LoadedIndex
from index.types import Collection, Encoder, Filter, Found, Tokens, Vectors
from rag.lexicon import Lexicon
from rag.question import bare
from rag.stated import statements_of, told_of
from rag.types import PassageHit, ReadingHit

READING_DEPTH = 60
"""Rows of readings looked at; several of them may be forms of one reading."""

READING_WEIGHT = 2.0
"""Weight of the passages behind the readings found, against 1 for each leg over the passages themselves."""

LATEST = 32
"""Questions kept with what was found for them: what a follow-up may mean is looked up before it is answered. One takes some 100 kB."""

CANDIDATES = 24
"""Readings found for a question, at least: they are asked for more than once."""

STATING = 20
"""Passages found whose statements are looked at: as many more hold hardly any that answers."""

STATED = 0.2
"""What the share of the question that a statement has counts beside the similarity of its passage; chosen on the `tune` questions."""

RENDERED = (Via.MEASURE, Via.OUTLINE)
"""Readings that are made from records: they are there for a document that nobody has read, too."""

MEASURES = ("数量", "增速", "生产率")
"""Ends of words that name what is measured of a thing, which may be called otherwise."""

RARE_NAME = 6
"""Passages that may hold a proper name for it to tell one matter from another."""

_COUNTS = re.compile(r"[一二三四五六七八九十\d]+")
_RATE = re.compile(r"[\u4e00-\u9fff]{2}率")

STATEMENTS_KEPT = 20_000
"""Statements whose tokens are kept; those of one take about a kilobyte, and five milliseconds to compute."""

AT_A_TIME = 8
"""Statements whose tokens are computed ahead together: a question that comes meanwhile waits no longer than for these."""

MATCHED_UP_TO = 20_000
"""Passages up to which statements are compared token by token: of more, hardly any is found a second time, so that each had to be computed anew."""

TERMS_KEPT = 20_000
"""Readings, and passages, whose character pairs are kept; the store of readings starts anew when it is full."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search sees it: its text, its vector (1, dimension), and its tokens where readings are compared with it token by token."""

    text: str
    vector: Vectors
    tokens: Tokens | None = None
    passages: dict[tuple[str, ...], list[Found]] = field(default_factory=dict, compare=False, repr=False)
    """The rows of passages found for it, by the documents that they had to be of."""

    found: dict[tuple[str, ...], list[ReadingHit]] = field(default_factory=dict, compare=False, repr=False)
    """The readings found for it, by the documents that they had to be of."""


class Retriever:
    """Search over a loaded index. Safe to use from several threads: what it keeps of earlier questions changes no answer."""

    def __init__(self, index: LoadedIndex, encoder: Encoder, lexicon: Lexicon, use_readings: bool = True) -> None:
        self.index = index
        self.encoder = encoder
        self.use_readings = use_readings
        self.lexicon = lexicon
        self._names = tuple(name for name in index.records.rare_words(RARE_NAME) if len(name) >= 3 and not name.endswith(MEASURES))
        self._counted_names = {
            pattern: name for name in self._names if (pattern := _COUNTS.sub("几", name)).count("几") > 1 and len(pattern) > len("几个几")
        }
        self._latest: Lru[str, Query] = Lru(LATEST)
        self._statement_tokens: Lru[str, Tokens] = Lru(STATEMENTS_KEPT)
        self._reading_terms: dict[str, tuple[frozenset[str], tuple[frozenset[str], ...]]] = {}
        self._terms_in_place = lru_cache(maxsize=TERMS_KEPT)(self._read_terms_in_place)
        self._normal_in_place = lru_cache(maxsize=TERMS_KEPT)(lambda number: normal(self._in_place(number)))
        self._stated_by = lru_cache(maxsize=TERMS_KEPT)(self._read_stated_by)

    def query(self, text: str) -> Query:
        """The question with the documents' words beside its everyday ones, and its vector."""
        return self.queries([text])[0]

    def queries(self, texts: Sequence[str]) -> list[Query]:
        """Several questions at once, their vectors computed together; what was found for one of the latest is found again with it."""
        expanded = [self.lexicon.expanded(self._with_counted_names(bare(text))) for text in texts]
        known, missing = self._latest.split(expanded)
        if missing:
            vectors = self.encoder.encode_queries(missing)
            tokens = self.index.matcher.questions(missing) if self.index.matcher else [None] * len(missing)
            for row, text in enumerate(missing):
                known[text] = Query(text, vectors[row : row + 1], tokens[row])
                self._latest.put(text, known[text])
        return [known[text] for text in expanded]

    def _with_counted_names(self, text: str) -> str:
        """The text with the numbers of the names that it says with 几 in their place ("几尊重几统筹")."""
        for pattern, name in self._counted_names.items() if "几" in text else ():
            text = text.replace(pattern, name)
        return text

    def names_in(self, text: str) -> tuple[str, ...]:
        """The proper names of the corpus, those that few passages hold, that a text names."""
        plain = normal(text)
        return tuple(name for name in self._names if name in plain)

    def text_of(self, document_id: str) -> str:
        """A document as stored."""
        return self.index.records.by_id[document_id].document.text

    def knows(self, term: str) -> bool:
        """Whether any passage holds a character pair."""
        return self.index.records.passages_with(term) > 0

    def lacks_rate(self, text: str) -> bool:
        """Whether a text asks for a rate that stands in no passage and is nobody's everyday word ("赤字率")."""
        rates = [rate for rate in _RATE.findall(normal(text)) if self.lexicon.expanded(rate) == rate]
        return any(not self.knows(rate[:2]) and not self.knows(rate[1:]) for rate in rates)

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a character pair over the passages: rare pairs weigh more."""
        return math.log(1 + len(self.index.all_passages) / (1 + self.index.records.passages_with(term)))

    def passages(
        self, query: Query, top_k: int, documents: Sequence[str] = (), readings: Sequence[ReadingHit] | None = None
    ) -> list[PassageHit]:
        """The passages that fit best, best first: three legs over the passages, lifted by those that stand behind fitting readings."""
        scores = {found.owner: found.score for found in self._passages(query, documents)}
        if readings is None:
            readings = self.readings(query, 20)
        behind = dict.fromkeys(number for hit in readings for number in self.passages_behind(hit.reading))
        allowed = [number for number in behind if not documents or self.index.all_passages[number].document_id in documents]
        for rank, number in enumerate(allowed, start=1):
            scores[number] = scores.get(number, 0.0) + READING_WEIGHT / (RANK_CONSTANT + rank)
        hits = (PassageHit(number, score) for number, score in scores.items())
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage))[:top_k]

    def _passages(self, query: Query, documents: Sequence[str]) -> list[Found]:
        """The rows of passages found for a query, best first, searched for once."""
        within = tuple(documents)
        if within not in query.passages:
            query.passages[within] = self.index.passages.search(query.text, query.vector, DEPTH, Filter(documents=within))
        return query.passages[within]

    def statements(self, query: Query, unread: Container[str], documents: Sequence[str], one_amount: bool) -> list[ReadingHit]:
        """What the passages of `unread` documents that fit best state, as readings, the likeliest first; of a sentence no more than the clauses that
        tell it where `one_amount` is asked for."""
        found = ((row, self.index.all_passages[row.owner].document_id) for row in self._passages(query, documents))
        rows = list(islice((row for row, document_id in found if document_id in unread), STATING))
        if not rows:
            return []
        vectors = np.stack([row.vector for row in rows])
        cosines, learnt, wanted = vectors @ query.vector[0], self._learnt(query, vectors), self._wanted(query)
        stated = [(n, reading, self._shares(wanted, reading)) for n, row in enumerate(rows) for reading in self._stated_by(row.owner)]
        scored = [(float(cosines[n]) + STATED * shares[1], n, reading, shares) for n, reading, shares in stated]
        best = sorted(scored, key=lambda one: (-one[0], one[2].id))[:CANDIDATES]
        matched, counts = self._matches_of_statements(query, [reading for _, _, reading, _ in best]), dict(wanted)
        return [
            ReadingHit(
                None,
                replace(reading, answer=told_of(reading.answer, counts)) if one_amount else reading,
                float(cosines[n]),
                float(learnt[n]),
                *shares,
                score,
                matched.get(reading.id),
                vectors[n : n + 1],
            )
            for score, n, reading, shares in best
        ]

    def _read_stated_by(self, number: int) -> tuple[Reading, ...]:
        passage = self.index.all_passages[number]
        return tuple(statements_of(passage, self.text_of(passage.document_id)))

    def readings(self, query: Query, top_k: int, documents: Sequence[str] = ()) -> list[ReadingHit]:
        """The readings whose question is nearest, best first; those alone that are made from records when readings are switched off."""
        within = Filter(documents=tuple(documents), kinds=() if self.use_readings else RENDERED)
        if len(query.found.get(within.documents, ())) < top_k:
            query.found[within.documents] = self._readings(self.index.readings, query, max(top_k, CANDIDATES), within)
        return query.found[within.documents][:top_k]

    def tasks(self, query: Query, top_k: int, documents: Sequence[str] = ()) -> list[ReadingHit]:
        """The numbered tasks whose matter is nearest, as readings, best first."""
        return self._readings(self.index.tasks, query, top_k, Filter(documents=tuple(documents)))

    def passages_behind(self, reading: Reading) -> list[int]:
        """Numbers of the passages that hold the quotes of a reading."""
        found = (self.passage_at(place.document_id, place.span.start) for place in reading.places)
        return list(dict.fromkeys(number for number in found if number is not None))

    def passage_at(self, document_id: str, position: int) -> int | None:
        """Number of the passage that holds a stored character; of the passage behind it where a heading stands there; None behind the last."""
        starts, numbers = self.index.records.placed(document_id)
        at = int(np.searchsorted(starts, position, side="right")) - 1
        if at >= 0 and any(span.start <= position < span.end for span in self.index.all_passages[int(numbers[at])].spans):
            return int(numbers[at])
        return int(numbers[at + 1]) if at + 1 < len(numbers) else None

    def around(self, reading: Reading) -> str:
        """The text of the passages behind a reading, with their headings and the title of their part, normalised."""
        return " ".join(map(self._normal_in_place, self.passages_behind(reading)))

    def _in_place(self, number: int) -> str:
        """The text of a passage with its headings and the title of its part."""
        passage = self.index.all_passages[number]
        return " ".join((passage.text, *passage.heading_path, passage.part))

    def terms_of(self, reading: Reading) -> frozenset[str]:
        """The character pairs of a reading: question forms, answer and quotes."""
        return self._terms_of(reading)[0]

    def _shares(self, wanted: Sequence[tuple[str, float]], reading: Reading) -> tuple[float, float, float, float, float]:
        """`overlap`, `covered`, `missing`, `unsaid` and `unknown` of a hit (see ReadingHit) for the question's character pairs with their rarity."""
        total = sum(weight for _, weight in wanted)
        if not total:
            return 0.0, 0.0, 0.0, 0.0, 0.0
        own, behind = self._terms_of(reading)
        around = {term for term, _ in wanted if term not in own and any(term in terms for terms in behind)}
        here = sum(weight for term, weight in wanted if term in own)
        there = sum(weight for term, weight in wanted if term in around)
        absent = max((weight for term, weight in wanted if term not in own and term not in around and self.knows(term)), default=0.0)
        unsaid = sum(term not in own for term, _ in wanted)
        unknown = sum(not self.knows(term) for term, _ in wanted)
        return here / total, (here + there) / total, absent / self.rarity(""), unsaid / len(wanted), unknown / len(wanted)

    def _terms_of(self, reading: Reading) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
        """Character pairs of a reading, and of each passage behind it with its headings and titles."""
        terms = self._reading_terms.get(reading.id)
        if terms is None:
            own = _terms(reading.text)
            if len(self._reading_terms) >= TERMS_KEPT:
                self._reading_terms.clear()
            terms = self._reading_terms[reading.id] = (own, tuple(map(self._terms_in_place, self.passages_behind(reading))))
        return terms

    def _read_terms_in_place(self, number: int) -> frozenset[str]:
        return _terms(self._in_place(number))

    def _readings(self, collection: Collection, query: Query, top_k: int, within: Filter) -> list[ReadingHit]:
        found = sorted(collection.search(query.text, query.vector, READING_DEPTH, within), key=lambda item: item.row)
        if not found:
            return []
        vectors = np.stack([item.vector for item in found])
        learnt = self._learnt(query, vectors)
        ranks = np.empty(len(found), np.int64)
        ranks[np.argsort(-learnt, kind="stable")] = np.arange(1, len(found) + 1)
        fused = [item.score + 1 / (RANK_CONSTANT + int(rank)) for item, rank in zip(found, ranks, strict=True)]
        rows_of: dict[int, list[int]] = {}
        for number in sorted(range(len(found)), key=lambda n: -fused[n]):
            rows_of.setdefault(found[number].owner, []).append(number)
        matched = self._matches(query, list(rows_of))
        scores = {owner: fused[rows[0]] for owner, rows in rows_of.items()}
        for rank, owner in enumerate(sorted(matched, key=lambda owner: -matched[owner].mean), start=1):
            scores[owner] += 1 / (RANK_CONSTANT + rank)
        cosines, wanted, hits = vectors @ query.vector[0], self._wanted(query), []
        for owner in sorted(rows_of, key=lambda owner: -scores[owner])[:top_k]:
            reading, rows = self.index.all_readings[owner], rows_of[owner]
            if not within.documents or all(place.document_id in within.documents for place in reading.places):
                near, shares = (float(cosines[rows].max()), float(learnt[rows].max())), self._shares(wanted, reading)
                hits.append(ReadingHit(owner, reading, *near, *shares, scores[owner], matched.get(owner), vectors[rows]))
        return sorted(hits, key=lambda hit: (-hit.score, hit.reading.id))

    def fitted(self, query: Query, hits: Sequence[ReadingHit]) -> list[ReadingHit]:
        """How well readings that were found for another question fit this one; their score is 0, as they took no part in its ranking."""
        if not hits:
            return []
        forms = np.concatenate([hit.forms for hit in hits])
        starts = np.cumsum([0, *(len(hit.forms) for hit in hits[:-1])])
        cosines, learnt = (np.maximum.reduceat(near, starts) for near in (forms @ query.vector[0], self._learnt(query, forms)))
        wanted = self._wanted(query)
        of_readings = self._matches(query, [hit.number for hit in hits if hit.number is not None])
        of_statements = self._matches_of_statements(query, [hit.reading for hit in hits if hit.number is None])
        return [
            ReadingHit(
                hit.number,
                hit.reading,
                float(cosines[n]),
                float(learnt[n]),
                *self._shares(wanted, hit.reading),
                0.0,
                of_statements.get(hit.reading.id) if hit.number is None else of_readings.get(hit.number),
                hit.forms,
            )
            for n, hit in enumerate(hits)
        ]

    def _matches(self, query: Query, numbers: Sequence[int]) -> dict[int, Match]:
        """How well readings, by their numbers, answer a question's tokens; none where questions are not compared token by token."""
        tokens = self.index.tokens
        if tokens is None or query.tokens is None:
            return {}
        return dict(zip(numbers, tokens.matches(query.tokens, numbers), strict=True))

    def _matches_of_statements(self, query: Query, statements: Sequence[Reading]) -> dict[str, Match]:
        """The same for statements, by their ids."""
        if query.tokens is None:
            return {}
        tokens = self._tokens_of(statements)
        return dict(zip(tokens, matches(query.tokens, list(tokens.values())), strict=True))

    def _tokens_of(self, statements: Sequence[Reading]) -> dict[str, Tokens]:
        """The tokens of statements by their ids, computed where they are not kept; none where statements are not compared by them."""
        if self.index.matcher is None or len(self.index.all_passages) > MATCHED_UP_TO:
            return {}
        by_id = {statement.id: statement for statement in statements}
        tokens, missing = self._statement_tokens.split(by_id)
        if missing:
            texts = [self._in_section(by_id[name]) for name in missing]
            for name, computed in zip(missing, self.index.matcher.readings(texts), strict=True):
                tokens[name] = thinned(computed)
                self._statement_tokens.put(name, tokens[name])
        return tokens

    def prepare(self, unread: Iterable[str], goes_on: Callable[[], bool]) -> None:
        """Computes the tokens of the statements of `unread` documents before somebody asks, as many as are kept, as long as `goes_on` says so."""
        ahead = islice(
            (statement for name in unread for number in self.index.records.placed(name)[1] for statement in self._stated_by(int(number))),
            STATEMENTS_KEPT,
        )
        while goes_on() and (batch := tuple(islice(ahead, AT_A_TIME))) and self._tokens_of(batch):
            pass

    def _in_section(self, statement: Reading) -> str:
        """A statement behind the nearest heading of its passage."""
        heading = next((self.index.all_passages[number].heading_path[-1:] for number in self.passages_behind(statement)), ())
        return "：".join((*heading, statement.question))

    def _wanted(self, query: Query) -> list[tuple[str, float]]:
        """The character pairs of a question with their rarity."""
        return [(term, self.rarity(term)) for term in bigrams(query.text)]

    def _learnt(self, query: Query, vectors: Vectors) -> NDArray[np.float32]:
        """The similarity (n,) of a question and vectors (n, dimension) in the learnt metric."""
        learnt: NDArray[np.float32] = self.index.metric.project(vectors) @ self.index.metric.project(query.vector)[0]
        return learnt


def _terms(text: str) -> frozenset[str]:
    """Its character pairs; as most texts share them, each is held in memory once."""
    return frozenset(map(sys.intern, bigrams(text)))
