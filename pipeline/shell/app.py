"""The pipeline on Faust: one agent a stage, a table where a stage keeps something. What each stage does stands in
`pipeline.shell.stages`, how messages travel in `pipeline.shell.transport`."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import faust
import structlog
from confluent_kafka import Producer
from elasticsearch import Elasticsearch

from pipeline.addresses import partitions
from pipeline.alert.standing import Standing
from pipeline.audit.events import policy_taken
from pipeline.enrich.enrich import load_reference
from pipeline.flow import ALERT, ENRICH, FUSE, GROUP, INDEX, MATCH, RELEASE, REPORT, SAVED_TOPIC, agency_topic
from pipeline.release.load import load_policy
from pipeline.release.policy import Groups
from pipeline.search.keeping import saved_of
from pipeline.shell.elastic import Writer
from pipeline.shell.follow import Follower
from pipeline.shell.gapless import Careful
from pipeline.shell.metrics import DUE
from pipeline.shell.outbox import Outbox, Stage
from pipeline.shell.registry import schema_reader
from pipeline.shell.settings import Settings
from pipeline.shell.stages import (
    AlertStage,
    EnrichStage,
    FuseStage,
    IndexStage,
    MatchStage,
    ReleaseStage,
    ReportStage,
)
from pipeline.shell.topics import ensure_topics
from pipeline.shell.transport import Table, Transport, stopping
from pipeline.shell.watch import watch_policy

LOOK_SECONDS = 0.5
"""How often release looks for reports whose moment has come. DESIGN asks for 5 s from the moment to the index."""
SWEEP_SECONDS = 2.0
"""How often alerts are withdrawn whose saved search was deleted, or is shared no more. Nobody is shown them before."""
LOOK_BATCH = 200
"""Reports released anew at a time, so that new ones are not held up by a change of policy."""

log = structlog.get_logger()


def build(settings: Settings) -> Any:
    """The whole pipeline as a Faust app, ready to run as a worker.

    Raises ServiceMissing or WrongUse before anything is started.
    """
    policy = load_policy(settings.policy)
    agencies = sorted(policy[0].agencies)
    ensure_topics(settings.kafka, agencies)
    reference = load_reference()
    standing, searches = _standing(settings.kafka, policy[1])

    settings.data.mkdir(parents=True, exist_ok=True)
    app: Any = faust.App(
        GROUP,
        broker="aiokafka://" + ";".join(settings.kafka.split(",")),
        store="rocksdb://",
        datadir=settings.data,
        topic_partitions=partitions(),
        topic_replication_factor=1,  # unused: `ensure_topics` has made every topic with the broker's own factor
        topic_disable_leader=True,
        topic_allow_declare=True,
        web_enabled=False,
        stream_buffer_maxsize=4096,
        stream_wait_empty=False,
        broker_commit_interval=0.5,
        broker_max_poll_records=2000,
        broker_session_timeout=settings.session_seconds,
        broker_request_timeout=60,
        producer_max_request_size=8 * 2**20,
        consumer_max_fetch_size=8 * 2**20,
        consumer_auto_offset_reset="earliest",
        key_serializer="raw",
        value_serializer="raw",
    )
    app.transport.Consumer = Careful
    app.begin_anew = False
    producer = Producer(
        {
            "bootstrap.servers": settings.kafka,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 2,
            "message.max.bytes": 8 * 2**20,
            "queue.buffering.max.messages": 200_000,
        }
    )
    writer = Writer(Elasticsearch(settings.elasticsearch, request_timeout=60))
    transport = Transport(app, settings.kafka, producer, writer.write)

    def stage_of(make: Callable[[Any], Stage], name: str) -> tuple[Any, Table, asyncio.Lock]:
        """A stage that keeps something: its table is given back to it after every recovery."""
        table = Table(app, name)
        stage = make(table)

        async def remember() -> None:
            table.pending.clear()
            stage.load(table.items())
            # What is remembered stays for long: the collector need not walk it again and again, the longer the more.
            gc.freeze()
            table.generation = app.consumer_generation_id
            log.info("remembers", stage=name)

        table.table.on_recover(remember)
        return stage, table, asyncio.Lock()

    def topic(names: Iterable[str]) -> Any:
        return app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    report_stage = stage_of(lambda table: ReportStage(table, schema_reader(settings.registry)), REPORT.name)
    release_stage = stage_of(lambda table: ReleaseStage(table, partitions(), reference, policy), RELEASE.name)
    match_stage = stage_of(lambda _: MatchStage(), MATCH.name)
    fuse_stage = stage_of(lambda _: FuseStage(), FUSE.name)
    index_stage = stage_of(lambda table: IndexStage(table, standing.wanted), INDEX.name)
    alert_stage = stage_of(lambda table: AlertStage(table, partitions(), standing), ALERT.name)

    @app.agent(topic(agency_topic(agency) for agency in agencies), name=REPORT.name)
    async def report(stream: Any) -> None:
        await transport.serve(report_stage[0], stream, *report_stage[1:])

    @app.agent(topic([ENRICH.topic]), name=ENRICH.name)
    async def enrich(stream: Any) -> None:
        await transport.serve(EnrichStage(reference), stream, None, asyncio.Lock())

    @app.agent(topic([RELEASE.topic]), name=RELEASE.name)
    async def release(stream: Any) -> None:
        await transport.serve(release_stage[0], stream, *release_stage[1:])

    @app.agent(topic([MATCH.topic]), name=MATCH.name)
    async def match(stream: Any) -> None:
        await transport.serve(match_stage[0], stream, *match_stage[1:])

    @app.agent(topic([FUSE.topic]), name=FUSE.name)
    async def fuse(stream: Any) -> None:
        await transport.serve(fuse_stage[0], stream, *fuse_stage[1:])

    @app.agent(topic([INDEX.topic]), name=INDEX.name)
    async def index(stream: Any) -> None:
        await transport.serve(index_stage[0], stream, *index_stage[1:])

    @app.agent(topic([ALERT.topic]), name=ALERT.name)
    async def alert(stream: Any) -> None:
        await transport.serve(alert_stage[0], stream, *alert_stage[1:])

    async def look_again(keys: list[str]) -> None:
        stage, table, lock = release_stage
        for start in range(0, len(keys), LOOK_BATCH):
            async with lock, stopping(RELEASE.name):
                generation = app.consumer_generation_id
                if not transport.current(generation, table):
                    return  # it remembers what others may have by now; once it has recovered it looks anew
                outbox = Outbox()
                for key in keys[start : start + LOOK_BATCH]:
                    stage.look_again(key, outbox)
                table.pending.update(outbox.rows)
                await transport.deliver(RELEASE.name, outbox, table, generation)

    @app.timer(LOOK_SECONDS)
    async def time_passes() -> None:
        DUE.set(len(release_stage[0].due))
        if not app.rebalancing:
            await look_again(release_stage[0].due_now())

    @app.timer(SWEEP_SECONDS)
    async def searches_end() -> None:
        stage, table, lock = alert_stage
        async with lock, stopping(ALERT.name):
            generation = app.consumer_generation_id
            if app.rebalancing or not transport.current(generation, table):
                return
            outbox = Outbox()
            stage.sweep(outbox)
            table.pending.update(outbox.rows)
            await transport.deliver(ALERT.name, outbox, table, generation)

    @app.task
    async def policy_changes() -> None:
        async for policies, groups in watch_policy(settings.policy):
            if sorted(policies.agencies) != agencies:
                # Topics are subscribed to once, so a worker that is to read a new agency's begins anew.
                log.info("begins anew for other agencies")
                app.begin_anew = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            before = release_stage[0].version
            release_stage[0].take_policy(policies, groups)
            standing.take_groups(groups)
            async with release_stage[2], stopping(RELEASE.name):
                told = policy_taken(before, release_stage[0].version, release_stage[0].clock())
                await transport.deliver(RELEASE.name, Outbox(audit=[told]), None, None)
            log.info("policy taken", reports=len(release_stage[0].keys))
            await look_again(sorted(release_stage[0].keys))

    @app.task
    async def tell_when_ready() -> None:
        # Not until it has partitions: of three workers on four partitions Faust leaves one without any, to stand by.
        while app.rebalancing or not app.tables.recovery.completed.is_set():
            await asyncio.sleep(0.1)
        log.info("ready", partitions=len(app.consumer.assignment()))
        if settings.ready_file:
            Path(settings.ready_file).write_text("ready\n", encoding="utf-8")

    @app.task
    async def searches_are_saved() -> None:
        searches.start()

    return app


def _standing(kafka: str, groups: Groups) -> tuple[Standing, Follower]:
    """The standing queries of all saved searches there are; what is saved from now on is followed once started."""
    standing = Standing(groups)

    def take(_: str, key: str, value: bytes | None) -> None:
        if (found := saved_of(key, value)) is not None:
            id_, saved = found
            if saved is None:
                standing.remove(id_)
            else:
                standing.put(saved)

    follower = Follower(kafka, (SAVED_TOPIC,), take)
    follower.catch_up()
    return standing, follower
