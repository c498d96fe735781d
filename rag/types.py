"""The nouns of asking and answering."""

from dataclasses import dataclass, field
from enum import StrEnum

from corpus.types import Reading, Span
from index.matcher import Match
from index.types import Vectors


class Mode(StrEnum):
    """Which path answered."""

    STRUCTURED = "structured"
    READING = "reading"
    EXTRACTIVE = "extractive"
    LLM = "llm"
    MIXED = "mixed"


class CitationVia(StrEnum):
    """What a citation was found through."""

    TASK = "task"
    MEASURE = "measure"
    OUTLINE = "outline"
    READING = "reading"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of a stored document that proves a statement."""

    document_id: str
    span: Span
    via: CitationVia
    score: float


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, without its full stop, and what proves it. `computed` lists figures worked out, which stand in no evidence."""

    text: str
    evidence: tuple[Evidence, ...]
    confidence: float
    mode: Mode
    computed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said, how sure that is, on how many records it rests, and what may be asked next.

    `left_out` tells, where nothing is to be said, what of the question the documents are known not to say, with the words that come nearest.
    """

    statements: tuple[Statement, ...]
    confidence: float
    records: int = 0
    related: tuple[str, ...] = ()
    left_out: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage found, by its number in the index; higher scores are better."""

    passage: int
    score: float


class Conflict(StrEnum):
    """What speaks against a reading as an answer to a question."""

    NAME = "name"
    PLACE = "place"
    NAMESAKE = "namesake"
    WORD = "word"
    OPPOSITE = "opposite"
    REGION = "region"
    WHOLE_CITY = "whole_city"
    NEVER = "never"
    NEW_ONLY = "new_only"
    TOTAL_ONLY = "total_only"
    YEARS = "years"
    ACROSS = "across"
    ONE_YEAR = "one_year"
    FIGURE = "figure"
    KIND = "kind"
    ITEMS = "items"
    PLANNED = "planned"
    COMPARISON = "comparison"
    OPERANDS = "operands"
    RESULT = "result"
    MEASURED = "measured"
    GROWTH = "growth"
    RANK = "rank"
    STRETCH = "stretch"
    FLOW = "flow"
    AMOUNT = "amount"
    STOCK = "stock"
    REST = "rest"
    SOUGHT = "sought"
    PERIOD = "period"
    PRODUCT = "product"
    STAGE = "stage"
    HEADING = "heading"
    DISTRICT = "district"
    DOCUMENT_NUMBER = "document_number"
    PER_HEAD = "per_head"
    NARROWER = "narrower"
    ASPECT = "aspect"


@dataclass(frozen=True, slots=True)
class ReadingHit:
    """A reading found, its number in the index (None for a statement, which is made when it is found), and how well it fits.

    `cosine` is the similarity of the question to the nearest form of the reading, or to the passage of a statement, `learnt` the same in the metric
    learnt from all readings.

    Of the question's character pairs, weighted by rarity, `overlap` is the share that the reading has, `covered` the share that the reading and
    the passages behind it have, `missing` how rare the rarest is that they lack though other passages hold it (0 to 1). With each pair counting
    the same, `unsaid` is the share that the reading lacks, `unknown` the share that no passage holds.

    `match` tells how well the reading answers the question's tokens, None where they are not compared. `forms` are the vectors
    (forms, dimension) of its wordings that were found. `conflicts` is what speaks against it, though not so much that it could not answer.
    """

    number: int | None
    reading: Reading
    cosine: float
    learnt: float
    overlap: float
    covered: float
    missing: float
    unsaid: float
    unknown: float
    score: float
    match: Match | None
    forms: Vectors = field(compare=False, repr=False)
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage shown beside an answer. `quote` is the stored text from `start` to `end`, white space aside.

    `context` stands above the passage and is shown with it: a table's header, a list's lead-in.
    """

    mark: int
    passage_id: str
    document_id: str
    source: str
    title: str
    date: str
    heading_path: tuple[str, ...]
    text: str
    quote: str
    start: int
    end: int
    via: CitationVia
    score: float
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says. Every mark [n] in `answer` is that of a citation; an abstention cites the nearest passages.

    `note` is a word on how the answer came about, where there is something to say: a chat model that was to write it failed, or lost sentences.
    """

    answer: str
    abstained: bool
    mode: Mode
    question: str
    citations: tuple[Citation, ...]
    confidence: float
    related: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class References:
    """The first event of a streamed answer: the citations that its marks will lead to, perhaps with some that none will."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a streamed answer that has passed its check, with its marks; the sentences joined are the answer."""

    text: str


AnswerEvent = References | Sentence | Answer
"""What a streamed answer consists of: references, sentences, and the whole answer last."""
