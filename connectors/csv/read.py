"""Rows of CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from connectors.base import MAX_RECORD, Broken, Item, Record, TooLarge, found_files, lines, not_text
from connectors.config import Config
from connectors.template_map import columns

DELIMITERS = ",;\t|"


def read(config: Config) -> Iterator[Item]:
    """Each row of each file as a dict by column. A row that cannot be read does not stop the ones behind it."""
    csv.field_size_limit(MAX_RECORD)
    for path in found_files(config.folder, config.source.path):
        yield from _rows(path, config)


def _rows(path: Path, config: Config) -> Iterator[Item]:
    name = path.name
    feed = _Feed(path, config.source.encoding)
    try:
        first = next(feed, None)
        if first is None:
            yield from feed.broken
            return
        delimiter = config.source.delimiter or max(DELIMITERS, key=first.count)
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))]
        if missing := sorted(columns(config.map) - set(header)):
            reason = (
                f"the header lacks {', '.join(missing)}; it has {', '.join(header[:40])}. Mend the file, the map or "
                "the delimiter"
            )
            yield Broken(name, 1, feed.taken(), reason)
            return
        feed.taken()
        rows = csv.reader(feed, delimiter=delimiter)
        while True:
            started = feed.number + 1
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                yield Broken(name, started, feed.taken(), f"no CSV row ({error}); look for a quote that is not closed")
                rows = csv.reader(feed, delimiter=delimiter)
                continue
            finally:
                while feed.broken:
                    yield feed.broken.pop(0)
            raw = feed.taken()
            if not cells:
                continue
            if len(cells) != len(header):
                yield Broken(
                    name, feed.number, raw, f"{len(cells)} cells under a header of {len(header)}; mend the row"
                )
            else:
                yield Record(name, feed.number, raw, dict(zip(header, cells, strict=True)))
    finally:
        feed.file.close()


class _Feed:
    """Decoded lines for the csv module, with the raw bytes and number of what it took. A line that is too long or is
    no text is set aside."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.name, self.encoding = path.name, encoding
        self.file = path.open("rb")
        self.lines = lines(self.file)
        self.number = 0
        self.raw = b""
        self.broken: list[Broken] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        for number, line in self.lines:
            self.number = number
            if isinstance(line, TooLarge):
                self.broken.append(line.broken(self.name, self.number))
                continue
            if self.number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                text = line.decode(self.encoding)
            except UnicodeDecodeError as error:
                self.broken.append(Broken(self.name, self.number, line, not_text(error, self.encoding)))
                continue
            self.raw += line
            return text.replace("\x00", "")
        raise StopIteration

    def taken(self) -> bytes:
        raw, self.raw = self.raw, b""
        return raw
