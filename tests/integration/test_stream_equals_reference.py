"""Promise 4, on real Kafka, a real registry and a real Elasticsearch: at rest, each reader's indexes hold exactly what
the reference engine gives, whatever was killed meanwhile."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.addresses import Addresses
from pipeline.audit.chain import verify
from pipeline.enrich.enrich import load_reference
from pipeline.flow import agency_topic
from pipeline.release.policy import Agency
from pipeline.report.avro import encode
from pipeline.shell.audit import audited
from pipeline.shell.dlq import refusals, replay
from pipeline.shell.memory import fuse, latest
from pipeline.shell.topics import ensure_topics
from tests.integration.running import Running, running, write_policy
from tests.properties.worlds import AGENCIES, World, worlds


def world_of(seed: int, reports: int) -> World:
    """One large world, the same for a seed: the parts of many small ones, their source ids kept apart in fives."""
    found: list[World] = []

    @settings(max_examples=1 + reports // 6, database=None, phases=[Phase.generate], derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(worlds(most=8), st.just(seed))
    def collect(world: World, _: int) -> None:
        found.append(world)

    collect()
    random = Random(seed)
    base = random.choice([one for one in found if any(one.policies.rules.values())])
    made = [
        report.model_copy(update={"source_id": f"{report.source_id}-{at % (1 + reports // 5)}"})
        for at, report in enumerate(report for one in found for report in one.reports)
    ]
    random.shuffle(made)
    return replace(base, reports=tuple(made[:reports]), time=datetime.now(UTC))


def expected(world: World, reader: str, exercise: str | None = None) -> list[dict[str, Any]]:
    documents = fuse(world.reports, world.policies, world.groups, reader, datetime.now(UTC), load_reference(), exercise)
    read: list[dict[str, Any]] = json.loads(json.dumps(documents))
    return read


def assert_equal(pipeline: Running, world: World) -> None:
    for exercise, scope in ((None, "live"), ("badai", "exercise-badai")):
        for reader in AGENCIES:
            assert pipeline.documents(reader, scope) == expected(world, reader, exercise), (reader, scope)


@pytest.fixture
def world() -> World:
    return world_of(seed=11, reports=150)


@pytest.fixture
def pipeline(services: Addresses, tmp_path: Path, world: World) -> Iterator[Running]:
    with running(services, world.policies, world.groups, tmp_path) as started:
        yield started


def test_each_readers_indexes_hold_what_the_reference_engine_gives(pipeline: Running, world: World) -> None:
    """Also where a publisher has a rule of its own for which partition a report stands in."""
    half = len(world.reports) // 2
    pipeline.start()
    pipeline.publish(world.reports[:half])
    pipeline.publish(world.reports[half:], partitioner="consistent")
    pipeline.rest()
    assert any(expected(world, reader) for reader in AGENCIES)
    assert_equal(pipeline, world)


def test_a_worker_killed_on_the_way_changes_nothing(pipeline: Running, world: World) -> None:
    """SIGKILL in the middle, a second worker beside it, the first one back again: the same indexes."""
    half = len(world.reports) // 2
    pipeline.start("worker-1")
    pipeline.publish(world.reports[:half])
    pipeline.kill("worker-1")
    pipeline.start("worker-2")
    pipeline.publish(world.reports[half:])
    pipeline.start("worker-1")
    pipeline.rest()
    assert_equal(pipeline, world)
    # The killed worker's chain of audit events ends whole, and every report that stands is told of.
    events = list(audited(pipeline.addresses.need("kafka")))
    assert verify(events).faults == []
    told = {orjson.loads(raw).get("report") for _, raw in events}
    assert told >= {report.id for report in latest(world.reports)}


def test_messages_that_cannot_be_taken_hold_up_none_behind_them(pipeline: Running, world: World) -> None:
    """Not Avro, an unknown schema, a strange agency, bytes that do not fit, values that do not hold: each is refused
    with stage and reason, kept whole, and what stands behind it goes through."""
    good = next(report for report in world.reports if report.op == "upsert")
    good = good.model_copy(
        update={
            "agency": "polri", "source_id": "behind", "revision": 1,
            "marking": good.marking.model_copy(update={"exercise": None, "expires_at": None}),
        }
    )  # fmt: skip
    pipeline.start()
    pipeline.publish([good.model_copy(update={"source_id": "before"})])
    schema_id = registered(pipeline, "polri")
    bad = {
        "not Avro": b"<xml/>",
        "empty": b"",
        "unknown schema": b"\x00\x00\x00\xff\xff\x02\x02",
        "cut short": encode(good, schema_id)[:40],
        "another agency's": encode(good.model_copy(update={"agency": "bnn"}), schema_id),
        "a marking nobody knows": encode(good.model_copy(update={"marking": good.marking.model_copy(update={"tlp": "MAUVE"})}), schema_id),
    }  # fmt: skip
    producer = Producer({"bootstrap.servers": pipeline.addresses.need("kafka"), "partitioner": "murmur2_random"})
    for raw in bad.values():
        producer.produce(agency_topic("polri"), key=good.id, value=raw)
    producer.flush(10)
    pipeline.publish([good])
    pipeline.rest()
    assert {document["source_id"] for document in pipeline.documents("polri") if document["doc"] == "report"} == {
        "before",
        "behind",
    }
    kafka = pipeline.addresses.need("kafka")
    refused = [one for _, one in refusals(kafka)]
    assert len(refused) == len(bad)
    assert {one.stage for one in refused} == {"report"}
    assert all(one.reason and one.topic == agency_topic("polri") and one.agency == "polri" for one in refused)
    assert {base64.b64decode(one.raw) for one in refused} == set(bad.values())
    assert all(replay(kafka, one) for one in refused)
    pipeline.rest()
    again = [one for _, one in refusals(kafka)]
    assert len(again) == 2 * len(bad), "sent again as they were, and refused again since nothing was mended"


def test_a_new_policy_takes_effect_without_a_new_report(pipeline: Running, world: World) -> None:
    pipeline.start()
    pipeline.publish(world.reports)
    pipeline.rest()
    fewer = replace(world, policies=replace(world.policies, rules=dict.fromkeys(AGENCIES, ())))
    assert any(expected(world, reader) != expected(fewer, reader) for reader in AGENCIES), "the test needs a difference"
    write_policy(pipeline.policy, fewer.policies, fewer.groups)
    wait_for(pipeline, fewer)


def test_a_new_agency_is_read_without_anybody_restarting_anything(pipeline: Running, world: World) -> None:
    pipeline.start()
    agencies = {**world.policies.agencies, "bssn": Agency("bssn", "BSSN")}
    more = replace(world, policies=replace(world.policies, agencies=agencies))
    write_policy(pipeline.policy, more.policies, more.groups)
    newcomer = next(report for report in world.reports if report.op == "upsert")
    marking = newcomer.marking.model_copy(update={"exercise": None, "expires_at": None, "release_to": (), "fields": ()})
    newcomer = newcomer.model_copy(update={"agency": "bssn", "marking": marking})
    ensure_topics(pipeline.addresses.need("kafka"), agencies)
    pipeline.publish([newcomer])
    pipeline.rest()
    assert newcomer.id in {document["id"] for document in pipeline.documents("bssn")}


def test_a_report_expires_without_a_new_report(pipeline: Running, world: World) -> None:
    """Within 5 s of the moment it is out of every index."""
    report = next(report for report in world.reports if report.op == "upsert")
    soon = datetime.now(UTC) + timedelta(seconds=20)
    marking = report.marking.model_copy(update={"expires_at": soon, "exercise": None, "not_before": None})
    expiring = report.model_copy(update={"source_id": "soon", "marking": marking})
    pipeline.start()
    pipeline.publish([expiring])
    pipeline.rest()
    if datetime.now(UTC) < soon - timedelta(seconds=1):
        assert expiring.id in {document["id"] for document in pipeline.documents(report.agency)}
    wait_for(pipeline, replace(world, reports=()), until=soon + timedelta(seconds=5))


def wait_for(pipeline: Running, world: World, until: datetime | None = None) -> None:
    """Until the indexes hold what the reference gives; fails after the moment, or 90 s."""
    until = until or datetime.now(UTC) + timedelta(seconds=90)
    wanted = {reader: expected(world, reader) for reader in AGENCIES}
    while datetime.now(UTC) < until:
        pipeline.client.indices.refresh(index="gabung.*")
        if all(pipeline.documents(reader) == wanted[reader] for reader in AGENCIES):
            return
        time.sleep(0.3)
    assert_equal(pipeline, world)


def registered(pipeline: Running, agency: str) -> int:
    from confluent_kafka.schema_registry import SchemaRegistryClient

    from pipeline.addresses import REGISTRY_API

    client = SchemaRegistryClient({"url": pipeline.addresses.need("registry") + REGISTRY_API})
    return int(client.get_latest_version(f"{agency_topic(agency)}-value").schema_id)
