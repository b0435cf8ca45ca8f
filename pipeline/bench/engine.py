"""Messages a second of our transport on Faust beside confluent-kafka alone, Quix Streams and Bytewax: one job, one
topic filled before, one process each, by turns.

What each of them guarantees is told in its file of `pipeline.bench.engines`. All give at least once: nothing counts as
read before the broker has what it led to. Ours alone also keeps its state through the broker, a row a message.

In a turn an engine starts anew, as a group of its own, and reads the topic to its end into a topic of its own. The
broker stamps what it is given: the time counts from the first stamp to the last, so starting and joining count for
nobody. All turns' seconds are taken together. Each turn's messages are read back and must all be there.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import orjson
import typer
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

import pipeline
from deploy.progress import READY, Progress, shown
from pipeline.addresses import partitions
from pipeline.bench.alerting import installation
from pipeline.bench.engines.job import PRODUCER, Place, distinct, messages
from pipeline.errors import GabungError, WrongUse

ENGINES = ("gabung", "confluent", "quix", "bytewax")
NAME = "gabung-bench-engine"
LEAST = 10_000
"""Messages; with fewer, the broker stamps too few batches to tell a rate."""
QUIX = Path(sys.prefix) / "quix" / "bin" / "python"
"""Quix Streams asks for an older confluent-kafka and pydantic than ours, so `make bench-setup` gives it an environment
of its own."""
IDLE_SECONDS = 60
"""An engine that gives nothing for so long has failed."""
GOODBYE_SECONDS = 20


def run(
    many: Annotated[int, typer.Option("--messages", help="Messages that each reads in a turn.")] = 150_000,
    rounds: Annotated[int, typer.Option(help="Turns of each.")] = 3,
    seed: Annotated[int, typer.Option()] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Messages a second of our transport beside other engines on the same job, on a Kafka of its own."""
    if many < LEAST or rounds < 1:
        raise WrongUse(f"--messages must be {LEAST} or more, --rounds 1 or more")
    programs = {name: program(name) for name in ENGINES}
    with shown() as progress, installation(services_only=True, progress=progress) as known:
        kafka = known.need("kafka")
        source = f"{NAME}-{uuid4().hex[:8]}"  # no former run's topics and groups are met
        with topics(kafka, source):
            fill(kafka, source, many, seed, progress)
            took = dict.fromkeys(ENGINES, (0, 0.0))
            for turn in range(rounds):
                for at in range(len(ENGINES)):
                    name = ENGINES[(turn + at) % len(ENGINES)]
                    got = one_turn(kafka, source, name, programs[name], turn, many, progress)
                    took[name] = took[name][0] + got[0], took[name][1] + got[1]
    figures = compared(took)
    typer.echo(orjson.dumps(figures).decode() if as_json else told(figures))


def compared(took: dict[str, tuple[int, float]]) -> dict[str, dict[str, float]]:
    """took: messages and seconds of each engine. Returns messages a second, and ours divided by each other's."""
    rates = {name: many / seconds for name, (many, seconds) in took.items()}
    return {
        "messages_per_s": {name: round(rate) for name, rate in rates.items()},
        "ratio": {name: round(rates["gabung"] / rate, 3) for name, rate in rates.items() if name != "gabung"},
    }


def told(figures: dict[str, dict[str, float]]) -> str:
    """The figures as lines for people."""
    return "\n".join(
        f"{name:10} {rate:8} messages/s"
        + (f"   gabung has {ratio} of it" if (ratio := figures["ratio"].get(name)) else "")
        for name, rate in figures["messages_per_s"].items()
    )


def program(name: str) -> str:
    """The Python that runs an engine. Raises WrongUse where the engine is not installed."""
    there = {"quix": QUIX.exists(), "bytewax": importlib.util.find_spec("bytewax") is not None}
    if not there.get(name, True):
        raise WrongUse(f"{name} is not installed; run `make bench-setup`, then this again")
    return str(QUIX) if name == "quix" else sys.executable


