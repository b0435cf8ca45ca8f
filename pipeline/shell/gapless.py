"""That nothing is left out between what a worker reads and what was dealt with before.

Where assignments follow each other quickly, Faust 0.15 goes back to what is committed while it still hands on what it
had fetched ahead of that. It then takes what lies between for read, drops it when it comes, and commits beyond it:
reports are lost. tests/integration/test_scenarios.py found it. Here nothing is dropped for having been read, and
nothing is dealt with before what stands in front of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from aiokafka.structs import TopicPartition as KafkaPartition
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from pipeline.shell.fetch import Reader
from pipeline.shell.lag import committed
from pipeline.shell.pauses import growing_pauses
from pipeline.shell.quick import Quick

At = tuple[str, int]
"""Topic and partition."""
SEEN_SECONDS = 10.0
"""How often Kafka's group is told that this worker still asks for messages: as long as it does."""


class Unknown(dict[Any, int | None]):
    """How far each partition was read: never known, so nothing is dropped for it, and no gap is taken for read."""

    def __getitem__(self, key: Any) -> None:
        return None


class Careful(Quick, FaustConsumer):
    """Faust's consumer, which hands on all it reads in an assignment, twice rather than not at all, and nothing of one
    that has ended. Of a table's changelog too: what is left out there is missed by nobody, and its recovery would wait
    for it for ever.

    What agents read is fetched by librdkafka (`pipeline.shell.fetch`), for the topics of each agent by themselves, so
    that one that waits holds up no other. Groups, assignment, commits and changelogs stay with Faust.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._read_offset = Unknown()
        self._behind: tuple[int | None, asyncio.Task[Any]] | None = None
        """What is asked for of changelogs, and for which assignment."""
        self._woken: asyncio.Future[None] | None = None
        self._seen = 0.0

    @cached_property
    def _readers(self) -> dict[str, Reader]:
        """By topic. All topics of an agent have the same."""
        kafka = ",".join(f"{url.host}:{url.port}" for url in self.app.conf.broker_consumer)
        found: dict[str, Reader] = {}
        for name, agent in self.app.agents.items():
            reader = Reader(name, kafka, self._wake)
            reader.start()
            found |= dict.fromkeys(agent.channel.topics, reader)
        return found

    @cached_property
    def _each_reader(self) -> frozenset[Reader]:
        return frozenset(self._readers.values())

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        read = [at for at in assigned if at.topic in self._readers]
        for reader in self._each_reader:
            reader.begin({})  # until it is known from where
        await self._thread.call_thread(self._leave_to_readers, read)
        await super().on_partitions_assigned(assigned, generation_id)

    async def _leave_to_readers(self, read: Sequence[TP]) -> None:
        """In the thread of Faust's own consumer."""
        self._thread._ensure_consumer().pause(*(KafkaPartition(*at) for at in read))

    async def seek_to_committed(self) -> Mapping[TP, int]:
        committed = await super().seek_to_committed()
        places: dict[Reader, dict[TP, int]] = {reader: {} for reader in self._each_reader}
        for at, offset in committed.items():
            if at.topic in self._readers:
                places[self._readers[at.topic]][TP(*at)] = max(offset or 0, 0)
        for reader, begins in places.items():
            reader.begin(begins)
        return committed

    async def _seek(self, partition: TP, offset: int) -> None:
        if partition.topic in self._readers:
            self._readers[partition.topic].seek(partition, offset)
        else:
            await super()._seek(partition, offset)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        generation, active = self.app.consumer_generation_id, active_partitions or set()
        if time.monotonic() >= self._seen + SEEN_SECONDS:
            self._seen = time.monotonic()
            await self._thread.call_thread(self._is_seen)
        if self._behind is None and (behind := {at for at in active if at.topic not in self._readers}):
            self._behind = generation, asyncio.create_task(super()._getmany(behind, timeout))
        if not any(reader.holds(active) for reader in self._each_reader):
            self._woken = asyncio.get_running_loop().create_future()
            waits = [self._woken] if self._behind is None else [self._woken, self._behind[1]]
            await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        records: dict[Any, Any] = {}
        if self._behind is not None and self._behind[1].done():
            asked_for, task = self._behind
            self._behind = None
            records = task.result()
            if records and asked_for != self.app.consumer_generation_id:
                await self._thread.call_thread(self._unread, records)
                return {}
        if generation == self.app.consumer_generation_id and self.flow_active:
            for reader in self._each_reader:
                records |= reader.take(active)
        return records

    async def _is_seen(self) -> None:
        """In the thread of Faust's own consumer: who asks it for nothing for long is taken for dead."""
        with self._thread._ensure_consumer()._fetcher._subscriptions.fetch_context():
            pass

    async def _unread(self, records: dict[Any, list[Any]]) -> None:
        """In the thread of Faust's own consumer: let what is let go of be read again, if it is this assignment's after
        all; where another place was sought since, that stands."""
        consumer = self._thread._ensure_consumer()
        for at, of_one in records.items():
            if at in consumer.assignment() and await consumer.position(at) == of_one[-1].offset + 1:
                consumer.seek(at, of_one[0].offset)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        return super()._to_message(tp, _Record(record) if isinstance(record, Message) else record)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's own consumer is right not to move where it reads nothing."""
        if tp.topic not in self._readers:
            super().verify_event_path(now, tp)

    async def on_stop(self) -> None:
        if self._behind is not None:
            self._behind[1].cancel()
        for reader in self._each_reader:
            await asyncio.to_thread(reader.stop)
        await super().on_stop()


class _Record:
    """A message of librdkafka, with the names of one of Faust's own consumer."""

    checksum = serialized_key_size = serialized_value_size = None

    def __init__(self, message: Any) -> None:
        self.topic, self.partition, self.offset = message.topic(), message.partition(), message.offset()
        self.timestamp_type, self.timestamp = message.timestamp()
        self.headers, self.key, self.value = message.headers(), message.key(), message.value()


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
