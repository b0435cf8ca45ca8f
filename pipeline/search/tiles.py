"""Where documents lie, as GeoJSON: each one where there are few, else counts by the tiles of a web map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import atan, degrees, pi, sinh
from typing import Any

from pipeline.search.access import Access, documents
from pipeline.search.ask import docs_of
from pipeline.search.question import Question, body
from pipeline.search.summary import SUMMARY, label

POINT = "locations.point"
Box = tuple[float, float, float, float]
"""South, west, north, east in degrees. West above east crosses the 180th meridian."""
WORLD: Box = (-90, -180, 90, 180)
FEW = 200
"""Up to so many documents in the box are each shown by themselves."""
FINER = 2
"""A map's tile has 256 pixels; so many zoom levels finer, a count stands for 64."""
MOST_CELLS = 2000
DIGITS = 5
"""Of a degree: one metre."""


def tiles(access: Access, question: Question, zoom: int) -> dict[str, Any]:
    """A FeatureCollection. Each feature tells its `count` and `box`; one that is a single document also its `id`, `doc`
    and `label`. `cut`: there are more cells than are told. Raises WrongUse."""
    box = question.box or WORLD
    south, west, north, east = box
    corners = {"top_left": {"lat": north, "lon": west}, "bottom_right": {"lat": south, "lon": east}}
    wanted = body(question, access.time)["query"]
    query = {"bool": {"must": [wanted], "filter": [{"geo_bounding_box": {POINT: corners}}]}}
    single = [*SUMMARY, "locations"]
    found = access.search(
        docs_of(question),
        {"query": query, "size": FEW, "track_total_hits": FEW + 1, "sort": [{"id": "asc"}], "_source": single},
    )
    if found["hits"]["total"]["value"] <= FEW:
        shown, features, cut = documents(found), [], False
        features = [feature for document in shown for feature in singles(document, box)]
    else:
        one = {"top_hits": {"size": 1, "sort": [{"id": "asc"}], "_source": single}}
        grid = {"geotile_grid": {"field": POINT, "precision": zoom + FINER, "size": MOST_CELLS + 1, "bounds": corners}}
        aggs = {"cells": {**grid, "aggs": {"one": one, "middle": {"geo_centroid": {"field": POINT}}}}}
        counted = access.search(docs_of(question), {"query": query, "size": 0, "aggs": aggs})
        cells = counted.get("aggregations", {}).get("cells", {}).get("buckets", [])
        cut = len(cells) > MOST_CELLS
        kept = sorted(cells[:MOST_CELLS], key=lambda cell: cell["key"])
        shown = [document for cell in kept for document in documents(cell["one"])]  # of each at least a place is told
        features = [cluster(cell) for cell in kept]
    access.tell({"map": zoom, **question.model_dump(mode="json", exclude_defaults=True)}, shown)
    return {"type": "FeatureCollection", "features": features, "cut": cut}


def singles(document: Mapping[str, Any], box: Box) -> Iterator[dict[str, Any]]:
    """A document at each of its points within the box."""
    points = {
        tuple(place["point"]): {"place": place["name"]} if place.get("name") else {}
        for place in document.get("locations", [])
        if _within(place["point"], box)
    }
    about = {"count": 1, "id": document["id"], "doc": document["doc"], "kind": document["kind"],
             "tlp": document["marking"]["tlp"]}  # fmt: skip
    for (lon, lat), named in sorted(points.items()):
        yield _feature(lon, lat, {**about, **named, "label": label(document), "box": [lat, lon, lat, lon]})


def cluster(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A tile with what lies in it; told by its document where it is one."""
    south, west, north, east = bounds(cell["key"])
    properties: dict[str, Any] = {
        "count": cell["doc_count"],
        "box": [round(side, DIGITS) for side in (south, west, north, east)],
    }
    if cell["doc_count"] == 1:
        for document in documents(cell["one"]):
            for own in singles(document, (south, west, north, east)):
                return own
    within = (south, west, north, east)
    first: dict[str, Any] | None = next(
        (one for document in documents(cell["one"]) for one in singles(document, within)), None
    )
    if first and "place" in first["properties"]:
        properties["place"] = first["properties"]["place"]
    # A document may lie elsewhere too, and the centre of its points then in another tile.
    middle = cell["middle"].get("location") or {"lat": 0, "lon": 0}
    lon, lat = middle["lon"], middle["lat"]
    if not (south <= lat <= north and west <= lon <= east):
        lon, lat = first["geometry"]["coordinates"] if first else ((west + east) / 2, (south + north) / 2)
    return _feature(round(lon, DIGITS), round(lat, DIGITS), properties)


def bounds(key: str) -> Box:
    """The box of a tile `zoom/x/y` of the Web Mercator projection."""
    zoom, x, y = (int(part) for part in key.split("/"))
    side = 2**zoom

    def latitude(row: int) -> float:
        return degrees(atan(sinh(pi * (1 - 2 * row / side))))

    return latitude(y + 1), x / side * 360 - 180, latitude(y), (x + 1) / side * 360 - 180


def _within(point: tuple[float, float], box: Box) -> bool:
    lon, lat = point
    south, west, north, east = box
    inside = west <= lon <= east if west <= east else lon >= west or lon <= east
    return south <= lat <= north and inside


def _feature(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}
