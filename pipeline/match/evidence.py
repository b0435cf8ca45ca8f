"""What speaks for and against two mentions being the same: a table of features, each a pure function.

A feature that either side does not show says nothing. Only what both sides show is used, so a match can be shown to
whoever may see both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from pipeline.enrich.frequency import information
from pipeline.enrich.model import FoldedAddress
from pipeline.enrich.warning import is_common
from pipeline.match.addresses import city_agreement, postcode_level, street_agreement
from pipeline.match.candidate import Candidate
from pipeline.match.dates import date_level
from pipeline.match.identity import ACTORS, SHARED
from pipeline.match.names import Agreement, agreement, alike
from pipeline.match.weights import (
    ATTRIBUTES,
    BITS,
    JOIN_BITS,
    MOST_ADDRESS,
    MOST_CONFLICT,
    MOST_HOUSEHOLD,
    MOST_NAME,
    PRIOR,
)


@dataclass(frozen=True)
class Evidence:
    """One feature's finding: its level in the weights' table, its bits (positive speaks for), and a sentence."""

    feature: str
    level: str
    bits: float
    says: str


def name(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    found = best_agreement(a, b)
    if found is None:
        return
    like, ours, theirs = found
    # Whoever has another given name, or another initial, needs more than a rare family name.
    most = MOST_CONFLICT if like.pattern == "conflict" else MOST_NAME
    bits = BITS["name"][like.pattern] + min(like.bits, most)
    same = like.pattern == "same"
    says = f"same name {min(ours, theirs)}" if same else f"names {ours} and {theirs} {SAYS[like.pattern]}"
    yield Evidence("name", like.pattern, bits, says)


SAYS = {
    "alike": "alike",
    "part-same": "the same as far as both go",
    "part-alike": "alike as far as both go",
    "conflict": "in part the same",
    "none": "have nothing in common",
}


def best_agreement(a: Candidate, b: Candidate) -> tuple[Agreement, str, str] | None:
    """The agreement of the two names, one of each side, that speaks most for it; nothing where a side has none."""
    return max(
        (
            (agreement(ours, theirs, a.kind), " ".join(ours), " ".join(theirs))
            for ours in a.name_tokens
            for theirs in b.name_tokens
        ),
        key=lambda found: (BITS["name"][found[0].pattern] + found[0].bits, found[1], found[2]),
        default=None,
    )


def birth_date(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    if a.birth_date and b.birth_date and not is_common("birth-date", a.birth_date):
        level = date_level(a.birth_date, b.birth_date)
        born = f"born {a.birth_date}" if level == "same" else f"born {a.birth_date} and {b.birth_date}"
        yield Evidence("birth-date", level, BITS["birth-date"][level], born)


def address(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    """The two addresses, one of each side, that agree best. Postcode, city and street hang together, so what they say
    is less than their sum."""
    found = max(
        (_address(ours, theirs) for ours in a.addresses for theirs in b.addresses),
        key=lambda found: (found.bits, found.says),
        default=None,
    )
    if found is not None and found.level:
        yield found


def _address(ours: FoldedAddress, theirs: FoldedAddress) -> Evidence:
    parts: list[float] = []
    levels: list[str] = []
    same: list[str] = []
    if ours.postcode and theirs.postcode:
        level = postcode_level(ours.postcode, theirs.postcode)
        parts.append(BITS["postcode"][level])
        levels.append(f"postcode {level}")
        if level == "same":
            same.append(f"postcode {ours.postcode}")
    if ours.city and theirs.city:
        level, worth = city_agreement(ours.city, theirs.city)
        parts.append(BITS["city"][level] + worth)
        levels.append(f"city {level}")
        if level == "same":
            same.append(ours.city)
    if ours.text and theirs.text:
        level, worth = street_agreement(ours.text, theirs.text)
        parts.append(BITS["street"][level] + worth)
        levels.append(f"street {level}")
        if level in ("same", "most"):
            same.append(ours.text if level == "same" else f"nearly {ours.text}")
    bits = min(sum(parts), MOST_ADDRESS)
    says = "same address " + ", ".join(same) if same else "addresses differ" if bits < 0 else "addresses alike"
    return Evidence("address", ", ".join(levels), bits, says)


def contact(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    """A phone or an account that several may share."""
    for one in sorted(set(a.identifiers) & set(b.identifiers)):
        scheme, value = one.split(":", 1)
        if a.kind in ACTORS and scheme in SHARED and not is_common(scheme, value):
            yield Evidence("contact", "same", BITS["contact"]["same"], f"same {scheme} {value}")


def identifier(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    """Identifiers that one thing alone bears: mistyped, or of the same scheme and not the same."""
    ours, theirs = _own(a), _own(b)
    for scheme in sorted(ours.keys() & theirs.keys()):
        if ours[scheme] & theirs[scheme]:
            yield Evidence(
                "identifier", "same", BITS["identifier"]["same"], f"same {scheme} {min(ours[scheme] & theirs[scheme])}"
            )
            continue
        near = [
            (one, other)
            for one in sorted(ours[scheme])
            for other in sorted(theirs[scheme])
            if len(one) == len(other) >= 6 and OSA.distance(one, other, score_cutoff=1) == 1
        ]
        level = "near" if near else "another" if scheme in FOR_LIFE else "different"
        says = f"{scheme} {near[0][0]} and {near[0][1]} differ by one sign" if near else f"another {scheme}"
        yield Evidence("identifier", level, BITS["identifier"][level], says)


FOR_LIFE = frozenset({"nik", "npwp", "national-id", "tax-id", "ssn", "imo", "vin", "lei"})
"""Schemes that give one thing one value for good: another value is another thing, or a mistake."""


def _own(side: Candidate) -> dict[str, set[str]]:
    own: dict[str, set[str]] = {}
    for one in side.identifiers:
        scheme, value = one.split(":", 1)
        if not (side.kind in ACTORS and scheme in SHARED) and not is_common(scheme, value):
            own.setdefault(scheme, set()).add(value)
    return own


def nationality(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    if a.nationality and b.nationality:
        level = "same" if a.nationality == b.nationality else "different"
        yield Evidence("nationality", level, BITS["nationality"][level], f"{level} nationality")


def attributes(a: Candidate, b: Candidate) -> Iterator[Evidence]:
    """Attributes that both give: each key has a row in the weights' table, or shares the row of all others."""
    theirs = dict(b.attributes)
    for key, value in a.attributes:
        if key in theirs:
            row = ATTRIBUTES.get(key, ATTRIBUTES["other"])
            other = theirs[key]
            level = attribute_level(value, other)
            told = f"same {key} {value}" if level == "same" else f"{key} {value} and {other}"
            yield Evidence(key, level, row[level], told)


