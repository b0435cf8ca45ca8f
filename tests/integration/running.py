"""The real pipeline, started and ended by a test: workers as processes, exactly as `gabung up` starts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from elasticsearch import Elasticsearch

from connectors.publish import Publisher
from pipeline.addresses import Addresses
from pipeline.flow import GROUP, index_name
from pipeline.release.policy import Groups, Policies
from pipeline.report.model import Report
from pipeline.shell.lag import lags
from pipeline.shell.topics import ensure_topics

SESSION_SECONDS = 20
"""How long the broker waits for a worker that was killed: less than else, so that tests do not wait for it, and enough
for a busy machine, where workers that live would be taken for dead over and over (10 s was too little)."""
WORKER = ("-m", "pipeline.shell.worker")
CROWDED_WORKER = """
import sys
from pipeline.match import block
from pipeline.shell.worker import main
block.CROWD = {crowd}
sys.exit(main())
"""


@dataclass
class Running:
    """Workers on real services, under one policy folder. crowd: how many under one blocking key are too many, where a
    test wants fewer than a worker's own number."""

    addresses: Addresses
    policy: Path
    work: Path
    crowd: int | None = None
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start workers, `worker-1` where none is named, and wait until each reads its partitions."""
        started = [self._begin(name) for name in names or ("worker-1",)]
        until = time.monotonic() + 300
        for name, ready in started:
            while not ready.exists():
                assert self.workers[name].poll() is None, f"{name} ended: {self.log(name)}"
                assert time.monotonic() < until, f"{name} is not ready: {self.log(name)}"
                time.sleep(0.1)

    def _begin(self, name: str) -> tuple[str, Path]:
        ready = self.work / f"{name}.ready"
        ready.unlink(missing_ok=True)
        environment = os.environ | {
            "GABUNG_POLICY": str(self.policy),
            "GABUNG_WORKER": name,
            "GABUNG_DATA": str(self.work / "tables" / name),
            "GABUNG_READY_FILE": str(ready),
            "GABUNG_SESSION_SECONDS": str(SESSION_SECONDS),
        }
        program = WORKER if self.crowd is None else ("-c", CROWDED_WORKER.format(crowd=self.crowd))
        with (self.work / f"{name}.log").open("ab") as log:
            self.workers[name] = subprocess.Popen([sys.executable, *program], env=environment, stdout=log, stderr=log)
        return name, ready

    def kill(self, name: str) -> None:
        """SIGKILL: no goodbye, no commit, no flush."""
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()

    def take_away(self, name: str) -> None:
        """SIGTERM: it ends by itself, and for good."""
        worker = self.workers.pop(name)
        worker.terminate()
        assert worker.wait(60) == 0, self.log(name)

    def stop(self) -> None:
        for worker in self.workers.values():
            worker.terminate()
        for worker in self.workers.values():
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self.workers.clear()

    def log(self, name: str) -> str:
        return (self.work / f"{name}.log").read_text(errors="replace")[-3000:]

    def publish(self, reports: Iterable[Report], partitioner: str | None = None) -> None:
        """As connectors do it; or with another rule of librdkafka's for which partition a report stands in."""
        publisher = Publisher()
        if partitioner is not None:
            publisher.producer = Producer({"bootstrap.servers": publisher.kafka, "partitioner": partitioner})
        for report in reports:
            publisher.publish(report, lambda _: None)
        publisher.flush()

    def rest(self, seconds: float = 240) -> None:
        """Wait until every lag is zero, twice in a row, and Elasticsearch shows what was written."""
        until = time.monotonic() + seconds
        calm = 0
        while calm < 2:
            behind = lags(self.addresses.need("kafka"))
            calm = 0 if any(behind.values()) else calm + 1
            assert time.monotonic() < until, f"still behind: {behind}; {[self.log(name) for name in self.workers]}"
            for name, worker in self.workers.items():
                assert worker.poll() is None, f"{name} ended: {self.log(name)}"
            time.sleep(0.3)
        self.client.indices.refresh(index="gabung.*")

    @property
    def client(self) -> Elasticsearch:
        return Elasticsearch(self.addresses.need("elasticsearch"), request_timeout=60)

    def documents(self, reader: str, scope: str = "live") -> list[dict[str, Any]]:
        """All that stands in a reader's own indexes, sorted as `gabung fuse` sorts."""
        found = []
        for doc in ("entity", "report"):
            body: dict[str, Any] = {"size": 5000, "sort": ["_doc"]}
            index = index_name(scope, reader, doc)
            if self.client.indices.exists(index=index):
                found += [hit["_source"] for hit in self.client.search(index=index, body=body)["hits"]["hits"]]
        return sorted(found, key=lambda document: (document["doc"], document["id"]))


