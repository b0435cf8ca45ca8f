"""A whole question: words, filters, paging. It becomes the body of one Elasticsearch search. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.enrich.gazetteer import Gazetteer
from pipeline.search import places, tree
from pipeline.search.elastic import to_elastic
from pipeline.search.indexed import floor_milliseconds
from pipeline.search.mistake import Mistake
from pipeline.search.moments import bounds
from pipeline.search.query import parse
from pipeline.search.tree import Node, all_of, any_of

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
COUNTED = {
    # a filter: the facets that count its values
    "kind": ("kind",), "agency": ("agency", "agencies"), "mention": ("mention",), "tlp": ("tlp",),
    "country": ("country",),
}  # fmt: skip
HIGHLIGHTED = ("title", "narrative", "names", "entities.names", "places.name")
OPEN, CLOSE = "\ue000", "\ue001"
"""Marks around a highlighted word: private characters, so that escaping a fragment leaves them alone."""
DEEPEST_PAGE = 10_000
MOMENT = "moment"
"""When a report was reported, or the last report of an entity (a field alias of the mapping)."""
HIDDEN_FIELDS = ["search"]
MOST_MEMBERS = 1000
_NEWEST: dict[str, Any] = {MOMENT: {"order": "desc", "unmapped_type": "date"}}
_OLDEST: dict[str, Any] = {MOMENT: {"order": "asc", "unmapped_type": "date"}}
SORTS: dict[str, list[dict[str, Any]]] = {
    "relevance": [{"_score": "desc"}, _NEWEST, {"id": "asc"}],
    "newest": [_NEWEST, {"id": "asc"}],
    "oldest": [_OLDEST, {"id": "asc"}],
}
"""Each ends with the id, so that an order is always the same."""
FILTERS = {
    # name of a filter: where one of its values must stand
    "kind": ("kind", "entities.kind"),
    "agency": ("agency", "agencies"),
    "tlp": ("marking.tlp",),
    "mention": ("entities.kind",),
    "country": ("locations.country",),
    "caveat": ("marking.caveats",),
}
When = Annotated[str, Field(max_length=100)]
Values = Annotated[list[Annotated[str, Field(max_length=1024)]], Field(max_length=100)]


class Question(BaseModel):
    """What a reader asks. Filters of one kind are alternatives; different kinds must all hold.

    near: latitude, longitude and kilometres. box: south, west, north, east. start and end: when it was reported, as
    it is written (`2026-10`, `last 7 days`): what that means is told when it is asked, so it moves with time.
    mention: the kind of something that a report mentions; country: where something is located.
    """

    model_config = ConfigDict(extra="forbid")

    q: str = ""
    doc: Literal["report", "entity"] | None = None
    kind: Values = []
    agency: Values = []
    tlp: Values = []
    mention: Values = []
    country: Values = []
    caveat: Values = []
    place: Annotated[str, Field(max_length=1000)] | None = None
    near: tuple[float, float, float] | None = None
    box: tuple[float, float, float, float] | None = None
    start: When | None = None
    end: When | None = None
    exercise: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] | None = None
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    size: Annotated[int, Field(ge=0, le=200)] = 20
    skip: Annotated[int, Field(ge=0)] = 0


def tree_of(question: Question, now: datetime, gazetteer: Gazetteer | None = None) -> Node:
    """The whole question, its query and its filters, as one tree: what a document must be to be found. Its exercise is
    none of it: that says which index, or stream, is looked at. Raises Mistake."""
    return all_of([parse(question.q, now, gazetteer), *_filters(question, now)])


def _filters(question: Question, now: datetime) -> list[Node]:
    found: list[Node] = [tree.Term(("doc",), (question.doc,))] if question.doc else []
    found += [tree.Term(paths, tuple(values)) for name, paths in FILTERS.items() if (values := getattr(question, name))]
    if question.place:
        found.append(any_of([tree.Words((path,), question.place) for path in ("places.name", "locations.name")]))
    if question.near:
        found.append(places.around(*question.near))
    if question.box:
        found.append(places.bounds(*question.box))
    if question.start or question.end:
        ends = bounds(question.start, question.end, now)
        first, last = (floor_milliseconds(end) if end else None for end in ends)
        found.append(tree.Within((MOMENT,), first, last))
    return found


def standing_at(time: datetime) -> Node:
    """What still stands at `time`: neither expired nor granted until then, though the stream may not have taken it out
    yet."""
    return tree.Not(tree.Within(("valid_until", "marking.expires_at"), None, floor_milliseconds(time)))


def body(question: Question, time: datetime, gazetteer: Gazetteer | None = None) -> dict[str, Any]:
    """The search body. What has expired by `time`, or was granted until then, is left out."""
    if question.skip + question.size > DEEPEST_PAGE:
        raise Mistake("pages", most=DEEPEST_PAGE)
    asked = to_elastic(parse(question.q, time, gazetteer))
    filters = [*_filters(question, time), standing_at(time)]
    return {
        "query": {"bool": {"must": [asked], "filter": list(map(to_elastic, filters))}},
        "size": question.size,
        "from": question.skip,
        "track_total_hits": True,
        "sort": SORTS[question.sort],
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
        "query": {"bool": {"must": [_any(wanted)], "filter": [to_elastic(standing_at(time))]}},
        # The two terms may hold of different mentions of one entity, so there can be several; the exact one is first.
        "size": MOST_MEMBERS,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"excludes": HIDDEN_FIELDS},
    }


def _any(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": found, "minimum_should_match": 1}}
