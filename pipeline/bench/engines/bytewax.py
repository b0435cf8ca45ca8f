"""Bytewax with recovery: at least once. Its sink waits for the broker after each batch, and every 5 s it keeps in a
file of its own how far it has read (it knows no consumer groups). State is in memory and lost with the process."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
from bytewax._bytewax import cli_main, init_db_dir  # what `python -m bytewax.run` and `bytewax.recovery` call
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig

from pipeline.bench.engines.job import PRODUCER, InMemory, Place

SNAPSHOT = timedelta(seconds=5)


def main(place: Place) -> None:
    job = InMemory()

    def one(message: KafkaSourceMessage) -> KafkaSinkMessage:
        return KafkaSinkMessage(message.key, job(message.value))

    producer = {name: str(value).lower() for name, value in PRODUCER.items()}  # it takes texts alone
    flow = Dataflow("bench")
    taken = op.input("taken", flow, KafkaSource([place.kafka], [place.source]))
    op.output("given", op.map("job", taken, one), KafkaSink([place.kafka], place.sink, producer))
    folder = Path(place.folder)
    init_db_dir(folder, 1)
    cli_main(flow, epoch_interval=SNAPSHOT, recovery_config=RecoveryConfig(folder))


if __name__ == "__main__":
    main(Place.given())
