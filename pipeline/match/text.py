"""Near-equal texts: a sketch that two texts are compared by, and bands that bring near-equal ones together.

Source: A. Broder, "On the resemblance and containment of documents" (1997): the k smallest hashes of a text's
shingles estimate the Jaccard similarity of two texts, and give it exactly where both have at most k shingles.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

REPORT_KIND = "report"
"""The kind of a candidate that stands for a whole report's text; mentions use their own kinds."""

SHINGLE = 3
"""Words a shingle: long enough that a shared one is no accident, short enough to survive rewording."""
LEAST_SHINGLES = 4
"""A shorter text ("Declaration 123") says too little to be called the same as another."""
SKETCH = 192
"""Hashes kept. A report of up to this many shingles is compared exactly."""
BANDS, ROWS = 10, 3
"""Texts that share 80 % of their shingles meet in some band with probability 0.9994, at 50 % with 0.74."""

_MASK = (1 << 61) - 1
_MIX = tuple((0x9E3779B97F4A7C15 * (2 * row + 1) % _MASK, 0xC2B2AE3D27D4EB4F * (row + 7) % _MASK)
             for row in range(BANDS * ROWS))  # fmt: skip


def sketch(words: Sequence[str]) -> tuple[int, ...]:
    """The smallest hashes of the text's word shingles, rising; nothing for a text too short to tell."""
    if len(words) < SHINGLE + LEAST_SHINGLES - 1:
        return ()
    shingles = {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
    if len(shingles) < LEAST_SHINGLES:
        return ()
    hashes = (int.from_bytes(blake2b(one.encode(), digest_size=6).digest(), "big") for one in shingles)
    return tuple(sorted(hashes)[:SKETCH])


def bands(hashes: Sequence[int]) -> list[str]:
    """Blocking keys: equal in at least one for texts that share most of their shingles."""
    if not hashes:
        return []
    least = [min((factor * one + offset) % _MASK for one in hashes) for factor, offset in _MIX]
    return [
        f"{band}.{blake2b(repr(least[band * ROWS : (band + 1) * ROWS]).encode(), digest_size=8).hexdigest()}"
        for band in range(BANDS)
    ]


def resemblance(a: Sequence[int], b: Sequence[int]) -> float:
    """The Jaccard similarity of two texts' shingles, from their sketches; 0.0 where either has none."""
    if not a or not b:
        return 0.0
    here, there = set(a), set(b)
    union = sorted(here | there)[: max(len(a), len(b))]
    return sum(1 for one in union if one in here and one in there) / len(union)
