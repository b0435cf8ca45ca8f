"""From one reader's clusters to that reader's documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.fuse.cluster import Cluster, cluster
from pipeline.index.document import Document, entity_document, report_document
from pipeline.match.compare import Match
from pipeline.match.spread import Variant
from pipeline.match.text import REPORT_KIND


def documents(kind: str, visible: Mapping[str, Variant], matches: Iterable[Match]) -> dict[str, Document]:
    """All documents of one kind for a reader who sees `visible` (id -> variant), by their ids.

    A match counts only where it was made of the very prints that this reader sees.
    """
    seen = [
        match
        for match in matches
        if match.a in visible
        and match.b in visible
        and visible[match.a].candidate.print == match.a_print
        and visible[match.b].candidate.print == match.b_print
    ]
    seen += along_identities(visible)
    make = _reports if kind == REPORT_KIND else _entity
    made: dict[str, Document] = {}
    for together in cluster(visible, seen):
        made.update(make(together, visible))
    return made


def along_identities(visible: Mapping[str, Variant]) -> list[Match]:
    """Matches between those who bear the same identity: each with the next, in the order of their ids."""
    bearers: dict[str, str] = {}
    found: list[Match] = []
    for id_ in sorted(visible):
        candidate = visible[id_].candidate
        for key, identity in candidate.identities.items():
            before = bearers.get(key)
            if before is not None:
                other = visible[before].candidate
                found.append(
                    Match(before, other.print, id_, candidate.print, identity.score, identity.feature, identity.says)
                )
            bearers[key] = id_
    return found


def _entity(together: Cluster, visible: Mapping[str, Variant]) -> dict[str, Document]:
    members = {id_: visible[id_] for id_ in together.ids}
    contents = {id_: variant.content for id_, variant in members.items()}
    document = entity_document(contents, together.joined, _earliest(members.values()))
    return {document["id"]: document}


def _reports(together: Cluster, visible: Mapping[str, Variant]) -> dict[str, Document]:
    ends = _earliest(visible[id_] for id_ in together.ids)
    return {id_: report_document(visible[id_].content, together.ids, together.joined, ends) for id_ in together.ids}


def _earliest(variants: Iterable[Variant]) -> str | None:
    return min((variant.ends for variant in variants if variant.ends), key=datetime.fromisoformat, default=None)
