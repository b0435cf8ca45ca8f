"""The stages as they run in a stream: each decodes, calls the pure function of its folder, and says what to do. Which
of them run in one step stands in `pipeline.flow.STEPS`.

The order in which a stage's outputs become durable is the transport's business (`Outbox`); what makes repeats harmless
stands here, beside each stage.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from weakref import WeakValueDictionary

import orjson
import structlog

from pipeline.alert.alert import Change, reconsider, shows, without
from pipeline.alert.alert import Kept as Matched
from pipeline.alert.standing import Standing as StandingQueries
from pipeline.enrich.enrich import Reference, enrich
from pipeline.enrich.model import Enriched
from pipeline.errors import Refused
from pipeline.flow import ALERT, ALERTS_TOPIC, ENRICH, FUSE, INDEX, MATCH, RELEASE, REPORT
from pipeline.fuse.graph import Graph, MatchKey, key_of
from pipeline.index.last import Action, Kept, actions
from pipeline.match.block import Block, put
from pipeline.match.candidate import Candidate
from pipeline.match.compare import Match
from pipeline.match.judgement import Judged
from pipeline.match.spread import Entry, Snapshot, Spread, Variant
from pipeline.match.text import REPORT_KIND
from pipeline.release.policy import Groups, Policies, version_of
from pipeline.release.step import Context, Standing, step
from pipeline.report.avro import decode, schema_id_of, validate
from pipeline.report.latest import Seen, goes_on, state_key
from pipeline.report.model import Report
from pipeline.shell.crowds import crowd_row
from pipeline.shell.metrics import CROWDED
from pipeline.shell.outbox import Incoming, Outbox, Rows, broke_on, partition_of

log = structlog.get_logger()

LONG_AGO = datetime.min.replace(tzinfo=UTC)

TABLES = {
    REPORT.name: (RELEASE.name, REPORT.name),
    MATCH.name: (MATCH.name,),
    FUSE.name: (FUSE.name,),
    INDEX.name: (ALERT.name, INDEX.name),
}
"""The tables of each agent (by its first stage), in the order in which their rows are kept: a row that lets a repeat
stop comes after all that the repeat would make again."""


class Plain:
    """A stage that has nothing to do at a batch's end, and remembers nothing but its rows."""

    def settle(self, outbox: Outbox) -> None:
        pass

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        pass


class ArrivalStage(Plain):
    """Report, enrich and release in one step, since all three go by the report's id.

    A publisher may have a rule of its own for which partition a report stands in. What release keeps must stand where
    time and policy look for it, so a report from elsewhere goes there first, on enrich's topic."""

    name = REPORT.name

    def __init__(self, reporting: ReportStage, releasing: ReleaseStage) -> None:
        self.reporting = reporting
        self.releasing = releasing

    def take(self, message: Incoming, outbox: Outbox) -> None:
        if message.topic == ENRICH.topic:
            report: Report | None = Report.model_validate_json(message.value)
        else:
            report = self.reporting.newest(message, outbox)
        if report is None:
            return
        if partition_of(report.id.encode(), self.releasing.partitions) != message.partition:
            outbox.send(ENRICH.topic, report.id, report.model_dump_json(by_alias=True).encode())
            return
        with breaking(ENRICH.name):
            enriched = enrich(report, self.releasing.reference)
        with breaking(RELEASE.name):
            self.releasing.release(message.partition, enriched, outbox)

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        if table == RELEASE.name:
            self.releasing.load(rows)


class ReportStage:
    """Repeats stop here only once their report has gone on: the row is kept after all that release says of it."""

    name = REPORT.name

    def __init__(self, rows: Rows, schema_of: Callable[[int], str | None]) -> None:
        self.rows = rows
        self.schema_of = schema_of

    def newest(self, message: Incoming, outbox: Outbox) -> Report | None:
        """The report that a message brings; none where the same or a newer revision has gone on. Raises Refused."""
        schema_id = schema_id_of(message.value)
        schema = self.schema_of(schema_id)
        if schema is None:
            reason = f"schema {schema_id} is not in the registry; publish through a connector, or register the schema"
            raise Refused(self.name, reason, schema_id=schema_id)
        report = validate(decode(message.value, schema), schema_id=schema_id)
        owner = message.topic.removeprefix(REPORT.topic + ".")
        if report.agency != owner:
            reason = f"it says it is of agency {report.agency}, but stands on the topic of {owner}; publish it there"
            raise Refused(self.name, reason, schema_id=schema_id)
        key = state_key(report)
        kept = self.rows.get(message.partition, key)
        seen = goes_on(Seen(**orjson.loads(kept)) if kept else None, report)
        if seen is None:
            return None
        outbox.keep(self.name, message.partition, key, asdict(seen))
        return report


