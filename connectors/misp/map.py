"""A MISP event to a report.

The originator's meaning is never widened: what is narrower inside an event than the event itself becomes a field
marking, and what nobody here can interpret is released to nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.misp.tables import (
    ADMIRALTY,
    ATTRIBUTES,
    DISTRIBUTIONS,
    INHERIT,
    NO_WORDS,
    OBJECTS,
    OPEN_CLUSTERS,
    RELATIONS,
    SHARING_GROUP,
    SIGHTINGS,
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
    for report in _listed(event, "EventReport"):
        made.event_report(report)
    values: Values = {
        "source_id": str(event["uuid"]),
        "op": "retract" if event.get("deleted") is True else "upsert",
        "kind": "incident",
        "title": (str(event.get("info") or "") or f"MISP event {event['uuid']}")[:1000],
        "narrative": made.told(),
        "places": made.places or None,
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
        self.places: list[Values] = []
        self.tlp = _marking(event, config, [])["tlp"]
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
            said = self._said(attribute) | _port(kind, value)
            self.mentions[ref] = mention | ({"attributes": said} if said else {})
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
        seen: Counter[str] = Counter()
        for one in _listed(found, "Attribute"):
            if one.get("deleted") is True:
                continue
            self.proposals += len(_listed(one, "ShadowAttribute"))
            narrower += self._narrower(one)
            seen.update(_sightings(one))
            relation, value = str(one.get("object_relation") or ""), str(one.get("value") or "").strip()[:1000]
            self._property(mention, parts, relation, str(one.get("type") or ""), value)
        if parts.get("first-name") or parts.get("last-name"):
            mention["names"].append(f"{parts.get('first-name', '')} {parts.get('last-name', '')}".strip())
        mention["names"] = list(dict.fromkeys(mention["names"]))
        mention["attributes"] |= {name: str(times) for name, times in seen.items()}
        if comment := str(found.get("comment") or "").strip():
            mention["attributes"].setdefault("comment", comment[:10_000])
        if OBJECTS[name] == "address" and not narrower and (place := _place(mention)):
            self.places.append(place)
        self.mentions[ref] = {name: value for name, value in mention.items() if value}
        self._mark(ref, narrower)

    def references(self, objects: list[Values]) -> None:
        """Objects' references to others, as links."""
        for found in objects:
            for one in _listed(found, "ObjectReference"):
                source, target = self._ref(found, ""), NO_REF.sub("-", str(one.get("referenced_uuid") or ""))
                if source in self.mentions and target in self.mentions and one.get("deleted") is not True:
                    self.links.append({"from": source, "to": target, "kind": _slug(one.get("relationship_type"))})

    def event_report(self, report: Values) -> None:
        """A text that analysts wrote on the event."""
        if report.get("deleted") is not True:
            parts = [str(report.get(part) or "").strip() for part in ("name", "content")]
            said = {**report, "type": "text", "value": "\n".join(part for part in parts if part)}
            self._tell(said, self._narrower(report))

    def told(self) -> str | None:
        """The narrative: what has no mention of its own, and how many proposals were left out."""
        lines = [*self.lines, *_told_tags(self.event)]
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

    def _said(self, attribute: Values) -> dict[str, str]:
        """Comment, tags and sightings, as attributes of the mention."""
        said = {"comment": str(attribute.get("comment") or "").strip()[:10_000],
                "tags": ", ".join(_open_tags(attribute))[:10_000]}  # fmt: skip
        said |= {name: str(times) for name, times in _sightings(attribute).items()}
        return {name: value for name, value in said.items() if value}

    def _narrower(self, one: Values) -> list[list[str]]:
        """To whom this part of the event goes where that is not simply wherever the event goes."""
        found: list[list[str]] = []
        if any(_strictness(word) > _strictness(self.tlp) for word in _tlps(one)):
            found.append([])  # a mark of one part alone names nobody, so it stays with the originator
        if _said_nothing(one) or _level(one) == INHERIT:
            return found
        if _level(one) == _level(self.event) and _level(one) != SHARING_GROUP:
            return found
        to = _release_to(one, self.config)
        return found if to is None else [*found, to]

    def _mark(self, ref: str, narrower: list[list[str]]) -> None:
        self.fields += [{"path": f"entities[{ref}]", "release_to": to} for to in narrower]

    def _ref(self, one: Values, end: str) -> str:
        ref = NO_REF.sub("-", str(one.get("uuid") or f"part-{len(self.mentions) + 1}"))[:150]
        return f"{ref}-{NO_REF.sub('-', end)}" if end else ref


