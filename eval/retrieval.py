"""Retrieval on public data: the project's own retriever over a Chinese reading-comprehension file in the shape of SQuAD.

Every paragraph is a text to be found, every question should find its own paragraph. CMRC 2018 (Cui et al. 2019) has this shape.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from corpus.errors import JudianError
from eval.types import DEPTHS
from index.hybrid import HybridIndex, fuse
from index.segment import Segmenter
from index.types import Encoder, Progress

FUSION = "fusion"
DEPTH = 100
"""How far down a ranking a paragraph is looked for; one further down counts as not found."""


class SquadError(JudianError):
    """A file that does not have the shape of SQuAD."""


@dataclass(frozen=True, slots=True)
class Squad:
    """Distinct paragraphs, and questions each with the number of its paragraph."""

    paragraphs: tuple[str, ...]
    questions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LegScore:
    """How well one leg ranks: recall at 1, 5 and 10 (`DEPTHS`) and the mean reciprocal rank."""

    leg: str
    recall: tuple[float, ...]
    reciprocal_rank: float


class _Question(BaseModel):
    question: str


class _Paragraph(BaseModel):
    context: str
    qas: list[_Question]


class _Article(BaseModel):
    paragraphs: list[_Paragraph]


class _File(BaseModel):
    data: list[_Article]


def load_squad(file: Path, limit: int = 0) -> Squad:
    """The paragraphs and questions of a file; with a limit, that many questions spread evenly over it. Raises SquadError."""
    try:
        read = _File.model_validate(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as exc:
        raise SquadError(f"{file} 不是 SQuAD 格式的 JSON（data → paragraphs → context、qas → question）：{str(exc)[:200]}") from exc
    numbers: dict[str, int] = {}
    questions = []
    for paragraph in (paragraph for article in read.data for paragraph in article.paragraphs):
        number = numbers.setdefault(paragraph.context, len(numbers))
        questions += [(asked.question, number) for asked in paragraph.qas]
    if not questions:
        raise SquadError(f"{file} 中没有问题。")
    if 0 < limit < len(questions):
        questions = [questions[row] for row in np.linspace(0, len(questions) - 1, limit).astype(int)]
    return Squad(tuple(numbers), tuple(questions))


def score_retrieval(squad: Squad, encoder: Encoder, progress: Progress | None = None) -> tuple[LegScore, ...]:
    """The scores of every leg of a hybrid index over the paragraphs, and of their fusion."""
    segmenter = Segmenter()
    index = HybridIndex.build(squad.paragraphs, encoder.encode_passages(squad.paragraphs, progress), segmenter)
    vectors = encoder.encode_queries([question for question, _ in squad.questions], progress)
    ranks: dict[str, list[int | None]] = {}
    for row, (question, wanted) in enumerate(squad.questions):
        rankings = index.rankings(question, vectors[row : row + 1], segmenter, DEPTH)
        for leg, ranking in [*rankings.items(), (FUSION, fuse(rankings)[:DEPTH])]:
            found = (rank for rank, item in enumerate(ranking, start=1) if item.row == wanted)
            ranks.setdefault(leg, []).append(next(found, None))
    return tuple(leg_score(leg, found) for leg, found in ranks.items())


def leg_score(leg: str, ranks: Sequence[int | None]) -> LegScore:
    """Recall and mean reciprocal rank from the ranks (1 is best) at which the right paragraphs were found, None for not at all."""
    recall = tuple(sum(rank is not None and rank <= depth for rank in ranks) / len(ranks) for depth in DEPTHS)
    return LegScore(leg, recall, sum(1 / rank for rank in ranks if rank) / len(ranks))
