"""How two addresses agree: house and street word by word, postcode and city as wholes."""

from __future__ import annotations

import functools

from rapidfuzz.distance import OSA

from pipeline.enrich.tables import table

GENERIC = frozenset(table("address_common")["words"].split())
"""Words that stand in most addresses, and so say little."""
BIG_CITIES: dict[str, float] = {
    city: bits for bits, cities in table("address_common")["cities"].items() for city in cities
}
CITY, WORD, NUMBER, COMMON_WORD = 8.0, 8.0, 5.5, 1.0
"""Bits that an equal city, street word, number and generic word say."""
MOST, HALF = 0.75, 0.4
"""Shares of what the shorter address says, from which on a street agrees for the most part, or by half."""


@functools.lru_cache(maxsize=65536)
def street_agreement(one: str, other: str) -> tuple[str, float]:
    """Level and bits of two folded texts of street and house. Symmetric."""
    ours, theirs = one.split(), other.split()
    if len(ours) > len(theirs) or (len(ours) == len(theirs) and ours > theirs):
        ours, theirs = theirs, ours
    left = list(theirs)
    found = 0.0
    for word in ours:
        like = next((other for other in left if other == word), None)
        blur = 0.0
        if like is None:
            like = next((other for other in left if _near(word, other)), None)
            blur = 2.0
        if like is not None:
            left.remove(like)
            found += max(_worth(word) - blur, 0.0)
    if one.replace(" ", "") == other.replace(" ", ""):
        found = sum(map(_worth, ours))
    least = min(sum(map(_worth, ours)), sum(map(_worth, theirs)))
    share = found / least if least else 0.0
    level = "same" if ours == theirs else "most" if share >= MOST else "half" if share >= HALF else "different"
    return level, (found if level != "different" else 0.0)


def postcode_level(one: str, other: str) -> str:
    """same, near (a typing error, or the same area: all but the last part), different."""
    here, there = one.replace(" ", ""), other.replace(" ", "")
    if here == there:
        return "same"
    if OSA.distance(here, there) == 1:
        return "near"
    return "near" if " " in one and one.split()[0] == other.split()[0] else "different"


def city_agreement(one: str, other: str) -> tuple[str, float]:
    worth = min(BIG_CITIES.get(one, CITY), BIG_CITIES.get(other, CITY))
    if one == other:
        return "same", worth
    if one.replace(" ", "") == other.replace(" ", "") or _near(one, other):
        return "near", worth - 1.0
    return "different", 0.0


def _worth(word: str) -> float:
    if word in GENERIC:
        return COMMON_WORD
    return NUMBER if word.isdigit() else WORD


def _near(one: str, other: str) -> bool:
    """Typing errors; never between numbers, where a digit makes another house."""
    longest = max(len(one), len(other))
    if longest < 4 or one.isdigit() or other.isdigit():
        return False
    return OSA.distance(one, other, score_cutoff=2) <= (1 if longest < 7 else 2)
