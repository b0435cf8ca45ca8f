"""A MISP event to a report: what is narrower inside an event than the event itself becomes a field marking."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.misp.marking import is_true, listed, marking_of, narrower, open_tags, tags, whole
from connectors.misp.tables import ADMIRALTY, ATTRIBUTES, OBJECTS, RELATIONS, SIGHTINGS, TWO_IN_ONE, WEAK
from pipeline.errors import Refused

Values = dict[str, Any]
NARRATIVE = 400_000
"""Characters told in the narrative at most; the rest is counted."""
NO_REF = re.compile(r"[^A-Za-z0-9_-]")
DATE = re.compile(r"(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)(T.*)?")
LONGEST = 1000
"""Characters of a name or identifier. What is longer is told as it is, rather than cut to what it is not."""


def to_report(record: Record, config: Config) -> Values:
    """The report's JSON form. Raises Refused for a marking that nobody knows."""
    event: Values = record.values
    marking = marking_of(event, config)
    made = _Made(event, marking["tlp"], config)
    for attribute in listed(event, "Attribute"):
        made.attribute(attribute, None)
    for found in listed(event, "Object"):
        made.object(found)
    made.references(listed(event, "Object"))
    for report in listed(event, "EventReport"):
        made.event_report(report)
    values: Values = {
        "source_id": str(event["uuid"]),
        "op": "retract" if is_true(event.get("deleted")) else "upsert",
        "kind": "incident",
        "title": (str(event.get("info") or "") or f"MISP event {event['uuid']}")[:1000],
        "narrative": made.told(),
        "places": made.places or None,
        "reported_at": _moment(event, "publish_timestamp") or _moment(event, "timestamp") or _date(event),
        "entities": list(made.mentions.values()),
        "links": made.links,
        "assessment": _assessment(event) or None,
        "marking": marking | ({"fields": made.fields} if made.fields else {}),
    }
    revision = whole(event.get("timestamp")) or whole(event.get("publish_timestamp"))
    if revision:
        values["revision"] = revision
    return {name: value for name, value in values.items() if value is not None}


