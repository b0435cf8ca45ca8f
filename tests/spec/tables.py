"""Small tables for the chapters: a report in a line, and what each agency is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pipeline.enrich.enrich import Reference, load_reference
from pipeline.release.policy import Agency, Groups, Policies
from pipeline.report.model import Report
from pipeline.shell.memory import fuse

NOW = datetime(2026, 11, 1, tzinfo=UTC)
POLICIES = Policies({id_: Agency(id_, id_.upper()) for id_ in ("bnn", "polri", "bin")})


@cache
def reference() -> Reference:
    return load_reference()


def report(agency: str = "bnn", source_id: str = "1", revision: int = 1, **more: Any) -> Report:
    """A report released to every agency unless it says otherwise."""
    marking = {"tlp": "GREEN", "release_to": ["*"], **more.pop("marking", {})}
    return Report.model_validate(
        {
            "agency": agency, "source_id": source_id, "revision": revision, "op": "upsert", "kind": "seizure",
            "title": "Laporan", "reported_at": "2026-10-01T00:00:00Z", "marking": marking, **more,
        }
    )  # fmt: skip


def person(ref: str = "p1", name: str = "Budi Santoso", **more: Any) -> dict[str, Any]:
    return {"ref": ref, "kind": "person", "names": [name], **more}


def shown(reports: Iterable[Report], reader: str, groups: Groups | None = None, policies: Policies = POLICIES) -> list[dict[str, Any]]:  # fmt: skip
    return fuse(reports, policies, groups or {}, reader, NOW, reference())


def entities(reports: Iterable[Report], reader: str = "polri") -> list[dict[str, Any]]:
    return [document for document in shown(reports, reader) if document["doc"] == "entity"]