def _marking(event: Values, config: Config, fields: list[Values]) -> Values:
    tlps = _tlps(event)
    unknown = next((word for word in tlps if word not in TLP_ORDER), None)
    if unknown is not None:
        raise Refused("connector", f"the tag {f'tlp:{unknown[:40].lower()}'!r} is a marking that nobody here knows; "
                                   "use TLP 2.0")  # fmt: skip
    marking: Values = {"tlp": max(tlps, key=_strictness) if tlps else config.marking.get("tlp", "AMBER")}
    to = _release_to(event, config)
    if to is not None:
        marking["release_to"] = to
    caveats = sorted({tag.upper()[:1000] for tag in _tags(event) if tag.lower().startswith("pap:")})
    if caveats:
        marking["caveats"] = caveats
    if fields:
        marking["fields"] = [one for at, one in enumerate(fields) if one not in fields[:at]]
    return marking


def _strictness(tlp: str) -> int:
    """The higher, the narrower; what nobody knows is narrower than all."""
    word = str(tlp).upper().removeprefix("TLP:")
    word = "CLEAR" if word == "WHITE" else word
    return TLP_ORDER.index(word) if word in TLP_ORDER else len(TLP_ORDER)


def _tags(one: Values) -> list[str]:
    """The names of its tags, also where they stand one level deeper, as in some exports."""
    deeper = [tag.get("Tag") for name in ("EventTag", "AttributeTag") for tag in _listed(one, name)]
    found = [*_listed(one, "Tag"), *(tag for tag in deeper if isinstance(tag, dict))]
    return list(dict.fromkeys(str(tag.get("name") or "").strip() for tag in found))


def _tlps(one: Values) -> list[str]:
    words = [tag.split(":", 1)[1].strip().strip('"').upper() for tag in _tags(one) if tag.lower().startswith("tlp:")]
    return ["CLEAR" if word == "WHITE" else word.removeprefix("EX:").strip() for word in words]


def _open_tags(one: Values) -> list[str]:
    """Tags that say something of the thing and are no marking, without clusters of a galaxy that is not for all."""
    clusters = [cluster for galaxy in _listed(one, "Galaxy") for cluster in _listed(galaxy, "GalaxyCluster")]
    closed = {str(cluster.get("tag_name")) for cluster in clusters
              if str(cluster.get("distribution", 3)) not in OPEN_CLUSTERS}  # fmt: skip
    return [tag for tag in _tags(one) if tag and tag not in closed and not tag.lower().startswith(NO_WORDS)]


def _told_tags(event: Values) -> list[str]:
    tags = _open_tags(event)
    return [f"Tags: {', '.join(tags)}"] if tags else []


def _sightings(attribute: Values) -> Counter[str]:
    types = (str(one.get("type") or "0") for one in _listed(attribute, "Sighting"))
    return Counter(SIGHTINGS[kind] for kind in types if kind in SIGHTINGS)


def _said_nothing(one: Values) -> bool:
    return one.get("distribution") in (None, "")


def _level(one: Values) -> int | None:
    """The distribution level; None where it says nothing, or something that is no level."""
    return _whole(one.get("distribution"))


def _release_to(one: Values, config: Config) -> list[str] | None:
    """To whom an event, object or attribute goes by its distribution; None leaves it to the policy."""
    level = _level(one)
    if level == SHARING_GROUP:
        # Never by its local number: that may have been another group's before.
        group = one.get("SharingGroup") if isinstance(one.get("SharingGroup"), dict) else {}
        names = [str(name) for name in ((group or {}).get("uuid"), (group or {}).get("name")) if name]
        return next((list(config.sharing_groups[name]) for name in names if name in config.sharing_groups), [])
    if _said_nothing(one):  # as in some feeds: the connector file's marking decides, else nobody
        said: list[str] = config.marking.get("release_to") or []
        return said
    if level is None:
        return []
    to: Any = config.distribution.get(level, DISTRIBUTIONS.get(level, []))
    return to if to is None else list(to)


def _place(mention: Values) -> Values | None:
    """A place of the report, where a mention has coordinates on Earth."""
    said = mention["attributes"]
    try:
        lat, lon = float(said["latitude"]), float(said["longitude"])
    except (KeyError, ValueError):
        return None
    return {"lat": lat, "lon": lon} if abs(lat) <= 90 and abs(lon) <= 180 else None


def _port(kind: str, value: str) -> dict[str, str]:
    port = value.rpartition("|")[2].strip()
    return {"port": port} if kind.endswith("|port") and port.isdigit() else {}


def _assessment(event: Values) -> Values:
    found: Values = {}
    for tag in _tags(event):
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


def _listed(one: Values, name: str) -> list[Values]:
    """Its parts of a name: a list of them, or in some exports one alone."""
    found = one.get(name)
    found = [found] if isinstance(found, dict) else found
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
