"""A STIX object, with what belongs to it, to a report.

Whatever is folded into a report keeps its own marking: where that is narrower, it is a mention or field of its own that
stays with the originator, and neither title nor narrative tell of it.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from connectors.base import Record
from connectors.config import Config
from connectors.stix.marking import is_narrower, marking_of
from connectors.stix.mentions import of_named, of_observable, of_pattern, slug
from connectors.stix.read import Bundle, Object, is_observable
from connectors.stix.tables import CREDIBILITY, REPORTS
from pipeline.errors import Refused

Values = dict[str, Any]
MOMENTS = ("modified", "created", "valid_from", "first_observed")
"""When an object was said, the best first."""
RESTRICTED = "-restricted"
"""Behind an attribute's name, where some of its values may be seen by fewer than the others."""


def to_report(record: Record, config: Config) -> Values:
    """The report's JSON form. Raises Refused for a marking that nobody knows, or a pattern that cannot be read."""
    one: Object = record.values
    made = _Made(one, record.context, config)
    made.gather()
    moment = next((one[name] for name in MOMENTS if one.get(name)), None)
    values: Values = {
        "source_id": one["id"],
        "op": "retract" if one.get("revoked") is True else "upsert",
        "kind": slug(one["type"], "object"),
        "title": made.title()[:1000],
        "narrative": "\n".join(made.lines) or None,
        "language": one.get("lang") if re.fullmatch(r"[a-z]{2,3}", str(one.get("lang") or "")) else None,
        "reported_at": moment or record.context.newest or _no_time(),
        "occurred": _occurred(one),
        "places": made.places or None,
        "entities": made.mentions,
        "links": made.links,
        "assessment": _assessment(one),
        "marking": made.marking,
    }
    if revision := _milliseconds(moment):
        values["revision"] = revision
    return {name: value for name, value in values.items() if value is not None}