def _forget_group(admin: AdminClient) -> None:
    """Take the workers' group away. One that was killed is a member until the broker has missed it for 30 s."""
    until = time.monotonic() + 60
    while any(one.group_id == GROUP for one in admin.list_consumer_groups().result().valid):
        try:
            admin.delete_consumer_groups([GROUP])[GROUP].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.NON_EMPTY_GROUP or time.monotonic() > until:
                raise
            time.sleep(0.5)


@contextmanager
def running(addresses: Addresses, policies: Policies, groups: Groups, work: Path) -> Iterator[Running]:
    """A fresh pipeline without data: topics, indexes and tables of former tests are taken away first."""
    admin = AdminClient({"bootstrap.servers": addresses.need("kafka")})
    old = [name for name in admin.list_topics(timeout=10).topics if name.startswith("gabung")]
    for done in (admin.delete_topics(old) if old else {}).values():
        done.result()
    _forget_group(admin)
    client = Elasticsearch(addresses.need("elasticsearch"), request_timeout=60)
    for name in client.indices.get(index="gabung.*", ignore_unavailable=True):
        client.indices.delete(index=name)
    until = time.monotonic() + 30
    while any(name.startswith("gabung") for name in admin.list_topics(timeout=10).topics):
        assert time.monotonic() < until, "Kafka does not let go of the old topics"
        time.sleep(0.2)
    folder = work / "policy"
    shutil.rmtree(folder, ignore_errors=True)
    write_policy(folder, policies, groups)
    ensure_topics(addresses.need("kafka"), policies.agencies)
    pipeline = Running(addresses, folder, work)
    try:
        yield pipeline
    finally:
        pipeline.stop()


def write_policy(folder: Path, policies: Policies, groups: Groups) -> None:
    """A policy as the files that an operator would write."""
    (folder / "release").mkdir(parents=True, exist_ok=True)

    def put(name: str, values: Any) -> None:
        part = folder / f"{name}.part"
        part.parent.mkdir(exist_ok=True)
        part.write_text(yaml.safe_dump(values, allow_unicode=True))
        part.rename(folder / name)

    put("agencies.yaml", {"agencies": [{"id": one.id, "name": one.name} for one in policies.agencies.values()]})
    put("groups.yaml", {"groups": [
        {"id": group.id, "name": group.name, "owner": group.owner, "retired": group.retired, "members": [
            {"agency": one.agency, **({"from": one.start} if one.start else {}), **({"until": one.end} if one.end else {})}
            for one in group.members
        ]} for group in groups.values()
    ]})  # fmt: skip
    for agency, rules in policies.rules.items():
        put(f"release/{agency}.yaml", {"agency": agency, "rules": [
            {
                "name": f"{rule.name} {at}", "effect": rule.effect, "to": list(rule.to),
                "when": {"kind": list(rule.kinds), "tlp": list(rule.tlps), "caveats": list(rule.caveats)},
                "fields": [path.text for path in rule.fields],
            } for at, rule in enumerate(rules)
        ]})  # fmt: skip
