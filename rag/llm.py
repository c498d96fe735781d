"""Chat models of any vendor behind one method; the only file that knows LangChain's chat models.

A model is named as LangChain's `init_chat_model` names it ("ollama:qwen3", "deepseek:deepseek-chat"); with a base URL it is any server that
speaks the OpenAI protocol (llama.cpp, vLLM, DashScope ...). Keys are read by the vendors' packages from their usual environment variables
(OPENAI_API_KEY, DEEPSEEK_API_KEY ...) and never passed on the command line or written anywhere. Nothing is traced.
"""

import contextvars
import os
import re
import threading
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.errors import ChatModelBusyError, ChatModelError
from rag.streaming import EventLoop
from rag.types import Turn

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

TIMEOUT_S = 120.0
MAX_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more requests; `estimated` where a server did not count them and they were reckoned from characters."""

    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens, self.estimated or other.estimated)


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in the user's currency."""

    input: float = 0.0
    output: float = 0.0

    def cost(self, usage: Usage) -> float:
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    usage: Usage


class ChatModel:
    """A chat model with a deadline; `name` is how it is named in records and messages."""

    def __init__(self, model: "BaseChatModel", name: str, timeout_s: float = TIMEOUT_S) -> None:
        self.name = name
        self._model = model
        self._timeout_s = timeout_s
        self._loop = EventLoop()

    def ask(self, system: str, turns: Sequence[Turn]) -> Reply:
        """The model's answer to the last turn. Raises ChatModelBusyError where asking again may help, else ChatModelError."""
        messages = [("system", system), *((turn.role, turn.content) for turn in turns)]
        try:
            message = _within(self._timeout_s, lambda: self._model.invoke(messages))
        except Exception as exc:
            raise translated(exc, self.name, self._timeout_s) from exc
        text = str(message.text)
        return Reply(text, _usage(message, messages, text))

    def stream(self, system: str, turns: Sequence[Turn], seconds: float) -> Generator[str, None, None]:
        """The model's answer piece by piece, all of it within `seconds`; closing the iterator stops the model. Raises as `ask` does."""
        messages = [("system", system), *((turn.role, turn.content) for turn in turns)]
        try:
            yield from self._loop.iterate(lambda: _pieces(self._model, messages), seconds)
        except Exception as exc:
            raise translated(exc, self.name, seconds) from exc


def open_chat_model(
    name: str,
    base_url: str = "",
    *,
    timeout_s: float = TIMEOUT_S,
    max_tokens: int = MAX_TOKENS,
    temperature: float = 0.0,
    environment: Mapping[str, str] | None = None,
) -> ChatModel:
    """A chat model by its name, at `base_url` if one is given. Nothing is asked yet.

    Raises ChatModelError when the name says no vendor, the vendor's package is not installed, or its key is missing.
    """
    from langchain.chat_models import init_chat_model

    vendor, model = _vendor_and_model(name, base_url)
    settings: dict[str, Any] = {"temperature": temperature, **_limits(vendor, timeout_s, max_tokens)}
    if base_url:
        settings["base_url"] = base_url
        if vendor == "openai" and not (os.environ if environment is None else environment).get("OPENAI_API_KEY"):
            settings["api_key"] = "none"  # local servers ask for no key, but the client does
    try:
        opened = init_chat_model(model, model_provider=vendor or None, **settings)
    except ImportError as exc:
        raise ChatModelError(f"使用模型“{name}”需要另装组件：{_package(exc)}。") from exc
    except Exception as exc:
        raise _unopened(exc, name) from exc
    return ChatModel(opened, name, timeout_s)


def translated(error: Exception, name: str, timeout_s: float) -> ChatModelError:
    """A vendor's exception as one of ours; vendors share no classes, so names and HTTP status tell."""
    if isinstance(error, ChatModelError):
        return error
    kinds = " ".join(kind.__name__ for kind in type(error).__mro__)
    status = _status(error)
    if isinstance(error, TimeoutError) or "Timeout" in kinds:
        return ChatModelBusyError(f"模型“{name}”在 {timeout_s:g} 秒内没有答完；请加大 --timeout，或换一个更快的模型。")
    if status == 429 or "RateLimit" in kinds:
        return ChatModelBusyError(f"模型“{name}”限制了请求频率；请用 --rpm 放慢，稍后再试。")
    if status in (401, 403) or "Authentication" in kinds or "PermissionDenied" in kinds:
        return ChatModelError(f"模型“{name}”拒绝了密钥；请检查该服务的环境变量（如 OPENAI_API_KEY）。")
    if status == 404:
        return ChatModelError(f"服务上没有模型“{name}”，或地址不对；请检查模型名称和 --base-url。")
    if status is not None and status >= 500:
        return ChatModelBusyError(f"模型“{name}”的服务出错（HTTP {status}），请稍后再试。")
    if isinstance(error, ConnectionError) or "Connect" in kinds:
        return ChatModelBusyError(f"连接不上模型“{name}”的服务；请检查 --base-url，以及服务是否已经启动。")
    return ChatModelError(f"模型“{name}”出错：{type(error).__name__}：{_without_keys(str(error))}")


