"""`gabung up`, `down` and `status`: thin, since the demo and the tests call `deploy.system` too."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from deploy import system
from deploy.progress import shown
from deploy.status import Standing
from deploy.status import status as standings
from pipeline.addresses import home

NUMBERS = ("pid", "memory MiB", "restarts")


def up(
    policy: Annotated[
        Path | None, typer.Option(help="The policy folder; else GABUNG_POLICY, else `policy` in the home folder.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many workers share the stages.")] = 1,
    services_only: Annotated[
        bool, typer.Option("--services-only", help="Only Kafka, the registry and Elasticsearch.")
    ] = False,
) -> None:
    """Start the services, the workers and the web page on this machine.

    What runs already is left alone, and data of earlier runs is kept.
    """
    with shown() as progress:
        addresses = system.up(home(), policy, workers=workers, services_only=services_only, progress=progress)
    for name, address in (
        ("Kafka", addresses.kafka),
        ("Schema registry", addresses.registry),
        ("Elasticsearch", addresses.elasticsearch),
        ("Web page", addresses.web),
    ):
        if address:
            typer.echo(f"{name + ':':17}{address.rpartition('@')[2]}")
    typer.echo("Stop with:       gabung down")


def down(
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove the data too: topics, schemas, indexes, checkpoints, logs.")
    ] = False,
) -> None:
    """Stop what `gabung up` started. Data is kept, unless --purge is given; policies and tokens always are."""
    with shown() as progress:
        stopped = system.down(home(), purge=purge, progress=progress)
    typer.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: a list with one object per service.")] = False,
) -> None:
    """What runs here: addresses, processes, memory. The exit code is 1 unless everything is up."""
    rows = standings(home())
    if as_json:
        typer.echo(orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2))
    else:
        width = Console().width
        Console(highlight=False, width=max(width, 110)).print(_table(rows))  # an address is to be copied whole
        if not any(row.is_up for row in rows):
            typer.echo("nothing runs here; start it with `gabung up`")
    if not all(row.is_up for row in rows):
        raise typer.Exit(1)


def _table(rows: list[Standing]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("service", "address", "from", "pid", "state", "memory MiB", "since", "restarts"):
        table.add_column(heading, justify="right" if heading in NUMBERS else "left", overflow="fold")
    for row in rows:
        cells = (row.service, row.address, row.source, row.pid, row.state, row.memory_mib, row.since, row.restarts)
        table.add_row(*("-" if cell is None else str(cell) for cell in cells))
    return table
