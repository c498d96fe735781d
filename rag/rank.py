"""Which reading answers a question or one of its parts, and how likely it does: linear models over a few features, trained on `tune` questions.

The weights lie in `rag/data/ranking.json`, those for statements in `rag/data/ranking-statements.json`; `judian eval train` makes them anew.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from corpus.types import Place, Reading, Via
from index.segment import normal
from rag.guard import WEIGHED
from rag.question import Aim, Question, aim_of, asks_yes_or_no
from rag.types import ReadingHit

WEIGHTS = Path(__file__).parent / "data" / "ranking.json"
STATEMENT_WEIGHTS = WEIGHTS.with_name("ranking-statements.json")

_SIMILARITY = (
    "cosine",
    "learnt",
    "matched",
    "least_matched",
    "overlap",
    "covered",
    "missing",
    "unsaid",
    "unknown",
    "rank",
)
"""How like the question a reading is."""

_YEARS = (
    "year_exact",
    "year_within",
    "year_other",
    "year_unsaid",
)

_CONTENT = (
    "aim_same",
    "aim_other",
    "figure_wanted_given",
    "figure_wanted_missing",
    "unit_same",
    "unit_other",
    "percent_wanted_given",
    "percent_wanted_missing",
    "percent_unwanted",
    "list_wanted_given",
    "list_unwanted",
    "name_wanted_figure",
    "measure",
    "outline",
    "yes_no_unasked",
    "yes_no_asked",
    "worked_out_wanted",
    "worked_out_unwanted",
    "worked_out_missing",
    "money_missing",
    "long_answer",
    "says_more",
    "says_less",
)
"""Whether what an answer holds is what the question wants; nothing of this of a reading that tells what the documents leave out."""

_CONFLICTS = {conflict: f"conflict_{conflict}" for conflict in WEIGHED}
"""What speaks against a reading, each as a feature of its own."""

FEATURES = (*_SIMILARITY, *_YEARS, *_CONTENT, "more_recent", "omission", *_CONFLICTS.values())

_HOW_MANY = re.compile(r"多少|几(?!乎)|多大|多高|多长|多远|多快|啥数|率|比重|占比|增速|增幅|数量|规模|总量")
_COUNTED = re.compile(r"(?:多少|几)(?:万|亿|个?百)?([个家户名人项件所座条公亩辆吨元次场处期台部套天年篇章节类种批位倍成米平斤床张块])")
_PERCENT = re.compile(r"增速|增幅|增长(?:了)?多少|涨了?(?:多少|几)|增长率|比重|占比|比例|率|百分|几个点|降了?多少|下降多少|提高多少")
_SEVERAL = re.compile(r"哪些|哪几|分别|有啥|包括|都有|列|几[个大项类条]|各")
_NAME = re.compile(r"谁|什么|啥|哪|叫|指")
_FIGURE = re.compile(r"\d")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THING = re.compile(r"多少|(?<![十好])几(?![十乎])|哪|什么|啥|谁|怎|多[长大高远快]")
_MOST_THINGS = 4
_WORKED_OUT = re.compile(
    r"合计|一共|总共|共计|加起来|加一?[起块]|加总|之和|合[起到在]|差|多[了出]|(?<!多)少了|多多少|少多少|还剩|剩下|净增|几[个项条处座家所类种](?!百分)|最[多少大小高低快慢]"
)
_MONEY = re.compile(r"多少钱|资金|经费|保费|投入多少|投了?多少|投资多少|花[了多]?少?|多少亿(?!吨|斤|公斤|立方|千瓦|次|件|人)")


SURENESS = (
    "score",
    "margin",
    "entropy",
    "above_mean",
    "cosine",
    "learnt",
    "matched",
    "least_matched",
    "overlap",
    "covered",
    "missing",
    "unsaid",
    "unknown",
    "year_other",
    "figure_wanted_missing",
    "money_missing",
    "omission",
    *_CONFLICTS.values(),
)
"""What tells whether the best reading answers at all: of its features, and of `standings`."""

PART_FEATURES = (*FEATURES, "whole_probability", "whole_lead", "at_whole", "near_whole", "at_others", "near_others")
"""What tells of a reading for one of several things asked: beside its own, how it stands for the whole question, and how near to its quote those
of the readings found for the whole question and for the other things lie: who asks several things at once mostly has one place in mind."""

PART_SURENESS = (
    "score",
    "margin",
    "cosine",
    "learnt",
    "matched",
    "least_matched",
    "overlap",
    "covered",
    "missing",
    "year_other",
    "figure_wanted_missing",
    "money_missing",
    "omission",
    *_CONFLICTS.values(),
    "whole_probability",
    "whole_lead",
    "near_whole",
    "near_others",
)
"""What tells whether the best reading answers one of several things asked."""

AT, NEAR = 150, 800
"""Characters between two quotes that stand in one sentence or in one passage."""

SHORTEST_HELD = 3
"""Characters of an answer, at least, that can be a part of another one."""

Agreements: TypeAlias = Sequence[Sequence[bool]]
"""Which of some readings agree, by their places in a list."""

NOT_FOUND = -8.0
"""The lead of a reading that was not found for the whole question; no other is taken to be lower."""

RELEVANCE = ("highest_cosine", "unknown")
"""What tells whether a question concerns the documents at all: the similarity of the most similar reading found, and the share of the question's
character pairs that no document knows."""

MODELS = {
    "order": FEATURES,
    "sureness": SURENESS,
    "part_order": PART_FEATURES,
    "part_sureness": PART_SURENESS,
    "relevance": RELEVANCE,
}
"""The linear models and what each is over."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of standardised values; one that is not known (NaN) counts as the mean."""

    weights: tuple[float, ...]
    bias: float
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __call__(self, values: Sequence[float]) -> float:
        total = self.bias
        for value, weight, mean, scale in zip(values, self.weights, self.mean, self.scale, strict=True):
            if not math.isnan(value):
                total += weight * (value - mean) / scale
        return total


