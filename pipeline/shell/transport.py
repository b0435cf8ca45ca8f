"""Faust's transport, with its cost per message taken out.

Faust keeps what it is good at: groups, assignment, tables and their recovery. Around it:

- an agent empties its channel's queue in batches and acknowledges them itself (one event at a time costs Faust some
  200 microseconds a message);
- messages and changelog rows are sent through librdkafka;
- the order that makes "at least once" safe is kept in one place, `Transport.deliver`: send, wait until the broker has
  all of it, write documents, keep the rows, and only then acknowledge what was read. A crash anywhere in between
  repeats work and loses none.
"""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import faust
import structlog
from confluent_kafka import KafkaException, Producer
from faust.streams import _current_event
from faust.types import TP

from pipeline.addresses import partitions
from pipeline.audit.chain import Chain
from pipeline.errors import Abort, GabungError, Retry
from pipeline.index.last import Action
from pipeline.shell.audit import bound
from pipeline.shell.gapless import Gapless
from pipeline.shell.metrics import BATCHES, MESSAGES, REFUSALS
from pipeline.shell.outbox import Incoming, Outbox, Outgoing, Stage, attempt, partition_of
from pipeline.shell.pauses import growing_pauses
from pipeline.shell.refused import refusal, rejection

BATCH = 500
"""Messages a batch: enough to make the waits for the broker cheap, few enough that a batch takes well under 1 s."""
DELIVERY_SECONDS = 120

log = structlog.get_logger()

Write = Callable[[Sequence[Action]], Awaitable[list[tuple[Action, str]]]]
"""Puts documents into Elasticsearch, waiting while it is down; gives back what it rejects for good, and why."""


class Table:
    """A Faust table of raw rows: recovered by Faust from its changelog, written through librdkafka.

    `pending` holds rows that were made and are not kept yet; the stage sees them first.
    """

    def __init__(self, app: faust.App, stage: str) -> None:
        self.app = app
        # Any: Faust's published types leave out what its tables and stores do have.
        # bytes for key and value make Faust leave them as they are, in the store and in the changelog.
        self.table: Any = app.Table(stage, key_type=bytes, value_type=bytes, partitions=partitions())
        self.pending: dict[tuple[int, str], bytes | None] = {}
        self.generation: int | None = None
        """The assignment for which its rows were last recovered."""

    def get(self, partition: int, key: str) -> bytes | None:
        if (partition, key) in self.pending:
            return self.pending[partition, key]
        with _asking(partition):
            value: bytes | None = self.table.data.get(key.encode())
        return value

    def items(self) -> Iterable[tuple[str, bytes]]:
        """All rows of the partitions that this worker has."""
        for key, value in self.table.data.items():
            yield key.decode(), value

    async def keep(self, producer: Producer) -> None:
        """Pending rows to the changelog, and once it has them, to this worker's own store."""
        topic = self.table.changelog_topic_name
        rows = list(self.pending.items())
        offsets = await produce(producer, [(topic, at, key.encode(), value) for (at, key), value in rows])
        for (at, key), value in rows:
            with _asking(at):
                if value is None:
                    self.table.data.pop(key.encode(), None)
                else:
                    self.table.data[key.encode()] = value
        for at, offset in offsets.items():
            self.table.data.set_persisted_offset(TP(topic, at), offset)
        self.pending.clear()


@dataclass
class Transport:
    """One worker's way between Kafka, a stage and its table. `write` puts documents into Elasticsearch; `chain` binds
    the worker's audit."""

    app: faust.App
    kafka: str
    producer: Producer
    write: Write
    chain: Chain = field(default_factory=lambda: Chain("worker"))

    async def serve(self, stage: Stage, stream: Any, table: Table | None, lock: asyncio.Lock) -> None:
        """Run a stage for ever on an agent's stream, batch after batch."""
        gapless = Gapless(self.kafka)
        async for events in batches(self.app, stream):
            generation = events[0].message.generation_id
            incoming = [_incoming(event) for event in events]
            async with lock, stopping(stage.name):
                read = [(one.topic, one.partition, one.offset) for one in incoming]
                fits, again = await asyncio.to_thread(gapless.follow, generation, read)
                if not self.current(generation, table):
                    continue  # whoever has the partitions now reads it again
                for (topic, at), offset in again.items():
                    log.warning("reads again", stage=stage.name, topic=topic, partition=at, offset=offset)
                    await self.app.consumer.seek(TP(topic, at), offset)
                events = list(compress(events, fits))
                incoming = list(compress(incoming, fits))
                outbox = await self._attempt(stage, incoming, table)
                await self.deliver(stage.name, outbox, table, generation)
            # Of another assignment nothing is acknowledged: its rows were not kept, and Faust would commit the
            # offset if this worker has the partition again.
            if self.current(generation, table):
                for event in events:
                    event.ack()
            BATCHES.labels(stage.name).inc()
            MESSAGES.labels(stage.name).inc(len(events))

    def current(self, generation: int | None, table: Table | None) -> bool:
        """Whether this worker still has what it had, and remembers the rows of it."""
        remembered = table is None or table.generation == generation
        return remembered and generation == self.app.consumer_generation_id

    async def _attempt(self, stage: Stage, incoming: list[Incoming], table: Table | None) -> Outbox:
        for pause in growing_pauses():
            outbox = Outbox()
            try:
                attempt(stage, incoming, outbox, table.pending if table else {})
            except Retry as error:
                log.warning("waits", stage=stage.name, reason=str(error), pause=pause)
                if table:
                    table.pending.clear()
                await asyncio.sleep(pause)
            else:
                return outbox
        raise AssertionError("pauses never end")

    async def deliver(self, stage: str, outbox: Outbox, table: Table | None, generation: int | None) -> None:
        """Make an outbox durable, each step before the next: audit, `first`, `then` and refusals, documents,
        rows. generation: the assignment in which it was made."""
        await self._send([bound(self.chain, body) for body in outbox.audit])
        await self._send(outbox.first)
        for message, error in outbox.refused:
            REFUSALS.labels(error.stage).inc()
            log.warning("refused", stage=stage, reason=error.reason, topic=message.topic, partition=message.partition,
                        offset=message.offset)  # fmt: skip
        await self._send(outbox.then + [refusal(message, error) for message, error in outbox.refused])
        if outbox.actions:
            rejected = await self.write(outbox.actions)
            await self._send([rejection(action, why) for action, why in rejected])
        if table is None:
            return
        if self.current(generation, table):
            await table.keep(self.producer)
        else:
            # The partitions may be another worker's by now. Its rows are the newer ones, and it reads these messages
            # again since they are not acknowledged; what was sent comes twice, which every stage takes.
            table.pending.clear()

    async def _send(self, messages: Sequence[Outgoing]) -> None:
        if messages:
            count = partitions()
            await produce(
                self.producer, [(one.topic, partition_of(one.key, count), one.key, one.value) for one in messages]
            )


