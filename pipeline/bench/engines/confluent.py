"""A loop on confluent-kafka and no engine: at least once. What was read is committed after the broker has all that it
led to. State is in memory and lost with the process."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, Producer

from pipeline.bench.engines.job import PRODUCER, InMemory, Place

BATCH = 5_000


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
    while True:
        batch = consumer.consume(BATCH, timeout=0.1)
        for message in batch:
            if error := message.error():
                raise KafkaException(error)
            producer.produce(place.sink, job(message.value() or b""), message.key())
            producer.poll(0)
        if batch:
            producer.flush()
            consumer.commit(asynchronous=False)


if __name__ == "__main__":
    main(Place.given())
