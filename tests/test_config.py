"""Settings: read from the environment in one place, documented in both READMEs."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from corpus.errors import SettingError
from rag.config import Settings, read_settings, setting_table
from ui.command.main import settings_markdown

ROOT = Path(__file__).parents[1]


def test_defaults() -> None:
    settings = read_settings({})
    assert settings == replace(Settings(), home=Path("~/.judian").expanduser())
    assert settings.service_url == "http://127.0.0.1:8000"
    assert settings.index_folder == settings.home / "index"
    assert settings.models_folder == settings.home / "models"


def test_every_field_is_read_from_its_variable(tmp_path: Path) -> None:
    samples = {str: "http://10.0.0.5:9000", int: "4321", bool: "off", Path: str(tmp_path)}
    for field in fields(Settings):
        default = getattr(Settings(), field.name)
        kind = Path if isinstance(default, Path) else type(default)
        value = getattr(read_settings({f"JUDIAN_{field.name.upper()}": samples[kind]}), field.name)
        assert value == {str: "http://10.0.0.5:9000", int: 4321, bool: False, Path: tmp_path}[kind], field.name
        assert type(value) is type(default) or isinstance(value, Path)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"JUDIAN_API_PORT": "", "JUDIAN_HOME": ""}) == read_settings({})


def test_other_variables_are_not_ours() -> None:
    assert read_settings({"JUDIAN": "x", "JUDIAN_UNHEARD_OF": "x", "HOST": "x"}) == read_settings({})


def test_a_home_with_a_tilde_is_expanded() -> None:
    assert read_settings({"JUDIAN_HOME": "~/policies"}).home == Path.home() / "policies"


@pytest.mark.parametrize(
    ("text", "value"), [("on", True), ("1", True), ("TRUE", True), ("yes", True), ("off", False), ("0", False), ("No", False)]
)
def test_switches(text: str, value: bool) -> None:
    assert read_settings({"JUDIAN_READINGS": text}).readings is value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("JUDIAN_API_PORT", "http"),
        ("JUDIAN_API_PORT", "-1"),
        ("JUDIAN_PAGE_PORT", "65536"),
        ("JUDIAN_THREADS", "2.5"),
        ("JUDIAN_READINGS", "maybe"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(variable: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"环境变量 {variable}='{text}' 应为"):
        read_settings({variable: text})


def test_every_setting_says_what_it_is() -> None:
    table = setting_table()
    assert [variable for variable, _, _ in table] == [f"JUDIAN_{field.name.upper()}" for field in fields(Settings)]
    assert all(len(meaning) > 10 for _, _, meaning in table)


def test_the_readme_has_the_table_of_settings() -> None:
    assert settings_markdown() in (ROOT / "README.md").read_text("utf-8")


def test_the_chinese_readme_has_every_setting_and_default() -> None:
    rows = [line.split("|")[1:3] for line in (ROOT / "README.zh-CN.md").read_text("utf-8").splitlines() if line.startswith("| `JUDIAN_")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        [f"`{variable}`", f"`{default}`" if default else ""] for variable, default, _ in setting_table()
    ]
