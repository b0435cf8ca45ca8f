"""A STIX object, with what belongs to it, to a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from stix2patterns.v20.pattern import Pattern as Pattern20
from stix2patterns.v21.pattern import Pattern as Pattern21

from connectors.base import Record
from connectors.config import Config
from connectors.stix.read import Bundle, Object
from connectors.stix.tables import CREDIBILITY, NAMED, OBSERVABLES, TLP_IDS
from pipeline.errors import Refused
from pipeline.report.model import TLP_ORDER

Values = dict[str, Any]
HASHES = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512", "sha224": "sha224", "sha384": "sha384"}
TLP_2_0 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
MOST_MENTIONS = 2000


def to_report(record: Record, config: Config) -> Values:
    """The report's JSON form. Raises Refused for a marking that nobody knows, or a pattern that cannot be read."""
    one: Object = record.values
    bundle: Bundle = record.context
    mentions = _mentions(one, bundle)
    for at, mention in enumerate(mentions):
        mention["ref"] = f"o{at + 1}"
    if mentions and (about := _related(one, bundle)):
        mentions[0].setdefault("attributes", {}).update(about)
    modified = one.get("modified") or one.get("created") or one.get("valid_from") or one.get("first_observed")
    values: Values = {
        "source_id": one["id"],
        "op": "retract" if one.get("revoked") is True else "upsert",
        "kind": re.sub(r"[^a-z0-9_-]", "-", one["type"].lower())[:60],
        "title": _title(one, mentions)[:1000],
        "narrative": _narrative(one),
        "language": one.get("lang") if re.fullmatch(r"[a-z]{2,3}", str(one.get("lang") or "")) else None,
        "reported_at": modified,
        "occurred": _occurred(one),
        "places": _places(one, bundle) or None,
        "entities": mentions,
        "links": [{"from": "o1", "to": mention["ref"], "kind": "related-to"} for mention in mentions[1:]],
        "assessment": _assessment(one),
        "marking": _marking(one, bundle, config),
    }
    if revision := _milliseconds(modified):
        values["revision"] = revision
    return {name: value for name, value in values.items() if value is not None}


def _mentions(one: Object, bundle: Bundle) -> list[Values]:
    """What the object speaks of: by its pattern, its observables, or itself."""
    kind = one["type"]
    if kind == "indicator":
        return _of_pattern(one)
    found: list[Values] = []
    if kind == "observed-data" and isinstance(one.get("objects"), dict):  # STIX 2.0 holds them inside
        for inside in one["objects"].values():
            found += _of_observable(inside) if isinstance(inside, dict) else []
    refs = one.get("object_refs") or one.get("sample_refs") or []
    for ref in refs[:MOST_MENTIONS] if isinstance(refs, list) else []:
        target = bundle.objects.get(ref)
        if target is not None:
            found += _of_observable(target) or _of_named(target)
    if kind == "sighting":
        target = bundle.objects.get(str(one.get("sighting_of_ref")))
        found += _of_pattern(target) if target and target.get("type") == "indicator" else []
    return found or _of_named(one) or _of_observable(one)


def _of_pattern(one: Object) -> list[Values]:
    if one.get("pattern_type", "stix") != "stix":
        return []
    reader = Pattern20 if one.get("spec_version", "2.0") == "2.0" and "pattern_type" not in one else Pattern21
    try:
        comparisons = reader(str(one.get("pattern"))).inspect().comparisons
    except Exception:  # the parser raises kinds of its own
        raise Refused("connector", "the pattern is no STIX pattern; mend it at its source") from None
    found: list[Values] = []
    for kind, compared in sorted(comparisons.items()):
        for path, operator, value in compared:
            steps = ".".join(str(step) for step in path)
            for text in _texts(operator, str(value)):
                mention = _mention(kind, steps, text)
                if mention not in found:
                    found.append(mention)
    return found


def _texts(operator: str, value: str) -> Iterator[str]:
    """The values that a comparison asks for; only equality names a thing."""
    if operator == "=":
        yield _unquoted(value)
    elif operator == "IN":
        for part in re.findall(r"'((?:[^'\\]|\\.)*)'", value):
            yield part.replace("\\'", "'").replace("\\\\", "\\")


def _mention(kind: str, path: str, value: str) -> Values:
    if "hashes" in path:
        name = re.sub(r"[^a-z0-9]", "", path.split("hashes", 1)[1].lower())
        return {"kind": "hash", "identifiers": [{"scheme": HASHES.get(name, name or "hash"), "value": value[:1000]}]}
    known = OBSERVABLES.get((kind, path)) or OBSERVABLES.get((kind.removeprefix("x-"), path))
    if known is None:
        scheme = re.sub(r"[^a-z0-9_-]+", "-", f"{kind}-{path}".lower()).strip("-")[:60]
        return {"kind": "document", "identifiers": [{"scheme": scheme, "value": value[:1000]}]}
    mention_kind, scheme = known
    if not scheme:
        return {"kind": mention_kind, "names": [value[:1000]]}
    return {"kind": mention_kind, "identifiers": [{"scheme": scheme, "value": value[:1000]}]}


def _of_observable(one: Object) -> list[Values]:
    """A cyber observable, with all that identifies it in one mention."""
    kind = str(one.get("type"))
    hashes = one.get("hashes")
    if isinstance(hashes, dict) and hashes:
        schemes = ((HASHES.get(re.sub(r"[^a-z0-9]", "", name.lower())), value) for name, value in hashes.items())
        identifiers = [{"scheme": scheme, "value": str(value)[:1000]} for scheme, value in schemes if scheme]
        if identifiers:
            names = [str(one["name"])[:1000]] if one.get("name") else []
            return [{"kind": "hash", "identifiers": identifiers, "names": names}]
    for known, path in OBSERVABLES:
        if known == kind.removeprefix("x-") and isinstance(one.get(path), str | int) and str(one[path]).strip():
            return [_mention(kind, path, str(one[path]))]
    return []


