"""On real services: what is narrowed leaves the indexes, late and repeated old revisions bring nothing back, and a policy
folder changed on disk is taken as a whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.addresses import Addresses
from pipeline.release.policy import Agency, Group, Membership, Policies, Rule
from pipeline.report.model import Report
from tests.integration.running import Running, running, write_policy

POLICIES = Policies(
    {id_: Agency(id_, id_) for id_ in ("bnn", "polri", "tni")}, {"bnn": (Rule("tim", "permit", ("tf",)),)}
)
BOTH = {"tf": Group("tf", "Tim", "bnn", (Membership("polri"), Membership("tni")))}
ONE = {"tf": Group("tf", "Tim", "bnn", (Membership("polri"),))}


def report(source_id: str, revision: int, **more: Any) -> Report:
    values = {
        "agency": "bnn", "source_id": source_id, "revision": revision, "op": "upsert", "kind": "seizure",
        "title": f"{source_id} {revision}", "reported_at": "2026-10-01T00:00:00Z",
        "entities": [{"ref": "p1", "kind": "person", "names": [f"Rekaan {source_id}"]}], "marking": {"tlp": "AMBER"},
    }  # fmt: skip
    return Report.model_validate(values | more)


@pytest.fixture
def pipeline(services: Addresses, tmp_path: Path) -> Iterator[Running]:
    with running(services, POLICIES, BOTH, tmp_path) as started:
        yield started


def titles(pipeline: Running, reader: str) -> set[str]:
    return {one["title"] for one in pipeline.documents(reader) if one["doc"] == "report"}


def people(pipeline: Running, reader: str) -> set[str]:
    return {name for one in pipeline.documents(reader) for name in one.get("names", ())}


def until(holds: Callable[[], bool], seconds: float = 15) -> float:
    """How long it took; 5 s are promised, and the rest is for whatever else a test machine does."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)
    return time.monotonic() - began


def test_what_is_narrowed_is_gone_and_stays_gone(pipeline: Running) -> None:
    pipeline.start()
    first, second = report("narrowed", 1), report("narrowed", 2)
    pipeline.publish([first, second, report("retracted", 1), report("stays", 1)])
    pipeline.rest()
    assert titles(pipeline, "tni") == {"narrowed 2", "retracted 1", "stays 1"}
    narrow = report("narrowed", 3, marking={"tlp": "RED", "release_to": ["polri"]})
    pipeline.publish([narrow, report("retracted", 2, op="retract"), first, second, report("retracted", 1)])
    pipeline.rest()
    assert titles(pipeline, "tni") == {"stays 1"}
    assert people(pipeline, "tni") == {"Rekaan stays"}
    assert titles(pipeline, "polri") == {"narrowed 3", "stays 1"}

    write_policy(pipeline.policy, POLICIES, ONE)
    left = until(lambda: not titles(pipeline, "tni") and not people(pipeline, "tni"))
    write_policy(pipeline.policy, POLICIES, BOTH)
    joined = until(lambda: titles(pipeline, "tni") == {"stays 1"})
    print(f"a member taken out on disk: {left:.2f} s; put in again: {joined:.2f} s")

    (pipeline.policy / "groups.yaml").write_text(
        "groups: [{id: tf, name: Tim, owner: bnn, members: [{agency: nobody}]}]"
    )
    time.sleep(3)
    assert titles(pipeline, "tni") == {"stays 1"}, "a folder that does not hold changes nothing"
    assert "policy not taken" in pipeline.log("worker-1")
