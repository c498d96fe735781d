"""The shapes of requests and answers; their docstrings and descriptions are what the interface says of itself."""

from typing import Annotated, Any, Literal

from fastapi import File, UploadFile
from pydantic import BaseModel, ConfigDict, Field

GROWTH = "2024年地区生产总值增长目标是多少？"

Question = Annotated[
    str, Field(min_length=1, max_length=500, description="问题，1 到 500 字，至少有一个字或数字，不含控制字符", examples=[GROWTH])
]
DocumentIds = Annotated[list[str], Field(max_length=100, description="只在这些文件里找（文件编号）；空为不限", examples=[["001"]])]
Start = Annotated[int, Field(description="在原文中的起点，从 0 数的字符位置", examples=[8017])]
End = Annotated[int, Field(description="在原文中的终点，不含这个字符", examples=[8029])]
DocumentId = Annotated[str, Field(description="文件编号", examples=["001"])]
HeadingPath = Annotated[list[str], Field(description="所在章节的各级标题，从外到内", examples=[["二、2024年主要任务"]])]

EXAMPLE_CITATION: dict[str, Any] = {
    "mark": 1,
    "passage_id": "001-008000-dbe48279",
    "document_id": "001",
    "source": "001_918e8299facf35d5.txt",
    "title": "重庆市人民政府工作报告（2024年）",
    "date": "2024-01-21",
    "heading_path": ["二、2024年主要任务"],
    "text": "今年经济社会发展的主要预期目标是：地区生产总值增长6%左右，规上工业增加值增长7%，……",
    "quote": "地区生产总值增长6%左右",
    "start": 8017,
    "end": 8029,
    "via": "reading",
    "score": 0.9802,
}

EXAMPLE_ANSWER: dict[str, Any] = {
    "answer": "6%左右（原文：“地区生产总值增长6%左右”）[1]。",
    "abstained": False,
    "mode": "reading",
    "question": GROWTH,
    "citations": [EXAMPLE_CITATION],
    "confidence": 0.9802,
    "related": ["2024年重庆进出口总值增长目标是多少？"],
    "timings_ms": {"understand": 1.2, "retrieve": 9.0, "answer": 20.1, "total": 30.3},
}


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class TurnBody(Strict):
    """对话中的一轮。"""

    role: Literal["user", "assistant"] = Field(description="谁说的：user 为提问者，assistant 为本服务", examples=["user"])
    content: str = Field(max_length=2000, description="说了什么，至多 2000 字", examples=[GROWTH])


History = Annotated[list[TurnBody], Field(max_length=20, description="此前的对话，至多 20 轮；追问要靠它补全")]


class AskBody(Strict):
    """一次提问。"""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"question": GROWTH, "top_k": 5}]})

    question: Question
    history: History = []
    documents: DocumentIds = []
    years: list[int] = Field(default=[], max_length=20, description="只要这些年份；空为不限", examples=[[2024]])
    top_k: int = Field(default=5, ge=1, le=50, description="最多引用几段", examples=[5])


class SearchBody(Strict):
    """一次检索。"""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"query": "老旧小区改造", "top_k": 10}]})

    query: str = Field(min_length=1, max_length=500, description="检索词或问题，要求与提问相同", examples=["老旧小区改造"])
    documents: DocumentIds = []
    top_k: int = Field(default=10, ge=1, le=50, description="最多几段", examples=[10])


class CitationBody(BaseModel):
    """一段引文：`text` 是整段，`quote` 是其中起证明作用的部分，`start`、`end` 是它在原文中的字符位置。"""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CITATION]})

    mark: int = Field(description="回答里的标号；检索结果中为名次")
    passage_id: str = Field(description="段落编号")
    document_id: DocumentId
    source: str = Field(description="文件名")
    title: str = Field(description="文件标题")
    date: str = Field(description="文件日期")
    heading_path: HeadingPath
    text: str = Field(description="整个段落，除空白外与原文一字不差")
    quote: str = Field(description="起证明作用的原文")
    start: Start
    end: End
    via: Literal["task", "measure", "outline", "reading", "passage"] = Field(description="经由什么找到：任务、指标表、目录、读记或段落")
    score: float = Field(description="相符程度，越大越好")
    context: list[str] = Field(
        default=[], exclude_if=lambda context: not context, description="段落之上、要与它同看的原文：表头，或列举之前的引语；有才列出"
    )


