"""How much a word in a name tells: a shipped estimate of how common it is, never counted over live data."""

from __future__ import annotations

from math import log

from pipeline.enrich.tables import table

RARE = 0.0001
"""Share of people from which on a word counts as rare: 1 in 10,000. A word in no table is taken for that rare."""

SHARES: dict[str, float] = {
    word: float(thousandth) / 1000 for thousandth, words in table("common_names").items() for word in words.split()
}
"""Folded word -> share of people who bear it."""


def token_weight(token: str) -> float:
    """What it says that two names share this folded word, from 0 (everybody bears it) to 1 (rare).

    It is the word's information, ln(1/share), against that of a rare word: muhammad 0.31, budi 0.50, tarigan 0.75.
    """
    return min(1.0, log(1 / SHARES.get(token, RARE)) / log(1 / RARE))
