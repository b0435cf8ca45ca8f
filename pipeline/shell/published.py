"""What agencies have published, read back from their topics: the revisions of one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from pipeline.errors import Refused, ServiceMissing
from pipeline.flow import agency_topic
from pipeline.report.avro import decode, schema_id_of, validate
from pipeline.report.model import Report
from pipeline.shell.outbox import partition_of

SECONDS = 10
"""How long Kafka may keep us waiting."""


def published(
    kafka: str,
    schema_of: Callable[[int], str | None],
    ids: Mapping[str, Iterable[str]],
    progress: Callable[[int], None],
) -> Iterator[Report]:
    """Every revision of the reports with these ids (agency -> ids), as the report stage would take them.

    Of an agency's topic only the partitions of its ids are read; `progress` is told how many are left. Raises
    ServiceMissing, and Retry where the registry does not answer.
    """
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "gabung-published", "enable.auto.commit": False})
    try:
        left = _spans(consumer, ids)
        consumer.assign([TopicPartition(topic, partition, low) for (topic, partition), (low, _) in left.items()])
        while left:
            message = consumer.poll(SECONDS)
            if message is None:
                raise ServiceMissing("Kafka stopped answering; look at its log, then try again")
            if message.error() is not None:
                raise KafkaException(message.error())
            where = str(message.topic()), message.partition() or 0
            if where in left and (message.offset() or 0) + 1 >= left[where][1]:
                del left[where]
                progress(len(left))
            agency = where[0].removeprefix(agency_topic(""))
            if (message.key() or b"").decode(errors="replace") not in ids[agency]:
                continue
            report = _read(message.value(), schema_of)
            if report is not None and report.agency == agency and report.id in ids[agency]:
                yield report
    except KafkaException as error:
        raise ServiceMissing(f"Kafka does not answer at {kafka} ({error.args[0].name()}); run `gabung up`") from error
    finally:
        consumer.close()


def _spans(consumer: Consumer, ids: Mapping[str, Iterable[str]]) -> dict[tuple[str, int], tuple[int, int]]:
    """(topic, partition) -> (first offset, the one behind the last), where there is something to read."""
    topics = consumer.list_topics(timeout=SECONDS).topics
    wanted = {
        (topic, partition_of(id_.encode(), len(topics[topic].partitions)))
        for topic, of_agency in ((agency_topic(agency), of_agency) for agency, of_agency in ids.items())
        for id_ in (of_agency if topic in topics else ())
    }
    spans = {where: consumer.get_watermark_offsets(TopicPartition(*where), timeout=SECONDS) for where in sorted(wanted)}
    return {where: (low, high) for where, (low, high) in spans.items() if low < high}


def _read(value: bytes | None, schema_of: Callable[[int], str | None]) -> Report | None:
    """A report, or nothing for what the report stage refuses."""
    try:
        schema = schema_of(schema_id_of(value or b""))
        return None if schema is None else validate(decode(value or b"", schema))
    except Refused:
        return None
