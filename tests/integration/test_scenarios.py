"""Promises 1, 2, 3, 4 and 9 of the running system: generated scenarios on real Kafka, a real registry and a real
Elasticsearch, while workers are killed at random moments, added, and taken away.

`GABUNG_SCENARIOS=50` runs so many; `GABUNG_SCENARIOS_SEED=7` begins at that seed, to run a failing one again.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.addresses import Addresses
from pipeline.bench.scenarios import AGENCIES, IDENTIFIERS, NAMES
from pipeline.enrich.enrich import Reference, enrich, load_reference
from pipeline.match import block
from pipeline.match.block import Block, put
from pipeline.match.spread import spread
from pipeline.release.policy import Policies
from pipeline.release.view import release
from pipeline.report.model import Report, scope_of
from pipeline.search.ask import ask
from pipeline.search.question import Question
from pipeline.shell.dlq import refusals
from pipeline.shell.health import health
from pipeline.shell.memory import fuse, latest
from pipeline.shell.store import ElasticStore
from tests.integration.running import Running, running, write_policy
from tests.integration.scenarios import Pair, Plan, plan

AT_ONCE = 8
"""Scenarios a run; a run takes about 100 s, whatever they are."""
RUNS = max(1, -(-int(os.environ.get("GABUNG_SCENARIOS", AT_ONCE)) // AT_ONCE))
FIRST = int(os.environ.get("GABUNG_SCENARIOS_SEED", "1"))
LONGEST_REST = 600
"""Seconds; on a machine that has nothing else to do it takes 20."""
LONGEST_WAIT = 2.0
"""Seconds from a chunk of reports to what is done to a worker then: it is in the middle of them, or about to begin."""
QUESTIONS = (
    "*", "darmo OR sri OR kapal", "kapal cepat", '"dua peti"', "rekening OR agency:satu", "NOT kind:seizure",
    "place:medan OR belawan", *(f"{scheme}:{value}" for scheme, value in IDENTIFIERS), *(f'"{name}"' for name in NAMES),
)  # fmt: skip

Documents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference()


@pytest.fixture(params=range(FIRST, FIRST + RUNS))
def planned(request: pytest.FixtureRequest) -> Plan:
    return plan(request.param, AT_ONCE, datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def pipeline(services: Addresses, tmp_path: Path, planned: Plan, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(block, "CROWD", planned.crowd)
    with running(services, planned.policies, planned.groups, tmp_path) as started:
        started.crowd = planned.crowd
        yield started


@pytest.mark.timeout(1800)
def test_generated_scenarios_hold_the_promises_while_workers_die(
    pipeline: Running, planned: Plan, reference: Reference
) -> None:
    random = Random(planned.seed)
    pipeline.start("worker-1", "worker-2")
    _publish_while_workers_die(pipeline, planned.told(random), random)
    pipeline.publish(planned.retractions()[::2])
    _kill_and_start_again(pipeline, random)
    pipeline.publish(planned.retractions()[1::2])
    pipeline.rest(LONGEST_REST)
    assert not list(refusals(pipeline.addresses.need("kafka")))

    # Order, retraction, stream equals reference, exercises: whatever happened, what stands is what lasts.
    lasting = planned.lasting()
    _assert_equal(pipeline, planned, planned.policies, lasting, reference)
    # Non-interference: what is hidden differs here and there, and what is shown does not.
    for pair in planned.pairs:
        _assert_same_sight(pipeline, planned, pair)

    # The operator is told of every key that too many share, and of no other.
    assert health().crowded == _crowded(planned, lasting, reference), _failing(planned)

    # Rules of others that do not concern a reader change nothing for it, while they do for the others.
    reader = random.choice(AGENCIES)
    before = {exercise: pipeline.documents(reader, scope_of(exercise)) for exercise in planned.scopes}
    policies = planned.other_rules(random, reader)
    write_policy(pipeline.policy, policies, planned.groups)
    _wait_until_equal(pipeline, planned, policies, lasting, reference)
    after = {exercise: pipeline.documents(reader, scope_of(exercise)) for exercise in planned.scopes}
    assert after == before, _failing(planned, reader)


def _publish_while_workers_die(pipeline: Running, reports: list[Report], random: Random) -> None:
    """Chunk by chunk, and after each something befalls a worker: one is killed, one comes beside it, the killed one
    comes again, one is taken away for good."""
    chunks = [reports[at::5] for at in range(5)]

    def give() -> None:
        pipeline.publish(chunks.pop())
        time.sleep(random.uniform(0, LONGEST_WAIT))

    give()
    killed = random.choice(sorted(pipeline.workers))
    pipeline.kill(killed)
    give()
    pipeline.start("worker-3")
    give()
    pipeline.start(killed)
    give()
    pipeline.take_away(random.choice(sorted(pipeline.workers)))
    give()


def _kill_and_start_again(pipeline: Running, random: Random) -> None:
    time.sleep(random.uniform(0, LONGEST_WAIT))
    killed = random.choice(sorted(pipeline.workers))
    pipeline.kill(killed)
    pipeline.start(killed)


def _expected(
    planned: Plan,
    policies: Policies,
    reports: Iterable[Report],
    reader: str,
    exercise: str | None,
    reference: Reference,
) -> Documents:
    made = fuse(reports, policies, planned.groups, reader, datetime.now(UTC), reference, exercise)
    read: Documents = json.loads(json.dumps(made))
    return read


def _differing(
    pipeline: Running, planned: Plan, policies: Policies, reports: list[Report], reference: Reference
) -> list[str]:
    """What stands wrongly: whose, where, and which documents are missing, too many, or otherwise."""
    found = []
    for exercise in planned.scopes:
        for reader in AGENCIES:
            wanted = _by_id(_expected(planned, policies, reports, reader, exercise, reference))
            stands = _by_id(pipeline.documents(reader, scope_of(exercise)))
            for id_ in sorted(wanted.keys() | stands.keys()):
                if wanted.get(id_) != stands.get(id_):
                    how = "otherwise" if id_ in wanted and id_ in stands else "missing" if id_ in wanted else "too many"
                    found.append(f"{reader} {scope_of(exercise)} {' '.join(id_)}: {how}")
    return found


def _by_id(documents: Documents) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(one["doc"], one["kind"], one["id"]): one for one in documents}


def _assert_equal(
    pipeline: Running, planned: Plan, policies: Policies, reports: list[Report], reference: Reference
) -> None:
    assert any(pipeline.documents(reader) for reader in AGENCIES), "the scenarios need something that is shown"
    wrong = _differing(pipeline, planned, policies, reports, reference)
    assert not wrong, f"{len(wrong)} stand wrongly, {wrong[:20]}; {_failing(planned)}"


def _wait_until_equal(
    pipeline: Running, planned: Plan, policies: Policies, reports: list[Report], reference: Reference
) -> None:
    """A policy is taken some moments after it is written, and shows in no lag."""
    until = time.monotonic() + 60
    while _differing(pipeline, planned, policies, reports, reference) and time.monotonic() < until:
        time.sleep(0.5)
        pipeline.rest()
    _assert_equal(pipeline, planned, policies, reports, reference)


def _assert_same_sight(pipeline: Running, planned: Plan, pair: Pair) -> None:
    """The same documents, and the same answers: hits, order, facets, highlights."""
    here, there = (pipeline.documents(pair.reader, scope_of(one)) for one in (pair.here, pair.there))
    assert _without_exercise(here) == _without_exercise(there), _failing(planned, pair.reader, pair.there)
    store, moment = ElasticStore(pipeline.addresses.need("elasticsearch")), datetime.now(UTC)
    for q in QUESTIONS:
        answers = [
            ask(store, lambda _: None, pair.reader, Question(q=q, exercise=exercise), moment)
            for exercise in (pair.here, pair.there)
        ]
        assert _without_exercise(answers[0]) == _without_exercise(answers[1]), _failing(planned, pair.reader, q)


def _crowded(planned: Plan, reports: list[Report], reference: Reference) -> dict[str, int]:
    """Kind -> keys under which some reader sees too many, by the pure functions."""
    policies, groups, moment = planned.policies, planned.groups, datetime.now(UTC)
    blocks: dict[str, Block] = {}
    for report in latest(reports):
        views = release(enrich(report, reference), policies, groups, moment, lambda left: enrich(left, reference)).views
        for entry in spread(report, views).entries:
            put(blocks.setdefault(entry.key, Block()), entry)
    return dict(Counter(key.split("|")[1] for key, block in blocks.items() if block.crowded))


def _without_exercise(values: Any) -> Any:
    """Documents name their exercise, in which the two must differ."""
    if isinstance(values, dict):
        return {name: _without_exercise(value) for name, value in values.items() if name != "exercise"}
    return [_without_exercise(value) for value in values] if isinstance(values, list) else values


def _failing(planned: Plan, *about: str) -> str:
    again = f"GABUNG_SCENARIOS_SEED={planned.seed} .venv/bin/python -m pytest tests/integration/test_scenarios.py"
    return f"{' '.join(about)}; run it again: {again}"
