"""A loop on confluent-kafka and no engine: at least once. Once a second it waits until the broker has all that it was
sent, and commits what was read. State is in memory and lost with the process."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaException, Producer

from pipeline.bench.engines.job import PRODUCER, InMemory, Place

BATCH = 1_000
COMMIT_SECONDS = 1.0


def main(place: Place) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": place.kafka,
            "group.id": place.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer({"bootstrap.servers": place.kafka, **PRODUCER})
    consumer.subscribe([place.source])
    job = InMemory()
    read, due = 0, time.monotonic()
    while True:
        batch = consumer.consume(BATCH, timeout=0.05)
        for message in batch:
            if error := message.error():
                raise KafkaException(error)
            producer.produce(place.sink, job(message.value() or b""), message.key())
        producer.poll(0)
        read += len(batch)
        if read and time.monotonic() > due:
            producer.flush()
            consumer.commit(asynchronous=False)
            read, due = 0, time.monotonic() + COMMIT_SECONDS


if __name__ == "__main__":
    main(Place.given())