class AnswerBody(BaseModel):
    """一个回答；`answer` 中的 [n] 与 `citations` 的 `mark` 对应。"""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ANSWER]})

    answer: str = Field(description="回答；每句句号前的 [n] 指向引文")
    abstained: bool = Field(description="为真时表示文件中没有答案，`citations` 是最相近的段落；问题没有说明问什么时没有段落")
    mode: Literal["structured", "reading", "extractive", "llm", "mixed"] = Field(description="由哪条途径作答")
    question: str = Field(description="所理解的问题；追问已补全")
    citations: list[CitationBody] = Field(description="引文，按标号排列")
    confidence: float = Field(description="把握，0 到 1")
    related: list[str] = Field(description="还可以问什么，至多三条")
    timings_ms: dict[str, float] = Field(description="各步用时，毫秒")
    note: str = Field(default="", exclude_if=lambda note: not note, description="回答是怎样得来的，有要说明的才有")


class HitsBody(BaseModel):
    """检索结果，最相符的在前。"""

    hits: list[CitationBody] = Field(description="段落，按名次排列")


class BatchBody(Strict):
    """一批提问，逐个作答。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"questions": [{"question": GROWTH}, {"question": "2024年城镇新增就业目标是多少？"}]}]},
    )

    questions: list[AskBody] = Field(min_length=1, max_length=100, description="1 到 100 个提问，各自独立，字段与单次提问相同")


class ProblemBody(BaseModel):
    """出错的原因（RFC 9457）；`detail` 说明应当怎样改。"""

    type: str = Field(description="错误类别的网址；没有专门类别时为 about:blank", examples=["about:blank"])
    title: str = Field(description="错误名称", examples=["请求内容不合要求"])
    status: int = Field(description="HTTP 状态码", examples=[422])
    detail: str = Field(description="哪里不对，应当怎样改", examples=["question 不能为空。"])
    instance: str = Field(description="所请求的地址", examples=["/v1/ask"])


class BatchItemBody(BaseModel):
    """一批中的一个结果：回答，或不能作答的原因。"""

    answer: AnswerBody | None = Field(default=None, description="回答；不能作答时为空")
    problem: ProblemBody | None = Field(default=None, description="不能作答的原因；作答了则为空")


class BatchAnswerBody(BaseModel):
    """一批回答，次序与提问相同。"""

    answers: list[BatchItemBody] = Field(description="每个提问一个结果")


class DocumentBody(BaseModel):
    """一份文件。"""

    id: DocumentId
    source: str = Field(description="文件名", examples=["001_918e8299facf35d5.txt"])
    title: str = Field(description="标题", examples=["重庆市人民政府工作报告（2024年）"])
    issuer: str = Field(description="发文机关", examples=["重庆市人民政府"])
    number: str | None = Field(description="文号；没有则为空", examples=["渝府办发〔2024〕11号"])
    date: str = Field(description="日期", examples=["2024-01-21"])
    reports_on: list[int] = Field(description="回顾哪些年份", examples=[[2023]])
    plans_for: list[int] = Field(description="安排哪些年份", examples=[[2024]])
    inferred: list[str] = Field(description="以上各项中文件自身没有写明、由推断得来的", examples=[["date"]])
    characters: int = Field(description="字数，连同空白", examples=[22105])
    passages: int = Field(description="段落数", examples=[120])
    tasks: int = Field(description="任务数", examples=[0])
    measures: int = Field(description="指标值数", examples=[0])


class HeadingBody(BaseModel):
    """目录中的一个标题。"""

    level: int = Field(description="层级，1 为最外层；0 为合订本中的一份报告", examples=[1])
    text: str = Field(description="标题", examples=["二、2024年主要任务"])
    start: Start
    end: End


class OutlineBody(DocumentBody):
    """一份文件及其目录。"""

    outline: list[HeadingBody] = Field(description="目录，按文中次序")


class TextBody(BaseModel):
    """原文的一段，一字不改。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": "001", "start": 8017, "end": 8029, "text": "地区生产总值增长6%左右"}]})

    id: DocumentId
    start: Start
    end: End
    text: str = Field(description="原文，连同空白和换行")


class UploadBody(Strict):
    """要添加的文件。"""

    file: Annotated[UploadFile, File(description="文件：.txt、.md、.docx、.pdf 或 .html，至多 50 MB")]
    title: str | None = Field(default=None, max_length=200, description="标题；默认取自文件", examples=["重庆市人民政府工作报告（2025年）"])
    date: str | None = Field(default=None, max_length=20, description="日期；默认取自文件", examples=["2025-01-19"])
    number: str | None = Field(default=None, max_length=100, description="文号；默认取自文件", examples=["渝府发〔2025〕1号"])


