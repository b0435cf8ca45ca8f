"""The refused topic, read and replayed."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from pipeline.errors import ServiceMissing
from pipeline.flow import REFUSED_TOPIC
from pipeline.report.refusal import Refusal

Where = tuple[int, int]
"""Partition and offset on the refused topic: together they name a refusal, as `2-17`."""


def refusals(kafka: str) -> Iterator[tuple[Where, Refusal]]:
    """All refusals that the topic holds, partition by partition, the oldest first. Raises ServiceMissing."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "gabung-dlq", "enable.auto.commit": False})
    try:
        topic = consumer.list_topics(REFUSED_TOPIC, timeout=10).topics[REFUSED_TOPIC]
        for partition in sorted(topic.partitions):
            low, high = consumer.get_watermark_offsets(TopicPartition(REFUSED_TOPIC, partition), timeout=10)
            if low == high:
                continue
            consumer.assign([TopicPartition(REFUSED_TOPIC, partition, low)])
            at = low
            while at < high:
                message = consumer.poll(10)
                if message is None:
                    raise ServiceMissing("Kafka stopped answering; look at its log, then try again")
                if message.error() is not None:
                    raise KafkaException(message.error())
                at = (message.offset() or 0) + 1
                yield (partition, at - 1), Refusal.model_validate_json(message.value() or b"")
    except KafkaException as error:
        raise ServiceMissing(f"Kafka does not answer at {kafka} ({error.args[0].name()}); run `gabung up`") from error
    finally:
        consumer.close()


def replay(kafka: str, refused: Refusal) -> bool:
    """Send the raw message to the topic it came from, once more. False where it never stood on one, or is cut short:
    such a record is published again by its connector once mended."""
    if refused.topic is None or refused.stage == "connector" or refused.truncated:
        return False
    producer = Producer({"bootstrap.servers": kafka, "enable.idempotence": True, "partitioner": "murmur2_random"})
    failed: list[str] = []
    producer.produce(
        refused.topic,
        key=base64.b64decode(refused.key or ""),
        value=base64.b64decode(refused.raw),
        on_delivery=lambda error, _: failed.append(str(error)) if error else None,
    )
    if producer.flush(30) or failed:
        raise ServiceMissing("Kafka did not take the message; look at its log, then try again")
    return True
