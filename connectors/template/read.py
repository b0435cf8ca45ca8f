"""Records of a source that separates them by blank lines, each line `name: value`."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Broken, Item, Record, TooLarge, found_files, lines
from connectors.config import Config


def read(config: Config) -> Iterator[Item]:
    """Each record of each file. What cannot be read is `Broken`, and reading goes on."""
    for path in found_files(config.folder, config.source.path):
        with path.open("rb") as file:
            raw, started = b"", 1
            for number, line in lines(file):
                if isinstance(line, TooLarge):
                    yield line.broken(path.name, number)
                elif line.strip():
                    raw += line
                else:
                    yield from _record(path.name, started, raw)
                    raw, started = b"", number + 1
            yield from _record(path.name, started, raw)


def _record(source: str, line: int, raw: bytes) -> Iterator[Item]:
    if not raw:
        return
    try:
        values = dict(one.split(": ", 1) for one in raw.decode().splitlines())
    except ValueError:
        yield Broken(source, line, raw, "a line without `name: value`; mend the record")
    else:
        yield Record(source, line, raw, values)
