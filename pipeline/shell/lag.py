"""How far each stage is behind: messages that its topic holds and that are not dealt with yet."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from pipeline.errors import ServiceMissing
from pipeline.flow import GROUP, REPORT, STREAMED

SETTLING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
"""What a broker answers while it still makes, or reads, the topic that offsets stand in: it has just begun."""
SETTLING_SECONDS = 20


def lags(kafka: str) -> dict[str, int]:
    """Topic -> messages not dealt with, in the order of the flow. A partition never committed counts whole.

    Topics are asked in the order of the flow and a stage commits only after its outputs are acknowledged, so all zero
    means that everything published before the call is through. Raises ServiceMissing where Kafka does not answer.
    """
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": GROUP, "enable.auto.commit": False})
    try:
        known = consumer.list_topics(timeout=10).topics
        agencies = sorted(name for name in known if name.startswith(REPORT.topic + "."))
        behind: dict[str, int] = {}
        for name in [*agencies, *(stage.topic for stage in STREAMED)]:
            parts = [TopicPartition(name, at) for at in sorted(known[name].partitions)] if name in known else []
            behind[name] = 0
            for part in committed(consumer, parts) if parts else []:
                low, high = consumer.get_watermark_offsets(part, timeout=10)
                behind[name] += high - max(part.offset, low)
        return behind
    except KafkaException as error:
        raise ServiceMissing(f"Kafka does not answer at {kafka} ({error.args[0].name()}); run `gabung up`") from error
    finally:
        consumer.close()


def committed(consumer: Consumer, parts: list[TopicPartition]) -> list[TopicPartition]:
    """How far a consumer's group has come in each; the offset is negative where it never was there."""
    until = time.monotonic() + SETTLING_SECONDS
    while True:
        try:
            return consumer.committed(parts, timeout=10)
        except KafkaException as error:
            if error.args[0].code() not in SETTLING or time.monotonic() > until:
                raise
            time.sleep(0.2)


def held(kafka: str, topic: str) -> int:
    """How many messages a topic holds; 0 where it is not there."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": f"{GROUP}-counts", "enable.auto.commit": False})
    try:
        known = consumer.list_topics(timeout=10).topics
        marks = [
            consumer.get_watermark_offsets(TopicPartition(topic, at), timeout=10)
            for at in (known[topic].partitions if topic in known else ())
        ]
        return sum(high - low for low, high in marks)
    finally:
        consumer.close()