class ReleaseStage:
    """Sends whole snapshots, so a repeat replaces itself. Snapshots are acknowledged before entries are sent: a match
    can then never reach fuse before the views it was made of."""

    name = RELEASE.name

    def __init__(self, rows: Rows, partitions: int, reference: Reference, policy: tuple[Policies, Groups]) -> None:
        self.rows = rows
        self.partitions = partitions
        self.reference = reference
        self.take_policy(*policy)
        self.due: dict[str, datetime] = {}
        """state key -> when its release changes next."""
        self.keys: set[str] = set()
        """Every state key kept, so that a new policy can be applied to all."""
        self.clock: Callable[[], datetime] = _now

    def take_policy(self, policies: Policies, groups: Groups) -> None:
        """From now on this policy decides. What was released under another must be looked at again."""
        self.policies, self.groups = policies, groups
        self.version = version_of(policies, groups)

    def look_again(self, key: str, outbox: Outbox) -> None:
        """Release what stands under a state key anew: time or policy has changed."""
        partition = partition_of(key.split("|", 1)[1].encode(), self.partitions)
        kept = self.rows.get(partition, key)
        if kept is not None:
            self.release(partition, Standing.model_validate_json(kept).enriched, outbox)

    def due_now(self) -> list[str]:
        """State keys whose moment has come, the earliest first."""
        now = self.clock()
        return sorted((key for key, moment in self.due.items() if moment <= now), key=self.due.__getitem__)

    def release(self, partition: int, enriched: Enriched, outbox: Outbox) -> None:
        key = state_key(enriched.report)
        kept = self.rows.get(partition, key)
        context = Context(
            self.policies, self.groups, self.version, self.clock(), lambda left: enrich(left, self.reference)
        )
        done = step(Standing.model_validate_json(kept) if kept else None, enriched, context)
        if done is None:
            return
        if done.audit is not None:
            outbox.audit.append(done.audit)
        send_spread(done.sent, self.partitions, outbox)
        outbox.keep(self.name, partition, key, done.standing.model_dump_json(by_alias=True).encode())
        self._remember(key, done.standing)

    def _remember(self, key: str, standing: Standing) -> None:
        self.keys.add(key)
        if standing.changes is None:
            self.due.pop(key, None)
        else:
            self.due[key] = standing.changes
        if standing.policy != self.version:  # the policy was changed while no worker was there to take it
            self.due[key] = LONG_AGO

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        self.due, self.keys = {}, set()
        for key, value in rows:
            self._remember(key, Standing.model_validate_json(value))


