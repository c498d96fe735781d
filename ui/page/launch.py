"""How the page is started: Streamlit's own settings as command-line flags, so that no configuration file has to lie anywhere."""

import sys
from pathlib import Path

_FONTS = "'PingFang SC', 'Microsoft YaHei', 'Source Han Sans SC', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"

LIGHT = {
    "primaryColor": "#1f5582",
    "backgroundColor": "#fcfcfb",
    "secondaryBackgroundColor": "#f2f4f5",
    "textColor": "#1d262e",
    "borderColor": "#dfe3e6",
    "linkColor": "#1f5582",
}
DARK = {
    "primaryColor": "#8fbbe0",
    "backgroundColor": "#15191d",
    "secondaryBackgroundColor": "#1f252b",
    "textColor": "#e3e7ea",
    "borderColor": "#333b43",
    "linkColor": "#8fbbe0",
}

FLAGS: dict[str, str] = {
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "global.developmentMode": "false",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "runner.magicEnabled": "false",
    "runner.postScriptGC": "false",
    "logger.level": "warning",
    "theme.font": _FONTS,
    "theme.headingFont": _FONTS,
    "theme.baseRadius": "6px",
    **{f"theme.light.{name}": value for name, value in LIGHT.items()},
    **{f"theme.dark.{name}": value for name, value in DARK.items()},
}
"""Quiet (no usage statistics), no developer's menu, fonts of the system only, light and dark after the reader's own choice. Garbage is collected when
Python finds it due and not after every drawing of the page, which held back each answer by a tenth of a second."""


def page_command(host: str, port: int, service_url: str, secrets: Path | None = None) -> list[str]:
    """The command that serves the chat page on `host`:`port` as a client of the API at `service_url`; `secrets` says how users sign in."""
    flags = {**FLAGS, **({"secrets.files": str(secrets)} if secrets else {}), "server.address": host, "server.port": str(port)}
    script = str(Path(__file__).with_name("server.py"))
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        *(f"--{name}={value}" for name, value in flags.items()),
        "--",
        "--service",
        service_url,
    ]
