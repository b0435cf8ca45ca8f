"""Documents as STIX 2.1 objects. Pure: ids come from the documents' own, times from when they were reported.

A report becomes a `report` with its mentions, places and links; an entity one object. All bear the TLP 2.0 marking of
their document, and its caveats as statements. What STIX has no property for stands in Gabung's extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from pipeline.search.export.observables import EXTENSION, Object, extension_definition, object_id, thing
from pipeline.search.indexed import floor_milliseconds

Document = Mapping[str, Any]
Pages = Iterator[list[dict[str, Any]]]

TLP_2_0 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""The marking definitions of TLP 2.0, by OASIS's extension of STIX 2.1."""
CONFIDENCE = {1: 90, 2: 70, 3: 50, 4: 30, 5: 10}
"""The Admiralty scale of credibility (STIX 2.1, appendix A); 6 cannot be judged."""
FIXED = "2022-10-01T00:00:00.000Z"
"""When what bears no time of its own says it was made: that of the TLP 2.0 definitions."""
MAKER = "gabung"
"""Who made the extension, told as an agency is."""
EVERY_AGENCY = TLP["GREEN"]
"""The ids of agencies are known to every agency here."""


def objects(document: Document) -> list[Object]:
    """All objects of a document, those that it refers to first."""
    return _report(document) if document["doc"] == "report" else _entity(document)


def agency_id(agency: str) -> str:
    """The STIX id of an agency."""
    return object_id("identity", f"agency\n{agency}")


def caveat_id(text: str) -> str:
    """The STIX id of the marking that states a caveat."""
    return object_id("marking-definition", text)


def expiry_id(moment: str) -> str:
    """The STIX id of the marking that states an expiry. It begins with the moment, as a UUIDv7 does, and so leads to
    the reports that expire then."""
    type_, _, made = object_id("marking-definition", _expiry(moment)).partition("--")
    led = f"{max(0, floor_milliseconds(datetime.fromisoformat(moment))):012x}"
    return f"{type_}--{led[:8]}-{led[8:]}{made[13:]}"


def expiry_of(id_: str) -> int | None:
    """Which millisecond since 1970 an id leads to if it is that of an expiry; None where it can be none."""
    led = id_.rpartition("--")[2][:13].replace("-", "")
    return int(led, 16) if re.fullmatch("[0-9a-f]{12}", led) else None


def report_id(id_: str) -> str:
    """The STIX id of a report: its own is a UUIDv5 already."""
    return f"report--{id_}"


def write_bundle(pages: Pages, made_at: str) -> Iterator[bytes]:
    """One bundle, each object once; what many documents share may come again after MOST_SHARED of them."""
    yield orjson.dumps({"type": "bundle", "id": object_id("bundle", made_at)})[:-1]
    seen: set[str] = set()  # marking definitions and agencies, which many documents share
    separator = b',"objects":['
    for page in pages:
        for document in page:
            for one in objects(document):
                if one["id"] in seen:
                    continue
                if one["type"] in SHARED and len(seen) < MOST_SHARED:
                    seen.add(one["id"])
                yield separator + b"\n" + orjson.dumps(one)
                separator = b","
    yield b"]}\n" if separator == b"," else b"}\n"


MOST_SHARED = 100_000
"""Remembered while a bundle is written: there is a marking definition for each caveat and each moment of expiry."""
SHARED = frozenset({"marking-definition", "extension-definition", "identity"})


def _report(document: Document) -> list[Object]:
    moment, id_ = document["reported_at"], document["id"]
    agency = _agency(document["agency"])
    definitions, marks = _markings(document["marking"])
    by = {"created_by_ref": agency["id"], "object_marking_refs": marks}
    of_time = {"created": moment, "modified": moment, **by}
    made = {one["ref"]: thing(one, f"{id_}/{one['ref']}", of_time) for one in document.get("entities", [])}
    parts = list(made.values())
    parts += [_location(place, f"{id_}/{at}", of_time) for at, place in enumerate(document.get("locations", []))]
    parts += [
        _object("relationship", f"{id_}\n{link['from']}\n{link['kind']}\n{link['to']}", of_time)
        | {
            "relationship_type": link["kind"].replace("_", "-"),
            "source_ref": made[link["from"]]["id"],
            "target_ref": made[link["to"]]["id"],
        }
        for link in document.get("links", [])
        if link["from"] in made and link["to"] in made
    ]
    parts = list({one["id"]: one for one in parts}.values())
    parts += _observed(document, list(made.values()), of_time)
    confidence = CONFIDENCE.get(document.get("assessment", {}).get("information", 0))
    more = {
        "description": document.get("narrative"),
        "lang": document.get("language"),
        "confidence": confidence,
    }
    report = {
        **_object("report", id_, of_time),
        "id": report_id(id_),
        "name": document["title"],
        "labels": [document["kind"]],
        "published": moment,
        "object_refs": [one["id"] for one in parts] or [agency["id"]],
        "external_references": [{"source_name": document["agency"], "external_id": document["source_id"]}],
        **{name: value for name, value in more.items() if value is not None},
    }
    return [*definitions, *_extended(parts), agency, *parts, report]


