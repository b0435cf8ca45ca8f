"""What is written behind near: and box: as places on the map. Pure but for the gazetteer, which is read when needed."""

from __future__ import annotations

import functools
import re

from pipeline.enrich.gazetteer import Gazetteer, load_gazetteer
from pipeline.enrich.places import locate
from pipeline.search.mistake import Mistake
from pipeline.search.tree import Box, Near

FARTHEST = 20_000.0
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,20})?"
_AROUND = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*(\d{{1,5}}(?:\.\d{{1,9}})?)\s*(km|m)?\s*")
_NAMED = re.compile(r"(.*?)[\s,\ue001]+(\d{1,7}(?:\.\d{1,9})?)\s*(km|m)\s*", re.DOTALL)


def near(text: str, gazetteer: Gazetteer | None) -> Near:
    """`-6.1,106.88,20km`, or a place's name and how far from it. Raises Mistake."""
    if found := _AROUND.fullmatch(text):
        return around(float(found[1]), float(found[2]), _kilometres(found[3], found[4]))
    named = _NAMED.fullmatch(text)
    if named is None or not named[1].strip():
        raise Mistake("near")
    spot = locate(gazetteer or the_gazetteer(), named[1])
    if spot is None:
        raise Mistake("near.unknown")
    return around(spot.lat, spot.lon, _kilometres(named[2], named[3]))


def around(lat: float, lon: float, kilometres: float) -> Near:
    """The same from numbers. Raises Mistake."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < kilometres <= FARTHEST):
        raise Mistake("near.numbers")
    return Near(lat, lon, kilometres)


def box(text: str) -> Box:
    """`south,west,north,east`. Raises Mistake."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(re.fullmatch(_NUMBER, part) for part in parts):
        raise Mistake("box")
    return bounds(*map(float, parts))


def bounds(south: float, west: float, north: float, east: float) -> Box:
    """The same from numbers. Raises Mistake."""
    if not (-90 <= south < north <= 90 and -180 <= west <= 180 and -180 <= east <= 180 and west != east):
        raise Mistake("box.order")
    return Box(south, west, north, east)


@functools.lru_cache(maxsize=1)
def the_gazetteer() -> Gazetteer:
    """The shipped one."""
    return load_gazetteer()


def _kilometres(number: str, unit: str | None) -> float:
    return float(number) / 1000 if unit == "m" else float(number)
