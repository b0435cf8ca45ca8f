"""`gabung health`: for the operator of this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from pipeline.shell.health import health as look


def health(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Lag, freshness of each agency, refused reports, values that too many share.

    The exit code is 1 where a service does not answer."""
    found = look()
    if as_json:
        typer.echo(orjson.dumps({"status": "ok" if found.healthy else "down", **asdict(found)}))
    else:
        console = Console()
        services = Table("service", "answers")
        for name, answers in found.services.items():
            services.add_row(name, "yes" if answers else "[bold red]no[/]")
        lag = Table("topic", "behind")
        for topic, count in found.lag.items():
            lag.add_row(topic, str(count))
        agencies = Table("agency", "last reported", "reports it sees", "entities it sees")
        for reader in sorted({index.split(".")[2] for index in found.documents}):
            seen = (str(found.documents.get(f"gabung.live.{reader}.{doc}", 0)) for doc in ("report", "entity"))
            agencies.add_row(reader, found.freshness.get(reader, "never"), *seen)
        console.print(services, lag, agencies, f"refused: {found.refused} (gabung dlq list)")
        crowded = ", ".join(f"{kind} {count}" for kind, count in found.crowded.items())
        console.print(f"shared by too many to prove anything (names, numbers …): {crowded or 'none'}")
    if not found.healthy:
        raise typer.Exit(1)