class _Made:
    """What an object and its parts have been made into so far."""

    def __init__(self, one: Object, bundle: Bundle, config: Config) -> None:
        self.one, self.bundle, self.config = one, bundle, config
        self.marking = marking_of(one, bundle, config)
        self.mentions: list[Values] = []
        self.links: list[Values] = []
        self.places: list[Values] = []
        self.lines = _told(one)
        self.hidden: set[str] = set()
        self.ref_of: dict[str, str] = {}
        """By the id of the object that a mention came from."""

    def gather(self) -> None:
        self._itself()
        related: list[Object] = [self.one]
        for part, within in self.bundle.parts(self.one):
            if part["type"] == "location":
                self._place(part, *within)
            else:
                self._add(of_observable(part), part, *within)
                related.append(part)
        self._named()
        self.links = [{"from": "o1", "to": one["ref"], "kind": "related-to"} for one in self.mentions[1:]]
        for source in related:
            for relation in self.bundle.relationships.get(source["id"], []):
                self._related(source, relation)

    def title(self) -> str:
        if name := str(self.one.get("name") or self.one.get("abstract") or "").strip():
            return name
        for mention in self.mentions:
            values = mention.get("names") or [one["value"] for one in mention.get("identifiers", [])]
            if not values and self.one["type"] == "indicator":
                values = list(mention.get("attributes", {}).values())
            if values and mention["ref"] not in self.hidden:
                return f"{self.one['type']}: {values[0]}"
        return str(self.one["id"])

    def _itself(self) -> None:
        """What the object speaks of without any other."""
        one, kind = self.one, self.one["type"]
        if kind == "indicator":
            found, more = of_pattern(one)
            self._add(found)
            if more and one.get("pattern"):
                self.lines.append(f"{one.get('pattern_type', 'stix')}: {one['pattern']}")
        elif kind == "observed-data" and isinstance(one.get("objects"), dict):  # STIX 2.0 holds them inside
            for inside in one["objects"].values():
                self._add(of_observable(inside) if isinstance(inside, dict) else [])
        elif kind == "location":
            self._place(one)
        elif is_observable(one):
            self._add(of_observable(one))
        else:
            self._add(of_named(one))
        if self.mentions:
            self.ref_of[one["id"]] = "o1"

    def _named(self) -> None:
        """Objects with reports of their own to which this one refers: a thing of theirs, else their name."""
        refs = [self.one.get("sighting_of_ref")]
        for name in ("object_refs", "where_sighted_refs", "observed_data_refs", "sample_refs"):
            refs += self.one[name] if isinstance(self.one.get(name), list) else []
        for target in (self.bundle.objects.get(str(ref)) for ref in refs):
            if target is None or target["id"] in self.ref_of or target["type"] not in REPORTS:
                continue
            found = of_named(target)
            if target["type"] == "indicator" and self.one["type"] == "sighting":
                found = _of_readable_pattern(target)
            for part, within in self.bundle.parts(target) if target["type"] == "observed-data" else []:
                if is_observable(part):
                    self._add(of_observable(part), part, *within, target)
            if found:
                self._add(found, target)
            elif target.get("name"):
                self._say(target["type"], str(target["name"]), None, target)

    def _add(self, found: list[Values], *owners: Object) -> None:
        narrower = self._is_narrower(*owners)
        for mention in found:
            ref = f"o{len(self.mentions) + 1}"
            self.mentions.append({"ref": ref, **mention})
            if owners:
                self.ref_of.setdefault(owners[0]["id"], ref)
            if narrower:
                self._hide(f"entities[{ref}]")
                self.hidden.add(ref)

    def _place(self, location: Object, *within: Object) -> None:
        country = str(location.get("country") or "").strip()
        is_code = re.fullmatch(r"[A-Za-z]{2}", country) is not None
        names = [location.get(name) for name in ("name", "city", "administrative_area", "region")]
        name = next((one for one in [*names, None if is_code else country] if one), None)
        place = {"name": name and str(name)[:1000], "country": country.upper() if is_code else None,
                 "lat": location.get("latitude"), "lon": location.get("longitude")}  # fmt: skip
        place = {name: value for name, value in place.items() if value is not None}
        relations = [one for one in self.bundle.relationships.get(self.one["id"], [])
                     if one.get("target_ref") == location["id"]]  # fmt: skip
        if place:
            self.places.append(place)
            if location is not self.one and self._is_narrower(location, *within, *relations):
                self._hide(f"places[{len(self.places) - 1}]")

    def _related(self, source: Object, relation: Object) -> None:
        """What a relationship says: a link between two mentions, or an attribute of its source's."""
        target = self.bundle.objects.get(str(relation.get("target_ref")))
        if target is None or target["type"] == "location":
            return
        kind = slug(relation.get("relationship_type"), "related-to")
        ends = self.ref_of.get(source["id"]), self.ref_of.get(target["id"])
        if ends[0] and ends[1] and ends[0] != ends[1]:
            narrower = self._is_narrower(relation)
            kind += RESTRICTED if narrower else ""
            self.links.append({"from": ends[0], "to": ends[1], "kind": kind})
            if narrower:
                self._hide(f"links[kind={kind}]")
        else:
            self._say(kind, str(target.get("name") or _value_of(target) or target["id"]), ends[0], target, relation)

    def _say(self, name: str, value: str, ref: str | None, *owners: Object) -> None:
        """Tell of another object by its name: with the mention at `ref`, else in the narrative or, where that object
        may be seen by fewer, beside it."""
        narrower = self._is_narrower(*owners)
        if ref is not None:
            attributes = next(one for one in self.mentions if one["ref"] == ref).setdefault("attributes", {})
            name += RESTRICTED if narrower else ""
            said = attributes.get(name)
            if said is None or value not in said.split(", "):
                attributes[name] = (f"{said}, {value}" if said else value)[:10_000]
            if narrower:
                self._hide(f"entities[{ref}].attributes.{name}")
        elif narrower:
            self._add([{"kind": "document", "attributes": {name: value[:10_000]}}], *owners)
        elif (line := f"{name}: {value}") not in self.lines:
            self.lines.append(line)

    def _is_narrower(self, *owners: Object) -> bool:
        found = [is_narrower(owner, self.marking, self.bundle, self.config) for owner in owners]
        if caveats := set().union(*(said for _, said in found)):
            self.marking["caveats"] = sorted({*self.marking.get("caveats", ()), *caveats})
        return any(narrower for narrower, _ in found)

    def _hide(self, path: str) -> None:
        fields = self.marking.setdefault("fields", [])
        if (field := {"path": path, "release_to": []}) not in fields:
            fields.append(field)


def _told(one: Object) -> list[str]:
    return [str(one[name]) for name in ("description", "content", "explanation", "opinion") if one.get(name)]


def _value_of(target: Object) -> str | None:
    """What names an observable."""
    for mention in of_observable(target) if is_observable(target) else []:
        values = [*(one["value"] for one in mention.get("identifiers", [])), *mention.get("names", [])]
        if values:
            return str(values[0])
    return None


def _of_readable_pattern(target: Object) -> list[Values]:
    try:
        return of_pattern(target)[0]
    except Refused:  # which refuses that indicator, and not what refers to it
        return []


def _no_time() -> str:
    raise Refused("connector", "neither it nor its bundle says a time; put it into an observed-data object")


def _occurred(one: Object) -> Values | None:
    start = one.get("first_observed") or one.get("first_seen") or one.get("valid_from")
    end = one.get("last_observed") or one.get("last_seen")
    return {name: value for name, value in (("from", start), ("to", end)) if value} or None


def _assessment(one: Object) -> Values | None:
    confidence = one.get("confidence")
    if not isinstance(confidence, int) or not 0 <= confidence <= 100:
        return None
    return {"information": next(level for least, level in CREDIBILITY if confidence >= least)}


def _milliseconds(moment: Any) -> int | None:
    try:
        return int(datetime.fromisoformat(str(moment)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
