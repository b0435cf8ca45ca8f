"""A report into an agency's own form: a row under its connector's map, a MISP event, a STIX 2.1 object.

A row is made by reading the connector's map backwards, so the columns are written down once, in the connector file.
`tests/demo` reads everything back through the connectors and finds the same reports.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.config import Config
from connectors.template_map import COLUMN, MOMENTS
from pipeline.search.export.stix import TLP

Values = dict[str, Any]
NAMESPACE = uuid.UUID("2b0c7f0a-51f5-5d3a-9a6b-64656d6f0001")
KEYS = ("ref", "scheme")
"""By which elements of a list find each other; without either, by position."""

STIX_TYPES = {
    # mention kind: (STIX type, property); those with x- are custom
    "ip": ("ipv4-addr", "value"),
    "domain": ("domain-name", "value"),
    "url": ("url", "value"),
    "email": ("email-addr", "value"),
    "phone": ("x-phone-number", "value"),
    "account": ("x-bank-account", "account_number"),
    "wallet": ("x-cryptocurrency-wallet", "address"),
}
MISP_TYPES = {
    # scheme: (MISP type, category)
    "ip": ("ip-dst", "Network activity"),
    "domain": ("domain", "Network activity"),
    "url": ("url", "Network activity"),
    "email": ("email-src", "Payload delivery"),
    "sha256": ("sha256", "Payload delivery"),
    "eth": ("eth", "Financial fraud"),
    "phone": ("phone-number", "Financial fraud"),
    "account": ("bank-account-nr", "Financial fraud"),
}


def row(report: Values, config: Config) -> dict[str, str]:
    """The cells from which the connector's map makes this report; raises ValueError for what no column holds."""
    cells: dict[str, str] = {}
    _invert(config.map, report, cells, config, "")
    return cells


def _invert(template: Any, value: Any, cells: dict[str, str], config: Config, name: str) -> None:
    if value is None:
        return
    if isinstance(template, dict):
        if unknown := set(value) - set(template) - {"agency", "links"}:
            raise ValueError(f"the map of {config.agency} holds no {', '.join(sorted(unknown))}")
        for key, part in template.items():
            _invert(part, value.get(key), cells, config, key)
    elif isinstance(template, list):
        if name != "links":
            for part, one in _paired(template, value):
                _invert(part, one, cells, config, name)
    elif found := COLUMN.fullmatch(str(template)):
        cells[found[1]] = _cell(value, found[1], config, name)
    elif template != value:
        raise ValueError(f"the map of {config.agency} says {name} is {template}, not {value}")


def _paired(template: list[Any], value: list[Any]) -> list[tuple[Any, Any]]:
    key = next((key for key in KEYS if isinstance(template[0], dict) and key in template[0]), None)
    if key is None:
        return list(zip(template[: len(value)], value, strict=True))
    return [(next(part for part in template if part[key] == one[key]), one) for one in value]


def _cell(value: Any, column: str, config: Config, name: str) -> str:
    if name in MOMENTS:
        local = datetime.fromisoformat(value).astimezone(ZoneInfo(config.timezone))
        return local.strftime(config.date_format) if config.date_format else local.isoformat()
    if name == "birth_date" and config.date_format:
        return datetime.fromisoformat(value).strftime(config.date_format)
    backwards = {said: written for written, said in config.values.get(column, {}).items()}
    return backwards.get(str(value), str(value))


def nested(cells: dict[str, str]) -> Values:
    """`{"kejadian.lokasi": …}` as `{"kejadian": {"lokasi": …}}`."""
    made: Values = {}
    for column, cell in cells.items():
        *path, last = column.split(".")
        inside = made
        for step in path:
            inside = inside.setdefault(step, {})
        inside[last] = cell
    return made


