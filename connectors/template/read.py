"""Records of a source that separates them by blank lines, each line `name: value`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from connectors.base import MAX_RECORD, Broken, Item, Record, TooLarge, from_files, lines, not_text
from connectors.config import Config


def read(config: Config) -> Iterator[Item]:
    """Each record of each file. What cannot be read is `Broken`, and reading goes on."""
    return from_files(config, _records)


def _records(path: Path, file: BinaryIO) -> Iterator[Item]:
    raw, started = b"", 1
    for number, line in lines(file):
        if isinstance(line, TooLarge):
            yield line.broken(path.name, number)
        elif line.strip() and len(raw) <= MAX_RECORD:  # of a longer one the rest is a record of its own
            raw += line
        else:
            yield from _record(path.name, started, raw)
            raw, started = line.strip() and line, number if line.strip() else number + 1
    yield from _record(path.name, started, raw)


def _record(source: str, line: int, raw: bytes) -> Iterator[Item]:
    if not raw:
        return
    try:
        values = dict(one.split(": ", 1) for one in raw.decode().splitlines())
    except UnicodeDecodeError as error:
        yield Broken(source, line, raw, not_text(error, "utf-8"))
    except ValueError:
        yield Broken(source, line, raw, "a line without `name: value`; mend the record")
    else:
        yield Record(source, line, raw, values)
