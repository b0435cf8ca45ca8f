"""`gabung judge`: a person of an agency says that two things are the same, or not the same."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from connectors.publish import Publisher
from pipeline.addresses import addresses
from pipeline.errors import GabungError, WrongUse
from pipeline.report.model import Report
from pipeline.search.ask import Audit, fetch
from pipeline.search.store import Store
from pipeline.shell.audit import Auditor
from pipeline.shell.store import ElasticStore


class NotSeen(GabungError):
    """What was to be judged is nothing that the agency may see."""


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
    things = sorted((one, other))
    store, audit = ElasticStore(addresses().need("elasticsearch")), Auditor(addresses().need("kafka"), "judge")
    kinds = {kind_of(store, audit, agency, thing, exercise) for thing in things}
    if len(kinds) > 1:
        raise WrongUse(f"these are of two kinds, {' and '.join(sorted(kinds))}; judge two of one kind")
    now = datetime.now(UTC)
    report = Report.model_validate(
        {
            "agency": agency,
            "source_id": "judgement-" + hashlib.sha256("\n".join(things).encode()).hexdigest()[:24],
            "revision": int(now.timestamp() * 1000),
            "op": "retract" if retract else "upsert",
            "kind": "judgement",
            "title": f"Judged {verdict}",
            "reported_at": now,
            "judgement": {
                "verdict": verdict,
                "kind": kinds.pop(),
                "things": [dict(zip(("report", "ref"), thing.split("/", 1), strict=False)) for thing in things],
                "author": author,
                "reason": reason,
            },
            "marking": {"tlp": tlp, "release_to": to, "exercise": exercise},
        }
    )
    publisher = Publisher()
    publisher.publish(report, lambda _: None)
    publisher.flush()
    typer.echo(f"{'retracted' if retract else 'judged'} {verdict}: report {report.id}")


def kind_of(store: Store, audit: Audit, agency: str, thing: str, exercise: str | None) -> str:
    """The kind of what is judged, as the agency sees it. Raises NotSeen where it does not, or where it is nothing."""
    doc = "entity" if "/" in thing else "report"
    found = fetch(store, audit, agency, doc, thing, exercise, datetime.now(UTC))
    if found is None:
        raise NotSeen(f"no {thing} for {agency}; give ids as `gabung search --json` shows them")
    return str(found["kind"]) if doc == "entity" else "report"
