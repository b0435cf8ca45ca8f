"""What agreement and disagreement are worth: the table in weights.yaml, read once. The stream only applies it.

Source of the method: I. Fellegi, A. Sunter, "A Theory for Record Linkage" (1969). m is how often a level is seen when
two mentions are the same, u when they are not; log2(m/u) is what it is worth, in bits. Bits add up.
"""

from __future__ import annotations

from math import log2
from typing import Any

from pipeline.shipped import shipped

_TABLE: dict[str, Any] = shipped("pipeline.match", "weights")

PRIOR: float = _TABLE["prior"]
"""Bits that two mentions are the same before anything is compared: few are."""
JOIN: float = _TABLE["join"]
"""From this probability on two mentions are taken for the same."""
JOIN_BITS = log2(JOIN / (1 - JOIN))
NAME_BLUR: dict[str, float] = _TABLE["name_blur"]
"""Bits that are lost where two words agree loosely: as many more words would have agreed by chance."""
BITS: dict[str, dict[str, float]] = {
    feature: {level: log2(row["m"] / row["u"]) for level, row in levels.items()}
    for feature, levels in _TABLE["features"].items()
}
"""feature -> level -> bits."""
MOST_NAME: float = _TABLE["most"]["name"]
MOST_CONFLICT: float = _TABLE["most"]["conflict"]
MOST_ADDRESS: float = _TABLE["most"]["address"]
"""However much agrees, a feature says no more than this: its parts hang together."""
ATTRIBUTES: dict[str, dict[str, float]] = {
    key: {level: log2(row["m"] / row["u"]) for level, row in levels.items()}
    for key, levels in _TABLE["attributes"].items()
}
"""attribute -> level -> bits; `other` stands for all that have no row."""
MOST_HOUSEHOLD: float = _TABLE["most"]["household"]
"""What a family name and an address in common say, where the given names differ."""


def probability(bits: float) -> float:
    """Bits as a probability from 0 to 1."""
    return 1 / (1 + 2 ** -max(min(bits, 500.0), -500.0))
