"""Faust's transport, with its cost per message taken out.

Faust keeps what it is good at: groups, assignment, tables and their recovery. Around it:

- an agent empties its channel's queue in batches and acknowledges them itself (one event at a time costs Faust some
  200 microseconds a message);
- what agents read is fetched, and messages and changelog rows are sent, by librdkafka;
- the order that makes "at least once" safe is kept in one place, `Transport.deliver`: send, wait until the broker has
  all of it, write documents, keep the rows, and only then acknowledge what was read. A crash anywhere in between
  repeats work and loses none. A stage takes its next batches while the last few are still on their way; what was
  taken first is sent, written, kept and acknowledged first.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import compress
from operator import length_hint
from typing import Any, Generic, TypeVar

import faust
import structlog
from faust.types import TP
from rocksdb import WriteBatch

from pipeline.addresses import partitions
from pipeline.audit.chain import Chain
from pipeline.errors import GabungError, Retry
from pipeline.index.last import Action
from pipeline.shell.audit import bound
from pipeline.shell.gapless import At, Gapless
from pipeline.shell.metrics import BATCHES, MESSAGES, REFUSALS
from pipeline.shell.outbox import Incoming, Outbox, Outgoing, Pending, Stage, attempt, forget
from pipeline.shell.pauses import growing_pauses
from pipeline.shell.refused import refusal, rejection
from pipeline.shell.sending import BY_KEY, Message, Sender, Sent

BATCH = 500
"""Messages a batch: enough to make the waits for the broker cheap, few enough that a batch takes well under 1 s."""
UNDER_WAY = 10_000
"""Messages and rows of a stage that may be on their way at once: enough that a stage need not wait for the broker or
for Elasticsearch before it works on, few enough that memory stays bounded and a crash repeats little."""
TURN_SECONDS = 0.003
"""How long a stage works until the event loop has looked after all else. What travels crosses the loop many times, and
waits each time for whoever works."""
KEEP_SECONDS = 0.1
"""How long rows wait for others that are kept with them: nobody waits for them, and each message costs the broker."""

log = structlog.get_logger()

Write = Callable[[Sequence[Action]], Coroutine[Any, Any, list[tuple[Action, str]]]]
"""Puts documents into Elasticsearch, waiting while it is down; gives back what it rejects for good, and why."""


class Table:
    """A Faust table of raw rows: recovered by Faust from its changelog, written through librdkafka.

    Read and written at its store's own databases, one a partition: Faust's way asks for each row which event it
    belongs to, and remembers in memory where each key stands. A row that its lane has made and not kept yet comes
    first.
    """

    def __init__(self, app: faust.App, name: str) -> None:
        self.name = name
        # Any: Faust's published types leave out what its tables and stores do have.
        # bytes for key and value make Faust leave them as they are, in the store and in the changelog.
        self.table: Any = app.Table(name, key_type=bytes, value_type=bytes, partitions=partitions())
        self.lane: Lane[Any]
        self.generation: int | None = None
        """The assignment for which its rows were last recovered."""

    def get(self, partition: int, key: str) -> bytes | None:
        pending = self.lane.pending
        if (self.name, partition, key) in pending:
            return pending[self.name, partition, key]
        value: bytes | None = self._database(partition).get(key.encode())
        return value

    def items(self) -> Iterable[tuple[str, bytes]]:
        """All rows of the partitions that this worker has."""
        for key, value in self.table.data.items():
            yield key.decode(), value

    async def keep(self, sender: Sender, made: Pending) -> None:
        """Its rows to the changelog, and once it has them, to this worker's own store."""
        topic = self.table.changelog_topic_name
        rows = [(topic, at, key.encode(), value) for (name, at, key), value in made.items() if name == self.name]
        if not rows:
            return
        offsets = await sender.send(rows)
        written: defaultdict[int, WriteBatch] = defaultdict(WriteBatch)
        for _, at, key, value in rows:
            if value is None:
                written[at].delete(key)
            else:
                written[at].put(key, value)
        for at, batch in written.items():
            batch.put(self.table.data.offset_key, str(offsets[at]).encode())
            self._database(at).write(batch)

    def _database(self, partition: int) -> Any:
        return self.table.data._db_for_partition(partition)


