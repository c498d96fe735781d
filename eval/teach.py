"""Teaching the bundled model to compare a question with readings token by token: the adapter of `index/adapter.py`, learnt from the readings.

Every wording of a reading's question is asked for, and the reading itself, told by its other wordings, its answer and its quotes, is to be found
among the readings of the same batch and some that lie near it but say something else. The loss is the contrastive one of InfoNCE (van den Oord et al.
2018) over the similarity of `index/matcher.py`, the mean over a question's tokens of the best cosine to a token of the reading. Only the changes of
low rank and the projection learn; questions of evaluation take no part.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from corpus.types import Reading, Via
from index.adapter import Adapter
from index.bundled import BERT_NAMES, PROMPTS, TOKENIZER_FILE
from index.matcher import PROMPT_TOKENS, reading_text
from index.segment import normal
from index.types import Encoder, Progress, Vectors

_NEAREST = 150
"""Wordings nearest to one among which readings that say something else are looked for."""

_NEIGHBOURS = 24
_CLOSEST = 6
_SHORTEST_PART = 3
"""Characters that an answer has at most to be no part of another one."""

_SAMPLE = 400
"""Readings from whose tokens the first projection is made."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """How the adapter is taught. `batch` wordings a step, `near` readings for each that lie near it; from layer `first` on the matrices change."""

    steps: int = 600
    batch: int = 32
    near: int = 2
    width: int = 32
    rank: int = 32
    first: int = 6
    scale: float = 2.0
    rate: float = 8e-4
    temperature: float = 0.03
    warm_up: int = 25
    longest_question: int = 64
    longest_reading: int = 112
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A wording and the number of its reading."""

    text: str
    reading: int