class MatchStage(Plain):
    """A match once made stays true, so sending it again does no harm (see `pipeline.match.block`)."""

    name = MATCH.name

    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.known: WeakValueDictionary[str, Candidate] = WeakValueDictionary()
        """print -> candidate: one stands under many keys, and is held once, for as long as it stands anywhere."""
        self.crowded: set[str] = set()
        """Keys under which somebody sees too many, for the operator."""

    def take(self, message: Incoming, outbox: Outbox) -> None:
        broken: list[str] = []
        for told in orjson.loads(message.value):
            sides = self._sides(told)
            for key in told.pop("keys"):
                entry, one = Entry(sys.intern(key), sys.intern(told["id"]), told["revision"], sides), Outbox()
                try:
                    broken += self._put(message.partition, entry, told | {"key": key}, one)
                except Exception as error:  # of this entry; the others of the message are taken
                    broken.append(type(error).__name__)
                else:
                    outbox.add(one)
        if broken:
            what = f"{broken[0]} in {len(broken)} comparisons; all others are made"
            outbox.refuse(message, Refused(self.name, broke_on(what)))

    def _put(self, partition: int, entry: Entry, row: dict[str, Any], outbox: Outbox) -> tuple[str, ...]:
        """Put an entry into its block. Returns the names of the errors that comparisons broke on."""
        done = put(self.blocks.setdefault(entry.key, Block()), entry)
        if not self.blocks[entry.key].entries:
            del self.blocks[entry.key]
        if done.changed:
            outbox.keep(self.name, partition, _row(entry.key, entry.id), row if entry.sides else None)
        scope, kind, _ = entry.key.split("|", 2)
        about = {"scope": scope, "kind": kind}
        if done.crowded is not None:
            state = "too many under one key" if done.crowded else "no longer too many under one key"
            log.warning(state, kind=kind, readers=sorted(done.crowded))
            (self.crowded.add if done.crowded else self.crowded.discard)(entry.key)
            CROWDED.set(len(self.crowded))
            outbox.then.append(crowd_row(entry.key, kind, crowded=bool(done.crowded)))
            outbox.send(FUSE.topic, f"{scope}|{kind}", about | {"crowd": entry.key, "readers": sorted(done.crowded)})
        for match in done.matches:
            outbox.send(FUSE.topic, f"{scope}|{kind}", about | {"match": vars(match)})
        return done.broken

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        self.blocks = {}
        for _, value in rows:
            values = orjson.loads(value)
            # One key stands in many entries, and one id in many blocks: each text is held once.
            key, id_ = sys.intern(values["key"]), sys.intern(values["id"])
            entry = Entry(key, id_, values["revision"], self._sides(values))
            self.blocks.setdefault(entry.key, Block()).place(entry)
        self.crowded = {key for key, block in self.blocks.items() if block.crowded}
        CROWDED.set(len(self.crowded))

    def _sides(self, values: dict[str, Any]) -> tuple[tuple[tuple[str, ...], Candidate], ...]:
        sides = []
        for readers, candidate, *told in values["sides"]:
            known = self.known.get(told[0]) if told else None
            read = known or Candidate.from_json(candidate)
            sides.append((_once(tuple(readers)), known or self.known.setdefault(read.print, read)))
        return tuple(sides)


class FuseStage:
    """Publishes every id of a touched component, shown or not, so that whatever a crash left half published is put
    right by the repeat.

    What breaks when a batch is settled is refused as a message that asks to look at it again. All that came stands in
    the graph and its rows by then, so a replay of that message after mending publishes it as it is."""

    name = FUSE.name

    def __init__(self, version: Callable[[], int] | None = None) -> None:
        self.graphs: dict[tuple[str, str], Graph] = {}
        self.version = version or Versions()
        self.last: dict[tuple[str, str], Incoming] = {}
        """The message of this batch that each graph took last."""

    def take(self, message: Incoming, outbox: Outbox) -> None:
        values = orjson.loads(message.value)
        scope, kind = values["scope"], values["kind"]
        graph = self.graphs.setdefault((scope, kind), Graph(kind))
        self.last[scope, kind] = message
        if "again" in values:
            graph.touch(values["again"])
            return
        if "match" in values:
            match = Match(**values["match"])
            if graph.put_match(match):
                outbox.keep(self.name, message.partition, _match_row(scope, kind, key_of(match)), message.value)
            return
        if "crowd" in values:
            graph.put_crowd(values["crowd"], frozenset(values["readers"]))
            row = _row(values["crowd"], "crowd")
            outbox.keep(self.name, message.partition, row, message.value if values["readers"] else None)
            return
        snapshot = read_snapshot(values)
        taken, void = graph.put_snapshot(snapshot)
        if taken:
            outbox.keep(self.name, message.partition, _row(snapshot.key, snapshot.report), message.value)
        for key in void:
            outbox.keep(self.name, message.partition, _match_row(scope, kind, key), None)

    def settle(self, outbox: Outbox) -> None:
        # In an order of their own: which graph came to be first may tell of a report that a reader is not shown.
        for (scope, kind), graph in sorted(self.graphs.items(), key=lambda item: item[0]):
            settled, broken = graph.settle()
            for one in broken:
                again = orjson.dumps({"scope": scope, "kind": kind, "again": one.ids})
                what = f"{one.error}; {len(one.readers)} readers are not shown {len(one.ids)} of kind {kind} until then"
                outbox.refuse(self.last[scope, kind]._replace(value=again), Refused(self.name, broke_on(what)))
            for published in settled:
                # A ref may be a phone in one revision and a person in the next: each graph speaks of its own kind's.
                doc, id_ = ("report", published.id) if kind == REPORT_KIND else ("entity", f"{kind}:{published.id}")
                outbox.send(
                    INDEX.topic,
                    id_,
                    {
                        "scope": scope,
                        "doc": doc,
                        "id": id_,
                        "version": self.version(),
                        "documents": published.documents,
                    },
                )
        self.last.clear()

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        self.graphs = {}
        for _, value in rows:
            values = orjson.loads(value)
            graph = self.graphs.setdefault((values["scope"], values["kind"]), Graph(values["kind"]))
            if "match" in values:
                graph.put_match(Match(**values["match"]))
            elif "crowd" in values:
                graph.put_crowd(values["crowd"], frozenset(values["readers"]))
            else:
                graph.put_snapshot(read_snapshot(values))
        for graph in self.graphs.values():
            graph.touched.clear()


