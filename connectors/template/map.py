"""One record to a report in its JSON form."""

from __future__ import annotations

from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.template_map import fill


def to_report(record: Record, config: Config) -> dict[str, Any]:
    """Through the connector file's map. A source with a form of its own builds the dict here instead."""
    return fill(record.values, config)
