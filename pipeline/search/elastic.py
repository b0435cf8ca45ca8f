"""A tree as an Elasticsearch query. Pure.

Only queries that are decided for each document alone: none depends on what else is in the index (`fuzzy` is asked for
all words within its edits, not for the fifty best, and a score says where a word stands, not how rare it is).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pipeline.report.model import rfc3339
from pipeline.search import tree
from pipeline.search.analysis import lower
from pipeline.search.indexed import EPOCH, PATHS

Query = dict[str, Any]
EVERYWHERE = ("all", "title^2", "search.names^2")
"""Where words without a field are looked for; a title or a name says more than a narrative. All of it is in `all`."""
_SPECS = PATHS["entity"] | PATHS["report"]


def to_elastic(node: tree.Node) -> Query:
    """The query that finds just the documents that `matches` holds of."""
    return READINGS[type(node)](node)


def _either(found: list[Query]) -> Query:
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}


def _all(node: tree.All) -> Query:
    must = [to_elastic(part) for part in node.parts if not isinstance(part, tree.Not)]
    must_not = [to_elastic(part.part) for part in node.parts if isinstance(part, tree.Not)]
    return {"bool": {name: found for name, found in (("must", must), ("must_not", must_not)) if found}}


def _words(node: tree.Words) -> Query:
    if node.paths == ("all",):
        return _everywhere(node.text, {"type": "cross_fields", "operator": "and"})
    if len(node.paths) > 1:
        return {"multi_match": {"query": node.text, "fields": list(node.paths), "type": "cross_fields",
                                "operator": "and"}}  # fmt: skip
    return {"match": {node.paths[0]: {"query": node.text, "operator": "and"}}}


def _phrase(node: tree.Phrase) -> Query:
    slop = {"slop": node.slop} if node.slop else {}
    if node.paths == ("all",):
        return _everywhere(node.text, {"type": "phrase", **slop})
    return _either([{"match_phrase": {path: {"query": node.text, **slop}}} for path in node.paths])


def _everywhere(text: str, how: dict[str, Any]) -> Query:
    return {"multi_match": {"query": text, "fields": list(EVERYWHERE), **how}}


def _wildcard(node: tree.Wildcard) -> Query:
    def asked(path: str) -> dict[str, Any]:
        spec = _SPECS[path]
        if spec["type"] == "text" or "normalizer" in spec:
            return {"value": lower(node.pattern)}
        return {"value": node.pattern, "case_insensitive": True}

    return _either([{"wildcard": {path: asked(path)}} for path in node.paths])


def _fuzzy(node: tree.Fuzzy) -> Query:
    # Every word within the edits counts: the usual rewrite takes the fifty nearest of the index.
    how = {"value": node.word, "fuzziness": node.edits, "prefix_length": 1, "rewrite": "constant_score"}
    return _either([{"fuzzy": {path: how}} for path in node.paths])


def _within(node: tree.Within) -> Query:
    bounds = {
        name: rfc3339(EPOCH + timedelta(milliseconds=moment))
        for name, moment in (("gte", node.first), ("lte", node.last))
        if moment is not None
    }
    return _either([{"range": {path: bounds}} for path in node.paths])


def _near(node: tree.Near) -> Query:
    point = {"lat": node.lat, "lon": node.lon}
    return {"geo_distance": {"distance": f"{node.kilometres}km", "locations.point": point}}


def _box(node: tree.Box) -> Query:
    corners = {"top": node.north, "left": node.west, "bottom": node.south, "right": node.east}
    return {"geo_bounding_box": {"locations.point": corners}}


READINGS: dict[type, Callable[[Any], Query]] = {
    tree.Everything: lambda node: {"match_all": {}},
    tree.Nothing: lambda node: {"match_none": {}},
    tree.All: _all,
    tree.Any: lambda node: _either([to_elastic(part) for part in node.parts]),
    tree.Not: lambda node: {"bool": {"must_not": [to_elastic(node.part)]}},
    tree.Words: _words,
    tree.Phrase: _phrase,
    tree.Wildcard: _wildcard,
    tree.Fuzzy: _fuzzy,
    tree.Term: lambda node: _either([{"terms": {path: list(node.values)}} for path in node.paths]),
    tree.Prefix: lambda node: {"prefix": {node.path: node.start}},
    tree.Exists: lambda node: _either([{"exists": {"field": path}} for path in node.paths]),
    tree.Within: _within,
    tree.Near: _near,
    tree.Box: _box,
}
"""How each part of a tree is asked; `matching.py` has the same table for a document in hand."""
