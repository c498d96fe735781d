"""The settings of 据典: the one place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from corpus.errors import SettingError

PREFIX = "JUDIAN_"


_HOME = Path("~/.judian")


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field is read from JUDIAN_<FIELD>."""

    home: Path = _setting(_HOME, "folder of everything that is written at run time: models, indexes, added documents")
    index: str = _setting(
        "", "where vectors and texts are searched: empty for files under the home folder, milvus://host:port, or a milvus-lite file (.db)"
    )
    model: str = _setting("bundled", "embedding model: bundled, a sentence-transformers folder, or a hub id")
    host: str = _setting("127.0.0.1", "address that the API and the page listen on")
    api_port: int = _setting(8000, "port of the API")
    page_port: int = _setting(8501, "port of the chat page")
    api_url: str = _setting("", "address of the API that the page asks; empty for the one started beside it")
    threads: int = _setting(0, "threads of the encoder; 0 for one a core")
    processes: int = _setting(0, "processes that answer questions, 500 MB each; 0 for one a core, four at most; 1 for the API's own alone")
    readings: bool = _setting(True, "whether answers may come from readings; off leaves passages and records alone")
    llm: str = _setting("", "chat model that writes answers, as LangChain names it (ollama:qwen3, deepseek:deepseek-chat); empty for none")
    llm_url: str = _setting(
        "", "base URL of an OpenAI-compatible server that serves the chat model; keys come from the vendor's own variable"
    )
    llm_timeout: int = _setting(30, "seconds that the chat model has for one question; then the answer without it is given")
    llm_prompt_tokens: int = _setting(2500, "tokens of passages that the chat model is shown for one question")
    llm_answer_tokens: int = _setting(600, "tokens that the chat model may write for one question")
    llm_plan: bool = _setting(True, "whether the chat model may take apart questions that little was found for, to search again")

    administrators: str = _setting(
        "", "mail addresses, parted by commas, of the signed-in users who may add and remove documents on the page"
    )
    api_keys: bool = _setting(False, "whether every request but /healthz needs a key; keys are made by judian keys add")
    api_key: str = _setting("", "key that the page and the command line show to the API")
    key_rate: str = _setting("600/minute", "requests that one key may make; off for any number")
    address_rate: str = _setting("1200/minute", "requests that one address may make; off for any number")
    at_once: int = _setting(64, "requests that are answered or wait for it at one time; more are told to come again")
    time_limit: int = _setting(60, "seconds that a request may take")
    cors_origins: str = _setting("", "addresses of web pages that may call the API from a browser, separated by commas; empty for none")
    audit: bool = _setting(True, "whether questions and answers are recorded, with ID and telephone numbers masked")
    audit_days: int = _setting(180, "days after which records of questions are deleted; 0 for never")
    audit_megabytes: int = _setting(256, "size at which the record of a day goes on in another file")
    log: str = _setting("", "file of the log, one JSON object a line; empty for logs/api.jsonl under JUDIAN_HOME, - for standard error")

    @property
    def index_folder(self) -> Path:
        return self.home / "index"

    @property
    def corpus_folder(self) -> Path:
        """Where added documents lie."""
        return self.home / "corpus"

    @property
    def conversations_file(self) -> Path:
        """Where the page keeps conversations."""
        return self.home / "conversations.sqlite"

    @property
    def secrets_file(self) -> Path:
        """Where Streamlit finds how users sign in."""
        return self.home / "secrets.toml"

    @property
    def models_folder(self) -> Path:
        return self.home / "models"

    @property
    def feedback_file(self) -> Path:
        """What users said of answers."""
        return self.home / "feedback.sqlite"

    @property
    def keys_file(self) -> Path:
        return self.home / "keys.json"

    @property
    def audit_folder(self) -> Path:
        return self.home / "audit"

    @property
    def log_file(self) -> Path | None:
        """None for standard error."""
        return None if self.log == "-" else Path(self.log).expanduser() if self.log else self.home / "logs" / "api.jsonl"

    @property
    def service_url(self) -> str:
        return self.api_url or f"http://{self.host}:{self.api_port}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises SettingError that names the variable and its value."""
    variables = os.environ if environment is None else environment
    defaults = Settings()
    known = {PREFIX + f.name.upper(): f.name for f in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, name in known.items():
        if variables.get(variable, "") != "":
            values[name] = _parsed(variable, variables[variable], getattr(defaults, name))
    settings = Settings(**{**{f.name: getattr(defaults, f.name) for f in fields(Settings)}, **values})
    return Settings(**{**{f.name: getattr(settings, f.name) for f in fields(Settings)}, "home": settings.home.expanduser()})


def setting_table() -> list[tuple[str, str, str]]:
    """(variable, default, help) of every setting, for documentation and the command line."""
    return [(PREFIX + f.name.upper(), str(f.default), str(f.metadata["help"])) for f in fields(Settings)]


def _parsed(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("0", "1", "true", "false", "yes", "no", "on", "off"):
            raise SettingError(f"环境变量 {variable}={text!r} 应为 on 或 off。")
        return text.lower() in ("1", "true", "yes", "on")
    if isinstance(default, int):
        if not text.isdigit() or int(text) > 65535:
            raise SettingError(f"环境变量 {variable}={text!r} 应为 0 到 65535 的整数。")
        return int(text)
    return Path(text) if isinstance(default, Path) else text
