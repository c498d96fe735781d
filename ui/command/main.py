"""The command line `judian`. Heavy libraries are imported by the commands that need them, so that the others answer at once."""

import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from corpus.errors import JudianError, ServiceError
from rag.config import Settings, read_settings, setting_table
from ui.fields import fields_of
from ui.quiet import go_offline, switch_off_telemetry

if TYPE_CHECKING:
    from index.types import Progress
    from rag.types import Answer, Citation
    from ui.client import Service

_MOUNTED = {
    "eval": ("eval.command.main", "app"),
    "corpus": ("ui.command.corpus", "app"),
    "read": ("ui.command.read", "read"),
    "feedback": ("ui.command.feedback", "app"),
    "mcp": ("ui.command.mcp_server", "mcp"),
    "keys": ("ui.command.keys", "app"),
    "audit": ("ui.command.audit", "app"),
}
"""Commands that live in modules of their own: the module, and the typer app or the function in it."""

_QUOTE_SHOWN = 200


class _Commands(TyperGroup):
    """The commands, those of `_MOUNTED` imported only when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *(name for name, (module, _) in _MOUNTED.items() if importlib.util.find_spec(module))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        module, attribute = _MOUNTED.get(cmd_name, ("", ""))
        if not module or importlib.util.find_spec(module) is None:
            return super().get_command(ctx, cmd_name)
        mounted = getattr(importlib.import_module(module), attribute)
        if not isinstance(mounted, typer.Typer):
            function, mounted = mounted, typer.Typer(add_completion=False)
            mounted.command(cmd_name)(function)
        command = typer.main.get_command(mounted)
        command.name = cmd_name
        return command


app = typer.Typer(cls=_Commands, help="据典：政策文件问答，每句话都有原文出处。", no_args_is_help=True, add_completion=False)
index_app = typer.Typer(help="索引：建立与查看。", no_args_is_help=True)
app.add_typer(index_app, name="index")

AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出，格式与 HTTP 接口相同")]
Insecure = Annotated[bool, typer.Option("--insecure", help="网络确已隔离：不要求密钥也向其他机器开放")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="端口；默认见设置，0 为任选一个空闲的", show_default=False)]


@app.command()
def ask(question: Annotated[str, typer.Argument(help="问题")], as_json: AsJson = False) -> None:
    """提问。服务在运行就问服务，否则在本进程内回答。"""
    settings = read_settings()
    service = _service(settings)
    answer = service.ask(question) if service else _assistant(settings).ask(question)
    if as_json:
        _print_json(fields_of(answer))
    else:
        typer.echo(_shown(answer))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="检索词或问题")],
    top_k: Annotated[int, typer.Option(min=1, max=50, help="最多几段")] = 10,
    documents: Annotated[list[str] | None, typer.Option("--document", help="只在这份文件里找（文件编号）；可重复")] = None,
    as_json: AsJson = False,
) -> None:
    """检索最相符的段落。"""
    settings = read_settings()
    service = _service(settings)
    hits: Sequence[Citation]
    hits = service.search(query, top_k, documents or ()) if service else _assistant(settings).search(query, top_k, documents or ())
    if as_json:
        _print_json({"hits": [fields_of(hit) for hit in hits]})
    else:
        typer.echo("\n".join(_source(hit) for hit in hits) or "没有相符的段落。")


@index_app.command("build")
def build(force: Annotated[bool, typer.Option("--force", help="不论新旧都从头重建，不沿用已有的向量")] = False) -> None:
    """准备向量模型，建立索引；已是最新的就什么也不做。"""
    from rag.wire import prepare_index

    settings = read_settings()
    with _bars() as progress:
        report = prepare_index(settings, force, progress)
    if report is None:
        typer.echo(f"索引已是最新：{settings.index_folder}", err=True)
        return
    typer.echo(
        f"索引已建立：{report.documents} 份文件，{report.passages} 个段落，{report.tasks} 项任务，{report.readings} 条读记"
        f"（{settings.index_folder}）",
        err=True,
    )
    for dropped in report.dropped:
        typer.echo(f"未采用的读记（{dropped.document_id}，{dropped.reason}）：{dropped.question}", err=True)


@index_app.command("status")
def status() -> None:
    """索引的位置、内容和新旧；不是最新时退出码为 1。"""
    from index.encoder import name_of
    from index.engine import open_engine
    from index.matcher import matcher_name
    from index.store import is_current, is_whole, read_manifest
    from rag.build import fingerprint

    settings = read_settings()
    folder = settings.index_folder
    manifest = read_manifest(folder)
    # Another model than the bundled one would have to be loaded to know its name; whether it fits shows when it is used.
    encoder = name_of(settings.model) or manifest["encoder"]
    whole, current = (
        is_whole(folder),
        is_current(folder, encoder, fingerprint(corpus_folder=settings.corpus_folder), open_engine(settings.index).name, matcher_name()),
    )
    counts = manifest["counts"]
    state = "已损坏，请运行 judian index build 重建" if not whole else "最新" if current else "已过期，请运行 judian index build 重建"
    typer.echo(f"位置　{settings.index_folder}")
    typer.echo(f"建立　{manifest.get('built', '')}")
    typer.echo(f"模型　{manifest['encoder']}（{manifest['dimension']} 维）")
    typer.echo(f"向量　段落 {counts.get('passages', 0)}，读记 {counts.get('readings', 0)}，任务 {counts.get('tasks', 0)}")
    typer.echo(f"状态　{state}")
    if not (whole and current):
        raise typer.Exit(1)


@app.command()
def serve(port: Port = None, insecure: Insecure = False) -> None:
    """只启动接口。"""
    from ui.command import serve as service

    settings = read_settings()
    service.check_exposure(settings, insecure)
    go_offline()
    port = service.free_port(settings.host, settings.api_port if port is None else port, "JUDIAN_API_PORT")
    typer.echo(f"接口　　{service.local_url(settings.host, port)}（说明见 /docs）")
    sys.stdout.flush()
    service.serve(settings, port)


@app.command()
def chat(port: Port = None, insecure: Insecure = False) -> None:
    """只启动对话页面；它向设置中的接口提问。"""
    from ui.command import serve as service

    settings = read_settings()
    host = _page_host(settings, insecure)
    port = service.free_port(host, settings.page_port if port is None else port, "JUDIAN_PAGE_PORT")
    url = service.service_url(settings)
    if not service.is_running(url):
        _say(f"{url} 上的接口还没有运行；请另外运行 judian serve。")
    page = service.page_part(settings, host, port, url, settings.api_key)
    service.watch([page], lambda: typer.echo(f"对话页面　{service.local_url(host, port)}"), _say)


@app.command()
def run(insecure: Insecure = False) -> None:
    """启动全部：备好向量模型和索引，然后提供对话页面与接口，直到按 Ctrl-C。"""
    import subprocess

    from ui.command import serve as service

    settings = read_settings()
    service.check_exposure(settings, insecure)
    host = _page_host(settings, insecure)
    api_port = service.free_port(settings.host, settings.api_port, "JUDIAN_API_PORT")
    page_port = service.free_port(host, settings.page_port, "JUDIAN_PAGE_PORT")
    if api_port == page_port:
        raise ServiceError(f"接口和对话页面不能共用端口 {api_port}：请用 JUDIAN_API_PORT 或 JUDIAN_PAGE_PORT 换一个。")
    # A process of its own, so that the memory that building takes is given back before the service starts.
    built = subprocess.run([*service.SELF, "index", "build"], check=False)
    if built.returncode:
        raise typer.Exit(built.returncode)
    go_offline()
    api_url, page_url = service.local_url(settings.host, api_port), service.local_url(host, page_port)

    def ready() -> None:
        typer.echo(f"对话页面　{page_url}\n接口　　　{api_url}（说明见 {api_url}/docs）\n按 Ctrl-C 结束。")
        sys.stdout.flush()

    _say("正在启动……")
    page = service.page_part(settings, host, page_port, api_url, service.page_key(settings))
    service.watch([service.api_part(settings, api_port, insecure), page], ready, _say)
    _say("已结束。")


@app.command()
def settings(markdown: Annotated[bool, typer.Option("--markdown", help="输出说明书里的设置表")] = False) -> None:
    """全部设置：环境变量、默认值、当前值和含义。"""
    if markdown:
        typer.echo(settings_markdown())
        return
    from rich.console import Console
    from rich.table import Table

    current = read_settings()
    table = Table("环境变量", "默认值", "当前值", "含义", box=None, header_style="bold")
    for variable, default, meaning in setting_table():
        value = str(getattr(current, variable.removeprefix("JUDIAN_").lower()))
        table.add_row(variable, default, "（已设）" if value and variable.endswith("_KEY") else value, meaning)
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)


def settings_markdown() -> str:
    """The settings as the README has them."""
    rows = [f"| `{variable}` | {f'`{default}`' if default else ''} | {meaning} |" for variable, default, meaning in setting_table()]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows])


def main() -> NoReturn:
    """Runs a command. What goes wrong is told in one line on stderr, with exit code 1; `--debug` before the command shows the traceback."""
    switch_off_telemetry()
    arguments = sys.argv[1:]
    debug = arguments[:1] == ["--debug"]
    try:
        code = app(args=arguments[debug:], prog_name="judian", standalone_mode=False)
    except TyperException as exc:
        code = _usage_error(exc)
    except Abort:
        code = 1
    except JudianError as exc:
        code = _failed(str(exc), exc, debug)
    except Exception as exc:
        reason = " ".join(f"{type(exc).__name__}: {exc}".split())
        code = _failed(f"程序出错：{reason}。用 judian --debug 再次运行可见详情。", exc, debug)
    sys.exit(code if isinstance(code, int) else 0)


def _failed(message: str, error: Exception, debug: bool) -> int:
    if debug:
        raise error
    _say(message)
    return 1


def _usage_error(error: TyperException) -> int:
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        typer.echo(error.format_message())
        return 0
    parameter = getattr(error, "param", None)
    name = getattr(error, "option_name", "") if parameter is None else parameter.opts[0]
    command = getattr(getattr(error, "ctx", None), "command_path", "judian")
    reasons = {"MissingParameter": f"缺少参数 {name}", "NoSuchOption": f"没有选项 {name}", "BadParameter": f"参数 {name} 的值不对"}
    _say(f"{reasons.get(kind, '命令不对')}（{error.format_message().rstrip('.')}）：用 {command} --help 查看用法。")
    return 1


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _page_host(settings: Settings, insecure: bool) -> str:
    from ui.command import serve as service

    host = service.page_host(settings, insecure)
    if host != settings.host:
        _say(f"对话页面没有设登录，只在本机（{host}）提供；设好登录，或在隔离的网络中加 --insecure，才向其他机器开放。")
    return host


def _service(settings: Settings) -> "Service | None":
    """The running service, or None where there is none. Raises ServiceError where the settings name one that does not answer."""
    from ui.client import Service
    from ui.command.serve import is_running, service_url

    url = service_url(settings)
    if is_running(url):
        return Service(url, key=settings.api_key)
    if settings.api_url:
        raise ServiceError(f"JUDIAN_API_URL 所指的接口 {url} 没有回应：请检查地址，或去掉这个设置，在本进程内回答。")
    return None


def _assistant(settings: Settings) -> Any:
    from rag.wire import open_assistant

    go_offline()
    return open_assistant(settings)


def _print_json(found: Any) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _shown(answer: "Answer") -> str:
    sources = "\n".join(_source(citation) for citation in answer.citations)
    parts = [answer.answer, f"相近的段落：\n{sources}" if answer.abstained and sources else sources]
    if answer.related:
        parts.append("还可以问：" + "　".join(answer.related))
    return "\n\n".join(part for part in parts if part)


def _source(citation: "Citation") -> str:
    path = " › ".join(citation.heading_path)
    quote = "".join(citation.quote.split())
    shortened = quote if len(quote) <= _QUOTE_SHOWN else quote[:_QUOTE_SHOWN] + "……"
    return f"[{citation.mark}] {citation.title}（{citation.date or '日期不详'}）{' › ' if path else ''}{path}\n    “{shortened}”"


@contextmanager
def _bars() -> "Iterator[Progress]":
    """Progress bars on stderr, one for each stage; nothing at all where there is nothing to do."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True))
    last: tuple[int, int] | None = None
    with ExitStack() as shown:

        def report(done: int, total: int, what: str) -> None:
            nonlocal last
            if last is None:
                shown.enter_context(bars)
            if last is None or total != last[1] or done < last[0]:
                bars.add_task(what, total=total)
            bars.update(bars.task_ids[-1], completed=done, description=what)
            last = (done, total)

        yield report


if __name__ == "__main__":
    main()
