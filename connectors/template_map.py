"""A tabular record mapped to a report: the connector file's `map`, its `{Column}` filled in.

What comes out empty is left out: a value, an identifier of which no value is left, an entity of which nothing is left
but its ref and kind. So one map serves rows that fill different columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.config import Config
from pipeline.errors import Refused

COLUMN = re.compile(r"\{([^{}]+)\}")
MOMENTS = frozenset({"reported_at", "from", "to", "expires_at", "not_before"})
NUMBERS = {"revision": int, "information": int, "lat": float, "lon": float}
SKELETON = frozenset({"ref", "kind", "role", "scheme"})
"""What says nothing by itself: an entity or identifier with only these is left out."""


def columns(template: Any) -> set[str]:
    """Every column that a map names."""
    if isinstance(template, str):
        return set(COLUMN.findall(template))
    if isinstance(template, Mapping):
        return set().union(*(columns(value) for value in template.values()))
    if isinstance(template, list):
        return set().union(*(columns(value) for value in template))
    return set()


def flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """An object's fields as columns: `a.b` is the field b inside a. Lists are no columns."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            found[before + name] = value
    return found


def fill(row: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """The report's JSON form that the map makes of a row. Raises Refused for a value that its column cannot hold."""
    translated = {
        column: config.values.get(column, {}).get(str(value), value)
        for column, value in row.items()
        if value is not None
    }
    filled = _fill(config.map, translated, config, "") or {}
    assert isinstance(filled, dict)
    if "links" in filled:  # also where no entity is left at all
        refs = {entity["ref"] for entity in filled.get("entities", [])}
        filled["links"] = [one for one in filled["links"] if {one.get("from"), one.get("to")} <= refs]
    return filled


def _fill(template: Any, row: Mapping[str, Any], config: Config, name: str) -> Any:
    """The template with its columns filled in, or None where nothing is left of it."""
    if isinstance(template, str):
        return _text(template, row, config, name)
    if isinstance(template, Mapping):
        made = {key: value for key, one in template.items() if (value := _fill(one, row, config, key)) is not None}
        named = any(columns(one) for one in template.values())
        return None if named and not made.keys() - SKELETON else made
    if isinstance(template, list):
        filled = (one for one in template if not _blank(one, row))
        return [value for one in filled if (value := _fill(one, row, config, name)) is not None] or None
    return template


def _blank(template: Any, row: Mapping[str, Any]) -> bool:
    """Whether a list's element names columns of which this row fills none: then its constants alone say nothing."""
    named = columns(template)
    return bool(named) and all(str(row.get(column, "")).strip() == "" for column in named)


def _text(template: str, row: Mapping[str, Any], config: Config, name: str) -> Any:
    wanted = COLUMN.findall(template)
    if wanted and all(str(row.get(column, "")).strip() == "" for column in wanted):
        return None
    text = COLUMN.sub(lambda found: str(row.get(found[1], "")).strip(), template).strip()
    if not wanted or not text:
        return text or None
    if name in MOMENTS:
        return _moment(text, config, name)
    if name == "birth_date" and config.date_format:
        return _parsed(text, config, name).date().isoformat()
    if name in NUMBERS:
        try:
            return NUMBERS[name](text)
        except ValueError:
            raise Refused("connector", f"{name}: not a number; mend the cell, or the map") from None
    return text


def _moment(text: str, config: Config, name: str) -> str:
    """RFC 3339. A date alone is its first moment; a time without a zone is in the connector's."""
    if config.date_format:
        found: datetime = _parsed(text, config, name)
    else:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            reason = (
                f"{name}: no date in ISO 8601, like 2026-11-01 or 2026-11-01T03:00:00Z; mend it, or set `date_format`"
            )
            raise Refused("connector", reason) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(config.timezone))
    return found.isoformat()


def _parsed(text: str, config: Config, name: str) -> datetime:
    assert config.date_format
    try:
        return datetime.strptime(text, config.date_format)
    except ValueError:
        raise Refused("connector", f"{name}: no date written as {config.date_format}; mend it, or the format") from None
