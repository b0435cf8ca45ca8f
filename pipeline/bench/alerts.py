"""What standing queries cost a document: index and alert with ten thousand of them against a hundred.

The stages as Faust runs them, in one process, bytes in and bytes out. Two of it take the same documents by turns, one
chunk each, so that a busy machine slows both alike; what is told is their ratio. All the queries are one reader's.
"""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

import orjson
import typer

from pipeline.alert.standing import Standing
from pipeline.bench.alerting import installation, measure
from pipeline.bench.fuse import AGENCIES
from pipeline.bench.watched import ORIGIN, reports, searches
from pipeline.enrich.enrich import load_reference
from pipeline.flow import ALERTS_TOPIC, INDEX
from pipeline.release.policy import Agency, Policies
from pipeline.shell.memory import fuse
from pipeline.shell.outbox import Incoming, Outbox, Pending, attempt
from pipeline.shell.rehearsal import Partition
from pipeline.shell.stages import TABLES, AlertStage, DocumentStage, IndexStage

NOW = datetime(2026, 11, 2, tzinfo=UTC)
READER = AGENCIES[0]


def run(
    few: Annotated[int, typer.Option(help="Standing queries of the one.")] = 100,
    many: Annotated[int, typer.Option(help="Standing queries of the other.")] = 10_000,
    documents: Annotated[int, typer.Option(help="Reports whose documents both take.")] = 3_000,
    chunk: Annotated[int, typer.Option(help="Documents at once, by turns.")] = 200,
    seed: Annotated[int, typer.Option()] = 7,
    latency: Annotated[
        bool, typer.Option("--latency", help="Also how soon an alert is told, on an installation of its own.")
    ] = False,
    load: Annotated[int, typer.Option(help="Reports at once, which tell the full load.")] = 2_000,
    seconds: Annotated[float, typer.Option(help="How long it then goes on at half of it.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Microseconds of the processor a document of index and alert with many standing queries against few, by turns."""
    found = messages(seed, documents)
    wanted = searches(seed + 1, many)
    stages = [stage(wanted[:few]), stage(wanted)]
    gc.collect()
    gc.freeze()
    costs: list[list[float]] = [[], []]
    alerts = [0, 0]
    for turn, start in enumerate(range(0, len(found), chunk)):
        part = found[start : start + chunk]
        for which in (0, 1) if turn % 2 else (1, 0):
            started = time.process_time()
            alerts[which] += take(stages[which], part)
            costs[which].append((time.process_time() - started) / len(part) * 1e6)
    figures = {
        "origin": ORIGIN,
        "queries": [few, many],
        "documents": len(found),
        "microseconds_per_document": [round(statistics.median(one), 1) for one in costs],
        "ratio": round(statistics.median(b / a for a, b in zip(*costs, strict=True)), 3),
        "alerts": alerts,
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if latency:
        with installation() as known:
            figures["live"] = measure(known, 1_000, load, seconds, seed)
    typer.echo(orjson.dumps(figures).decode() if as_json else told(figures))


def told(figures: dict[str, Any]) -> str:
    """The figures as lines for people."""
    lines = [
        f"{cost:7} microseconds a document with {queries} standing queries, {alerts} alerts"
        for cost, queries, alerts in zip(
            figures["microseconds_per_document"], figures["queries"], figures["alerts"], strict=True
        )
    ]
    if live := figures.get("live"):
        lines.append(
            f"{live['latency_ms']['p50']} ms p50, {live['latency_ms']['p99']} ms p99 from publishing to the stream at "
            f"{live['half_load_per_s']} reports/s, half of {live['reports_per_s']}; "
            f"{live['missed']} of {live['alerts'] + live['missed']} alerts missed"
        )
    return "\n".join(
        [*lines, f"{figures['ratio']:7} of it, median by turns; {figures['documents']} documents", figures["origin"],
         f"{figures['mib']} MiB"]
    )  # fmt: skip


def messages(seed: int, many: int) -> list[Incoming]:
    """What fuse publishes of invented reports' documents, for one reader who sees them all."""
    policies = Policies({id_: Agency(id_, id_) for id_ in AGENCIES})
    made = fuse(islice(reports(seed), many), policies, {}, READER, NOW, load_reference())
    return [
        Incoming(
            INDEX.topic, 0, at, document["id"].encode(),
            orjson.dumps({"scope": "live", "doc": document["doc"], "id": document["id"], "version": 1,
                          "documents": [[[READER], document]]}),
        )
        for at, document in enumerate(made)
    ]  # fmt: skip


def stage(saved: Sequence[Any]) -> tuple[DocumentStage, Pending, Sequence[Partition]]:
    pending: Pending = {}
    alerted, indexed = tables = [Partition(name, pending) for name in TABLES[INDEX.name]]
    alerting = AlertStage(alerted, 1, Standing({}, saved))
    alerting.clock = lambda: NOW
    return DocumentStage(IndexStage(indexed), alerting), pending, tables


def take(made: tuple[DocumentStage, Pending, Sequence[Partition]], part: Sequence[Incoming]) -> int:
    """Put documents into a stage and keep its rows. Returns how many alerts were raised."""
    stage, pending, tables = made
    outbox = Outbox()
    attempt(stage, part, outbox, pending)
    for table in tables:
        table.keep(outbox.rows)
    pending.clear()
    if outbox.refused:
        raise outbox.refused[0][1]
    return sum(one.topic == ALERTS_TOPIC for one in outbox.then)
