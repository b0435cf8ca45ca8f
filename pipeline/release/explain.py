"""Who sees what of a report and why: its originator is told of every agency, a reader of itself alone.

What a reader is told says nothing of others, nor of what its view leaves out (leaks L10, L16):

    told to a reader        that it was released to it, or to a group that it is a member of, and until when
    told to the originator  also the rules by name, the fields that are left out, and when the decision changes next

The name of a rule can name others, "to every agency" tells who else sees it, and a change to come can be that of a
field which is left out: so none of these is told to a reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.release.decide import Decision, decide
from pipeline.release.policy import Groups, Policies
from pipeline.report.model import Report, rfc3339


@dataclass(frozen=True)
class Row:
    """One reader. without: the paths taken out of its view. until: when it stops seeing it. changes: when the decision
    can be another. The last three are None where they are not told, and so is what never comes."""

    reader: str
    sees: bool
    because: tuple[str, ...]
    without: tuple[str, ...] = ()
    until: datetime | None = None
    changes: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"reader": self.reader, "sees": self.sees, "because": list(self.because)}
        if self.without:
            said["without"] = list(self.without)
        moments = {"until": self.until, "changes": self.changes}
        return said | {name: rfc3339(moment) for name, moment in moments.items() if moment}


def explain(
    report: Report | None, asker: str, policies: Policies, groups: Groups, time: datetime
) -> tuple[Row, ...] | None:
    """A row for each agency where the asker is the originator, and one row for a reader who sees the report. Nothing
    where there is no such report, and just so where this asker may not see it."""
    if report is None or asker not in policies.agencies:
        return None
    if asker == report.agency:
        readers = sorted(policies.agencies)
        return tuple(_whole(reader, decide(report, reader, policies, groups, time)) for reader in readers)
    decision = decide(report, asker, policies, groups, time)
    return (_own(asker, decision, groups),) if decision.released else None


def _whole(reader: str, decision: Decision) -> Row:
    because = tuple(f"{reason.rule}: {reason.says}" for reason in decision.reasons if reason.effect != "redact")
    without = tuple(path.text for path in decision.hidden)
    return Row(reader, decision.released, because, without, decision.ends, decision.changes)


def _own(reader: str, decision: Decision, groups: Groups) -> Row:
    by = {reason.names for reason in decision.reasons if reason.effect == "permit"}
    of_groups = sorted(by & groups.keys())
    because = [f"released to {group}, of which {reader} is a member" for group in of_groups]
    if by - groups.keys():
        because.insert(0, f"released to {reader}")
    return Row(reader, True, tuple(because), until=decision.ends)
