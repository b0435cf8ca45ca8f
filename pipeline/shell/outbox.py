"""What a stage wants done: messages to send, rows to keep, documents to write. Nothing is done here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson
from aiokafka.partitioner import murmur2

from pipeline.errors import Refused, Retry
from pipeline.index.last import Action

Pending = dict[tuple[str, int, str], bytes | None]
"""(table, partition, key) -> value of rows; None takes the row out. A table bears the name of its stage."""


class Incoming(NamedTuple):
    """A message as it came."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes


class Outgoing(NamedTuple):
    """A message to send. value: None takes back what its key said, on a compacted topic."""

    topic: str
    key: bytes
    value: bytes | None


@dataclass
class Outbox:
    """audit: bound into the worker's chain, sent and acknowledged before anything else: what was released is told of
    before it can be seen. first: sent and acknowledged before anything of `then` is. rows: kept once all is
    acknowledged and all actions are done."""

    audit: list[dict[str, Any]] = field(default_factory=list)
    first: list[Outgoing] = field(default_factory=list)
    then: list[Outgoing] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    rows: Pending = field(default_factory=dict)
    refused: list[tuple[Incoming, Refused]] = field(default_factory=list)

    def send_first(self, topic: str, key: str, value: Any) -> None:
        self.first.append(Outgoing(topic, key.encode(), orjson.dumps(value)))

    def send(self, topic: str, key: str, value: Any) -> None:
        self.then.append(Outgoing(topic, key.encode(), value if isinstance(value, bytes) else orjson.dumps(value)))

    def take_away(self, topic: str, key: str) -> None:
        self.then.append(Outgoing(topic, key.encode(), None))

    def keep(self, table: str, partition: int, key: str, value: Any) -> None:
        self.rows[table, partition, key] = value if isinstance(value, bytes | None) else orjson.dumps(value)

    def refuse(self, message: Incoming, reason: Refused) -> None:
        self.refused.append((message, reason))

    def add(self, other: Outbox) -> None:
        self.audit += other.audit
        self.first += other.first
        self.then += other.then
        self.actions += other.actions
        self.rows.update(other.rows)
        self.refused += other.refused


class Rows(Protocol):
    """What a stage has kept: rows of its table, in the partition of what it read."""

    def get(self, partition: int, key: str) -> bytes | None: ...


class Stage(Protocol):
    """What one agent runs, without Kafka or Faust: `take` reads a message, `settle` ends a batch, `load` remembers
    after a restart what a table kept. The transport runs it on Faust; the tests also run it on lists, with crashes in
    between."""

    name: str

    def take(self, message: Incoming, outbox: Outbox) -> None: ...
    def settle(self, outbox: Outbox) -> None: ...
    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None: ...


def attempt(
    stage: Stage,
    batch: Iterable[Incoming],
    outbox: Outbox,
    pending: Pending,
    enough: Callable[[], bool] = lambda: False,
) -> bool:
    """A stage's work on each message in turn. A message that breaks it is refused alone, and nothing of its half-done
    work is sent; the ones behind it go on.

    pending: rows not kept yet, which the stage must see: updated as they are made. Retry goes up to the caller, who
    tries the whole batch again later; only stages that change nothing but rows raise it. enough: asked after each
    message. Returns whether the batch is at its end; if it is not, a call with the rest of it goes on.
    """
    for message in batch:
        one = Outbox()
        try:
            stage.take(message, one)
        except Retry:
            raise
        except Refused as error:
            one = Outbox(refused=[(message, error)])
        except Exception as error:
            one = Outbox(refused=[(message, Refused(stage.name, broke_on(type(error).__name__)))])
        pending.update(one.rows)
        outbox.add(one)
        if enough():
            return False
    stage.settle(outbox)
    return True


def forget(pending: Pending, rows: Pending) -> None:
    """Take rows out of the pending ones that are kept now, or never will be. A later batch's stay."""
    for at, value in rows.items():
        if at in pending and pending[at] is value:
            del pending[at]


def broke_on(what: str) -> str:
    """Why a message is refused that ought to have been taken. `what` never holds what a report says."""
    return f"broke on {what}: a defect of ours; report it, then run `gabung dlq replay`"


@functools.lru_cache(maxsize=16_384)
def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's own choice of partition for a key (murmur2), so that every producer here agrees with Java's."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
