"""Reports to Kafka: idempotent producer, all replicas, Avro with the registry's framing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

import schemas
from connectors.base import KEPT_OF_TOO_LARGE, MAX_RECORD, Broken
from pipeline.addresses import REGISTRY_API, addresses, partitions
from pipeline.errors import ServiceMissing
from pipeline.flow import REFUSED_TOPIC, agency_topic
from pipeline.report.avro import encode
from pipeline.report.model import Report
from pipeline.report.refusal import Refusal

MOST_BYTES = 4 << 20
"""A refused record of MAX_RECORD in base64, or a report of as much, with room to spare."""
TOPIC = {"retention.ms": "-1", "max.message.bytes": str(MOST_BYTES)}
WAIT_SECONDS = 60


class Publisher:
    """Sends reports and refusals. Raises ServiceMissing where Kafka or the registry does not answer."""

    def __init__(self) -> None:
        self.kafka = addresses().need("kafka")
        self.registry = SchemaRegistryClient({"url": addresses().need("registry") + REGISTRY_API})
        self.producer = Producer(
            {
                "bootstrap.servers": self.kafka,
                "enable.idempotence": True,
                "acks": "all",
                "compression.type": "lz4",
                "linger.ms": 5,
                "partitioner": "murmur2_random",
                "message.max.bytes": MOST_BYTES,
                "log_level": 2,
            }
        )
        self.schema_ids: dict[str, int] = {}
        self.failed: list[str] = []
        self.admin = AdminClient({"bootstrap.servers": self.kafka, "log_level": 2})

    def publish(self, report: Report, acknowledged: Callable[[Report], None]) -> None:
        """Send a report to its agency's topic; `acknowledged` is called once the broker has it."""
        topic = agency_topic(report.agency)
        if topic not in self.schema_ids:
            self._ensure(topic)
            self.schema_ids[topic] = self._register(topic)

        def delivered(error: Any, _: Any) -> None:
            if error is None:
                acknowledged(report)
            else:
                self.failed.append(str(error))

        self._send(topic, report.id.encode(), encode(report, self.schema_ids[topic]), delivered)

    def refuse(self, broken: Broken, agency: str | None, acknowledged: Callable[[Broken], None]) -> None:
        """Keep a record that cannot be published, with its reason; `acknowledged` is called once the broker has it."""
        raw = broken.raw
        cut = len(raw) > MAX_RECORD or broken.length is not None
        refusal = Refusal(
            stage="connector",
            reason=broken.reason,
            agency=agency,
            source=broken.source,
            line=broken.line,
            topic=agency_topic(agency) if agency else None,
            raw=base64.b64encode(raw[:KEPT_OF_TOO_LARGE] if cut else raw).decode(),
            truncated=cut,
            length=broken.length or len(raw),
            sha256=broken.sha256 or (hashlib.sha256(raw).hexdigest() if cut else None),
            at=datetime.now(UTC),
        )
        if REFUSED_TOPIC not in self.schema_ids:
            self._ensure(REFUSED_TOPIC)
            self.schema_ids[REFUSED_TOPIC] = 0

        def delivered(error: Any, _: Any) -> None:
            if error is None:
                acknowledged(broken)
            else:
                self.failed.append(str(error))

        self._send(REFUSED_TOPIC, (agency or "").encode(), refusal.model_dump_json().encode(), delivered)

    def flush(self) -> None:
        """Wait until the broker has all. Raises ServiceMissing where it does not: run again, nothing is lost."""
        left = self.producer.flush(WAIT_SECONDS)
        if left or self.failed:
            reason = self.failed[0] if self.failed else f"{left} messages are not acknowledged after {WAIT_SECONDS} s"
            raise ServiceMissing(f"Kafka did not take everything: {reason}; run it again, what it took is remembered")

    def _send(self, topic: str, key: bytes, value: bytes, delivered: Callable[[Any, Any], None]) -> None:
        while True:
            try:
                self.producer.produce(topic, key=key, value=value, on_delivery=delivered)
                break
            except BufferError:  # the producer holds all it may: wait for the broker
                self.producer.poll(0.2)
            except KafkaException as error:
                raise ServiceMissing(f"Kafka cannot be given more ({error.args[0].name()}); look at its log") from error
        self.producer.poll(0)

    def _register(self, topic: str) -> int:
        try:
            return int(self.registry.register_schema(f"{topic}-value", Schema(schemas.report_schema(), "AVRO")))
        except (SchemaRegistryError, httpx2.HTTPError) as error:
            raise ServiceMissing(
                f"the schema registry did not take the report's schema ({type(error).__name__}); run `gabung up`, or "
                "set GABUNG_REGISTRY"
            ) from error

    def _ensure(self, topic: str) -> None:
        try:
            if topic in self.admin.list_topics(timeout=20).topics:
                return
            new = NewTopic(topic, num_partitions=partitions(), replication_factor=-1, config=TOPIC)
            self.admin.create_topics([new])[topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise ServiceMissing(
                    f"Kafka does not answer at {self.kafka}; run `gabung up`, or set GABUNG_KAFKA"
                ) from error
