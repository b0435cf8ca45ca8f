"""A report made in one line."""

from __future__ import annotations

from typing import Any

from pipeline.report.model import Report


def report_of(**fields: Any) -> Report:
    """A report of a fictional agency."""
    return Report.model_validate({
        "agency": "bnn", "source_id": "LP-1", "revision": 1, "op": "upsert", "kind": "seizure", "title": "Penyitaan",
        "reported_at": "2026-11-01T10:00:00+07:00", "marking": {"tlp": "GREEN"}, **fields,
    })  # fmt: skip
