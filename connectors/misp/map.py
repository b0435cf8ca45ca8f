"""A MISP event to a report.

The originator's meaning is never widened: what is narrower inside an event than the event itself becomes a field
marking, and what nobody here can interpret is released to nobody.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.misp.tables import (
    ADMIRALTY,
    ATTRIBUTES,
    DISTRIBUTIONS,
    INHERIT,
    OBJECTS,
    RELATIONS,
    SHARING_GROUP,
    TWO_IN_ONE,
    WEAK,
)
from pipeline.errors import Refused
from pipeline.report.model import TLP_ORDER

Values = dict[str, Any]
NARRATIVE = 400_000
"""Characters told in the narrative at most; the rest is counted."""
NO_REF = re.compile(r"[^A-Za-z0-9_-]")
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def to_report(record: Record, config: Config) -> Values:
    """The report's JSON form. Raises Refused for a marking that nobody knows."""
    event: Values = record.values
    made = _Made(event, config)
    for attribute in _listed(event, "Attribute"):
        made.attribute(attribute, None)
    for found in _listed(event, "Object"):
        made.object(found)
    made.references(_listed(event, "Object"))
    values: Values = {
        "source_id": str(event["uuid"]),
        "op": "retract" if event.get("deleted") is True else "upsert",
        "kind": "incident",
        "title": (str(event.get("info") or "") or f"MISP event {event['uuid']}")[:1000],
        "narrative": made.told(),
        "reported_at": _moment(event, "publish_timestamp") or _moment(event, "timestamp") or _date(event),
        "entities": list(made.mentions.values()),
        "links": made.links,
        "assessment": _assessment(event) or None,
        "marking": _marking(event, config, made.fields),
    }
    revision = _whole(event.get("timestamp")) or _whole(event.get("publish_timestamp"))
    if revision:
        values["revision"] = revision
    return {name: value for name, value in values.items() if value is not None}


class _Made:
    """What an event's attributes and objects have been made into so far."""

    def __init__(self, event: Values, config: Config) -> None:
        self.event, self.config = event, config
        self.mentions: dict[str, Values] = {}
        self.links: list[Values] = []
        self.fields: list[Values] = []
        self.lines: list[str] = []
        self.proposals = len(_listed(event, "ShadowAttribute"))

    def attribute(self, attribute: Values, within: Values | None) -> list[str]:
        """An attribute that is a thing of its own; returns the refs of its mentions."""
        if attribute.get("deleted") is True:
            return []
        self.proposals += len(_listed(attribute, "ShadowAttribute"))
        kind, value = str(attribute.get("type") or ""), str(attribute.get("value") or "").strip()
        narrower = [*self._narrower(within or {}), *self._narrower(attribute)]
        refs = []
        for one, part in _halves(kind, value):
            if one not in ATTRIBUTES or not part or one in WEAK:
                continue
            mention_kind, scheme = ATTRIBUTES[one]
            ref = self._ref(attribute, one if len(_halves(kind, value)) > 1 else "")
            mention: Values = {"ref": ref, "kind": mention_kind}
            mention |= (
                {"identifiers": [{"scheme": scheme, "value": part[:1000]}]} if scheme else {"names": [part[:1000]]}
            )
            self.mentions[ref] = mention | self._said(attribute)
            self._mark(ref, narrower)
            refs.append(ref)
        if len(refs) == 2:
            self.links.append({"from": refs[0], "to": refs[1], "kind": "resolves-to" if "domain" in kind else "has"})
        if not refs:
            self._tell(attribute, narrower)
        return refs

    def object(self, found: Values) -> None:
        """An object: one mention where its template speaks of one thing, else its attributes each by themselves."""
        if found.get("deleted") is True:
            return
        name = str(found.get("name") or "")
        if name not in OBJECTS:
            refs = [ref for one in _listed(found, "Attribute") for ref in self.attribute(one, found)]
            self.links += [{"from": refs[0], "to": ref, "kind": "related-to"} for ref in refs[1:]]
            return
        ref = self._ref(found, "")
        mention: Values = {"ref": ref, "kind": OBJECTS[name], "names": [], "identifiers": [], "attributes": {}}
        narrower = self._narrower(found)
        parts: dict[str, str] = {}
        for one in _listed(found, "Attribute"):
            if one.get("deleted") is True:
                continue
            self.proposals += len(_listed(one, "ShadowAttribute"))
            narrower += self._narrower(one)
            relation, value = str(one.get("object_relation") or ""), str(one.get("value") or "").strip()[:1000]
            self._property(mention, parts, relation, str(one.get("type") or ""), value)
        if parts.get("first-name") or parts.get("last-name"):
            mention["names"].append(f"{parts.get('first-name', '')} {parts.get('last-name', '')}".strip())
        mention["names"] = list(dict.fromkeys(mention["names"]))
        self.mentions[ref] = {name: value for name, value in mention.items() if value}
        self._mark(ref, narrower)

    def references(self, objects: list[Values]) -> None:
        """Objects' references to others, as links."""
        for found in objects:
            for one in _listed(found, "ObjectReference"):
                source, target = self._ref(found, ""), NO_REF.sub("-", str(one.get("referenced_uuid") or ""))
                if source in self.mentions and target in self.mentions and one.get("deleted") is not True:
                    self.links.append({"from": source, "to": target, "kind": _slug(one.get("relationship_type"))})

    def told(self) -> str | None:
        """The narrative: what has no mention of its own, and how many proposals were left out."""
        lines = list(self.lines)
        if self.proposals:
            lines.append(f"{self.proposals} proposals not accepted by the owner are left out.")
        text = "\n".join(dict.fromkeys(lines))
        return text[:NARRATIVE] or None

    def _property(self, mention: Values, parts: dict[str, str], relation: str, kind: str, value: str) -> None:
        goes = RELATIONS.get(relation)
        if not value:
            return
        if relation in ("first-name", "last-name"):
            parts[relation] = value
        elif goes == "name":
            mention["names"].append(value)
        elif goes == "birth_date":
            if DATE.fullmatch(value[:10]):
                mention["birth_date"] = value[:10]
        elif goes:
            mention["identifiers"].append({"scheme": goes.removeprefix("id:"), "value": value})
        elif kind in ATTRIBUTES and ATTRIBUTES[kind][1] and kind not in WEAK:
            mention["identifiers"].append({"scheme": ATTRIBUTES[kind][1], "value": value})
        elif kind not in ("attachment", "malware-sample"):
            mention["attributes"][_slug(relation or kind)] = value

    def _tell(self, attribute: Values, narrower: list[list[str]]) -> None:
        """What is no mention goes into the narrative, or where it is narrower than its event, beside it."""
        kind, value = str(attribute.get("type") or "other"), str(attribute.get("value") or "").strip()
        if not value or kind in ("attachment", "malware-sample"):
            return
        if narrower:
            ref = self._ref(attribute, "")
            self.mentions[ref] = {"ref": ref, "kind": "document", "attributes": {_slug(kind): value[:10_000]}}
            self._mark(ref, narrower)
        else:
            self.lines.append(value if kind in ("text", "comment") else f"{kind}: {value}")

    def _said(self, attribute: Values) -> Values:
        """Comment and sightings, as attributes of the mention."""
        sightings = [str(one.get("type") or "0") for one in _listed(attribute, "Sighting")]
        said = {"comment": str(attribute.get("comment") or "").strip()[:10_000]}
        said |= {
            name: str(sightings.count(kind))
            for name, kind in (("seen", "0"), ("false-positive", "1"))
            if kind in sightings
        }
        said = {name: value for name, value in said.items() if value}
        return {"attributes": said} if said else {}

    def _narrower(self, one: Values) -> list[list[str]]:
        """To whom this part of the event goes where that is not simply wherever the event goes."""
        level = _whole(one.get("distribution"))
        if level in (None, INHERIT) or (level == _whole(self.event.get("distribution")) and level != SHARING_GROUP):
            return []
        to = _release_to(one, self.config)
        return [] if to is None else [to]

    def _mark(self, ref: str, narrower: list[list[str]]) -> None:
        self.fields += [{"path": f"entities[{ref}]", "release_to": to} for to in narrower]

    def _ref(self, one: Values, end: str) -> str:
        ref = NO_REF.sub("-", str(one.get("uuid") or f"part-{len(self.mentions) + 1}"))[:150]
        return f"{ref}-{NO_REF.sub('-', end)}" if end else ref


