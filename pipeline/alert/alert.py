"""The alert stage: what a reader's document raises and withdraws, given what it matched before.

At rest the alerts that stand are exactly the pairs of a standing query and a document of its reader that matches it,
in any order of arrival, with any repeats. Only `at` tells of time.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from pipeline.alert.standing import Looked, Standing
from pipeline.report.model import NAMESPACE
from pipeline.search.question import HIDDEN_FIELDS

Document = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A reader's index has taken this document, or lost it (None). id: as the index has it (`Action.id`)."""

    scope: str
    reader: str
    doc: str
    id: str
    version: int
    document: Document | None


@dataclass(frozen=True)
class Alert:
    """One that stands. Whoever lists it fetches its document from the reader's own index; a message that raises it
    brings the document along (`shows`), so that it can be told at once."""

    id: str
    saved: str
    reader: str
    scope: str
    doc: str
    document: str
    at: str

    @property
    def place(self) -> str:
        """Where it stands in the order of time: `at` and, of those of one moment, `id`."""
        return f"{self.at}_{self.id}"

    @property
    def key(self) -> str:
        """What it stands under, and what is all that is left of it once withdrawn."""
        return key_of(self.reader, self.saved, self.id)


LONGEST = 64 * 1024
"""Bytes of a document that an alert brings along; a longer one is fetched."""


def shows(document: Document) -> Document | None:
    """A document as its reader is shown it; None where it is too long to bring along."""
    shown = {name: value for name, value in document.items() if name not in HIDDEN_FIELDS}
    return shown if len(orjson.dumps(shown)) <= LONGEST else None


@dataclass
class Kept:
    """What was last decided for one document: for each reader whose queries it matches, their ids."""

    version: int
    matched: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Done:
    raised: list[Alert] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    """Their keys."""


def reconsider(
    kept: Kept | None, changes: list[Change], standing: Standing, time: datetime
) -> tuple[Kept, Done] | None:
    """What stands from now on for one document, and what must be told; nothing for a version that was dealt with.

    changes: of one document and version, for each reader whose document changed. A change that still matches raises
    its alert again, under the same id.
    """
    version = changes[0].version
    if kept is not None and version <= kept.version:
        return None
    matched = dict(kept.matched) if kept else {}
    done = Done()
    seen: dict[int, Looked] = {}
    for change in changes:
        before = matched.pop(change.reader, [])
        now: list[str] = []
        if change.document is not None:
            if id(change.document) not in seen:
                seen[id(change.document)] = Looked(change.document)
            now = standing.matching(change.scope, change.reader, seen[id(change.document)], time)
        if now:
            matched[change.reader] = now
        at = time.astimezone(UTC).isoformat(timespec="microseconds")  # always as long, so that text sorts as time
        for saved in now:
            id_ = alert_id(saved, change.reader, change.scope, change.doc, change.id)
            done.raised.append(Alert(id_, saved, change.reader, change.scope, change.doc, change.id, at))
        done.withdrawn += withdrawn((change.scope, change.doc, change.id), change.reader, set(before) - set(now))
    return Kept(version, matched), done


def without(kept: Kept, about: tuple[str, str, str], gone: Mapping[str, set[str]]) -> tuple[Kept, list[str]]:
    """What stands once these queries (reader -> ids) no longer stand, and the keys of the alerts withdrawn."""
    left = {reader: [one for one in ids if one not in gone.get(reader, ())] for reader, ids in kept.matched.items()}
    keys = [
        key
        for reader, ids in kept.matched.items()
        for key in withdrawn(about, reader, set(ids) & gone.get(reader, set()))
    ]
    return Kept(kept.version, {reader: ids for reader, ids in left.items() if ids}), keys


def withdrawn(about: tuple[str, str, str], reader: str, queries: set[str]) -> list[str]:
    return [key_of(reader, saved, alert_id(saved, reader, *about)) for saved in sorted(queries)]


def alert_id(saved: str, reader: str, scope: str, doc: str, document: str) -> str:
    """A UUIDv5 of the saved search, the reader and the document: the same whenever it is raised."""
    return str(uuid.uuid5(NAMESPACE, "\n".join((saved, reader, scope, doc, document))))


def key_of(reader: str, saved: str, id_: str) -> str:
    return f"{reader} {saved} {id_}"