def _entity(document: Document) -> list[Object]:
    definitions, marks = _markings(document["marking"])
    of_time = {
        "created": document["first_reported"],
        "modified": document["last_reported"],
        "object_marking_refs": marks,
        "external_references": [{"source_name": "gabung", "external_id": id_} for id_ in document["reports"]],
    }
    values = {
        "kind": document["kind"],
        "names": document.get("names", []),
        "identifiers": document.get("identifiers", []),
        "roles": document.get("roles"),
        "birth_dates": document.get("birth_dates"),
        "nationalities": document.get("nationalities"),
        "agencies": document.get("agencies"),
        "reports": document.get("reports"),
    }
    one = thing({name: value for name, value in values.items() if value}, f"entity\n{document['id']}", of_time)
    return [*definitions, *_extended([one]), one]


def _observed(document: Document, made: list[Object], of_time: Object) -> list[Object]:
    """When what was observed happened, where the report says so."""
    occurred = document.get("occurred", {})
    start, end = occurred.get("from"), occurred.get("to")
    seen = sorted({one["id"] for one in made if "created" not in one})
    if not seen or not (start or end):
        return []
    return [
        _object("observed-data", document["id"], of_time)
        | {
            "first_observed": start or end,
            "last_observed": end or start,
            "number_observed": 1,
            "object_refs": seen,
        }
    ]


def _location(place: Mapping[str, Any], id_: str, of_time: Object) -> Object:
    values = {"name": place.get("name"), "country": place.get("country"), "latitude": place["point"][1],
              "longitude": place["point"][0]}  # fmt: skip
    return _object("location", id_, of_time) | {name: value for name, value in values.items() if value is not None}


def _agency(agency: str) -> Object:
    return {
        **_object("identity", f"agency\n{agency}", {"created": FIXED, "modified": FIXED}),
        "name": agency,
        "identity_class": "organization",
        "object_marking_refs": [EVERY_AGENCY],
    }


def _markings(marking: Mapping[str, Any]) -> tuple[list[Object], list[str]]:
    """The definitions that a document's marking needs, and their ids."""
    found = [tlp(marking["tlp"]), *(_statement(caveat_id(text), text) for text in marking.get("caveats", []))]
    if marking.get("expires_at"):
        found.append(_statement(expiry_id(marking["expires_at"]), _expiry(marking["expires_at"])))
    ids = [one["id"] for one in found]
    return [*found, *([tlp("GREEN")] if EVERY_AGENCY not in ids else [])], ids


def tlp(word: str) -> Object:
    """OASIS's definition of a TLP 2.0 marking."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP[word],
        "created": FIXED,
        "name": f"TLP:{word}",
        "extensions": {TLP_2_0: {"extension_type": "property-extension", "tlp_2_0": word.lower()}},
    }


def _expiry(moment: str) -> str:
    return f"not to be shown from {moment} on"


def _statement(id_: str, text: str) -> Object:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": id_,
        "created": FIXED,
        "definition_type": "statement",
        "definition": {"statement": text},
    }


def _extended(parts: list[Object]) -> list[Object]:
    if not any(EXTENSION in one.get("extensions", {}) for one in parts):
        return []
    maker = _agency(MAKER)
    return [maker, extension_definition(maker["id"], FIXED, EVERY_AGENCY)]


def _object(type_: str, of: str, more: Object) -> Object:
    return {"type": type_, "spec_version": "2.1", "id": object_id(type_, of), **more}