def misp_event(report: Values) -> Values:
    """A MISP event. `release_to: []` is distribution 0, `[tf-siber]` the sharing group, none level 3."""
    seconds = int(datetime.fromisoformat(report["reported_at"]).timestamp())
    marking = report["marking"]
    to = marking.get("release_to")
    level = 3 if to is None else 4 if to else 0
    hidden = {one["path"] for one in marking.get("fields", [])}
    event: Values = {
        "uuid": report["source_id"],
        "info": report["title"],
        "date": report["reported_at"][:10],
        "timestamp": str(seconds + report["revision"] - 1),
        "publish_timestamp": str(seconds),
        "published": True,
        "analysis": "2",
        "threat_level_id": "2",
        "distribution": str(level),
        "Orgc": {"name": "BSSN (contoh)", "uuid": str(uuid.uuid5(NAMESPACE, "bssn"))},
        "Tag": [{"name": f"tlp:{marking['tlp'].lower()}"}],
        "Attribute": [_attribute(report, one, hidden) for one in report["entities"]],
    }
    if level == 4:
        event["SharingGroup"] = {"name": "Tim Siber", "uuid": str(uuid.uuid5(NAMESPACE, "Tim Siber"))}
    if report["op"] == "retract":
        event["deleted"] = True
    if report.get("narrative"):
        event["Attribute"].append(
            {"uuid": str(uuid.uuid5(NAMESPACE, report["source_id"])), "type": "text", "category": "Other",
             "value": report["narrative"], "distribution": "5"}
        )  # fmt: skip
    return {"Event": event}


def _attribute(report: Values, mention: Values, hidden: set[str]) -> Values:
    if mention["kind"] == "organisation":
        kind, category, value = "target-org", "Targeting data", mention["names"][0]
    else:
        identifier = mention["identifiers"][0]
        (kind, category), value = MISP_TYPES[identifier["scheme"]], identifier["value"]
    return {"uuid": mention["ref"], "type": kind, "category": category, "value": value, "to_ids": category[0] == "N",
            "distribution": "0" if f"entities[{mention['ref']}]" in hidden else "5"}  # fmt: skip


def stix_objects(report: Values) -> list[Values]:
    """The object that becomes the report, and the observables in it."""
    kind, moment = report["kind"], report["reported_at"]
    parts = [_observable(one) for one in report.get("entities", [])]
    one: Values = {
        "type": kind,
        "spec_version": "2.1",
        "id": report["source_id"],
        "created": moment,
        "modified": moment,
        "object_marking_refs": [TLP[report["marking"]["tlp"]]],
    }
    if report["op"] == "retract":
        one["revoked"] = True
    if report.get("language"):
        one["lang"] = report["language"]
    statements = [_statement(caveat) for caveat in report["marking"].get("caveats", [])]
    one["object_marking_refs"] += [statement["id"] for statement in statements]
    if kind == "indicator":
        one |= {"name": report["title"], "description": report["narrative"], "valid_from": report["occurred"]["from"],
                "pattern_type": "stix", "pattern": _pattern(parts)}  # fmt: skip
        return [*statements, one]
    one["object_refs"] = [part["id"] for part in parts]
    if kind == "observed-data":
        one |= {"first_observed": report["occurred"]["from"], "last_observed": moment, "number_observed": 1}
    else:
        one |= {"name": report["title"], "description": report["narrative"]}
        one |= {"published": moment} if kind == "report" else {"context": "suspicious-activity"}
    return [*statements, *parts, one]


def _pattern(parts: list[Values]) -> str:
    return " OR ".join(f"[{part['type']}:{'value'} = '{part['value']}']" for part in parts)


def _observable(mention: Values) -> Values:
    kind, name = STIX_TYPES[mention["kind"]]
    value = mention["identifiers"][0]["value"]
    id_ = uuid.uuid5(NAMESPACE, json.dumps([kind, value]))
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{id_}", name: value}


def _statement(text: str) -> Values:
    return {"type": "marking-definition", "spec_version": "2.1", "created": "2024-01-01T00:00:00Z",
            "id": f"marking-definition--{uuid.uuid5(NAMESPACE, text)}",
            "definition_type": "statement", "definition": {"statement": text}}  # fmt: skip


def bundle(reports: list[Values]) -> Values:
    """All reports' objects in one bundle, each once."""
    objects: dict[str, Values] = {}
    for report in reports:
        for one in stix_objects(report):
            objects.setdefault(one["id"], one)
    return {"type": "bundle", "id": f"bundle--{uuid.uuid5(NAMESPACE, '/'.join(objects))}",
            "objects": list(objects.values())}  # fmt: skip
