"""A message that was left out is noticed, before anything behind it is acknowledged."""

from __future__ import annotations

from uuid import uuid4

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from pipeline.addresses import Addresses
from pipeline.errors import Abort
from pipeline.shell.gapless import Gapless
from pipeline.shell.lag import committed

OTHER_GROUP = "gapless-test"
"""Not the workers': one of them that another test killed may still be a member there."""
READ = 3
"""How many of the ten messages were dealt with before."""


@pytest.fixture
def topic(services: Addresses) -> str:
    name = f"gapless-{uuid4()}"
    kafka = services.need("kafka")
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(name, 2, 1)])[name].result()
    producer = Producer({"bootstrap.servers": kafka})
    for _ in range(10):
        producer.produce(name, b"x", partition=0)
    producer.flush(10)
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": OTHER_GROUP, "enable.auto.commit": False})
    committed(consumer, [TopicPartition(name, 0)])  # waits where the broker has just begun
    consumer.commit(offsets=[TopicPartition(name, 0, READ)], asynchronous=False)
    consumer.close()
    return name


@pytest.mark.parametrize(
    ("batches", "missing"),
    [
        ([(1, [3, 4]), (1, [5])], None),
        ([(1, [3, 4]), (1, [4, 5])], None),  # what comes twice does no harm
        ([(1, [0, 1]), (1, [2, 3])], None),
        ([(1, [3, 5])], 1),
        ([(1, [5])], 2),
        ([(1, [3, 4]), (1, [7])], 2),
        ([(1, [3, 4]), (2, [5])], 2),  # another assignment begins from what is committed, not from what was read
        ([(1, [3, 4]), (2, [3])], None),
    ],
)
def test_a_gap_is_noticed(
    services: Addresses, topic: str, batches: list[tuple[int, list[int]]], missing: int | None
) -> None:
    gapless = Gapless(services.need("kafka"), OTHER_GROUP)
    for number, (generation, offsets) in enumerate(batches):
        read = [(topic, 0, offset) for offset in offsets]
        if missing is not None and number == len(batches) - 1:
            with pytest.raises(Abort, match=f"^{missing} messages of {topic}/0 did not come"):
                gapless.follow(generation, read)
        else:
            gapless.follow(generation, read)


def test_where_nothing_was_committed_it_begins_with_what_the_topic_holds(services: Addresses, topic: str) -> None:
    Gapless(services.need("kafka"), OTHER_GROUP).follow(1, [(topic, 1, 0)])
    with pytest.raises(Abort, match=f"^4 messages of {topic}/1 did not come"):
        Gapless(services.need("kafka"), OTHER_GROUP).follow(1, [(topic, 1, 4)])
