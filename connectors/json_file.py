"""JSON files that are read whole: MISP events, STIX bundles."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from connectors.base import KEPT_OF_TOO_LARGE, MAX_FILE, Broken, not_text, opened


def parsed(path: Path) -> Any | Broken:
    """What the file holds, or why it cannot be read, with line and column."""
    file = opened(path)
    if isinstance(file, Broken):
        return file
    with file:
        size = path.stat().st_size
        if size > MAX_FILE:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            reason = f"a file of {size:,} bytes, over the limit of {MAX_FILE:,}; split it"
            return Broken(path.name, None, file.read(KEPT_OF_TOO_LARGE), reason, size, digest)
        raw = file.read()
    try:
        raw.decode("utf-8-sig")
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError as error:
        return Broken(path.name, None, raw, not_text(error, "UTF-8"))
    except orjson.JSONDecodeError as error:
        reason = f"not JSON at line {error.lineno}, column {error.colno} ({error.msg}); is the file cut short?"
        return Broken(path.name, error.lineno, raw, reason)
