"""The streaming stages on lists: many workers, any order, any redelivery, crashes anywhere. No clock, no Kafka.

It runs the very stages that Faust runs, with the steps of `Transport.deliver` in the same order, and lets a chooser
decide who goes next, how much is read, whether the next batch is taken while the last ones are still on their way, and
after which step a worker dies. At rest it must hold what
`pipeline.shell.memory` gives.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import dropwhile, pairwise, takewhile
from random import Random
from typing import Any

import orjson

import schemas
from pipeline.alert.standing import Standing
from pipeline.enrich.enrich import Reference
from pipeline.errors import Refused
from pipeline.flow import ALERTS_TOPIC, INDEX, MATCH, REPORT, STEPS, STREAMED, agency_topic
from pipeline.index.document import Document
from pipeline.index.last import Action
from pipeline.release.policy import Groups, Policies
from pipeline.report.avro import encode
from pipeline.report.model import Report
from pipeline.search.saved import Saved
from pipeline.shell.outbox import Incoming, Outbox, Outgoing, Pending, Stage, attempt, forget, partition_of
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
    Versions,
)

SCHEMA_ID = 1
DELIVERY = ("audit", "first", "then", "actions", "rows")
"""After each of these, and after the rows of each table, a worker may die, before anything is acknowledged."""
SENT = 4
"""Parts of a delivery that may go on before those of the batches before it are all done, each behind its like."""
UNDER_WAY = 3
"""Batches of a stage that may be on their way at once."""

Place = tuple[str, str, int]
"""Step (by its first stage), topic and partition that it reads."""


@dataclass
class Partition:
    """One partition of one table, as it lasts when a worker dies. pending: the rows that its step has not kept yet."""

    name: str
    pending: Pending = field(default_factory=dict)
    rows: dict[str, bytes] = field(default_factory=dict)

    def get(self, partition: int, key: str) -> bytes | None:
        if (self.name, partition, key) in self.pending:
            return self.pending[self.name, partition, key]
        return self.rows.get(key)

    def keep(self, made: Pending) -> None:
        for (name, _, key), value in made.items():
            if name == self.name and value is None:
                self.rows.pop(key, None)
            elif name == self.name and value is not None:
                self.rows[key] = value


@dataclass
class UnderWay:
    """A batch that was taken, and is not yet acknowledged. done: how many of its steps are."""

    place: Place
    size: int
    outbox: Outbox
    steps: Iterator[str]
    done: int = 0


class Rehearsal:
    """The whole pipeline with `partitions` workers a stage, each with one partition."""

    def __init__(
        self,
        policies: Policies,
        groups: Groups,
        time: datetime,
        reference: Reference,
        *,
        random: Random,
        partitions: int = 2,
        crashes: float = 0.0,
        misplaced: float = 0.0,
    ) -> None:
        """misplaced: how many of the reports their publishers put into a partition of their own choice."""
        self.policies, self.groups, self.time, self.reference = policies, groups, time, reference
        self.random, self.partitions, self.crashes, self.misplaced = random, partitions, crashes, misplaced
        self.log: dict[tuple[str, int], list[Incoming]] = defaultdict(list)
        self.read: dict[Place, int] = defaultdict(int)
        self.acknowledged: dict[Place, int] = defaultdict(int)
        self.under_way: dict[tuple[str, int], deque[UnderWay]] = defaultdict(deque)
        self.pending: dict[tuple[str, int], Pending] = defaultdict(dict)
        self.tables = {
            (table, at): Partition(table, self.pending[step, at])
            for step, tables in TABLES.items()
            for table in tables
            for at in range(partitions)
        }
        self.workers: dict[tuple[str, int], Stage] = {}
        self.indexes: dict[tuple[str, str, str], dict[str, tuple[int, Document]]] = defaultdict(dict)
        self.refused: list[tuple[Incoming, Refused]] = []
        self.audit: list[dict[str, Any]] = []
        self.versions = Versions()
        self.standing = Standing(groups)
        self.topics = {stage.topic: step[0].name for step in STEPS for stage in step if stage in STREAMED}
        self.topics |= {agency_topic(agency): REPORT.name for agency in policies.agencies}

    def publish(self, report: Report) -> None:
        message = Outgoing(agency_topic(report.agency), report.id.encode(), encode(report, SCHEMA_ID))
        misplaced = self.misplaced and self.random.random() < self.misplaced
        self.send(message, self.random.randrange(self.partitions) if misplaced else None)

    def send(self, message: Outgoing, at: int | None = None) -> None:
        """at: the partition, if another than the key's."""
        at = partition_of(message.key, self.partitions) if at is None else at
        log = self.log[message.topic, at]
        log.append(Incoming(message.topic, at, len(log), message.key, message.value or b""))

    def run(self) -> None:
        """Until every stage has dealt with all there is."""
        while waiting := [
            (name, topic, at)
            for (topic, at), log in self.log.items()
            if (name := self.topics.get(topic)) and self.acknowledged[name, topic, at] < len(log)
        ]:
            self._go_on(*self.random.choice(waiting))

    def pass_time(self, time: datetime) -> None:
        """It is later; release looks again at what is due, and alerts at who is a member."""
        self.time = time
        self._sweep()
        self._look_again(lambda stage: stage.due_now())

    def take_policy(self, policies: Policies, groups: Groups) -> None:
        self.policies, self.groups = policies, groups
        self.standing.take_groups(groups)
        self._sweep()
        for worker in self.workers.values():
            if isinstance(worker, ArrivalStage):
                worker.releasing.take_policy(policies, groups)
        self._look_again(lambda stage: sorted(stage.keys))

    def restart(self, policies: Policies, groups: Groups) -> None:
        """Every worker dies, and what comes up again finds another policy."""
        self.policies, self.groups = policies, groups
        self.standing.take_groups(groups)
        for name, at in list(self.workers):
            self._die(name, at)
        self._sweep()
        self._look_again(lambda stage: stage.due_now())

    def documents(self, reader: str, scope: str = "live") -> list[Document]:
        """What stands in a reader's own indexes, sorted by doc and id."""
        standing = [doc for kind in ("entity", "report") for _, doc in self.indexes[scope, reader, kind].values()]
        return sorted(standing, key=lambda document: (document["doc"], document["id"]))

    def save(self, saved: Saved) -> None:
        """A saved search stands from now on, as this says: every worker knows it at once."""
        self.standing.put(saved)
        self._sweep()

    def forget(self, id_: str) -> None:
        self.standing.remove(id_)
        self._sweep()

    def alerts(self, reader: str) -> list[dict[str, Any]]:
        """The alerts that stand for a reader, sorted by id: the newest of each key, as a compacted topic keeps it."""
        newest = {
            one.key: one.value
            for (topic, _), log in self.log.items()
            if topic == ALERTS_TOPIC
            for one in log
            if one.key.startswith(f"{reader} ".encode())
        }
        return sorted((orjson.loads(value) for value in newest.values() if value), key=lambda alert: str(alert["id"]))

    def _sweep(self) -> None:
        for at in range(self.partitions):
            worker = self._worker(INDEX.name, at)
            assert isinstance(worker, DocumentStage)
            outbox = Outbox()
            worker.alerting.sweep(outbox)
            self._at_once(INDEX.name, at, outbox)

    def _look_again(self, keys: Callable[[ReleaseStage], list[str]]) -> None:
        for at in range(self.partitions):
            worker = self._worker(REPORT.name, at)
            assert isinstance(worker, ArrivalStage)
            outbox = Outbox()
            for key in keys(worker.releasing):
                worker.releasing.look_again(key, outbox)
            self._at_once(REPORT.name, at, outbox)

    def _go_on(self, name: str, topic: str, at: int) -> None:
        """Take a batch, or bring one that was taken a step on."""
        place, under_way = (name, topic, at), self.under_way[name, at]
        all_read = self.read[place] == len(self.log[topic, at])
        if under_way and (all_read or len(under_way) == UNDER_WAY or self.random.random() < 0.7):
            self._step(name, at)
            return
        start = self.read[place]
        batch = self.log[topic, at][start : start + self.random.randint(1, 20)]
        outbox = Outbox()
        attempt(self._worker(name, at), batch, outbox, self.pending[name, at])
        self.read[place] += len(batch)
        under_way.append(UnderWay(place, len(batch), outbox, self._deliver(name, at, outbox)))

    def _step(self, name: str, at: int) -> None:
        """Bring the first batch, or one that may go beside it, a step on."""
        under_way = self.under_way[name, at]
        may = [here for before, here in pairwise(under_way) if here.done < min(before.done, SENT)]
        (taken,) = self.random.sample([under_way[0], *may], 1)
        if next(taken.steps, None) is not None:
            taken.done += 1
            self._dies(name, at)
        elif taken is under_way[0]:
            under_way.popleft()
            self.refused += taken.outbox.refused
            self.acknowledged[taken.place] += taken.size

    def _at_once(self, name: str, at: int, outbox: Outbox) -> None:
        """What no message asks for goes behind what is under way; nobody dies of it."""
        self.pending[name, at].update(outbox.rows)
        for taken in self.under_way[name, at]:
            for _ in taken.steps:
                pass
        for _ in self._deliver(name, at, outbox):
            pass

    def _dies(self, name: str, at: int) -> bool:
        dies = self.random.random() < self.crashes / len(DELIVERY)
        if dies:
            self._die(name, at)
        return dies

    def _die(self, name: str, at: int) -> None:
        """A worker is gone, with all that was under way; who comes after it reads from what was acknowledged."""
        self.workers.pop((name, at))
        self.pending[name, at].clear()
        self.under_way[name, at].clear()
        for place in self.read:
            if (place[0], place[2]) == (name, at):
                self.read[place] = self.acknowledged[place]

    def _deliver(self, name: str, at: int, outbox: Outbox) -> Iterator[str]:
        self.audit += outbox.audit
        yield DELIVERY[0]
        for message in outbox.first:
            self.send(message)
        yield DELIVERY[1]
        for message in outbox.then:
            self.send(message)
        yield DELIVERY[2]
        for action in outbox.actions:
            self._write(action)
        yield DELIVERY[3]
        rows = self._together(name, at, outbox)
        for table in TABLES[name]:
            self.tables[table, at].keep(rows)
            yield DELIVERY[4]
        forget(self.pending[name, at], outbox.rows)

    def _together(self, name: str, at: int, outbox: Outbox) -> Pending:
        """The rows of a batch, and of those behind it that are written by now: they are kept together."""
        rows = dict(outbox.rows)
        behind = dropwhile(lambda taken: taken.outbox is not outbox, self.under_way[name, at])
        for taken in takewhile(lambda taken: taken.outbox is outbox or taken.done == SENT, behind):
            rows.update(taken.outbox.rows)
        return rows

    def _write(self, action: Action) -> None:
        """As Elasticsearch does with external versions (greater or equal)."""
        index = self.indexes[action.scope, action.reader, action.doc]
        version = index[action.id][0] if action.id in index else -1
        if action.version < version:
            return
        if action.document is None:
            index.pop(action.id, None)
        else:
            index[action.id] = (action.version, action.document)

    def _worker(self, name: str, at: int) -> Stage:
        if (name, at) not in self.workers:
            tables = [self.tables[table, at] for table in TABLES[name]]
            worker = self._make(name, *tables)
            for table in tables:
                worker.load(table.name, table.rows.items())
            self.workers[name, at] = worker
        return self.workers[name, at]

    def _make(self, name: str, *tables: Partition) -> Stage:
        if name == REPORT.name:
            released, reported = tables
            releasing = ReleaseStage(released, self.partitions, self.reference, (self.policies, self.groups))
            releasing.clock = lambda: self.time
            schema = schemas.report_schema()
            return ArrivalStage(ReportStage(reported, lambda id_: schema if id_ == SCHEMA_ID else None), releasing)
        if name == INDEX.name:
            alerted, indexed = tables
            alerting = AlertStage(alerted, self.partitions, self.standing)
            alerting.clock = lambda: self.time
            return DocumentStage(IndexStage(indexed), alerting)
        return MatchStage() if name == MATCH.name else FuseStage(self.versions)
