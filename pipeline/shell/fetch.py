"""Messages from Kafka to an event loop, without Python for what only travels: librdkafka fetches and unpacks them.

A consumer in Python's own code is a thread that wants the interpreter for each answer of the broker, some hundred times
a second, while whoever works holds it: each message waited for it, and it took a sixth of a processor.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from faust.types import TP

from pipeline.shell.threads import Threaded

BATCH = 500
"""Messages handed over at once, at most."""
HELD = 1000
"""Messages that may wait for whoever takes them, before no more are handed over."""
LOOK_SECONDS = 0.05
"""How long it may take until a new place to read from is known where no message comes."""
LARGEST = 8 * 2**20
"""Bytes of a message, sent or fetched, at most."""
UNREAD_KB = 16 * 1024
"""KiB that librdkafka may hold of what was fetched ahead."""

log = structlog.get_logger()


class Reader(Threaded):
    """Reads partitions from where it is told to, for one event loop: all methods are called there, and `woken` too
    whenever something came. Belongs to no group: who reads what is decided elsewhere."""

    def __init__(self, name: str, kafka: str, woken: Callable[[], None]) -> None:
        super().__init__(f"reads-{name}")
        self.kafka, self.woken = kafka, woken
        self.loop = asyncio.get_running_loop()
        self.wishes: queue.SimpleQueue[Callable[[Consumer], None]] = queue.SimpleQueue()
        self.room = threading.Event()
        self.room.set()
        self.begun = 0
        """How often it was told where to begin. What was read for an earlier beginning is let go of."""
        self.reads_for = 0
        """The same, as far as the thread knows."""
        self.held: dict[TP, list[Message]] = {}
        self.count = 0
        self.broken: Exception | None = None

    def begin(self, places: Mapping[TP, int]) -> None:
        """Read these partitions and no others from now on, each from this offset; from what stands first where that is
        gone. Nothing that was read before comes any more."""
        self.begun += 1
        self.held, self.count = {}, 0
        self._make_room()
        begins = [TopicPartition(*at, offset) for at, offset in places.items()]
        self.wishes.put(partial(self._begin, self.begun, begins))

    def seek(self, at: TP, offset: int) -> None:
        """Read one of the partitions from here. What is on its way from elsewhere may still come before."""
        self.count -= len(self.held.pop(at, ()))
        self._make_room()
        self.wishes.put(lambda consumer: consumer.seek(TopicPartition(*at, offset)))

    def holds(self, wanted: Collection[TP]) -> bool:
        return any(at in wanted for at in self.held)

    def take(self, wanted: Collection[TP]) -> dict[TP, list[Message]]:
        """What came of these partitions, in the order of each. Raises what reading broke on."""
        if self.broken is not None:
            raise self.broken
        taken = {at: self.held.pop(at) for at in [*self.held] if at in wanted}
        self.count -= sum(map(len, taken.values()))
        self._make_room()
        return taken

    def _came(self, reads_for: int, messages: list[Any]) -> None:
        if reads_for == self.begun:
            for one in messages:
                self.held.setdefault(TP(one.topic(), one.partition()), []).append(one)
            self.count += len(messages)
            self.woken()
        self._make_room()

    def _make_room(self) -> None:
        if self.count < HELD:
            self.room.set()

    def _broke(self, error: Exception) -> None:
        self.broken = error
        self.woken()

    def work(self) -> None:
        try:
            self._work()
        except Exception as error:  # whoever takes from here must not wait for ever
            self._tell(partial(self._broke, error))

    def _tell(self, what: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and this will
            self.loop.call_soon_threadsafe(what)

    def _work(self) -> None:
        consumer = Consumer(
            {"bootstrap.servers": self.kafka, "group.id": "gabung-reads", "enable.auto.commit": False,
             "enable.auto.offset.store": False, "auto.offset.reset": "earliest", "log_level": 2,
             "queued.max.messages.kbytes": UNREAD_KB, "fetch.queue.backoff.ms": 10,
             "fetch.message.max.bytes": LARGEST}
        )  # fmt: skip
        while not self.ending.is_set():
            self._heed(consumer)
            if not self.room.wait(LOOK_SECONDS):
                continue
            first = consumer.poll(LOOK_SECONDS)
            if first is None:
                continue
            messages = [one for one in (first, *consumer.consume(BATCH - 1, 0)) if not _went_wrong(one)]
            self.room.clear()  # until these have come there
            self._tell(partial(self._came, self.reads_for, messages))
        consumer.close()

    def _heed(self, consumer: Consumer) -> None:
        while True:
            try:
                wish = self.wishes.get_nowait()
            except queue.Empty:
                return
            try:
                wish(consumer)
            except KafkaException as error:  # it has no place there yet; whoever needs it asks again
                log.warning("cannot read from there", reason=error.args[0].name())

    def _begin(self, begun: int, places: list[TopicPartition], consumer: Consumer) -> None:
        consumer.assign(places)
        self.reads_for = begun


def _went_wrong(message: Any) -> bool:
    error = message.error()
    if error is not None:
        log.warning("cannot be read", reason=error.name(), topic=message.topic(), partition=message.partition())
    return error is not None
