"""`judian mcp`: the service as tools for language models and agents."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import ServiceError
from rag.config import Settings, read_settings

if TYPE_CHECKING:
    import httpx

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def mcp(
    http: Annotated[bool, typer.Option("--http", help="以 HTTP 方式提供（streamable HTTP，地址为 /mcp）；默认经标准输入输出")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="HTTP 方式的端口；0 为任选一个空闲的")] = 8765,
) -> None:
    """向大模型客户端提供检索、提问、任务、指标和原文（MCP）。服务在运行就问服务，否则在本进程内回答。"""
    from ui.command.serve import free_port
    from ui.quiet import go_offline

    settings = read_settings()
    if http and settings.host not in LOOPBACK:
        raise ServiceError(f"MCP 的 HTTP 方式只在本机提供，JUDIAN_HOST={settings.host} 不行：请改为 127.0.0.1。")
    go_offline()
    asyncio.run(_serve(settings, free_port(settings.host, port, "--port") if http else None))


async def _serve(settings: Settings, port: int | None) -> None:
    from ui.mcp_server import mcp_server

    async with _service(settings) as client:
        server = mcp_server(client)
        if port is None:
            await server.run_stdio_async()
        else:
            typer.echo(f"MCP　　　http://{settings.host}:{port}/mcp", err=True)
            await server.run_streamable_http_async(host=settings.host, port=port)


def _service(settings: Settings) -> "AbstractAsyncContextManager[httpx.AsyncClient]":
    """A client of the running service, or of one in this process where none is running."""
    from rag.wire import open_assistant
    from ui.api.app import create_app
    from ui.command.serve import is_running, service_url
    from ui.mcp_server import at_address, client_of

    url = service_url(settings)
    if is_running(url):
        return at_address(url, settings.api_key)
    if settings.api_url:
        raise ServiceError(f"JUDIAN_API_URL 所指的接口 {url} 没有回应：请检查地址，或去掉这个设置，在本进程内回答。")
    # Nobody but this command reaches the service inside it: there is no one to ask for a key.
    return client_of(create_app(lambda: open_assistant(settings), replace(settings, api_keys=False)))