def _of_named(one: Object) -> list[Values]:
    kind = str(one.get("type"))
    name = str(one.get("name") or "").strip()
    if kind not in NAMED or not name:
        return []
    mention_kind = "person" if one.get("identity_class") == "individual" else NAMED[kind]
    aliases = [str(alias)[:1000] for alias in one.get("aliases") or [] if str(alias).strip()]
    return [{"kind": mention_kind, "names": list(dict.fromkeys([name[:1000], *aliases]))}]


def _related(one: Object, bundle: Bundle) -> dict[str, str]:
    """What this object's relationships say, by their type."""
    said: dict[str, list[str]] = {}
    for relation in bundle.relationships.get(one["id"], []):
        target = bundle.objects.get(str(relation.get("target_ref")))
        if target is not None and not relation.get("revoked"):
            name = re.sub(r"[^a-z0-9_-]+", "-", str(relation.get("relationship_type") or "related-to").lower())
            said.setdefault(name.strip("-_")[:60] or "related-to", []).append(str(target.get("name") or target["id"]))
    return {name: ", ".join(dict.fromkeys(names))[:10_000] for name, names in said.items()}


def _title(one: Object, mentions: list[Values]) -> str:
    if name := str(one.get("name") or one.get("abstract") or "").strip():
        return name
    for mention in mentions:
        value = next(iter(mention.get("names") or [one["value"] for one in mention.get("identifiers", [])]), None)
        if value:
            return f"{one['type']}: {value}"
    return str(one["id"])


def _narrative(one: Object) -> str | None:
    parts = [str(one[name]) for name in ("description", "content", "explanation") if one.get(name)]
    if one["type"] == "indicator" and one.get("pattern_type", "stix") != "stix":
        parts.append(f"{one['pattern_type']}: {one.get('pattern')}")
    return "\n".join(parts)[:500_000] or None


def _occurred(one: Object) -> Values | None:
    start = one.get("first_observed") or one.get("first_seen") or one.get("valid_from")
    end = one.get("last_observed") or one.get("last_seen")
    return {name: value for name, value in (("from", start), ("to", end)) if value} or None


def _places(one: Object, bundle: Bundle) -> list[Values]:
    targets = [str(relation.get("target_ref")) for relation in bundle.relationships.get(one["id"], [])]
    places = []
    for target in (bundle.objects.get(ref) for ref in [*targets, *(one.get("object_refs") or [])]):
        if target is None or target.get("type") != "location":
            continue
        place = {"name": target.get("name") or target.get("city") or target.get("region"),
                 "country": str(target.get("country") or "").upper() or None,
                 "lat": target.get("latitude"), "lon": target.get("longitude")}  # fmt: skip
        places.append({name: value for name, value in place.items() if value is not None})
    return [place for place in places if place]


def _assessment(one: Object) -> Values | None:
    confidence = one.get("confidence")
    if not isinstance(confidence, int) or not 0 <= confidence <= 100:
        return None
    return {"information": next(level for least, level in CREDIBILITY if confidence >= least)}


def _marking(one: Object, bundle: Bundle, config: Config) -> Values:
    tlps: list[str] = []
    caveats: list[str] = []
    for ref in one.get("object_marking_refs") or []:
        tlp, caveat = _definition(str(ref), bundle)
        tlps += [tlp] if tlp else []
        caveats += [caveat] if caveat else []
    marking: Values = {"tlp": max(tlps, key=TLP_ORDER.index) if tlps else config.marking.get("tlp", "AMBER")}
    for granular in one.get("granular_markings") or []:
        tlp, caveat = (
            _definition(str(granular.get("marking_ref")), bundle) if "marking_ref" in granular else (None, None)
        )
        caveats += [caveat] if caveat else []
        if tlp is None or TLP_ORDER.index(tlp) <= TLP_ORDER.index(marking["tlp"]):
            continue
        if all(str(selector).startswith("description") for selector in granular.get("selectors") or ["?"]):
            marking.setdefault("fields", []).append({"path": "narrative", "release_to": []})
        else:  # a part without a path of its own here: the whole takes the narrower marking
            marking["tlp"] = tlp
    if caveats:
        marking["caveats"] = sorted(set(caveats))
    return marking


def _definition(ref: str, bundle: Bundle) -> tuple[str | None, str | None]:
    """(TLP, caveat) of a marking definition. Raises Refused where nobody here knows it."""
    if ref in TLP_IDS:
        return TLP_IDS[ref], None
    definition = bundle.objects.get(ref)
    if definition is None:
        raise Refused("connector", f"{ref} is a marking that nobody here knows; send its definition in the bundle")
    inside = definition.get("definition") if isinstance(definition.get("definition"), dict) else {}
    extensions = definition.get("extensions") if isinstance(definition.get("extensions"), dict) else {}
    word = (inside or {}).get("tlp") or ((extensions or {}).get(TLP_2_0) or {}).get("tlp_2_0")
    if word:
        tlp = "CLEAR" if str(word).upper() == "WHITE" else str(word).upper()
        if tlp not in TLP_ORDER:
            raise Refused("connector", f"{ref} names a TLP that nobody here knows; use TLP 2.0")
        return tlp, None
    statement = (inside or {}).get("statement") or definition.get("name")
    if not statement:
        raise Refused("connector", f"{ref} is a marking that nobody here can read; use TLP or a statement")
    return None, str(statement)[:1000]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    return value


def _milliseconds(moment: Any) -> int | None:
    try:
        return int(datetime.fromisoformat(str(moment)).timestamp() * 1000)
    except ValueError:
        return None
