"""A defect that breaks on one thing must not stop the rest: what broke is refused, withheld from those who see it, and
put right by a replay once mended. The defect is built in; all else is what Faust runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from pipeline.enrich.enrich import Reference, load_reference
from pipeline.fuse import graph
from pipeline.match import block
from pipeline.release.policy import Agency, Policies
from pipeline.report.model import Report
from pipeline.shell.memory import fuse
from pipeline.shell.outbox import Outgoing
from pipeline.shell.rehearsal import Rehearsal
from tests.properties.test_promises import plain
from tests.spec.tables import report

NOW = datetime(2026, 11, 1, tzinfo=UTC)
READERS = ("bnn", "polri", "tni")
POLICIES = Policies({id_: Agency(id_, id_) for id_ in READERS}, {})
REPORTS = [
    report(agency=agency, source_id=source, entities=[{"ref": "p", "kind": "person", "names": [name], "identifiers": [{"scheme": "passport", "value": passport}]}], marking={"tlp": "GREEN", "release_to": to})
    for agency, source, name, passport, to in (
        ("bnn", "1", "Darmo Rekawan", "A4820617", ["polri", "tni"]),
        ("polri", "1", "Darmo Rekawan", "A4820617", ["bnn", "tni"]),
        ("bnn", "2", "Sri Contohwati", "X7391155", ["polri", "tni"]),
        ("polri", "2", "Sri Contohwati", "X7391155", ["bnn", "tni"]),
        # Who sees this one is not shown what it hangs together with.
        ("bnn", "3", "Racun Rekaan", "X7391155", ["polri"]),
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference()


def breaks_in_fuse() -> AbstractContextManager[Any]:
    made = graph.documents

    def documents(kind: str, visible: Any, *rest: Any) -> Any:
        if any("Racun" in str(one.content) and kind == "person" for one in visible.values()):
            raise ZeroDivisionError("Racun Rekaan")
        return made(kind, visible, *rest)

    return patch.object(graph, "documents", documents)


def breaks_in_match() -> AbstractContextManager[Any]:
    made = block.compare

    def compare(one: Any, other: Any) -> Any:
        if {one.id.split("/")[0], other.id.split("/")[0]} == {REPORTS[0].id, REPORTS[1].id}:
            raise ZeroDivisionError("Darmo Rekawan")
        return made(one, other)

    return patch.object(block, "compare", compare)


def rehearsed(reference: Reference, reports: list[Report]) -> Rehearsal:
    made = Rehearsal(POLICIES, {}, NOW, reference, random=Random(3), partitions=2, crashes=0.3)
    for one in reports:
        made.publish(one)
    made.run()
    return made


def expected(reference: Reference, reader: str) -> list[dict[str, Any]]:
    return plain(fuse(REPORTS, POLICIES, {}, reader, NOW, reference))


def replayed(rehearsal: Rehearsal) -> None:
    refused, rehearsal.refused = rehearsal.refused, []
    for message, _ in refused:
        rehearsal.send(Outgoing(message.topic, message.key, message.value))
    rehearsal.run()


def test_what_breaks_in_fuse_is_withheld_from_who_sees_it_and_from_nobody_else(reference: Reference) -> None:
    with breaks_in_fuse():
        rehearsal = rehearsed(reference, REPORTS)
    assert {(error.stage, "Racun" in error.reason) for _, error in rehearsal.refused} == {("fuse", False)}
    assert plain(rehearsal.documents("tni")) == expected(reference, "tni"), "tni is not shown the poison"
    for reader in ("bnn", "polri"):
        shown = plain(rehearsal.documents(reader))
        component = {"Racun Rekaan", "Sri Contohwati"}
        sound = [one for one in expected(reference, reader) if not component & set(one.get("names", ()))]
        assert shown == sound
        assert len(sound) < len(expected(reference, reader))
    replayed(rehearsal)
    assert rehearsal.refused == []
    for reader in READERS:
        assert plain(rehearsal.documents(reader)) == expected(reference, reader)


def test_what_was_shown_before_it_broke_is_shown_no_more(reference: Reference) -> None:
    """It may be what was taken back."""
    rehearsal = rehearsed(reference, REPORTS[:4])
    before = plain(rehearsal.documents("bnn"))
    with breaks_in_fuse():
        rehearsal.publish(REPORTS[4])
        rehearsal.run()
    gone = [one for one in before if one not in plain(rehearsal.documents("bnn"))]
    assert ["Sri Contohwati"] in [one.get("names") for one in gone]


def test_a_pair_that_breaks_in_match_is_refused_and_all_others_are_compared(reference: Reference) -> None:
    with breaks_in_match():
        rehearsal = rehearsed(reference, REPORTS)
    assert {error.stage for _, error in rehearsal.refused} == {"match"}
    assert all("Darmo" not in error.reason for _, error in rehearsal.refused)
    apart = [one for one in plain(rehearsal.documents("tni")) if one not in expected(reference, "tni")]
    assert all("Sri Contohwati" not in one.get("names", ()) for one in apart)
    replayed(rehearsal)
    assert rehearsal.refused == []
    for reader in READERS:
        assert plain(rehearsal.documents(reader)) == expected(reference, reader)


FAULTS: tuple[Callable[[], AbstractContextManager[Any]], ...] = (breaks_in_fuse, breaks_in_match)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_restart_with_what_broke_in_its_rows_goes_on(
    reference: Reference, fault: Callable[[], AbstractContextManager[Any]]
) -> None:
    with fault():
        rehearsal = rehearsed(reference, REPORTS)
        rehearsal.restart(POLICIES, {})
        rehearsal.run()
        assert plain(rehearsal.documents("tni"))
    replayed(rehearsal)
    assert plain(rehearsal.documents("polri")) == expected(reference, "polri")
