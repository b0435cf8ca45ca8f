"""What becomes of a message that a stage cannot take, and of a service that is not there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

import schemas
from pipeline.errors import Refused, Retry
from pipeline.report.avro import encode
from pipeline.shell.outbox import Incoming, Outbox, Pending, attempt, forget
from pipeline.shell.registry import schema_reader
from pipeline.shell.stages import ReportStage
from tests.spec.tables import report


class Picky:
    """Takes `good`, refuses `bad`, breaks on `worse` after half its work."""

    name = "picky"

    def take(self, message: Incoming, outbox: Outbox) -> None:
        outbox.send("next", "key", {"said": message.value.decode()})
        outbox.keep(message.partition, "row", message.value)
        if message.value == b"bad":
            raise Refused("picky", "it is bad")
        if message.value == b"worse":
            raise ValueError("secret words")

    def settle(self, outbox: Outbox) -> None:
        pass

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        pass


class NoRows:
    def get(self, partition: int, key: str) -> bytes | None:
        return None


def incoming(*values: bytes, topic: str = "t") -> list[Incoming]:
    return [Incoming(topic, 0, at, b"", value) for at, value in enumerate(values)]


def test_a_bad_message_is_refused_alone_and_nothing_of_its_work_is_sent() -> None:
    outbox, pending = Outbox(), {}
    attempt(Picky(), incoming(b"good", b"bad", b"worse", b"good"), outbox, pending)
    assert [message.value for message in outbox.then] == [b'{"said":"good"}'] * 2
    assert [message.offset for message, _ in outbox.refused] == [1, 2]
    assert pending == {(0, "row"): b"good"}


def test_rows_of_a_batch_are_forgotten_but_not_what_a_later_one_put_in_their_place() -> None:
    first: Pending = {(0, "a"): b"1", (0, "b"): b"1", (0, "c"): None}
    pending = first | {(0, "b"): b"2", (1, "a"): b"2"}
    forget(pending, first)
    assert pending == {(0, "b"): b"2", (1, "a"): b"2"}


def test_a_reason_of_ours_never_holds_what_the_message_says() -> None:
    outbox = Outbox()
    attempt(Picky(), incoming(b"worse"), outbox, {})
    assert "secret" not in outbox.refused[0][1].reason
    assert "ValueError" in outbox.refused[0][1].reason


def test_a_registry_that_does_not_answer_is_waited_for_and_nothing_is_refused() -> None:
    stage = ReportStage(NoRows(), schema_reader("http://127.0.0.1:1"))
    outbox = Outbox()
    with pytest.raises(Retry):
        attempt(stage, incoming(encode(report(), 1), topic="gabung.report.bnn"), outbox, {})
    assert outbox.refused == []


def test_an_agency_speaks_on_its_own_topic_only() -> None:
    stage = ReportStage(NoRows(), lambda _: schemas.report_schema())
    outbox = Outbox()
    attempt(stage, incoming(encode(report(agency="polri"), 1), topic="gabung.report.bnn"), outbox, {})
    assert "stands on the topic of bnn" in outbox.refused[0][1].reason
