"""Leaks found in random scenarios: whether what a reader is shown changes when only what is hidden from it does.

Each scenario runs through the streaming stages twice, once as it is and once with other things in all that the reader
is not shown (`pipeline.bench.scenarios`), in another order, over other partitions, with workers dying on the way. What
stands in the reader's indexes must be the same byte for byte, now and a day later.

So that 0 says something, leaks that other systems had are built in, one at a time, and must all be found.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Annotated, Any
from unittest.mock import patch

import orjson
import structlog
import typer

from pipeline.bench.scenarios import AGENCIES, DAY, NOW, Scenario, scenario, varied
from pipeline.enrich.enrich import Reference, load_reference
from pipeline.fuse import graph
from pipeline.fuse.graph import Graph
from pipeline.match import block
from pipeline.match.block import Block
from pipeline.release import iep, step, view
from pipeline.release.decide import decide
from pipeline.release.redact import redact
from pipeline.shell.rehearsal import Rehearsal

ORIGIN = "invented by pipeline/bench/scenarios.py, all fictional"
MOST_TRIES = 1000
"""Scenarios in which a built-in leak must be found."""
SAID_EVERY = 5.0
CRASHES = 0.1


def run(
    scenarios: Annotated[int, typer.Option(help="Random scenarios.")] = 5000,
    seed: Annotated[int, typer.Option(help="The first scenario's; the next ones count on.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Vary what is hidden in random scenarios and count what a reader can tell of it. Exit code 1 where there is a
    leak, or where one that was built in is not found."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    reference = load_reference()
    built_in = {name: first_found(reference, leak, seed) for name, leak in LEAKS.items()}
    started, said, found, shown = time.monotonic(), 0.0, [], 0
    for number in range(seed, seed + scenarios):
        leaked, documents = leaks(number, reference)
        shown += documents
        found += [number] if leaked else []
        if time.monotonic() - said > SAID_EVERY and sys.stderr.isatty():
            said = time.monotonic()
            print(f"\r{number - seed + 1} of {scenarios} scenarios, {len(found)} leaks", end="", file=sys.stderr)
    figures = {
        "origin": ORIGIN,
        "scenarios": scenarios,
        "seed": seed,
        "leaks": len(found),
        "leaked_at": found[:20],
        "documents_compared": shown,
        "seconds": round(time.monotonic() - started, 1),
        "built_in": built_in,
    }
    typer.echo(orjson.dumps(figures).decode() if as_json else told(figures))
    if found or None in built_in.values():
        raise typer.Exit(1)


def told(figures: dict[str, Any]) -> str:
    """The figures as lines for people."""
    lines = [
        f"{figures['leaks']} leaks in {figures['scenarios']} scenarios from seed {figures['seed']} on,",
        figures["origin"],
        f"{figures['documents_compared']} documents compared with those of a world that differs in what is hidden,"
        f" {figures['seconds']} s",
        "",
        *(
            f"built in: {name:62} {f'found in scenario {at}' if at is not None else 'NOT FOUND'}"
            for name, at in figures["built_in"].items()
        ),
        *(f"leak in the scenario of seed {at}" for at in figures["leaked_at"]),
    ]
    return "\n".join(lines)


def leaks(number: int, reference: Reference) -> tuple[bool, int]:
    """Whether what one reader is shown in the scenario of this number hangs on what it is not, and how many documents
    were compared."""
    random = Random(number)
    given = scenario(random)
    reader = random.choice(AGENCIES)
    other = varied(random, given, reader)
    here, there = (_rehearsed(one, reference, random) for one in (given, other))
    now = here.documents(reader)
    if _bytes(now) != _bytes(there.documents(reader)):
        return True, len(now)
    here.pass_time(NOW + DAY)
    there.pass_time(NOW + DAY)
    here.run()
    there.run()
    if not _same_later(given, other, reader):
        return False, len(now)
    later = here.documents(reader)
    return _bytes(later) != _bytes(there.documents(reader)), len(now) + len(later)


def first_found(reference: Reference, leak: Callable[[], Any], seed: int) -> int | None:
    """How many scenarios it takes to find a built-in leak; nothing where MOST_TRIES do not."""
    with leak():
        for number in range(MOST_TRIES):
            if leaks(seed + number, reference)[0]:
                return number + 1
    return None


def _same_later(one: Scenario, other: Scenario, reader: str) -> bool:
    """Whether the same is released to the reader a day later, when embargoes and memberships have ended in both."""
    now, later = one.released(reader), one.released(reader, NOW + DAY)
    # What was hidden before may hold other things in the two; from the day on that it is shown, they differ.
    hides_as_before = all(id_ in now and hidden >= now[id_][0] for id_, (hidden, _) in later.items())
    return hides_as_before and later == other.released(reader, NOW + DAY)


def _rehearsed(given: Scenario, reference: Reference, random: Random) -> Rehearsal:
    made = Rehearsal(
        given.policies, given.groups, NOW, reference,
        random=Random(random.random()), partitions=random.randint(1, 3), crashes=CRASHES, misplaced=0.2,
    )  # fmt: skip
    with patch.object(block, "CROWD", given.crowd):
        for report in given.reports:
            made.publish(report)
        made.run()
    return made


def _bytes(documents: Any) -> bytes:
    return orjson.dumps(documents, option=orjson.OPT_SORT_KEYS)


@contextmanager
def _crowd_of_all() -> Iterator[None]:
    """A crowd counts what the reader does not see."""
    crowded = property(lambda self: frozenset(self.seen_by if len(self.entries) > block.CROWD else ()))
    with patch.object(Block, "crowded", crowded):
        yield


@contextmanager
def _judgement_for_all() -> Iterator[None]:
    """A judgement counts for readers who may not see it."""
    put = Graph.put_snapshot

    def for_all(self: Graph, snapshot: Any) -> Any:
        judged = tuple((AGENCIES, one) for _, one in snapshot.judged)
        return put(self, replace(snapshot, judged=judged))

    with patch.object(Graph, "put_snapshot", for_all):
        yield


@contextmanager
def _field_stays() -> Iterator[None]:
    """An identifier that is taken out stays where it was."""
    with patch.object(
        view, "redact", lambda report, hidden: redact(report, [one for one in hidden if one.below != "identifiers"])
    ):
        yield


@contextmanager
def _derived_stays() -> Iterator[None]:
    """What enrich made of a report is shown with a view that lacks its source."""

    def release(enriched: Any, policies: Any, groups: Any, time: Any, enrich: Any, readers: Any = None) -> Any:
        def keeping(left: Any) -> Any:
            return enriched.model_copy(update={"report": left, "features": enrich(left).features})

        return original(enriched, policies, groups, time, keeping, readers)

    original = view.release
    with patch.object(step, "release", release):
        yield


@contextmanager
def _sight_shared() -> Iterator[None]:
    """Whoever sees something of a component is shown all of it."""
    sights = graph._sights

    def shared(shown: Any) -> Any:
        of = sights(shown)
        first = {id_: 0 for id_, variants in shown.items() if variants}
        return {reader: list(first.items()) for reader in of}

    with patch.object(graph, "_sights", shared):
        yield


@contextmanager
def _refusal_forgotten() -> Iterator[None]:
    """`not_release_to` is forgotten where a rule permits."""

    def lax(report: Any, *rest: Any) -> Any:
        marking = report.marking.model_copy(update={"not_release_to": ()})
        return decide(report.model_copy(update={"marking": marking}), *rest)

    with patch.object(view, "decide", lax):
        yield


@contextmanager
def _agreement_told() -> Iterator[None]:
    """Of an IEP all is shown."""
    with patch.object(iep, "shown", lambda marking: marking):
        yield


LEAKS = {
    "hidden mentions count towards a crowd": _crowd_of_all,
    "a judgement counts for who may not see it": _judgement_for_all,
    "an identifier that is taken out stays": _field_stays,
    "what was derived of a field outlives it": _derived_stays,
    "whoever sees a part of a component sees all of it": _sight_shared,
    "not_release_to is forgotten": _refusal_forgotten,
    "which IEP it was stands on the view": _agreement_told,
}
"""What is built in to see whether it would be found."""
