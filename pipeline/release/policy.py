"""An agency's standing release rules, and the groups that agencies form. DESIGN section 6.

These are the checked values; `pipeline.release.load` makes them from a folder of YAML files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from pipeline.release.paths import FieldPath

EVERYONE = "*"
"""The agencies in this policy folder, and nobody else's "everyone"."""


@dataclass(frozen=True)
class Agency:
    id: str
    name: str
    country: str | None = None


@dataclass(frozen=True)
class Membership:
    """From `start` on, until before `end`; either may be open. In UTC."""

    agency: str
    start: datetime | None = None
    end: datetime | None = None

    def holds(self, time: datetime) -> bool:
        return (self.start is None or self.start <= time) and (self.end is None or time < self.end)


@dataclass(frozen=True)
class Group:
    """A named set of agencies, by dates. A retired group stays known, since its id is never given to another, and
    has no members."""

    id: str
    name: str
    owner: str
    members: tuple[Membership, ...] = ()
    retired: bool = False

    def memberships(self, agency: str) -> list[Membership]:
        return [] if self.retired else [one for one in self.members if one.agency == agency]


Groups = Mapping[str, Group]


@dataclass(frozen=True)
class Rule:
    """`when`: conditions that must all hold, each by any of its values; nothing set means always.

    permit and forbid speak of the whole report, redact of `fields`.
    """

    name: str
    effect: Literal["permit", "forbid", "redact"]
    to: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    tlps: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    fields: tuple[FieldPath, ...] = ()


def version_of(policies: Policies, groups: Groups) -> str:
    """A digest of the whole policy: what was released under another must be released anew."""
    whole = (sorted(policies.agencies.items()), sorted(policies.rules.items()), sorted(groups.items()))
    return blake2b(repr(whole).encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Policies:
    """The agencies of this installation, and each originator's rules: no agency's rules speak of another's reports."""

    agencies: Mapping[str, Agency]
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
