"""`judian corpus` from the command line, on a home of its own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpus.errors import DocumentError, JudianError, UnknownDocumentError
from corpus.load import load_manifest
from ui.command.corpus import app

NOTICE = "某市人民政府办公厅\n关于做好2023年就业工作的通知\n某府办发〔2023〕7号\n各区县人民政府：\n一、目标任务\n城镇新增就业60万人以上。\n某市人民政府办公厅\n2023年3月1日\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUDIAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "通知.txt"
    path.write_text(NOTICE, "utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def failure(*arguments: object) -> JudianError:
    """The error that a command ends in; `judian` prints it and exits with 1."""
    result = run(*arguments)
    assert isinstance(result.exception, JudianError)
    return result.exception


def added(home: Path) -> str:
    (info,) = load_manifest(home / "corpus")
    return info.id


def test_list(home: Path, notice: Path) -> None:
    assert run("add", notice, "--no-index").exit_code == 0
    lines = [line.strip() for line in run("list").output.strip().split("\n")]
    assert len(lines) == 1 + 5 + 1
    assert lines[1].startswith("000")
    assert lines[1].endswith("自带")
    assert lines[6].startswith(added(home))
    assert lines[6].endswith("添加")
    assert "某府办发〔2023〕7号" in lines[6]


def test_show(home: Path) -> None:
    output = run("show", "004").output
    assert "标题：篇 13、章 55、节 125、专栏 20" in output.replace("无编号标题 157、", "").replace("、无编号标题 157", "")
    assert isinstance(failure("show", "999"), UnknownDocumentError)
    assert not home.exists()


def test_add_show_and_remove(home: Path, notice: Path) -> None:
    result = run("add", notice, "--no-index")
    assert result.exit_code == 0
    assert "《某市人民政府办公厅关于做好2023年就业工作的通知》（2023-03-01，某府办发〔2023〕7号）：3 个段落，0 项任务" in result.output
    assert "请运行 judian index build" in result.output
    assert "一、目标任务" in run("show", added(home)).output
    result = run("remove", added(home), "--no-index")
    assert "已移除" in result.output
    assert load_manifest(home / "corpus") == ()


def test_fields_can_be_given(home: Path, notice: Path) -> None:
    assert run("add", notice, "--no-index", "--title", "就业通知", "--date", "2023-03-05", "--number", "某府〔2023〕8号").exit_code == 0
    (info,) = load_manifest(home / "corpus")
    assert (info.title, info.date, info.number) == ("就业通知", "2023-03-05", "某府〔2023〕8号")


def test_fields_are_asked_for_at_a_terminal(home: Path, notice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.command.corpus._at_a_terminal", lambda: True)
    result = CliRunner().invoke(app, ["add", str(notice), "--no-index"], input="\n2023-03-09\n\n")
    assert result.exit_code == 0
    assert "标题 [某市人民政府办公厅关于做好2023年就业工作的通知]" in result.output
    (info,) = load_manifest(home / "corpus")
    assert (info.title, info.date, info.number) == ("某市人民政府办公厅关于做好2023年就业工作的通知", "2023-03-09", "某府办发〔2023〕7号")


def test_what_is_inferred_is_said(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "材料.txt"
    path.write_text("办好实事，抓好落实，务求实效。", "utf-8")
    output = run("add", path, "--no-index").output
    assert "《材料》（日期不详）" in output
    assert "（标题是推测的" in output
    assert "没有写日期" in output
    assert "日期不详" in run("list").output
    assert "日期：不详" in run("show", added(home)).output
    assert len(load_manifest(home / "corpus")) == 1


def test_one_bad_file_of_several_does_not_keep_the_others_out(home: Path, notice: Path, tmp_path: Path) -> None:
    empty = tmp_path / "空.txt"
    empty.write_text("", "utf-8")
    result = run("add", empty, notice, "--no-index")
    assert result.exit_code == 1
    assert "空.txt 里没有文字" in result.output
    assert "1 份文件没有添加" in result.output
    assert len(load_manifest(home / "corpus")) == 1


def test_errors(home: Path, notice: Path, tmp_path: Path) -> None:
    assert isinstance(failure("add", tmp_path / "无.txt", "--no-index"), DocumentError)
    assert "一次只能用于一份文件" in str(failure("add", notice, notice, "--title", "甲"))
    assert isinstance(failure("remove", "x"), UnknownDocumentError)
    assert "随软件提供" in str(failure("remove", "001"))
    assert not (home / "corpus" / "manifest.toml").exists()


def test_report(home: Path, notice: Path, tmp_path: Path) -> None:
    assert run("add", notice, "--no-index").exit_code == 0
    out = tmp_path / "corpus.md"
    assert run("report", "--all", "--out", out).output == ""
    page = out.read_text("utf-8")
    assert page.startswith("# What is read in the documents\n")
    assert f"| {added(home)} | 某市人民政府办公厅关于做好2023年就业工作的通知" in page
