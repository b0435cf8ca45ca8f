"""An object to a report."""

from __future__ import annotations

from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.template_map import fill, flat


def to_report(record: Record, config: Config) -> dict[str, Any]:
    """Through the map where there is one (columns are fields, `a.b` those inside), else as it stands."""
    return fill(flat(record.values), config) if config.map else dict(record.values)
