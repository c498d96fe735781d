"""The requests of docs/api.md and what the service answers: `python -m tests.transcript` sends them and writes the answers into the page."""

import json
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.config import Settings, read_settings
from rag.wire import open_assistant
from tests.serving import served
from ui.api.app import create_app

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:8000"
NOTICE = "某市人民政府办公厅\n关于做好2025年就业工作的通知\n某府办发〔2025〕7号\n一、目标任务\n城镇新增就业60万人以上。\n某市人民政府办公厅\n2025年3月1日\n"
WARMING = ("全市常住人口有多少？", "2023年新增城镇就业多少人，棚户区改造多少户？", "市教委牵头几项任务？")
LONGEST_TEXT = 48
LONGEST_LINE = 140
MOST_ITEMS = 2
_BLOCK = re.compile(r"(?<=```console\n)\$ .*?(?=\n```)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command of the page and the answer printed below it."""

    command: str
    answer: str

    @property
    def block(self) -> str:
        return f"$ {self.command}\n{self.answer}"


def exchanges(page: str) -> list[Exchange]:
    """Every exchange that a page shows, in order."""
    return [_exchange(match[0].removeprefix("$ ").split("\n")) for match in _BLOCK.finditer(page)]


def _exchange(lines: list[str]) -> Exchange:
    """A command may run over several lines; it ends where a shell would take it as ended."""
    for count in range(1, len(lines) + 1):
        command = "\n".join(lines[:count])
        try:
            shlex.split(command)
        except ValueError:
            continue
        if not command.endswith("\\"):
            return Exchange(command, "\n".join(lines[count:]))
    raise ValueError(f"a command without an end: {lines[0]}")


@contextmanager
def example_service(assistant: Assistant) -> Iterator[tuple[str, Path]]:
    """The address of a service over an empty home, whose index stays as it is, and a folder with the file that the page uploads."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "通知.txt").write_text(NOTICE, "utf-8")
        app = create_app(lambda: assistant, Settings(home=Path(folder) / "home"))
        app.state.indexer.update = lambda: None
        with served(app) as url:
            yield url, Path(folder)


def answered(command: str, url: str, folder: Path) -> str:
    """What a command of the page prints, asked of the service at `url`."""
    ran = subprocess.run(["bash", "-c", command.replace(ADDRESS, url)], cwd=folder, capture_output=True, text=True, timeout=120, check=True)
    return ran.stdout


def shown(answer: str) -> str:
    """An answer as the page prints it: JSON over several lines, long texts and lists cut short."""
    try:
        return json.dumps(_cut(json.loads(answer)), ensure_ascii=False, indent=1)
    except ValueError:
        lines = answer.strip().split("\n")
        return "\n".join(line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + "……" for line in lines)


def _cut(value: Any) -> Any:
    match value:
        case dict():
            return {name: _cut(item) for name, item in value.items()}
        case list():
            return [_cut(item) for item in value[:MOST_ITEMS]]
        case str() if len(value) > LONGEST_TEXT:
            return value[:LONGEST_TEXT] + "……"
    return value


def rewritten(page: str, assistant: Assistant) -> str:
    """The page with the answers of today."""
    # The first answer takes longer than those after it, and the page shows how long one takes; the same again comes out of the cache.
    for question in WARMING:
        assistant.ask(question)
    with example_service(assistant) as (url, folder):
        for exchange in exchanges(page):
            now = Exchange(exchange.command, shown(answered(exchange.command, url, folder)))
            page = page.replace(exchange.block, now.block, 1)
    return page


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8"), open_assistant(read_settings())), "utf-8")
