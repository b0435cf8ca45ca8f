"""Blocking: keys under which candidates meet that might be the same, so that work does not grow with the store.

Only what needs comparing meets here; equal identifiers need none (`pipeline.match.identity`). A key begins with its
rank: the lower, the fewer share it. A pair that meets under several keys is decided under the smallest of them only.
How many share a key is judged by shipped tables, never by what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.enrich.frequency import sound_information
from pipeline.enrich.model import FoldedAddress
from pipeline.enrich.phonetic import skeletons
from pipeline.enrich.warning import is_common
from pipeline.match.addresses import GENERIC
from pipeline.match.dates import NO_DAY, WHOLE
from pipeline.match.event_keys import event_keys
from pipeline.match.identity import SHARED
from pipeline.match.text import REPORT_KIND

if TYPE_CHECKING:
    from pipeline.match.candidate import Candidate

RARE_PAIR = 17.0
"""Bits of two words' sounds from which on a block by name alone stays small (1 in 130,000)."""
RARE_SOUND = 13.0
"""Bits of one word's sound from which on a block by that word alone stays small."""
MOST_NAME_KEYS = 8
"""Of a candidate's name keys, so many of the rarest are used."""
NAMED = frozenset({"person", "organisation", "vessel"})
"""Kinds that are compared by name."""


def blocks(candidate: Candidate) -> tuple[str, ...]:
    """The candidate's keys within its scope and kind, sorted."""
    if candidate.kind == REPORT_KIND:
        return tuple(sorted(event_keys(candidate.event))) if candidate.event else ()
    if candidate.kind not in NAMED:
        return ()
    return tuple(sorted({*_contacts(candidate), *_houses(candidate), *_births(candidate), *_names(candidate)}))


def _contacts(candidate: Candidate) -> Iterator[str]:
    for one in candidate.identifiers:
        scheme, value = one.split(":", 1)
        if scheme in SHARED and candidate.names and not is_common(scheme, value):
            yield f"0|id|{one}"


def _houses(candidate: Candidate) -> Iterator[str]:
    """The first telling word of a street, with its number, and with its postcode."""
    for address in candidate.addresses:
        words = address.text.split()
        number = next((word for word in words if word[0].isdigit()), None)
        street = next((word for word in words if not word[0].isdigit() and word not in GENERIC), None)
        if number and street:
            yield f"1|house|{number} {street}"
        if street and address.postcode:
            yield f"1|street|{street} {address.postcode}"


def _births(candidate: Candidate) -> Iterator[str]:
    """The birth date, day and month in either order."""
    born = candidate.birth_date
    if born and len(born) == WHOLE and not born.endswith(NO_DAY) and not is_common("birth-date", born):
        year, month, day = born.split("-")
        yield f"2|born|{year}-{min(month, day)}-{max(month, day)}"


def _names(candidate: Candidate) -> Iterator[str]:
    """Names that sound alike: alone where they are rare, else beside the birth year, city or postcode."""
    ranked = sorted(candidate.name_keys, key=lambda key: (-_rarity(key, candidate.kind), key))[:MOST_NAME_KEYS]
    beside = {candidate.birth_date[:4]} if candidate.birth_date else set()
    beside |= {part for address in candidate.addresses for part in (address.city, _area(address)) if part}
    beside |= {value for name, value in candidate.attributes if name == "birth_place"}
    for key in ranked:
        if _rarity(key, candidate.kind) >= RARE_PAIR:
            yield f"3|name|{key}"
        else:
            yield from (f"4|name|{key}|{value}" for value in sorted(beside))
    sounds = sorted({sound for key in ranked for sound in key.strip("=").split("+")})
    for sound in sounds:
        if len(sound) >= 3 and sound_information(sound, candidate.kind) >= RARE_SOUND:
            yield f"5|sound|{sound}"
    if not candidate.birth_date and not any(address.postcode for address in candidate.addresses):
        yield from _mistyped(candidate)
    postcodes = sorted({address.postcode for address in candidate.addresses if address.postcode})
    for sound in sounds:
        yield from (f"5|sound|{sound}|{postcode}" for postcode in postcodes)


def _area(address: FoldedAddress) -> str:
    """The part of a postcode that stands for an area; of a postcode in one part, all of it."""
    return address.postcode.split()[0] if address.postcode else ""


def _mistyped(candidate: Candidate) -> Iterator[str]:
    """Where a name is all there is, one consonant of it may be wrong, missing or too many: each word as it sounds, and
    without each of its consonants, beside each other word."""
    for name in candidate.name_tokens:
        for at, word in enumerate(name):
            others = {there for other in name[:at] + name[at + 1 :] for there in skeletons(other)[:1]}
            for sound in skeletons(word)[:1]:
                less = {sound[:gone] + sound[gone + 1 :] for gone in range(len(sound))} if len(sound) > 2 else set()
                for heard in {sound, *less}:
                    yield from (f"6|typo|{heard}|{there}" for there in others)
                    if not others and len(sound) > 3:
                        yield f"6|typo|{heard}"


def _rarity(key: str, kind: str) -> float:
    return sum(sound_information(sound, kind) for sound in key.strip("=").split("+"))


def blocking_keys(scope: str, candidate: Candidate) -> tuple[str, ...]:
    """All keys of a candidate, sorted. Scopes never meet, and neither do kinds: both stand in every key."""
    start = f"{scope}|{candidate.kind}|"
    return tuple(start + key for key in candidate.blocks)