def attribute_level(one: str, other: str) -> str:
    """same, near (the words of one are among the other's, or a typing error or two), different. Symmetric."""
    if one == other:
        return "same"
    ours, theirs = set(one.split()), set(other.split())
    if ours <= theirs or theirs <= ours:
        return "near"
    longest = max(len(one), len(other))
    most = 1 if longest < 8 else 2
    return "near" if longest >= 5 and OSA.distance(one, other, score_cutoff=most) <= most else "different"


FEATURES: tuple[Callable[[Candidate, Candidate], Iterator[Evidence]], ...] = (
    name, birth_date, identifier, contact, address, nationality, attributes,
)  # fmt: skip
COMPARED = frozenset({"person", "organisation", "vessel", "vehicle", "aircraft"})
"""Kinds of which two mentions are weighed against each other."""


def evidence(a: Candidate, b: Candidate) -> list[Evidence]:
    """All that speaks for or against. The last name and an address in common, but not the first name, are a family:
    together they say no more than that."""
    return _with_family(a, b, [one for feature in FEATURES for one in feature(a, b)])


def enough(a: Candidate, b: Candidate) -> list[Evidence] | None:
    """The same evidence, or nothing as soon as no agreement of the names could still make the two one. Most who meet by
    name alone are strangers, and the more are stored, the more of them meet: what is quickly told comes first."""
    told = {feature: list(feature(a, b)) for feature in QUICK}
    shown = a.identifiers and b.identifiers
    if not shown and total(one for of in told.values() for one in of) + most_of_name(a, b) < JOIN_BITS - ROUNDING:
        return None
    return _with_family(
        a, b, [one for feature in FEATURES for one in (told[feature] if feature in told else feature(a, b))]
    )


QUICK = (birth_date, nationality, attributes, address)
"""Of FEATURES, those that cost little."""
ROUNDING = 0.001
"""Bits by which sums in another order may differ, and many times more."""


def most_of_name(a: Candidate, b: Candidate) -> float:
    """Bits that no agreement of the two names exceeds. Words that agree say no more than either side's words; a word
    that stands for two neighbours of the other name says no more than its own side's, and only names of three words
    each can have such words on both sides."""
    ours, theirs = ([(len(name), _told_by(name, side.kind)) for name in side.name_tokens] for side in (a, b))
    if not ours or not theirs:
        return 0.0
    both_ways = min(max(ours)[0], max(theirs)[0]) >= 3
    most = MOST_NAME if both_ways else min(MOST_NAME, max(bits for _, bits in (*ours, *theirs)))
    return max(BITS["name"].values()) + most


@functools.lru_cache(maxsize=262144)
def _told_by(name: tuple[str, ...], kind: str) -> float:
    return sum(information(word, kind) for word in name)


def _with_family(a: Candidate, b: Candidate, found: list[Evidence]) -> list[Evidence]:
    if any(one.feature == "name" and one.level == "conflict" for one in found) and _one_family(a, b):
        home = sum(one.bits for one in found if one.feature in ("name", "address"))
        if home > MOST_HOUSEHOLD:
            found.append(Evidence("household", "same", MOST_HOUSEHOLD - home, "as in a family"))
    return found


def _one_family(a: Candidate, b: Candidate) -> bool:
    return not any(
        alike(ours[0], theirs[0], a.kind) for ours in a.name_tokens for theirs in b.name_tokens if ours and theirs
    )


def total(found: Iterable[Evidence]) -> float:
    """Bits that the two are the same, all told."""
    return PRIOR + sum(one.bits for one in found)


def says(found: Iterable[Evidence]) -> str:
    """The reasons in words, the strongest first, and what speaks against."""
    ranked = sorted(found, key=lambda one: (-one.bits, one.feature, one.says))
    speaking = ", ".join(one.says for one in ranked if one.bits > 0)
    against = ", ".join(one.says for one in reversed(ranked) if one.bits < 0)
    return speaking + (f"; although {against}" if against else "")
