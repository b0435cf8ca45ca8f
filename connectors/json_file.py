"""JSON files that are read whole: MISP events, STIX bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from connectors.base import KEPT_OF_TOO_LARGE, MAX_FILE, Broken, not_text


def parsed(path: Path) -> Any | Broken:
    """What the file holds, or why it cannot be read, with line and column."""
    size = path.stat().st_size
    if size > MAX_FILE:
        with path.open("rb") as file:
            beginning = file.read(KEPT_OF_TOO_LARGE)
        reason = f"a file of {size:,} bytes, over the limit of {MAX_FILE:,}; split it"
        return Broken(path.name, None, beginning, reason, length=size)
    raw = path.read_bytes()
    try:
        raw.decode("utf-8-sig")
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError as error:
        return Broken(path.name, None, raw, not_text(error, "UTF-8"))
    except orjson.JSONDecodeError as error:
        reason = f"not JSON at line {error.lineno}, column {error.colno} ({error.msg}); is the file cut short?"
        return Broken(path.name, error.lineno, raw, reason)