_VENDOR = re.compile(r"([a-z_]+):(.+)")
_KEY = re.compile(r"\b(?:sk|pk|ak|key)-[\w*-]{4,}|Bearer\s+\S+", re.IGNORECASE)
_CHARACTERS_A_TOKEN = 1.6
"""Of Chinese text, about what the tokenizers of Qwen and DeepSeek need."""


def _vendor_and_model(name: str, base_url: str) -> tuple[str, str]:
    """("deepseek", "deepseek-chat") of "deepseek:deepseek-chat"; a plain name at a base URL speaks the OpenAI protocol."""
    match = _VENDOR.fullmatch(name)
    if match:
        return match[1], match[2]
    return ("openai" if base_url else ""), name


def _limits(vendor: str, timeout_s: float, max_tokens: int) -> dict[str, Any]:
    """Time and length limits as the vendor's package calls them."""
    if vendor == "ollama":
        return {"num_predict": max_tokens, "client_kwargs": {"timeout": timeout_s}}
    limits = {"max_tokens": max_tokens, "timeout": timeout_s, "max_retries": 0}
    # The package would end a stream after two minutes without a piece, however long a slow machine reads the prompt; we keep a deadline.
    return {**limits, "stream_chunk_timeout": None} if vendor == "openai" else limits


def _within(seconds: float, call: Callable[[], "BaseMessage"]) -> "BaseMessage":
    """What the call returns, or TimeoutError: vendors' own limits count from one byte to the next, or are none.

    A call out of time is left to end by itself, in a thread that does not keep the program from ending.
    """
    found: list[BaseMessage] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(_untraced(call))
        except Exception as exc:
            failed.append(exc)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run,), daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError
    return found[0]


def _untraced(call: Callable[[], "BaseMessage"]) -> "BaseMessage":
    """Calls without LangSmith, whatever LANGSMITH_TRACING says: what is asked goes to the named model and nowhere else."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        return call()


async def _pieces(model: "BaseChatModel", messages: Sequence[tuple[str, str]]) -> AsyncIterator[str]:
    """The text of a streamed answer; untraced, as every request."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        async for chunk in model.astream(list(messages)):
            yield str(chunk.text)


def _usage(message: "BaseMessage", messages: Sequence[tuple[str, str]], text: str) -> Usage:
    counted = getattr(message, "usage_metadata", None)
    if counted:
        return Usage(int(counted["input_tokens"]), int(counted["output_tokens"]))
    asked = sum(len(content) for _, content in messages)
    return Usage(round(asked / _CHARACTERS_A_TOKEN), round(len(text) / _CHARACTERS_A_TOKEN), estimated=True)


def _status(error: Exception) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int):
            return status
    return None


def _unopened(error: Exception, name: str) -> ChatModelError:
    text = str(error)
    if "api_key" in text or "API_KEY" in text or "credentials" in text:
        return ChatModelError(f"模型“{name}”的密钥没有设置；请设置该服务的环境变量（如 OPENAI_API_KEY）。")
    if isinstance(error, ValueError) and "provider" in text:
        return ChatModelError(f"看不出模型“{name}”是哪一家的；请写成“厂商:模型”，如 ollama:qwen3，或给出 --base-url。")
    return ChatModelError(f"模型“{name}”无法使用：{type(error).__name__}：{_without_keys(text)}")


def _package(error: ImportError) -> str:
    match = re.search(r"pip install ([\w\[\]-]+)", str(error))
    return f"pip install {match[1]}" if match else _without_keys(str(error))


def _without_keys(text: str) -> str:
    """A vendor's message, short, and without anything that looks like a key."""
    return _KEY.sub("…", " ".join(text.split()))[:200]
