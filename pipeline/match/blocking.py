"""Blocking: keys under which candidates meet that might be the same, so that work does not grow with the store.

Only what needs comparing meets here; equal identifiers need none (`pipeline.match.identity`). A pair that meets under
several keys is decided under the smallest of them only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.enrich.warning import is_common
from pipeline.match.identity import ACTORS, SHARED
from pipeline.match.text import REPORT_KIND, bands

if TYPE_CHECKING:
    from pipeline.match.candidate import Candidate

FULL_DATE = len("YYYY-MM-DD")


def blocks(candidate: Candidate) -> tuple[str, ...]:
    """The candidate's keys within its scope and kind, sorted: near-equal texts; a shared contact, to compare names; a
    birth date with a name that sounds alike."""
    if candidate.kind == REPORT_KIND:
        return tuple(sorted(f"text|{band}" for band in bands(candidate.sketch)))
    keys = []
    if candidate.kind in ACTORS and candidate.names:
        shared = (one.split(":", 1) for one in candidate.identifiers)
        keys = [f"id|{scheme}:{value}" for scheme, value in shared if scheme in SHARED and not is_common(scheme, value)]
    born = candidate.birth_date
    if candidate.kind == "person" and born and len(born) == FULL_DATE and not is_common("birth-date", born):
        keys += [f"name|{key}|{born}" for key in candidate.name_keys]
    return tuple(sorted(set(keys)))


def blocking_keys(scope: str, candidate: Candidate) -> tuple[str, ...]:
    """All keys of a candidate, sorted. Scopes never meet, and neither do kinds: both stand in every key."""
    start = f"{scope}|{candidate.kind}|"
    return tuple(start + key for key in candidate.blocks)
