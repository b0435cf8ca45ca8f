"""The shapes of answers, for the API's description; schemathesis holds the routes to them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Bucket(Answer):
    """Documents that were reported from the first of these days to the last, both in."""

    from_: str = Field(alias="from")
    to: str
    count: int


class Timeline(Answer):
    interval: Literal["day", "week", "month", "year"]
    buckets: list[Bucket]


class Geometry(Answer):
    type: Literal["Point"]
    coordinates: tuple[float, float]


class Spot(Answer):
    """`box`: south, west, north, east. What one document is told by is there where there is one; `place` is the name of
    where it stands."""

    count: int
    box: tuple[float, float, float, float]
    id: str | None = None
    doc: Literal["report", "entity"] | None = None
    kind: str | None = None
    label: str | None = None
    tlp: str | None = None
    place: str | None = None


class Feature(Answer):
    type: Literal["Feature"]
    geometry: Geometry
    properties: Spot


class Map(Answer):
    """`cut`: there are more cells than are told."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    cut: bool


class Node(Answer):
    """`reports`: how many it rests on; `degree`: mentions at the far ends of its links, shown or not."""

    id: str
    doc: Literal["report", "entity"]
    kind: str
    label: str
    tlp: str
    agencies: list[str]
    reports: int
    first_reported: str
    last_reported: str
    degree: int


class Edge(Answer):
    """`reports`: the ids of those that tell of it."""

    from_: str = Field(alias="from")
    to: str
    kind: str
    reports: list[str]


class Graph(Answer):
    """`cut`: limits were met, and there is more."""

    root: str
    nodes: list[Node]
    edges: list[Edge]
    cut: bool


class Reading(Answer):
    scheme: str
    value: str


class Known(Answer):
    """`by`: the readings of the value by which it was found."""

    id: str
    kind: str
    label: str
    tlp: str
    reports: int
    agencies: list[str]
    by: list[Reading]


class Looked(Answer):
    """`more` entities than are told; `reports`: how many hold the value."""

    value: str
    readings: list[Reading]
    entities: list[Known]
    more: int
    reports: int


class Lookup(Answer):
    answers: list[Looked]


class JudgedThing(Answer):
    """`seen`: whether the agency that judged it sees it now."""

    id: str
    seen: bool


class Judged(Answer):
    """`report` says it. `here`: it was judged here, and so can be taken back here."""

    report: str
    verdict: Literal["same", "not-same"]
    kind: str
    things: list[JudgedThing]
    reason: str
    author: str | None
    reported_at: str
    tlp: str
    here: bool


class Judgements(Answer):
    total: int
    judgements: list[Judged]


class Published(Answer):
    report: str


class Exported(Answer):
    at: str
    format: Literal["csv", "geojson", "ndjson", "stix"]
    question: dict[str, Any]
    filename: str


class Exports(Answer):
    exports: list[Exported]


def shaped(model: type[Answer]) -> dict[int | str, dict[str, Any]]:
    """A route's answer as this shape."""
    return {200: {"model": model}}
