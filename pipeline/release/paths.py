"""Field paths: which part of a report a rule or marking speaks of.

narrative                           a field of the report
places[0]                           the place at a position, counted from 0
entities[p1]                        the entity with the ref p1; where none has it, digits are a position
entities[role=informant]            every entity with that role; also kind=…
entities[kind=phone].identifiers    a field of those entities; `entities.identifiers` means of all
entities[p1].identifiers[scheme=passport], entities[p1].attributes.occupation
links[kind=uses]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

REQUIRED = frozenset({"agency", "source_id", "revision", "op", "kind", "title", "reported_at", "marking"})
"""Without these a report is none, so no path may name them: withhold the report instead."""

ALONE = frozenset({"narrative", "language", "occurred", "assessment", "judgement"})
LISTS = {
    # list: (what a selector may ask for, the fields below an element)
    "places": (frozenset({"name", "country"}), frozenset({"name", "country", "lat", "lon"})),
    "links": (frozenset({"kind", "from", "to"}), frozenset[str]()),
    "entities": (
        frozenset({"ref", "role", "kind"}),
        frozenset({"role", "names", "birth_date", "nationality", "identifiers", "addresses", "attributes"}),
    ),
}
BELOW = {
    # the lists inside an entity, and what a selector may ask for there
    "identifiers": frozenset({"scheme"}),
    "addresses": frozenset({"city", "country"}),
    "names": frozenset[str](),
}

_STEP = re.compile(r"(?P<name>[a-z_]+)(?:\[(?P<selector>[^\[\]]+)\])?")


@dataclass(frozen=True)
class Selector:
    """Which elements of a list: by ref or position (`field` None), or by the value of a field."""

    value: str
    field: str | None = None

    def chosen(self, elements: Sequence[Mapping[str, Any]]) -> set[int]:
        """Positions of the elements meant."""
        if self.field is not None:
            return {at for at, one in enumerate(elements) if str(_field(one, self.field)) == self.value}
        by_ref = {at for at, one in enumerate(elements) if isinstance(one, Mapping) and one.get("ref") == self.value}
        if by_ref or not self.value.isdigit():
            return by_ref
        return {int(self.value)} if int(self.value) < len(elements) else set()


@dataclass(frozen=True)
class FieldPath:
    """A parsed path: a field of the report, then for lists which elements, then a field below and which of those."""

    text: str
    field: str
    selector: Selector | None = None
    below: str | None = None
    below_selector: Selector | None = None
    attribute: str | None = None

    @property
    def names_one(self) -> bool:
        """Whether it names one element, by ref or position, which a report either has or has not."""
        return self.selector is not None and self.selector.field is None


@lru_cache(maxsize=4096)
def parse(text: str) -> FieldPath:
    """The path that `text` says. Raises ValueError saying what is wrong with it."""
    attribute = None
    head, dot, rest = text.partition(".attributes.")
    if dot:
        text_steps, attribute = f"{head}.attributes", rest
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", rest):
            raise ValueError(f"{text!r}: an attribute's name is wanted after `attributes.`")
    else:
        text_steps = text
    steps = [_STEP.fullmatch(step) for step in _split(text_steps)]
    if not 1 <= len(steps) <= 2 or any(step is None for step in steps):
        raise ValueError(f"{text!r} is no field path; write it like entities[role=informant].names")
    found = [(step["name"], step["selector"]) for step in steps if step]
    name, selector = found[0]
    if name in REQUIRED:
        raise ValueError(f"{text!r}: a report without its {name} is none; forbid the report instead")
    if name in ALONE:
        if selector or len(found) > 1:
            raise ValueError(f"{text!r}: nothing can be chosen inside {name}")
        return FieldPath(text, name)
    if name not in LISTS:
        raise ValueError(f"{text!r}: a report has no field {name}")
    askable, below_fields = LISTS[name]
    chosen = _selector(text, selector, askable)
    if len(found) == 1:
        return FieldPath(text, name, chosen)
    below, below_selector = found[1]
    if below not in below_fields:
        raise ValueError(f"{text!r}: {name} have no field {below}")
    if below_selector and below not in BELOW:
        raise ValueError(f"{text!r}: nothing can be chosen inside {below}")
    return FieldPath(
        text, name, chosen, below, _selector(text, below_selector, BELOW.get(below, frozenset())), attribute
    )


def _split(text: str) -> list[str]:
    """Split at dots outside brackets."""
    return re.split(r"\.(?![^\[]*\])", text)


def _selector(text: str, inside: str | None, askable: frozenset[str]) -> Selector | None:
    if inside is None:
        return None
    field, equals, value = inside.partition("=")
    if not equals:
        return Selector(inside)
    if field not in askable:
        known = ", ".join(sorted(askable)) or "a position"
        raise ValueError(f"{text!r}: {field} cannot be asked for here; use {known}")
    return Selector(value, field)


def _field(element: Any, name: str) -> Any:
    return element.get(name) if isinstance(element, Mapping) else None
