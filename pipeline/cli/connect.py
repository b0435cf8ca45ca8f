"""`gabung connect check|run` and `gabung publish`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from connectors.base import Broken, Folded, Record
from connectors.check import Ready, checked
from connectors.config import Config, Source, load
from connectors.ndjson.read import read
from connectors.publish import Publisher
from connectors.run import Counts, run_once
from pipeline.errors import Refused, ServiceMissing, WrongUse
from pipeline.report.avro import validate

connect = typer.Typer(help="A connector: check what it would publish, or run it.", no_args_is_help=True)
FileArgument = Annotated[Path, typer.Argument(help="The connector file, in YAML.")]
LONGEST_PAUSE = 120.0
"""Seconds between tries while Kafka or the registry does not answer."""
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON, one object a line.")]


@connect.command()
def check(
    file: FileArgument,
    as_json: JsonOption = False,
    show: Annotated[int, typer.Option(help="How many reports to show.")] = 5,
) -> None:
    """What the connector would publish, and every record it would refuse, with the reason. Needs no services.

    The exit code is 1 where a record would be refused.
    """
    config = load(file)
    console = Console(stderr=True)
    kinds: Counter[tuple[str, str]] = Counter()
    refused: list[Broken] = []
    folded = 0
    shown = Table("source", "line", "kind", "TLP", "title", title="The first that it would publish")
    with console.status("reading …") as status:
        for number, item in enumerate(checked(config), 1):
            if number % 500 == 0:
                status.update(f"{number} read, {len(refused)} would be refused …")
            if isinstance(item, Ready):
                report = item.report
                kinds[report.kind, report.marking.tlp] += 1
                if as_json:
                    typer.echo(
                        orjson.dumps(
                            {"publish": report.to_json(), "source": item.record.source, "line": item.record.line}
                        )
                    )
                elif sum(kinds.values()) <= show:
                    shown.add_row(
                        item.record.source, str(item.record.line), report.kind, report.marking.tlp, report.title
                    )
            elif isinstance(item, Folded):
                folded += 1
            else:
                refused.append(replace(item, raw=b""))  # many of them need not be held whole
                if as_json:
                    typer.echo(orjson.dumps({"refuse": item.reason, "source": item.source, "line": item.line}))
    if not as_json:
        out = Console(markup=False)  # a title may hold brackets
        out.print(shown)
        for item in refused:
            out.print(f"{item.source}:{item.line or 1}: {item.reason}", highlight=False, markup=False, soft_wrap=True)
        counted = ", ".join(f"{count} {kind} at {tlp}" for (kind, tlp), count in sorted(kinds.items())) or "none"
        out.print(f"Would publish {sum(kinds.values())}: {counted}", markup=False, soft_wrap=True)
        out.print(f"Would refuse {len(refused)}" + (f"; {folded} are part of others" if folded else ""))
    if refused:
        raise typer.Exit(1)


@connect.command()
def run(
    file: FileArgument,
    once: Annotated[bool, typer.Option("--once", help="Read what is there and end.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks, without --once.", min=0.5)] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Publish what is new; without --once, stay and look again and again.

    What was refused stands on the refused topic with its reason: `gabung dlq list`.
    """
    console = Console(stderr=True)
    pause = every
    while True:
        try:
            with console.status("publishing …") as status:
                counts = run_once(file, lambda so_far: status.update(_sentence(so_far)))
        except ServiceMissing as error:
            if once:
                raise
            pause = min(pause * 2, LONGEST_PAUSE)
            typer.echo(f"gabung: {error}; trying again in {pause:.0f} s", err=True)
        else:
            pause = every
            if once or counts.published:
                typer.echo(orjson.dumps(counts.to_json()) if as_json else _sentence(counts))
            if once:
                return
        time.sleep(pause)


def publish(
    file: Annotated[Path, typer.Argument(help="Reports in their JSON form, one a line.")],
    as_json: JsonOption = False,
) -> None:
    """Publish reports as they are, to each one's agency topic. No checkpoint: a repeat is stopped by the pipeline."""
    if not file.is_file():
        raise WrongUse(f"{file} is no file; give reports in their JSON form, one a line")
    config = Config(agency="any", source=Source(type="ndjson", path=str(file.absolute())))
    publisher, counts = Publisher(), Counts()

    def acknowledged(_: object) -> None:
        counts.published += 1

    for item in read(config):
        counts.read += 1
        broken = item if isinstance(item, Broken) else None
        if isinstance(item, Record):
            try:
                publisher.publish(validate(item.values, "connector"), acknowledged)
            except Refused as error:
                broken = Broken(item.source, item.line, item.raw, error.reason)
        if broken is not None:
            counts.refused += 1
            typer.echo(f"{broken.source}:{broken.line}: {broken.reason}", err=True)
            publisher.refuse(broken, None, lambda _: None)
    publisher.flush()
    typer.echo(orjson.dumps(counts.to_json()) if as_json else _sentence(counts))


def _sentence(counts: Counts) -> str:
    folded = f" (and {counts.folded} that are part of others)" if counts.folded else ""
    return (
        f"{counts.read} read{folded} = {counts.published} published + {counts.unchanged} unchanged + "
        f"{counts.refused} refused"
    )
