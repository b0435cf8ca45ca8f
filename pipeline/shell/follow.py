"""A compacted topic, read whole and then followed: outside any group, since each process needs all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from pipeline.errors import ServiceMissing
from pipeline.shell.threads import Threaded

WAIT_SECONDS = 20

log = structlog.get_logger()

Take = Callable[[str, str, bytes | None], None]
"""Told each message in the order of its partition: topic, key, value (None: what stood there is gone)."""


class Follower(Threaded):
    """Reads topics from their beginning. `catch_up` returns once all that they hold is taken; `start` goes on in a
    thread of its own until `stop`. Raises ServiceMissing where Kafka does not answer."""

    def __init__(self, kafka: str, topics: Iterable[str], take: Take) -> None:
        super().__init__("follows")
        self.kafka, self.take = kafka, take
        self.topics = tuple(topics)
        self.consumer = Consumer(
            {"bootstrap.servers": kafka, "group.id": "gabung-follows", "enable.auto.commit": False,
             "auto.offset.reset": "earliest", "enable.partition.eof": True, "log_level": 2}
        )  # fmt: skip

    def catch_up(self) -> None:
        """Take all that is there. Raises ServiceMissing."""
        parts = [TopicPartition(topic, at, 0) for topic in self.topics for at in self._partitions(topic)]
        self.consumer.assign(parts)
        ends = len(parts)
        while ends:
            message = self.consumer.poll(WAIT_SECONDS)
            if message is None:
                raise ServiceMissing(f"Kafka stopped answering at {self.kafka}; look at its log, then try again")
            if self._took(message):
                ends -= 1

    def _partitions(self, topic: str) -> Iterable[int]:
        """A topic that was just made is not known to the broker at once."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            try:
                known = self.consumer.list_topics(timeout=WAIT_SECONDS).topics
            except KafkaException as error:
                raise ServiceMissing(f"Kafka does not answer at {self.kafka}; run `gabung up`") from error
            if topic in known and known[topic].partitions:
                return sorted(known[topic].partitions)
            time.sleep(0.1)
        raise ServiceMissing(f"the topic {topic} is not there; start a worker with `gabung up`")

    def stop(self) -> None:
        super().stop()
        self.consumer.close()

    def work(self) -> None:
        while not self.ending.is_set():
            message = self.consumer.poll(0.5)
            if message is not None:
                self._took(message)

    def _took(self, message: object) -> bool:
        """Take one message; whether it said instead that a partition is read to its end."""
        error = message.error()  # type: ignore[attr-defined]
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                return True
            log.warning("cannot follow", reason=error.name())
            return False
        try:
            self.take(message.topic(), (message.key() or b"").decode(), message.value())  # type: ignore[attr-defined]
        except Exception as wrong:  # one bad message must not end all that follow
            log.error("cannot be read", error=type(wrong).__name__, topic=message.topic())  # type: ignore[attr-defined]
        return False
