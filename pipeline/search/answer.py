"""Elasticsearch's response to our answer. Pure. Nothing of it tells of anything but the reader's own documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from pipeline.search.question import CLOSE, FACETS, OPEN


def answer(response: Mapping[str, Any]) -> dict[str, Any]:
    """{total, hits: [{document, highlight}], facets: {name: [{value, count}]}, months}. No scores and no times: both
    would only invite comparing."""
    aggregations = response.get("aggregations", {})
    return {
        "total": response["hits"]["total"]["value"],
        "hits": [
            {"document": hit["_source"], "highlight": highlights(hit.get("highlight", {}))}
            for hit in response["hits"]["hits"]
        ],
        "facets": counts(response, FACETS),
        "months": [
            {"month": bucket["key_as_string"][:7], "count": bucket["doc_count"]}
            for bucket in _buckets(aggregations, "month")
        ],
    }


def counts(response: Mapping[str, Any], facets: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """How many documents have which value, for each of these facets, the most first."""
    aggregations = response.get("aggregations", {})
    return {
        name: [{"value": bucket["key"], "count": bucket["doc_count"]} for bucket in _buckets(aggregations, name)]
        for name in facets
    }


def highlights(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Fragments as HTML: all that came from a report is escaped, and only our own <mark> stands in it."""
    return {name: [marked(fragment) for fragment in fragments] for name, fragments in sorted(found.items())}


def marked(fragment: str) -> str:
    return escape(fragment).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


def found_one(response: Mapping[str, Any], id_: str) -> dict[str, Any] | None:
    """The document with this id, else the entity that holds the mention of this id, else nothing."""
    documents = [hit["_source"] for hit in response["hits"]["hits"]]
    for document in documents:
        if document["id"] == id_:
            return dict(document)
    for document in documents:
        if any(f"{mention['report']}/{mention['ref']}" == id_ for mention in document.get("mentions", [])):
            return dict(document)
    return None


def _buckets(aggregations: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    buckets: list[dict[str, Any]] = aggregations.get(name, {}).get("buckets", [])
    return buckets
