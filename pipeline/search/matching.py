"""A tree as a predicate on a document, exactly as Elasticsearch would decide over the mapping. Pure.

A document is one that stands in an index (with its hidden `search` part), or `Indexed`, where many questions are put to
the same one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapidfuzz.distance import OSA

from pipeline.search import tree
from pipeline.search.analysis import lower, words
from pipeline.search.geo import inside, metres, stored
from pipeline.search.indexed import Indexed, indexed


def matches(node: tree.Node, document: Mapping[str, Any] | Indexed) -> bool:
    """Whether the document is one that Elasticsearch would find for this tree."""
    return _holds(node, indexed(document))


def _holds(node: tree.Node, document: Indexed) -> bool:
    return READINGS[type(node)](node, document)


def _all(node: tree.All, document: Indexed) -> bool:
    return all(_holds(part, document) for part in node.parts)


def _any(node: tree.Any, document: Indexed) -> bool:
    return any(_holds(part, document) for part in node.parts)


def _words(node: tree.Words, document: Indexed) -> bool:
    wanted = _asked(node.text)
    return bool(wanted) and all(any(word in document.terms(path) for path in node.paths) for word in wanted)


def _phrase(node: tree.Phrase, document: Indexed) -> bool:
    wanted = _asked(node.text)
    found = _moved if node.slop else _consecutive
    return bool(wanted) and any(
        found(wanted, value, node.slop)
        for path in node.paths
        if all(word in document.terms(path) for word in wanted)
        for value in document.words(path)
    )


def _consecutive(wanted: Sequence[str], value: Sequence[str], _: int) -> bool:
    size, first = len(wanted), wanted[0]
    return any(word == first and tuple(value[at : at + size]) == wanted for at, word in enumerate(value))


def _moved(wanted: Sequence[str], value: Sequence[str], slop: int) -> bool:
    """Whether the words stand so that, each moved back by its place in the phrase, they lie at most `slop` apart."""
    place = {word: at for at, word in enumerate(wanted)}
    seen = sorted((at - place[word], place[word]) for at, word in enumerate(value) if word in place)
    counts, start, there = [0] * len(wanted), 0, 0
    for moved, which in seen:
        there += counts[which] == 0
        counts[which] += 1
        while moved - seen[start][0] > slop:
            gone = seen[start][1]
            counts[gone] -= 1
            there -= counts[gone] == 0
            start += 1
        if there == len(wanted):
            return True
    return False


def _wildcard(node: tree.Wildcard, document: Indexed) -> bool:
    for path in node.paths:
        spec = document.specs.get(path)
        if spec is not None:
            kept = spec["type"] == "text" or "normalizer" in spec
            pattern = pattern_of(lower(node.pattern), False) if kept else pattern_of(node.pattern, True)
            if any(pattern.fullmatch(term) for term in document.terms(path)):
                return True
    return False


@functools.lru_cache(maxsize=4096)
def pattern_of(pattern: str, any_case: bool) -> re.Pattern[str]:
    """A wildcard pattern as a regular expression that never goes back over what it has taken."""
    pieces = [""]
    signs = iter(pattern)
    for sign in signs:
        if sign == "*":
            pieces.append("")
        elif sign == "?":
            pieces[-1] += "."
        else:
            pieces[-1] += re.escape(next(signs, sign) if sign == "\\" else sign)
    first, *between, last = pieces if len(pieces) > 1 else [*pieces, None]
    middle = "".join(f"(?>.*?{piece})" for piece in between if piece)
    flags = re.DOTALL | (re.ASCII | re.IGNORECASE if any_case else 0)
    return re.compile(f"{first}{middle}" + ("" if last is None else f".*{last}"), flags)


def _fuzzy(node: tree.Fuzzy, document: Indexed) -> bool:
    first, rest, edits = node.word[0], node.word[1:], node.edits
    return any(
        term[:1] == first and abs(len(term) - 1 - len(rest)) <= edits
        and OSA.distance(term[1:], rest, score_cutoff=edits) <= edits
        for path in node.paths
        for term in document.terms(path)
    )  # fmt: skip


def _term(node: tree.Term, document: Indexed) -> bool:
    return any(not _kept(node.values, document, path).isdisjoint(document.terms(path)) for path in node.paths)


def _kept(values: tuple[str, ...], document: Indexed, path: str) -> frozenset[str]:
    return _lowered(values) if "normalizer" in (document.specs.get(path) or ()) else frozenset(values)


@functools.lru_cache(maxsize=4096)
def _lowered(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(lower, values))


def _prefix(node: tree.Prefix, document: Indexed) -> bool:
    return any(term.startswith(node.start) for term in document.terms(node.path))


def _exists(node: tree.Exists, document: Indexed) -> bool:
    return any(exists(document, path) for path in node.paths)


def exists(document: Indexed, path: str) -> bool:
    """Whether the index holds anything under this path."""
    path, spec = document.at(path)
    kind = spec["type"] if spec else ""
    if kind in ("keyword", "flattened"):
        return bool(document.terms(path))
    return bool(document.moments(path) if kind == "date" else document.values.get(path))


def _within(node: tree.Within, document: Indexed) -> bool:
    return any(
        (node.first is None or node.first <= moment) and (node.last is None or moment <= node.last)
        for path in node.paths
        for moment in document.moments(document.at(path)[0])
    )


def _near(node: tree.Near, document: Indexed) -> bool:
    return any(metres(node.lat, node.lon, *stored(*point)) <= node.kilometres * 1000 for point in document.points)


def _box(node: tree.Box, document: Indexed) -> bool:
    return any(inside(node, lat, lon) for lat, lon in document.points)


@functools.lru_cache(maxsize=8192)
def _asked(text: str) -> tuple[str, ...]:
    return tuple(words(text))


READINGS: dict[type, Callable[[Any, Indexed], bool]] = {
    tree.Everything: lambda node, document: True,
    tree.Nothing: lambda node, document: False,
    tree.All: _all,
    tree.Any: _any,
    tree.Not: lambda node, document: not _holds(node.part, document),
    tree.Words: _words,
    tree.Phrase: _phrase,
    tree.Wildcard: _wildcard,
    tree.Fuzzy: _fuzzy,
    tree.Term: _term,
    tree.Prefix: _prefix,
    tree.Exists: _exists,
    tree.Within: _within,
    tree.Near: _near,
    tree.Box: _box,
}
"""How each part of a tree is decided; `elastic.py` has the same table for Elasticsearch."""
