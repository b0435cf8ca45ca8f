"""What librdkafka fetches comes to the event loop: all of it, in order, from where it was asked for, and no more of it
than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from uuid import uuid4

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from faust.types import TP

from pipeline.addresses import Addresses
from pipeline.shell import fetch
from pipeline.shell.fetch import BATCH, HELD, Reader

MANY = 3 * HELD
"""Messages in each of the two partitions."""


@pytest.fixture(scope="module")
def parts(services: Addresses) -> Iterator[tuple[TP, TP]]:
    name, kafka = f"fetch-{uuid4()}", services.need("kafka")
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(name, 2, 1)])[name].result()
    producer = Producer({"bootstrap.servers": kafka})
    for at in range(MANY):
        for partition in (0, 1):
            producer.produce(name, str(at), partition=partition)
    assert not producer.flush(30)
    yield TP(name, 0), TP(name, 1)
    admin.delete_topics([name])[name].result()


def reading(kafka: str, do: Callable[[Reader], Awaitable[None]]) -> None:
    async def go() -> None:
        reader = Reader("test", kafka, lambda: None)
        reader.start()
        try:
            await asyncio.wait_for(do(reader), 60)
        finally:
            await asyncio.to_thread(reader.stop)
        assert not reader.thread.is_alive()

    asyncio.run(go())


async def offsets(reader: Reader, at: TP, many: int) -> list[int]:
    """The offsets of what comes next of a partition, at least so many."""
    found: list[int] = []
    while len(found) < many:
        await asyncio.sleep(0.005)
        found += [message.offset() or 0 for message in reader.take({at}).get(at, [])]
    return found


async def to_the_end(reader: Reader, found: dict[TP, list[int]]) -> None:
    """Add the offsets of all that comes of these partitions, up to the last message of each."""
    while any(not of_one or of_one[-1] < MANY - 1 for of_one in found.values()):
        await asyncio.sleep(0.005)
        for at, messages in reader.take(found).items():
            found[at] += [message.offset() or 0 for message in messages]


async def full(reader: Reader) -> None:
    while reader.count < HELD:
        await asyncio.sleep(0.005)


def test_all_of_each_partition_comes_in_its_order_from_where_it_was_asked_for(
    services: Addresses, parts: tuple[TP, TP]
) -> None:
    async def do(reader: Reader) -> None:
        found: dict[TP, list[int]] = {at: [] for at in parts}
        reader.begin({parts[0]: 0, parts[1]: 5})
        await to_the_end(reader, found)
        assert found == {parts[0]: list(range(MANY)), parts[1]: list(range(5, MANY))}

    reading(services.need("kafka"), do)


def test_no_more_is_held_than_there_is_room_for_until_somebody_takes_it(
    services: Addresses, parts: tuple[TP, TP]
) -> None:
    async def do(reader: Reader) -> None:
        reader.begin(dict.fromkeys(parts, 0))
        await full(reader)
        await asyncio.sleep(0.5)
        assert HELD <= reader.count < HELD + BATCH
        assert reader.take(set()) == {}
        first, second = parts
        of_first = await offsets(reader, first, 1)
        assert second in reader.held or of_first[-1] >= HELD - 1  # what is not asked for stays
        found = {first: of_first, second: list[int]()}
        await to_the_end(reader, found)
        assert all(of_one == list(range(MANY)) for of_one in found.values())
        assert reader.count == 0

    reading(services.need("kafka"), do)


def test_once_it_begins_elsewhere_nothing_of_before_comes(services: Addresses, parts: tuple[TP, TP]) -> None:
    async def do(reader: Reader) -> None:
        for again in range(5):
            reader.begin(dict.fromkeys(parts, 0))
            if again % 2:  # in time for what is on its way, and long after
                await full(reader)
            reader.begin({parts[1]: 7 + again})
            assert reader.take(parts) == {}
            found = await offsets(reader, parts[1], 1)
            assert found[0] == 7 + again
            assert not reader.holds({parts[0]})
        reader.begin({})
        await asyncio.sleep(0.3)
        assert not reader.holds(parts)

    reading(services.need("kafka"), do)


def test_what_is_sought_comes_again(services: Addresses, parts: tuple[TP, TP]) -> None:
    async def do(reader: Reader) -> None:
        reader.begin({parts[0]: 100})
        await full(reader)
        reader.seek(parts[0], 50)
        found: list[int] = []
        while 50 not in found:  # what was on its way may come before
            found += await offsets(reader, parts[0], 1)
        begins = found.index(50)
        found += await offsets(reader, parts[0], MANY - 50 - len(found[begins:]))
        assert found[begins:] == list(range(50, MANY))

    reading(services.need("kafka"), do)


def test_what_reading_breaks_on_is_told_to_whoever_takes(
    services: Addresses, parts: tuple[TP, TP], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BATCH", 2_000_000)  # more than librdkafka hands over at once

    async def do(reader: Reader) -> None:
        reader.begin({parts[0]: 0})
        await offsets(reader, parts[0], 1)

    with pytest.raises(ValueError, match="num_messages"):
        reading(services.need("kafka"), do)


def test_it_begins_with_what_stands_where_older_messages_were_deleted(services: Addresses) -> None:
    kafka, at = services.need("kafka"), TP(f"fetch-{uuid4()}", 0)
    admin, producer = AdminClient({"bootstrap.servers": kafka}), Producer({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(at.topic, 1, 1)])[at.topic].result()
    for number in range(10):
        producer.produce(at.topic, str(number), partition=0)
    producer.flush(30)
    admin.delete_records([TopicPartition(at.topic, 0, 6)])[TopicPartition(at.topic, 0)].result()

    async def do(reader: Reader) -> None:
        reader.begin({at: 2})
        assert await offsets(reader, at, 4) == [6, 7, 8, 9]

    reading(kafka, do)
    admin.delete_topics([at.topic])[at.topic].result()
