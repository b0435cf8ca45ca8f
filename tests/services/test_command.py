"""The command `gabung`: what is listed, what is imported, and what the exit codes mean."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
import typer

from deploy.errors import ServiceFailed
from pipeline.cli import main
from pipeline.errors import Abort, GabungError, Refused, Retry, ServiceMissing, WrongUse


def raises(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A command `sample` whose module the test fills."""
    module = ModuleType("pipeline.cli.sample")
    module.__spec__ = main.importlib.machinery.ModuleSpec("pipeline.cli.sample", None)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pipeline.cli.sample", module)
    monkeypatch.setitem(main.COMMANDS, "sample", ("pipeline.cli.sample", "A sample."))
    return module


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (WrongUse("give a file"), 2, "gabung: give a file\n"),
        (ServiceMissing("run `gabung up`"), 3, "gabung: run `gabung up`\n"),
        (ServiceFailed("kafka ended", ["last", "words"]), 3, "gabung: kafka ended\n  last\n  words\n"),
        (Abort("stop here"), 1, "gabung: stop here\n"),
        (Retry("later"), 1, "gabung: later\n"),
        (Refused("report", "no agency"), 1, "gabung: no agency\n"),
        (GabungError("no"), 1, "gabung: no\n"),
        (typer.Exit(1), 1, ""),
        (typer.BadParameter("not that"), 2, "gabung: Invalid value: not that; see `gabung sample --help`\n"),
        (KeyboardInterrupt(), 130, ""),
        (ModuleNotFoundError("No module named 'faust'", name="faust"), 2, None),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    sample: ModuleType, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str | None
) -> None:
    sample.sample = raises(error)  # type: ignore[attr-defined]
    assert main.run(["sample"]) == code
    expected = "gabung: this needs the package faust; run: pip install 'gabung[pipeline]'\n" if line is None else line
    assert capsys.readouterr().err == expected


def test_done_is_0(sample: ModuleType) -> None:
    sample.sample = lambda: None  # type: ignore[attr-defined]
    assert main.run(["sample"]) == 0


def test_a_group_holds_commands(sample: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    group = typer.Typer()

    @group.command()
    def show() -> None:
        typer.echo("shown")

    sample.sample = group  # type: ignore[attr-defined]
    assert main.run(["sample", "show"]) == 0
    assert capsys.readouterr().out == "shown\n"
    assert main.run(["sample", "hide"]) == 2
    assert capsys.readouterr().err == "gabung: No such command 'hide'; see `gabung sample --help`\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(["nope"], "No such command 'nope'"), (["up", "--nope"], "No such option: --nope"), (["up", "x"], "unexpected")],
)
def test_wrong_use_is_one_line_too(capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str) -> None:
    assert main.run(arguments) == 2
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("\n") == 1


def test_help_imports_none_of_the_packages_behind_the_commands() -> None:
    code = (
        "import sys; from pipeline.cli import main\n"
        "assert main.run(['--help']) == 0\n"
        "heavy = {'faust', 'elasticsearch', 'confluent_kafka', 'fastapi', 'pydantic', 'deploy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    listed = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert "  up " in listed


def test_a_command_whose_module_does_not_exist_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(main.COMMANDS, "later", ("pipeline.cli.later_than_now", "Not yet."))
    assert "later" not in main.LazyGroup().list_commands(None)
    assert main.run(["later"]) == 2
