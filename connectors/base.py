"""The shape of every connector: what a source yields, and how bytes are read without ever holding too many.

A kind of source is two functions (see `connectors.kinds`): `read` yields items, `to_report` maps one record to the
report's JSON form. Neither knows Kafka, checkpoints or the other records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from connectors.config import Config

MAX_RECORD = 1 << 20
"""Bytes. A larger record is no report but a document, and no broker would take it."""
KEPT_OF_TOO_LARGE = 64 << 10
"""Bytes kept of a record that is too large, beside its length and SHA-256."""
MAX_FILE = 128 << 20
"""Bytes of a JSON file that must be read whole (misp, stix)."""


@dataclass(frozen=True)
class Record:
    """One record as it was read. `line` counts from 1; `values` is what the kind's mapping works on."""

    source: str
    line: int
    raw: bytes
    values: Any
    context: Any = None


@dataclass(frozen=True)
class Broken:
    """A record that could not be read, with the reason in a sentence that says what to do."""

    source: str
    line: int | None
    raw: bytes
    reason: str
    length: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Folded:
    """Something in the source that became part of another record."""

    source: str
    into: str


Item = Record | Broken | Folded


@dataclass
class TooLarge:
    """A line longer than MAX_RECORD: its beginning, its whole length and digest."""

    beginning: bytes
    length: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def broken(self, source: str, line: int) -> Broken:
        reason = (
            f"a record of {self.length:,} bytes, over the limit of {MAX_RECORD:,}; split it, or leave attachments out"
        )
        return Broken(source, line, self.beginning, reason, self.length, self.digest.hexdigest())


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes | TooLarge]]:
    """Numbered lines with their ends, of which never more than MAX_RECORD bytes are held."""
    number = 0
    while chunk := file.readline(MAX_RECORD + 1):
        number += 1
        if len(chunk) <= MAX_RECORD:
            yield number, chunk
            continue
        large = TooLarge(chunk[:KEPT_OF_TOO_LARGE])
        while chunk:
            large.length += len(chunk)
            large.digest.update(chunk)
            if chunk.endswith(b"\n"):
                break
            chunk = file.readline(MAX_RECORD)
        yield number, large


def not_text(error: UnicodeDecodeError, encoding: str) -> str:
    return f"not {encoding} at byte {error.start + 1} of the record; convert it, or set the source's `encoding`"


def found_files(folder: Path, pattern: str) -> list[Path]:
    """Files that a path or glob names, relative to the connector file's folder, in the order of their names."""
    path = Path(pattern)
    if path.is_absolute():
        folder, pattern = Path(path.anchor), str(path.relative_to(path.anchor))
    return sorted(found for found in folder.glob(pattern) if found.is_file())


def from_files(config: Config, of_file: Callable[[Path, BufferedReader], Iterator[Item]]) -> Iterator[Item]:
    """The items of each file that the source names. One that cannot be opened does not stop the others."""
    for path in found_files(config.folder, config.source.path):
        try:
            file = path.open("rb")
        except OSError as error:
            reason = f"the file cannot be opened ({type(error).__name__}); mend its permissions"
            yield Broken(path.name, None, b"", reason)
        else:
            with file:
                yield from of_file(path, file)
