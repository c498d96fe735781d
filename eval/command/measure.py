"""Commands that measure: retrieval on public data, the gate's baseline, the bench."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from eval.command.choosing import cases_of, choose, open_system
from eval.command.showing import page, progress_bar
from eval.gate import BASELINE, baseline_of, save_baseline
from eval.retrieval import load_squad, score_retrieval
from eval.run import run_cases, stamp_of
from eval.types import DEPTHS, Split
from rag.config import read_settings

app = typer.Typer()

_USUAL_TOKENS = 200
"""Tokens that a chat model may write for an answer of the usual stack."""


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
    page().print(table)


@app.command("baseline")
def baseline(
    out: Annotated[Path, typer.Option(help="记录到哪个文件；默认为 eval/baseline.json", show_default=False)] = BASELINE,
    lower: Annotated[bool, typer.Option("--lower", help="允许低于已记录的基线")] = False,
) -> None:
    """评测测试集，把准确率与证据@5 记为基线；make test 不容许低于基线（减去波动）。"""
    settings = read_settings()
    console = Console(stderr=True)
    cases = choose(cases_of(None), Split.TEST)
    system, name, fingerprint = open_system("", settings)
    with progress_bar(console, len(cases)) as progress:
        found = baseline_of(run_cases(system, cases, stamp_of(name, cases, fingerprint), progress=progress))
    save_baseline(found, out, allow_lower=lower)
    typer.echo(
        f"{found.cases} 题：准确率 {found.accuracy.value:.3f}（波动 {found.accuracy.noise:.3f}），"
        f"证据@5 {found.evidence.value:.3f}（波动 {found.evidence.noise:.3f}），记于 {out}"
    )


@app.command("bench")
def bench(
    full: Annotated[bool, typer.Option("--full", help="建立索引时计算全部向量；默认只算一部分，其余按字数推算")] = False,
    seconds: Annotated[float, typer.Option(min=1, max=60, help="每种客户端个数提问多少秒")] = 15.0,
    limit: Annotated[int, typer.Option(min=0, help="最多用多少个问题；0 为整个调试集")] = 0,
    out: Annotated[Path, typer.Option(help="Markdown 写到哪里；同名的 .json 写在旁边")] = Path("docs/benchmarks.md"),
    usual_llm: Annotated[str, typer.Option(help="给对照方案作答的大模型，名称同 JUDIAN_LLM；不填则只比检索")] = "",
    usual_llm_url: Annotated[str, typer.Option(help="该大模型的服务地址（OpenAI 兼容）")] = "",
    under_load: Annotated[bool, typer.Option("--soak", help="改为压力测试：不同的问题、好坏混合的请求、杀死进程；结果写进同一页")] = False,
    minutes: Annotated[float, typer.Option(min=0.1, max=120, help="压力测试多少分钟")] = 10.0,
    page: Annotated[bool, typer.Option("--page", help="改测对话页面：打开多久，回答之外另花多久；结果写进同一页；要有浏览器")] = False,
    scale: Annotated[str, typer.Option(help="改测规模：段落数，逗号分隔，如 10000,100000,1000000；写入 docs/scale.md")] = "",
    embed: Annotated[int, typer.Option(min=1, max=100_000, help="测规模时真正计算多少个模拟段落的向量")] = 100_000,
    keep: Annotated[bool, typer.Option("--keep", help="测规模后保留索引")] = False,
) -> None:
    """在本机测量：读文件、建索引、提问、并发、启动、内存，以及同样的问题用常见方案检索的结果。"""
    if scale:
        bench_scale(scale, embed, limit, keep)
        return
    from eval import page_cost, soak
    from eval.bench import markdown, run_bench, save_bench
    from eval.sections import keeping, with_section
    from rag.llm import open_chat_model

    started = datetime.now().astimezone().isoformat(timespec="minutes")
    console = Console(stderr=True)
    earlier = out.read_text("utf-8") if out.exists() else ""
    if under_load or page:
        with console.status("测量") as status:
            if under_load:
                found = soak.section(soak.run_soak(read_settings(), started, 60 * minutes, status.update))
            else:
                found = page_cost.section(page_cost.measure_page(read_settings(), started, status.update))
        out.write_text(with_section(earlier, found), "utf-8")
        typer.echo(found)
        return
    cases = choose(cases_of(None), Split.TUNE, limit=limit)
    model = open_chat_model(usual_llm, usual_llm_url, max_tokens=_USUAL_TOKENS) if usual_llm else None
    with console.status("测量") as status:
        measured = run_bench(read_settings(), cases, started, full, seconds, lambda what: status.update(f"测量：{what}"), model)
    save_bench(out.with_suffix(".json"), measured)
    out.write_text(keeping(markdown(measured), earlier, [soak.HEADING, page_cost.HEADING]), "utf-8")
    typer.echo(f"已写入 {out} 与 {out.with_suffix('.json')}")


def bench_scale(scale: str, embed: int, limit: int, keep: bool, page: Path = Path("docs/scale.md")) -> None:
    """Measures some sizes, each of which is kept as soon as it is measured."""
    from eval.scale import ScaleError, measure, save_sizes, write_page

    try:
        sizes = sorted({int(size) for size in scale.split(",")})
    except ValueError as exc:
        raise ScaleError(f"--scale {scale!r} 应为逗号分隔的段落数，如 10000,100000。") from exc
    cases = choose(cases_of(None), Split.TUNE, limit=limit)
    with Console(stderr=True).status("测量规模") as status:
        for size in sizes:
            measured = measure(read_settings(), size, cases, embed, keep, status.update)
            write_page(page, save_sizes(page.with_suffix(".json"), [measured]))
    typer.echo(f"已写入 {page} 与 {page.with_suffix('.json')}")
