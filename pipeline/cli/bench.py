"""`gabung bench NAME`: measure. Each bench is a module of `pipeline.bench`, imported only when it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from pipeline.errors import WrongUse

BENCHES = {
    # name: (module, what it measures in one line)
    "weights": ("pipeline.bench.weights", "Learn with Splink what agreement and disagreement are worth."),
    "records": ("pipeline.bench.records", "How well persons and names are matched: F1 on known answers, and Splink's."),
    "reports": ("pipeline.bench.reports", "How well near-equal reports are found: F1 on an invented set."),
    "leaks": ("pipeline.bench.leaks", "Random scenarios that vary what is hidden: leaks found."),
    "scale": ("pipeline.bench.scale", "Documents a second of match and fuse at 10,000 and 100,000 stored reports."),
    "search": ("pipeline.bench.search", "How long a reader waits at 200,000 reports, beside Elasticsearch itself."),
    "alerts": ("pipeline.bench.alerts", "What 10,000 standing queries cost a document, against 100."),
    "engine": ("pipeline.bench.engine", "Messages a second of our transport beside other engines."),
    "pipeline": (
        "pipeline.bench.pipeline",
        "What the whole pipeline carries beside Elasticsearch alone, and how soon.",
    ),
    "fuse": ("pipeline.bench.fuse", "`gabung fuse` of one-person reports: seconds and memory."),
}


class LazyBenches(TyperGroup):
    """Lists the benches that are there; imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, (module, _) in BENCHES.items() if importlib.util.find_spec(module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return TyperCommand(cmd_name, help=BENCHES[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and stub else stub, rest


def load(name: str) -> Any:
    """The real command behind a name of BENCHES. Raises WrongUse where a package that it needs is not installed."""
    module, summary = BENCHES[name]
    try:
        run = importlib.import_module(module).run
    except ModuleNotFoundError as error:
        raise WrongUse(f"{error.name} is not installed; run `make bench-setup`, then this again") from None
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name, help=run.__doc__ or summary)(run)
    return typer.main.get_command(alone)


bench = typer.Typer(cls=LazyBenches, help="Measure, beside something known.", no_args_is_help=True)


@bench.callback()
def _bench() -> None:
    pass
