"""A question as a tree: parts that hold of a document, and how they are joined. Two readings are made of it, an
Elasticsearch query (`elastic.py`) and a predicate on a document (`matching.py`), and both select the same documents.

Paths are those of `pipeline/index/mapping.py`. A part with several paths holds where any of them does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Everything:
    """Any document."""


@dataclass(frozen=True)
class Nothing:
    """No document."""


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Any:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True)
class Words:
    """Every word of the text stands in one of the paths, not all need stand in the same. No word: holds nowhere."""

    paths: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Phrase:
    """The words of the text stand in one value, one after the other. `slop`: by how many places they may be moved in
    all; with it each word stands once in the text."""

    paths: tuple[str, ...]
    text: str
    slop: int = 0


@dataclass(frozen=True)
class Wildcard:
    """A word or a keyword is of this pattern: `*` any characters, `?` one. In lower case where the path is kept so."""

    paths: tuple[str, ...]
    pattern: str


@dataclass(frozen=True)
class Fuzzy:
    """A word becomes this one by so many edits: a letter put in, left out, changed, or two beside each other swapped.
    The first letter stays."""

    paths: tuple[str, ...]
    word: str
    edits: int


@dataclass(frozen=True)
class Term:
    """A keyword is one of these values."""

    paths: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Prefix:
    """A keyword begins so."""

    path: str
    start: str


@dataclass(frozen=True)
class Exists:
    """Something stands there."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class Within:
    """A moment from `first` to `last`, both in, in milliseconds since 1970 UTC; None is open."""

    paths: tuple[str, ...]
    first: int | None
    last: int | None


@dataclass(frozen=True)
class Near:
    """A location at most so far away. Degrees WGS 84."""

    lat: float
    lon: float
    kilometres: float


@dataclass(frozen=True)
class Box:
    """A location in the box. Degrees WGS 84; where west is greater than east it crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float


Node = (
    Everything | Nothing | All | Any | Not | Words | Phrase | Wildcard | Fuzzy | Term | Prefix | Exists | Within | Near
    | Box
)  # fmt: skip


def all_of(parts: list[Node]) -> Node:
    """Every one of these; of none, any document."""
    kept = [part for part in parts if not isinstance(part, Everything)]
    if not kept:
        return Everything()
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def any_of(parts: list[Node]) -> Node:
    """One of these; of none, no document."""
    kept = [part for part in parts if not isinstance(part, Nothing)]
    if not kept:
        return Nothing()
    return kept[0] if len(kept) == 1 else Any(tuple(kept))
