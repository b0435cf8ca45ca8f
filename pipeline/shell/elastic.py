"""Documents into Elasticsearch: bulk writes that may be repeated in safety."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.flow import index_name
from pipeline.index.last import Action
from pipeline.shell.metrics import DOCUMENTS, WAITING
from pipeline.shell.pauses import growing_pauses
from pipeline.shell.store import ensure_indexes

CHUNK = 500
"""Actions a bulk request: some hundred KiB, well under Elasticsearch's limit of 100 MB."""

log = structlog.get_logger()

Rejected = tuple[Action, str]
"""An action that Elasticsearch will never take, and what it said (its error's type alone)."""


@dataclass
class Writer:
    """Puts actions into each reader's own indexes.

    Versions are external: an older write than the one that stands is answered with a conflict, which is as good as
    done. So a batch may be written twice, in whole or in part.
    """

    client: Elasticsearch
    known: set[tuple[str, str]] = field(default_factory=set)

    async def write(self, actions: Sequence[Action]) -> list[Rejected]:
        """All actions, waiting with growing pauses while Elasticsearch does not answer. Returns what it rejects."""
        rejected: list[Rejected] = []
        for start in range(0, len(actions), CHUNK):
            left: Sequence[Action] = actions[start : start + CHUNK]
            for pause in growing_pauses():
                try:
                    left, refused = await asyncio.to_thread(self._bulk, left)
                    rejected += refused
                except (TransportError, ApiError) as error:
                    log.warning("elasticsearch does not take documents", error=type(error).__name__, pause=pause)
                    WAITING.set(1)
                if not left:
                    break
                await asyncio.sleep(pause)
            WAITING.set(0)
        return rejected

    def _bulk(self, actions: Sequence[Action]) -> tuple[list[Action], list[Rejected]]:
        """One request. Returns the actions to try again and the ones that are rejected for good."""
        for action in actions:
            if (action.scope, action.reader) not in self.known:
                ensure_indexes(self.client, action.scope, action.reader)
                self.known.add((action.scope, action.reader))
        answer = self.client.bulk(operations=list(_lines(actions)))
        again: list[Action] = []
        rejected: list[Rejected] = []
        for action, item in zip(actions, answer["items"], strict=True):
            ((kind, result),) = item.items()
            status = result["status"]
            if status in (429, 503):
                again.append(action)
            elif status >= 400 and status != 409 and not (kind == "delete" and status == 404):
                rejected.append((action, result.get("error", {}).get("type", str(status))))
            DOCUMENTS.labels(kind).inc()
        return again, rejected


def _lines(actions: Sequence[Action]) -> Iterator[dict[str, Any]]:
    for action in actions:
        target = {
            "_index": index_name(action.scope, action.reader, action.doc),
            "_id": action.id,
            "version": action.version,
            "version_type": "external_gte",
        }
        if action.document is None:
            yield {"delete": target}
        else:
            yield {"index": target}
            yield action.document
