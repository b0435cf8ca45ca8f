"""From one reader's clusters to that reader's documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from pipeline.fuse.cluster import Cluster, cluster
from pipeline.index.document import Document, entity_document, report_document
from pipeline.match.candidate import Candidate
from pipeline.match.compare import Match
from pipeline.match.judgement import Judged
from pipeline.match.spread import Variant
from pipeline.match.text import REPORT_KIND

NEIGHBOURS = 8
"""With so many that look different a bearer of an identity is matched, so that one that does not fit parts nobody."""


def documents(
    kind: str, visible: Mapping[str, Variant], matches: Iterable[Match], judged: Iterable[Judged] = ()
) -> dict[str, Document]:
    """All documents of one kind for a reader who sees `visible` (id -> variant) and these judgements, by their ids.

    A match counts only where it was made of the very prints that this reader sees.
    """
    candidates = {id_: variant.candidate for id_, variant in visible.items()}
    seen = [
        match
        for match in matches
        if match.a in visible
        and match.b in visible
        and candidates[match.a].print == match.a_print
        and candidates[match.b].print == match.b_print
    ]
    seen += along_identities(candidates)
    make = _reports if kind == REPORT_KIND else _entity
    made: dict[str, Document] = {}
    for together in cluster(candidates, seen, judged):
        made.update(make(together, visible))
    return made


def along_identities(visible: Mapping[str, Candidate]) -> list[Match]:
    """Matches between those who bear the same identity: those who look alike each with the next, and of those who look
    different the first with each of the NEIGHBOURS before it, in the order of their ids."""
    bearers: dict[str, dict[str, list[str]]] = {}
    for id_ in sorted(visible):
        for key in visible[id_].identities:
            bearers.setdefault(key, {}).setdefault(visible[id_].looks, []).append(id_)
    found: list[Match] = []
    for key, alike in bearers.items():
        firsts: list[str] = []
        for ids in alike.values():
            pairs = [*pairwise(ids), *((other, ids[0]) for other in firsts[-NEIGHBOURS:])]
            firsts.append(ids[0])
            for one, other in pairs:
                a, b = visible[min(one, other)], visible[max(one, other)]
                identity = a.identities[key]
                found.append(Match(a.id, a.print, b.id, b.print, identity.score, identity.feature, identity.says))
    return found


def _entity(together: Cluster, visible: Mapping[str, Variant]) -> dict[str, Document]:
    contents = {id_: visible[id_].content for id_ in together.ids}
    document = entity_document(contents, together.joined, together.judged, _earliest(together, visible))
    return {document["id"]: document}


def _reports(together: Cluster, visible: Mapping[str, Variant]) -> dict[str, Document]:
    ends = _earliest(together, visible)
    return {
        id_: report_document(visible[id_].content, together.ids, together.joined, together.judged, ends)
        for id_ in together.ids
    }


def _earliest(together: Cluster, visible: Mapping[str, Variant]) -> str | None:
    """When the first of all that the document rests on is seen no more."""
    ends = [visible[id_].ends for id_ in together.ids] + [one.ends for one in together.judged]
    return min((end for end in ends if end), key=datetime.fromisoformat, default=None)
