"""How two names agree: word by word, each agreement with the bits that it is worth.

A word that few people bear says much when both names have it, and one that many bear says little: how many do comes
from shipped tables (`pipeline.enrich.frequency`). Words agree exactly, as variants of one name, by sound, but for
typing errors, or as an initial; the looser, the more words would have agreed by chance, so the fewer bits.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from pipeline.enrich.frequency import SHARES, information
from pipeline.enrich.phonetic import VARIANTS, skeletons
from pipeline.enrich.tables import table, words_of
from pipeline.match.weights import NAME_BLUR

MOST_TYPOS = ((4, 0), (6, 1), (9, 2))
"""A word shorter than the first number may differ by so many typing errors and still be near."""
MOST_TYPOS_LONG = 3
SMALL = words_of(table("person_names")["small"])
"""Words that stand between names, and ranks behind them: whether they are written tells nobody apart."""
SOUND_LETTERS = 3
"""Consonants from which on an equal skeleton is no accident; shorter ones must be written alike too."""


@dataclass(frozen=True)
class Agreement:
    """`pattern`: a row of the weights' table (same, alike, part-same, part-alike, conflict, none); `bits`: what the
    words that agree say, before the pattern's own weight; `words`: how many agree."""

    pattern: str
    bits: float
    words: int


def tokens(name: str) -> tuple[str, ...]:
    """The words of a folded name that tell people apart, in their order."""
    written = name.split()
    return tuple(word for word in written if word not in SMALL) or tuple(written)


@functools.lru_cache(maxsize=262144)
def agreement(ours: tuple[str, ...], theirs: tuple[str, ...], kind: str) -> Agreement:
    """How the names of two mentions of this kind agree, given their tokens. Symmetric."""
    if sorted(ours) == sorted(theirs):
        return Agreement("same", sum(information(word, kind) for word in ours), len(ours))
    if (len(ours), ours) > (len(theirs), theirs):
        ours, theirs = theirs, ours
    left, right = list(range(len(ours))), list(range(len(theirs)))
    pairs = sorted(
        (-bits, i, j, how)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
        for how, bits in [_alike(*sorted((one, other)), kind)]
        if how
    )
    bits, words, exact = 0.0, 0, True
    for minus, i, j, how in pairs:
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            bits, words, exact = bits - minus, words + 1, exact and how == "equal"
    for joined in (_joined(ours, left, theirs, right, kind), _joined(theirs, right, ours, left, kind)):
        for found in joined:
            bits, words, exact = bits + found, words + 1, False
    if words == 0:
        return Agreement("none", 0.0, 0)
    if left and right:
        return Agreement("conflict", bits, words)
    return Agreement(("part-" if left or right else "") + ("same" if exact else "alike"), bits, words)


def alike(one: str, other: str, kind: str) -> bool:
    """Whether two words agree at all."""
    return bool(_alike(*sorted((one, other)), kind)[0])


@functools.lru_cache(maxsize=262144)
def _alike(one: str, other: str, kind: str) -> tuple[str, float]:
    """How two words agree, and the bits that it is worth; an empty text where they do not."""
    how = _how(one, other)
    bits = min(information(one, kind), information(other, kind)) - NAME_BLUR[how] if how else 0.0
    known = SHARES.get(kind, {})
    if how not in ("", "equal", "variant", "initial") and one in known and other in known:
        bits -= NAME_BLUR["known"]  # two names that many bear: hardly one that was mistyped
    return (how, bits) if bits > 0 else ("", 0.0)


def _how(one: str, other: str) -> str:
    if one == other:
        return "equal"
    if min(len(one), len(other)) == 1:
        return "initial" if one[0] == other[0] else ""
    if not VARIANTS.get(one, frozenset()).isdisjoint(VARIANTS.get(other, frozenset())):
        return "variant"
    longest = max(len(one), len(other))
    typos = OSA.distance(one, other, score_cutoff=longest)
    allowed = next((most for length, most in MOST_TYPOS if longest < length), MOST_TYPOS_LONG)
    if typos == 1 and allowed:
        return "near-1"
    heard = set(skeletons(one)) & set(skeletons(other))
    if heard and (max(map(len, heard)) >= SOUND_LETTERS or typos <= 1) and 2 * typos <= longest:
        return "sound"
    return f"near-{typos}" if typos <= allowed else ""


def _joined(
    ours: Sequence[str], left: list[int], theirs: Sequence[str], right: list[int], kind: str
) -> Iterator[float]:
    """Neighbours that the other name writes as one word (sri mulyani, srimulyani), taken out of left and right.

    One of the neighbours may have agreed with nothing only because the other stands apart, so both must be left.
    """
    for i, k in pairwise(tuple(left)):
        for j in tuple(right):
            if k == i + 1 and i in left and k in left and j in right:
                how, bits = _alike(*sorted((ours[i] + ours[k], theirs[j])), kind)
                if how and how != "initial":
                    left.remove(i)
                    left.remove(k)
                    right.remove(j)
                    yield bits
