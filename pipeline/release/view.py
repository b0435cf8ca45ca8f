"""Views: what is left of a report for a reader after release. Readers whose views are equal share one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from pipeline.enrich.model import Enriched
from pipeline.release import iep
from pipeline.release.decide import Decision, decide
from pipeline.release.policy import Groups, Policies
from pipeline.release.redact import redact
from pipeline.report.model import Report


@dataclass(frozen=True)
class View:
    """What these readers may see of a report, enriched from that alone. `ends`: when they stop seeing it."""

    readers: tuple[str, ...]
    enriched: Enriched
    ends: datetime | None = None


@dataclass(frozen=True)
class Released:
    """All views of a report at one time, the next moment at which they could be others, and what was decided for each
    reader."""

    views: tuple[View, ...]
    changes: datetime | None
    decisions: tuple[tuple[str, Decision], ...] = ()


def release(
    enriched: Enriched,
    policies: Policies,
    groups: Groups,
    time: datetime,
    enrich: Callable[[Report], Enriched],
    readers: Iterable[str] | None = None,
) -> Released:
    """The views of a report for every agency in the policy, or for `readers` alone.

    A report with fields taken out is enriched anew from what is left: nothing derived can outlive its source.
    """
    report = enriched.report
    together: dict[tuple[bool, tuple[str, ...], datetime | None], tuple[list[str], Decision]] = {}
    moments: list[datetime] = []
    decisions: list[tuple[str, Decision]] = []
    for reader in sorted({*policies.agencies, report.agency} if readers is None else readers):
        decision = decide(report, reader, policies, groups, time)
        decisions.append((reader, decision))
        if decision.changes is not None:
            moments.append(decision.changes)
        if decision.released:
            key = (reader == report.agency, tuple(path.text for path in decision.hidden), decision.ends)
            together.setdefault(key, ([], decision))[0].append(reader)
    views = []
    for (own, hidden, ends), (who, decision) in together.items():
        if own:
            seen = enriched
        else:
            left = redact(report, decision.hidden) if hidden else report
            shown = for_others(left)
            seen = enrich(shown) if hidden else enriched.model_copy(update={"report": shown})
        views.append(View(tuple(who), seen, ends))
    return Released(tuple(views), min(moments, default=None), tuple(decisions))


def for_others(report: Report) -> Report:
    """The report with a marking that tells nobody who else was meant, and no revision, which would tell of changes
    to what is hidden. Of an IEP stays what a reader must obey."""
    marking = iep.shown(report.marking).model_copy(
        update={"release_to": None, "not_release_to": (), "fields": (), "not_before": None}
    )
    return report.model_copy(update={"marking": marking, "revision": 1})
