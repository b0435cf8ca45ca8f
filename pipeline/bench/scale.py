"""Documents a second of match and fuse at few and at many stored reports: whether work for one report grows with them.

The stages that Faust runs, in one process, fed with what release sends, bytes in and bytes out. Two stores take the
same further reports by turns, one chunk each, so that a busy machine slows both alike; what is told is their ratio.
"""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

import orjson
import typer

from pipeline.bench.fuse import AGENCIES, report
from pipeline.bench.people import Record, lives
from pipeline.enrich.enrich import Reference, enrich, load_reference
from pipeline.flow import FUSE, MATCH
from pipeline.match.spread import spread
from pipeline.release.policy import Agency, Policies
from pipeline.release.view import release
from pipeline.report.model import Report
from pipeline.shell.outbox import Incoming, Outbox, Outgoing, attempt
from pipeline.shell.stages import FuseStage, MatchStage, send_spread

ORIGIN = "`lives` of pipeline/bench/people.py, all fictional"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
POLICIES = Policies({id_: Agency(id_, id_) for id_ in AGENCIES})
BATCH = 50
"""Messages that a worker settles at once."""


def run(
    few: Annotated[int, typer.Option(help="Reports that the one store holds.")] = 10_000,
    many: Annotated[int, typer.Option(help="Reports that the other holds.")] = 100_000,
    further: Annotated[int, typer.Option(help="Reports that both then take.")] = 4_000,
    chunk: Annotated[int, typer.Option(help="Of these, by turns, at once.")] = 200,
    seed: Annotated[int, typer.Option()] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Documents a second of match and fuse on many stored one-person reports against a few, by turns."""
    reference = load_reference()
    stored = [Store(), Store()]
    records = lives(seed, many)
    for number, spread_out in enumerate(_spread(islice(records, many), reference, 0)):
        for store in stored if number < few else stored[1:]:
            store.take([spread_out])
        _say(number, many)
    new = list(_spread(islice(lives(seed + 1, further), further), reference, many))
    gc.collect()
    gc.freeze()
    rates: list[list[float]] = [[], []]
    took = [0.0, 0.0]
    for turn, start in enumerate(range(0, further, chunk)):
        for which in (0, 1) if turn % 2 else (1, 0):
            started = time.perf_counter()
            documents = stored[which].take(new[start : start + chunk])
            seconds = time.perf_counter() - started
            rates[which].append(documents / seconds)
            took[which] += seconds
    ratio = statistics.median(b / a for a, b in zip(*rates, strict=True))
    figures = {
        "origin": ORIGIN,
        "stored": [few, many],
        "further": further,
        "documents_per_second": [round(statistics.median(one)) for one in rates],
        "ratio": round(ratio, 3),
        "reports_per_second": [round(further / seconds) for seconds in took],
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    typer.echo(orjson.dumps(figures).decode() if as_json else told(figures))


def told(figures: dict[str, Any]) -> str:
    """The figures as lines for people."""
    lines = [
        f"{rate:7} documents/s, {reports:5} reports/s at {stored} stored reports"
        for rate, reports, stored in zip(
            figures["documents_per_second"], figures["reports_per_second"], figures["stored"], strict=True
        )
    ]
    return "\n".join(
        [*lines, f"{figures['ratio']:7} of it, median by turns", figures["origin"], f"{figures['mib']} MiB"]
    )


class Store:
    """Match and fuse of one installation, without Kafka."""

    def __init__(self) -> None:
        self.match, self.fuse = MatchStage(), FuseStage()

    def take(self, sent: Sequence[Outbox]) -> int:
        """Put what release sent into match and fuse. Returns how many documents fuse published."""
        published = 0
        for start in range(0, len(sent), BATCH):
            batch = sent[start : start + BATCH]
            published += self._fuse(message for one in batch for message in one.first)
            found = Outbox()
            attempt(self.match, _read(message for one in batch for message in one.then), found, {})
            published += self._fuse(found.then)
        return published

    def _fuse(self, messages: Iterable[Outgoing]) -> int:
        made = Outbox()
        attempt(self.fuse, _read(messages), made, {})
        if made.refused:
            raise made.refused[0][1]
        return len(made.then)


def _read(messages: Iterable[Outgoing]) -> Iterator[Incoming]:
    for message in messages:
        if message.topic in (MATCH.topic, FUSE.topic):
            yield Incoming(message.topic, 0, 0, message.key, message.value or b"")


def _spread(records: Iterable[Record], reference: Reference, first: int) -> Iterator[Outbox]:
    """What release sends of each report, all released to all."""
    for number, (_, mention) in enumerate(records, first):
        one = Report.model_validate(report(number, mention))
        released = release(enrich(one, reference), POLICIES, {}, NOW, lambda left: enrich(left, reference))
        sent = Outbox()
        send_spread(spread(one, released.views), sent)
        yield sent


def _say(number: int, many: int) -> None:
    if number % 1000 == 0 and sys.stderr.isatty():
        print(f"\r{number} of {many} reports stored", end="", file=sys.stderr)