@dataclass(eq=False)
class Delivery:
    """A batch on its way. first, then, actions: done once what its outbox has under these names is handed over. sent:
    done once the broker has all of it and its documents are written; kept: once its rows are kept and its events
    acknowledged."""

    outbox: Outbox
    generation: int | None
    events: Sequence[Any]
    first: asyncio.Future[None]
    then: asyncio.Future[None]
    actions: asyncio.Future[None]
    kept: asyncio.Future[None]
    sent: asyncio.Task[None] | None = None

    @property
    def weight(self) -> int:
        return len(self.events) + len(self.outbox.rows)


S = TypeVar("S", bound=Stage)


@dataclass
class Lane(Generic[S]):
    """A stage as one worker runs it, with what it keeps.

    tables: in the order in which their rows are kept; a row that lets a repeat stop comes after all that the repeat
    would make again. pending: rows that were made and are not kept yet. Each recovery begins another: a batch of the
    assignment before has nothing to do with it. lock: held by whoever gives it work, one at a time. weight: messages
    and rows under way. keeping: the task that ends what is under way.
    """

    stage: S
    tables: Sequence[Table] = ()
    pending: Pending = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    under_way: deque[Delivery] = field(default_factory=deque)
    weight: int = 0
    keeping: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        for table in self.tables:
            table.lane = self

    async def rest(self, most: int = 0) -> None:
        """Wait until no more than so many messages and rows are under way."""
        while self.weight > most:
            await _after(self.under_way[0].kept)


