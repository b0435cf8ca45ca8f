"""Only the highest revision of a report goes on; what comes twice stops here."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from pipeline.report.model import Report


@dataclass(frozen=True, order=True)
class Seen:
    """The revision of a report that stands. Ordered by what wins: the higher revision; a retraction against an
    upsert of the same revision; else the greater digest, so that any order of arrival ends the same."""

    revision: int
    retracted: bool
    digest: str


def seen(report: Report) -> Seen:
    digest = blake2b(report.model_dump_json(by_alias=True).encode(), digest_size=12).hexdigest()
    return Seen(report.revision, report.op == "retract", digest)


def goes_on(standing: Seen | None, report: Report) -> Seen | None:
    """What stands from now on, or nothing where `report` is superseded or a redelivery."""
    arrived = seen(report)
    return arrived if standing is None or arrived > standing else None


def state_key(report: Report) -> str:
    """Revisions are counted for each scope apart: an exercise's report never supersedes a live one."""
    return f"{report.scope}|{report.id}"
