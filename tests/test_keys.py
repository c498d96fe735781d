"""Keys: what lies in the file, who is let in, and `judian keys`."""

import json
import stat
from pathlib import Path

import pytest

from corpus.errors import SettingError
from tests.test_cli import judian
from ui.api.keys import KeyStore, Role


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys.json")


def test_a_token_leads_to_its_key_until_it_is_revoked(store: KeyStore) -> None:
    alice, bob = store.add(["教委", "水利局"])
    (boss,) = store.add(["管理员"], Role.ADMINISTRATOR)
    assert [(key.name, key.role) for token in (alice, bob, boss) if (key := store.find(token))] == [
        ("教委", Role.USER),
        ("水利局", Role.USER),
        ("管理员", Role.ADMINISTRATOR),
    ]
    store.revoke("教委")
    assert store.find(alice) is None
    assert store.find(bob) is not None
    assert [bool(key.revoked) for key in store.all_keys()] == [True, False, False]


@pytest.mark.parametrize("token", ["", "judian_", "judian_x", "密钥", "\ud800"])
def test_other_tokens_lead_nowhere(store: KeyStore, token: str) -> None:
    store.add(["a"])
    assert store.find(token) is None


def test_no_token_lies_in_the_file(store: KeyStore) -> None:
    (token,) = store.add(["a"])
    written = store.path.read_text("utf-8")
    assert token not in written
    assert token.removeprefix("judian_") not in written
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_another_process_sees_what_is_added_and_revoked(store: KeyStore) -> None:
    other = KeyStore(store.path)
    (token,) = store.add(["a"])
    assert other.find(token) is not None
    store.revoke("a")
    assert other.find(token) is None


@pytest.mark.parametrize(
    ("names", "words"), [(["a"], "已有名为 a 的密钥"), (["b", ""], "不合要求"), (["b", "x y"], "不合要求"), (["b", "b"], "已有")]
)
def test_names_that_cannot_be_given(store: KeyStore, names: list[str], words: str) -> None:
    store.add(["a"])
    with pytest.raises(SettingError, match=words):
        store.add(names)
    assert [key.name for key in store.all_keys()] == ["a"]


def test_a_revoked_name_stays_taken(store: KeyStore) -> None:
    store.add(["a"])
    store.revoke("a")
    with pytest.raises(SettingError, match="撤销过的名称也不再用"):
        store.add(["a"])
    with pytest.raises(SettingError, match="没有名为 'a' 的有效密钥"):
        store.revoke("a")


def test_a_program_renews_its_key(store: KeyStore) -> None:
    first = store.renew("对话页面", Role.ADMINISTRATOR)
    second = store.renew("对话页面", Role.ADMINISTRATOR)
    assert store.find(first) is None
    assert (key := store.find(second))
    assert key.role is Role.ADMINISTRATOR
    assert len(store.all_keys()) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2, "keys": []}', '{"format": 1, "keys": [{"name": "a"}]}'])
def test_a_broken_file_is_named_and_not_overwritten(store: KeyStore, content: str) -> None:
    store.path.write_text(content)
    with pytest.raises(SettingError, match=r"keys\.json 无法读取或已损坏"):
        store.find("judian_x")
    with pytest.raises(SettingError, match="已损坏"):
        store.add(["a"])
    assert store.path.read_text() == content


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="无法写入密钥文件"):
        KeyStore(tmp_path / "file" / "keys.json").add(["a"])


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path))
    assert judian("keys", "list") == 0
    assert "还没有密钥" in capsys.readouterr().out
    assert judian("keys", "add", "教委", "--administrator") == 0
    said = capsys.readouterr()
    key = KeyStore(tmp_path / "keys.json").find(said.out.strip())
    assert key is not None
    assert key.role is Role.ADMINISTRATOR
    assert "JUDIAN_API_KEYS=on" in said.err
    assert judian("keys", "add", "区县", "--count", "3") == 0
    assert len(capsys.readouterr().out.split()) == 3
    assert judian("keys", "revoke", "区县-2") == 0
    capsys.readouterr()
    assert judian("keys", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("　")[:2] for line in lines] == [
        ["教委", "管理员"],
        ["区县-1", "使用者"],
        ["区县-2", "使用者"],
        ["区县-3", "使用者"],
    ]
    assert ["已撤销" in line for line in lines] == [False, False, True, False]
    assert judian("keys", "revoke", "水利局") == 1
    assert "没有名为 '水利局' 的有效密钥；现有：教委、区县-1、区县-3。" in capsys.readouterr().err
    assert "judian_" not in json.dumps(json.loads((tmp_path / "keys.json").read_text("utf-8")))
