"""The state of a page as its address has it: what was asked, how it is sorted, where in it one stands. Every state is
a link, and an export asks for exactly the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from pipeline.search.mistake import Mistake
from pipeline.search.moments import span
from pipeline.search.question import Question

LISTS = ("kind", "agency", "tlp", "mention", "country", "caveat")
"""Filters of several values. Values of one are alternatives, and different ones must all hold."""
SINGLE = ("q", "doc", "place", "near", "box", "from", "to", "exercise", "sort", "skip")
NAMES = (*SINGLE, *LISTS)
NUMBERS = {"near": 3, "box": 4}
SIZE = 20
"""Hits on one page."""


@dataclass(frozen=True)
class State:
    """`pairs`: (name, value), without what is empty and without names that nobody knows."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> State:
        """From an address, in one order, so that one state has one address."""
        known = {(name, value.strip()) for name, value in pairs if name in NAMES and value.strip()}
        return cls(tuple(sorted(known, key=lambda pair: (NAMES.index(pair[0]), pair[1]))))

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.pairs if known == name]

    def value(self, name: str) -> str:
        """The first value, or nothing."""
        return next(iter(self.values(name)), "")

    def query(self, *, without: Iterable[str] = ()) -> str:
        """As it stands after the `?` of an address."""
        return urlencode([pair for pair in self.pairs if pair[0] not in set(without)])

    def but(self, **changes: str | int | None) -> State:
        """With these values instead (None: none); it starts again at the first page."""
        kept = [pair for pair in self.pairs if pair[0] not in changes and pair[0] != "skip"]
        new = [(name, str(value)) for name, value in changes.items() if value is not None]
        return State.read([*kept, *new])

    def without(self, name: str, value: str) -> State:
        return State.read(pair for pair in self.pairs if pair != (name, value) and pair[0] != "skip")

    def chips(self) -> list[tuple[str, str]]:
        """The filters in force, each of which can be taken away."""
        return [pair for pair in self.pairs if pair[0] not in ("q", "sort", "skip", "doc")]

    def cleared(self) -> State:
        """Without filters."""
        return State.read(pair for pair in self.pairs if pair[0] in ("q", "sort", "doc", "exercise"))

    def date(self, name: str) -> str:
        """The day that `from` begins or `to` ends at, as a date field takes it; else nothing."""
        try:
            return span(self.value(name))[name == "to"].date().isoformat()
        except Mistake:
            return ""

    def question(self, size: int = SIZE) -> Question:
        """The question that is asked. Raises Mistake."""
        given: dict[str, Any] = {name: values for name in LISTS if (values := self.values(name))}
        given |= {name: self.value(name) for name in SINGLE if self.value(name)}
        for name, key in {"from": "start", "to": "end"}.items():
            if name in given:
                given[key] = given.pop(name)
        for name, count in NUMBERS.items():
            if name in given:
                given[name] = _numbers(name, given[name], count)
        if "q" not in given and "sort" not in given:
            given["sort"] = "newest"
        try:
            return Question(**given, size=size)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            raise Mistake("filter", name={"start": "from", "end": "to"}.get(name, name)) from None


def _numbers(name: str, text: str, count: int) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) != count:
        raise Mistake("numbers", name=name, most=count)
    return found
