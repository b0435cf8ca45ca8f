"""`gabung policy check|explain`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.addresses import home
from pipeline.cli.fuse import read_reports, time_of
from pipeline.errors import WrongUse
from pipeline.release.decide import Decision, decide
from pipeline.release.load import load_policy
from pipeline.report.model import Report
from pipeline.shell.memory import latest

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


@policy.command()
def explain(
    report_id: Annotated[str, typer.Argument(help="A report's id, or its source_id.")],
    reader: Annotated[str, typer.Option("--as", help="The agency that asks.")],
    file: Annotated[Path, typer.Option(help="Reports in their JSON form, one a line.")],
    folder: Annotated[Path | None, typer.Option("--policy", help="Policy folder; else this installation's.")] = None,
    at: Annotated[str | None, typer.Option(help="The time of reading; else now.")] = None,
) -> None:
    """Who sees a report and why. The originator is told of every agency; a reader only of its own view.

    A report that the reader may not see is answered as one that does not exist, with exit code 1.
    """
    policies, groups = load_policy(folder or home() / "policy")
    time = time_of(at) if at else datetime.now(UTC)
    if reader not in policies.agencies:
        raise WrongUse(f"{reader} is no agency of this policy; name one of {', '.join(sorted(policies.agencies))}")
    found = next((one for one in latest(read_reports(file)[0]) if _is(one, report_id, reader)), None)
    own = None if found is None else decide(found, reader, policies, groups, time)
    if found is None or (found.agency != reader and own is not None and not own.released):
        typer.echo(f"no report {report_id} for {reader}", err=True)
        raise typer.Exit(1)
    readers = sorted(policies.agencies) if found.agency == reader else [reader]
    table = Table("reader", "sees it", "because", "without")
    for one in readers:
        decision = decide(found, one, policies, groups, time)
        table.add_row(
            one, "yes" if decision.released else "no", _because(decision), ", ".join(p.text for p in decision.hidden)
        )
    Console().print(table)


def _is(report: Report, wanted: str, reader: str) -> bool:
    """By its id; by its source_id only for its own agency, to which that name belongs."""
    return report.id == wanted or (report.source_id == wanted and report.agency == reader)


def _because(decision: Decision) -> str:
    return "; ".join(f"{reason.rule}: {reason.says}" for reason in decision.reasons if reason.effect != "redact")
