"""How much a word in a name tells: shipped estimates of how common it is, never counted over live data."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from math import log2

from pipeline.enrich.phonetic import called
from pipeline.enrich.tables import table

RARE = 0.0001
"""Share of people from which on a word counts as rare: 1 in 10,000. A word in no table is taken for that rare."""
SHORT, MOST_MORE = 6, 3
"""Of the words in no table, long ones are borne by fewer: a bit for each letter beyond 6, up to 3 bits."""
TABLES = {"person": ("common_names", "common_names_english"), "organisation": ("common_organisation_words",)}
"""Kind of mention -> the tables that tell of its names."""


def _shares(names: Iterable[str]) -> dict[str, float]:
    """Folded word -> share that bears it: where two tables have it, the higher."""
    shares: dict[str, float] = {}
    for name in names:
        for thousandth, words in table(name).items():
            for word in words.split():
                shares[word] = max(float(thousandth) / 1000, shares.get(word, 0.0))
    return shares


SHARES: dict[str, dict[str, float]] = {kind: _shares(names) for kind, names in TABLES.items()}
"""Kind -> folded word -> share of these who bear it."""


@functools.lru_cache(maxsize=65536)
def information(token: str, kind: str = "person") -> float:
    """What it says that two names share this folded word, in bits: log2 of 1 in how many bear it. muhammad 4.1, budi
    6.6, a word in no table 13.3, and more if it is long. An initial says log2(20)."""
    if len(token) == 1:
        return log2(20)
    share = SHARES.get(kind, {}).get(token)
    return -log2(RARE) + min(max(len(token) - SHORT, 0), MOST_MORE) if share is None else -log2(share)


@functools.lru_cache(maxsize=65536)
def sound_information(skeleton: str, kind: str = "person") -> float:
    """As `information`, for all words together that sound like this."""
    return -log2(max(_heard(kind).get(skeleton, RARE), RARE))


@functools.cache
def _heard(kind: str) -> dict[str, float]:
    heard: dict[str, float] = {}
    for word, share in SHARES.get(kind, {}).items():
        for skeleton in called(word):
            heard[skeleton] = heard.get(skeleton, 0.0) + share
    return heard
