"""The commands of `judian eval`."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.dataset import (
    BUNDLED,
    QuestionSetError,
    check_cases,
    draft_cases,
    load_cases,
    load_texts,
    named_set,
    requirements,
    save_cases,
    split_of,
)
from eval.gate import BASELINE, baseline_of, save_baseline
from eval.metrics import Totals, totals
from eval.report import by_document, by_type, cells, html_page, markdown_summary
from eval.retrieval import load_squad, score_retrieval
from eval.run import TOP_K, Change, Record, Run, RunError, Service, compare, load_run, run_cases, save_run, stamp_of
from eval.train import Example, Training, collect, load_training, save_ranker, train
from eval.types import DEPTHS, Case, CaseType, Fault, Split, System
from eval.vectors import RememberingEncoder
from rag.config import Settings, read_settings
from rag.rank import WEIGHTS

PAGE_WIDTH = 140
"""Columns of a table that is written to a file or a pipe."""

app = typer.Typer(help="评测：问题集、指标、运行与比较。", no_args_is_help=True)

_SETS_HELP = "问题集：文件、文件夹或自带问题集的名称；可重复，默认为自带的全部"
_RUN_HELP = "评测结果文件；默认为最近一次"

Sets = Annotated[list[str] | None, typer.Option("--set", help=_SETS_HELP)]
RunFile = Annotated[Path | None, typer.Argument(help=_RUN_HELP, show_default=False)]


@app.command("check")
def check(
    sets: Sets = None,
    documents: Annotated[Path | None, typer.Option(help="存放文件原文的文件夹；默认为自带的五份文件")] = None,
) -> None:
    """检查问题集：格式、引文是否原文、参考答案是否判为正确，以及各类问题的数量。"""
    console = _page()
    cases, texts = _cases(sets), load_texts(documents)
    problems = check_cases(cases, texts)
    for problem in problems:
        shown = problem.case.question[:40] if split_of(problem.case.id) is Split.TUNE else "（测试集）"
        console.print(f"{problem.case.id} {shown}：{problem.reason}", style="red", markup=False)
    wanting = []
    if sets is None and documents is None:
        wanting = [need for need in requirements(cases, texts) if need.present < need.wanted]
    console.print(_counts(cases, list(texts)))
    for need in wanting:
        console.print(f"{need.kind}：应有 {need.wanted}，现有 {need.present}", style="red", markup=False)
    if problems or wanting:
        raise typer.Exit(1)
    console.print(f"{len(cases)} 个问题全部通过：引文都是原文，参考答案都判为正确。")


@app.command("format")
def format_sets(files: Annotated[list[Path], typer.Argument(help="要整理的问题集文件")]) -> None:
    """整理问题集：补上编号，统一字段次序。"""
    for file in files:
        cases = load_cases(file)
        save_cases(file, cases)
        typer.echo(f"{file}：{len(cases)} 个问题")


@app.command("draft")
def draft(
    flagged: Annotated[Path, typer.Argument(help="每行一个 JSON 对象，含 question，可含 history（如用户点踩的提问）")],
    out: Annotated[Path, typer.Option(help="草稿写到哪里")] = Path("drafts.jsonl"),
) -> None:
    """把答得不好的提问写成问题草稿，供人补上答案与证据；自带问题集里已有的略去。"""
    drafts = draft_cases(flagged, load_cases(BUNDLED))
    save_cases(out, drafts)
    typer.echo(f"已写入 {out}：{len(drafts)} 个草稿。补全之后用 judian eval check --set {out} 检查。")


@app.command("run")
def run(
    split: Annotated[str, typer.Option(help="tune（调试集）、test（测试集，只显示总数）或 all")] = "tune",
    url: Annotated[str, typer.Option(help="被评测服务的地址；默认在本进程内评测")] = "",
    sets: Sets = None,
    types: Annotated[str, typer.Option(help="只评测这些类型，逗号分隔")] = "",
    limit: Annotated[int, typer.Option(min=0, help="最多评测多少个问题；0 为全部")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="同时提问的个数；要测延迟请用 1")] = 1,
    top_k: Annotated[int, typer.Option(min=1, max=50, help="每次提问的 top_k")] = TOP_K,
    out: Annotated[Path | None, typer.Option(help="结果文件；中断后以同一文件名再次运行即可接着评测")] = None,
    fail_under: Annotated[float, typer.Option(min=0, max=1, help="准确率低于此值时以状态 1 退出")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="总数以 JSON 输出")] = False,
) -> None:
    """评测：逐题提问、判分，显示总数，结果存为 JSON。"""
    settings = read_settings()
    cases = choose(_cases(sets), split, types, limit)
    console = Console(stderr=True)
    system, name, fingerprint = _system(url, settings, console)
    stamp = stamp_of(name, cases, fingerprint, workers, top_k, in_process=not url)
    file = out or _runs_folder(settings) / f"{datetime.now():%Y%m%d-%H%M%S}-{split}.json"
    journal = file.with_name(file.name + ".journal")
    try:
        with _progress_bar(console, len(cases)) as progress:
            finished = run_cases(system, cases, stamp, journal, progress)
    except KeyboardInterrupt:
        console.print(f"已中断；以 --out {file} 再次运行即可接着评测。", markup=False)
        raise typer.Exit(130) from None
    save_run(file, finished)
    journal.unlink()
    overall = totals([record.outcome for record in finished.records])
    if as_json:
        typer.echo(json.dumps(asdict(overall), ensure_ascii=False))
    else:
        _print_totals(_page(), finished)
    console.print(f"结果存于 {file}", markup=False)
    if overall.accuracy is not None and overall.accuracy.value < fail_under:
        console.print(f"准确率 {overall.accuracy.value:.3f} 低于 {fail_under}。", style="red")
        raise typer.Exit(1)


@app.command("show")
def show(file: RunFile = None) -> None:
    """再次显示一次评测的总数。"""
    _print_totals(_page(), load_run(file or latest_run(read_settings())))


@app.command("failures")
def failures(
    file: RunFile = None,
    types: Annotated[str, typer.Option(help="只看这些类型，逗号分隔")] = "",
    fault: Annotated[str, typer.Option(help="只看这种错误，如 abstained、fact_missing、no_evidence")] = "",
    limit: Annotated[int, typer.Option(min=0, help="最多显示多少题；0 为全部")] = 0,
) -> None:
    """列出调试集里答错的问题：问题、应答、所答、所引。测试集只有总数。"""
    wanted = _types(types)
    records = [
        r for r in load_run(file or latest_run(read_settings())).records if r.exchange and not r.outcome.correct and r.type in wanted
    ]
    records = [record for record in records if not fault or fault in record.outcome.faults]
    for record in records[: limit or None]:
        typer.echo(describe(record) + "\n")
    typer.echo(f"调试集答错 {len(records)} 题")


@app.command("compare")
def compare_runs(
    before: Annotated[Path, typer.Argument(help="先前的结果")],
    after: Annotated[Path, typer.Argument(help="后来的结果")],
) -> None:
    """比较两次评测：哪些题变好、变坏（调试集逐题列出），差别是否超出偶然。"""
    found = compare(load_run(before), load_run(after))
    for title, changes in (("变好", found.better), ("变坏", found.worse)):
        for change in changes:
            typer.echo(f"{title} {_change_line(change)}")
    typer.echo(
        f"共同的问题 {found.cases}：准确率 {found.right_before / found.cases:.3f} → {found.right_after / found.cases:.3f}，"
        f"变好 {found.gained}，变坏 {found.lost}（其中测试集 {found.gained - len(found.better)} 与 {found.lost - len(found.worse)}）"
    )
    verdict = "差别超出偶然" if found.p_value < 0.05 else "差别可能出于偶然"
    typer.echo(f"McNemar 精确检验 p = {found.p_value:.4f}：{verdict}")


@app.command("report")
def report(
    file: RunFile = None,
    html: Annotated[Path | None, typer.Option(help="网页写到哪里；默认在结果文件旁边")] = None,
    markdown: Annotated[Path, typer.Option(help="Markdown 摘要写到哪里")] = Path("docs/quality.md"),
) -> None:
    """写出评测报告：一个不引用外部资源的网页，和一份 Markdown 摘要。"""
    source = file or latest_run(read_settings())
    finished = load_run(source)
    page = html or source.with_suffix(".html")
    for path, text in ((page, html_page(finished)), (markdown, markdown_summary(finished))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        typer.echo(f"已写入 {path}")


@app.command("retrieval")
def retrieval(
    squad: Annotated[Path, typer.Option(help="SQuAD 格式的中文问答文件，如 CMRC 2018")],
    limit: Annotated[int, typer.Option(min=0, help="最多用多少个问题，均匀取自全文件；0 为全部")] = 0,
) -> None:
    """在公开数据上测检索：各路与融合的 recall@1/5/10 和 MRR。"""
    from index.encoder import open_encoder

    settings = read_settings()
    data = load_squad(squad, limit)
    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    with Console(stderr=True).status("计算向量") as status:
        scores = score_retrieval(data, encoder, lambda done, total, what: status.update(f"{what} {done}/{total}"))
    table = Table(
        f"{len(data.paragraphs)} 段，{len(data.questions)} 问",
        *(f"recall@{depth}" for depth in DEPTHS),
        "MRR",
        box=None,
        header_style="bold",
    )
    for score in scores:
        table.add_row(score.leg, *(f"{value:.3f}" for value in score.recall), f"{score.reciprocal_rank:.3f}")
    _page().print(table)


@app.command("baseline")
def baseline(
    out: Annotated[Path, typer.Option(help="记录到哪个文件；默认为 eval/baseline.json", show_default=False)] = BASELINE,
    lower: Annotated[bool, typer.Option("--lower", help="允许低于已记录的基线")] = False,
) -> None:
    """评测测试集，把准确率与证据@5 记为基线；make test 不容许低于基线（减去波动）。"""
    settings = read_settings()
    console = Console(stderr=True)
    cases = choose(_cases(None), Split.TEST)
    system, name, fingerprint = _system("", settings, console)
    with _progress_bar(console, len(cases)) as progress:
        found = baseline_of(run_cases(system, cases, stamp_of(name, cases, fingerprint), progress=progress))
    save_baseline(found, out, allow_lower=lower)
    typer.echo(
        f"{found.cases} 题：准确率 {found.accuracy.value:.3f}（波动 {found.accuracy.noise:.3f}），"
        f"证据@5 {found.evidence.value:.3f}（波动 {found.evidence.noise:.3f}），记于 {out}"
    )


@app.command("train")
def train_ranking(
    out: Annotated[Path, typer.Option(help="权重写到哪个文件；默认为程序所用的那个", show_default=False)] = WEIGHTS,
) -> None:
    """用调试集重新训练选取问答记录的权重，并显示交叉验证的结果：首选是否正确、把握是否可信。"""
    settings = read_settings()
    console = Console(stderr=True)
    cases = choose(_cases(None), Split.TUNE)
    before = load_training(out)
    with _progress_bar(console, len(cases)) as progress:
        examples, fingerprint = _ranked(settings, cases, progress)
    ranker, training = train(examples, cases, fingerprint, datetime.now(UTC).date().isoformat())
    save_ranker(ranker, training, out)
    _print_training(_page(), training, before)
    console.print(f"权重写入 {out}", markup=False)


@app.command("bench")
def bench(
    full: Annotated[bool, typer.Option("--full", help="建立索引时计算全部向量；默认只算一部分，其余按字数推算")] = False,
    seconds: Annotated[float, typer.Option(min=1, max=60, help="每种客户端个数提问多少秒")] = 15.0,
    limit: Annotated[int, typer.Option(min=0, help="最多用多少个问题；0 为整个调试集")] = 0,
    out: Annotated[Path, typer.Option(help="Markdown 写到哪里；同名的 .json 写在旁边")] = Path("docs/benchmarks.md"),
) -> None:
    """在本机测量：读文件、建索引、提问、并发、启动、内存，以及同样的问题用常见方案检索的结果。"""
    from eval.bench import markdown, run_bench, save_bench

    cases = choose(_cases(None), Split.TUNE, limit=limit)
    started = datetime.now().astimezone().isoformat(timespec="minutes")
    console = Console(stderr=True)
    with console.status("测量") as status:
        measured = run_bench(read_settings(), cases, started, full, seconds, lambda what: status.update(f"测量：{what}"))
    save_bench(out.with_suffix(".json"), measured)
    out.write_text(markdown(measured), "utf-8")
    typer.echo(f"已写入 {out} 与 {out.with_suffix('.json')}")


def choose(cases: Sequence[Case], split: str, types: str = "", limit: int = 0) -> list[Case]:
    """The cases of a split ("all" for both) and of some types (comma-separated, empty for all).

    A limit takes those of lowest id, which is a fair sample of all types. Raises QuestionSetError when nothing is left.
    """
    if split not in (*Split, "all"):
        raise QuestionSetError(f"没有 {split!r} 这一部分：请用 tune、test 或 all。")
    wanted = _types(types)
    chosen = [case for case in cases if (split == "all" or split_of(case.id) == split) and case.type in wanted]
    if limit:
        kept = {case.id for case in sorted(chosen, key=lambda case: case.id)[:limit]}
        chosen = [case for case in chosen if case.id in kept]
    if not chosen:
        raise QuestionSetError(f"没有符合条件的问题（split={split}，types={types or '全部'}）：请放宽条件。")
    return chosen


def latest_run(settings: Settings) -> Path:
    """The run saved last. Raises RunError when there is none."""
    saved = sorted(_runs_folder(settings).glob("*.json"), key=lambda path: path.stat().st_mtime)
    if not saved:
        raise RunError(f"{_runs_folder(settings)} 中还没有评测结果：请先运行 judian eval run。")
    return saved[-1]


def describe(record: Record) -> str:
    """A failed case in a few lines. Raises ValueError for a case of the test split, which has no texts."""
    exchange = record.exchange
    if exchange is None:
        raise ValueError("a case of the test split is not shown")
    lines = [f"{record.id} {record.type} [{'、'.join(record.outcome.faults)}] {record.outcome.confidence:.2f} {exchange.mode}".rstrip()]
    lines += [f"  先问 {earlier}" for earlier in exchange.history]
    lines.append(f"  问   {exchange.question}")
    if exchange.understood != exchange.question and exchange.history:
        lines.append(f"  解作 {exchange.understood}")
    lines += [f"  应答 {exchange.expected}", f"  所答 {exchange.said}"]
    if exchange.missing:
        lines.append(f"  缺少 {'；'.join(exchange.missing)}")
    if Fault.NO_EVIDENCE in record.outcome.faults:
        lines += [f"  证据 {proof.document} {_shortened(proof.quote or '、'.join(proof.tokens), 100)}" for proof in exchange.evidence[:3]]
    lines += [f"  所引 {shown.document} {_shortened(shown.quote or shown.text, 100)}" for shown in exchange.cited[:3]]
    if exchange.error:
        lines.append(f"  出错 {exchange.error}")
    return "\n".join(lines)


def _runs_folder(settings: Settings) -> Path:
    return settings.home / "runs"


def _cases(sets: Sequence[str] | None) -> tuple[Case, ...]:
    return load_cases(*(named_set(name) for name in sets)) if sets else load_cases(BUNDLED)


def _types(names: str) -> frozenset[CaseType]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in list(CaseType)]
    if unknown:
        raise QuestionSetError(f"没有问题类型 {unknown[0]!r}：请用 {'、'.join(CaseType)}。")
    return frozenset(CaseType(name) for name in wanted) or frozenset(CaseType)


def _system(url: str, settings: Settings, console: Console) -> tuple[System, str, str]:
    """The system to examine, its name, and the fingerprint of its corpus."""
    if url:
        service = Service(url)
        return service, service.url, service.corpus_fingerprint()
    # Loading the models takes seconds; commands that only read results go without.
    from index.encoder import open_encoder
    from index.store import is_current, load_index
    from rag.assistant import Assistant
    from rag.build import build, fingerprint

    encoder = open_encoder(settings.model, settings.models_folder, threads=settings.threads or None)
    if not is_current(settings.index_folder, encoder.name, fingerprint()):
        console.print("索引不是最新的，正在重建……")
        build(settings.index_folder, encoder)
    assistant = Assistant(load_index(settings.index_folder, encoder), encoder, settings.readings)
    return assistant, "in process", assistant.fingerprint


def _ranked(settings: Settings, cases: Sequence[Case], progress: Callable[[int, int], None]) -> tuple[list[Example], str]:
    """What the assistant has to rank for the cases, and the fingerprint of its corpus."""
    from index.encoder import open_encoder
    from index.store import load_index
    from rag.assistant import Assistant
    from rag.wire import prepare_index

    prepare_index(settings)
    encoder = RememberingEncoder(
        open_encoder(settings.model, settings.models_folder, threads=settings.threads or None), settings.home / "query-vectors.npz"
    )
    index = load_index(settings.index_folder, encoder)
    examples = collect(lambda ranker: Assistant(index, encoder, ranker=ranker), cases, progress)
    encoder.save()
    return examples, index.fingerprint


def _print_training(console: Console, training: Training, before: Training | None) -> None:
    earlier = f"（原为 {before.best_right:.3f}）" if before else ""
    console.print(
        f"{training.cases} 个问题，{training.examples} 组记录，其中 {training.answerable} 组含正确的；{training.folds} 折交叉验证：\n"
        f"首选正确 {training.best_right:.3f}{earlier}，只按相似度 {training.best_by_cosine:.3f}；"
        f"把握的 Brier 分 {training.brier:.3f}，校准误差 {training.calibration_error:.3f}",
        highlight=False,
    )
    table = Table("所称把握", "题数", "平均把握", "实际正确", box=None, header_style="bold")
    for one in training.reliability:
        table.add_row(f"{one.low:.1f}–{one.high:.1f}", str(one.questions), f"{one.told:.3f}", f"{one.right:.3f}")
    console.print(table)
    table = Table("从此把握起作答", "正确的说出", "错误的不说", box=None, header_style="bold")
    for at in training.thresholds:
        table.add_row(f"{at.probability:.2f}", f"{at.right_said:.3f}", f"{at.wrong_kept_back:.3f}")
    console.print(table)


def _page() -> Console:
    """Standard output; as wide as the tables where it is not a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=PAGE_WIDTH)


