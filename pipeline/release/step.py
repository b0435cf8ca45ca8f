"""The release stage, one step: a report's newest revision, or a moment at which its release changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.enrich.model import Enriched
from pipeline.match.spread import Spread, spread
from pipeline.release.policy import Groups, Policies
from pipeline.release.view import release
from pipeline.report.latest import seen
from pipeline.report.model import Model, Moment, Report


class Standing(Model):
    """What release keeps of a report: its newest enriched revision, what it last sent on, when to look again, and the
    policy that it was released under."""

    enriched: Enriched
    kinds: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    changes: Moment | None = None
    policy: str = ""


@dataclass(frozen=True)
class Context:
    """All that a release depends on beside the report."""

    policies: Policies
    groups: Groups
    policy: str
    time: datetime
    enrich: Callable[[Report], Enriched]


def step(standing: Standing | None, enriched: Enriched, context: Context) -> tuple[Standing, Spread] | None:
    """What stands from now on and what is sent on; nothing for a revision older than the one that stands.

    The same revision is released anew: it comes again after a restart, and when time or policy has changed it.
    """
    if standing is not None and seen(enriched.report) < seen(standing.enriched.report):
        return None
    released = release(enriched, context.policies, context.groups, context.time, context.enrich)
    sent = spread(
        enriched.report,
        released.views,
        kinds_before=standing.kinds if standing else (),
        keys_before=standing.keys if standing else (),
    )
    return Standing(
        enriched=enriched, kinds=sent.kinds, keys=sent.keys, changes=released.changes, policy=context.policy
    ), sent