def _marking(event: Values, config: Config, fields: list[Values]) -> Values:
    tags = [str(tag.get("name") or "") for tag in _listed(event, "Tag")]
    tlps = [_tlp(tag) for tag in tags if tag.lower().startswith("tlp:")]
    marking: Values = {"tlp": config.marking.get("tlp", "AMBER")}
    if tlps:
        marking["tlp"] = max(tlps, key=TLP_ORDER.index)
    to = _release_to(event, config)
    if to is not None:
        marking["release_to"] = to
    caveats = sorted({tag.upper() for tag in tags if tag.lower().startswith("pap:")})
    if caveats:
        marking["caveats"] = caveats
    if fields:
        marking["fields"] = fields
    return marking


def _tlp(tag: str) -> str:
    word = tag.split(":", 1)[1].strip().strip('"').upper()
    word = "CLEAR" if word == "WHITE" else word.removeprefix("EX:").strip()
    if word not in TLP_ORDER:
        raise Refused("connector", f"the tag {tag[:40]!r} is a marking that nobody here knows; use TLP 2.0")
    return word


def _release_to(one: Values, config: Config) -> list[str] | None:
    """To whom an event, object or attribute goes by its distribution; None leaves it to the policy."""
    level = _whole(one.get("distribution"))
    if level == SHARING_GROUP:
        group = one.get("SharingGroup") or {}
        names = (group.get("uuid"), group.get("name"), one.get("sharing_group_id"))
        return next((config.sharing_groups[str(name)] for name in names if str(name) in config.sharing_groups), [])
    if level is None:  # said nowhere, as in some feeds: the connector file's marking decides, else nobody
        said: list[str] = config.marking.get("release_to", [])
        return said
    return config.distribution.get(level, DISTRIBUTIONS.get(level, []))


def _assessment(event: Values) -> Values:
    found: Values = {}
    for tag in _listed(event, "Tag"):
        match = re.fullmatch(r'admiralty-scale:([a-z-]+)="(\w)"', str(tag.get("name") or ""))
        if match and match[2] in ADMIRALTY.get(match[1], {}):
            part = "source" if match[1] == "source-reliability" else "information"
            found[part] = ADMIRALTY[match[1]][match[2]]
    return found


def _halves(kind: str, value: str) -> list[tuple[str, str]]:
    if kind not in TWO_IN_ONE:
        return [(kind, value)]
    parts = value.split("|", 1)
    return [(one, part) for one, part in zip(TWO_IN_ONE[kind], parts, strict=False) if one]


def _listed(one: Values, name: str) -> list[Values]:
    found = one.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _moment(event: Values, name: str) -> str | None:
    seconds = _whole(event.get(name))
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _date(event: Values) -> str | None:
    date = str(event.get("date") or "")
    return f"{date}T00:00:00Z" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) else None


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _slug(value: Any) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", str(value or "related-to").lower()).strip("-_")[:60] or "related-to"
