"""Messages to Kafka from an event loop: nothing blocks it, and who sends waits for its own messages alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaException, Producer

from pipeline.errors import Abort

DELIVERY_SECONDS = 120
FULL_SECONDS = 0.05
"""How long to wait before trying again where librdkafka's queue is full."""

Message = tuple[str, int, bytes, bytes | None]
"""Topic, partition, key, value."""


class Sent:
    """Messages on their way. All of one event loop."""

    def __init__(self, count: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.left = count
        self.errors: list[str] = []
        self.offsets: dict[int, int] = {}
        if not count:
            self.done.set_result(None)

    def delivered(self, error: Any, message: Any) -> None:
        """Called in the sender's own thread, once a message."""
        if error is not None:
            self.errors.append(str(error))
        else:
            self.offsets[message.partition()] = max(message.offset(), self.offsets.get(message.partition(), -1))
        self.left -= 1
        if not self.left:
            self.loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    async def all(self) -> dict[int, int]:
        """Wait until the broker has all of them. Returns the highest offset written in each partition.

        Raises Abort where the broker did not take one: going on would lose it, while stopping repeats it.
        """
        try:
            await asyncio.wait_for(self.done, DELIVERY_SECONDS)
        except TimeoutError:
            self.errors.append(f"{self.left} messages not acknowledged in {DELIVERY_SECONDS} s")
        if self.errors:
            raise _not_taken(self.errors[0])
        return self.offsets


class Sender:
    """A librdkafka producer, and the thread in which it tells what was delivered."""

    def __init__(self, producer: Producer) -> None:
        self.producer = producer
        threading.Thread(target=self._listen, name="delivered", daemon=True).start()

    def _listen(self) -> None:
        while True:
            self.producer.poll(1)

    async def put(self, messages: Sequence[Message]) -> Sent:
        """Hand over messages, in their order; `Sent.all` waits for them. Raises Abort where Kafka refuses one."""
        sent = Sent(len(messages))
        for topic, partition, key, value in messages:
            while True:
                try:
                    self.producer.produce(topic, value=value, key=key, partition=partition, on_delivery=sent.delivered)
                    break
                except BufferError:
                    await asyncio.sleep(FULL_SECONDS)
                except KafkaException as error:
                    raise _not_taken(str(error)) from error
        return sent

    async def send(self, messages: Sequence[Message]) -> dict[int, int]:
        """`put`, and wait."""
        return await (await self.put(messages)).all()


def _not_taken(reason: str) -> Abort:
    return Abort(f"Kafka did not take all messages: {reason}; look at the broker's log, then start the worker")
