"""The audit topic: written by workers and by whatever answers readers, and read by whoever verifies it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import orjson
from confluent_kafka import Producer

from pipeline.audit.chain import Chain
from pipeline.errors import ServiceMissing
from pipeline.flow import AUDIT_TOPIC
from pipeline.shell.outbox import Outgoing
from pipeline.shell.read import held_messages

WAIT_SECONDS = 20


def bound(chain: Chain, body: dict[str, Any]) -> Outgoing:
    """A body as the next event of a chain, ready to be sent. All of a chain goes to one partition, in its order."""
    return Outgoing(AUDIT_TOPIC, chain.id.encode(), orjson.dumps(chain.bind(body)))


class Auditor:
    """Writes a chain of its own, each event before it returns: who is answered was told of first."""

    def __init__(self, kafka: str, writer: str) -> None:
        self.kafka = kafka
        self.chain = Chain(writer)
        self.lock = threading.Lock()
        self.producer = Producer({"bootstrap.servers": kafka, "enable.idempotence": True, "acks": "all", "linger.ms": 0,
                                  "partitioner": "murmur2_random", "delivery.timeout.ms": WAIT_SECONDS * 1000,
                                  "log_level": 2})  # fmt: skip

    def __call__(self, body: dict[str, Any]) -> None:
        """Raises ServiceMissing where Kafka does not take it: nothing may then be answered."""
        failed: list[str] = []
        with self.lock:
            message = bound(self.chain, body)
            self.producer.produce(
                message.topic,
                key=message.key,
                value=message.value,
                on_delivery=lambda error, _: failed.append(str(error)) if error else None,
            )
            if self.producer.flush(WAIT_SECONDS + 1) or failed:
                self.chain = Chain(self.chain.id.split("-")[0])  # whether the event is there is not known
                raise ServiceMissing(f"Kafka did not take the audit at {self.kafka}; nothing is answered without it")


def audited(kafka: str) -> Iterator[tuple[str, bytes]]:
    """Every event that the topic holds, partition by partition, as (partition/offset, bytes). Raises ServiceMissing."""
    for one in held_messages(kafka, AUDIT_TOPIC):
        yield f"{one.partition}/{one.offset}", one.value or b""
