"""A row to a report: the connector file's map says all."""

from __future__ import annotations

from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.template_map import fill


def to_report(record: Record, config: Config) -> dict[str, Any]:
    return fill(record.values, config)
