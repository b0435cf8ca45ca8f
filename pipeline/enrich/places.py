"""Places to coordinates, offline: the shipped landmarks first, then the gazetteer of towns.

A name is located only where there is little doubt which place is meant; otherwise it stays without coordinates.
"""

from __future__ import annotations

import functools
import re
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from pipeline.enrich.fold import fold
from pipeline.enrich.gazetteer import Gazetteer, Town
from pipeline.enrich.tables import table, words_of

LARGE = 50_000
"""People that a town must have to be meant where no country is given."""
BY_FAR = 10
"""How many times larger than any namesake abroad it must be then."""
LARGER = 4
"""How many times larger than its namesakes within the country that is given."""
SAME_PLACE = 25.0
"""Kilometres: namesakes this near are one place that stands in the gazetteer twice."""
BESIDE = 300.0
"""Kilometres: a place farther from the town named after it ("Merdeka, Medan") is a namesake of the one meant."""

MOST_PARTS = 8
"""Of a place's name, between commas; more is a story, not a name."""

TOWNS, LANDMARKS = "geonames", "landmarks"
"""Who located a place: `by` of a Location."""

_PARTS = re.compile(r"[,;/()|]+|\s+-\s+")
_WORDS = table("place_words")
_BEFORE, _AFTER = words_of(_WORDS["before"]), words_of(_WORDS["after"])
_COUNTRIES: dict[str, str] = {name: code for code, names in _WORDS["countries"].items() for name in names}
_WIDE = frozenset({"province", "strait"})


class Spot(NamedTuple):
    """Where a place is, in degrees WGS 84, who says so, and whether it is an area rather than a point."""

    country: str | None
    lat: float
    lon: float
    by: str
    wide: bool = False


def _landmarks() -> dict[str, Spot]:
    spots: dict[str, Spot] = {}
    for kind, rows in table("landmarks").items():
        for names, country, lat, lon in rows:
            for name in names.split("/"):
                spots.setdefault(fold(name).replace(" ", ""), Spot(country, lat, lon, LANDMARKS, kind in _WIDE))
    return spots


_LANDMARKS = _landmarks()


def locate(gazetteer: Gazetteer, name: str, country: str | None = None) -> Spot | None:
    """Where the named place is. `country` is ISO 3166-1 alpha-2; one named at the end counts where none is given.

    Of "Warung Ibu, Sekupang, Batam" the first part that is known counts, unless it is a namesake far away.
    """
    parts = [folded for folded in map(fold, _PARTS.split(name)) if folded][:MOST_PARTS]
    if len(parts) > 1 and parts[-1] in _COUNTRIES:
        country = country or _COUNTRIES[parts[-1]]
        parts = parts[:-1]
    spots = [spot for spot in (_part(gazetteer, part, country, parts) for part in parts) if spot]
    for at, spot in enumerate(spots):
        after = next((other for other in spots[at + 1 :] if not other.wide), None)
        if after is None or spot.wide or _kilometres(spot, after) <= BESIDE:
            return spot
    return None


def _part(gazetteer: Gazetteer, part: str, country: str | None, parts: list[str]) -> Spot | None:
    if country is None:
        provinces = (_LANDMARKS.get(other.replace(" ", "")) for other in parts if other != part)
        country = next((spot.country for spot in provinces if spot), None)
    for written in dict.fromkeys((part, _bare(part))):
        landmark = _LANDMARKS.get(written.replace(" ", ""))
        if landmark and (country is None or landmark.country in (None, country)):
            return landmark
        if town := _meant(gazetteer.find(written), country):
            return Spot(town.country, town.lat, town.lon, TOWNS)
    return None


def _bare(part: str) -> str:
    """Without the words around a name that say what it is: pelabuhan tanjung priok -> tanjung priok."""
    tokens = part.split()
    while len(tokens) > 1 and tokens[0] in _BEFORE:
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1] in _AFTER:
        tokens = tokens[:-1]
    return " ".join(tokens)


def _meant(towns: list[Town], country: str | None) -> Town | None:
    """The one town that the name must mean, or none where there is doubt. `towns`: the largest first."""
    if country:
        towns = [town for town in towns if town.country == country]
    if not towns:
        return None
    largest = towns[0]
    if country is None and largest.population < LARGE:
        return None
    times = LARGER if country else BY_FAR
    rivals = [town for town in towns[1:] if town.population * times > largest.population or not largest.population]
    return None if any(_kilometres(largest, rival) > SAME_PLACE for rival in rivals) else largest


@functools.lru_cache(maxsize=4096)
def _kilometres(one: Spot | Town, other: Spot | Town) -> float:
    """Along a great circle of the mean earth (radius 6371 km)."""
    north, south = radians(one.lat), radians(other.lat)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * 6371.0 * asin(min(1.0, sqrt(half)))
