"""JSON files that are read whole: MISP events, STIX bundles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

import orjson

from connectors.base import KEPT_OF_TOO_LARGE, MAX_FILE, Broken, Item, from_files, not_text
from connectors.config import Config


def from_json_files(config: Config, of_found: Callable[[str, Any], Iterator[Item]]) -> Iterator[Item]:
    """The items of what each file holds. One that cannot be read is refused whole and does not stop the others."""

    def items(path: Path, file: BufferedReader) -> Iterator[Item]:
        found = _parsed(path, file)
        if isinstance(found, Broken):
            yield found
        else:
            yield from of_found(path.name, found)

    return from_files(config, items)


def _parsed(path: Path, file: BufferedReader) -> Any | Broken:
    """What the file holds, or why it cannot be read, with line and column."""
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
