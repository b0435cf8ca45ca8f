"""What ships inside our packages as YAML: tables and texts that anyone can read and mend. They are part of the program
as its code is: read once, and never changed."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def shipped(package: str, name: str) -> Any:
    """The file `<name>.yaml` of a package, as plain values."""
    text = files(package).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506, a safe loader written in C
