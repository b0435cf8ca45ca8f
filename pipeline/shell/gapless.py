"""That nothing is left out between what a worker reads and what was dealt with before.

Faust 0.15 may, where assignments follow each other quickly, hand on what it fetched for an assignment that has ended
as if it were of the new one. What lies before that is then never read, and since Faust forgets what was committed when
partitions are taken away, it commits beyond the gap. Reports would be lost (tests/integration/test_scenarios.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer

from pipeline.errors import Abort
from pipeline.flow import GROUP
from pipeline.shell.lag import committed
from pipeline.shell.pauses import growing_pauses

At = tuple[str, int]
"""Topic and partition."""


class Careful(FaustConsumer):
    """Faust's consumer, which lets go of what it fetched for an assignment that has ended."""

    async def _wait_next_records(self, timeout: float) -> Any:
        generation = self.app.consumer_generation_id
        records, partitions = await super()._wait_next_records(timeout)
        return (records if generation == self.app.consumer_generation_id else {}), partitions


class Gapless:
    """Follows what one stage reads in one assignment, from what the group has committed on."""

    def __init__(self, kafka: str, group: str = GROUP) -> None:
        self.consumer = Consumer({"bootstrap.servers": kafka, "group.id": group, "enable.auto.commit": False})
        self.generation: int | None = None
        self.due: dict[At, int] = {}
        """The offset that comes next, in each partition that was read from in this assignment."""

    def follow(self, generation: int | None, read: Iterable[tuple[str, int, int]]) -> None:
        """Topic, partition and offset of each message, in order. One that came before does no harm; raises Abort where
        one that ought to have come did not."""
        if generation != self.generation:
            self.generation, self.due = generation, {}
        read = list(read)
        if new := {(topic, at) for topic, at, _ in read} - self.due.keys():
            self.due |= self._committed(new)
        for topic, at, offset in read:
            due = self.due[topic, at]
            if offset > due and offset > self._begins(topic, at):
                raise Abort(
                    f"{offset - due} messages of {topic}/{at} did not come; it begins anew, and reads them again"
                )
            self.due[topic, at] = max(due, offset + 1)

    def _committed(self, new: set[At]) -> dict[At, int]:
        asked = [TopicPartition(*at) for at in sorted(new)]
        for pause in growing_pauses():
            try:
                parts = committed(self.consumer, asked)
                return {(part.topic, part.partition): max(part.offset, 0) for part in parts}
            except KafkaException:  # it does not answer for now
                time.sleep(pause)
        raise AssertionError("pauses never end")

    def _begins(self, topic: str, at: int) -> int:
        """Where a partition begins now: what stood before was deleted when its time was over."""
        low, _ = self.consumer.get_watermark_offsets(TopicPartition(topic, at), timeout=10)
        return int(low)
