"""What any document that matches a tree must hold, so that thousands of standing queries can be looked up by it. Pure.

A query is filed under each of its alternatives; a document looks up its own terms and finds every query that might
match it. What is said is necessary, not sufficient: `matches` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.search import tree
from pipeline.search.analysis import lower, words
from pipeline.search.indexed import PATHS, Indexed, indexed
from pipeline.search.matching import exists

Alternative = tuple[str, str]
"""A path and what stands there: a word or keyword; a word's first letters, where the path ends in ^, or its first one,
where it ends in ~; nothing where it ends in ?, as long as anything stands there."""

LETTERS = 3
"""By how many first letters a word is found."""
_SPECS = PATHS["entity"] | PATHS["report"]
_FEW = frozenset({"doc", "kind", "entities.kind", "agency", "agencies", "marking.tlp", "marking.exercise", "language",
                  "locations.country", "places.country", "entities.role", "roles", "links.kind"})  # fmt: skip
"""Paths with few values, each in many documents."""


def necessary(node: tree.Node) -> frozenset[Alternative] | None:
    """Of these alternatives every matching document has at least one among its `terms`; none at all where no document
    matches. None: nothing can be said, so the query must be tried on every document."""
    match node:
        case tree.Nothing():
            return frozenset()
        case tree.All(parts):
            found = [said for said in map(necessary, parts) if said is not None]
            return min(found, key=_cost, default=None)
        case tree.Any(parts):
            either = [necessary(part) for part in parts]
            return None if None in either else frozenset().union(*(said for said in either if said is not None))
        case tree.Words(paths, text) | tree.Phrase(paths, text):
            wanted = words(text)
            rarest = max(wanted, key=len, default="")
            return frozenset((path, rarest) for path in paths) if wanted else frozenset()
        case tree.Term(paths, values):
            return frozenset(
                (path, lower(value) if "normalizer" in _SPECS[path] else value) for path in paths for value in values
            )
        case tree.Wildcard(paths, pattern):
            start = lower(pattern)[:LETTERS]
            if len(start) == LETTERS and not set(start) & set("*?\\") and all(_folded(path) for path in paths):
                return frozenset((f"{path}^", start) for path in paths)
            return None
        case tree.Exists(paths) | tree.Within(paths):
            return frozenset((f"{path}?", "") for path in paths)
        case tree.Prefix(path):
            return frozenset({(f"{path}?", "")})
        case tree.Near() | tree.Box():
            return frozenset({("locations.point?", "")})
        case _:
            return None


def terms(document: Mapping[str, Any] | Indexed) -> frozenset[Alternative]:
    """All that an index of standing queries must look up for this document."""
    document = indexed(document)
    found: set[Alternative] = set()
    for path, spec in document.specs.items():
        if document.at(path)[0] in document.values and exists(document, path):
            found.add((f"{path}?", ""))
            here = document.terms(path)
            found.update((path, term) for term in here)
            if spec["type"] == "text":
                found.update((f"{path}~", letter) for letter in {term[:1] for term in here})
            if spec["type"] == "text" or "normalizer" in spec:
                found.update((f"{path}^", term[:LETTERS]) for term in here if len(term) >= LETTERS)
    return frozenset(found)


def _folded(path: str) -> bool:
    return _SPECS[path]["type"] == "text" or "normalizer" in _SPECS[path]


def _cost(said: frozenset[Alternative]) -> float:
    """How many documents are likely to have one of these: a guess that only speed hangs on."""
    return sum(share(path, term) for path, term in said)


def share(path: str, term: str) -> float:
    """How many of all documents are likely to have this, from 0 to 1: a guess that only speed hangs on."""
    if path.endswith("?"):
        return 1.0
    if path in _FEW:
        return 0.2
    return 0.05 if path.endswith("^") else 0.02 / max(len(term), 1)
