"""One reader's own indexes at one time: every answer is got through here, decided again, and told to the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.audit.events import searched
from pipeline.report.model import scope_of
from pipeline.search.elastic import to_elastic
from pipeline.search.question import standing_at
from pipeline.search.store import Store

DOCS = ("report", "entity")

Audit = Callable[[dict[str, Any]], None]
"""Told who is shown what, before the answer goes out. Raises ServiceMissing where it cannot be told."""


def standing(time: datetime) -> list[dict[str, Any]]:
    """Filters of a search that leave out what no longer stands at `time`."""
    return [to_elastic(standing_at(time))]


def stands(document: Mapping[str, Any], time: datetime) -> bool:
    """Whether a document may still be shown at `time`: it has not expired, and no grant that it rests on has ended."""
    ends = (document.get("valid_until"), document.get("marking", {}).get("expires_at"))
    return all(end is None or datetime.fromisoformat(end) > time for end in ends)


@dataclass(frozen=True)
class Access:
    """`exercise` is that of the documents asked for, or none for live ones."""

    store: Store
    audit: Audit
    reader: str
    exercise: str | None
    time: datetime

    @property
    def scope(self) -> str:
        return scope_of(self.exercise)

    def search(self, docs: Sequence[str], body: dict[str, Any]) -> dict[str, Any]:
        """An Elasticsearch response, without hits that no longer stand. Raises ServiceMissing, WrongUse."""
        return self._standing(self.store.search(self.scope, self.reader, tuple(docs), body))

    def several(self, asked: Sequence[tuple[Sequence[str], dict[str, Any]]]) -> list[dict[str, Any]]:
        """The responses to several searches, in their order."""
        if not asked:
            return []
        wanted = [(tuple(docs), body) for docs, body in asked]
        return [self._standing(one) for one in self.store.msearch(self.scope, self.reader, wanted)]

    def tell(self, asked: Mapping[str, Any], documents: Iterable[Mapping[str, Any]]) -> None:
        """Tell the audit that these documents are about to be shown."""
        scope = {"exercise": self.exercise} if self.exercise else {}
        self.audit(searched(self.reader, {**asked, **scope}, documents, self.time))

    def _standing(self, response: dict[str, Any]) -> dict[str, Any]:
        hits = [hit for hit in response["hits"]["hits"] if stands(hit["_source"], self.time)]
        return response | {"hits": response["hits"] | {"hits": hits}}


def documents(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The documents of a response, in its order."""
    return [hit["_source"] for hit in response["hits"]["hits"]]