class ChangedBody(BaseModel):
    """文件库的一次变动；索引更新后生效，其间照旧作答。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "a1b2c3d4e", "title": "重庆市人民政府工作报告（2025年）", "date": "2025-01-19", "number": None}]
        }
    )

    id: DocumentId
    title: str = Field(description="标题")
    date: str = Field(description="日期")
    number: str | None = Field(description="文号；没有则为空")


class PassageBody(BaseModel):
    """一个段落；`start`、`end` 是它在原文中的字符位置。"""

    id: str = Field(description="段落编号", examples=["001-008000-dbe48279"])
    document_id: DocumentId
    kind: Literal["prose", "table_row", "task", "box", "notice", "note"] = Field(description="正文、表格行、任务、专栏、通知或注释")
    heading_path: HeadingPath
    part: str = Field(description="合订本中所在的报告；单独的文件为空", examples=[""])
    years: list[int] = Field(description="所说的年份", examples=[[2024]])
    text: str = Field(description="整个段落，除空白外与原文一字不差")
    start: Start
    end: End


class PassageAndParallelsBody(PassageBody):
    """一个段落，以及其他文件中说法相同（全部或一部分）的段落，最相近的在前。"""

    parallels: list[PassageBody] = Field(description="其他文件中的段落")


class TaskBody(BaseModel):
    """一项任务；`start`、`end` 是它在原文中的字符位置。"""

    document_id: DocumentId
    number: int = Field(description="任务编号", examples=[20])
    text: str = Field(description="任务内容", examples=["进出口总值增长3%。"])
    heading_path: HeadingPath
    lead_units: list[str] = Field(description="责任单位", examples=[["市商务委"]])
    cooperating_units: list[str] = Field(description="配合单位", examples=[["重庆海关"]])
    open_ended: bool = Field(description="配合单位是否以“等”字结尾", examples=[False])
    start: Start
    end: End


class TasksBody(BaseModel):
    """任务的一页；`total` 是符合条件的总数。"""

    tasks: list[TaskBody] = Field(description="这一页的任务，按编号排列")
    total: int = Field(description="符合条件的共有几项", examples=[456])
    offset: int = Field(description="这一页从第几项起", examples=[0])


class MeasureBody(BaseModel):
    """一个指标在一年的一个值，照表中所写；`start`、`end` 是表中这一行的字符位置。"""

    document_id: DocumentId
    indicator: str = Field(description="指标名", examples=["地区生产总值增速"])
    unit: str = Field(description="单位", examples=["%"])
    year: int = Field(description="年份", examples=[2022])
    kind: Literal["target", "actual", "estimate"] = Field(description="目标、实际或预计")
    value: str = Field(description="值，照表中所写；空格子为空", examples=["5.5左右"])
    group: str = Field(description="指标所属的组", examples=["经济发展"])
    parent: str = Field(description="“#”分项所属的指标", examples=[""])
    attribute: str = Field(description="指标属性", examples=["预期性"])
    marks: list[str] = Field(description="表中的记号", examples=[["▽"]])
    note: str = Field(description="记号的解释", examples=[""])
    table: str = Field(description="表名")
    start: Start
    end: End


class MeasuresBody(BaseModel):
    """指标值的一页；`total` 是符合条件的总数。"""

    measures: list[MeasureBody] = Field(description="这一页的指标值，按文中次序")
    total: int = Field(description="符合条件的共有几个", examples=[12])
    offset: int = Field(description="这一页从第几个起", examples=[0])


class QuotedBody(Strict):
    """所反馈的回答引用的一处原文。"""

    document_id: Annotated[str, Field(max_length=100, description="文件编号", examples=["001"])]
    start: Annotated[int, Field(ge=0, description="起点，同引文的 start", examples=[8017])]
    end: Annotated[int, Field(ge=0, description="终点，同引文的 end", examples=[8029])]


class FeedbackBody(Strict):
    """对一个回答的评价。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "question": GROWTH,
                    "helpful": True,
                    "answer": EXAMPLE_ANSWER["answer"],
                    "citations": [{"document_id": "001", "start": 8017, "end": 8029}],
                    "comment": "出处很清楚。",
                }
            ]
        },
    )

    question: Question
    history: History = []
    helpful: bool = Field(description="回答是否有用", examples=[True])
    answer: str = Field(default="", max_length=20_000, description="所评价的回答", examples=[EXAMPLE_ANSWER["answer"]])
    citations: list[QuotedBody] = Field(default=[], max_length=50, description="所评价的回答引用的原文")
    expected: str = Field(default="", max_length=2000, description="应当怎样回答", examples=["6%左右。"])
    comment: str = Field(default="", max_length=2000, description="意见", examples=["出处很清楚。"])


class ReceivedBody(BaseModel):
    """反馈已收下。"""

    id: int = Field(description="反馈的编号", examples=[1])


class HealthBody(BaseModel):
    """服务的状况。"""

    status: Literal["ok"] = Field(description="已就绪")
    documents: int = Field(description="索引中的文件数", examples=[5])
    built: str = Field(description="所用索引建立的时间", examples=["2025-01-01T00:00:00+00:00"])
    updating: bool = Field(description="是否正在更新索引", examples=[False])
    problem: str = Field(description="上一次更新索引没有成功的原因；没有问题则为空", examples=[""])
