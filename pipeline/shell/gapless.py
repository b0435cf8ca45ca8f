"""That nothing is left out between what a worker reads and what was dealt with before.

Where assignments follow each other quickly, Faust 0.15 goes back to what is committed while it still hands on what it
had fetched ahead of that. It then takes what lies between for read, drops it when it comes, and commits beyond it:
reports are lost. tests/integration/test_scenarios.py found it. Here nothing is dropped for having been read, and
nothing is dealt with before what stands in front of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer

from pipeline.shell.lag import committed
from pipeline.shell.pauses import growing_pauses
from pipeline.shell.quick import Quick

At = tuple[str, int]
"""Topic and partition."""


class Unknown(dict[Any, int | None]):
    """How far each partition was read: never known, so nothing is dropped for it, and no gap is taken for read."""

    def __getitem__(self, key: Any) -> None:
        return None


class Careful(Quick, FaustConsumer):
    """Faust's consumer, which lets go of what it fetched for an assignment that has ended, and hands on all it reads
    in this one, twice rather than not at all. Of a table's changelog too: what is left out there is missed by nobody,
    and its recovery would wait for it for ever."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._read_offset = Unknown()

    async def _wait_next_records(self, timeout: float) -> Any:
        while not self.flow_active and not self.should_stop:  # the next assignment may be on its way
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # as Faust does
        generation = self.app.consumer_generation_id
        records, partitions = await super()._wait_next_records(timeout)
        if records and generation != self.app.consumer_generation_id:
            await self._thread.call_thread(self._unread, records)
            records = {}
        return records, partitions

    async def _unread(self, records: dict[Any, list[Any]]) -> None:
        """In the thread of Kafka's consumer: let what is let go of be read again, if it is this assignment's after all;
        where another place was sought since, that stands."""
        consumer = self._thread._ensure_consumer()
        for at, of_one in records.items():
            if at in consumer.assignment() and await consumer.position(at) == of_one[-1].offset + 1:
                consumer.seek(at, of_one[0].offset)


class Gapless:
    """Follows what one stage reads in one assignment, from what the group has committed on."""

    def __init__(self, kafka: str, group: str) -> None:
        self.consumer = Consumer({"bootstrap.servers": kafka, "group.id": group, "enable.auto.commit": False})
        self.generation: int | None = None
        self.due: dict[At, int] = {}
        """The offset that comes next, in each partition that was read from in this assignment."""

    def goes_on(self, generation: int | None, read: Iterable[tuple[str, int, int]]) -> bool:
        """Whether all of it may be dealt with, as nearly always, and the broker need not be asked; else `follow` it."""
        due = dict(self.due)
        for topic, at, offset in read:
            if generation != self.generation or offset > due.get((topic, at), -1):
                return False
            due[topic, at] = max(due[topic, at], offset + 1)
        self.due = due
        return True

    def follow(self, generation: int | None, read: Iterable[tuple[str, int, int]]) -> tuple[list[bool], dict[At, int]]:
        """Topic, partition and offset of each message, in order.

        Returns which of them may be dealt with, and from where on a partition must be read again, since what was due
        there did not come. A message that came before does no harm.
        """
        if generation != self.generation:
            self.generation, self.due = generation, {}
        read = list(read)
        if new := {(topic, at) for topic, at, _ in read} - self.due.keys():
            self.due |= self._committed(new)
        fits: list[bool] = []
        again: dict[At, int] = {}
        for topic, at, offset in read:
            due = self.due[topic, at]
            if offset > due and (topic, at) not in again and offset <= (begins := self._begins(topic, at)):
                due = begins
            fits.append(offset <= due)
            if fits[-1]:
                self.due[topic, at] = max(due, offset + 1)
                again.pop((topic, at), None)
            else:
                again[topic, at] = due
        return fits, again

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
