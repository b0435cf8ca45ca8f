"""What one thing alone bears: two candidates that share it are the same, without comparing anything else.

Fuse joins along these keys itself. Compared pair by pair, a seller named in a thousand declarations would make half a
million matches that all say the same; along a key they are a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.enrich.warning import is_common

if TYPE_CHECKING:
    from pipeline.match.candidate import Candidate

SHARED = frozenset(
    {"phone", "email", "account", "iban", "wallet", "ip", "domain", "url", "plate", "callsign", "username"}
)
"""Schemes that several persons or organisations use together: these prove a link, and sameness only beside a name."""
ACTORS = ("person", "organisation")


@dataclass(frozen=True)
class Identity:
    """A key that makes its bearers the same, and how that is told."""

    key: str
    feature: str
    score: float
    says: str


def identities(candidate: Candidate) -> Iterator[Identity]:
    """Every identity that a candidate bears. Values that prove nothing (a public resolver, "unknown") are none."""
    for one in candidate.identifiers:
        scheme, value = one.split(":", 1)
        if not is_common(scheme, value) and not (candidate.kind in ACTORS and scheme in SHARED):
            yield Identity(f"id|{one}", "same-identifier", 1.0, f"same {scheme} {value}")
    if candidate.kind == "organisation":
        for name in candidate.names:
            if " " in name and not is_common("name", name):
                # Of one country or of none that is told: two of one name in two countries are two.
                key = f"name|{name}|{candidate.nationality or ''}"
                yield Identity(key, "same-organisation-name", 0.85, f"same name {name}")
    if candidate.kind == "address":
        for address in (one.line for one in candidate.addresses):
            if any(letter.isdigit() for letter in address):
                yield Identity(f"address|{address}", "same-address", 0.9, f"same address {address}")
