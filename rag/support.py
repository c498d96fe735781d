"""Whether a sentence stands in what it cites: its figures with unit and bound, dates, names and places, and each figure with its year and its thing.

Nothing here asks a model, and nothing depends on who wrote the sentence. Reasons are Chinese: a model that is asked again reads them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from corpus.figures import Date, Expression, Figure, FigureKind, find_dates, find_expressions, normal, same_figure, years_in
from index.segment import bigrams
from rag.check import unsupported
from rag.guard import places_in
from rag.question import content_of
from rag.types import Mode, Statement
from rag.verify import unsupported_figures

WORDS_KNOWN = 0.5
"""Share of a sentence's character pairs that must stand in what it cites or in the question."""

SAME_SUBJECT = 0.5
"""Share of the words around a figure from which another figure's surroundings are the ones that are meant."""

AT_LEAST_HALF_AS_MUCH = 0.5
"""What the figure's own surroundings must then share, of what the other's do."""


@dataclass(frozen=True)
class Proof:
    """What a citation proves with: `text` is the passage, `around` its headings, table header, title and date.

    `years` are all that the passage speaks of, `section_years` those of the nearest heading that names any; a table's row has none of these.
    """

    text: str
    around: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    section_years: tuple[int, ...] = ()

    @cached_property
    def everything(self) -> tuple[str, ...]:
        dates = [date for text in (self.text, *self.around) for date in find_dates(text)]
        # A period of years does not prove a year of it.
        of_periods = {year for date in dates if len(date.years) > 1 for year in date.years}
        alone = {year for date in dates if len(date.years) == 1 for year in date.years}
        return (self.text, *self.around, *(f"{year}年" for year in self.years if year not in of_periods - alone))


def unproved(sentence: str, proofs: Sequence[Proof], question: str = "", years: Sequence[int] = ()) -> tuple[str, ...]:
    """Why a sentence may not be said on these proofs; nothing when it may.

    `years` are those the question names: a figure without a year of its own is held to be of the question's.
    """
    quotes = [text for proof in proofs for text in proof.everything]
    bare = unsupported_figures(Statement(sentence, (), 1.0, Mode.LLM), quotes)
    reasons = [*unsupported(sentence, quotes), *(f"数字“{figure}”不在引文中" for figure in bare)]
    reasons += _strange_names(sentence, quotes, question)
    reasons += _other_years(sentence, proofs, years)
    reasons += _other_things(sentence, proofs)
    if not reasons and share_known(sentence, [*quotes, question]) < WORDS_KNOWN:
        reasons.append("这句话多半不是引文所说")
    return tuple(dict.fromkeys(reasons))


def share_known(sentence: str, texts: Sequence[str]) -> float:
    """Share of the sentence's character pairs that stand in the texts."""
    pairs = bigrams(sentence)
    known = {pair for text in texts for pair in bigrams(text)}
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else 1.0


def gainsays(sentence: str, proofs: Sequence[Proof], verified: str, years: Sequence[int]) -> str:
    """Why a sentence speaks against an answer that is sure: a figure of the same kind in the other's place, out of a source without that one.

    A sentence about another year than the question's (`years`) speaks of something else. Empty where nothing stands against it.
    """
    own, sure = _counted(sentence), _counted(verified)
    named = set(years_in(sentence))
    if named and years and not named & set(years):
        return ""
    for figure in own:
        rivals = [other for other in sure if _comparable(figure, other)]
        if not rivals or any(same_figure(one, other) for one in own for other in rivals):
            continue
        held = (found for proof in proofs for found in _counted(proof.text))
        if not any(same_figure(found, other) for found in held for other in rivals):
            return f"“{figure.surface}”与已核实的“{rivals[0].surface}”不一致"
    return ""


_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[./:@_-]+[A-Za-z0-9]+)*")
_SEGMENT_END = re.compile(r"[，、；。！？,;!?\n\t]")
_SENTENCE_END = re.compile(r"[。！？!?\n]")
_EMPTY_WORDS = re.compile(
    r"增长|下降|增加|减少|提高|降低|达到|达|为|其中|分别|同比|左右|以上|以下|突破|超过|约|增速|增幅|共|的|了|是|和|与|到|年|末|底|以|上|个|比"
)
_COMPARED = re.compile(r"(?:比|较|相比|高于|低于|与|从)\s*$")