class _Made:
    """What an event's attributes and objects have been made into so far."""

    def __init__(self, event: Values, tlp: str, config: Config) -> None:
        self.event, self.tlp, self.config = event, tlp, config
        self.mentions: dict[str, Values] = {}
        self.links: list[Values] = []
        self.fields: list[Values] = []
        self.lines: list[str] = []
        self.places: list[Values] = []
        self.proposals = len(listed(event, "ShadowAttribute"))
        self.ref_of: dict[str, str] = {}
        """By the uuid of the attribute or object that a mention came from."""

    def attribute(self, attribute: Values, within: Values | None) -> list[str]:
        """An attribute that is a thing of its own; returns the refs of its mentions."""
        if is_true(attribute.get("deleted")):
            return []
        self.proposals += len(listed(attribute, "ShadowAttribute"))
        kind, value = _text(attribute, "type"), _text(attribute, "value")
        to = [*self._narrower(within or {}), *self._narrower(attribute)]
        refs: list[str] = []
        halves = _halves(kind, value)
        things = [(one, part) for one, part in halves if one in ATTRIBUTES and one not in WEAK and _fits(part)]
        for one, part in things:
            mention_kind, scheme = ATTRIBUTES[one]
            named: Values = {"identifiers": [{"scheme": scheme, "value": part}]} if scheme else {"names": [part]}
            said = self._said(attribute) | ({} if refs else _rest(kind, value, halves, things))
            mention = {"kind": mention_kind, **named} | ({"attributes": said} if said else {})
            refs.append(self._put(attribute, mention, to, end=one if len(halves) > 1 else ""))
        if len(refs) == 2:
            self._link(refs[0], refs[1], "resolves-to" if "domain" in kind else "has")
        if not refs:
            self._tell(attribute, to)
        return refs

    def object(self, found: Values) -> None:
        """An object: one mention where its template speaks of one thing, else its attributes each by themselves."""
        if is_true(found.get("deleted")):
            return
        name = _text(found, "name")
        if name not in OBJECTS:
            refs = [ref for one in listed(found, "Attribute") for ref in self.attribute(one, found)]
            for ref in refs[1:]:
                self._link(refs[0], ref, "related-to")
            if refs:
                self._stands(found, refs[0])
            return
        mention: Values = {"kind": OBJECTS[name], "names": [], "identifiers": [], "attributes": {}}
        to = self._narrower(found)
        parts: dict[str, str] = {}
        seen: Counter[str] = Counter()
        held = [one for one in listed(found, "Attribute") if not is_true(one.get("deleted"))]
        for one in held:
            self.proposals += len(listed(one, "ShadowAttribute"))
            to += self._narrower(one)
            seen.update(_sightings(one))
            self._property(mention, parts, _text(one, "object_relation"), _text(one, "type"), _text(one, "value"))
        if parts.get("first-name") or parts.get("last-name"):
            mention["names"].append(f"{parts.get('first-name', '')} {parts.get('last-name', '')}".strip())
        mention["names"] = list(dict.fromkeys(mention["names"]))
        mention["attributes"] |= {name: str(times) for name, times in seen.items()}
        if comment := _text(found, "comment"):
            mention["attributes"].setdefault("comment", comment[:10_000])
        if OBJECTS[name] == "address" and not to and (place := _place(mention)):
            self.places.append(place)
        ref = self._put(found, {name: value for name, value in mention.items() if value}, to)
        for one in held:
            self._stands(one, ref)

    def references(self, objects: list[Values]) -> None:
        """Objects' references to others, as links between what those have become."""
        for found in objects:
            for one in listed(found, "ObjectReference"):
                ends = self.ref_of.get(_text(found, "uuid")), self.ref_of.get(_text(one, "referenced_uuid"))
                if ends[0] and ends[1] and ends[0] != ends[1] and not is_true(one.get("deleted")):
                    self._link(ends[0], ends[1], _slug(one.get("relationship_type")))

    def event_report(self, report: Values) -> None:
        """A text that analysts wrote on the event."""
        if not is_true(report.get("deleted")):
            parts = [_text(report, part) for part in ("name", "content")]
            said = {**report, "type": "text", "value": "\n".join(part for part in parts if part)}
            self._tell(said, self._narrower(report))

    def told(self) -> str | None:
        """The narrative: what has no mention of its own, and how many proposals were left out."""
        lines = [*self.lines, *_told_tags(self.event)]
        if self.proposals:
            lines.append(f"{self.proposals} proposals not accepted by the owner are left out.")
        text = "\n".join(dict.fromkeys(lines))
        if len(text) > NARRATIVE:
            text = f"{text[:NARRATIVE]}\n{len(text) - NARRATIVE:,} more characters are left out."
        return text or None

    def _property(self, mention: Values, parts: dict[str, str], relation: str, kind: str, value: str) -> None:
        goes = RELATIONS.get(relation)
        if not value:
            return
        if relation in ("first-name", "last-name") and _fits(value):
            parts[relation] = value[: LONGEST // 2]
        elif goes == "name" and _fits(value):
            mention["names"].append(value)
        elif goes == "birth_date" and "birth_date" not in mention and (date := DATE.fullmatch(value)):
            mention["birth_date"] = date[1]
        elif goes and goes.startswith("id:") and _fits(value):
            mention["identifiers"].append({"scheme": goes.removeprefix("id:"), "value": value})
        elif not goes and kind in ATTRIBUTES and ATTRIBUTES[kind][1] and kind not in WEAK and _fits(value):
            mention["identifiers"].append({"scheme": ATTRIBUTES[kind][1], "value": value})
        else:
            name, attributes = _slug(relation or kind), mention["attributes"]
            attributes[name] = (f"{attributes[name]}, {value}" if name in attributes else value)[:10_000]

    def _tell(self, attribute: Values, to: list[list[str]]) -> None:
        """What is no mention goes into the narrative, or where it is narrower than its event, beside it."""
        kind, value = _text(attribute, "type") or "other", _text(attribute, "value")
        if not value:
            return
        if to:
            self._put(attribute, {"kind": "document", "attributes": {_slug(kind): value[:10_000]}}, to)
        else:
            self.lines.append(value if kind in ("text", "comment") else f"{kind}: {value}")

    def _said(self, attribute: Values) -> dict[str, str]:
        """Comment, tags and sightings, as attributes of the mention."""
        said = {"comment": _text(attribute, "comment")[:10_000], "tags": ", ".join(open_tags(attribute))[:10_000]}
        said |= {name: str(times) for name, times in _sightings(attribute).items()}
        return {name: value for name, value in said.items() if value}

    def _put(self, one: Values, mention: Values, to: list[list[str]], end: str = "") -> str:
        """Keep a mention under the uuid of what it came from; what bears another's uuid gets a number behind it."""
        ref = NO_REF.sub("-", _text(one, "uuid") or "part")[:150] + (f"-{NO_REF.sub('-', end)}" if end else "")
        taken = (ref, *(f"{ref}-{number}" for number in range(2, len(self.mentions) + 3)))
        ref = next(name for name in taken if name not in self.mentions)
        self.mentions[ref] = {"ref": ref, **mention}
        self._stands(one, ref)
        fields = [{"path": f"entities[{ref}]", "release_to": each} for each in to]
        self.fields += [field for at, field in enumerate(fields) if field not in fields[:at]]
        return ref

    def _stands(self, one: Values, ref: str) -> None:
        if uuid := _text(one, "uuid"):
            self.ref_of.setdefault(uuid, ref)

    def _link(self, start: str, end: str, kind: str) -> None:
        if (link := {"from": start, "to": end, "kind": kind}) not in self.links:
            self.links.append(link)

    def _narrower(self, one: Values) -> list[list[str]]:
        return narrower(one, self.event, self.tlp, self.config)


def _told_tags(event: Values) -> list[str]:
    found = open_tags(event)
    return [f"Tags: {', '.join(found)}"] if found else []


def _sightings(attribute: Values) -> Counter[str]:
    types = (str(one.get("type") or "0") for one in listed(attribute, "Sighting"))
    return Counter(SIGHTINGS[kind] for kind in types if kind in SIGHTINGS)


def _place(mention: Values) -> Values | None:
    """A place of the report, where a mention has coordinates on Earth."""
    said = mention["attributes"]
    try:
        lat, lon = float(said["latitude"]), float(said["longitude"])
    except (KeyError, ValueError):
        return None
    return {"lat": lat, "lon": lon} if abs(lat) <= 90 and abs(lon) <= 180 else None


def _rest(kind: str, value: str, halves: list[tuple[str, str]], things: list[tuple[str, str]]) -> dict[str, str]:
    """What of a type of two in one is no thing by itself: a port, a hash that resembles."""
    port = value.rpartition("|")[2].strip()
    if kind.endswith("|port") and port.isdigit():
        return {"port": port}
    return {_slug(one): part[:10_000] for one, part in halves if part and (one, part) not in things}


def _fits(value: str) -> bool:
    return 0 < len(value) <= LONGEST


def _text(one: Values, name: str) -> str:
    return "" if one.get(name) is None else str(one[name]).strip()


def _assessment(event: Values) -> Values:
    found: Values = {}
    for tag in tags(event):
        match = re.fullmatch(r'admiralty-scale:([a-z-]+)="(\w)"', tag.lower())
        if match and match[2] in ADMIRALTY.get(match[1], {}):
            part = "source" if match[1] == "source-reliability" else "information"
            found[part] = ADMIRALTY[match[1]][match[2]]
    return found


def _halves(kind: str, value: str) -> list[tuple[str, str]]:
    """A type of two in one, as its parts; `filename|sha256` names them itself."""
    if "|" not in kind and kind not in TWO_IN_ONE:
        return [(kind, value)]
    kinds = TWO_IN_ONE.get(kind) or kind.split("|", 1)
    return [(one, part.strip()) for one, part in zip(kinds, value.split("|", 1), strict=False) if one]


def _moment(event: Values, name: str) -> str | None:
    """Seconds since 1970, which some exports write as RFC 3339."""
    seconds = whole(event.get(name))
    try:
        if seconds is None and "T" in _text(event, name):
            return datetime.fromisoformat(_text(event, name)).astimezone(UTC).isoformat()
        return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _date(event: Values) -> str:
    date = _text(event, "date")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        reason = "the event says no time: it has no publish_timestamp, timestamp or date that is one; mend it in MISP"
        raise Refused("connector", reason)
    return f"{date}T00:00:00Z"


def _slug(value: Any) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", str(value or "related-to").lower()).strip("-_")[:60] or "related-to"
