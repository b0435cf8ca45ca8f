"""What a worker is made of: the Faust app, its producer, topics of raw bytes, and stages with their tables."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import faust
import structlog
from confluent_kafka import Producer

from pipeline.addresses import partitions
from pipeline.shell.collector import TIDY_SECONDS, Collector
from pipeline.shell.fetch import LARGEST
from pipeline.shell.gapless import Careful
from pipeline.shell.quick import Raw
from pipeline.shell.transport import Lane, S, Table

DELIVERY_SECONDS = 120
"""After which a message that the broker has not taken is given up, and its worker stops."""
SWITCH_SECONDS = 0.0005
"""How long a thread may go on while another waits for the interpreter."""

log = structlog.get_logger()


def new_app(group: str, kafka: str, data: Path, session_seconds: int) -> Any:
    """group: the workers that share the work. data: the folder of this worker's tables, made where it is not there.
    session_seconds: how long it may be silent before others take what it has."""
    data.mkdir(parents=True, exist_ok=True)
    app: Any = faust.App(
        group,
        broker="aiokafka://" + ";".join(kafka.split(",")),
        store="rocksdb://",
        datadir=data,
        topic_partitions=partitions(),
        topic_replication_factor=1,  # unused: `ensure_topics` has made every topic with the broker's own factor
        topic_disable_leader=True,
        topic_allow_declare=True,
        web_enabled=False,
        stream_buffer_maxsize=4096,
        stream_wait_empty=False,
        broker_commit_interval=0.5,
        broker_max_poll_records=2000,
        broker_session_timeout=session_seconds,
        broker_request_timeout=60,
        producer_max_request_size=LARGEST,
        consumer_max_fetch_size=LARGEST,
        consumer_auto_offset_reset="earliest",
        key_serializer="raw",
        value_serializer="raw",
    )
    app.transport.Consumer = Careful
    # Kafka's threads want the interpreter often and for moments; by its own rule each waits 5 ms for it.
    sys.setswitchinterval(SWITCH_SECONDS)
    # For each partition of each fetch it would make a record that nobody reads.
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    collector = Collector()

    @app.timer(TIDY_SECONDS)
    async def tidy() -> None:
        collector.tidy()

    return app


def new_producer(kafka: str) -> Producer:
    return Producer(
        {
            "bootstrap.servers": kafka,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "partitioner": "murmur2_random",  # as `partition_of` does
            "linger.ms": 0.5,  # all there is comes at once, and a journey waits so four times
            "delivery.timeout.ms": DELIVERY_SECONDS * 1000,
            "message.max.bytes": LARGEST,
            "queue.buffering.max.messages": 200_000,
        }
    )


def topic(app: Any, names: Iterable[str]) -> Any:
    raw = Raw(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    return app.topic(*names, schema=raw)


def keeping(app: Any, make: Callable[..., S], *names: str) -> Lane[S]:
    """A stage made of the tables of these names, in the order in which their rows are kept. Each is given back to the
    stage after every recovery."""
    tables = [Table(app, name) for name in names]
    lane = Lane(make(*tables), tables)
    for table in tables:
        table.table.on_recover(partial(_remember, app, lane, table))
    return lane


async def _remember(app: Any, lane: Lane[Any], table: Table) -> None:
    lane.pending = {}
    lane.stage.load(table.name, table.items())
    # What is remembered stays for long: the collector need not walk it again and again, the longer the more.
    gc.freeze()
    table.generation = app.consumer_generation_id
    log.info("remembers", stage=table.name)
