"""The commands that train what is shipped: the ranking, and the model that compares a question with readings token by token."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from corpus.load import load_documents
from eval.command.choosing import cases_of, choose, open_index
from eval.command.showing import page, stages_bar
from eval.dataset import load_elsewhere
from eval.honesty import index_without, only_answered_by
from eval.train import Example, Training, Validation, collect, collect_elsewhere, collect_removed, load_training, save_ranker, taught, train
from eval.types import Split
from index.adapter import FILE, save_adapter
from rag.config import read_settings
from rag.rank import STATEMENT_WEIGHTS, WEIGHTS, Ranker, load_rankers

if TYPE_CHECKING:
    from index.store import LoadedIndex
    from index.types import Encoder
    from rag.assistant import Assistant

app = typer.Typer()


@app.command("train")
def train_ranking(
    statements: Annotated[
        bool, typer.Option("--statements", help="训练选取原文语句的权重（用于没有读记的文件），而不是选取读记的")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="权重写到哪个文件；默认为程序所用的那个", show_default=False)] = None,
) -> None:
    """用调试集重新训练选取读记（或原文语句）的权重，并显示交叉验证的结果：首选是否正确、把握是否可信。"""
    settings = read_settings()
    console = Console(stderr=True)
    cases = choose(cases_of(None), Split.TUNE)
    out = out or (STATEMENT_WEIGHTS if statements else WEIGHTS)
    before = load_training(out)
    index, encoder = open_index(settings)
    sources = load_documents()
    names = [document.info.id for document in sources]
    over = _over(index, encoder, statements)
    with stages_bar(console) as told:
        examples = collect(over, cases, lambda done, total: told("提问", done, total))
        recorder = taught(examples)
        removed: list[Example] = []
        for done, name in enumerate(names):
            told("抽去一份文件再问", done, len(names))
            orphaned = only_answered_by(cases, name)
            if statements:
                removed += collect_removed(over, orphaned, recorder, [other for other in names if other != name])
            else:
                with index_without(name, sources, settings.index_folder, encoder, index.matcher) as rest:
                    removed += collect_removed(_over(rest, encoder, statements), orphaned, recorder)
    elsewhere = collect_elsewhere(over, choose(load_elsewhere(), Split.TUNE))
    encoder.save()
    ranker, training = train([*examples, *removed], elsewhere, cases, index.fingerprint, datetime.now(UTC).date().isoformat())
    save_ranker(ranker, training, out)
    print_training(page(), training, before)
    console.print(f"权重写入 {out}", markup=False)


def _over(index: "LoadedIndex", encoder: "Encoder", statements: bool) -> "Callable[[Ranker], Assistant]":
    """Opens the assistant with a ranker of readings; with one of `statements` as the assistant whose documents nobody has read. The other ranker is
    the one that comes with the package."""
    from rag.assistant import Assistant

    def opened(ranker: Ranker) -> Assistant:
        shipped = load_rankers()
        rankers = replace(shipped, statements=ranker) if statements else replace(shipped, readings=ranker)
        return Assistant(index, encoder, use_readings=not statements, rankers=rankers)

    return opened


@app.command("teach")
def teach_matching(
    steps: Annotated[int | None, typer.Option(min=1, help="训练多少步，两核上每步约三秒；默认为程序所定的步数", show_default=False)] = None,
    out: Annotated[Path, typer.Option(help="写到哪个文件；默认为程序所用的那个", show_default=False)] = FILE,
) -> None:
    """用随附的读记重新训练逐词比对的模型（约半小时）；此后请运行 judian eval train，因为选取的权重也随之变化。"""
    # torch takes seconds to load; no other command of evaluation needs it.
    from eval.teach import Lesson, teach
    from index.bundled import prepare_bundled_model

    settings = read_settings()
    console = Console(stderr=True)
    index, encoder = open_index(settings)
    folder = prepare_bundled_model(settings.models_folder)
    lesson = Lesson() if steps is None else Lesson(steps=steps)
    with stages_bar(console) as told:
        adapter = teach(folder, encoder, index.all_readings, lesson, lambda done, total, what: told(what, done, total))
    made = {"date": datetime.now(UTC).date().isoformat(), "corpus": index.fingerprint}
    save_adapter(replace(adapter, about={**adapter.about, **made}), out)
    console.print(f"模型写入 {out}；请再运行 judian eval train。", markup=False)


def print_training(console: Console, training: Training, before: Training | None) -> None:
    console.print(f"{training.cases} 个问题，{training.folds} 折交叉验证", highlight=False)
    print_validation(console, "整个问题", training.whole, before.whole if before else None)
    print_validation(console, "问题的各个部分", training.parts, before.parts if before else None)


def print_validation(console: Console, what: str, found: Validation, before: Validation | None) -> None:
    earlier = f"（原为 {before.best_right:.3f}）" if before else ""
    console.print(
        f"{what}：{found.examples} 组记录，其中 {found.answerable} 组含正确的；"
        f"首选正确 {found.best_right:.3f}{earlier}，只按相似度 {found.best_by_cosine:.3f}；"
        f"把握的 Brier 分 {found.brier:.3f}，校准误差 {found.calibration_error:.3f}",
        highlight=False,
    )
    table = Table("所称把握", "题数", "平均把握", "实际正确", box=None, header_style="bold")
    for one in found.reliability:
        table.add_row(f"{one.low:.1f}–{one.high:.1f}", str(one.questions), f"{one.told:.3f}", f"{one.right:.3f}")
    console.print(table)
    table = Table("从此把握起作答", "正确的说出", "错误的不说", box=None, header_style="bold")
    for at in found.thresholds:
        table.add_row(f"{at.probability:.2f}", f"{at.right_said:.3f}", f"{at.wrong_kept_back:.3f}")
    console.print(table)
