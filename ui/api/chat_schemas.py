"""The shapes of the OpenAI-compatible endpoints. Requests may hold more than is named here: what has no bearing on an answer is passed over."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ui.api.schemas import EXAMPLE_ANSWER, EXAMPLE_CITATION, GROWTH, CitationBody

MODEL = "judian"

_EXAMPLE_USAGE = {"prompt_tokens": 16, "completion_tokens": 22, "total_tokens": 38}
_EXAMPLE_MESSAGE = {"role": "assistant", "content": EXAMPLE_ANSWER["answer"], "refusal": None, "citations": [EXAMPLE_CITATION]}
_EXAMPLE_COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-0f3c",
    "object": "chat.completion",
    "created": 1735689600,
    "model": MODEL,
    "choices": [{"index": 0, "message": _EXAMPLE_MESSAGE, "logprobs": None, "finish_reason": "stop"}],
    "usage": _EXAMPLE_USAGE,
}


class Open(BaseModel):
    """Further fields are taken and passed over."""

    model_config = ConfigDict(extra="allow")


class ContentPart(Open):
    """消息内容的一部分；只看文字。"""

    type: str = Field(max_length=50, description="种类，文字为 text", examples=["text"])
    text: str | None = Field(default=None, description="文字", examples=[GROWTH])


class ChatMessage(Open):
    """对话中的一条消息。"""

    role: str = Field(max_length=50, description="user 或 assistant；其余角色的消息收下而不采用", examples=["user"])
    content: str | list[ContentPart] | None = Field(default=None, description="内容：文字，或分为几部分", examples=[GROWTH])

    @property
    def text(self) -> str:
        """The words of the message."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content if part.type == "text" and part.text)


class StreamOptions(Open):
    """逐段送出时的选项。"""

    include_usage: bool | None = Field(default=False, description="最后是否另送用量")


class ChatBody(Open):
    """一次对话请求；最后一条 user 消息是问题，之前的 user 和 assistant 消息是对话。"""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"model": MODEL, "messages": [{"role": "user", "content": GROWTH}], "stream": False}]},
    )

    model: str = Field(default=MODEL, max_length=200, description="模型名；不论写什么都由 judian 作答", examples=[MODEL])
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=2000, description="消息，最后一条 user 消息是问题")]
    stream: bool | None = Field(default=False, description="是否逐段送出", examples=[False])
    stream_options: StreamOptions | None = Field(default=None, description="逐段送出时的选项")
    n: Annotated[int, Field(ge=1, le=8)] | None = Field(default=1, description="要几个回答；各个回答相同", examples=[1])


class AnswerMessage(BaseModel):
    """回答；`citations` 与 /v1/ask 的相同。"""

    role: Literal["assistant"] = Field(default="assistant", description="总是 assistant")
    content: str = Field(description="回答；每句句号前的 [n] 指向引文")
    refusal: None = Field(default=None, description="总是空")
    citations: list[CitationBody] = Field(description="引文，按标号排列")


class Choice(BaseModel):
    """一个回答。"""

    index: int = Field(description="第几个，从 0 数")
    message: AnswerMessage
    logprobs: None = Field(default=None, description="总是空")
    finish_reason: Literal["stop"] = Field(default="stop", description="总是 stop")


class Usage(BaseModel):
    """用量：每个汉字、每个标点、每串字母或数字计一个。"""

    prompt_tokens: int = Field(description="消息的用量")
    completion_tokens: int = Field(description="回答的用量")
    total_tokens: int = Field(description="合计")


class Completion(BaseModel):
    """一次对话的结果。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_COMPLETION]})

    id: str = Field(description="编号")
    object: Literal["chat.completion"] = Field(default="chat.completion", description="总是 chat.completion")
    created: int = Field(description="时间，自 1970 年起的秒数")
    model: str = Field(default=MODEL, description="总是 judian")
    choices: list[Choice] = Field(description="回答")
    usage: Usage


class ModelBody(BaseModel):
    """一个可用的模型。"""

    id: str = Field(description="模型名", examples=[MODEL])
    object: Literal["model"] = Field(default="model", description="总是 model")
    created: int = Field(description="所用索引建立的时间，自 1970 年起的秒数", examples=[1735689600])
    owned_by: str = Field(default=MODEL, description="总是 judian", examples=[MODEL])


class ModelsBody(BaseModel):
    """可用的模型。"""

    object: Literal["list"] = Field(default="list", description="总是 list")
    data: list[ModelBody] = Field(description="模型")
