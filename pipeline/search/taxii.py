"""TAXII 2.1 read access: a reader's reports as a collection of STIX objects. Pure but for what it asks `Access` for.

A report counts as added when it was reported: that moment is the report's own. When it reached the index would tell of
what is hidden, and of the order in which things came. So a report that is released late has an early date: who polls
with added_after asks from some days back. A report that changed keeps its id and its dates.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.errors import WrongUse
from pipeline.report.model import NAMESPACE, rfc3339
from pipeline.search.access import Access, standing
from pipeline.search.cursor import Cursors
from pipeline.search.export.observables import EXTENSION, LEADING
from pipeline.search.export.stix import EVERY_AGENCY, MAKER, SHARED, TLP, agency_id, caveat_id, expiry_of, objects
from pipeline.search.indexed import EPOCH
from pipeline.search.question import HIDDEN_FIELDS

LIVE = "live"
MOST = 1000
"""Objects of one answer."""
PAGE = 100
MOST_PAGES = 20
"""Pages of reports that one answer looks through; what lies further is behind `next`."""
SHARED_PAGE = 1000
"""Agencies, or caveats, that are listed at once where one is asked for by its id."""
FILTERS = ("id", "type", "version", "spec_version")

Object = dict[str, Any]


def collection_id(scope: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"taxii {scope}"))


def collection(scope: str) -> dict[str, Any]:
    """What is told of the one collection of a scope."""
    return {
        "id": collection_id(scope),
        "title": f"Reports ({scope})",
        "description": "Reports released to you, with what they mention; added_after is when one was reported.",
        "can_read": True,
        "can_write": False,
        "media_types": ["application/stix+json;version=2.1"],
    }


@dataclass(frozen=True)
class Asked:
    """What a client asks a collection for; `match` holds alternatives for each of FILTERS."""

    limit: int = MOST
    added_after: datetime | None = None
    match: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def bound(self) -> dict[str, Any]:
        """What a cursor of this question is bound to."""
        after = self.added_after and rfc3339(self.added_after)
        return {"taxii": after, "match": {name: sorted(values) for name, values in sorted(self.match.items())}}

    def admits(self, one: Object) -> bool:
        return all(self._holds(name, values, one) for name, values in self.match.items() if values)

    def _holds(self, name: str, values: frozenset[str], one: Object) -> bool:
        if name == "version":  # each object has one version here
            own = rfc3339(_moment(version(one)))
            return bool(values & {"all", "first", "last"}) or own in {rfc3339(_moment(value)) for value in values}
        return str(one.get("spec_version" if name == "spec_version" else name, "2.1")) in values


@dataclass
class Found:
    """Objects with the moments of their reports; `next` leads on where there is more."""

    objects: list[tuple[str, Object]] = field(default_factory=list)
    next: str | None = None


def found(access: Access, cursors: Cursors, asked: Asked, cursor: str | None) -> Found:
    """The objects that are asked for, by when their reports were reported. Raises WrongUse, ServiceMissing.

    Marking definitions and agencies, which many reports share, come once an answer."""
    place = cursors.read(access.reader, asked.bound(), cursor) if cursor is not None else []
    given, after = (place[0], place[1:]) if place else (0, [])
    made, seen = Found(), set[str]()
    shown: list[Object] = []
    for hits in _pages(access, asked, after):
        for hit in hits:
            wanted = [one for one in objects(hit["_source"]) if asked.admits(one)]
            for at, one in enumerate(wanted[given:], given):
                if len(made.objects) == asked.limit:
                    made.next = cursors.give(access.reader, asked.bound(), [at, *after])
                    access.tell({"taxii": asked.bound()}, shown)
                    return made
                if one["id"] not in seen:
                    made.objects.append((hit["_source"]["reported_at"], one))
                    seen.add(one["id"])
            shown.append(hit["_source"])
            given, after = 0, hit["sort"]
    if after and len(shown) >= PAGE * MOST_PAGES:
        made.next = cursors.give(access.reader, asked.bound(), [0, *after])
    access.tell({"taxii": asked.bound()}, shown)
    return made


def _pages(access: Access, asked: Asked, after: list[Any]) -> Iterator[list[dict[str, Any]]]:
    filters = [*standing(access.time)]
    if asked.added_after:
        filters.append({"range": {"reported_at": {"gt": rfc3339(asked.added_after)}}})
    if asked.match.get("id"):
        filters += _leading(access, asked.match["id"], filters)
    body = {
        "query": {"bool": {"filter": filters}},
        "size": PAGE,
        "sort": [{"reported_at": {"order": "asc", "unmapped_type": "date"}}, {"id": "asc"}],
        "_source": {"excludes": HIDDEN_FIELDS},
    }
    for _ in range(MOST_PAGES):
        response = access.search(("report",), body | ({"search_after": after} if after else {}))
        hits = response["hits"]["hits"]
        if not hits:
            return
        after = hits[-1]["sort"]
        yield hits


def _leading(access: Access, ids: frozenset[str], filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A filter of the reports that may hold one of these objects."""
    wanted = [_shared(access, filters, one) if one.partition("--")[0] in SHARED else _part(one) for one in sorted(ids)]
    return [{"bool": {"should": wanted, "minimum_should_match": 1}}]


