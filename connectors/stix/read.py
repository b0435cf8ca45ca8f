"""Objects out of STIX bundles, each with the objects that belong to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.base import Broken, Folded, Item, Record, found_files
from connectors.config import Config
from connectors.json_file import parsed
from connectors.stix.tables import REPORTS

Object = dict[str, Any]
PARTS = frozenset({"marking-definition", "extension-definition", "language-content", "location"})
"""Objects that only serve others."""


@dataclass
class Bundle:
    """All objects of a file by id, and the relationships of each source."""

    objects: dict[str, Object] = field(default_factory=dict)
    relationships: dict[str, list[Object]] = field(default_factory=lambda: defaultdict(list))


def read(config: Config) -> Iterator[Item]:
    """Each object of each file that becomes a report; the others are folded into the one they belong to, or refused."""
    for path in found_files(config.folder, config.source.path):
        found = parsed(path)
        if isinstance(found, Broken):
            yield found
            continue
        if isinstance(found, dict) and found.get("type") == "bundle":
            objects = found.get("objects") or []
        else:
            objects = found if isinstance(found, list) else [found]
        yield from _items(path.name, objects)


def _items(source: str, objects: list[Any]) -> Iterator[Item]:
    bundle = Bundle()
    for one in objects:
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            bundle.objects[one["id"]] = one
    for one in bundle.objects.values():
        if one.get("type") == "relationship":
            bundle.relationships[str(one.get("source_ref"))].append(one)
    used = {ref for one in bundle.objects.values() for ref in _refs(one)}
    seen: set[str] = set()
    for number, one in enumerate(objects, 1):
        raw = orjson.dumps(one)
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not isinstance(one.get("type"), str):
            yield Broken(source, number, raw, "no STIX object: it lacks `type` or `id`; export a bundle as STIX 2")
            continue
        kind, id_ = one["type"], one["id"]
        if kind == "relationship":
            ends = [ref for ref in (one.get("source_ref"), one.get("target_ref")) if ref in bundle.objects]
            if len(ends) == 2 and not one.get("revoked"):
                yield Folded(source, ends[0])
            else:
                reason = "a relationship of which an end is not in this bundle, or that is revoked; publish both ends"
                yield Broken(source, number, raw, reason)
        elif kind in PARTS or (kind not in REPORTS and id_ in used):
            yield Folded(source, id_)
        elif id_ in seen:
            yield Broken(source, number, raw, "the same id twice in one bundle, in another version; publish the newest")
        else:
            if _newest(id_, objects) is not one:
                yield Broken(source, number, raw, "an older version of an object that this bundle has newer")
                continue
            seen.add(id_)
            yield Record(source, number, raw, one, bundle)


def _newest(id_: str, objects: list[Any]) -> Any:
    versions = [one for one in objects if isinstance(one, dict) and one.get("id") == id_]
    return versions[0] if len(versions) == 1 else max(versions, key=lambda one: str(one.get("modified") or ""))


def _refs(one: Object) -> Iterator[str]:
    """Ids of the objects that this one is made of (not of those it merely relates to)."""
    for name in ("object_refs", "observed_data_refs", "sample_refs", "resolves_to_refs"):
        yield from (ref for ref in one.get(name) or [] if isinstance(ref, str))
