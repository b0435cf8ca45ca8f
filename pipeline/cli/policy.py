"""`gabung policy check|explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pipeline.addresses import addresses, policy_in_force
from pipeline.audit.events import explained
from pipeline.cli.fuse import read_reports, time_of
from pipeline.errors import Retry, ServiceMissing, WrongUse
from pipeline.release.explain import Row, explain
from pipeline.release.load import load_policy
from pipeline.report.model import Report, rfc3339, scope_of
from pipeline.report.model import report_id as id_of
from pipeline.shell.audit import Auditor
from pipeline.shell.memory import latest
from pipeline.shell.published import published
from pipeline.shell.registry import schema_reader

policy = typer.Typer(help="Check a policy folder, or explain who sees a report and why.", no_args_is_help=True)


@policy.command()
def check(folder: Annotated[Path, typer.Argument(help="The policy folder.")]) -> None:
    """Check a policy folder whole; every error with its file and line. The exit code is 1 where it does not hold."""
    try:
        policies, groups = load_policy(folder)
    except WrongUse as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    table = Table("agency", "rules", "member of")
    for id_, agency in sorted(policies.agencies.items()):
        member = [group.id for group in groups.values() if group.memberships(id_)]
        table.add_row(f"{id_} ({agency.name})", str(len(policies.rules.get(id_, ()))), ", ".join(sorted(member)))
    Console().print(table)
    typer.echo("The policy holds.")


@policy.command("explain")
def explain_(
    report_id: Annotated[str, typer.Argument(help="A report's id; for its own agency also its source_id.")],
    reader: Annotated[str, typer.Option("--as", help="The agency that asks.")],
    file: Annotated[
        Path | None, typer.Option(help="Reports in their JSON form, one a line; else what was published here.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--policy", help="Policy folder; else the one in force.")] = None,
    at: Annotated[str | None, typer.Option(help="The time of reading; else now.")] = None,
    exercise: Annotated[str | None, typer.Option(help="In this exercise; else live.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Who sees a report and why. The originator is told of every agency; a reader only that it sees it, and until when.

    A report that the reader may not see is answered as one that does not exist, with exit code 1.
    """
    policies, groups = load_policy(folder or policy_in_force())
    time = time_of(at)
    if reader not in policies.agencies:
        raise WrongUse(f"{reader} is no agency of this policy; name one of {', '.join(sorted(policies.agencies))}")
    # By its source_id only for its own agency, to which that name belongs.
    ids = {agency: {report_id} for agency in policies.agencies}
    ids[reader].add(id_of(reader, report_id))
    reports = read_reports(file)[0] if file else _published(ids)
    asked = [one for one in reports if one.id in ids.get(one.agency, ()) and one.scope == scope_of(exercise)]
    newest = next(iter(latest(asked)), None)
    rows = explain(newest, reader, policies, groups, time)
    if file is None:
        told = [newest.id] if newest and rows else []
        Auditor(addresses().need("kafka"), "explain")(explained(reader, report_id[:300], told, datetime.now(UTC)))
    if newest is None or rows is None:
        typer.echo(f"no report {report_id} for {reader}", err=True)
        raise typer.Exit(1)
    if as_json:
        said = {"report": newest.id, "at": rfc3339(time), "readers": [row.to_json() for row in rows]}
        typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
    else:
        # A moment is to be read whole, on a narrow screen too.
        Console(width=max(Console().width, 110)).print(_table(rows, is_originator=newest.agency == reader))


def _published(ids: Mapping[str, Iterable[str]]) -> list[Report]:
    """What stands on the agencies' topics. Progress counts partitions, never messages, which would tell of others."""
    known, parts = addresses(), sum(len(list(of_agency)) for of_agency in ids.values())
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as display:
        task = display.add_task("reading the agencies' topics", total=parts)
        read = published(
            known.need("kafka"), schema_reader(known.need("registry")), ids,
            lambda left: display.update(task, completed=parts - left),
        )  # fmt: skip
        try:
            return list(read)
        except Retry as error:
            raise ServiceMissing(f"{error}; run `gabung up`, or set GABUNG_REGISTRY to its address") from error


def _table(rows: tuple[Row, ...], is_originator: bool) -> Table:
    """Without the columns that a reader is told nothing in."""
    columns = ["reader", "sees it", "because", "until", *(["without", "changes next"] if is_originator else [])]
    table = Table()
    for column in columns:
        table.add_column(column, no_wrap=column in ("until", "changes next"), overflow="fold")
    for row in rows:
        cells = [row.reader, "yes" if row.sees else "no", "; ".join(row.because), _moment(row.until)]
        table.add_row(*cells, *([", ".join(row.without), _moment(row.changes)] if is_originator else []))
    return table


def _moment(moment: datetime | None) -> str:
    return rfc3339(moment) if moment else ""
