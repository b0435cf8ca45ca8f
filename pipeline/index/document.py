"""Documents: what stands in Elasticsearch, and what `gabung fuse` prints. Made from views alone.

First the content of one report or mention as a view shows it, then the documents that fuse makes of them.
No revision, offset or time of indexing is in them: such numbers would tell of what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pipeline.enrich.model import Enriched, Features, Location
from pipeline.match.compare import Match
from pipeline.match.judgement import Judged
from pipeline.match.same_event import COPY
from pipeline.release import iep
from pipeline.report.model import TLP_ORDER, Mention, mention_id, rfc3339

Content = dict[str, Any]
Document = dict[str, Any]


def report_content(enriched: Enriched, own: bool = False) -> Content:
    """A report as this view shows it, with what enrich added. own: it is its originator's view."""
    report = enriched.report
    marking = iep.shown(report.marking)
    content = report.model_copy(update={"marking": marking}).to_json()
    for unshown in ("revision", "op"):
        del content[unshown]
    if report.judgement and not own:
        # Which things were judged is told on those things, and only to who may see both. Who judged named them.
        del content["judgement"]["things"]
    content["marking"] = {
        name: value
        for name, value in content["marking"].items()
        if name in ("tlp", "caveats", "expires_at", "exercise", "iep")
    }
    found = {
        "id": report.id,
        "locations": _locations(enriched.locations),
        "search": _search(enriched.features),
    }
    return content | {name: value for name, value in found.items() if value}


def mention_content(enriched: Enriched, mention: Mention, features: Features) -> Content:
    """One mention as this view shows it, with what its report says of the whole."""
    report = enriched.report
    own = f"entities[{mention.ref}]."
    values = mention.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    id_ = report.id
    marking = iep.shown(report.marking)
    content = {
        "report": id_,
        "agency": report.agency,
        "reported_at": rfc3339(report.reported_at),
        "tlp": marking.tlp,
        "caveats": list(marking.caveats),
        "expires_at": marking.expires_at and rfc3339(marking.expires_at),
        "iep": iep.handling(marking),
        "mention": values,
        "identifiers": [one.model_dump() for one in features.identifiers],
        "folded": list(features.names),
        "locations": _locations(one for one in enriched.locations if one.path.startswith((own, "places["))),
        "links": [
            {"kind": link.kind, "from": mention_id(id_, link.from_), "to": mention_id(id_, link.to), "report": id_}
            for link in report.links
            if mention.ref in (link.from_, link.to)
        ],
    }
    return {name: value for name, value in content.items() if value}


def report_document(
    content: Content, cluster: Sequence[str], joined: Sequence[Match], judged: Sequence[Judged], ends: str | None
) -> Document:
    """A report's document. `cluster`: ids of the reports that tell of the same event, itself among them."""
    document = {
        "doc": "report",
        **content,
        "duplicates": sorted(id_ for id_ in cluster if id_ != content["id"]),
        "sources": sources(cluster, joined),
        "joined": [{"a": match.a, "b": match.b, **_why(match)} for match in joined],
        "judgements": [{"a": one.a, "b": one.b, **_verdict(one)} for one in judged],
        "valid_until": ends,
    }
    return {name: value for name, value in document.items() if value or name == "duplicates"}


def sources(cluster: Sequence[str], joined: Sequence[Match]) -> dict[str, Any] | None:
    """How many tell of the event in words of their own, and which reports are copies of each other; nothing where one
    report stands alone. Copies are one source, however many pass them on.

    `joined` holds a cluster together by its strongest matches, and copies match more strongly than all others do: so of
    reports that are copies of each other all stand in one run of such matches.
    """
    if len(cluster) < 2:
        return None
    source = {id_: {id_} for id_ in cluster}
    for match in joined:
        if match.feature == COPY and source[match.a] is not source[match.b]:
            both = source[match.a] | source[match.b]
            source.update(dict.fromkeys(both, both))
    groups = sorted({tuple(sorted(ids)) for ids in source.values()})
    return {"independent": len(groups), "copies": [list(ids) for ids in groups if len(ids) > 1]}


