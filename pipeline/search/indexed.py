"""A document as its index holds it: the values under each path of the mapping, and the words of each value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from pipeline.index.mapping import mapping
from pipeline.search.analysis import lower, units, words

Spec = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _paths(properties: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Spec]]:
    for name, spec in properties.items():
        if "properties" in spec:
            yield from _paths(spec["properties"], f"{above}{name}.")
        else:
            yield f"{above}{name}", spec


PATHS: dict[str, dict[str, Spec]] = {doc: dict(_paths(mapping(doc)["properties"])) for doc in ("report", "entity")}
"""doc -> path -> how it is indexed."""


@dataclass
class _Branch:
    """What stands under one name of a document: its path and how it is indexed, or what it holds."""

    path: str = ""
    spec: Spec | None = None
    inner: dict[str, _Branch] = field(default_factory=dict)


def _tree(specs: Mapping[str, Spec]) -> dict[str, _Branch]:
    top: dict[str, _Branch] = {}
    for path, spec in specs.items():
        branches = top
        for name in path.split("."):
            branch = branches.setdefault(name, _Branch())
            branches = branch.inner
        branch.path, branch.spec = path, spec
    return top


_TREES = {doc: _tree(specs) for doc, specs in PATHS.items()}


class Indexed:
    """A document (`report` or `entity`), taken apart once, so that many questions can be put to it cheaply."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.specs = PATHS[document["doc"]]
        self.values: dict[str, list[Any]] = {}
        self._words: dict[str, list[list[str]]] = {}
        self._apart: dict[str, list[str]] = {}
        self._sets: dict[str, frozenset[str]] = {}
        self._collect(document, _TREES[document["doc"]])

    def _collect(self, value: Any, branches: Mapping[str, _Branch]) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if branch := branches.get(name):
                    if branch.spec is None:
                        self._collect(inner, branch.inner)
                    else:
                        self._add(inner, branch.path, branch.spec)
        elif isinstance(value, list | tuple):
            for inner in value:
                self._collect(inner, branches)

    def _add(self, value: Any, path: str, spec: Spec) -> None:
        found = [value] if isinstance(value, str) else list(_leaves(value, spec["type"]))
        if found:
            self.values.setdefault(path, []).extend(found)
            if copied := spec.get("copy_to"):
                self.values.setdefault(copied, []).extend(found)

    def at(self, path: str) -> tuple[str, Spec | None]:
        """The path, or the one that it is an alias of, and how it is indexed; None where this document has no such."""
        spec = self.specs.get(path)
        if spec and spec["type"] == "alias":
            return spec["path"], self.specs[spec["path"]]
        return path, spec

    def words(self, path: str) -> list[list[str]]:
        """The words of each value of a text."""
        if path not in self._words:
            self._words[path] = [self._told_apart(value) for value in self.values.get(path, ())]
        return self._words[path]

    def _told_apart(self, value: str) -> list[str]:
        # Every text is copied into `all`, so most are asked for twice.
        if value not in self._apart:
            self._apart[value] = words(value)
        return self._apart[value]

    def terms(self, path: str) -> frozenset[str]:
        """What the index can find under this path: words of a text, keywords as they are kept."""
        if path not in self._sets:
            self._sets[path] = frozenset(self._terms(path))
        return self._sets[path]

    def _terms(self, path: str) -> Iterator[str]:
        spec = self.specs.get(path)
        if spec is None:
            return
        if spec["type"] == "text":
            for value in self.words(path):
                yield from value
        elif spec["type"] in ("keyword", "flattened"):
            for value in self.values.get(path, ()):
                if len(value) <= spec["ignore_above"] // 2 or units(value) <= spec["ignore_above"]:
                    yield lower(value) if "normalizer" in spec else value

    def moments(self, path: str) -> list[int]:
        """Milliseconds since 1970 UTC."""
        found = (milliseconds(value) for value in self.values.get(path, ()))
        return [one for one in found if one is not None]

    @cached_property
    def points(self) -> list[tuple[float, float]]:
        """Latitude and longitude of each location."""
        return [(lat, lon) for lon, lat in self.values.get("locations.point", ())]


def _leaves(value: Any, kind: str) -> Iterator[Any]:
    if value is None:
        return
    if kind == "geo_point":
        yield tuple(value)
    elif isinstance(value, Mapping):  # attributes: any value of theirs
        for inner in value.values():
            yield from _leaves(inner, kind)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, kind)
    else:
        yield value if isinstance(value, str) else str(value)


def milliseconds(text: str) -> int | None:
    """A moment of a document; None where it is none."""
    try:
        return floor_milliseconds(datetime.fromisoformat(text))
    except ValueError:
        return None


def floor_milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def indexed(document: Mapping[str, Any] | Indexed) -> Indexed:
    return document if isinstance(document, Indexed) else Indexed(document)
