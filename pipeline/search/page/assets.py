"""The static files: read once, known by the hash of what they hold, so that a browser keeps them for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""What is served; licences and notes in the same folder are not."""


@dataclass(frozen=True)
class Asset:
    """`packed` is the same, gzipped."""

    content: bytes
    packed: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """Every file by its path below `static/`. A path that is not a key leads nowhere, so none can lead out."""
    return dict(_read(files("pipeline.search.page") / "static", ""))


def address(path: str) -> str:
    """Where a page finds a file. It changes with what the file holds."""
    return f"/static/{quote(path)}?v={assets()[path].etag}"


def _read(folder: Traversable, under: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        media_type = TYPES.get("." + entry.name.rpartition(".")[2])
        if entry.is_dir():
            found += _read(entry, f"{under}{entry.name}/")
        elif media_type:
            content = entry.read_bytes()
            etag = hashlib.sha256(content).hexdigest()[:16]
            found.append((under + entry.name, Asset(content, gzip.compress(content, 6, mtime=0), media_type, etag)))
    return found
