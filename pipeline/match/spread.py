"""Views spread out: to match under each blocking key, to fuse by kind.

Every message is a whole snapshot of what one report shows (of one kind, or under one key), empty where it shows
nothing any more. So a message that comes twice, or again after a restart, changes nothing; and a report that is
retracted or narrowed leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pipeline.enrich.model import Enriched, Features
from pipeline.index.document import mention_content, report_content
from pipeline.match.blocking import blocking_keys
from pipeline.match.candidate import Candidate, of_mention, of_report
from pipeline.match.judgement import Judged
from pipeline.match.text import REPORT_KIND
from pipeline.release import iep
from pipeline.release.view import View
from pipeline.report.model import Report, rfc3339


@dataclass(frozen=True)
class Variant:
    """One mention, or one report, as these readers see it. `ends`: when they stop seeing it, RFC 3339."""

    readers: tuple[str, ...]
    candidate: Candidate
    content: dict[str, Any]
    ends: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "readers": self.readers,
            "candidate": self.candidate.to_json(),
            "content": self.content,
            "ends": self.ends,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Variant:
        return cls(
            tuple(values["readers"]), Candidate.from_json(values["candidate"]), values["content"], values.get("ends")
        )


@dataclass(frozen=True)
class Snapshot:
    """To fuse: all that one report shows of one kind. `shown`: id -> its variants, no reader in two of them. `judged`:
    what it judges of that kind, with the readers who may see it; no reader twice."""

    scope: str
    kind: str
    report: str
    revision: int
    shown: dict[str, tuple[Variant, ...]]
    judged: tuple[tuple[tuple[str, ...], Judged], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.scope}|{self.kind}"


@dataclass(frozen=True, slots=True)
class Entry:
    """To match: what stands under one blocking key for one id; no sides where it stands there no more."""

    key: str
    id: str
    revision: int
    sides: tuple[tuple[tuple[str, ...], Candidate], ...]

    @property
    def readers(self) -> frozenset[str]:
        return frozenset(reader for readers, _ in self.sides for reader in readers)


@dataclass(frozen=True)
class Spread:
    """Everything that one release of a report sends on. `kinds` and `keys` are kept to clear them next time."""

    snapshots: tuple[Snapshot, ...]
    entries: tuple[Entry, ...]
    kinds: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]


def kinds_of(report: Report) -> set[str]:
    judged = {report.judgement.kind} if report.judgement else set()
    return {REPORT_KIND, *judged, *(mention.kind for mention in report.entities)}


def spread(
    report: Report,
    views: Sequence[View],
    kinds_before: Iterable[str] = (),
    keys_before: Iterable[tuple[str, str]] = (),
) -> Spread:
    """What `views` of this revision show, and emptiness where its earlier ones showed something.

    keys_before: pairs of blocking key and id that the last release of this report stood under.
    """
    kinds = kinds_of(report)
    shown: dict[str, dict[str, dict[bytes, Variant]]] = {kind: {} for kind in kinds.union(kinds_before)}
    for view in views:
        for variant in _variants(view):
            candidate = variant.candidate
            same = orjson.dumps([candidate.print, variant.content, variant.ends])
            variants = shown[candidate.kind].setdefault(candidate.id, {})
            seen = variants.get(same)
            readers = variant.readers if seen is None else tuple(sorted({*seen.readers, *variant.readers}))
            variants[same] = Variant(readers, candidate, variant.content, variant.ends)
    ordered = {
        kind: {id_: tuple(variants[same] for same in sorted(variants)) for id_, variants in ids.items()}
        for kind, ids in shown.items()
    }
    judged: dict[str, list[tuple[tuple[str, ...], Judged]]] = {}
    for view in views:
        if view.enriched.report.judgement:
            judged.setdefault(view.enriched.report.judgement.kind, []).append((view.readers, _judged(view)))
    snapshots = tuple(
        Snapshot(
            report.scope, kind, report.id, report.revision, ordered[kind], tuple(sorted(judged.get(kind, ()), key=repr))
        )
        for kind in sorted(ordered)
    )
    sides: dict[tuple[str, str], dict[str, tuple[set[str], Candidate]]] = {(key, id_): {} for key, id_ in keys_before}
    for snapshot in snapshots:
        for id_, variants_of in snapshot.shown.items():
            for variant in variants_of:
                for key in blocking_keys(report.scope, variant.candidate):
                    readers_of, _ = sides.setdefault((key, id_), {}).setdefault(
                        variant.candidate.print, (set(), variant.candidate)
                    )
                    readers_of.update(variant.readers)
    entries = tuple(
        Entry(
            key,
            id_,
            report.revision,
            tuple((tuple(sorted(who)), candidate) for _, (who, candidate) in sorted(of.items())),
        )
        for (key, id_), of in sorted(sides.items())
    )
    return Spread(
        snapshots, entries, tuple(sorted(kinds)), tuple((entry.key, entry.id) for entry in entries if entry.sides)
    )


def _judged(view: View) -> Judged:
    """The judgement that a view shows."""
    report = view.enriched.report
    marking = iep.shown(report.marking)
    assert report.judgement is not None
    a, b = sorted(thing.id for thing in report.judgement.things)
    return Judged(
        a,
        b,
        same=report.judgement.verdict == "same",
        report=report.id,
        agency=report.agency,
        reason=report.judgement.reason,
        reported_at=rfc3339(report.reported_at),
        tlp=marking.tlp,
        caveats=marking.caveats,
        expires_at=rfc3339(marking.expires_at) if marking.expires_at else None,
        ends=rfc3339(view.ends) if view.ends else None,
        iep=tuple(iep.handling(marking).items()),
    )


def _variants(view: View) -> Iterable[Variant]:
    enriched: Enriched = view.enriched
    ends = rfc3339(view.ends) if view.ends else None
    own = view.readers == (enriched.report.agency,)
    yield Variant(view.readers, of_report(enriched), report_content(enriched, own), ends)
    features: dict[str, Features] = {one.ref: one for one in enriched.features}
    for mention in enriched.report.entities:
        candidate = of_mention(enriched.report.id, features[mention.ref])
        yield Variant(view.readers, candidate, mention_content(enriched, mention, features[mention.ref]), ends)
