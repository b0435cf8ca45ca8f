"""Documents into Elasticsearch: bulk writes that may be repeated in safety."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.flow import index_name
from pipeline.index.last import Action
from pipeline.shell.metrics import DOCUMENTS, WAITING
from pipeline.shell.pauses import growing_pauses
from pipeline.shell.store import ensure_indexes

CHUNK = 2000
"""Actions a bulk request, at most: one or two MiB, well under Elasticsearch's limit of 100 MB. Each request costs a
write to disk for each index that it touches, however little it brings there."""
GATHER_SECONDS = 0.2
"""How long a request that is not full waits for more: ten documents cost Elasticsearch about as much as a hundred, and
what is written can be found only after the next refresh, a second later."""

log = structlog.get_logger()

Rejected = tuple[Action, str]
"""An action that Elasticsearch will never take, and what it said (its error's type alone)."""


@dataclass
class _Asked:
    """Actions that somebody waits for: how many are left, and which Elasticsearch rejects."""

    left: int
    done: asyncio.Future[list[Rejected]]
    rejected: list[Rejected] = field(default_factory=list)

    def take(self, action: Action, why: str = "") -> None:
        """It is done; or never will be, and why."""
        self.left -= 1
        if why:
            self.rejected.append((action, why))
        if not self.left and not self.done.done():
            self.done.set_result(self.rejected)


Pair = tuple[Action, _Asked]


@dataclass
class Writer:
    """Puts actions into each reader's own indexes, one request at a time: what is asked for meanwhile goes together
    into the next, since a request costs about the same for ten documents as for a hundred. Of several for one document
    the newest alone is sent.

    Versions are external: an older write than the one that stands is answered with a conflict, which is as good as
    done. So a batch may be written twice, in whole or in part.
    """

    client: Elasticsearch
    known: set[tuple[str, str]] = field(default_factory=set)
    waiting: deque[Pair] = field(default_factory=deque)
    working: asyncio.Task[None] | None = None

    async def write(self, actions: Sequence[Action]) -> list[Rejected]:
        """All actions, waiting with growing pauses while Elasticsearch does not answer. Returns what it rejects."""
        asked = _Asked(len(actions), asyncio.get_running_loop().create_future())
        self.waiting.extend((action, asked) for action in actions)
        if self.working is None or self.working.done():
            self.working = asyncio.create_task(self._work())
        return await asked.done

    async def _work(self) -> None:
        while self.waiting:
            if len(self.waiting) < CHUNK:
                await asyncio.sleep(GATHER_SECONDS)
            taken = [self.waiting.popleft() for _ in range(min(CHUNK, len(self.waiting)))]
            try:
                await self._all(taken)
            except Exception as error:
                for _, asked in taken:
                    if not asked.done.done():
                        asked.done.set_exception(error)

    async def _all(self, left: list[Pair]) -> None:
        for pause in growing_pauses():
            documents = _by_document(left)
            try:
                said = await asyncio.to_thread(self._bulk, [pairs[-1][0] for pairs in documents])
            except (TransportError, ApiError) as error:
                log.warning("elasticsearch does not take documents", error=type(error).__name__, pause=pause)
                WAITING.set(1)
            else:
                left = []
                for pairs, (status, what) in zip(documents, said, strict=True):
                    if status in (429, 503):
                        left += pairs
                    elif what:
                        action, asked = pairs.pop()
                        asked.take(action, what)
                        left += pairs  # what stood before it stands in its place
                    else:
                        for action, asked in pairs:
                            asked.take(action)
            if not left:
                WAITING.set(0)
                return
            await asyncio.sleep(pause)

    def _bulk(self, actions: Sequence[Action]) -> list[tuple[int, str]]:
        """One request. Returns for each action its status, and why it will never be taken, empty where it was."""
        for action in actions:
            if (action.scope, action.reader) not in self.known:
                ensure_indexes(self.client, action.scope, action.reader)
                self.known.add((action.scope, action.reader))
        answer = self.client.bulk(operations=list(_lines(actions)))
        said: list[tuple[int, str]] = []
        for item in answer["items"]:
            ((kind, result),) = item.items()
            status = result["status"]
            fine = status < 400 or status in (409, 429, 503) or (kind == "delete" and status == 404)
            said.append((status, "" if fine else result.get("error", {}).get("type", str(status))))
            DOCUMENTS.labels(kind).inc()
        return said


def _by_document(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Those of each document together, the newest version last."""
    together: dict[tuple[str, str, str, str], list[Pair]] = {}
    for action, asked in pairs:
        together.setdefault((action.scope, action.reader, action.doc, action.id), []).append((action, asked))
    for of_one in together.values():
        of_one.sort(key=lambda pair: pair[0].version)
    return list(together.values())


def _lines(actions: Sequence[Action]) -> Iterator[Any]:
    for action in actions:
        target = {
            "_index": index_name(action.scope, action.reader, action.doc),
            "_id": action.id,
            "version": action.version,
            "version_type": "external_gte",
        }
        if action.document is None:
            yield orjson.dumps({"delete": target})
        else:
            yield orjson.dumps({"index": target})
            yield orjson.dumps(action.document)
