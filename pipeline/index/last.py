"""The index stage: what to write and what to delete, given what was last written for a document's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson


@dataclass(frozen=True)
class Action:
    """Write `document` into a reader's index under an id and version, or delete what stands there (None).

    id: the report's id, or an entity's kind and id (`person:<mention id>`).
    """

    scope: str
    reader: str
    doc: str
    id: str
    version: int
    document: dict[str, Any] | None


@dataclass(frozen=True)
class Kept:
    """What was last done for one id: fuse's version of it, and for each reader who has it, the document's digest."""

    version: int
    digests: dict[str, str] = field(default_factory=dict)


def actions(kept: Kept | None, published: Mapping[str, Any]) -> tuple[Kept, list[Action]] | None:
    """What stands from now on, and what must be done for it; nothing for a version older than what stands.

    published: {scope, doc, id, version, documents: [[readers, document], …]}; readers not named have no document.
    A document that has not changed is not written again.
    """
    version = published["version"]
    if kept is not None and version < kept.version:
        return None
    before = kept.digests if kept else {}
    now: dict[str, str] = {}
    todo: list[Action] = []
    about = (published["scope"], published["doc"], published["id"])
    for readers, document in published["documents"]:
        digest = blake2b(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()
        for reader in readers:
            now[reader] = digest
            if before.get(reader) != digest:
                todo.append(_action(about, reader, version, document))
    todo += [_action(about, reader, version, None) for reader in sorted(before.keys() - now.keys())]
    return Kept(version, now), todo


def _action(about: tuple[str, str, str], reader: str, version: int, document: dict[str, Any] | None) -> Action:
    scope, doc, id_ = about
    return Action(scope, reader, doc, id_, version, document)
