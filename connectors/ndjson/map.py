"""An object to a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.template_map import fill


def to_report(record: Record, config: Config) -> dict[str, Any]:
    """Through the map where there is one (columns are fields, `a.b` those inside), else as it stands."""
    return fill(dict(_flat(record.values)), config) if config.map else dict(record.values)


def _flat(values: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            found.append((before + name, value))
    return found
