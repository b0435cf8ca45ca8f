"""The command `gabung`. A command lives in a module beside this file and is imported only when it is asked for.

How to add one: write a line in COMMANDS, and in that module, under the command's own name, either

    def publish(file: Annotated[Path, typer.Argument(help="…")]) -> None:      # one command: a plain typed function
    dlq = typer.Typer()                                                        # several: `gabung dlq list|show|replay`

A `-` in a command's name is a `_` in the attribute's. Until the module exists, the command is not listed. A function
is done by returning; where the answer is no it raises `typer.Exit(1)`; everything else that goes wrong is raised as a
class of `pipeline.errors`, and EXIT_CODES says what becomes of it. So `gabung --help` and a connector-only install
need none of the packages behind the other commands.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from pipeline.errors import GabungError, ServiceMissing, WrongUse

COMMANDS = {
    # name: (module, what it does in one line)
    "up": ("pipeline.cli.services", "Start the services, the workers and the web page on this machine."),
    "down": ("pipeline.cli.services", "Stop what `gabung up` started."),
    "status": ("pipeline.cli.services", "What runs here: addresses, processes, memory."),
    "connect": ("pipeline.cli.connect", "A connector: check what it would publish, or run it."),
    "publish": ("pipeline.cli.connect", "Publish reports as they are, to each one's agency topic."),
    "policy": ("pipeline.cli.policy", "Check a policy folder, or explain who sees a report and why."),
    "fuse": ("pipeline.cli.fuse", "The reference engine: what a reader would find, from a file, without services."),
    "search": ("pipeline.cli.search", "Search as an agency."),
    "judge": ("pipeline.cli.judge", "Say that two things are the same, or not the same."),
    "dlq": ("pipeline.cli.dlq", "List, show and replay what was refused."),
    "token": ("pipeline.cli.token", "Issue, list and revoke tokens of this installation."),
    "audit": ("pipeline.cli.audit", "Verify the chain of audit events."),
    "health": ("pipeline.cli.health", "Lag, freshness of each agency, refused reports."),
    "exercise": ("pipeline.cli.exercise", "Plan, run and score an exercise."),
    "bench": ("pipeline.cli.bench", "Measure the engine, the pipeline and the search."),
    "demo": ("pipeline.cli.demo", "A fictional case told by seven agencies."),
}

EXIT_CODES: tuple[tuple[type[GabungError], int], ...] = (
    # the first class that fits decides
    (ServiceMissing, 3),
    (WrongUse, 2),
    (GabungError, 1),
)

OURS = {"pipeline", "connectors", "schemas", "deploy"}

WrongCall: Any = typer.BadParameter.__base__  # click's UsageError, wherever this version of typer keeps it


class LazyGroup(TyperGroup):
    """Lists COMMANDS without importing them; imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, (module, _) in COMMANDS.items() if importlib.util.find_spec(module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and stub else stub, rest


def load(name: str) -> Any:
    """The real command behind a name of COMMANDS."""
    module, summary = COMMANDS[name]
    attribute = getattr(importlib.import_module(module), name.replace("-", "_"))
    if isinstance(attribute, typer.Typer):
        attribute.info.help = attribute.info.help or summary
        command: Any = typer.main.get_group(attribute)
    else:
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name, help=attribute.__doc__ or summary)(attribute)
        command = typer.main.get_command(alone)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Agencies that do not share a boss share what they know, each on its own terms.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gabung {version('gabung')}")
        raise typer.Exit


@app.callback()
def gabung(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Agencies that do not share a boss share what they know, each on its own terms."""


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; errors have been printed, one line each, to stderr."""
    try:
        outcome = typer.main.get_command(app).main(args=arguments, prog_name="gabung", standalone_mode=False)
    except GabungError as error:
        typer.echo(f"gabung: {error}", err=True)
        for line in getattr(error, "log_end", ()):  # of a service that did not start
            typer.echo(f"  {line}", err=True)
        return next(code for kind, code in EXIT_CODES if isinstance(error, kind))
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] in OURS:
            raise
        typer.echo(f"gabung: this needs the package {error.name}; run: pip install 'gabung[pipeline]'", err=True)
        return 2
    except WrongCall as wrong:
        path, message = wrong.ctx.command_path if wrong.ctx else "gabung", wrong.format_message().strip()
        # A group that is called without a command answers with its help, which stays as it is.
        typer.echo(message if "\n" in message else f"gabung: {message.rstrip('.')}; see `{path} --help`", err=True)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return outcome if isinstance(outcome, int) else 0


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))
