"""Which reading answers a question, and how likely it does: two linear models over a few features, trained on the `tune` questions.

The weights lie in `rag/data/ranking.json`; `judian eval train` makes them anew.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.types import Reading, Via
from index.segment import normal
from rag.question import Aim, Question, aim_of
from rag.types import ReadingHit

WEIGHTS = Path(__file__).parent / "data" / "ranking.json"

FEATURES = (
    "cosine",
    "learnt",
    "overlap",
    "covered",
    "missing",
    "rank",
    "year_exact",
    "year_within",
    "year_other",
    "year_unsaid",
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
    "more_recent",
)

_HOW_MANY = re.compile(r"多少|几(?!乎)|多大|多高|多长|多远|多快|啥数|率|比重|占比|增速|增幅|数量|规模|总量")
_COUNTED = re.compile(r"(?:多少|几)(?:万|亿|个?百)?([个家户名人项件所座条公亩辆吨元次场处期台部套天年篇章节类种批位倍成米平斤床张块])")
_PERCENT = re.compile(r"增速|增幅|增长(?:了)?多少|涨了?(?:多少|几)|增长率|比重|占比|比例|率|百分|几个点|降了?多少|下降多少|提高多少")
_SEVERAL = re.compile(r"哪些|哪几|分别|有啥|包括|都有|列|几[个大项类条]|各")
_NAME = re.compile(r"谁|什么|啥|哪|叫|指")
_FIGURE = re.compile(r"\d")
_WORKED_OUT = re.compile(
    r"合计|一共|总共|共计|加起来|加一?[起块]|加总|之和|合[起到在]|差|多[了出]|少了|多多少|少多少|还剩|剩下|净增|几[个项条处座家所类种](?!百分)|最[多少大小高低快慢]"
)
_MONEY = re.compile(r"多少钱|资金|经费|保费|投入多少|投了?多少|投资多少|花[了多]?少?|多少亿(?!吨|斤|公斤|立方|千瓦|次|件|人)")
_YES_NO = re.compile(r"[吗没否]|是不是|有无|对不|能不能|算不算|会不会|么[？?]?$")


SURENESS = (
    "score",
    "margin",
    "cosine",
    "learnt",
    "overlap",
    "covered",
    "missing",
    "year_other",
    "figure_wanted_missing",
    "money_missing",
)
"""What tells whether the best reading answers at all."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of standardised values."""

    weights: tuple[float, ...]
    bias: float
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __call__(self, values: Sequence[float]) -> float:
        total = self.bias
        for value, weight, mean, scale in zip(values, self.weights, self.mean, self.scale, strict=True):
            total += weight * (value - mean) / scale
        return total


@dataclass(frozen=True, slots=True)
class Scored:
    """A reading and the probability that it answers."""

    hit: ReadingHit
    probability: float


@dataclass(frozen=True, slots=True)
class Ranker:
    """`order` sets the readings found against each other (a conditional logit), `sureness` tells how likely the best of them answers."""

    order: Linear
    sureness: Linear

    def rank(self, text: str, question: Question, hits: Sequence[ReadingHit], latest: int) -> list[Scored]:
        """The readings found for a question or a part of it, `text`, best first; `latest` is the newest year of the documents."""
        values = [features(text, question.years, question.aim, hit, rank, latest) for rank, hit in enumerate(hits)]
        scores = [self.score(of_hit) for of_hit in values]
        order = sorted(range(len(hits)), key=lambda number: (-scores[number], hits[number].reading.id))
        answers = [normal(hit.reading.answer) for hit in hits]
        told = [self.probability(values[number], scores[number], lead(place, order, scores, answers)) for place, number in enumerate(order)]
        # Readings that say the same vouch for each other.
        surest = max((sure for number, sure in zip(order, told, strict=True) if answers[number] == answers[order[0]]), default=0.0)
        return [Scored(hits[number], sure if place else surest) for place, (number, sure) in enumerate(zip(order, told, strict=True))]

    def score(self, values: Sequence[float]) -> float:
        """A reading's standing among those found for the same question; only differences mean anything."""
        return self.order(values)

    def probability(self, values: Sequence[float], score: float, margin: float) -> float:
        """The probability, 0 to 1, that a reading answers; `margin` is its lead over the next that says something else."""
        named = dict(zip(FEATURES, values, strict=True)) | {"score": score, "margin": margin}
        return logistic(self.sureness([named[name] for name in SURENESS]))


def lead(place: int, order: Sequence[int], scores: Sequence[float], answers: Sequence[str]) -> float:
    """How far the reading at a place of the order lies before what says something else: the best of those for the first, the first for the others."""
    number = order[place]
    if place:
        return scores[number] - scores[order[0]]
    return scores[number] - next((scores[n] for n in order if answers[n] != answers[number]), scores[order[-1]])


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def load_ranker(path: Path = WEIGHTS) -> Ranker:
    """Raises ValueError when the file holds weights of other features."""
    stored = json.loads(path.read_text("utf-8"))
    parts = {}
    for name, wanted in (("order", FEATURES), ("sureness", SURENESS)):
        part = stored[name]
        if tuple(part["features"]) != wanted:
            raise ValueError(f"{path} holds weights of other features: run judian eval train")
        parts[name] = Linear(tuple(part["weights"]), part["bias"], tuple(part["mean"]), tuple(part["scale"]))
    return Ranker(**parts)


def features(text: str, years: Sequence[int], aim: Aim, hit: ReadingHit, rank: int, latest: int) -> tuple[float, ...]:
    """The features of a reading for a question, in the order of FEATURES; `rank` counts from 0, `latest` is the newest year of the documents."""
    reading = hit.reading
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
    exact = bool(years) and set(reading.years) == set(years)
    within = bool(years) and not exact and bool(set(reading.years) & set(years))
    return (
        hit.cosine,
        hit.learnt,
        hit.overlap,
        hit.covered,
        hit.missing,
        1 / (1 + rank),
        exact,
        within,
        bool(years) and bool(reading.years) and not exact and not within,
        bool(years) and not reading.years,
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
        reading.type == "yesno" and not re.search(r"[吗没不否]", text),
        reading.type == "yesno" and bool(_YES_NO.search(text)),
        worked_out and bool(reading.computed),
        not worked_out and bool(reading.computed),
        worked_out and not reading.computed,
        bool(_MONEY.search(text)) and "元" not in answer,
        min(len(answer), 200) / 200,
        0.0 if years or not reading.years else max(0, 3 - (latest - min(max(reading.years), latest))) / 3,
    )


def _reading_aim(reading: Reading) -> Aim:
    aim = aim_of(reading.question)
    return aim if aim in (Aim.TARGET, Aim.RESULT) else Aim.ANY