@contextmanager
def _progress_bar(console: Console, cases: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on the console for as long as a run goes on."""
    with Progress(TextColumn("评测"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=cases)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_totals(console: Console, run: Run) -> None:
    """Totals by split, type and document."""
    table = Table(
        "", "题数", "准确率", "95% 区间", *(f"证据@{depth}" for depth in DEPTHS), "引用准确", "引用覆盖", box=None, header_style="bold"
    )
    groups = [("全部", list(run.records)), *by_type(run.records, {kind: str(kind) for kind in CaseType}), *by_document(run.records)]
    for name, records in groups:
        table.add_row(name, *cells(totals([record.outcome for record in records])))
    console.print(table)
    overall = totals([record.outcome for record in run.records])
    console.print(_small_print(overall), markup=False, highlight=False)


def _small_print(found: Totals) -> str:
    lines = [
        f"拒答：精确率 {found.abstention.precision:.3f}，召回率 {found.abstention.recall:.3f}，F1 {found.abstention.f1:.3f}；"
        f"该答而拒 {found.abstention.wrong:.3f}"
    ]
    if found.latency:
        lines.append(f"提问耗时（毫秒）：p50 {found.latency.p50:.1f}，p95 {found.latency.p95:.1f}，p99 {found.latency.p99:.1f}")
    if found.verbosity is not None:
        lines.append(f"答案长度为参考答案的 {found.verbosity:.2f} 倍（中位数）")
    if found.risk_area is not None:
        lines.append(f"风险—覆盖曲线下的平均风险 {found.risk_area:.3f}")
    lines.append("错误：" + ("，".join(f"{fault} {count}" for fault, count in found.faults.items()) or "无"))
    return "\n".join(lines)


def _counts(cases: Sequence[Case], documents: Sequence[str]) -> Table:
    """Numbers of cases by type and document, and of each half."""
    table = Table("类型", "全部", "调试集", "测试集", *(f"文件 {name}" for name in documents), box=None, header_style="bold")
    for name, chosen in [("全部", list(cases)), *((str(kind), [case for case in cases if case.type is kind]) for kind in CaseType)]:
        halves = [sum(split_of(case.id) is split for case in chosen) for split in Split]
        by_document = [sum(document in case.documents for case in chosen) for document in documents]
        table.add_row(name, *map(str, (len(chosen), *halves, *by_document)))
    return table


def _change_line(change: Change) -> str:
    exchange = change.after.exchange
    question = exchange.question if exchange else ""
    faults = "、".join(change.before.outcome.faults or change.after.outcome.faults)
    return f"{change.after.id} {change.after.type} [{faults}] {question}"


def _shortened(text: str, length: int) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= length else joined[: length - 1] + "…"
