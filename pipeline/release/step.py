"""The release stage, one step: a report's newest revision, or a moment at which its release changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.audit import events
from pipeline.enrich.model import Enriched
from pipeline.match.spread import Spread, spread
from pipeline.release.policy import Groups, Policies
from pipeline.release.view import release
from pipeline.report.latest import seen
from pipeline.report.model import Model, Moment, Report


class Standing(Model):
    """What release keeps of a report: its newest enriched revision, what it last sent on, when to look again, the
    policy that it was released under, and a digest of what was last told to the audit."""

    enriched: Enriched
    kinds: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    changes: Moment | None = None
    policy: str = ""
    audited: str = ""


@dataclass(frozen=True)
class Context:
    """All that a release depends on beside the report."""

    policies: Policies
    groups: Groups
    policy: str
    time: datetime
    enrich: Callable[[Report], Enriched]


@dataclass(frozen=True)
class Step:
    """What stands from now on, what is sent on, and what the audit is told where the outcome is another."""

    standing: Standing
    sent: Spread
    audit: dict[str, Any] | None


def step(standing: Standing | None, enriched: Enriched, context: Context) -> Step | None:
    """One step; nothing for a revision older than the one that stands.

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
    told = events.released(enriched.report, released.decisions, context.policy, context.time)
    audited = events.outcome(told)
    now = Standing(
        enriched=enriched,
        kinds=sent.kinds,
        keys=sent.keys,
        changes=released.changes,
        policy=context.policy,
        audited=audited,
    )
    return Step(now, sent, told if standing is None or standing.audited != audited else None)
