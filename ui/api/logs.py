"""The log of the service: one JSON object a line, with request ids, and never with what was asked."""

import json
import logging
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from corpus.errors import SettingError
from ui.api.visit import current_visit

LOGGER = "judian"
_BYTES = 10_000_000
_FILES = 5

_ErrorInfo: TypeAlias = "tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]"


class JsonLines(logging.Formatter):
    """A record as JSON. Of an error it tells the class and the places, not the message, which may quote a question."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        line.setdefault("request_id", current_visit().id)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

    def formatException(self, ei: _ErrorInfo) -> str:  # noqa: N802
        kind, _, trace = ei
        places = "".join(traceback.format_tb(trace))
        return f"{places}{kind.__name__ if kind else ''}"


def start_log(file: Path | None) -> None:
    """Sends the log to a file that is turned over at 10 MB and kept five times, and errors to standard error too; to standard error alone for None.

    Raises SettingError for a file that cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file is not None:
        handlers[0].setLevel(logging.ERROR)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(RotatingFileHandler(file, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8"))
        except OSError as exc:
            raise SettingError(f"无法写入日志 {file}：{exc}。请检查写权限，或用 JUDIAN_LOG 指定别的文件。") from exc
    for name in (LOGGER, "uvicorn"):
        logger = logging.getLogger(name)
        for old in logger.handlers[:]:
            logger.removeHandler(old)
            old.close()
        for handler in handlers:
            handler.setFormatter(JsonLines())
            logger.addHandler(handler)
        logger.propagate = False
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
