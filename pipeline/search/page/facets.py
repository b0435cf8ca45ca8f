"""The filters beside the hits, with how many each would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.search.page.state import State
from pipeline.search.question import COUNTED

SHOWN = 8
"""Values of a group that stand open; the others fold away."""


@dataclass(frozen=True)
class Choice:
    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    name: str
    choices: tuple[Choice, ...]


def groups(facets: Mapping[str, Sequence[Mapping[str, Any]]], state: State) -> list[Group]:
    """Each with what is chosen first, then the most frequent; groups without any choice are left out."""
    found = []
    for name, counted in COUNTED.items():
        counts: Counter[str] = Counter(dict.fromkeys(state.values(name), 0))
        for facet in counted:
            for bucket in facets.get(facet, ()):
                counts[str(bucket["value"])] += bucket["count"]
        chosen = set(state.values(name))
        choices = [Choice(value, count, value in chosen) for value, count in counts.items()]
        if choices:
            choices.sort(key=lambda one: (not one.chosen, -one.count, one.value))
            found.append(Group(name, tuple(choices)))
    return found
