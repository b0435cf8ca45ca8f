"""Topics as Kafka keeps them."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from pipeline.addresses import Addresses
from pipeline.shell.topics import COMPACTED, SAVED

SOON = {"segment.ms": "500", "min.cleanable.dirty.ratio": "0.01"}
"""So that Kafka compacts as soon as it looks, every 15 s, and not some hours later."""
SECONDS = 120


def test_a_deleted_search_stays_readable_where_other_rows_are_compacted_away(services: Addresses) -> None:
    kafka = services.need("kafka")
    admin, producer = AdminClient({"bootstrap.servers": kafka}), Producer({"bootstrap.servers": kafka, "linger.ms": 0})
    topics = {"compact-saved": SAVED, "compact-rows": COMPACTED}
    made = admin.create_topics([NewTopic(name, 1, 1, config=config | SOON) for name, config in topics.items()])
    for one in made.values():
        one.result()

    def put(key: str, value: bytes | None) -> None:
        for topic in topics:
            producer.produce(topic, key=key, value=value)
        assert producer.flush(30) == 0
        time.sleep(1)  # the next one begins a segment of its own

    try:
        put("saved/x", b"as it was")
        put("saved/x", None)
        until = time.monotonic() + SECONDS
        while b"as it was" in values(kafka, "compact-rows"):
            assert time.monotonic() < until, "Kafka does not compact"
            put("looked/x", b"now")
        assert b"as it was" in values(kafka, "compact-saved")
    finally:
        for one in admin.delete_topics(list(topics)).values():
            one.result()


def values(kafka: str, topic: str) -> list[bytes | None]:
    """All that a topic of one partition holds."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "uji", "enable.auto.commit": False, "enable.partition.eof": True})  # fmt: skip
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[bytes | None] = []
    while (message := consumer.poll(30)) is not None and message.error() is None:
        found.append(message.value())
    consumer.close()
    return found
