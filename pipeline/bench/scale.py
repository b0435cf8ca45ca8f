"""Documents a second of match and fuse at few and at many stored reports: whether work for one report grows with them.

The stages that Faust runs, fed with what release sends, bytes in and bytes out. Two stores take the same further
reports by turns, one chunk each, so that a busy machine slows both alike; what is told is their ratio. Each is in a
process of its own, as a worker is: in one process, what the one has compared is remembered for the other.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from multiprocessing.connection import Connection
from typing import Annotated, Any

import orjson
import typer

from pipeline.bench.fuse import AGENCIES, report
from pipeline.bench.people import Record, lives
from pipeline.enrich.enrich import Reference, enrich, load_reference
from pipeline.errors import GabungError
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
    with Held(few, many, further, seed) as small, Held(many, many, further, seed) as large:
        for one in (small, large):
            one.wait()
        rates: list[list[float]] = [[], []]
        took = [0.0, 0.0]
        for turn, start in enumerate(range(0, further, chunk)):
            for which in (0, 1) if turn % 2 else (1, 0):
                documents, seconds = (small, large)[which].take(start, start + chunk)
                rates[which].append(documents / seconds)
                took[which] += seconds
        mib = [small.mib(), large.mib()]
    ratio = statistics.median(b / a for a, b in zip(*rates, strict=True))
    figures = {
        "origin": ORIGIN,
        "stored": [few, many],
        "further": further,
        "documents_per_second": [round(statistics.median(one)) for one in rates],
        "ratio": round(ratio, 3),
        "reports_per_second": [round(further / seconds) for seconds in took],
        "ratio_in_all": round(took[0] / took[1], 3),
        "mib": mib,
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
        [
            *lines,
            f"{figures['ratio']:7} of it, median by turns; {figures['ratio_in_all']} in all",
            figures["origin"],
            f"{figures['mib'][0]} and {figures['mib'][1]} MiB",
        ]
    )


class Held:
    """A store in a process of its own, which takes the further reports when told."""

    def __init__(self, first: int, many: int, further: int, seed: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.there, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_hold, args=(theirs, first, many, further, seed), daemon=True)

    def __enter__(self) -> Held:
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.join()

    def wait(self) -> None:
        """Until all that it holds is stored."""
        while (number := self._answer()) is not None:
            _say(*number)

    def take(self, start: int, end: int) -> tuple[int, float]:
        """Take some of the further reports. Returns how many documents that made, and the seconds."""
        self.there.send((start, end))
        documents, seconds = self._answer()
        return documents, seconds

    def mib(self) -> int:
        """The most memory that its process had."""
        self.there.send(None)
        return int(self._answer())

    def _answer(self) -> Any:
        while not self.there.poll(1):
            if not self.process.is_alive():
                raise GabungError(
                    f"a store ended by itself ({self.process.exitcode}): is memory short? Try --many 50000"
                )
        return self.there.recv()


def _hold(here: Connection, first: int, many: int, further: int, seed: int) -> None:
    reference, store = load_reference(), Store()
    for number, spread_out in enumerate(_spread(islice(lives(seed, many), first), reference, 0)):
        store.take([spread_out])
        if number % 1000 == 0:
            here.send((number, first))
    new = list(_spread(islice(lives(seed + 1, further), further), reference, many))
    gc.collect()
    gc.freeze()  # as a worker does once it has loaded what it holds
    here.send(None)
    while (turn := here.recv()) is not None:
        started = time.perf_counter()
        documents = store.take(new[slice(*turn)])
        here.send((documents, time.perf_counter() - started))
    here.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


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
        send_spread(spread(one, released.views), 1, sent)
        yield sent


def _say(number: int, many: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{number} of {many} reports stored", end="", file=sys.stderr)
