"""The Avro schemas, and every earlier version of them. How they may change is told in README.md beside this file."""

from __future__ import annotations

import functools
from importlib.resources import files


@functools.cache
def report_schema() -> str:
    """The Avro schema of a report, as JSON text."""
    return files(__name__).joinpath("report.avsc").read_text(encoding="utf-8")


def earlier_report_schemas() -> list[str]:
    """Every version of the report's schema that was ever published, oldest first, as JSON text."""
    folder = files(__name__).joinpath("versions")
    return [entry.read_text(encoding="utf-8") for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)]
