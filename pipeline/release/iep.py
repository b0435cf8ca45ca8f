"""What an Information Exchange Policy says of a report (FIRST IEP 2.0), as far as Gabung acts on it.

Two things follow from one, and neither ever widens what the marking alone releases:

    bounds     its TLP and dates narrow the marking's own: the stricter TLP, the later start, the earlier end
    handling   what whoever sees the report must obey; of what is fused, the strictest of each statement

Which policy it was (id, name, description, external references) is told to nobody but the originator: it can name the
parties of an agreement, and two reports under one policy would tell that they belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from pipeline.report.model import TLP_ORDER, Iep, Marking

VERSION = "2.0"

STATEMENTS: dict[str, tuple[str, ...]] = {
    # statement: what it may say, from the widest to the strictest
    "encrypt_in_transit": ("may", "must"),
    "permitted_actions": (
        "externally-visible-direct-actions", "externally-visible-indirect-actions", "internally-visible-actions",
        "contact-for-instruction", "none",
    ),
    "affected_party_notifications": ("may", "must-not"),
    "attribution": ("may", "must", "must-not"),
    "unmodified_resale": ("may", "must-not"),
}  # fmt: skip
"""Of `must` and `must-not` attribute the latter is the stricter: to name nobody tells nobody anything."""

SILENCE = {"permitted_actions": "contact-for-instruction"}
"""What a source that says nothing is taken to say, where another that it is fused with does. For the others it is
that the widest, a mere permission, is not told: it was not given for all that is fused."""

Handling = Mapping[str, str]
"""Statement -> what it says; those of which nothing is said are not there."""


def doubts(iep: Iep) -> Iterator[tuple[str, str]]:
    """What it says that nobody here knows, as (field, sentence)."""
    if iep.iep_version != VERSION:
        yield "iep_version", f"nobody here knows IEP {iep.iep_version}"
    if iep.tlp is not None and iep.tlp not in TLP_ORDER:
        yield "tlp", f"nobody here knows TLP {iep.tlp}"
    for name, known in STATEMENTS.items():
        said = getattr(iep, name)
        if said is not None and said not in known:
            yield name, f"nobody here knows {said}; it is one of {', '.join(known)}"


def ceiling(marking: Marking) -> str:
    """The stricter of both TLPs. One that nobody knows is the strictest, for the originator, who alone is shown it."""
    if marking.iep is None or marking.iep.tlp is None:
        return marking.tlp
    tlp = marking.iep.tlp if marking.iep.tlp in TLP_ORDER else TLP_ORDER[-1]
    return max(marking.tlp, tlp, key=TLP_ORDER.index)


def starts(marking: Marking) -> tuple[datetime | None, str]:
    """From when on others may see it, and which field says so: the later of both."""
    said = list(_said(marking, "not_before", "start_date"))
    return max(said, key=lambda one: one[0]) if said else (None, "")


def ends(marking: Marking) -> tuple[datetime | None, str]:
    """From when on nobody sees it, and which field says so: the earlier of both."""
    said = list(_said(marking, "expires_at", "end_date"))
    return min(said, key=lambda one: one[0]) if said else (None, "")


def handling(marking: Marking) -> dict[str, str]:
    """What a reader must obey."""
    said = {name: getattr(marking.iep, name) for name in STATEMENTS} if marking.iep else {}
    return {name: value for name, value in said.items() if value in STATEMENTS[name]}


def shown(marking: Marking) -> Marking:
    """The marking with the bounds of its IEP as its own, and of the IEP what a reader must obey."""
    obeyed = handling(marking)
    update = {
        "tlp": ceiling(marking),
        "not_before": starts(marking)[0],
        "expires_at": ends(marking)[0],
        "iep": Iep(iep_version=VERSION, **obeyed) if obeyed else None,
    }
    return marking.model_copy(update=update)


def join(sources: Sequence[Handling]) -> dict[str, str]:
    """The handling of what was fused from these sources: the strictest of each, and no permission that one of them did
    not give."""
    joined: dict[str, str] = {}
    for name, order in STATEMENTS.items():
        said = [source[name] for source in sources if name in source]
        if not said:
            continue
        is_silent = len(said) < len(sources)
        strictest = max(_with(SILENCE.get(name) if is_silent else None, said), key=order.index)
        if not (is_silent and strictest == order[0]):
            joined[name] = strictest
    return joined


def _with(one: str | None, said: Iterable[str]) -> list[str]:
    return [*said, *([one] if one else [])]


def _said(marking: Marking, own: str, of_iep: str) -> Iterator[tuple[datetime, str]]:
    if (moment := getattr(marking, own)) is not None:
        yield moment, f"marking.{own}"
    if marking.iep is not None and (moment := getattr(marking.iep, of_iep)) is not None:
        yield moment, f"marking.iep.{of_iep}"
