"""Which questions and which system a command is about."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.dataset import BUNDLED, QuestionSetError, load_cases, named_set, split_of
from eval.run import RunError, Service
from eval.types import Case, CaseType, Split, System
from eval.vectors import RememberingEncoder
from rag.config import Settings

if TYPE_CHECKING:
    from index.store import LoadedIndex

_SETS_HELP = "问题集：文件、文件夹或自带问题集的名称；可重复，默认为自带的全部"
_RUN_HELP = "评测结果文件；默认为最近一次"

Sets = Annotated[list[str] | None, typer.Option("--set", help=_SETS_HELP)]
RunFile = Annotated[Path | None, typer.Argument(help=_RUN_HELP, show_default=False)]


def choose(cases: Sequence[Case], split: str, types: str = "", limit: int = 0) -> list[Case]:
    """The cases of a split ("all" for both) and of some types (comma-separated, empty for all).

    A limit takes those of lowest id, which is a fair sample of all types. Raises QuestionSetError when nothing is left.
    """
    if split not in (*Split, "all"):
        raise QuestionSetError(f"没有 {split!r} 这一部分：请用 tune、test 或 all。")
    wanted = types_of(types)
    chosen = [case for case in cases if (split == "all" or split_of(case) == split) and case.type in wanted]
    if limit:
        kept = {case.id for case in sorted(chosen, key=lambda case: case.id)[:limit]}
        chosen = [case for case in chosen if case.id in kept]
    if not chosen:
        raise QuestionSetError(f"没有符合条件的问题（split={split}，types={types or '全部'}）：请放宽条件。")
    return chosen


def cases_of(sets: Sequence[str] | None) -> tuple[Case, ...]:
    return load_cases(*(named_set(name) for name in sets)) if sets else load_cases(BUNDLED)


def types_of(names: str) -> frozenset[CaseType]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in list(CaseType)]
    if unknown:
        raise QuestionSetError(f"没有问题类型 {unknown[0]!r}：请用 {'、'.join(CaseType)}。")
    return frozenset(CaseType(name) for name in wanted) or frozenset(CaseType)


def latest_run(settings: Settings) -> Path:
    """The run saved last. Raises RunError when there is none."""
    saved = sorted(runs_folder(settings).glob("*.json"), key=lambda path: path.stat().st_mtime)
    if not saved:
        raise RunError(f"{runs_folder(settings)} 中还没有评测结果：请先运行 judian eval run。")
    return saved[-1]


def runs_folder(settings: Settings) -> Path:
    return settings.home / "runs"


def open_system(url: str, settings: Settings) -> tuple[System, str, str]:
    """The system to examine, its name, and the fingerprint of its corpus."""
    if url:
        service = Service(url, key=settings.api_key)
        return service, service.url, service.corpus_fingerprint()
    # Loading the models takes seconds; commands that only read results go without.
    from rag.wire import open_assistant, prepare_index

    prepare_index(settings)
    assistant = open_assistant(settings)
    return assistant, "in process", assistant.fingerprint


def open_index(settings: Settings) -> "tuple[LoadedIndex, RememberingEncoder]":
    """The index, current, and an encoder that keeps the vectors of questions between runs."""
    from index.encoder import open_encoder
    from rag.wire import open_index as open_prepared
    from rag.wire import prepare_index

    prepare_index(settings)
    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    remembering = RememberingEncoder(encoder, settings.home / "query-vectors.npz")
    return open_prepared(settings, remembering), remembering
