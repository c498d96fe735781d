"""`judian keys`: who may use the API."""

from typing import Annotated

import typer

from rag.config import read_settings
from ui.api.keys import Key, KeyStore, Role

app = typer.Typer(help="接口密钥：发放、查看、撤销。", no_args_is_help=True)

_ROLES = {Role.USER: "使用者", Role.ADMINISTRATOR: "管理员"}


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="名称，记录中以此称呼；不能与已有的相同")],
    administrator: Annotated[bool, typer.Option("--administrator", help="管理员：还可以增删文件")] = False,
    count: Annotated[int, typer.Option(min=1, max=1000, help="一次发放多个，名称后加 -1、-2……")] = 1,
) -> None:
    """发放密钥。密钥只显示这一次，保存的是它的摘要。"""
    settings = read_settings()
    names = [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]
    typer.echo("\n".join(KeyStore(settings.keys_file).add(names, Role.ADMINISTRATOR if administrator else Role.USER)))
    typer.echo("请妥善保管，以后无法再次查看。请求时带上：Authorization: Bearer 密钥", err=True)
    if not settings.api_keys:
        typer.echo("现在接口不要求密钥；设置 JUDIAN_API_KEYS=on 并重新启动后要求。", err=True)


@app.command("list")
def list_keys() -> None:
    """全部密钥的名称、角色、发放和撤销时间。"""
    keys = KeyStore(read_settings().keys_file).all_keys()
    typer.echo("\n".join(_line(key) for key in keys) or "还没有密钥，用 judian keys add 发放。")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="密钥的名称")]) -> None:
    """撤销一个密钥，立即生效。"""
    KeyStore(read_settings().keys_file).revoke(name)
    typer.echo(f"已撤销 {name}。", err=True)


def _line(key: Key) -> str:
    state = f"已撤销 {key.revoked}" if key.revoked else "有效"
    return f"{key.name}　{_ROLES[key.role]}　发放 {key.created}　{state}"
