"""The nouns of evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from pydantic import ConfigDict

from rag.types import Answer, Citation, Turn

DEPTHS = (1, 5, 10)
"""The numbers of hits at which evidence recall is measured."""


class CaseType(StrEnum):
    NUMBER = "number"
    ENTITY = "entity"
    RESPONSIBILITY = "responsibility"
    LIST = "list"
    TABLE = "table"
    YESNO = "yesno"
    COMPARE = "compare"
    AGGREGATE = "aggregate"
    FOLLOWUP = "followup"
    UNANSWERABLE = "unanswerable"


class Split(StrEnum):
    """Half of the cases are for tuning and may be read; of the other half only totals are ever shown."""

    TUNE = "tune"
    TEST = "test"


class Fault(StrEnum):
    """What makes an answer wrong. The last is the only one of an unanswerable question, beside an error."""

    ERROR = "error"
    ABSTAINED = "abstained"
    FACT_MISSING = "fact_missing"
    TOO_LONG = "too_long"
    REJECTED = "rejected"
    NO_EVIDENCE = "no_evidence"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence: a verbatim `quote` of a document, or the `tokens` of a table cell (row's name, value), all in one passage."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    document: str
    quote: str = ""
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what a right answer must hold; one line of a question set.

    `id` derives from question and history, so that mending the answer keeps it. `facts` are what every right answer states, each with its
    acceptable surface forms; `alternatives` are other lists of evidence that prove the answer as well; `reject` are statements that make an
    answer wrong; `history` holds the user's earlier questions; `paraphrased` tells that the question avoids the documents' own words;
    `parts` is how many things are asked at once; `documents` are those that the question is about, none where it is about no document;
    `seen` tells that somebody has seen a system's answer, which makes it a case for tuning.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    type: CaseType
    question: str
    answer: str
    facts: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Proof, ...] = ()
    alternatives: tuple[tuple[Proof, ...], ...] = ()
    reject: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    paraphrased: bool = False
    parts: int = 1
    documents: tuple[str, ...] = ()
    seen: bool = False
    id: str = ""

    @property
    def answerable(self) -> bool:
        return self.type is not CaseType.UNANSWERABLE


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went; everything that totals are made of, and no text.

    `recall` is the share of evidence among the first 1, 5 and 10 hits (`DEPTHS`), `citation_recall` among all cited passages;
    `citation_precision` is the share of citations whose quote supports the answer. `length` and `reference_length` count characters of the
    answer and of the reference answer, normalised. `latency_ms` is the wall-clock time of the ask.
    """

    answerable: bool
    correct: bool
    faults: tuple[Fault, ...]
    abstained: bool
    confidence: float
    recall: tuple[float, ...]
    citation_precision: float
    citation_recall: float
    length: int
    reference_length: int
    latency_ms: float


class System(Protocol):
    """What can be examined: `rag.assistant.Assistant`, a service, or any stack behind these two methods."""

    def ask(self, question: str, history: Sequence[Turn] = ..., *, top_k: int = ...) -> Answer:
        """An answer with at most about `top_k` citations; `Answer.question` is the question made whole."""

    def search(self, query: str, top_k: int = ...) -> Sequence[Citation]:
        """The `top_k` passages that fit best, best first."""