@dataclass(frozen=True, slots=True)
class Scored:
    """A reading, the probability that it answers, and its standing among those found for the same question."""

    hit: ReadingHit
    probability: float
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things asked, and the readings that may answer it."""

    text: str
    question: Question
    hits: tuple[ReadingHit, ...]


@dataclass(frozen=True, slots=True)
class Ranker:
    """`order` sets the readings found against each other (a conditional logit), `sureness` tells how likely the best of them answers.

    `part_order` and `part_sureness` do the same for one of several things asked. `relevance` tells whether a question concerns the documents.
    """

    order: Linear
    sureness: Linear
    part_order: Linear
    part_sureness: Linear
    relevance: Linear

    def relevant(self, whole: Sequence[Scored]) -> float:
        """The probability that a question concerns what the documents are about, told by the readings found for it, one at least."""
        return logistic(self.relevance((max(scored.hit.cosine for scored in whole), whole[0].hit.unknown)))

    def rank(self, text: str, question: Question, hits: Sequence[ReadingHit], latest: int) -> list[Scored]:
        """The readings found for a question, `text`, best first; `latest` is the newest year of the documents."""
        values = [features(text, question.years, question.aim, hit, rank, latest) for rank, hit in enumerate(hits)]
        return _ranked(self.order, self.sureness, FEATURES, SURENESS, hits, values)

    def rank_parts(self, parts: Sequence[Part], whole: Sequence[Scored], latest: int) -> list[list[Scored]]:
        """The same for each of several things asked; `whole` are the readings found for the whole question."""
        return [
            _ranked(self.part_order, self.part_sureness, PART_FEATURES, PART_SURENESS, part.hits, values)
            for part, values in zip(parts, self.part_values(parts, whole, latest), strict=True)
        ]

    def part_values(self, parts: Sequence[Part], whole: Sequence[Scored], latest: int) -> list[list[tuple[float, ...]]]:
        """For each part the features of its readings, in the order of PART_FEATURES."""
        own = [[features(p.text, p.question.years, p.question.aim, hit, rank, latest) for rank, hit in enumerate(p.hits)] for p in parts]
        found = [_placed(part.hits, _shares([self.order(of_hit) for of_hit in values])) for part, values in zip(parts, own, strict=True)]
        of_whole = _placed([scored.hit for scored in whole], _shares([scored.score for scored in whole]))
        best = max((scored.score for scored in whole), default=0.0)
        told = {scored.hit.reading.id: (scored.probability, max(NOT_FOUND, scored.score - best)) for scored in whole}
        values = []
        for thing, (part, of_part) in enumerate(zip(parts, own, strict=True)):
            others = [*found[:thing], *found[thing + 1 :]]
            values.append(
                [
                    (
                        *of_hit,
                        *told.get(hit.reading.id, (0.0, NOT_FOUND)),
                        *(_near(hit.reading, of_whole, reach) for reach in (AT, NEAR)),
                        *(max((_near(hit.reading, other, reach) for other in others), default=0.0) for reach in (AT, NEAR)),
                    )
                    for hit, of_hit in zip(part.hits, of_part, strict=True)
                ]
            )
        return values


_Placed: TypeAlias = Sequence[tuple[str, Place, float]]
"""Readings by their id, where their first quote stands, and their share of the trust."""


def _placed(hits: Sequence[ReadingHit], shares: Sequence[float]) -> _Placed:
    return [(hit.reading.id, hit.reading.places[0], share) for hit, share in zip(hits, shares, strict=True) if hit.reading.places]


def _near(reading: Reading, found: _Placed, reach: int) -> float:
    """Share of the trust that lies with readings within reach of a reading, it itself left out."""
    if not reading.places:
        return 0.0
    here = reading.places[0]
    return sum(
        share
        for other, place, share in found
        if other != reading.id and place.document_id == here.document_id and abs(place.span.start - here.span.start) < reach
    )


def _shares(scores: Sequence[float]) -> list[float]:
    """The softmax of some scores."""
    if not scores:
        return []
    top = max(scores)
    raised = [math.exp(score - top) for score in scores]
    total = sum(raised)
    return [value / total for value in raised]


def _ranked(
    order: Linear,
    sureness: Linear,
    names: Sequence[str],
    sure: Sequence[str],
    hits: Sequence[ReadingHit],
    values: Sequence[Sequence[float]],
) -> list[Scored]:
    """Readings by their standing, best first, each with the probability that it answers."""
    scores = [order(of_hit) for of_hit in values]
    places = sorted(range(len(hits)), key=lambda number: (-scores[number], hits[number].reading.id))
    same = agreements([hit.reading for hit in hits])
    told = []
    for number, standing in zip(places, standings(places, scores, [hit.cosine for hit in hits], same), strict=True):
        named = dict(zip(names, values[number], strict=True)) | standing
        told.append(logistic(sureness([named[name] for name in sure])))
    # Readings that say the same vouch for each other.
    surest = max((own for number, own in zip(places, told, strict=True) if same[places[0]][number]), default=0.0)
    return [
        Scored(hits[number], own if place else surest, scores[number]) for place, (number, own) in enumerate(zip(places, told, strict=True))
    ]


def agreements(readings: Sequence[Reading]) -> Agreements:
    """Which of some readings agree with each other: the answer of one holds that of the other, as words, or as figures out of the same words."""
    answers = [normal(reading.answer) for reading in readings]
    figures = [frozenset(_NUMBER.findall(answer)) - {str(year) for year in r.years} for answer, r in zip(answers, readings, strict=True)]

    def agree(one: int, other: int) -> bool:
        if _holds(answers[one], answers[other]) or _holds(answers[other], answers[one]):
            return True
        less, more = sorted((figures[one], figures[other]), key=len)
        return bool(less) and less <= more and overlap(readings[one], readings[other])

    same = [[True] * len(readings) for _ in readings]
    for one in range(len(readings)):
        for other in range(one):
            same[one][other] = same[other][one] = agree(one, other)
    return same


def _holds(longer: str, shorter: str) -> bool:
    """Whether an answer says what another says; a figure only as a whole."""
    if longer == shorter:
        return True
    if len(shorter) < SHORTEST_HELD:
        return False
    at = longer.find(shorter)
    return at >= 0 and not (shorter[0].isdigit() and at > 0 and longer[at - 1] in "0123456789.")


def overlap(one: Reading, other: Reading) -> bool:
    """Whether two readings quote the same words."""
    return any(left.document_id == right.document_id and left.span.overlaps(right.span) for left in one.places for right in other.places)


def standings(order: Sequence[int], scores: Sequence[float], cosines: Sequence[float], same: Agreements) -> list[dict[str, float]]:
    """What the readings found for one question tell of each other, best first: a reading's score, its lead over the next that says something else,
    the entropy of the shares of what they say (low where one answer stands out), and how far its similarity lies above the mean."""
    heads: dict[int, float] = {}
    for number, share in zip(order, _shares([scores[number] for number in order]), strict=True):
        head = next((other for other in heads if same[other][number]), number)
        heads[head] = heads.get(head, 0.0) + share
    entropy = -sum(share * math.log(share) for share in heads.values() if share)
    mean = sum(cosines) / max(1, len(cosines))
    return [
        {
            "score": scores[number],
            "margin": lead(place, order, scores, same),
            "entropy": entropy,
            "above_mean": cosines[number] - mean,
        }
        for place, number in enumerate(order)
    ]


def lead(place: int, order: Sequence[int], scores: Sequence[float], same: Agreements) -> float:
    """How far the reading at a place of the order lies before what says something else: the best of those for the first, the first for the others."""
    number = order[place]
    if place:
        return scores[number] - scores[order[0]]
    return scores[number] - next((scores[n] for n in order if not same[n][number]), scores[order[-1]])


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@dataclass(frozen=True, slots=True)
class Rankers:
    """What ranks readings, and what ranks the statements of documents that nobody has read: a statement is no question, and hardly ever so near."""

    readings: Ranker
    statements: Ranker


def load_rankers() -> Rankers:
    """The rankers that come with the package. Raises ValueError as `load_ranker` does."""
    return Rankers(load_ranker(WEIGHTS), load_ranker(STATEMENT_WEIGHTS))


def load_ranker(path: Path = WEIGHTS) -> Ranker:
    """Raises ValueError when the file holds weights of other features."""
    stored = json.loads(path.read_text("utf-8"))
    parts = {}
    for name, wanted in MODELS.items():
        part = stored.get(name, {"features": ()})
        if tuple(part["features"]) != wanted:
            raise ValueError(f"{path} holds weights of other features: run judian eval train")
        parts[name] = Linear(tuple(part["weights"]), part["bias"], tuple(part["mean"]), tuple(part["scale"]))
    return Ranker(**parts)


def features(text: str, years: Sequence[int], aim: Aim, hit: ReadingHit, rank: int, latest: int) -> tuple[float, ...]:
    """The features of a reading for a question, in the order of FEATURES; `rank` counts from 0, `latest` is the newest year of the documents."""
    reading = hit.reading
    exact = bool(years) and set(reading.years) == set(years)
    within = bool(years) and not exact and bool(set(reading.years) & set(years))
    return (
        hit.cosine,
        hit.learnt,
        hit.match.mean if hit.match else math.nan,
        hit.match.least if hit.match else math.nan,
        hit.overlap,
        hit.covered,
        hit.missing,
        hit.unsaid,
        hit.unknown,
        1 / (1 + rank),
        exact,
        within,
        bool(years) and bool(reading.years) and not exact and not within,
        bool(years) and not reading.years,
        *((0.0,) * len(_CONTENT) if reading.leaves_out else _content_features(text, aim, reading)),
        0.0 if years or not reading.years else max(0, 3 - (latest - min(max(reading.years), latest))) / 3,
        reading.leaves_out,
        *(conflict in hit.conflicts for conflict in _CONFLICTS),
    )


def _content_features(text: str, aim: Aim, reading: Reading) -> tuple[float, ...]:
    """In the order of _CONTENT."""
    answer = reading.answer
    digits = bool(_FIGURE.search(answer))
    how_many = bool(_HOW_MANY.search(text))
    counted = {match[1] for match in _COUNTED.finditer(text)}
    percent_wanted = bool(_PERCENT.search(text))
    percent = "%" in answer or "百分" in answer
    several = bool(_SEVERAL.search(text))
    listed = reading.type == "list" or len(re.findall(r"[、；，]", answer)) >= 2
    own_aim = _reading_aim(reading)
    same_aim = aim in (Aim.TARGET, Aim.RESULT) and own_aim in (Aim.TARGET, Aim.RESULT)
    worked_out = bool(_WORKED_OUT.search(text))
    asked = min(_MOST_THINGS, max(1, len(_THING.findall(text))))
    said = min(_MOST_THINGS, answer.count("；") + 1)
    return (
        same_aim and aim is own_aim,
        same_aim and aim is not own_aim,
        how_many and digits,
        how_many and not digits,
        bool(counted) and any(unit in answer for unit in counted),
        bool(counted) and not any(unit in answer for unit in counted),
        percent_wanted and percent,
        percent_wanted and not percent,
        how_many and not percent_wanted and percent and bool(counted),
        several and listed,
        listed and not several,
        bool(_NAME.search(text)) and not how_many and digits,
        reading.via is Via.MEASURE,
        reading.via is Via.OUTLINE,
        reading.type == "yesno" and not asks_yes_or_no(text),
        reading.type == "yesno" and asks_yes_or_no(text),
        worked_out and bool(reading.computed),
        not worked_out and bool(reading.computed),
        worked_out and not reading.computed,
        bool(_MONEY.search(text)) and "元" not in answer,
        min(len(answer), 200) / 200,
        max(0, said - asked) / _MOST_THINGS,
        max(0, asked - said) / _MOST_THINGS,
    )


def _reading_aim(reading: Reading) -> Aim:
    aim = aim_of(reading.question)
    return aim if aim in (Aim.TARGET, Aim.RESULT) else Aim.ANY
