"""What is handed to Kafka is there before anyone goes on, and what it does not take ends the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from pipeline.addresses import Addresses
from pipeline.errors import Abort
from pipeline.shell.outbox import partition_of
from pipeline.shell.parts import new_producer
from pipeline.shell.read import held_messages
from pipeline.shell.sending import BY_KEY, Sender

SMALL = 2_000
"""Bytes that the topic takes at most in one message."""


@pytest.fixture
def topic(services: Addresses) -> Iterator[str]:
    name = f"sending-{uuid4()}"
    admin = AdminClient({"bootstrap.servers": services.need("kafka")})
    admin.create_topics([NewTopic(name, 2, 1, config={"max.message.bytes": str(SMALL)})])[name].result()
    yield name
    admin.delete_topics([name])[name].result()


def sender(services: Addresses, **options: object) -> Sender:
    return Sender(Producer({"bootstrap.servers": services.need("kafka"), "enable.idempotence": True, **options}))


def test_all_is_there_in_its_order_and_its_offsets_are_told(services: Addresses, topic: str) -> None:
    async def go() -> list[dict[int, int]]:
        to = sender(services)
        first = await to.put([(topic, at % 2, b"k", str(at).encode()) for at in range(100)])
        second = await to.put([(topic, 0, b"k", b"last")])
        return [await second.all(), await first.all(), await to.send([])]

    assert asyncio.run(go()) == [{0: 50}, {0: 49, 1: 49}, {}]
    held = [one.value for one in held_messages(services.need("kafka"), topic) if one.partition == 0]
    assert held == [str(at).encode() for at in range(0, 100, 2)] + [b"last"]


def test_where_a_key_stands_is_found_alike_by_librdkafka_and_by_us(services: Addresses, topic: str) -> None:
    keys = [f"kunci {at} é".encode() for at in range(200)]
    to = Sender(new_producer(services.need("kafka")))
    asyncio.run(to.send([(topic, BY_KEY, key, b"x") for key in keys]))
    held = {(one.key or b""): one.partition for one in held_messages(services.need("kafka"), topic)}
    assert held == {key: partition_of(key, 2) for key in keys}
    assert set(held.values()) == {0, 1}


def test_where_the_queue_is_full_it_waits_for_room(services: Addresses, topic: str) -> None:
    async def go() -> dict[int, int]:
        to = sender(services, **{"queue.buffering.max.messages": 10})
        return await to.send([(topic, 0, b"k", b"x") for _ in range(200)])

    assert asyncio.run(go()) == {0: 199}


@pytest.mark.parametrize("size", [SMALL * 2, 2_000_000])  # what the broker refuses, and what librdkafka does
def test_what_kafka_does_not_take_ends_the_worker(services: Addresses, topic: str, size: int) -> None:
    with pytest.raises(Abort, match="did not take"):
        asyncio.run(sender(services).send([(topic, 0, b"k", b"x"), (topic, 1, b"k", b"x" * size)]))
