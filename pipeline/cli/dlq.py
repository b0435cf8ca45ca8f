"""`gabung dlq`: what was refused, with its reason, and sending it again once the cause is mended."""

from __future__ import annotations

import base64
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from pipeline.addresses import addresses
from pipeline.errors import WrongUse
from pipeline.report.refusal import Refusal
from pipeline.shell.dlq import Where, refusals
from pipeline.shell.dlq import replay as replay_one

dlq = typer.Typer(help="List, show and replay what was refused.", no_args_is_help=True)

StageOption = Annotated[str | None, typer.Option(help="Only what this stage refused: connector, report, enrich …")]
AgencyOption = Annotated[str | None, typer.Option(help="Only what came from this agency.")]


@dlq.command("list")
def list_(
    stage: StageOption = None,
    agency: AgencyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line, raw bytes left out.")] = False,
) -> None:
    """What was refused: id, stage, agency, where it stood, and why."""
    found = [(where, one) for where, one in refusals(addresses().need("kafka")) if _wanted(one, stage, agency)]
    if as_json:
        for where, one in found:
            values = one.model_dump(mode="json", exclude={"raw", "key"}, exclude_none=True)
            typer.echo(orjson.dumps({"id": _id(where), **values}))
        return
    table = Table("id", "stage", "agency", "where", "reason", title=f"{len(found)} refused")
    for where, one in found:
        stood = f"{one.source}:{one.line}" if one.source else f"{one.topic}/{one.partition}/{one.offset}"
        table.add_row(_id(where), one.stage, one.agency or "", stood, one.reason)
    Console(markup=False).print(table)


@dlq.command()
def show(id_: Annotated[str, typer.Argument(metavar="ID", help="An id as `gabung dlq list` gives it.")]) -> None:
    """One refusal whole, its raw bytes as text."""
    one = _find(id_)
    for name, value in one.model_dump(mode="json", exclude={"raw", "key"}, exclude_none=True).items():
        typer.echo(f"{name}: {value}")
    typer.echo("raw:")
    typer.echo(base64.b64decode(one.raw).decode("utf-8", errors="backslashreplace"))


@dlq.command()
def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="These; else all that the options name.")
    ] = None,
    stage: StageOption = None,
    agency: AgencyOption = None,
) -> None:
    """Send refused messages again to where they stood. A stage that still cannot take one refuses it anew.

    What a connector refused never was a message: mend the record and run the connector again.
    """
    kafka = addresses().need("kafka")
    named = [_find(id_) for id_ in ids or ()]
    chosen = named or [one for _, one in refusals(kafka) if _wanted(one, stage, agency)]
    sent = sum(replay_one(kafka, one) for one in chosen)
    left = len(chosen) - sent
    typer.echo(f"{sent} sent again" + (f", {left} left: mend those records and run their connector" if left else ""))


def _wanted(one: Refusal, stage: str | None, agency: str | None) -> bool:
    return stage in (None, one.stage) and agency in (None, one.agency)


def _find(id_: str) -> Refusal:
    for where, one in refusals(addresses().need("kafka")):
        if _id(where) == id_:
            return one
    raise WrongUse(f"nothing refused has the id {id_}; `gabung dlq list` gives the ids")


def _id(where: Where) -> str:
    return f"{where[0]}-{where[1]}"
