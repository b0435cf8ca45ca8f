"""The refused topic, read and replayed."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from confluent_kafka import Producer

from pipeline.errors import ServiceMissing
from pipeline.flow import REFUSED_TOPIC
from pipeline.report.refusal import Refusal
from pipeline.shell.read import held_messages

Where = tuple[int, int]
"""Partition and offset on the refused topic: together they name a refusal, as `2-17`."""


def refusals(kafka: str) -> Iterator[tuple[Where, Refusal]]:
    """All refusals that the topic holds, partition by partition, the oldest first. Raises ServiceMissing."""
    for one in held_messages(kafka, REFUSED_TOPIC):
        yield (one.partition, one.offset), Refusal.model_validate_json(one.value or b"")


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
