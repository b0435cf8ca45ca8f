"""Our own transport, as every stage of the pipeline has it: at least once, and more than the others are asked for.

For each batch it waits until the broker has all that it sends, then until the broker has a row for each key in the
table's changelog, keeps these rows in RocksDB, where the job looks up, and only then lets Faust commit what was read.
State outlives the process: another worker has it from the changelog. The others send one message for one; this sends
a row beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.bench.engines.job import Place, done
from pipeline.index.last import Action
from pipeline.shell.outbox import Incoming, Outbox, Outgoing, Rows
from pipeline.shell.parts import keeping, new_app, new_producer, topic
from pipeline.shell.sending import Sender
from pipeline.shell.stages import Plain
from pipeline.shell.transport import Transport


class Job(Plain):
    """The job as a stage; what was hashed last under a key is a row of its table."""

    name = "job"

    def __init__(self, rows: Rows, sink: str) -> None:
        self.rows = rows
        self.sink = sink

    def take(self, message: Incoming, outbox: Outbox) -> None:
        key, now, given = done(message.value, lambda key: self.rows.get(message.partition, key))
        outbox.then.append(Outgoing(self.sink, message.key, given))
        outbox.keep(self.name, message.partition, key, now)


async def no_documents(actions: Sequence[Action]) -> list[tuple[Action, str]]:
    """The job writes none."""
    raise AssertionError(actions)


def main(place: Place) -> None:
    app = new_app(place.group, place.kafka, Path(place.folder), session_seconds=30)
    transport = Transport(app, place.kafka, Sender(new_producer(place.kafka)), no_documents)
    lane = keeping(app, lambda rows: Job(rows, place.sink), Job.name)

    @app.agent(topic(app, [place.source]), name=Job.name)
    async def job(stream: Any) -> None:
        await transport.serve(lane, stream)

    worker = app.Worker(loglevel="WARNING", redirect_stdouts=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(Place.given())
