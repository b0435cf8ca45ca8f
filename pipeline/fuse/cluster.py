"""Clusters: which of the things that one reader may see are the same. A function of what is visible, and no more.

A chain of matches is not enough: A may be like B, and B like C, where A and C cannot be one (connected components would
make them so). Clusters therefore grow together, the strongest match first, and two become one only where what all their
members show, feature by feature on average, still says that they are the same. What a person has judged goes before
everything: "not the same" keeps apart whatever else joins, and "same" joins whatever else keeps apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.match.candidate import Candidate
from pipeline.match.compare import PRIORS, Match, bits_by_feature
from pipeline.match.judgement import Judged
from pipeline.match.weights import JOIN_BITS

SAMPLE = 6
"""Members of each side by which two clusters are compared, no two of them alike: work stays bounded however big they
are."""


@dataclass(frozen=True)
class Cluster:
    """Ids that are the same thing, rising; the fewest matches that hold them together, strongest first; and the
    judgements that speak of them, the oldest first."""

    ids: tuple[str, ...]
    joined: tuple[Match, ...]
    judged: tuple[Judged, ...] = ()


@dataclass
class _Group:
    """sample: what a member looks like -> the smallest id that looks so, for the SAMPLE smallest of these ids."""

    ids: list[str]
    sample: dict[str, str]
    joined: list[Match] = field(default_factory=list)


def cluster(visible: Mapping[str, Candidate], matches: Iterable[Match], judged: Iterable[Judged] = ()) -> list[Cluster]:
    """Clusters of the visible candidates, in the order of their smallest id. What names other ids is left out: a hidden
    mention joins nothing, and keeps nothing apart."""
    of = {id_: _Group([id_], {candidate.looks: id_}) for id_, candidate in visible.items()}
    known = [one for one in sorted(judged, key=Judged.order) if one.a in visible and one.b in visible]
    kept_apart: dict[str, set[str]] = {}
    for one in known:
        if not one.same:
            kept_apart.setdefault(one.a, set()).add(one.b)
            kept_apart.setdefault(one.b, set()).add(one.a)

    def join(match: Match, fits: Callable[[_Group, _Group], bool]) -> None:
        a, b = of[match.a], of[match.b]
        if a is b or _apart(a.ids, b.ids, kept_apart) or not fits(a, b):
            return
        if len(a.ids) < len(b.ids):
            a, b = b, a
        a.ids += b.ids
        a.sample = _sample(a.sample, b.sample)
        a.joined += [*b.joined, match]
        for id_ in b.ids:
            of[id_] = a

    for one in known:
        if one.same:
            join(one.match(visible), lambda a, b: True)
    for match in strongest_first(matches):
        if match.a in visible and match.b in visible:
            join(match, lambda a, b: _fits(a, b, visible))
    groups = {id(group): group for group in of.values()}.values()
    spoken: dict[int, list[Judged]] = {}
    for one in known:
        for spoken_of in {id(of[one.a]), id(of[one.b])}:
            spoken.setdefault(spoken_of, []).append(one)
    return sorted(
        (
            Cluster(
                tuple(sorted(group.ids)),
                tuple(strongest_first(group.joined)),
                tuple(spoken.get(id(group), ())),
            )
            for group in groups
        ),
        key=lambda made: made.ids,
    )


def _apart(a: Sequence[str], b: Sequence[str], kept_apart: Mapping[str, set[str]]) -> bool:
    return bool(kept_apart) and any(not kept_apart.get(id_, frozenset()).isdisjoint(b) for id_ in a)


def _sample(a: Mapping[str, str], b: Mapping[str, str]) -> dict[str, str]:
    both = {looks: min(one.get(looks, id_), id_) for one, other in ((a, b), (b, a)) for looks, id_ in other.items()}
    return dict(sorted(both.items(), key=lambda item: item[1])[:SAMPLE])


def _fits(a: _Group, b: _Group, visible: Mapping[str, Candidate]) -> bool:
    """Whether two clusters may be one, judged by each feature's average over the pairs that show it. A feature that few
    show weighs as much as one that all do: what is not told contradicts nothing."""
    prior = PRIORS.get(visible[a.ids[0]].kind)
    if prior is None:
        return True
    bits: dict[str, list[float]] = {}
    for one in a.sample.values():
        for other in b.sample.values():
            for feature, worth in bits_by_feature(visible[one], visible[other]).items():
                bits.setdefault(feature, []).append(worth)
    return prior + sum(sum(worth) / len(worth) for worth in bits.values()) >= JOIN_BITS


def strongest_first(matches: Iterable[Match]) -> Sequence[Match]:
    return sorted(matches, key=lambda match: (-match.score, match.a, match.b, match.feature, match.says))
