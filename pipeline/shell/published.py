"""What agencies have published, read back from their topics: the revisions of one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from confluent_kafka import Consumer, KafkaException, TopicPartition

from pipeline.errors import Refused, ServiceMissing
from pipeline.flow import agency_topic
from pipeline.report.avro import decode, schema_id_of, validate
from pipeline.report.model import Report
from pipeline.shell.outbox import partition_of

SECONDS = 10
"""How long Kafka may keep us waiting."""


def published(
    kafka: str, schema_of: Callable[[int], str | None], agencies: Iterable[str], ids: Iterable[str],
    progress: Callable[[str], None],
) -> Iterator[Report]:  # fmt: skip
    """Every revision of the reports with these ids, as the report stage would take them.

    Of each agency's topic only the partition of an id is read; `progress` is told of each agency that was read. Raises
    ServiceMissing, and Retry where the registry does not answer.
    """
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "gabung-published", "enable.auto.commit": False})
    try:
        topics = consumer.list_topics(timeout=SECONDS).topics
        for agency in agencies:
            topic = agency_topic(agency)
            for id_ in ids if topic in topics else ():
                where = TopicPartition(topic, partition_of(id_.encode(), len(topics[topic].partitions)))
                yield from _revisions(consumer, where, agency, id_, schema_of)
            progress(agency)
    except KafkaException as error:
        raise ServiceMissing(f"Kafka does not answer at {kafka} ({error.args[0].name()}); run `gabung up`") from error
    finally:
        consumer.close()


def _revisions(
    consumer: Consumer, where: TopicPartition, agency: str, id_: str, schema_of: Callable[[int], str | None]
) -> Iterator[Report]:
    low, high = consumer.get_watermark_offsets(where, timeout=SECONDS)
    if low == high:
        return
    consumer.assign([TopicPartition(where.topic, where.partition, low)])
    at = low
    while at < high:
        message = consumer.poll(SECONDS)
        if message is None:
            raise ServiceMissing("Kafka stopped answering; look at its log, then try again")
        if message.error() is not None:
            raise KafkaException(message.error())
        at = (message.offset() or 0) + 1
        if message.key() != id_.encode():
            continue
        report = _read(message.value(), schema_of)
        if report is not None and report.agency == agency and report.id == id_:
            yield report


def _read(value: bytes | None, schema_of: Callable[[int], str | None]) -> Report | None:
    """A report, or nothing for what the report stage refuses."""
    try:
        schema = schema_of(schema_id_of(value or b""))
        return None if schema is None else validate(decode(value or b"", schema))
    except Refused:
        return None
