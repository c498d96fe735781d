"""What the documentation says of the project holds: licences, pins, links, commands; and no trace of where it was made."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.core import TyperGroup

from tests.licences import licence, pinned, required
from ui.command.main import app

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONSTRAINTS = pinned((ROOT / "constraints.txt").read_text("utf-8"))
CUDA = re.compile(r"nvidia-|cuda-|triton$")
"""What a CUDA build of torch brings, which is neither pinned nor listed."""


def needed() -> list[str]:
    return sorted(name for name in required("dev") if not CUDA.match(name))


def test_every_package_is_pinned() -> None:
    assert [name for name in needed() if name not in CONSTRAINTS] == []


def test_pins_name_no_index_and_no_path() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.]+", line)] == []
    assert CONSTRAINTS["torch"] == "2.13.0"


@pytest.mark.parametrize("line", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_every_direct_dependency_has_an_upper_bound_that_its_pin_keeps(line: str) -> None:
    requirement = Requirement(line)
    assert {clause.operator for clause in requirement.specifier} & {"<", "=="}
    assert CONSTRAINTS[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_package_has_its_licence() -> None:
    rows = {
        row[0]: row[1:]
        for row in re.findall(r"^\| ([\w.-]+) \| ([\w.]+) \| (.+) \|$", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.M)
    }
    assert [name for name in needed() if name not in rows] == []
    for name in needed():
        assert rows[name] == (CONSTRAINTS[name], licence(name)), name


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_links_lead_to_files(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text("utf-8")):
        assert (ROOT / page).parent.joinpath(link).exists(), link


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/api.md"])
def test_commands_that_are_shown_exist(page: str) -> None:
    commands = typer.main.get_command(app)
    assert isinstance(commands, TyperGroup)
    known = set(commands.list_commands(typer.Context(commands)))
    shown = set(re.findall(r"(?:^|`|bin/)judian ([a-z]+)", (ROOT / page).read_text("utf-8"), re.M))
    assert shown <= known


def test_the_readme_has_both_commands_and_the_makefile_knows_them() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in ("run", "test"):
        assert f"make {command}" in (ROOT / "README.md").read_text("utf-8")
        assert re.search(rf"^{command}:", makefile, re.M)
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