def _part(id_: str) -> dict[str, Any]:
    """The reports that may have this object as a part."""
    type_, _, uuid_ = id_.partition("--")
    return {"term": {"id": uuid_}} if type_ == "report" else {"prefix": {"id": uuid_[:LEADING]}}


def _shared(access: Access, filters: list[dict[str, Any]], id_: str) -> dict[str, Any]:
    """The reports that may hold this object, which may be no part of one report alone."""
    if id_ in (EXTENSION, agency_id(MAKER)):
        return {"exists": {"field": "entities.kind"}}
    for word, tlp in TLP.items():
        if id_ == tlp:
            return {"match_all": {}} if id_ == EVERY_AGENCY else {"term": {"marking.tlp": word}}
    is_identity = id_.startswith("identity--")
    path, made = ("agency", agency_id) if is_identity else ("marking.caveats", caveat_id)
    for value in _values(access, filters, path):
        if made(value) == id_:
            return {"term": {path: value}}
    return _part(id_) if is_identity else _expiring(id_)


def _expiring(id_: str) -> dict[str, Any]:
    """The reports that expire when this id says."""
    milliseconds = expiry_of(id_)
    try:
        moment = rfc3339(EPOCH + timedelta(milliseconds=milliseconds or 0))
    except OverflowError:
        milliseconds = None
    if milliseconds is None:
        return {"match_none": {}}
    return {"range": {"marking.expires_at": {"gte": moment, "lte": moment}}}


def _values(access: Access, filters: list[dict[str, Any]], path: str) -> Iterator[str]:
    """Every value that stands there in one of these reports, however many there are."""
    paged: dict[str, Any] = {"size": SHARED_PAGE, "sources": [{"value": {"terms": {"field": path}}}]}
    while True:
        body = {"query": {"bool": {"filter": filters}}, "size": 0, "aggs": {"values": {"composite": paged}}}
        found = access.search(("report",), body).get("aggregations", {}).get("values", {})
        yield from (bucket["key"]["value"] for bucket in found.get("buckets", []))
        if "after_key" not in found:
            return
        paged = paged | {"after": found["after_key"]}


def read_moment(text: str | None) -> datetime | None:
    """A STIX timestamp. Raises WrongUse."""
    if text is None:
        return None
    try:
        return _moment(text)
    except ValueError:
        raise WrongUse("a timestamp is written like 2026-10-01T00:00:00.000Z") from None


def version(one: Object) -> str:
    """When an object was last changed, as STIX has it; an observable has no time of its own."""
    return str(one.get("modified") or one.get("created") or "1970-01-01T00:00:00Z")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def stamp(moment: str) -> str:
    """A moment as TAXII writes it: with six digits of a second."""
    return _moment(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
