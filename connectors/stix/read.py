"""Objects out of STIX bundles, each with the objects that belong to it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.base import Broken, Folded, Item, Record
from connectors.config import Config
from connectors.json_file import from_json_files
from connectors.stix.tables import REPORTS

Object = dict[str, Any]
SERVANTS = frozenset({"marking-definition", "extension-definition", "language-content"})
"""Objects that only serve others."""
LEFT_OUT = {
    "language-content": "a translation of another object, which has no place in a report; put its words into the object"
}
"""Objects of which nothing would be told, and what to do instead."""
NO_PARTS = frozenset({"created_by_ref", "object_marking_refs", "source_ref", "target_ref"})
"""References that do not say what an object is made of."""


@dataclass
class Bundle:
    """The newest version of each object of a file by id, the relationships of each source, and the newest moment."""

    objects: dict[str, Object] = field(default_factory=dict)
    relationships: dict[str, list[Object]] = field(default_factory=lambda: defaultdict(list))
    newest: str | None = None

    def targets(self, one: Object) -> Iterator[Object]:
        """The objects of the bundle that this one is made of, or that its relationships lead to."""
        refs = [*refs_of(one), *(str(relation.get("target_ref")) for relation in self.relationships.get(one["id"], []))]
        yield from (self.objects[ref] for ref in refs if ref in self.objects)

    def parts(self, one: Object) -> list[tuple[Object, tuple[Object, ...]]]:
        """The observables and locations that this object is made of, directly or through others, each once and with
        those that lead to it."""
        found: dict[str, tuple[Object, tuple[Object, ...]]] = {one["id"]: (one, ())}
        waiting = deque([one])
        while waiting:
            at = waiting.popleft()
            within = () if at is one else (at, *found[at["id"]][1])
            made_of = set(refs_of(at))
            for target in self.targets(at):
                belongs = target["type"] == "location" or (is_observable(target) and target["id"] in made_of)
                if belongs and target["id"] not in found:
                    found[target["id"]] = (target, within)
                    waiting.append(target)
        return list(found.values())[1:]


def is_observable(one: Object) -> bool:
    return one["type"] not in REPORTS | SERVANTS | {"relationship", "location"}


def refs_of(one: Object) -> Iterator[str]:
    """Ids of the objects that this one is made of (not of those it merely relates to)."""
    for name, value in one.items():
        if name in NO_PARTS:
            continue
        if name.endswith("_ref") and isinstance(value, str):
            yield value
        elif name.endswith("_refs") and isinstance(value, list):
            yield from (ref for ref in value if isinstance(ref, str))


def read(config: Config) -> Iterator[Item]:
    """Each object of each file that becomes a report; the others are folded into the one they belong to, or refused."""
    return from_json_files(config, lambda source, found: _items(source, _objects(found)))


def _objects(found: Any) -> list[Any]:
    """What a bundle holds, an envelope of TAXII, or a list of objects or bundles; else the one thing it is."""
    if isinstance(found, list):
        return [one for each in found for one in (_objects(each) if _is_wrapped(each) else [each])]
    return (found.get("objects") or []) if _is_wrapped(found) else [found]


def _is_wrapped(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("objects") or [], list):
        return False
    return found.get("type") == "bundle" or ("type" not in found and "objects" in found)


def _items(source: str, objects: list[Any]) -> Iterator[Item]:
    bundle = _gathered(one for one in objects if _is_object(one))
    alone = _roots(bundle)
    for number, one in enumerate(objects, 1):
        raw = orjson.dumps(one)
        if not _is_object(one):
            yield Broken(source, number, raw, "no STIX object: it lacks `type` or `id`; export a bundle as STIX 2")
        elif bundle.objects[one["id"]] is not one:
            newest = bundle.objects[one["id"]]
            if newest == one:
                yield Folded(source, one["id"])
            else:
                yield Broken(
                    source, number, raw, "another version of it in this bundle is newer; nothing is to be done"
                )
        elif one["type"] == "relationship":
            yield _relationship(source, number, raw, one, bundle)
        elif one["type"] in LEFT_OUT:
            yield Broken(source, number, raw, LEFT_OUT[one["type"]])
        elif one["type"] in SERVANTS or one["id"] not in alone:
            yield Folded(source, one["id"])
        else:
            yield Record(source, number, raw, one, bundle)


def _is_object(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("type"), str)


def _gathered(objects: Iterable[Object]) -> Bundle:
    bundle = Bundle()
    for one in objects:
        before = bundle.objects.get(one["id"])
        if before is None or _moment(one.get("modified")) > _moment(before.get("modified")):
            bundle.objects[one["id"]] = one
    for one in bundle.objects.values():
        if one["type"] == "relationship" and one.get("revoked") is not True:
            bundle.relationships[str(one.get("source_ref"))].append(one)
    moments = (str(one[name]) for one in bundle.objects.values() for name in ("modified", "created") if one.get(name))
    bundle.newest = max(moments, default=None, key=_moment)
    return bundle


def _moment(text: Any) -> str:
    """For comparing: without its Z, since some write fractions of a second and some do not."""
    return str(text or "").removesuffix("Z")


def _roots(bundle: Bundle) -> set[str]:
    """Objects that are reports of their own: those that say something, then the parts that belong to none of them."""
    found = {one["id"] for one in bundle.objects.values() if one["type"] in REPORTS}
    reached = {part["id"] for id_ in found for part, _ in bundle.parts(bundle.objects[id_])}
    left = [one for one in bundle.objects.values()
            if one["id"] not in found | reached and one["type"] not in SERVANTS | {"relationship"}]  # fmt: skip
    named = {ref for one in left for ref in refs_of(one)}
    for one in sorted(left, key=lambda one: one["id"] in named):  # of those that only name each other, the first
        if one["id"] not in reached:
            found.add(one["id"])
            reached |= {one["id"], *(part["id"] for part, _ in bundle.parts(one))}
    return found


def _relationship(source: str, number: int, raw: bytes, one: Object, bundle: Bundle) -> Item:
    if one.get("revoked") is True:
        return Broken(source, number, raw, "a relationship that was revoked; what it said is left out")
    if not all(str(one.get(end)) in bundle.objects for end in ("source_ref", "target_ref")):
        return Broken(source, number, raw, "a relationship of which an end is not in this bundle; publish both ends")
    return Folded(source, str(one["source_ref"]))
