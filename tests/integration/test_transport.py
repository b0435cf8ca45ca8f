"""What a stage made goes out in its order while the stage goes on, and is acknowledged in its order, on real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from pipeline.addresses import Addresses, partitions
from pipeline.errors import ServiceMissing
from pipeline.index.last import Action
from pipeline.shell.outbox import Incoming, Outbox
from pipeline.shell.parts import new_producer
from pipeline.shell.read import held_messages
from pipeline.shell.sending import Sender
from pipeline.shell.transport import UNDER_WAY, Lane, Transport

MANY = 8
GENERATION = 1


class Quiet:
    """A stage that nothing is asked of."""

    name = "quiet"

    def take(self, message: Incoming, outbox: Outbox) -> None:
        pass

    def settle(self, outbox: Outbox) -> None:
        pass

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        pass


@dataclass
class Batches:
    """Batches given to a transport; the documents of the first are written once `slow` is set."""

    kafka: str
    topic: str
    lane: Lane[Quiet] = field(default_factory=lambda: Lane(Quiet()))
    slow: asyncio.Event = field(default_factory=asyncio.Event)
    written: list[str] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        app: Any = SimpleNamespace(consumer_generation_id=GENERATION)
        self.transport = Transport(app, self.kafka, Sender(new_producer(self.kafka)), self.write)

    async def write(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        if actions[0].id == "0":
            await self.slow.wait()
        self.written.append(actions[0].id)
        return []

    async def give(self, numbers: Iterable[int], events: int = 1) -> None:
        for number in numbers:
            outbox = Outbox(actions=[Action("live", "bnn", "report", str(number), 1, None)])
            outbox.send_first(self.topic, "key", f"first {number}")
            outbox.send(self.topic, "key", f"then {number}")
            event = SimpleNamespace(ack=lambda number=number: self.acknowledged.append(number))
            await self.transport.deliver(self.lane, outbox, GENERATION, [event] * events)

    async def held(self, many: int) -> list[str]:
        """What the topic holds, once it is as much as this."""
        held: list[str] = []
        while len(held) < many:
            await asyncio.sleep(0.05)
            with suppress(ServiceMissing):  # the topic has no leader in its first moments
                held = await asyncio.to_thread(self._held)
        return held

    def _held(self) -> list[str]:
        return [(one.value or b"").decode().strip('"') for one in held_messages(self.kafka, self.topic)]


@pytest.fixture
def batches(services: Addresses) -> Iterator[Batches]:
    name, kafka = f"transport-{uuid4()}", services.need("kafka")
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(name, partitions(), 1)])[name].result()
    yield Batches(kafka, name)
    admin.delete_topics([name])[name].result()


def test_a_stage_goes_on_while_what_it_made_is_on_its_way(batches: Batches) -> None:
    async def go() -> None:
        await batches.give(range(MANY))
        held = await asyncio.wait_for(batches.held(2 * MANY), 30)
        assert [one for one in held if one.startswith("first")] == [f"first {at}" for at in range(MANY)]
        assert [one for one in held if one.startswith("then")] == [f"then {at}" for at in range(MANY)]
        assert all(held.index(f"first {at}") < held.index(f"then {at}") for at in range(MANY))
        while len(batches.written) < MANY - 1:
            await asyncio.sleep(0.01)
        assert batches.acknowledged == []  # what was taken first is not written yet
        batches.slow.set()
        await batches.lane.rest()
        assert batches.acknowledged == list(range(MANY))

    asyncio.run(go())


def test_what_stands_behind_a_batch_that_was_cancelled_is_not_acknowledged(batches: Batches) -> None:
    async def go() -> None:
        await batches.give(range(MANY))
        await asyncio.wait_for(batches.held(2 * MANY), 30)
        cancelled = batches.lane.under_way[0].sent
        assert cancelled is not None
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(batches.lane.keeping or asyncio.sleep(0), 30)
        await batches.give([MANY])
        await asyncio.sleep(0.5)
        assert batches.acknowledged == []

    asyncio.run(go())


def test_no_more_is_under_way_than_memory_is_meant_for(batches: Batches) -> None:
    async def go() -> None:
        await batches.give([0], events=UNDER_WAY)
        more = asyncio.create_task(batches.give([1]))
        await asyncio.wait_for(batches.held(2), 30)
        await asyncio.sleep(0.2)
        assert not more.done()
        batches.slow.set()
        await asyncio.wait_for(more, 30)
        await batches.lane.rest()
        assert batches.acknowledged == [0] * UNDER_WAY + [1]

    asyncio.run(go())
