"""Stretches that two documents share: a breakdown repeats a report, a gazette what a newspaper printed.

Matching looks at letters, digits and Chinese characters only, so that wraps, blanks and punctuation make no difference, and passes over the
units of numbered tasks. Exact runs are found by character shingles and joined over small gaps, where one document says a word more or another.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from corpus.types import PassageKind, ReadDocument, Span

SHINGLE = 6
"""Characters that must agree in a row before anything is compared."""

GAP = 12
"""Characters that either document may have between two runs of one stretch."""

SHORTEST = 16
"""Characters that a stretch must share; shorter ones are turns of phrase."""

LEAST = 0.75
"""Share of the longer side of a stretch that the other side must hold, and of a shorter passage that a longer one must."""

_CLAUSE_END = re.compile(r"[，。；：、！？;:,]")
_COMMON = 12
"""A shingle that a document holds more often is a set phrase and starts no run of its own."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """A stretch of one document and the stretch of another that says the same.

    `characters` counts the letters, digits and Chinese characters that agree; `similarity` is their share of the longer stretch, 0 to 1.
    """

    first_id: str
    first: Span
    second_id: str
    second: Span
    characters: int
    similarity: float


@dataclass(frozen=True, slots=True)
class PassageLink:
    """Ids of two passages that share a stretch, and how many characters of it stand in both."""

    first: str
    second: str
    characters: int


@dataclass(frozen=True, slots=True)
class Parallels:
    """What all documents share, two by two: the stretches, and the passages that hold them."""

    stretches: tuple[Parallel, ...] = ()
    links: tuple[PassageLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A stretch of another document."""

    document_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters `first` on of one text that agree with characters `second` on of another."""

    first: int
    second: int
    length: int


@dataclass(frozen=True, slots=True)
class _Letters:
    """What is compared of a document: its letters in plain width, where each stands, the number of the passage that holds it (or -1), and
    whether a clause begins with it."""

    text: str
    places: Sequence[int]
    owners: Sequence[int]
    begins_clause: Sequence[bool]


def read_parallels(documents: Sequence[ReadDocument]) -> Parallels:
    """What the documents share, each pair once. Takes about a tenth of a second a pair of 40,000 characters each."""
    letters = [_letters(document) for document in documents]
    stretches: list[Parallel] = []
    links: list[PassageLink] = []
    for (first, ours), (second, theirs) in combinations(zip(documents, letters, strict=True), 2):
        chains = tuple(_stretches(ours, theirs))
        stretches += _parallels(first, ours, second, theirs, chains)
        links += _links(first, ours, second, theirs, chains)
    return Parallels(tuple(stretches), tuple(links))


def find_parallels(first: ReadDocument, second: ReadDocument) -> tuple[Parallel, ...]:
    """The stretches of `first` that `second` says too, in the order of `first`; none overlaps another there."""
    ours, theirs = _letters(first), _letters(second)
    return tuple(_parallels(first, ours, second, theirs, _stretches(ours, theirs)))


def link_passages(first: ReadDocument, second: ReadDocument) -> tuple[PassageLink, ...]:
    """The passages of two documents that share SHORTEST characters, or most of the shorter one; by passages of `first`, most shared first."""
    ours, theirs = _letters(first), _letters(second)
    return tuple(_links(first, ours, second, theirs, _stretches(ours, theirs)))


class Counterparts:
    """Answers where else something is said, from what was found when the index was built."""

    def __init__(self, documents: Sequence[ReadDocument], parallels: Parallels) -> None:
        self._texts = {document.document.info.id: document.document.text for document in documents}
        self._sides: dict[str, list[tuple[Span, Counterpart]]] = {}
        for found in parallels.stretches:
            self._sides.setdefault(found.first_id, []).append((found.first, Counterpart(found.second_id, found.second)))
            self._sides.setdefault(found.second_id, []).append((found.second, Counterpart(found.first_id, found.first)))
        self._linked: dict[str, list[tuple[int, str]]] = {}
        for link in parallels.links:
            self._linked.setdefault(link.first, []).append((-link.characters, link.second))
            self._linked.setdefault(link.second, []).append((-link.characters, link.first))

    def of_passage(self, passage_id: str) -> tuple[str, ...]:
        """Ids of the passages of other documents that share a stretch with a passage, most shared first."""
        return tuple(other for _, other in sorted(self._linked.get(passage_id, ())))

    def of_stretch(self, document_id: str, span: Span) -> tuple[Counterpart, ...]:
        """Where other documents say a stretch letter for letter (figures included); at most one place a document."""
        wanted = "".join(letter for letter, _ in _plain(self._texts[document_id], span))
        found: dict[str, Counterpart] = {}
        for side, other in self._sides.get(document_id, ()) if len(wanted) >= SHINGLE else ():
            if side.overlaps(span) and other.document_id not in found:
                letters = list(_plain(self._texts[other.document_id], other.span))
                at = "".join(letter for letter, _ in letters).find(wanted)
                if at >= 0:
                    place = Span(letters[at][1], letters[at + len(wanted) - 1][1] + 1)
                    found[other.document_id] = Counterpart(other.document_id, place)
        return tuple(found[name] for name in sorted(found))


def _parallels(
    first: ReadDocument, ours: _Letters, second: ReadDocument, theirs: _Letters, chains: Iterable[Sequence[_Run]]
) -> Iterator[Parallel]:
    for chain in chains:
        start, end = chain[0].first, chain[-1].first + chain[-1].length
        other_start, other_end = chain[0].second, chain[-1].second + chain[-1].length
        agreeing = sum(run.length for run in chain)
        yield Parallel(
            first_id=first.document.info.id,
            first=Span(ours.places[start], ours.places[end - 1] + 1),
            second_id=second.document.info.id,
            second=Span(theirs.places[other_start], theirs.places[other_end - 1] + 1),
            characters=agreeing,
            similarity=round(agreeing / max(end - start, other_end - other_start), 3),
        )


def _links(
    first: ReadDocument, ours: _Letters, second: ReadDocument, theirs: _Letters, chains: Iterable[Sequence[_Run]]
) -> list[PassageLink]:
    shared: Counter[tuple[int, int]] = Counter()
    for chain in chains:
        for run in chain:
            shared.update((ours.owners[run.first + step], theirs.owners[run.second + step]) for step in range(run.length))
    sizes, other_sizes = Counter(ours.owners), Counter(theirs.owners)
    links = [
        PassageLink(first.passages[one].id, second.passages[other].id, characters)
        for (one, other), characters in shared.items()
        if one >= 0 <= other and characters >= min(SHORTEST, LEAST * sizes[one], LEAST * other_sizes[other])
    ]
    return sorted(links, key=lambda link: (link.first, -link.characters, link.second))


def _plain(text: str, span: Span) -> Iterator[tuple[str, int]]:
    """The letters, digits and Chinese characters of a stretch in plain width, and where each stands."""
    for place in range(span.start, span.end):
        if text[place].isalnum():
            plain = unicodedata.normalize("NFKC", text[place])
            yield (plain if len(plain) == 1 else text[place]), place


def _letters(document: ReadDocument) -> _Letters:
    text = document.document.text
    owners = [-1] * len(text)
    for number, passage in enumerate(document.passages):
        for span in passage.spans[-1:] if passage.kind is PassageKind.TABLE_ROW else passage.spans:
            owners[span.start : span.end] = [number] * (span.end - span.start)
    units = bytearray(len(text))
    for task in document.tasks:
        for start, end in ((task.span.start, task.text_span.start), (task.text_span.end, task.span.end)):
            units[start:end] = b"\x01" * (end - start)
    plain = [(letter, place) for letter, place in _plain(text, Span(0, len(text))) if not units[place]]
    letters, places = "".join(letter for letter, _ in plain), [place for _, place in plain]
    behind_mark = [False] + [_CLAUSE_END.search(text, place + 1, after) is not None for place, after in pairwise(places)]
    return _Letters(letters, places, [owners[place] for place in places], behind_mark)


def _stretches(first: _Letters, second: _Letters) -> Iterator[Sequence[_Run]]:
    """The chains of runs that are long and close enough."""
    for found in _chains(first, second):
        chain = _before_other_figure(found, first, second)
        if not chain:
            continue
        agreeing = sum(run.length for run in chain)
        longer = max(chain[-1].first - chain[0].first, chain[-1].second - chain[0].second) + chain[-1].length
        if agreeing >= SHORTEST and agreeing >= LEAST * longer:
            yield chain


def _runs(first: str, second: str) -> Iterator[_Run]:
    """The longest agreeing run at each place of `first` that none before it covers; among equals the one nearest behind the run before."""
    where: dict[str, list[int]] = {}
    for at in range(len(second) - SHINGLE + 1):
        where.setdefault(second[at : at + SHINGLE], []).append(at)
    position, expected = 0, 0
    while position <= len(first) - SHINGLE:
        candidates = where.get(first[position : position + SHINGLE], [])
        if len(candidates) > _COMMON:
            candidates = [at for at in candidates if 0 <= at - expected <= GAP]
        runs = [_Run(position, at, _agreeing(first, second, position, at)) for at in candidates]
        if not runs:
            position += 1
            continue
        best = max(runs, key=lambda run: (run.length, -abs(run.second - expected)))
        yield best
        position += best.length
        expected = best.second + best.length


def _agreeing(first: str, second: str, at: int, other: int) -> int:
    length = SHINGLE
    while at + length < len(first) and other + length < len(second) and first[at + length] == second[other + length]:
        length += 1
    return length


def _before_other_figure(chain: Sequence[_Run], first: _Letters, second: _Letters) -> Sequence[_Run]:
    """The chain without the clause in which it breaks off because the documents go on with different figures."""
    last = chain[-1]
    end, other_end = last.first + last.length, last.second + last.length
    if not (first.text[end : end + 1].isdigit() and second.text[other_end : other_end + 1].isdigit()):
        return chain
    clause = next((at for at in range(end, chain[0].first, -1) if first.begins_clause[at]), chain[0].first)
    kept = [run for run in chain if run.first + SHINGLE <= clause]
    if kept:
        cut = kept[-1]
        kept[-1] = _Run(cut.first, cut.second, min(cut.length, clause - cut.first))
    return kept


def _chains(first: _Letters, second: _Letters) -> Iterator[Sequence[_Run]]:
    """Runs that follow each other in both texts with small gaps; a figure in a gap parts them, since other figures say other things."""
    chain: list[_Run] = []
    for run in _runs(first.text, second.text):
        if chain:
            last = chain[-1]
            start, other = last.first + last.length, last.second + last.length
            small = 0 <= run.first - start <= GAP and 0 <= run.second - other <= GAP
            if not small or _figure_in(first.text[start : run.first] + second.text[other : run.second]):
                yield chain
                chain = []
        chain.append(run)
    if chain:
        yield chain


def _figure_in(text: str) -> bool:
    return any(character.isdigit() for character in text)