def _strange_names(sentence: str, quotes: Sequence[str], question: str) -> Iterator[str]:
    """Places, and words in Latin letters (addresses among them), that stand neither in the quotes nor, for the letters, in the question."""
    known = normal("|".join(quotes))
    for place in places_in(sentence):
        if normal(place) not in known:
            yield f"地名“{place}”不在引文中"
    for word in _LATIN.findall(sentence):
        if normal(word) not in known and normal(word) not in normal(question):
            yield f"“{word}”不在引文中"


def _other_years(sentence: str, proofs: Sequence[Proof], asked: Sequence[int]) -> Iterator[str]:
    """Figures that what is cited states of another year."""
    for figure in _counted(sentence):
        wanted = _year_before(sentence, figure.span.start) or (tuple(asked) if not years_in(sentence) else ())
        if not wanted:
            continue
        found = [_years_at(proof, other) for proof in proofs for other in _counted(proof.text) if same_figure(figure, other)]
        if found and all(years and not set(years) & set(wanted) for years in found):
            said = "、".join(f"{year}年" for year in sorted(set(found[0]))[:3])
            yield f"“{figure.surface}”在引文中说的是{said}，不是{wanted[0]}年"


def _years_at(proof: Proof, figure: Figure) -> tuple[int, ...]:
    """The years that a figure of a proof is of: those named before it in its sentence, else those of its section, else of its passage."""
    text = proof.text
    start = max((match.end() for match in _SENTENCE_END.finditer(text, 0, figure.span.start)), default=0)
    named = _year_before(text[start : figure.span.end], figure.span.start - start)
    return named or proof.section_years or (*proof.years, *(year for words in proof.around for year in years_in(words)))


def _year_before(text: str, position: int) -> tuple[int, ...]:
    """The years of the last date before a place, those it is only compared with left out."""
    dates = [found for found in _expressions(text) if isinstance(found, Date) and found.years and found.span.start < position]
    plain = [date for date in dates if not _COMPARED.search(text[: date.span.start])]
    return plain[-1].years if plain else ()


def _other_things(sentence: str, proofs: Sequence[Proof]) -> Iterator[str]:
    """Figures that what is cited states of one thing and the sentence of another, which has a figure of its own there."""
    for figure in _counted(sentence):
        subject = frozenset(bigrams(_around(sentence, figure)))
        if not subject:
            continue
        own, other = 0.0, 0.0
        for proof in proofs:
            for found in _counted(proof.text):
                shared = len(subject & frozenset(bigrams(_around(proof.text, found)))) / len(subject)
                if same_figure(figure, found):
                    own = max(own, shared)
                elif _comparable(figure, found):
                    other = max(other, shared)
        if other >= SAME_SUBJECT and own < AT_LEAST_HALF_AS_MUCH * other:
            yield f"“{figure.surface}”在引文中说的是别的事"


def _around(text: str, figure: Figure) -> str:
    """The words of a figure's segment, without figures, years and words that say nothing; with the segment before where there are none."""
    start, end = figure.span.start, figure.span.end
    match = _SEGMENT_END.search(text, end)
    stop = match.start() if match else len(text)
    ends = [match.end() for match in _SEGMENT_END.finditer(text, max(0, start - 120), start)]
    for begin in (*reversed(ends), max(0, start - 120)):
        words = _bare_words(text[begin:stop])
        if len(words) >= 2:
            return words
    return ""


def _bare_words(text: str) -> str:
    for found in reversed(find_expressions(text)):
        text = text[: found.span.start] + text[found.span.end :]
    return _EMPTY_WORDS.sub("", re.sub(r"[\W\d]", "", content_of(text)))


def _comparable(figure: Figure, other: Figure) -> bool:
    return figure.kind is other.kind and figure.unit == other.unit


@lru_cache(maxsize=512)
def _expressions(text: str) -> tuple[Expression, ...]:
    return find_expressions(text)


def _counted(text: str) -> list[Figure]:
    """The figures that count or measure: no codes, no places in an order."""
    return [found for found in _expressions(text) if isinstance(found, Figure) and found.kind not in (FigureKind.CODE, FigureKind.ORDINAL)]
