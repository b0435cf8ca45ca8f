"""A whole question: words, filters, paging. It becomes the body of one Elasticsearch search. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pipeline.errors import WrongUse
from pipeline.report.model import rfc3339
from pipeline.search.query import parse

FACETS = {
    # name: where it is counted
    "doc": "doc",
    "kind": "kind",
    "agency": "agency",
    "agencies": "agencies",
    "mention": "entities.kind",
    "tlp": "marking.tlp",
    "country": "locations.country",
}
HIGHLIGHTED = ("title", "narrative", "names", "entities.names", "places.name")
OPEN, CLOSE = "\ue000", "\ue001"
"""Marks around a highlighted word: private characters, so that escaping a fragment leaves them alone."""
DEEPEST_PAGE = 10_000
MOMENT = "moment"
"""When a report was reported, or the last report of an entity (a field alias of the mapping)."""
HIDDEN_FIELDS = ["search"]
MOST_MEMBERS = 1000


class Question(BaseModel):
    """What a reader asks. Filters of one kind are alternatives; different kinds must all hold.

    near: latitude, longitude and kilometres. start and end: when it was reported.
    """

    model_config = ConfigDict(extra="forbid")

    q: str = ""
    doc: Literal["report", "entity"] | None = None
    kind: list[str] = []
    agency: list[str] = []
    place: Annotated[str, Field(max_length=1000)] | None = None
    near: tuple[float, float, float] | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    exercise: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] | None = None
    size: Annotated[int, Field(ge=0, le=200)] = 20
    skip: Annotated[int, Field(ge=0)] = 0


def body(question: Question, time: datetime) -> dict[str, Any]:
    """The search body. What has expired by `time`, or was granted until then, is left out."""
    if question.skip + question.size > DEEPEST_PAGE:
        raise WrongUse(f"only the first {DEEPEST_PAGE:,} hits can be paged through; ask for something narrower")
    filters: list[dict[str, Any]] = [*standing(time)]
    if question.kind:
        filters.append(_any([{"terms": {path: question.kind}} for path in ("kind", "entities.kind")]))
    if question.agency:
        filters.append(_any([{"terms": {path: question.agency}} for path in ("agency", "agencies")]))
    if question.place:
        filters.append(_any([{"match": {path: {"query": question.place, "operator": "and"}}}
                             for path in ("places.name", "locations.name")]))  # fmt: skip
    if question.near:
        lat, lon, kilometres = question.near
        if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < kilometres <= 20_000):
            raise WrongUse("near is latitude,longitude,kilometres, like -6.1,106.88,20")
        point = {"lat": lat, "lon": lon}
        filters.append({"geo_distance": {"distance": f"{kilometres}km", "locations.point": point}})
    bounds = {name: rfc3339(value) for name, value in (("gte", question.start), ("lte", question.end)) if value}
    if bounds:
        filters.append({"range": {MOMENT: bounds}})
    return {
        "query": {"bool": {"must": [parse(question.q)], "filter": filters}},
        "size": question.size,
        "from": question.skip,
        "track_total_hits": True,
        "sort": [{"_score": "desc"}, {MOMENT: {"order": "desc", "unmapped_type": "date"}}, {"id": "asc"}],
        "_source": {"excludes": HIDDEN_FIELDS},
        "aggs": {name: {"terms": {"field": path, "size": 30}} for name, path in FACETS.items()}
        | {"month": {"date_histogram": {"field": MOMENT, "calendar_interval": "month", "min_doc_count": 1}}},
        "highlight": {
            "pre_tags": [OPEN],
            "post_tags": [CLOSE],
            "require_field_match": False,
            "max_analyzed_offset": 900_000,
            "fields": {name: {"number_of_fragments": 2, "fragment_size": 160} for name in HIGHLIGHTED},
        },
    }


def one(id_: str, doc: str, time: datetime) -> dict[str, Any]:
    """The body that finds one document: a report by its id; an entity by its own id or that of any of its mentions, so
    that an id which a merge retired leads on."""
    exact: dict[str, Any] = {"constant_score": {"filter": {"term": {"id": id_}}, "boost": 2}}
    report, _, ref = id_.partition("/")
    member = [{"term": {"mentions.report": report}}, {"term": {"mentions.ref": ref}}]
    wanted = [exact] if doc == "report" or not ref else [exact, {"bool": {"filter": member}}]
    return {
        "query": {"bool": {"must": [_any(wanted)], "filter": standing(time)}},
        # The two terms may hold of different mentions of one entity, so there can be several; the exact one is first.
        "size": MOST_MEMBERS,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"excludes": HIDDEN_FIELDS},
    }


def standing(time: datetime) -> list[dict[str, Any]]:
    """Filters that leave out what no longer stands at `time`, though the stream may not have taken it out yet."""
    now = rfc3339(time)
    return [
        {
            "bool": {
                "must_not": [{"range": {"valid_until": {"lte": now}}}, {"range": {"marking.expires_at": {"lte": now}}}]
            }
        }
    ]


def _any(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": found, "minimum_should_match": 1}}