@asynccontextmanager
async def stopping(stage: str) -> AsyncIterator[None]:
    """Ends the whole process where a batch cannot be finished.

    Its memory may be ahead of its rows by then, and its messages are read again only by a process that begins anew.
    Nothing is tidied up: a kill at any point is what all of this is made to stand.
    """
    try:
        yield
    except Exception as error:
        reason = str(error) if isinstance(error, GabungError) else "a defect of ours; report it"
        log.critical("stops", stage=stage, error=type(error).__name__, reason=reason)
        os._exit(1)


async def produce(producer: Producer, messages: Sequence[tuple[str, int, bytes, bytes | None]]) -> dict[int, int]:
    """Send (topic, partition, key, value) and wait until the broker has all of them.

    Returns the highest offset written in each partition. Raises Abort where the broker did not take one: going on
    would lose it, while stopping repeats it.
    """
    errors: list[str] = []
    offsets: dict[int, int] = {}
    left = len(messages)

    def delivered(error: Any, message: Any) -> None:
        nonlocal left
        left -= 1
        if error is not None:
            errors.append(str(error))
        else:
            offsets[message.partition()] = max(message.offset(), offsets.get(message.partition(), -1))

    def send_all() -> None:
        for topic, partition, key, value in messages:
            while True:
                try:
                    producer.produce(topic, value=value, key=key, partition=partition, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.1)
        # Not flush alone: another stage's thread may have taken our reports off the queue and not yet told us.
        until = time.monotonic() + DELIVERY_SECONDS
        producer.flush(DELIVERY_SECONDS)
        while left and time.monotonic() < until:
            producer.poll(0.05)

    if not messages:
        return offsets
    try:
        await asyncio.to_thread(send_all)
    except KafkaException as error:
        raise Abort(
            f"Kafka did not take a message: {error}; look at the broker's log, then start the worker"
        ) from error
    if left or errors:
        reason = errors[0] if errors else f"{left} messages not acknowledged in {DELIVERY_SECONDS} s"
        raise Abort(f"Kafka did not take all messages: {reason}; look at the broker's log, then start the worker")
    return offsets


async def batches(app: faust.App, stream: Any) -> AsyncIterator[list[Any]]:
    """An agent's events in lists of up to BATCH, as many as are there without waiting. The caller acknowledges."""
    stream.enable_acks = False
    queue = stream.channel.queue
    async for first in stream.events():
        events = [first]
        while len(events) < BATCH and not queue.empty():
            event = queue.get_nowait()
            # What was fetched for another assignment is dropped, and not acknowledged: whoever has the partition now
            # reads it again.
            if event.message.generation_id == first.message.generation_id:
                app.consumer.track_message(event.message)
                events.append(event)
        yield events


def _incoming(event: Any) -> Incoming:
    message = event.message
    return Incoming(message.topic, message.partition, message.offset, message.key or b"", message.value or b"")


class _Here:
    """Stands for the event of which Faust's store asks the partition; outside an agent's own step it cannot know."""

    def __init__(self, partition: int) -> None:
        self.message = TP("", partition)


class _asking:  # noqa: N801  it reads as a word: with _asking(partition)
    def __init__(self, partition: int) -> None:
        self.here = _Here(partition)

    def __enter__(self) -> None:
        self.token = _current_event.set(weakref.ref(self.here))  # type: ignore[arg-type]

    def __exit__(self, *_: object) -> None:
        _current_event.reset(self.token)
