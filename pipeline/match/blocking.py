"""Blocking: keys under which candidates meet that might be the same, so that work does not grow with the store.

A pair that meets under several keys is decided under the smallest of them only.
"""

from __future__ import annotations

from pipeline.enrich.warning import is_common
from pipeline.match.candidate import REPORT_KIND, Candidate
from pipeline.match.text import bands


def blocking_keys(scope: str, candidate: Candidate) -> tuple[str, ...]:
    """All keys of a candidate, sorted. Scopes never meet, and neither do kinds: both stand in every key."""
    start = f"{scope}|{candidate.kind}|"
    return tuple(sorted({start + key for key in _keys(candidate)}))


def _keys(candidate: Candidate) -> list[str]:
    if candidate.kind == REPORT_KIND:
        return [f"text|{band}" for band in bands(candidate.sketch)]
    keys = [f"id|{one}" for one in candidate.identifiers if not is_common(*one.split(":", 1))]
    if candidate.kind == "person" and candidate.birth_date and len(candidate.birth_date) == len("YYYY-MM-DD"):
        keys += [f"name|{key}|{candidate.birth_date}" for key in candidate.name_keys]
    if candidate.kind == "organisation":
        keys += [f"name|{name}" for name in candidate.names if " " in name]
    if candidate.kind == "address":
        keys += [f"address|{address}" for address in candidate.addresses]
    return keys
