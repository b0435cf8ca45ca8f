"""Information Exchange Policies (FIRST IEP) as sources carry them, in the report's form. `pipeline.release.iep` says
what follows from one; here nothing is judged but whether it can be read at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

Values = dict[str, Any]

NAMESPACES = ("iep:", "iep2-policy:")
TAG = re.compile(r"(iep|iep2-policy):([a-z_-]+)\s*=\s*\"?(.*?)\"?", re.IGNORECASE)

FIELDS = (
    "id", "name", "description", "iep_version", "start_date", "end_date", "encrypt_in_transit", "permitted_actions",
    "affected_party_notifications", "tlp", "attribution", "unmodified_resale",
)  # fmt: skip
ALSO: dict[str, str] = {
    # what IEP 1.0, and STIX's marking definition of IEP 2.0, call a field
    "version": "iep_version",
    "reference": "external_references",
    "external_reference": "external_references",
    "external_references": "external_references",
    "traffic_light_protocol": "tlp",
    "provider_attribution": "attribution",
    "iep_id": "id",
}
ONLY_1_0 = frozenset({"commercial_use", "encrypt_at_rest", "obfuscate_affected_parties"})
"""Statements of IEP 1.0 that 2.0 dropped. A reader must obey them, so each becomes a caveat."""
READ_AS: dict[str, dict[str, str]] = {
    # 1.0's statements that are still there mean in 2.0 what they meant
    "iep": {"1": "2.0", "1.0": "2.0"},
    "iep2-policy": {"2": "2.0"},
}
DATES = ("start_date", "end_date")


def from_tags(tags: Iterable[str]) -> tuple[Values | None, list[str], list[str]]:
    """Of machine tags of the taxonomies `iep` and `iep2-policy`: the IEP, caveats, and the tags that cannot be read."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    caveats, unread = [], []
    namespaces = set()
    for tag in dict.fromkeys(tags):
        match = TAG.fullmatch(tag.strip())
        name = match[2].lower().replace("-", "_") if match else ""
        field = ALSO.get(name, name)
        if match is None or not match[3].strip():
            unread.append(tag)
        elif name in ONLY_1_0 and match[1].lower() == "iep":
            caveats.append(f"IEP {name.replace('_', ' ').upper()}: {match[3].strip().upper()}"[:1000])
        elif field not in FIELDS and field != "external_references":
            unread.append(tag)
        else:
            namespaces.add(match[1].lower())
            said[field][match[3].strip()] = tag
    values: Values = {"external_references": list(said.pop("external_references", {}))}
    for field, each in said.items():
        value = _value(field, next(iter(each)))
        if len(each) > 1 or value is None:  # two values for one statement, or no date: nobody knows what is meant
            unread += each.values()
        else:
            values[field] = value
    if not namespaces:
        return None, caveats, unread
    version = values.get("iep_version", "1.0" if namespaces == {"iep"} else "2.0")
    values["iep_version"] = READ_AS[min(namespaces)].get(version, version)
    return {name: value for name, value in values.items() if value}, caveats, unread


def from_object(found: Values) -> Values | None:
    """Of IEP's JSON form, or STIX's marking definition of it; nothing where a part of it cannot be read."""
    values: Values = {}
    for name, value in found.items():
        field = ALSO.get(name, name)
        if name == "extension_type" or value in (None, "", []):
            continue
        if field == "external_references":
            values[field] = [_reference(one) for one in (value if isinstance(value, list) else [value])]
            continue
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if field not in FIELDS or not isinstance(value, str | int | float):
            return None
        value = _value(field, value)
        if value is None:
            return None
        values[field] = value
    return values if "iep_version" in values else None


def _value(field: str, value: Any) -> Any:
    """As the report's form takes it; nothing for what is no date. A date alone is its first moment."""
    if field not in DATES:
        return value if field == "iep_version" else str(value)[:1000]
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return str(value) if moment.tzinfo else moment.isoformat() + "Z"


def _reference(one: Any) -> str:
    """A URL; STIX writes an object with one."""
    said = one.get("url") or one.get("source_name") if isinstance(one, dict) else one
    return str(said or "-")[:1000]
