"""The shipped tables that normalising rests on, one YAML file each, so that they can be read and mended by anyone.

They are part of the program as its code is: read once, at import, and never changed. What is big (the gazetteer)
is a parameter of `enrich` instead.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def table(name: str) -> Any:
    """The table in `<name>.yaml` beside this file, as plain values."""
    text = files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506, a safe loader written in C


def words_of(value: str) -> frozenset[str]:
    """The words of a folded block of text, which is how the longer lists stand in the tables."""
    return frozenset(value.split())
