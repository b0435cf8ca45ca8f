"""Near-equal texts: sketches that two texts are compared by, and bands that bring near-equal ones together.

Source: A. Broder, "On the resemblance and containment of documents" (1997): the k smallest hashes of a text's
shingles estimate how like two texts are, and give it exactly where both have at most k shingles.
"""

from __future__ import annotations

import functools
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b

REPORT_KIND = "report"
"""The kind of a candidate that stands for a whole report's text; mentions use their own kinds."""

SHINGLE = 3
"""Words a shingle: long enough that a shared one is no accident, short enough to survive rewording."""
LEAST_SHINGLES = 4
"""A shorter text ("Declaration 123") says too little to be called the same as another."""
SHINGLES, WORDS = 112, 144
"""Hashes kept of a text's shingles and words. A report of up to so many is compared exactly."""
BYTES = 3
"""A hash's length: of two sketches of other texts, one hash in a hundred pairs is equal by chance."""
ROWS = 3
"""Texts that share 80 % of their shingles meet in one of 6 bands with probability 0.987, in one of 10 with 0.9994."""

_MASK = (1 << 61) - 1
_PERMUTATIONS = tuple(
    ((2 * row + 1) * 0x9E3779B97F4A7C15 % _MASK, (row + 7) * 0xC2B2AE3D27D4EB4F) for row in range(10 * ROWS)
)
"""Factor and summand of each row's own order of hashes; ten bands are the most that are asked for."""


@functools.lru_cache(maxsize=65536)
def hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=BYTES).digest(), "big")


def shingles(words: Sequence[str]) -> set[str]:
    """The text's runs of SHINGLE words; nothing for a text too short to tell."""
    found = {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
    return found if len(found) >= LEAST_SHINGLES else set()


def sketch(parts: Iterable[str], most: int) -> str:
    """The `most` smallest hashes of the parts, rising, as base64."""
    hashes = sorted({hashed(part) for part in parts})[:most]
    return b64encode(b"".join(one.to_bytes(BYTES, "big") for one in hashes)).decode()


def unpacked(sketched: str) -> tuple[int, ...]:
    """The hashes of a sketch, rising."""
    raw = b64decode(sketched)
    return tuple(int.from_bytes(raw[at : at + BYTES], "big") for at in range(0, len(raw), BYTES))


def bands(hashes: Sequence[int], number: int) -> list[str]:
    """Blocking keys: equal in at least one for texts that share most of their shingles."""
    if not hashes:
        return []
    keys = []
    for band in range(number):
        least = [
            min((factor * one + summand) % _MASK for one in hashes)
            for factor, summand in _PERMUTATIONS[band * ROWS : (band + 1) * ROWS]
        ]
        keys.append(f"{band}.{blake2b(repr(least).encode(), digest_size=8).hexdigest()}")
    return keys


def likeness(a: Sequence[int], b: Sequence[int], most: int) -> tuple[float, float]:
    """Resemblance and containment of two sketches of at most `most` hashes: what share of both is in both, and what
    share of the shorter one is in the other. Where a sketch is full, only the hashes up to its last can be looked up
    there. 0.0 where either has none."""
    if not a or not b:
        return 0.0, 0.0
    reach = min(known_to(a, most), known_to(b, most))
    here, there = {one for one in a if one <= reach}, {one for one in b if one <= reach}
    both, least = len(here & there), min(len(here), len(there))
    return both / len(here | there), both / least if least else 0.0


def known_to(hashes: Sequence[int], most: int) -> int:
    """The greatest hash of which a sketch tells whether its text has it."""
    return hashes[-1] if len(hashes) >= most else 1 << 8 * BYTES