class DocumentStage(Plain):
    """Index and alert in one step, since both go by the document's id. Alerts do not wait for Elasticsearch: what an
    outbox sends goes out before its documents are written.

    Where alerts break on a document, it is indexed all the same, and refused under alert's name: the replay of that
    message does both again."""

    name = INDEX.name

    def __init__(self, indexing: IndexStage, alerting: AlertStage) -> None:
        self.indexing = indexing
        self.alerting = alerting

    def take(self, message: Incoming, outbox: Outbox) -> None:
        values = orjson.loads(message.value)
        todo = self.indexing.write(message.partition, values, outbox)
        of_alerts = Outbox()
        try:
            with breaking(ALERT.name):
                self.alerting.look_at(message.partition, todo, of_alerts)
        except Refused as error:
            outbox.refuse(message, error)
        else:
            outbox.add(of_alerts)

    def load(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        if table == ALERT.name:
            self.alerting.load(rows)


class IndexStage:
    """Writes what differs from what it last wrote; a repeat that was written already is written again, in order."""

    name = INDEX.name

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def write(self, partition: int, values: dict[str, Any], outbox: Outbox) -> list[Action]:
        """What Elasticsearch is to do for what fuse published under one id (see `pipeline.index.last.actions`)."""
        key = f"{values['scope']}|{values['doc']}|{values['id']}"
        kept = self.rows.get(partition, key)
        done = actions(Kept(**orjson.loads(kept)) if kept else None, values)
        if done is None:
            return []
        now, todo = done
        outbox.actions += todo
        outbox.keep(self.name, partition, key, asdict(now))
        return todo


BROUGHT = 64 * 1024
"""Bytes of an alert that brings its document along; a longer one is fetched."""


class AlertStage:
    """Raises and withdraws by what it kept of each document. A repeat that was dealt with changes nothing; one that was
    sent and not kept is sent again under the same ids."""

    name = ALERT.name

    def __init__(self, rows: Rows, partitions: int, standing: StandingQueries) -> None:
        self.rows = rows
        self.partitions = partitions
        self.standing = standing
        self.alerting: dict[tuple[str, str], set[str]] = {}
        """(saved search, reader) -> keys of the rows with an alert of it, so that it can be withdrawn."""
        self.clock: Callable[[], datetime] = _now

    def look_at(self, partition: int, actions: Iterable[Action], outbox: Outbox) -> None:
        """What changes for the readers who have standing queries. actions: all of one document's id."""
        changes = [
            Change(one.scope, one.reader, one.doc, one.id, one.version, one.document)
            for one in actions
            if self.standing.wanted(one.scope, one.reader)
        ]
        if not changes:
            return
        key = f"{changes[0].scope}|{changes[0].doc}|{changes[0].id}"
        before = self._kept(partition, key)
        done = reconsider(before, changes, self.standing, self.clock())
        if done is None:
            return
        now, told = done
        documents = {change.reader: change.document for change in changes}
        for alert in told.raised:
            document = documents[alert.reader]
            said = orjson.dumps(vars(alert) | {"shows": shows(document) if document is not None else None})
            if len(said) > BROUGHT:
                said = orjson.dumps(vars(alert) | {"shows": None})
            outbox.send(ALERTS_TOPIC, alert.key, said)
        for gone in told.withdrawn:
            outbox.take_away(ALERTS_TOPIC, gone)
        self._keep(partition, key, before, now, outbox)

    def sweep(self, outbox: Outbox) -> None:
        """Withdraw the alerts of queries that no longer stand for their reader."""
        time, rows = self.clock(), dict[str, dict[str, set[str]]]()
        for (saved, reader), keys in self.alerting.items():
            if not self.standing.stands(saved, reader, time):
                for key in keys:
                    rows.setdefault(key, {}).setdefault(reader, set()).add(saved)
        for key, gone in rows.items():
            scope, doc, id_ = key.split("|", 2)
            partition = partition_of(id_.encode(), self.partitions)
            before = self._kept(partition, key)
            if before is not None:
                now, withdrawn = without(before, (scope, doc, id_), gone)
                for one in withdrawn:
                    outbox.take_away(ALERTS_TOPIC, one)
                self._keep(partition, key, before, now, outbox)

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        self.alerting = {}
        for key, value in rows:
            self._remember(key, None, Matched(**orjson.loads(value)))

    def _kept(self, partition: int, key: str) -> Matched | None:
        kept = self.rows.get(partition, key)
        return Matched(**orjson.loads(kept)) if kept else None

    def _keep(self, partition: int, key: str, before: Matched | None, now: Matched, outbox: Outbox) -> None:
        outbox.keep(self.name, partition, key, asdict(now))
        self._remember(key, before, now)

    def _remember(self, key: str, before: Matched | None, now: Matched) -> None:
        for reader, ids in (before.matched if before else {}).items():
            for saved in ids:
                self.alerting[saved, reader].discard(key)
                if not self.alerting[saved, reader]:
                    del self.alerting[saved, reader]
        for reader, ids in now.matched.items():
            for saved in ids:
                self.alerting.setdefault((saved, reader), set()).add(key)


@contextmanager
def breaking(stage: str) -> Iterator[None]:
    """What breaks in here is refused under this stage's name."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Refused(stage, broke_on(type(error).__name__)) from error


class Versions:
    """Fuse's own clock: microseconds since 1970, always rising. After a restart it stands above all it gave before,
    which a counter kept in a table does not once a crash has taken the last of it."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> int:
        self.last = max(self.last + 1, time.time_ns() // 1000)
        return self.last


TOGETHER = 100
"""Entries that go to match in one message, at most: of a large report too, some 100 KiB."""


def send_spread(sent: Spread, partitions: int, outbox: Outbox) -> None:
    """What release sends to fuse and to match. partitions: of match's topic."""
    for snapshot in sent.snapshots:
        shown = {id_: [variant.to_json() for variant in variants] for id_, variants in snapshot.shown.items()}
        values = {
            "scope": snapshot.scope,
            "kind": snapshot.kind,
            "report": snapshot.report,
            "revision": snapshot.revision,
            "shown": shown,
            "judged": [(readers, one.to_json()) for readers, one in snapshot.judged],
        }
        outbox.send_first(FUSE.topic, snapshot.key, values)
    told = functools.lru_cache(maxsize=None)(Candidate.to_json)  # one candidate stands under many keys
    # What stands in one partition goes there together; and what stands there alike, under several keys, is told once.
    there: dict[int, list[Entry]] = {}
    for entry in sent.entries:
        there.setdefault(partition_of(entry.key.encode(), partitions), []).append(entry)
    for entries in there.values():
        for start in range(0, len(entries), TOGETHER):
            alike: dict[Any, list[str]] = {}
            for entry in entries[start : start + TOGETHER]:
                alike.setdefault((entry.id, entry.revision, entry.sides), []).append(entry.key)
            told_together = [
                {
                    "id": id_,
                    "revision": revision,
                    "keys": keys,
                    "sides": [(readers, told(candidate), candidate.print) for readers, candidate in sides],
                }
                for (id_, revision, sides), keys in alike.items()
            ]
            outbox.send(MATCH.topic, entries[start].key, told_together)


def read_snapshot(values: dict[str, Any]) -> Snapshot:
    shown = {id_: tuple(Variant.from_json(one) for one in variants) for id_, variants in values["shown"].items()}
    judged = tuple((tuple(readers), Judged.from_json(one)) for readers, one in values["judged"])
    return Snapshot(values["scope"], values["kind"], values["report"], values["revision"], shown, judged)


@functools.lru_cache(maxsize=4096)
def _once(readers: tuple[str, ...]) -> tuple[str, ...]:
    """The same readers, held once: few sets of them stand in very many entries."""
    return readers


def _row(key: str, id_: str) -> str:
    return f"{key}\n{id_}"


def _match_row(scope: str, kind: str, key: MatchKey) -> str:
    return "\n".join((scope, kind, *key))


def _now() -> datetime:
    return datetime.now(UTC)