@dataclass
class Transport:
    """One worker's way between Kafka, a stage and its table. `write` puts documents into Elasticsearch; `chain` binds
    the worker's audit. turn: whoever has it works, while the others wait."""

    app: faust.App
    kafka: str
    sender: Sender
    write: Write
    chain: Chain = field(default_factory=lambda: Chain("worker"))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self, lane: Lane[Any], stream: Any) -> None:
        """Run a stage for ever on an agent's stream, batch after batch."""
        gapless, stage = Gapless(self.kafka, self.app.conf.id), lane.stage.name
        async for events in batches(self.app, stream):
            for pause in growing_pauses():
                waits = await self._take(lane, gapless, events)
                if waits is None:
                    break
                log.warning("waits", stage=stage, reason=str(waits), pause=pause)
                await asyncio.sleep(pause)  # the lane is free meanwhile: time passes for what it has

    async def _take(self, lane: Lane[Any], gapless: Gapless, events: list[Any]) -> Retry | None:
        """A stage's next batch; or nothing of it, and for what it must wait."""
        stage, generation = lane.stage.name, events[0].message.generation_id
        incoming = [_incoming(event) for event in events]
        async with lane.lock, stopping(stage):
            read = [(one.topic, one.partition, one.offset) for one in incoming]
            fits, again = [True] * len(read), dict[At, int]()
            if not gapless.goes_on(generation, read):
                fits, again = await asyncio.to_thread(gapless.follow, generation, read)
            if not self.current(generation, lane):
                return None  # whoever has the partitions now reads it again
            for (topic, at), offset in again.items():
                log.warning("reads again", stage=stage, topic=topic, partition=at, offset=offset)
                await self.app.consumer.seek(TP(topic, at), offset)
            events, outbox = list(compress(events, fits)), Outbox()
            left = iter([*compress(incoming, fits)])
            try:
                done = False
                while not done:
                    async with self.working():
                        if not self.current(generation, lane):
                            return None
                        done = attempt(lane.stage, left, outbox, lane.pending, _after_seconds(TURN_SECONDS, left))
            except Retry as error:
                await lane.rest()  # the rows of batches before this one may stand below this one's
                forget(lane.pending, outbox.rows)
                return error
            await self.deliver(lane, outbox, generation, events)
        BATCHES.labels(stage).inc()
        MESSAGES.labels(stage).inc(len(events))
        return None

    def current(self, generation: int | None, lane: Lane[Any]) -> bool:
        """Whether this worker still has what it had, and remembers the rows of it."""
        remembered = all(table.generation == generation for table in lane.tables)
        return remembered and generation == self.app.consumer_generation_id

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A stage's turn; then the event loop looks after all else before anybody has the next one."""
        async with self.turn:
            yield
            await asyncio.sleep(0)

    async def deliver(
        self, lane: Lane[Any], outbox: Outbox, generation: int | None, events: Sequence[Any] = ()
    ) -> None:
        """Make an outbox durable, each step before the next: audit, `first`, `then` and refusals, documents, rows; then
        acknowledge the events that it was made of. generation: the assignment in which it was made.

        Returns once the stage may go on: what it sends next comes behind, step by step. The rest goes on by itself.
        """
        for message, error in outbox.refused:
            REFUSALS.labels(error.stage).inc()
            log.warning("refused", stage=lane.stage.name, reason=error.reason, topic=message.topic,
                        partition=message.partition, offset=message.offset)  # fmt: skip
        new = asyncio.get_running_loop().create_future
        one = Delivery(outbox, generation, events, new(), new(), new(), new())
        await lane.rest(max(0, UNDER_WAY - one.weight))
        before = lane.under_way[-1] if lane.under_way else None
        audit = await self._bind(outbox.audit)
        lane.under_way.append(one)
        lane.weight += one.weight
        one.sent = asyncio.create_task(self._send_all(lane, one, before, audit))
        if lane.keeping is None or lane.keeping.done():
            lane.keeping = asyncio.create_task(self._keep(lane))

    async def _send_all(self, lane: Lane[Any], one: Delivery, before: Delivery | None, audit: Sent) -> None:
        outbox = one.outbox
        async with stopping(lane.stage.name):
            try:
                await audit.all()
                if before is not None:
                    await _after(before.first)
                first = await self.sender.put(_placed(outbox.first))
                one.first.set_result(None)
                await first.all()
                if before is not None:
                    await _after(before.then)
                refused = [refusal(message, error) for message, error in outbox.refused]
                then = await self.sender.put(_placed(outbox.then + refused))
                one.then.set_result(None)
                await then.all()
                if before is not None:
                    await _after(before.actions)
                written = asyncio.create_task(self.write(outbox.actions)) if outbox.actions else None
                one.actions.set_result(None)
            finally:  # of one that is cancelled, nothing behind it goes on
                for handed_over in (one.first, one.then, one.actions):
                    handed_over.cancel()
            if written is not None:
                await self._send([rejection(action, why) for action, why in await written])

    async def _keep(self, lane: Lane[Any]) -> None:
        """End what is under way, in its order: all that is sent by then is kept together."""
        while lane.under_way:
            head = lane.under_way[0]
            assert head.sent is not None
            await _after(head.sent)  # one that was cancelled is not acknowledged, and then nothing behind it is
            await asyncio.sleep(KEEP_SECONDS)
            generation, rows, ended = head.generation, Pending(), list[Delivery]()
            for one in lane.under_way:
                if one.generation != generation or one.sent is None or not one.sent.done() or one.sent.cancelled():
                    break
                ended.append(one)
                rows.update(one.outbox.rows)
            pending = lane.pending
            async with stopping(lane.stage.name):
                # Where the partitions may be another worker's by now, its rows are the newer ones, and it reads these
                # messages again since they are not acknowledged; what was sent comes twice, which every stage takes.
                for table in lane.tables:
                    if self.current(generation, lane):
                        await table.keep(self.sender, rows)
                for one in ended:
                    forget(pending, one.outbox.rows)
                    # Of another assignment nothing is acknowledged: its rows were not kept, and Faust would commit the
                    # offset if this worker has the partition again.
                    if self.current(generation, lane):
                        for event in one.events:
                            event.ack()
                    lane.under_way.popleft()
                    lane.weight -= one.weight
                    one.kept.set_result(None)

    async def tell(self, audit: Sequence[dict[str, Any]]) -> None:
        """Bind events into the worker's chain and wait until the broker has them."""
        await (await self._bind(audit)).all()

    async def _bind(self, audit: Sequence[dict[str, Any]]) -> Sent:
        return await self.sender.put(_placed([bound(self.chain, body) for body in audit]))

    async def _send(self, messages: Sequence[Outgoing]) -> None:
        if messages:
            await self.sender.send(_placed(messages))


async def _after(what: asyncio.Future[None]) -> None:
    """Wait for what somebody else waits for too: who waits may be cancelled, and must not take it along."""
    if not what.done():
        await asyncio.wait([what])
    what.result()


def _after_seconds(seconds: float, left: Iterator[Incoming]) -> Callable[[], bool]:
    """Whether so many seconds are over, and there is more to do: a batch that is at its end is ended at once."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end and length_hint(left) > 0


def _placed(messages: Iterable[Outgoing]) -> list[Message]:
    return [(one.topic, BY_KEY, one.key, one.value) for one in messages]


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
