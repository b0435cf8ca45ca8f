"""The topics of `pipeline.flow` in Kafka, made with the right number of partitions before anyone reads them."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from pipeline.addresses import partitions
from pipeline.errors import ServiceMissing
from pipeline.flow import (
    ALERTS_TOPIC,
    AUDIT_TOPIC,
    CROWDED_TOPIC,
    FLOW,
    GROUP,
    REFUSED_TOPIC,
    SAVED_TOPIC,
    SEARCH,
    STREAMED,
    Stage,
    agency_topic,
)

INTERNAL = {"retention.ms": str(7 * 24 * 3600 * 1000)}
"""What a stage sends on can be made again from the agencies' topics."""
COMPACTED = {"cleanup.policy": "compact"}
"""The newest value of each row, for as long as the row is there."""
SAVED = COMPACTED | {"min.compaction.lag.ms": str(24 * 3600 * 1000)}
"""A deleted search stays readable for a day, as long as Kafka keeps the withdrawals of its alerts: a web process that
starts anew still knows to whom they must be told."""
KEPT = {"retention.ms": "-1"}
"""Agencies' topics and refusals are kept until an operator decides otherwise: nothing is lost."""


def changelog(stage: Stage) -> str:
    """Where Faust keeps a stage's table: its own naming, from the app's and the table's name."""
    return f"{GROUP}-{stage.name}-changelog"


def ensure_topics(kafka: str, agencies: Iterable[str]) -> None:
    """Make every topic that is not there yet. Raises ServiceMissing where Kafka does not answer."""
    wanted = {agency_topic(agency): KEPT for agency in agencies} | {REFUSED_TOPIC: KEPT, AUDIT_TOPIC: KEPT}
    wanted |= {stage.topic: INTERNAL for stage in STREAMED}
    wanted |= {SAVED_TOPIC: SAVED, ALERTS_TOPIC: COMPACTED, CROWDED_TOPIC: COMPACTED}
    wanted |= {changelog(stage): COMPACTED for stage in FLOW if stage is not SEARCH}
    admin = AdminClient({"bootstrap.servers": kafka})
    try:
        known = set(admin.list_topics(timeout=20).topics)
    except KafkaException as error:
        raise ServiceMissing(f"Kafka does not answer at {kafka}; run `gabung up`, or set GABUNG_KAFKA") from error
    new = [NewTopic(name, num_partitions=partitions(), replication_factor=-1, config=config)
           for name, config in wanted.items() if name not in known]  # fmt: skip
    for name, made in (admin.create_topics(new) if new else {}).items():
        try:
            made.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise ServiceMissing(f"Kafka did not make the topic {name}: {error.args[0].str()}") from error
