"""Lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from connectors.base import Broken, Item, Record, TooLarge, from_files, lines, not_text
from connectors.config import Config


def read(config: Config) -> Iterator[Item]:
    """Each line of each file as an object."""

    def records(path: Path, file: BinaryIO) -> Iterator[Item]:
        for number, line in lines(file):
            if isinstance(line, TooLarge):
                yield line.broken(path.name, number)
            elif line.strip():
                yield _record(path.name, number, line, config.source.encoding)

    return from_files(config, records)


def _record(name: str, number: int, line: bytes, encoding: str) -> Item:
    try:
        values = orjson.loads(line.removeprefix(b"\xef\xbb\xbf").decode(encoding))
    except UnicodeDecodeError as error:
        return Broken(name, number, line, not_text(error, encoding))
    except orjson.JSONDecodeError as error:
        reason = f"not JSON at column {error.colno} ({error.msg}); a line must hold one whole object"
        return Broken(name, number, line, reason)
    if not isinstance(values, dict):
        return Broken(name, number, line, f"JSON, but no object ({type(values).__name__}); write one object a line")
    return Record(name, number, line, values)
