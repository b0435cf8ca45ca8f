"""`gabung judge`: a person of an agency says that two things are the same, or not the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from connectors.publish import Publisher
from pipeline.addresses import addresses
from pipeline.search.judging import judgement, taken_back
from pipeline.shell.audit import Auditor
from pipeline.shell.store import ElasticStore


def judge(
    verdict: Annotated[Literal["same", "not-same"], typer.Argument(help="What was judged.")],
    one: Annotated[str, typer.Argument(help="A mention, REPORT_ID/REF; or a report, REPORT_ID.")],
    other: Annotated[str, typer.Argument(help="The other one.")],
    agency: Annotated[str, typer.Option("--as", help="The agency that judges.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever sees what it joins or parts.")],
    author: Annotated[str | None, typer.Option(help="Who judged, as the agency names its people.")] = None,
    tlp: Annotated[str, typer.Option(help="The judgement's own TLP.")] = "AMBER",
    to: Annotated[
        list[str] | None, typer.Option(help="Agencies and groups that may see it; else the agency's policy decides.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="In this exercise; else live.")] = None,
    retract: Annotated[bool, typer.Option(help="Take back what was judged of these two.")] = False,
) -> None:
    """Say that two mentions, or two reports, are the same, or not the same.

    Both must be released to the agency. The judgement is a report like others: it is released by its marking, counts
    only for who may see it and both things, and is taken back with --retract.
    """
    store, audit = ElasticStore(addresses().need("elasticsearch")), Auditor(addresses().need("kafka"), "judge")
    now = datetime.now(UTC)
    if retract:
        report = taken_back(store, audit, agency, (one, other), exercise, now)
    else:
        report = judgement(
            store, audit, agency, verdict, (one, other), reason, now, author=author, tlp=tlp, to=to, exercise=exercise
        )
    publisher = Publisher()
    publisher.publish(report, lambda _: None)
    publisher.flush()
    typer.echo(f"{'retracted' if retract else 'judged'} {verdict}: report {report.id}")
