"""Rows of CSV files."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from connectors.base import MAX_RECORD, Broken, Item, Record, TooLarge, from_files, lines, not_text
from connectors.config import Config
from connectors.template_map import columns

DELIMITERS = ",;\t|"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(config: Config) -> Iterator[Item]:
    """Each row of each file as a dict by column. A row that cannot be read does not stop the ones behind it."""
    csv.field_size_limit(MAX_RECORD)
    return from_files(config, lambda path, file: _rows(path.name, file, config))


def _rows(source: str, file: BinaryIO, config: Config) -> Iterator[Item]:
    feed = _Feed(source, lines(file), config.source.encoding)
    header, delimiter, wrong = _header(feed, config)
    if wrong is not None:
        yield wrong
        return
    while header and (item := _row(feed, header, delimiter)) is not None:
        yield from feed.set_aside()
        yield from [item] if item else []
    yield from feed.set_aside()


def _header(feed: _Feed, config: Config) -> tuple[list[str], str, Broken | None]:
    """The columns, the delimiter, and why the file cannot be read by them."""
    first = next(feed, "")
    if first[:4].lower() == "sep=":  # which Excel writes
        feed.taken()
        first = next(feed, "")
    if feed.broken:
        unread = feed.broken[0]
        return [], "", replace(unread, reason=f"the header cannot be read, so nothing behind it is: {unread.reason}")
    delimiter = config.source.delimiter or max(DELIMITERS, key=first.count)
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
    number, raw = feed.taken()
    wanted = columns(config.map)
    if header and (missing := sorted(wanted - set(header))):
        found = ", ".join(header[:40])
        reason = f"the header lacks {', '.join(missing)}; it has {found}. Mend the file, the map or the delimiter"
        return [], "", Broken(feed.name, number, raw, reason)
    twice = sorted(name for name, times in Counter(header).items() if times > 1 and name in wanted)
    if twice:
        reason = f"the header has {', '.join(twice)} twice, and the map cannot tell which it means; name each once"
        return [], "", Broken(feed.name, number, raw, reason)
    return header, delimiter, None


def _row(feed: _Feed, header: list[str], delimiter: str) -> Record | Broken | tuple[()] | None:
    """The next row; an empty tuple for an empty line, None at the end of the file."""
    try:
        # strict: a cell that goes on behind its closing quote is an error. Else it would swallow the rows behind it.
        cells = next(csv.reader(feed, delimiter=delimiter, strict=True))
    except StopIteration:
        return None
    except csv.Error as error:
        return feed.skipped(len(header), delimiter, f"no CSV row ({error}); look for a quote that is not closed")
    number, raw = feed.taken()
    if not cells:
        return ()
    if len(cells) != len(header):
        return Broken(feed.name, number, raw, f"{len(cells)} cells under a header of {len(header)}; mend the row")
    return Record(feed.name, number, raw, dict(zip(header, cells, strict=True)))


class _Feed:
    """Decoded lines for the csv module, which takes several for a row with line ends in its cells.

    It remembers what was taken for the row, so that all but the first can be given back where that is no row after all.
    A line that is too long or is no text is set aside.
    """

    def __init__(self, name: str, numbered: Iterator[tuple[int, bytes | TooLarge]], encoding: str) -> None:
        self.name, self.encoding, self.numbered = name, encoding, numbered
        self.row: list[tuple[int, bytes, str]] = []
        self.size = 0
        self.given_back: deque[tuple[int, bytes, str]] = deque()
        self.broken: list[Broken] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.given_back.popleft() if self.given_back else next(self._decoded())
        self.row.append(line)
        self.size += len(line[1])
        if self.size > MAX_RECORD and len(self.row) > 1:
            raise csv.Error(f"a row over the limit of {MAX_RECORD:,} bytes")
        return line[2]

    def _decoded(self) -> Iterator[tuple[int, bytes, str]]:
        for number, line in self.numbered:
            if isinstance(line, TooLarge):
                self.broken.append(line.broken(self.name, number))
                continue
            raw = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            try:
                text = raw.decode(self.encoding)
            except UnicodeDecodeError as error:
                self.broken.append(Broken(self.name, number, line, not_text(error, self.encoding)))
                continue
            yield number, line, text.replace("\x00", "")

    def taken(self) -> tuple[int, bytes]:
        """Where the row began and its bytes; what comes next is another row."""
        row, self.row, self.size = self.row, [], 0
        return row[0][0] if row else 1, b"".join(raw for _, raw, _ in row)

    def skipped(self, cells: int, delimiter: str, reason: str) -> Broken:
        """The row's first line and what follows it, up to the next line with delimiters enough for a row of its own:
        that one and those behind it are given back."""
        self.given_back.extendleft(reversed(self.row[1:]))
        number, first = self.row[0][:2]
        self.taken()
        kept, skipped = bytearray(first), TooLarge(first, len(first), hashlib.sha256(first))
        while (line := next(self, None)) is not None:
            self.given_back.appendleft(self.row.pop())
            if line.count(delimiter) >= cells - 1:
                break
            raw = self.given_back.popleft()[1]
            skipped.length += len(raw)
            skipped.digest.update(raw)
            kept += raw[: MAX_RECORD - len(kept)]
        self.taken()
        if skipped.length <= MAX_RECORD:
            return Broken(self.name, number, bytes(kept), reason)
        return replace(skipped.broken(self.name, number), reason=reason)

    def set_aside(self) -> Iterator[Broken]:
        while self.broken:
            yield self.broken.pop(0)
