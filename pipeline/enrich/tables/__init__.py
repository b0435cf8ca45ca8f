"""The shipped tables that normalising rests on, one YAML file each, so that they can be read and mended by anyone.

They are read once, at import. What is big (the gazetteer) is a parameter of `enrich` instead.
"""

from __future__ import annotations

from typing import Any

from pipeline.shipped import shipped


def table(name: str) -> Any:
    """The table in `<name>.yaml` beside this file, as plain values."""
    return shipped(__name__, name)


def words_of(value: str) -> frozenset[str]:
    """The words of a folded block of text, which is how the longer lists stand in the tables."""
    return frozenset(value.split())
