"""The pipeline on Faust: an agent for each of `pipeline.flow.STEPS`, a table where a stage keeps something. What each
stage does stands in `pipeline.shell.stages`, how messages travel in `pipeline.shell.transport`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from elasticsearch import Elasticsearch

from pipeline.addresses import partitions
from pipeline.alert.standing import Standing
from pipeline.audit.events import policy_taken
from pipeline.enrich.enrich import load_reference
from pipeline.flow import ENRICH, FUSE, GROUP, INDEX, MATCH, RELEASE, REPORT, SAVED_TOPIC, agency_topic
from pipeline.release.load import load_policy
from pipeline.release.policy import Groups
from pipeline.search.keeping import saved_of
from pipeline.shell.elastic import Writer
from pipeline.shell.follow import Follower
from pipeline.shell.metrics import DUE
from pipeline.shell.outbox import Outbox
from pipeline.shell.parts import keeping, new_app, new_producer, topic
from pipeline.shell.registry import schema_reader
from pipeline.shell.sending import Sender
from pipeline.shell.settings import Settings
from pipeline.shell.stages import (
    TABLES,
    AlertStage,
    ArrivalStage,
    DocumentStage,
    FuseStage,
    IndexStage,
    MatchStage,
    ReleaseStage,
    ReportStage,
)
from pipeline.shell.topics import ensure_topics
from pipeline.shell.transport import Lane, S, Table, Transport, stopping
from pipeline.shell.watch import watch_policy

LOOK_SECONDS = 0.5
"""How often release looks for reports whose moment has come. DESIGN asks for 5 s from the moment to the index."""
SWEEP_SECONDS = 2.0
"""How often alerts are withdrawn whose saved search was deleted, or is shared no more. Nobody is shown them before."""
LOOK_BATCH = 20
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

    app = new_app(GROUP, settings.kafka, settings.data, settings.session_seconds)
    app.begin_anew = False
    writer = Writer(Elasticsearch(settings.elasticsearch, request_timeout=60))
    transport = Transport(app, settings.kafka, Sender(new_producer(settings.kafka)), writer.write)

    def new_arrivals(released: Table, reported: Table) -> ArrivalStage:
        return ArrivalStage(
            ReportStage(reported, schema_reader(settings.registry)),
            ReleaseStage(released, partitions(), reference, policy),
        )

    def new_documents(alerted: Table, indexed: Table) -> DocumentStage:
        return DocumentStage(IndexStage(indexed), AlertStage(alerted, partitions(), standing))

    arriving = keeping(app, new_arrivals, *TABLES[REPORT.name])
    releasing, arrivals = arriving.stage.releasing, [*map(agency_topic, agencies), ENRICH.topic]
    matching = keeping(app, lambda _: MatchStage(), *TABLES[MATCH.name])
    fusing = keeping(app, lambda _: FuseStage(), *TABLES[FUSE.name])
    documenting = keeping(app, new_documents, *TABLES[INDEX.name])

    @app.agent(topic(app, arrivals), name=REPORT.name)
    async def report(stream: Any) -> None:
        await transport.serve(arriving, stream)

    @app.agent(topic(app, [MATCH.topic]), name=MATCH.name)
    async def match(stream: Any) -> None:
        await transport.serve(matching, stream)

    @app.agent(topic(app, [FUSE.topic]), name=FUSE.name)
    async def fuse(stream: Any) -> None:
        await transport.serve(fusing, stream)

    @app.agent(topic(app, [INDEX.topic]), name=INDEX.name)
    async def index(stream: Any) -> None:
        await transport.serve(documenting, stream)

    async def work(lane: Lane[S], do: Callable[[S, Outbox], None]) -> None:
        """Let a stage do what no message asks for."""
        async with lane.lock, stopping(lane.stage.name):
            outbox = Outbox()
            async with transport.working():
                generation = app.consumer_generation_id
                if app.rebalancing or not transport.current(generation, lane):
                    return  # it remembers what others may have by now; once it has recovered it is asked again
                do(lane.stage, outbox)
                lane.pending.update(outbox.rows)
            await transport.deliver(lane, outbox, generation)

    async def look_again(keys: list[str]) -> None:
        for start in range(0, len(keys), LOOK_BATCH):

            def some(stage: ArrivalStage, outbox: Outbox, start: int = start) -> None:
                for key in keys[start : start + LOOK_BATCH]:
                    stage.releasing.look_again(key, outbox)

            await work(arriving, some)

    @app.timer(LOOK_SECONDS)
    async def time_passes() -> None:
        DUE.set(len(releasing.due))
        await look_again(releasing.due_now())

    @app.timer(SWEEP_SECONDS)
    async def searches_end() -> None:
        await work(documenting, lambda stage, outbox: stage.alerting.sweep(outbox))

    @app.task
    async def policy_changes() -> None:
        async for policies, groups in watch_policy(settings.policy):
            if sorted(policies.agencies) != agencies:
                # Topics are subscribed to once, so a worker that is to read a new agency's begins anew.
                log.info("begins anew for other agencies")
                app.begin_anew = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            before = releasing.version
            releasing.take_policy(policies, groups)
            standing.take_groups(groups)
            async with arriving.lock, stopping(RELEASE.name):
                await transport.tell([policy_taken(before, releasing.version, releasing.clock())])
            log.info("policy taken", reports=len(releasing.keys))
            await look_again(sorted(releasing.keys))

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
