"""Clusters: which of the things that one reader may see are the same. A function of what is visible, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.match.compare import Match


@dataclass(frozen=True)
class Cluster:
    """Ids that are the same thing, rising, and the fewest matches that hold them together, strongest first."""

    ids: tuple[str, ...]
    joined: tuple[Match, ...]


def cluster(ids: Iterable[str], matches: Iterable[Match]) -> list[Cluster]:
    """Connected components by matches between these ids, in the order of their smallest id.

    The matches kept are a maximum spanning forest (Kruskal), so a reader is shown the strongest reasons.
    Matches that name other ids are left out: a hidden mention joins nothing.
    """
    parent = {id_: id_ for id_ in ids}

    def root(id_: str) -> str:
        while parent[id_] != id_:
            parent[id_] = parent[parent[id_]]
            id_ = parent[id_]
        return id_

    kept: list[Match] = []
    for match in strongest_first(matches):
        if match.a not in parent or match.b not in parent:
            continue
        a, b = root(match.a), root(match.b)
        if a != b:
            parent[max(a, b)] = min(a, b)
            kept.append(match)
    members: dict[str, list[str]] = {}
    for id_ in sorted(parent):
        members.setdefault(root(id_), []).append(id_)
    reasons: dict[str, list[Match]] = {}
    for match in kept:
        reasons.setdefault(root(match.a), []).append(match)
    return [Cluster(tuple(together), tuple(reasons.get(first, ()))) for first, together in sorted(members.items())]


def strongest_first(matches: Iterable[Match]) -> Sequence[Match]:
    return sorted(matches, key=lambda match: (-match.score, match.a, match.b, match.feature, match.says))
