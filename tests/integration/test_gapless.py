"""Nothing is dealt with before what stands in front of it, whatever the consumer left out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from pipeline.addresses import Addresses
from pipeline.shell.gapless import Gapless
from pipeline.shell.lag import committed

OTHER_GROUP = "gapless-test"
"""Not the workers': one of them that another test killed may still be a member there."""
READ = 3
"""How many of the ten messages were dealt with before."""


@pytest.fixture
def topic(services: Addresses) -> str:
    name = f"gapless-{uuid4()}"
    kafka = services.need("kafka")
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(name, 2, 1)])[name].result()
    producer = Producer({"bootstrap.servers": kafka})
    for _ in range(10):
        producer.produce(name, b"x", partition=0)
    producer.flush(10)
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": OTHER_GROUP, "enable.auto.commit": False})
    committed(consumer, [TopicPartition(name, 0)])  # waits where the broker has just begun
    consumer.commit(offsets=[TopicPartition(name, 0, READ)], asynchronous=False)
    consumer.close()
    return name


@pytest.mark.parametrize(
    ("batches", "fits", "again"),
    [
        ([(1, [3, 4]), (1, [5])], [True], None),
        ([(1, [3, 4]), (1, [4, 5])], [True, True], None),  # what comes twice does no harm
        ([(1, [0, 1]), (1, [2, 3])], [True, True], None),
        ([(1, [3, 5, 6])], [True, False, False], 4),
        ([(1, [5])], [False], 3),
        ([(1, [3, 4]), (1, [7])], [False], 5),
        ([(1, [3, 7]), (1, [8, 4, 5])], [False, True, True], None),  # what was due came behind
        ([(1, [3, 4]), (2, [5])], [False], 3),  # another assignment begins from what is committed, not what was read
        ([(1, [3, 4]), (2, [3])], [True], None),
    ],
)
def test_what_comes_before_its_turn_waits(
    services: Addresses, topic: str, batches: list[tuple[int, list[int]]], fits: list[bool], again: int | None
) -> None:
    gapless = Gapless(services.need("kafka"), OTHER_GROUP)
    for generation, offsets in batches:
        read = [(topic, 0, offset) for offset in offsets]
        plain = gapless.goes_on(generation, read)
        found = gapless.follow(generation, read)
        assert not plain or found == ([True] * len(read), {})
    assert found == (fits, {} if again is None else {(topic, 0): again})


def test_the_broker_is_asked_only_where_something_is_not_as_nearly_always(services: Addresses, topic: str) -> None:
    gapless = Gapless(services.need("kafka"), OTHER_GROUP)
    assert not gapless.goes_on(1, [(topic, 0, 3)])
    gapless.follow(1, [(topic, 0, 3)])
    assert gapless.goes_on(1, [(topic, 0, 4), (topic, 0, 5)])
    assert gapless.goes_on(1, [(topic, 0, 5), (topic, 0, 6)])
    assert not gapless.goes_on(1, [(topic, 0, 7), (topic, 0, 9)])
    assert gapless.follow(1, [(topic, 0, 7), (topic, 0, 9)]) == ([True, False], {(topic, 0): 8})
    assert not gapless.goes_on(1, [(topic, 1, 0)])
    assert not gapless.goes_on(2, [(topic, 0, 8)])


def test_where_nothing_was_committed_it_begins_with_what_the_topic_holds(services: Addresses, topic: str) -> None:
    kafka = services.need("kafka")
    assert Gapless(kafka, OTHER_GROUP).follow(1, [(topic, 1, 0)]) == ([True], {})
    assert Gapless(kafka, OTHER_GROUP).follow(1, [(topic, 1, 4)]) == ([False], {(topic, 1): 0})
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.delete_records([TopicPartition(topic, 0, 6)])[TopicPartition(topic, 0)].result()
    assert Gapless(kafka, OTHER_GROUP).follow(1, [(topic, 0, 6), (topic, 0, 7)]) == ([True, True], {})


WORKER = """
import asyncio, sys
from pathlib import Path
from pipeline.shell.parts import new_app, topic

name, kafka, folder = sys.argv[1:]
app = new_app(name, kafka, Path(folder), session_seconds=30)
{settings}

@app.agent(topic(app, [name]))
async def take(stream):
    async for event in stream.events():
        print("took", event.message.offset, flush=True)
        if event.message.offset == 9:
            asyncio.create_task(afterwards())

async def afterwards():
{afterwards}

app.Worker(loglevel="WARNING", redirect_stdouts=False).execute_from_commandline()
"""

ANOTHER_ASSIGNMENT = """
    # As Faust does where assignments change: the flow stops, and the new one is known before it goes on.
    consumer = app.consumer
    consumer.stop_flow()
    await asyncio.sleep(2)  # by now the consumer waits for the flow
    app.consumer_generation_id += 1
    print("again", flush=True)
    sys.stdin.readline()
    consumer.resume_flow()
    app.flow_control.resume()
"""
SOON_TAKEN_FOR_DEAD = """
import pipeline.shell.gapless
app.conf.broker_max_poll_interval, pipeline.shell.gapless.SEEN_SECONDS = 2, {seen}
"""
LONG_SILENCE = """
    member = app.consumer._thread._ensure_consumer()._coordinator
    before = member.generation
    await asyncio.sleep(3 * app.conf.broker_max_poll_interval)
    print("belongs" if member.generation == before else "has left", flush=True)
"""


@contextmanager
def working(
    services: Addresses, topic: str, folder: Path, afterwards: str, settings: str = ""
) -> Iterator[tuple[IO[str], Iterator[str]]]:
    """A worker that does something once it took the ten messages: what it is told, and what it says."""
    program = WORKER.format(afterwards=afterwards, settings=settings)
    worker = subprocess.Popen(
        [sys.executable, "-c", program, topic, services.need("kafka"), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        yield worker.stdin, map(str.strip, iter(worker.stdout.readline, ""))
    finally:
        worker.kill()
        worker.wait()


def test_what_is_read_for_a_new_assignment_is_not_let_go_of_as_the_last_ones(
    services: Addresses, topic: str, tmp_path: Path
) -> None:
    with working(services, topic, tmp_path, ANOTHER_ASSIGNMENT) as (told, said):
        while next(said) != "again":
            pass
        producer = Producer({"bootstrap.servers": services.need("kafka")})
        producer.produce(topic, b"x", partition=0)
        producer.flush(10)
        print(file=told, flush=True)
        assert next(said) == "took 10"


@pytest.mark.parametrize(("seen", "then"), [(0.5, "belongs"), (60, "has left")])
def test_where_nothing_comes_for_long_a_worker_is_not_taken_for_dead(
    services: Addresses, topic: str, tmp_path: Path, seen: float, then: str
) -> None:
    with working(services, topic, tmp_path, LONG_SILENCE, SOON_TAKEN_FOR_DEAD.format(seen=seen)) as (_, said):
        assert next(one for one in said if one in ("belongs", "has left")) == then
