"""The reference engine: the stages of `pipeline.flow` on a list of reports, in memory, for one reader.

No state, no batches, no order: each step looks at everything at once. What the streaming system shows must equal what
this gives, and `tests/properties` and `tests/integration` hold it to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from pipeline.enrich.enrich import Reference, enrich, load_reference
from pipeline.fuse.merge import documents as merged
from pipeline.index.document import Document
from pipeline.match.block import Block, put
from pipeline.match.compare import Match
from pipeline.match.judgement import Judged
from pipeline.match.spread import Snapshot, Spread, Variant, spread
from pipeline.release.load import load_policy
from pipeline.release.policy import Groups, Policies
from pipeline.release.view import release
from pipeline.report.latest import Seen, goes_on, state_key
from pipeline.report.model import Report, scope_of


def documents(
    reports: Iterable[Report], policy_folder: Path, reader: str, time: datetime, exercise: str | None = None
) -> list[Document]:
    """`fuse` under the policy in a folder. Raises WrongUse where the folder does not hold."""
    policies, groups = load_policy(policy_folder)
    return fuse(reports, policies, groups, reader, time, load_reference(), exercise)


def fuse(
    reports: Iterable[Report],
    policies: Policies,
    groups: Groups,
    reader: str,
    time: datetime,
    reference: Reference,
    exercise: str | None = None,
) -> list[Document]:
    """The documents that stand in this reader's indexes at that time, sorted by doc and id."""
    scope = scope_of(exercise)
    newest = latest(report for report in reports if report.scope == scope)

    def views() -> Iterator[Spread]:
        for report in newest:
            released = release(
                enrich(report, reference), policies, groups, time, lambda left: enrich(left, reference), (reader,)
            )
            yield spread(report, released.views)

    return of_views(views())


def latest(reports: Iterable[Report]) -> list[Report]:
    """The revision of each report that stands, in any order of arrival."""
    standing: dict[str, tuple[Seen, Report]] = {}
    for report in reports:
        key = state_key(report)
        seen = goes_on(standing[key][0] if key in standing else None, report)
        if seen is not None:
            standing[key] = (seen, report)
    return [report for _, report in standing.values()]


def of_views(spreads: Iterable[Spread]) -> list[Document]:
    """The documents that views make, for one reader who sees them all: match, fuse and index at once."""
    shown: dict[str, dict[str, Variant]] = {}
    judged: dict[str, list[Judged]] = {}
    blocks: dict[str, Block] = {}
    matches: dict[str, set[Match]] = {}
    for sent in spreads:
        for snapshot in sent.snapshots:
            shown.setdefault(snapshot.kind, {}).update(_one_variant(snapshot))
            judged.setdefault(snapshot.kind, []).extend(one for _, one in snapshot.judged)
        for entry in sent.entries:
            found = put(blocks.setdefault(entry.key, Block()), entry).matches
            matches.setdefault(entry.key.split("|")[1], set()).update(found)
    made = [
        document
        for kind, visible in shown.items()
        for document in merged(kind, visible, _holding(matches.get(kind, ()), blocks), judged[kind]).values()
    ]
    return sorted(made, key=lambda document: (document["doc"], document["id"]))


def _holding(matches: Iterable[Match], blocks: dict[str, Block]) -> list[Match]:
    """Without those made under a key before too many stood there."""
    return [match for match in matches if not blocks[match.key].crowded]


def _one_variant(snapshot: Snapshot) -> dict[str, Variant]:
    """One reader sees at most one variant of a thing."""
    return {id_: variants[0] for id_, variants in snapshot.shown.items()}
