"""The API over documents of the reference engine in a real Elasticsearch, for tests that ask it as every reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.addresses import Addresses
from pipeline.enrich.enrich import load_reference
from pipeline.flow import index_name
from pipeline.release.policy import Agency, Groups, Policies
from pipeline.report.model import Report
from pipeline.search.api import Context, create_app
from pipeline.search.api.context import Limits
from pipeline.search.cursor import Cursors
from pipeline.search.doors import Doors
from pipeline.search.limits import Limiter, Rate
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.memory import fuse
from pipeline.shell.store import ElasticStore, ensure_indexes

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MUCH = Rate(1_000_000, 1_000_000)
"""Tests ask more than people do."""


@dataclass
class Served:
    """`ask` goes through the whole application; `audited` is what it told the audit."""

    http: TestClient
    tokens: dict[str, str]
    audited: list[dict[str, Any]]
    store: ElasticStore
    time: list[datetime] = field(default_factory=lambda: [NOW])

    def ask(self, reader: str, path: str, method: str = "GET", json: Any = None, **parameters: Any) -> Response:
        headers = {"authorization": f"Bearer {self.tokens[reader]}"}
        return self.http.request(method, path, params=parameters, headers=headers, json=json)

    def fill(self, reports: Iterable[Report], policies: Policies, groups: Groups, scope: str = "live") -> None:
        """Put the documents of these reports, and no other, into every reader's indexes."""
        client = self.store.client
        empty(client)
        exercise = scope.removeprefix("exercise-") if scope != "live" else None
        for reader in self.tokens:
            ensure_indexes(client, scope, reader)
            made = fuse(reports, policies, groups, reader, NOW, load_reference(), exercise)
            bulk(client, ({"_index": index_name(scope, reader, one["doc"]), "_id": one["id"], "_source": one} for one in made))  # fmt: skip
        client.indices.refresh(index="gabung.*")


def empty(client: Elasticsearch) -> None:
    for name in client.indices.get(index="gabung.*", ignore_unavailable=True):
        client.indices.delete(index=name)


@contextmanager
def serving(services: Addresses, folder: Path, readers: Iterable[str], **more: Any) -> Iterator[Served]:
    """The application for these readers, without a document yet."""
    tokens, store = Tokens(folder / "tokens.yaml"), ElasticStore(services.need("elasticsearch"))
    audited: list[dict[str, Any]] = []
    clock = [NOW]
    known = tuple(readers)
    doors = Doors(tokens, Sessions(folder / "sessions.db", lambda: clock[0]), lambda: known)
    limits = Limits(Limiter(MUCH), Limiter(MUCH), Limiter(MUCH), Limiter(MUCH))
    context = Context(store, audited.append, doors, lambda: clock[0], lambda: {"status": "ok"}, limits=limits, cursors=Cursors(b"k" * 32), **more)  # fmt: skip
    with TestClient(create_app(context)) as http:
        yield Served(http, {reader: tokens.issue(reader)[1] for reader in known}, audited, store, clock)
    empty(store.client)


def agencies(*ids: str) -> Policies:
    return Policies({id_: Agency(id_, id_) for id_ in ids})


def report(agency: str, source_id: str, to: list[str], **more: Any) -> Report:
    marking = {"tlp": "AMBER", "release_to": to, **more.pop("marking", {})}
    base = {"agency": agency, "source_id": source_id, "revision": 1, "op": "upsert", "kind": "seizure",
            "title": f"Laporan {source_id}", "reported_at": "2026-10-01T00:00:00Z"}  # fmt: skip
    return Report.model_validate(base | more | {"marking": marking})
