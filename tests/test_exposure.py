"""Beyond this machine only with keys, or where that was said to be wanted."""

from pathlib import Path

import pytest

from corpus.errors import ServiceError
from rag.config import Settings
from tests.test_cli import judian
from ui.api.keys import KeyStore, Role
from ui.command import serve

ELSEWHERE = ["0.0.0.0", "::", "192.0.2.1", "policy.example"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_this_machine_needs_no_keys(host: str) -> None:
    serve.check_exposure(Settings(host=host), insecure=False)
    assert serve.page_host(Settings(host=host), insecure=False) == host


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_machines_need_keys_or_a_word(host: str) -> None:
    with pytest.raises(ServiceError, match=r"JUDIAN_API_KEYS=on.*--insecure"):
        serve.check_exposure(Settings(host=host), insecure=False)
    serve.check_exposure(Settings(host=host, api_keys=True), insecure=False)
    serve.check_exposure(Settings(host=host), insecure=True)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_the_page_stays_here_unless_users_sign_in(host: str, tmp_path: Path) -> None:
    settings = Settings(host=host, home=tmp_path, api_keys=True)
    assert serve.page_host(settings, insecure=False) == "127.0.0.1"
    assert serve.page_host(settings, insecure=True) == host
    settings.secrets_file.write_text("[auth]")
    assert serve.page_host(settings, insecure=False) == host


@pytest.mark.parametrize("command", ["serve", "run"])
def test_the_commands_refuse(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JUDIAN_HOST", "0.0.0.0")
    assert judian(command) == 1
    assert "不要求密钥" in capsys.readouterr().err


def test_the_page_gets_a_key_of_its_own(tmp_path: Path) -> None:
    assert serve.page_key(Settings(home=tmp_path)) == ""
    assert serve.page_key(Settings(home=tmp_path, api_keys=True, api_key="judian_mine")) == "judian_mine"
    token = serve.page_key(Settings(home=tmp_path, api_keys=True))
    key = KeyStore(tmp_path / "keys.json").find(token)
    assert key is not None
    assert (key.name, key.role) == (serve.PAGE, Role.ADMINISTRATOR)
    part = serve.page_part(Settings(home=tmp_path), "127.0.0.1", 8501, "http://127.0.0.1:8000", token)
    assert part._environment == {"JUDIAN_API_KEY": token}
    assert token not in " ".join(part._command)


def test_keys_are_not_shown_among_the_settings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JUDIAN_API_KEY", "judian_secret")
    assert judian("settings") == 0
    said = capsys.readouterr().out
    assert "judian_secret" not in said
    assert "（已设）" in said
