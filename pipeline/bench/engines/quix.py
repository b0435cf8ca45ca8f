"""Quix Streams: at least once, its default. It flushes and commits every 5 s, its default too. State is in memory and
lost with the process: the fastest way it has."""

from __future__ import annotations

from quixstreams import Application

from pipeline.bench.engines.job import PRODUCER, InMemory, Place


def main(place: Place) -> None:
    app = Application(
        broker_address=place.kafka,
        consumer_group=place.group,
        auto_offset_reset="earliest",
        producer_extra_config=PRODUCER,
        state_dir=place.folder,
        processing_guarantee="at-least-once",
        loglevel="WARNING",
    )
    source = app.topic(place.source, key_deserializer="bytes", value_deserializer="bytes")
    sink = app.topic(place.sink, key_serializer="bytes", value_serializer="bytes")
    app.dataframe(source).apply(InMemory()).to_topic(sink)
    app.run()


if __name__ == "__main__":
    main(Place.given())
