"""Phonetic blocking keys: names that people write, order or transliterate differently share at least one.

A token becomes the consonants that are heard in it (`skeleton`; the table in tables/phonetic.yaml is the algorithm).
A name's keys are the pairs of its tokens' skeletons, each pair sorted, so order and further names do not matter; a
name of one token has a key of its own kind, marked with "=". Neighbours may also be one word (Sri Mulyani, Srimulyani).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import combinations, pairwise, product

from pipeline.enrich.tables import table, words_of

_TABLE = table("phonetic")
_SOUNDS = [(re.compile(pattern), sound) for pattern, sound in _TABLE["sounds"]]
_READINGS = [(re.compile(pattern), sound) for pattern, sound in _TABLE["readings"]]
_JOINED = re.compile(_TABLE["joined_particle"])
PARTICLES = words_of(_TABLE["particles"])
LEFT_OUT = words_of(_TABLE["left_out"])

FIRST: dict[int, str] = {}
"""Group of variants -> the name that stands for it."""
VARIANTS: dict[str, frozenset[int]] = {}
"""Folded word -> the groups of variants that it is in: bill and william share one."""
for _number, _group in enumerate(table("name_variants")):
    FIRST[_number] = _group.split()[0]
    for _word in _group.split():
        VARIANTS[_word] = VARIANTS.get(_word, frozenset()) | {_number}

MOST_TOKENS = 6
"""Of a longer name the first ones make keys: 6 make 15 pairs."""
LEAST_LETTERS = 4
"""A joined particle is taken off a token only where this much is left of it: Abdullah stays whole."""
JOINED_UP_TO = 3
"""Names of up to so many tokens also get the keys of neighbours written as one (Sri Mulyani, Srimulyani)."""


@functools.lru_cache(maxsize=65536)
def skeletons(token: str) -> tuple[str, ...]:
    """Every skeleton of a folded token, sorted, upper-case: joko -> JK, YK. A token of digits is its own."""
    if token.isdigit():
        return (token,)
    readings = {token, *(pattern.sub(sound, token) for pattern, sound in _READINGS)}
    return tuple(sorted({_skeleton(reading) for reading in readings} - {""}))


@functools.lru_cache(maxsize=65536)
def called(token: str) -> tuple[str, ...]:
    """The skeletons of a token and of the names that it is a variant of: bill -> BL, WLM."""
    names = (name for group in VARIANTS.get(token, ()) for name in skeletons(FIRST[group]))
    return tuple(sorted({*skeletons(token), *names}))


def _skeleton(reading: str) -> str:
    for pattern, sound in _SOUNDS:
        reading = pattern.sub(sound, reading)
    return reading.upper()


@functools.lru_cache(maxsize=16384)
def name_keys(name: str) -> tuple[str, ...]:
    """The keys of one folded name, sorted: "MMT+YSP" for pairs, "=YSP" for names of one token."""
    written = name.split()
    tokens = [_without_particle(token) for token in written]
    tokens = [token for token in tokens if token not in PARTICLES and (len(token) > 1 or token.isdigit())] or tokens
    tokens = list(dict.fromkeys(tokens))[:MOST_TOKENS]
    keys: set[str] = set()
    for one, other in combinations(tokens, 2):
        keys |= _pairs(one, other)
    gone_by = [token for token in tokens if token not in LEFT_OUT] or tokens
    if len(gone_by) == 1:
        keys |= _alone(gone_by[0])
    if len(tokens) <= JOINED_UP_TO:
        for at, (one, other) in enumerate(pairwise(tokens)):
            rest = tokens[:at] + tokens[at + 2 :]
            keys |= _pairs(one + other, rest[0]) if rest else _alone(one + other)
    for glued, other in _glued_pairs(written):
        keys |= _pairs(glued, other)
    return tuple(sorted(keys))


def _glued_pairs(written: list[str]) -> Iterator[tuple[str, str]]:
    """A token with the particle in front of it as one (du Pont, Dupont), with each token after or before them."""
    for at, (particle, token) in enumerate(pairwise(written[:MOST_TOKENS])):
        if particle in PARTICLES and token not in PARTICLES:
            others = [other for other in written[:at] + written[at + 2 :] if other not in PARTICLES and len(other) > 1]
            yield from ((particle + token, other) for other in others[: MOST_TOKENS - 1])


def _without_particle(token: str) -> str:
    rest = _JOINED.sub("", token)
    return rest if len(rest) >= LEAST_LETTERS else token


def _alone(token: str) -> set[str]:
    return {f"={skeleton}" for skeleton in called(token)}


def _pairs(one: str, other: str) -> set[str]:
    return {"+".join(sorted(pair)) for pair in product(called(one), called(other))}
