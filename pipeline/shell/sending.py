"""Messages to Kafka from an event loop: nothing blocks it, and who sends waits for its own messages alone.

librdkafka tells of each message that was delivered when it is asked. It is asked in the event loop: in a thread of its
own each word would wait until the loop lets go of the interpreter, message after message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaException, Producer

from pipeline.errors import Abort

LISTEN_SECONDS = 0.001
"""How often librdkafka is asked what was delivered, for as long as anything is on its way."""
FULL_SECONDS = 0.05
"""How long to wait before trying again where librdkafka's queue is full."""

Message = tuple[str, int, bytes, bytes | None]
"""Topic, partition or BY_KEY, key, value."""
BY_KEY = -1
"""As partition: the one that the producer finds for the key."""


class Sent:
    """Messages on their way. All of one event loop."""

    def __init__(self, count: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.left = count
        self.errors: list[str] = []
        self.offsets: dict[int, int] = {}
        if not count:
            self.done.set_result(None)

    def delivered(self, error: Any, message: Any) -> None:
        """Called once a message."""
        if error is not None:
            self.errors.append(str(error))
        else:
            self.offsets[message.partition()] = max(message.offset(), self.offsets.get(message.partition(), -1))
        self.left -= 1
        if not self.left and not self.done.done():
            self.done.set_result(None)

    async def all(self) -> dict[int, int]:
        """Wait until the broker has all of them. Returns the highest offset written in each partition.

        Raises Abort where the broker did not take one in the producer's `delivery.timeout.ms`: going on would lose it,
        while stopping repeats it.
        """
        await self.done
        if self.errors:
            raise _not_taken(self.errors[0])
        return self.offsets


class Sender:
    """A librdkafka producer for one event loop, which hears from it what was delivered."""

    def __init__(self, producer: Producer) -> None:
        self.producer = producer
        self.listening: asyncio.TimerHandle | None = None

    def _listen(self) -> None:
        self.producer.poll(0)
        loop = asyncio.get_running_loop()
        self.listening = loop.call_later(LISTEN_SECONDS, self._listen) if len(self.producer) else None

    async def put(self, messages: Sequence[Message]) -> Sent:
        """Hand over messages, in their order; `Sent.all` waits for them. Raises Abort where Kafka refuses one."""
        sent = Sent(len(messages))
        for topic, partition, key, value in messages:
            while True:
                try:
                    self.producer.produce(topic, value=value, key=key, partition=partition, on_delivery=sent.delivered)
                    break
                except BufferError:
                    self._hear()
                    await asyncio.sleep(FULL_SECONDS)
                except KafkaException as error:
                    raise _not_taken(str(error)) from error
        self._hear()
        return sent

    def _hear(self) -> None:
        if self.listening is None:
            self.listening = asyncio.get_running_loop().call_later(LISTEN_SECONDS, self._listen)

    async def send(self, messages: Sequence[Message]) -> dict[int, int]:
        """`put`, and wait."""
        return await (await self.put(messages)).all()


def _not_taken(reason: str) -> Abort:
    return Abort(f"Kafka did not take all messages: {reason}; look at the broker's log, then start the worker")
