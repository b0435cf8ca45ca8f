"""May this reader see this report? One pure function; every way out calls it.

The whole decision, in the order in which it is made:

    1. a retracted or expired report           nobody
    2. the originator                           its own report, whole
    3. an embargo, a reader not known here      nobody
    4. anything not understood                  nobody (doubt withholds)
    5. not_release_to, or a forbid rule         not this reader (forbid trumps permit)
    6. a grant that the TLP lets count          this reader, less what is redacted
    7. otherwise                                not this reader (default deny)

Grants come from `marking.release_to` where it is there, and from the originator's permit rules where it is not.
TLP grants nothing: it is a ceiling on which kinds of grant count. An IEP, where the report carries one, narrows the
marking's own TLP and dates, and never widens them (`pipeline.release.iep`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.release import iep
from pipeline.release.paths import FieldPath, parse
from pipeline.release.policy import EVERYONE, Groups, Policies, Rule
from pipeline.report.model import Report

CEILING: dict[str, frozenset[tuple[str, str]]] = {
    # tlp: which grants count, as (where it stands, whom it names)
    "RED": frozenset({("marking", "agency")}),
    "AMBER+STRICT": frozenset({("marking", "agency"), ("marking", "group")}),
    "AMBER": frozenset({("marking", "agency"), ("marking", "group"), ("rule", "agency"), ("rule", "group")}),
    "GREEN": frozenset((where, whom) for where in ("marking", "rule") for whom in ("agency", "group", "everyone")),
    "CLEAR": frozenset((where, whom) for where in ("marking", "rule") for whom in ("agency", "group", "everyone")),
}


@dataclass(frozen=True)
class Reason:
    """What had a say: the rule (`marking.release_to`, `bnn: partners see seizures`, `tlp RED` …), its effect (permit,
    forbid, redact, deny, doubt, whole), a sentence, and for permit and forbid the id by which it names the reader."""

    rule: str
    effect: str
    says: str
    names: str = ""


@dataclass(frozen=True)
class Decision:
    """The answer with its reasons.

    hidden: fields to take out for this reader. ends: when what was granted stops, so that search can leave the
    document out from that moment. changes: the next moment at which this decision could be another, for any reason.
    """

    released: bool
    reasons: tuple[Reason, ...]
    hidden: tuple[FieldPath, ...] = ()
    ends: datetime | None = None
    changes: datetime | None = None


@dataclass(frozen=True)
class _Named:
    """Whether an id in a list names the reader at a time: how, until when, and when that changes next."""

    id: str
    whom: str
    holds: bool
    ends: datetime | None = None
    changes: datetime | None = None


def decide(report: Report, reader: str, policies: Policies, groups: Groups, time: datetime) -> Decision:
    """The decision for one reader at one time. `time` is aware, in UTC. It never raises for a report that is valid."""
    marking = report.marking
    (starts, start_rule), (expires, end_rule) = iep.starts(marking), iep.ends(marking)
    if report.op == "retract":
        return _no("retracted", "deny", "the originator has retracted it")
    if expires is not None and expires <= time:
        return _no(end_rule, "deny", "it has expired")
    if reader == report.agency:
        return Decision(True, (Reason("originator", "whole", "its own report"),), (), expires, expires)
    if starts is not None and time < starts:
        return _no(start_rule, "deny", "it is under embargo", _earliest(starts, expires))
    if reader not in policies.agencies:
        return _no("agencies", "deny", "no agency of this installation")
    doubts = tuple(_doubts(report, policies, groups))
    if doubts:
        return Decision(False, doubts, changes=expires)

    tlp = iep.ceiling(marking)
    rules = [rule for rule in policies.rules.get(report.agency, ()) if _applies(rule, report, tlp)]
    forbids = list(_say(report, rules, "forbid", reader, groups, time))
    grants = list(_say(report, rules, "permit", reader, groups, time))
    redactions = list(_redactions(report, rules, reader, groups, time))
    moments = [named.changes for _, _, named in [*forbids, *grants]] + [changes for _, _, changes in redactions]
    changes = _earliest(expires, *moments)

    against = tuple(_reason(rule, "forbid", named) for _, rule, named in forbids if named.holds)
    if against:
        return Decision(False, against, changes=changes)
    counted = [(rule, named) for where, rule, named in grants if named.holds and (where, named.whom) in CEILING[tlp]]
    if not counted:
        stopped = tuple(
            Reason(f"tlp {tlp}", "deny", f"{rule} names it by {named.whom}, which does not count at {tlp}")
            for _, rule, named in grants
            if named.holds
        )
        return Decision(False, stopped or (Reason("default", "deny", "nothing grants it"),), changes=changes)
    # As long as one grant holds, it is released: the last of them to end decides.
    ends = None if any(named.ends is None for _, named in counted) else max(n.ends for _, n in counted if n.ends)
    hidden = {path.text: path for path, holds, _ in redactions if holds}
    return Decision(
        True,
        tuple(_reason(rule, "permit", named) for rule, named in counted)
        + tuple(Reason(path, "redact", "taken out for this reader") for path in sorted(hidden)),
        tuple(hidden[text] for text in sorted(hidden)),
        _earliest(ends, expires),
        changes,
    )


def _doubts(report: Report, policies: Policies, groups: Groups) -> Iterator[Reason]:
    """What the report names that is not known here. `*` is known everywhere."""
    marking = report.marking
    if marking.tlp not in CEILING:
        yield Reason("marking.tlp", "doubt", f"nobody here knows TLP {marking.tlp}")
    if marking.iep is not None:
        for field_, says in iep.doubts(marking.iep):
            yield Reason(f"marking.iep.{field_}", "doubt", says)
    if report.agency not in policies.agencies:
        yield Reason("agency", "doubt", f"{report.agency} is no agency of this installation")
    lists = [("marking.release_to", marking.release_to or ()), ("marking.not_release_to", marking.not_release_to)]
    lists += [(f"marking.fields[{at}].release_to", one.release_to) for at, one in enumerate(marking.fields)]
    for where, ids in lists:
        for id_ in ids:
            if id_ != EVERYONE and id_ not in policies.agencies and id_ not in groups:
                yield Reason(where, "doubt", f"{id_} is neither an agency nor a group here")
    for at, field in enumerate(marking.fields):
        try:
            path = parse(field.path)
        except ValueError as error:
            yield Reason(f"marking.fields[{at}].path", "doubt", str(error))
            continue
        elements = [one.model_dump() for one in getattr(report, path.field)] if path.selector else []
        if path.names_one and path.selector is not None and not path.selector.chosen(elements):
            yield Reason(f"marking.fields[{at}].path", "doubt", f"{field.path} names nothing in this report")


def _say(
    report: Report, rules: Iterable[Rule], effect: str, reader: str, groups: Groups, time: datetime
) -> Iterator[tuple[str, str, _Named]]:
    """What marking and rules say of this reader to one effect: (marking or rule, its name, how it names the reader)."""
    marking = report.marking
    listed = marking.not_release_to if effect == "forbid" else marking.release_to
    name = "marking.not_release_to" if effect == "forbid" else "marking.release_to"
    for named in _named(listed or (), reader, groups, time):
        yield "marking", name, named
    if effect == "permit" and listed is not None:
        return
    for rule in rules:
        if rule.effect == effect:
            for named in _named(rule.to, reader, groups, time):
                yield "rule", f"{report.agency}: {rule.name}", named


def _redactions(
    report: Report, rules: Iterable[Rule], reader: str, groups: Groups, time: datetime
) -> Iterator[tuple[FieldPath, bool, datetime | None]]:
    """Each field that may be taken out: (path, whether it is now, when that changes)."""
    for rule in rules:
        if rule.effect == "redact":
            for named in _named(rule.to, reader, groups, time):
                for path in rule.fields:
                    yield path, named.holds, named.changes
    for field in report.marking.fields:
        names = list(_named(field.release_to, reader, groups, time))
        yield parse(field.path), not any(named.holds for named in names), _earliest(*(n.changes for n in names))


def _named(ids: Iterable[str], reader: str, groups: Groups, time: datetime) -> Iterator[_Named]:
    """How a list of ids names this reader, now or at another time."""
    for id_ in sorted(set(ids)):
        if id_ == reader:
            yield _Named(id_, "agency", True)
        elif id_ == EVERYONE:
            yield _Named(id_, "everyone", True)
        elif id_ in groups:
            for member in groups[id_].memberships(reader):
                moments = (moment for moment in (member.start, member.end) if moment and moment > time)
                yield _Named(id_, "group", member.holds(time), member.end, _earliest(*moments))


def _applies(rule: Rule, report: Report, tlp: str) -> bool:
    """Whether a rule speaks of this report. Where an IEP makes the TLP stricter, a permit must hold at both, and what
    takes away at either: so an IEP never releases what would not be released without it."""
    both = [one in rule.tlps for one in (report.marking.tlp, tlp)]
    return (
        (not rule.kinds or report.kind in rule.kinds)
        and (not rule.tlps or (all(both) if rule.effect == "permit" else any(both)))
        and (not rule.caveats or bool(set(rule.caveats) & set(report.marking.caveats)))
    )


def _reason(rule: str, effect: str, named: _Named) -> Reason:
    how = {"agency": "names it", "group": f"names its group {named.id}", "everyone": "names every agency here"}
    return Reason(rule, effect, how[named.whom], named.id)


def _no(rule: str, effect: str, says: str, changes: datetime | None = None) -> Decision:
    return Decision(False, (Reason(rule, effect, says),), changes=changes)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