def entity_document(
    members: dict[str, Content], joined: Sequence[Match], judged: Sequence[Judged], ends: str | None
) -> Document:
    """An entity's document: the join of its mentions, every value with the reports that say it.

    members: mention id -> content. Its id is the smallest mention id; its marking is the highest TLP, all caveats,
    the earliest expiry and the strictest handling of its mentions, and of the judgements that speak of them.
    """
    contents = [members[id_] for id_ in sorted(members)]
    values = _values(contents)
    of = {field: [one["value"] for one in values if one["field"] == field] for field in {v["field"] for v in values}}
    document = {
        "doc": "entity",
        "id": min(members),
        "kind": contents[0]["mention"]["kind"],
        "names": of.get("name", []),
        "birth_dates": of.get("birth_date"),
        "nationalities": of.get("nationality"),
        "roles": of.get("role"),
        "identifiers": [
            {"scheme": one["scheme"], "value": one["value"]} for one in values if one["field"] == "identifier"
        ],
        "values": values,
        "agencies": sorted({content["agency"] for content in contents}),
        "reports": sorted({content["report"] for content in contents}),
        "mentions": [dict(zip(("report", "ref"), id_.split("/", 1), strict=True)) for id_ in sorted(members)],
        "joined": [{"a": _mention(match.a), "b": _mention(match.b), **_why(match)} for match in joined],
        "judgements": [{"a": _mention(one.a), "b": _mention(one.b), **_verdict(one)} for one in judged],
        "links": _distinct(link for content in contents for link in content.get("links", [])),
        "locations": _distinct(place for content in contents for place in content.get("locations", [])),
        "marking": _join_markings([*contents, *(_marking(one) for one in judged)]),
        "first_reported": min((content["reported_at"] for content in contents), key=datetime.fromisoformat),
        "last_reported": max((content["reported_at"] for content in contents), key=datetime.fromisoformat),
        "search": {
            "names": sorted({name for content in contents for name in content.get("folded", [])}),
            "identifiers": sorted(
                {f"{one['scheme']}:{one['value']}" for content in contents for one in content.get("identifiers", [])}
            ),
        },
        "valid_until": ends,
    }
    kept = ("names", "reports", "mentions")
    return {name: value for name, value in document.items() if value or name in kept}


def _values(contents: Iterable[Content]) -> list[dict[str, Any]]:
    """Every value that the mentions give, once, with the reports that give it."""
    cited: dict[tuple[str, str, str], set[str]] = {}
    for content in contents:
        mention = content["mention"]
        said = [("name", "", name) for name in mention.get("names", [])]
        said += [("identifier", one["scheme"], one["value"]) for one in content.get("identifiers", [])]
        said += [(field, "", mention[field]) for field in ("birth_date", "nationality", "role") if field in mention]
        said += [("attribute", name, value) for name, value in mention.get("attributes", {}).items()]
        for address in mention.get("addresses", []):
            parts = (address.get(part) for part in ("text", "postcode", "city", "country"))
            said.append(("address", "", ", ".join(part for part in parts if part)))
        for value in said:
            cited.setdefault(value, set()).add(content["report"])
    return [
        {"field": field, **({"scheme": scheme} if scheme else {}), "value": value, "reports": sorted(reports)}
        for (field, scheme, value), reports in sorted(cited.items())
    ]


def _join_markings(contents: Sequence[Content]) -> dict[str, Any]:
    marking: dict[str, Any] = {"tlp": max((content["tlp"] for content in contents), key=TLP_ORDER.index)}
    caveats = sorted({caveat for content in contents for caveat in content.get("caveats", [])})
    expiries = [content["expires_at"] for content in contents if "expires_at" in content]
    handling = iep.join([content.get("iep", {}) for content in contents])
    return (
        marking
        | ({"caveats": caveats} if caveats else {})
        | ({"expires_at": min(expiries, key=datetime.fromisoformat)} if expiries else {})
        | ({"iep": {"iep_version": iep.VERSION, **handling}} if handling else {})
    )


def _search(features: Iterable[Features]) -> dict[str, list[str]]:
    names: set[str] = set()
    identifiers: set[str] = set()
    for one in features:
        names.update(one.names)
        identifiers.update(f"{identifier.scheme}:{identifier.value}" for identifier in one.identifiers)
    found = {"names": sorted(names), "identifiers": sorted(identifiers)}
    return {name: value for name, value in found.items() if value}


def _locations(locations: Iterable[Location]) -> list[dict[str, Any]]:
    """Locations in their JSON form, each with `point`: [longitude, latitude], as GeoJSON and Elasticsearch have it."""
    return [one.model_dump(exclude_none=True) | {"point": [one.lon, one.lat]} for one in locations]


def _distinct(values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = {repr(sorted(value.items(), key=lambda item: item[0])): value for value in values}
    return [seen[key] for key in sorted(seen)]


def _why(match: Match) -> dict[str, Any]:
    why = {"by": match.says, "feature": match.feature, "score": match.score}
    return why | {"report": match.report} if match.report else why


def _verdict(judged: Judged) -> dict[str, str]:
    verdict = "same" if judged.same else "not-same"
    return {"verdict": verdict, "agency": judged.agency, "reason": judged.reason, "report": judged.report}


def _marking(judged: Judged) -> Content:
    marking = {
        "tlp": judged.tlp, "caveats": list(judged.caveats), "expires_at": judged.expires_at, "iep": dict(judged.iep)
    }  # fmt: skip
    return {name: value for name, value in marking.items() if value}


def _mention(id_: str) -> dict[str, str]:
    report, ref = id_.split("/", 1)
    return {"report": report, "ref": ref}
