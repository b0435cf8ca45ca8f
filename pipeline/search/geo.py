"""Places on the earth as Lucene reckons with them. Degrees WGS 84. Pure."""

from __future__ import annotations

from math import asin, cos, floor, nextafter, radians, sqrt

from pipeline.search.tree import Box

EARTH = 6_371_008.7714
"""Metres: the mean radius, as Lucene has it."""
_LAT, _LON = 180 / 2**32, 360 / 2**32
"""Lucene keeps degrees as so many of these."""


def metres(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """The way over the earth as a sphere."""
    a, b = radians(lat), radians(lat2)
    half = (1 - cos(a - b)) + cos(a) * cos(b) * (1 - cos(radians(lon) - radians(lon2)))
    return 2 * EARTH * asin(min(1.0, sqrt(half / 2)))


def stored(lat: float, lon: float) -> tuple[float, float]:
    """A point as the index keeps it."""
    return _cell(lat, 90, _LAT) * _LAT, _cell(lon, 180, _LON) * _LON


def inside(box: Box, lat: float, lon: float) -> bool:
    """Whether a point lies in a box, its edges in, both as the index keeps them."""
    x, west, east = (_cell(one, 180, _LON) for one in (lon, box.west, box.east))
    y, south, north = (_cell(one, 90, _LAT) for one in (lat, box.south, box.north))
    return south <= y <= north and (west <= x <= east if box.west <= box.east else x >= west or x <= east)


def _cell(degrees: float, most: float, step: float) -> int:
    return floor((nextafter(most, 0) if degrees == most else degrees) / step)
