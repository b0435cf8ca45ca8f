"""All that a topic holds, from its beginning, for those who look once and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from pipeline.errors import ServiceMissing
from pipeline.flow import GROUP


@dataclass(frozen=True)
class Held:
    """One message that a topic holds. value: None where it takes back what its key said."""

    partition: int
    offset: int
    key: bytes
    value: bytes | None


def held_messages(kafka: str, topic: str) -> Iterator[Held]:
    """What the topic holds now, partition by partition, the oldest first; nothing where there is no such topic.

    Raises ServiceMissing where Kafka does not answer.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": f"{GROUP}-look",
            "enable.auto.commit": False,
            "enable.partition.eof": True,  # a compacted topic may not hold the offset before its end
        }
    )
    try:
        known = consumer.list_topics(timeout=10).topics
        for partition in sorted(known[topic].partitions) if topic in known else ():
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            if low == high:
                continue
            consumer.assign([TopicPartition(topic, partition, low)])
            at = low
            while at < high:
                message = consumer.poll(10)
                if message is None:
                    raise ServiceMissing("Kafka stopped answering; look at its log, then try again")
                error = message.error()
                if error is not None:
                    if error.code() == KafkaError._PARTITION_EOF:
                        break
                    raise KafkaException(error)
                at = (message.offset() or 0) + 1
                yield Held(partition, at - 1, message.key() or b"", message.value())
    except KafkaException as error:
        raise ServiceMissing(f"Kafka does not answer at {kafka} ({error.args[0].name()}); run `gabung up`") from error
    finally:
        consumer.close()
