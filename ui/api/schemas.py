"""The shapes of requests and answers; their docstrings and descriptions are what the interface says of itself."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class TurnBody(Strict):
    """对话中的一轮。"""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=2000)


class AskBody(Strict):
    """一次提问。"""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": "2024年地区生产总值增长目标是多少？"}]})

    question: str = Field(min_length=1, max_length=500, description="问题，1 到 500 字")
    history: list[TurnBody] = Field(default=[], max_length=20, description="此前的对话，至多 20 轮")
    documents: list[str] = Field(default=[], max_length=100, description="只在这些文件里找（文件编号）")
    years: list[int] = Field(default=[], max_length=20, description="只要这些年份")
    top_k: int = Field(default=5, ge=1, le=50, description="最多引用几段")


class SearchBody(Strict):
    """一次检索。"""

    query: str = Field(min_length=1, max_length=500, description="检索词或问题")
    documents: list[str] = Field(default=[], max_length=100)
    top_k: int = Field(default=10, ge=1, le=50)


class CitationBody(BaseModel):
    """一段引文：`text` 是整段，`quote` 是其中起证明作用的部分，`start`、`end` 是它在原文中的字符位置。"""

    mark: int
    passage_id: str
    document_id: str
    source: str
    title: str
    date: str
    heading_path: list[str]
    text: str
    quote: str
    start: int
    end: int
    via: Literal["task", "measure", "outline", "reading", "passage"]
    score: float


class AnswerBody(BaseModel):
    """一个回答；`answer` 中的 [n] 与 `citations` 的 `mark` 对应。"""

    answer: str
    abstained: bool
    mode: Literal["structured", "reading", "extractive", "llm", "mixed"]
    question: str
    citations: list[CitationBody]
    confidence: float
    related: list[str]
    timings_ms: dict[str, float]
    note: str = Field(default="", exclude_if=lambda note: not note, description="回答是怎样得来的，有要说明的才有")


class HitsBody(BaseModel):
    """检索结果，最相符的在前。"""

    hits: list[CitationBody]


class DocumentBody(BaseModel):
    """一份文件。"""

    id: str
    source: str
    title: str
    issuer: str
    number: str | None
    date: str
    reports_on: list[int]
    plans_for: list[int]
    inferred: list[str]
    characters: int
    passages: int
    tasks: int
    measures: int


class HeadingBody(BaseModel):
    """目录中的一个标题。"""

    level: int
    text: str
    start: int
    end: int


class OutlineBody(DocumentBody):
    """一份文件及其目录。"""

    outline: list[HeadingBody]


class TextBody(BaseModel):
    """原文的一段，一字不改。"""

    id: str
    start: int
    end: int
    text: str


class PassageBody(BaseModel):
    """一个段落；`start`、`end` 是它在原文中的字符位置。"""

    id: str
    document_id: str
    kind: Literal["prose", "table_row", "task", "box", "notice", "note"]
    heading_path: list[str]
    part: str
    years: list[int]
    text: str
    start: int
    end: int


class PassageAndParallelsBody(PassageBody):
    """一个段落，以及其他文件中说法相同（全部或一部分）的段落，最相近的在前。"""

    parallels: list[PassageBody]


class TaskBody(BaseModel):
    """一项任务；`start`、`end` 是它在原文中的字符位置。"""

    document_id: str
    number: int
    text: str
    heading_path: list[str]
    lead_units: list[str]
    cooperating_units: list[str]
    open_ended: bool
    start: int
    end: int


class TasksBody(BaseModel):
    """任务的一页；`total` 是符合条件的总数。"""

    tasks: list[TaskBody]
    total: int
    offset: int


class MeasureBody(BaseModel):
    """一个指标在一年的一个值，照表中所写；`start`、`end` 是表中这一行的字符位置。"""

    document_id: str
    indicator: str
    unit: str
    year: int
    kind: Literal["target", "actual", "estimate"]
    value: str
    group: str
    parent: str
    attribute: str
    marks: list[str]
    note: str
    table: str
    start: int
    end: int


class MeasuresBody(BaseModel):
    """指标值的一页；`total` 是符合条件的总数。"""

    measures: list[MeasureBody]
    total: int
    offset: int
