"""Attributes folded: one key for the ways to name it, and values in folded words."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.enrich.fold import fold
from pipeline.enrich.tables import table

KEYS: dict[str, str] = {alias: key for key, aliases in table("attribute_keys").items() for alias in aliases}
"""Ways to name an attribute -> the one key that stands for it."""
LONGEST = 200
"""Letters; a longer value is a text, not something two mentions could have in common."""


def folded_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    """Key -> folded value, by rising key; blank and long values are left out. Of two keys that are one, the first by
    name counts."""
    folded: dict[str, str] = {}
    for name in sorted(attributes):
        value = fold(attributes[name]) if len(attributes[name]) <= LONGEST else ""
        if value:
            folded.setdefault(KEYS.get(name, name), value)
    return dict(sorted(folded.items()))