class LowRank(nn.Module):
    """A frozen linear layer and what is learnt beside it: two factors whose product is added to its matrix (LoRA, Hu et al. 2021)."""

    def __init__(self, frozen: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.frozen = frozen
        self.scale = scale
        self.right = nn.Parameter(torch.randn(rank, frozen.in_features) / math.sqrt(frozen.in_features))
        self.left = nn.Parameter(torch.zeros(frozen.out_features, rank))

    def forward(self, values: Tensor) -> Tensor:
        learnt = functional.linear(functional.linear(values, self.right), self.left)
        return self.frozen(values) + self.scale * learnt  # type: ignore[no-any-return]

    def factors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return (self.scale * self.left).detach().numpy(), self.right.detach().numpy()


class Student:
    """The model while it learns: frozen but for its adapter and the projection of its tokens."""

    def __init__(self, folder: Path, lesson: Lesson) -> None:
        from tokenizers import Tokenizer
        from transformers import BertModel

        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        # Frozen and without dropout, as it is loaded; only what is put beside its matrices learns.
        self._model: Any = BertModel.from_pretrained(folder)
        self._model.requires_grad_(False)
        self.learning: dict[str, LowRank] = {}
        for number in range(lesson.first, len(self._model.encoder.layer)):
            for ours, theirs in BERT_NAMES.items():
                parent, _, name = f"encoder.layer.{number}.{theirs}".rpartition(".")
                holder = self._model.get_submodule(parent)
                if isinstance(getattr(holder, name), nn.Linear):
                    layer = LowRank(getattr(holder, name), lesson.rank, lesson.scale)
                    setattr(holder, name, layer)
                    self.learning[f"l{number}.{ours}.w"] = layer
        self.projection = nn.Linear(self._model.config.hidden_size, lesson.width)

    def parameters(self) -> list[nn.Parameter]:
        """What learns."""
        return [*(factor for layer in self.learning.values() for factor in (layer.left, layer.right)), *self.projection.parameters()]

    def tokens(self, texts: Sequence[str], longest: int) -> tuple[Tensor, Tensor]:
        """The tokens (texts, tokens, width) of some texts with their prompts, of unit length, and which of them (texts, tokens) are a text's own."""
        hidden, own = self._hidden(texts, longest)
        return functional.normalize(self.projection(hidden), dim=-1), own

    def begin_with(self, texts: Sequence[str], longest: int) -> None:
        """Makes the first projection the principal components of the tokens of some texts."""
        with torch.no_grad():
            parts = [self._hidden(texts[at : at + 32], longest) for at in range(0, len(texts), 32)]
            all_tokens = torch.cat([hidden[own] for hidden, own in parts])
            mean = all_tokens.mean(0)
            components = torch.pca_lowrank(all_tokens - mean, q=self.projection.out_features, center=False, niter=4)[2].T
            self.projection.weight.copy_(components)
            self.projection.bias.copy_(-components @ mean)

    def adapter(self, about: dict[str, Any]) -> Adapter:
        factors = {name: layer.factors() for name, layer in self.learning.items()}
        return Adapter(factors, self.projection.weight.detach().numpy(), self.projection.bias.detach().numpy(), about)

    def _hidden(self, texts: Sequence[str], longest: int) -> tuple[Tensor, Tensor]:
        ids = [self._tokenizer.encode(text).ids[:longest] for text in texts]
        padded = torch.ones((len(ids), max(map(len, ids))), dtype=torch.long)
        mask, own = torch.zeros_like(padded), torch.zeros_like(padded, dtype=torch.bool)
        for row, cut in enumerate(ids):
            padded[row, : len(cut)] = torch.tensor(cut)
            mask[row, : len(cut)] = 1
            own[row, PROMPT_TOKENS : len(cut) - 1] = True
        # Half the time of single precision where the processor has the instructions, and as good for learning.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self._model(input_ids=padded, attention_mask=mask).last_hidden_state
        return hidden.float(), own


class Neighbours:
    """For a wording the readings that lie near it and say something else."""

    def __init__(self, asked: Sequence[Asked], answers: Sequence[str], vectors: Vectors) -> None:
        self._readings = np.asarray([one.reading for one in asked])
        self._answers = answers
        self._vectors = vectors

    def of(self, numbers: Sequence[int], count: int, draw: random.Random) -> list[list[int]]:
        """For wordings, by their numbers, so many readings each: one of the closest, the others of those that lie near."""
        near = self._vectors[list(numbers)] @ self._vectors.T
        return [self._chosen(int(self._readings[number]), row, count, draw) for number, row in zip(numbers, near, strict=True)]

    def _chosen(self, own: int, near: NDArray[np.float32], count: int, draw: random.Random) -> list[int]:
        depth = min(_NEAREST, len(near) - 1)
        nearest = np.argpartition(-near, depth)[:depth]
        ordered = dict.fromkeys(self._readings[nearest[np.argsort(-near[nearest])]].tolist())
        others = [other for other in ordered if not says_the_same(self._answers[other], self._answers[own])][:_NEIGHBOURS]
        return [*draw.sample(others[:_CLOSEST], min(1, len(others))), *draw.sample(others, min(count - 1, len(others)))]


def says_the_same(one: str, other: str) -> bool:
    """Whether one of two normalised answers holds the other, so that neither is wrong where the other is right."""
    return one == other or (len(one) > _SHORTEST_PART and one in other) or (len(other) > _SHORTEST_PART and other in one)


def teach(folder: Path, encoder: Encoder, readings: Sequence[Reading], lesson: Lesson, progress: Progress | None = None) -> Adapter:
    """The adapter taught on some readings, from the model in a folder of `prepare_bundled_model`. Seeded; torch's own sums differ by machine."""
    torch.manual_seed(lesson.seed)
    draw = random.Random(lesson.seed)
    asked = [Asked(text, number) for number, reading in enumerate(readings) for text in reading.wordings]
    answers = [normal(reading.answer) for reading in readings]
    neighbours = Neighbours(asked, answers, encoder.encode_queries([one.text for one in asked], progress))
    student = Student(folder, lesson)
    sample = draw.sample(readings, min(_SAMPLE, len(readings)))
    student.begin_with([PROMPTS["passage"] + reading_text(reading, reading.wordings) for reading in sample], lesson.longest_reading)
    optimiser = torch.optim.AdamW(student.parameters(), lr=lesson.rate, weight_decay=0.01)
    # Wordings of tables and headings are rendered from records: only what a reader wrote teaches how people ask.
    teaching = [n for n, one in enumerate(asked) if readings[one.reading].via is Via.READING and readings[one.reading].paraphrases]
    waiting: list[int] = []
    for step in range(lesson.steps):
        for group in optimiser.param_groups:
            group["lr"] = lesson.rate * min(1.0, (step + 1) / lesson.warm_up) * max(0.02, 1 - step / lesson.steps)
        if len(waiting) < 2 * lesson.batch:
            waiting = draw.sample(teaching, len(teaching))
        chosen = list({asked[number].reading: number for number in waiting[: lesson.batch]}.values())
        waiting = waiting[lesson.batch :]
        near = neighbours.of(chosen, lesson.near, draw)
        loss = _loss(student, [asked[number] for number in chosen], near, readings, answers, lesson, draw)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        if progress:
            progress(step + 1, lesson.steps, f"训练匹配模型（损失 {loss.item():.3f}）")
    return student.adapter({"lesson": asdict(lesson), "readings": len(readings), "wordings": len(teaching)})


def _loss(
    student: Student,
    chosen: Sequence[Asked],
    near: Sequence[Sequence[int]],
    readings: Sequence[Reading],
    answers: Sequence[str],
    lesson: Lesson,
    draw: random.Random,
) -> Tensor:
    numbers = [one.reading for one in chosen] + [other for others in near for other in others]
    texts = [
        PROMPTS["passage"] + reading_text(readings[number], _told_by(readings[number], chosen[n].text if n < len(chosen) else "", draw))
        for n, number in enumerate(numbers)
    ]
    questions, own = student.tokens([PROMPTS["query"] + one.text for one in chosen], lesson.longest_question)
    similarity = _similarity(student, questions, own.float(), texts, lesson.longest_reading)
    also_right = torch.tensor(
        [
            [place != n and says_the_same(answers[number], answers[one.reading]) for place, number in enumerate(numbers)]
            for n, one in enumerate(chosen)
        ]
    )
    return functional.cross_entropy((similarity / lesson.temperature).masked_fill(also_right, -1e4), torch.arange(len(chosen)))


def _told_by(reading: Reading, asked: str, draw: random.Random) -> list[str]:
    """Some of a reading's wordings, that which is asked with left out."""
    others = [text for text in reading.wordings if text != asked]
    return draw.sample(others, draw.randint(1, len(others))) if others else []


def _similarity(student: Student, questions: Tensor, own: Tensor, texts: Sequence[str], longest: int) -> Tensor:
    """The similarity (questions, texts); texts of like length are computed together, which spares padding."""
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    third = -(-len(order) // 3)
    columns = []
    for at in range(0, len(order), third):
        tokens, there = student.tokens([texts[n] for n in order[at : at + third]], longest)
        near = torch.einsum("qtd,nsd->qnts", questions, tokens).masked_fill(~there[None, :, None, :], -1.0).max(-1).values
        columns.append((near * own[:, None, :]).sum(-1) / own.sum(-1)[:, None])
    return torch.cat(columns, 1)[:, torch.argsort(torch.tensor(order))]
