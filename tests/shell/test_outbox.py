"""What becomes of a message that a stage cannot take, and of a service that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

import schemas
from pipeline.enrich.enrich import load_reference
from pipeline.errors import Refused, Retry
from pipeline.release.policy import Agency, Policies
from pipeline.report.avro import encode
from pipeline.shell.outbox import Incoming, Outbox, Pending, attempt, forget, partition_of
from pipeline.shell.registry import schema_reader
from pipeline.shell.stages import ArrivalStage, ReleaseStage, ReportStage
from tests.spec.tables import report


class Picky:
    """Takes `good`, refuses `bad`, breaks on `worse` after half its work."""

    name = "picky"

    def take(self, message: Incoming, outbox: Outbox) -> None:
        outbox.send("next", "key", {"said": message.value.decode()})
        outbox.keep(self.name, message.partition, "row", message.value)
        if message.value == b"bad":
            raise Refused("picky", "it is bad")
        if message.value == b"worse":
            raise ValueError("secret words")

    def settle(self, outbox: Outbox) -> None:
        pass

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        pass


class NoRows:
    def get(self, partition: int, key: str) -> bytes | None:
        return None


def arrivals(schema_of: Callable[[int], str | None]) -> ArrivalStage:
    policies = Policies({id_: Agency(id_, id_) for id_ in ("bnn", "polri")})
    return ArrivalStage(ReportStage(NoRows(), schema_of), ReleaseStage(NoRows(), 2, load_reference(), (policies, {})))


def incoming(*values: bytes, topic: str = "t") -> list[Incoming]:
    return [Incoming(topic, 0, at, b"", value) for at, value in enumerate(values)]


def test_a_batch_that_stops_in_between_goes_on_with_what_is_left() -> None:
    class Settled(Picky):
        def settle(self, outbox: Outbox) -> None:
            outbox.send("next", "key", "settled")

    outbox, pending = Outbox(), Pending()
    left = iter(incoming(b"one", b"two", b"three"))
    enough = iter([False, True, False, False])
    assert not attempt(Settled(), left, outbox, pending, lambda: next(enough))
    assert [message.value for message in outbox.then] == [b'{"said":"one"}', b'{"said":"two"}']
    assert attempt(Settled(), left, outbox, pending, lambda: next(enough))
    assert [message.value for message in outbox.then][2:] == [b'{"said":"three"}', b'"settled"']


def test_a_bad_message_is_refused_alone_and_nothing_of_its_work_is_sent() -> None:
    outbox, pending = Outbox(), {}
    attempt(Picky(), incoming(b"good", b"bad", b"worse", b"good"), outbox, pending)
    assert [message.value for message in outbox.then] == [b'{"said":"good"}'] * 2
    assert [message.offset for message, _ in outbox.refused] == [1, 2]
    assert pending == {("picky", 0, "row"): b"good"}


def test_rows_of_a_batch_are_forgotten_but_not_what_a_later_one_put_in_their_place() -> None:
    first: Pending = {("t", 0, "a"): b"1", ("t", 0, "b"): b"1", ("t", 0, "c"): None}
    later: Pending = {("t", 0, "b"): b"2", ("t", 1, "a"): b"2", ("u", 0, "a"): b"2"}
    pending = first | later
    forget(pending, first)
    assert pending == later


def test_a_reason_of_ours_never_holds_what_the_message_says() -> None:
    outbox = Outbox()
    attempt(Picky(), incoming(b"worse"), outbox, {})
    assert "secret" not in outbox.refused[0][1].reason
    assert "ValueError" in outbox.refused[0][1].reason


def test_a_registry_that_does_not_answer_is_waited_for_and_nothing_is_refused() -> None:
    stage = arrivals(schema_reader("http://127.0.0.1:1"))
    outbox = Outbox()
    with pytest.raises(Retry):
        attempt(stage, incoming(encode(report(), 1), topic="gabung.report.bnn"), outbox, {})
    assert outbox.refused == []


def test_an_agency_speaks_on_its_own_topic_only() -> None:
    stage = arrivals(lambda _: schemas.report_schema())
    outbox = Outbox()
    attempt(stage, incoming(encode(report(agency="polri"), 1), topic="gabung.report.bnn"), outbox, {})
    assert "stands on the topic of bnn" in outbox.refused[0][1].reason


def test_a_report_that_stands_in_another_partition_than_its_ids_goes_there_first() -> None:
    stage, one = arrivals(lambda _: schemas.report_schema()), report()
    right = partition_of(one.id.encode(), 2)
    elsewhere, there = Outbox(), Outbox()
    attempt(stage, [Incoming("gabung.report.bnn", 1 - right, 0, b"", encode(one, 1))], elsewhere, {})
    (on_its_way,) = elsewhere.then
    assert (on_its_way.topic, partition_of(on_its_way.key, 2), elsewhere.audit) == ("gabung.enrich", right, [])
    attempt(stage, [Incoming(on_its_way.topic, right, 0, on_its_way.key, on_its_way.value or b"")], there, {})
    assert [row[:2] for row in there.rows] == [("release", right)]
    assert len(there.audit) == 1
    assert {message.topic for message in there.then} <= {"gabung.match"}
