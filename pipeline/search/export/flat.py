"""Documents as rows (CSV, RFC 4180), features (GeoJSON, RFC 7946) and lines (NDJSON). Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from pipeline.search.summary import agencies, label, reported, reports

Document = Mapping[str, Any]
Pages = Iterator[list[dict[str, Any]]]

COLUMNS = (
    "doc", "id", "kind", "label", "agencies", "tlp", "caveats", "expires_at", "first_reported", "last_reported",
    "occurred_from", "occurred_to", "names", "identifiers", "places", "geometry", "reports", "source", "information",
    "narrative",
)  # fmt: skip
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def about(document: Document) -> dict[str, Any]:
    """A document in one row; lists stay lists. `geometry` is missing here: formats write points in their own ways."""
    first, last = reported(document)
    mentions = document.get("entities", []) if document["doc"] == "report" else [document]
    occurred, assessment = document.get("occurred", {}), document.get("assessment", {})
    return {
        "doc": document["doc"],
        "id": document["id"],
        "kind": document["kind"],
        "label": label(document),
        "agencies": agencies(document),
        "tlp": document["marking"]["tlp"],
        "caveats": document["marking"].get("caveats", []),
        "expires_at": document["marking"].get("expires_at"),
        "first_reported": first,
        "last_reported": last,
        "occurred_from": occurred.get("from"),
        "occurred_to": occurred.get("to"),
        "names": [name for mention in mentions for name in mention.get("names", [])],
        "identifiers": [
            f"{one['scheme']}:{one['value']}" for mention in mentions for one in mention.get("identifiers", [])
        ],
        "places": sorted({place["name"] for place in document.get("locations", []) if place.get("name")}),
        "reports": reports(document),
        "source": assessment.get("source"),
        "information": assessment.get("information"),
        "narrative": document.get("narrative"),
    }  # fmt: skip


def points(document: Document) -> list[tuple[float, float]]:
    """Where a document lies: longitude, latitude."""
    return sorted({(place["point"][0], place["point"][1]) for place in document.get("locations", [])})


def write_csv(pages: Pages, _: str) -> Iterator[bytes]:
    """A head, then a row a document, lines ended by CRLF. A cell that could begin a formula is given a leading '."""
    yield _rows([COLUMNS])
    for page in pages:
        rows = [about(document) | {"geometry": _well_known_text(points(document))} for document in page]
        yield _rows([tuple(_cell(row[column]) for column in COLUMNS) for row in rows])


def write_geojson(pages: Pages, _: str) -> Iterator[bytes]:
    """A feature a document; one that lies nowhere has no geometry."""
    yield b'{"type":"FeatureCollection","features":['
    separator = b"\n"
    for page in pages:
        for document in page:
            yield separator + orjson.dumps(feature(document))
            separator = b",\n"
    yield b"\n]}\n"


def feature(document: Document) -> dict[str, Any]:
    places = points(document)
    geometry: dict[str, Any] | None = {"type": "MultiPoint", "coordinates": places} if places else None
    if len(places) == 1:
        geometry = {"type": "Point", "coordinates": places[0]}
    return {"type": "Feature", "id": document["id"], "geometry": geometry, "properties": about(document)}


def write_ndjson(pages: Pages, _: str) -> Iterator[bytes]:
    """The documents themselves, one a line."""
    for page in pages:
        yield b"".join(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE) for document in page)


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def _rows(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _well_known_text(places: list[tuple[float, float]]) -> str:
    return f"MULTIPOINT ({', '.join(f'({lon} {lat})' for lon, lat in places)})" if places else ""