def one_turn(
    kafka: str, source: str, name: str, python: str, turn: int, many: int, progress: Progress
) -> tuple[int, float]:
    """Run an engine until it has given a message for each. Returns how many messages the broker stamped after the
    first stamp, and the seconds from there to the last."""
    line = f"{name} {turn + 1}"
    group = f"{source}-{name}-{turn}"
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as folder, topics(kafka, sink := f"{group}.sink"):
        with running(name, python, Place(kafka, source, sink, group, folder)) as alive:
            wait(kafka, sink, many, alive, lambda count: progress(line, f"{count} of {many} messages …"))
        stamps, values = read(kafka, sink)
        if distinct(values) != many:
            raise GabungError(f"{name} did not give a message for each; the bench or the engine is broken")
        first = min(stamps)
        later = sum(stamp > first for stamp in stamps)
        seconds = (max(stamps) - first) / 1000
        progress(line, f"{READY}: {later / seconds:.0f} messages/s")
        return later, seconds


@contextmanager
def running(name: str, python: str, place: Place) -> Iterator[Callable[[], None]]:
    """An engine as a process, ended at the end. Gives a check, which raises GabungError where it ended by itself."""
    # Where the environment is not this one, our modules are found by their folder.
    environment = os.environ | {"PYTHONPATH": str(Path(pipeline.__file__).parent.parent)}
    command = [python, "-m", f"pipeline.bench.engines.{name}", *astuple(place)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, cwd=place.folder, stdout=log, stderr=log)  # noqa: S603

        def alive() -> None:
            if process.poll() is not None:
                log.seek(0)
                last = log.read().decode(errors="replace").strip().splitlines()[-1:]
                raise GabungError(f"the engine {name} ended with {process.returncode}: {' '.join(last)}")

        try:
            yield alive
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(GOODBYE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait(kafka: str, sink: str, many: int, alive: Callable[[], None], tell: Callable[[int], None]) -> None:
    """Until so many messages stand in a topic. Raises GabungError where no more come."""
    reader = _reader(kafka)
    count, since = 0, time.monotonic()
    while count < many:
        alive()
        time.sleep(0.2)
        before = count
        with suppress(KafkaException):  # a busy broker does not answer for a moment, least so for a new topic
            count = sum(high for _, high in _bounds(reader, sink))
        tell(count)
        if count > before:
            since = time.monotonic()
        elif time.monotonic() > since + IDLE_SECONDS:
            raise GabungError(f"{sink} got {count} of {many} messages and then none for {IDLE_SECONDS} s")
    reader.close()


def read(kafka: str, name: str) -> tuple[list[int], list[bytes]]:
    """The broker's stamps, in milliseconds, and the values of all that stands in a topic."""
    reader = _reader(kafka)
    left = sum(high - low for low, high in _bounds(reader, name))
    reader.assign([TopicPartition(name, at, 0) for at in range(partitions())])
    stamps: list[int] = []
    values: list[bytes] = []
    while left > 0:
        for message in reader.consume(min(left, 10_000), timeout=10):
            if error := message.error():
                raise GabungError(f"Kafka does not give {name} back: {error}")
            stamps.append(message.timestamp()[1])
            values.append(message.value() or b"")
            left -= 1
    reader.close()
    return stamps, values


def fill(kafka: str, source: str, many: int, seed: int, progress: Progress) -> None:
    producer = Producer({"bootstrap.servers": kafka, **PRODUCER})
    for number, (key, value) in enumerate(messages(many, seed)):
        while True:
            try:
                producer.produce(source, value, key)
                break
            except BufferError:
                producer.poll(0.1)
        if number % 10_000 == 0:
            producer.poll(0)
            progress("topic", f"{number} of {many} messages …")
    producer.flush()
    progress("topic", f"{READY}: {many} messages")


@contextmanager
def topics(kafka: str, name: str) -> Iterator[None]:
    """A topic whose messages the broker stamps, and whatever an engine makes beside it: gone at the end."""
    admin = AdminClient({"bootstrap.servers": kafka})
    stamped = {"message.timestamp.type": "LogAppendTime"}
    new = NewTopic(name, num_partitions=partitions(), replication_factor=-1, config=stamped)
    admin.create_topics([new])[name].result()
    try:
        yield
    finally:
        beside = name.removesuffix(".sink")
        gone = [one for one in admin.list_topics(timeout=20).topics if one == name or one.startswith(f"{beside}-")]
        for done in admin.delete_topics(gone).values():
            with suppress(KafkaException):  # gone already; and an error on the way here must not be hidden
                done.result()


def _reader(kafka: str) -> Consumer:
    return Consumer({"bootstrap.servers": kafka, "group.id": f"{NAME}-look", "enable.auto.commit": False})


def _bounds(reader: Consumer, name: str) -> Sequence[tuple[int, int]]:
    return [reader.get_watermark_offsets(TopicPartition(name, at), timeout=20) for at in range(partitions())]
