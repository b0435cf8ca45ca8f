"""A pattern of an identifier, as it may begin in normal form: `0811-12*` is a phone's `+6281112*`.

What a scheme's normaliser takes out of a whole value is taken out of a pattern, and what it puts in front is put there;
a part tells less than a whole, so there may be several readings. `*` is any signs, `?` one, `\\*` the sign itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import phonenumbers

from pipeline.enrich.fold import to_ascii
from pipeline.enrich.identifiers import SCHEMES
from pipeline.enrich.network import refang

_SIGN = re.compile(r"\\.|.", re.DOTALL)
_PLATE = re.compile(r"([A-Za-z]{1,2})([0-9][0-9?]{0,3})(.*)")
_NUMBER = re.compile(r"[\s(]*\+?[\s()./-]*[0-9][0-9\s()./-]*[*?].*", re.DOTALL)
_TOLD = 2
"""Digits behind what is dialled first, from which on a number is likely to be a phone's."""
BARE = frozenset({"phonenumbers", "alphanumeric", "digits", "python-stdnum", "vin", "account", "plate"})
"""Normalisers (`Scheme.by`) that leave out what stands between letters and digits."""


def readings(scheme: str, pattern: str, country: str) -> list[str]:
    """The pattern as it is written, and as values of this scheme begin that are written like it in a country."""
    bare = [_bare(pattern)] if SCHEMES[scheme].by in BARE else []
    return list(dict.fromkeys([pattern, *(OWN[scheme](pattern, country) if scheme in OWN else bare)]))


def is_number(pattern: str) -> bool:
    """Whether it begins as a phone number may: with digits, and what people write between them."""
    return _NUMBER.fullmatch(pattern) is not None


def is_phone(pattern: str, country: str) -> bool:
    """Whether it begins as a phone number of a country is written, and few others are: with a plus, or with what is
    dialled first and enough behind it (`081*`, `(021)*`, `62811*`); a year, an amount or a postcode is none."""
    if not is_number(pattern):
        return False
    if _has_plus(pattern):
        return True
    begun = _bare(re.split(r"[*?]", pattern, maxsplit=1)[0])
    code, trunk = str(phonenumbers.country_code_for_region(country)), phonenumbers.ndd_prefix_for_region(country, True)
    starts = ("00", code, *([trunk] if trunk else []))
    return any(begun.startswith(start) and len(begun) >= len(start) + _TOLD for start in starts)


def _has_plus(pattern: str) -> bool:
    return pattern.lstrip(" (").startswith("+")


def _bare(pattern: str) -> str:
    return "".join(
        sign if sign in ("*", "?") else "".join(one for one in to_ascii(sign[-1]) if one.isalnum())
        for sign in _SIGN.findall(pattern)
    )


def _phone(pattern: str, country: str) -> list[str]:
    """As `numbers.phone`: a national number is read as one of the country; 00 or nothing before a code as a plus."""
    bare = _bare(pattern)
    code, trunk = phonenumbers.country_code_for_region(country), phonenumbers.ndd_prefix_for_region(country, True) or ""
    if _has_plus(pattern) or not bare[:1].isdigit():
        return [f"+{bare}"]
    if bare.startswith("00"):
        return [f"+{bare.lstrip('0')}"]
    if trunk and bare.startswith(trunk):
        return [f"+{code}{bare[len(trunk) :]}"]
    return [f"+{code}{bare}", f"+{bare}"]


def _plate(pattern: str, _: str) -> list[str]:
    """As it is written in Indonesia, with spaces (B 1234 XYZ), and bare, as others are."""
    bare = _bare(pattern)
    if (found := _PLATE.fullmatch(bare)) is None:
        return [bare]
    return [bare, f"{found[1]} {found[2]}" + (" " if found[3][:1].isalpha() else "") + found[3]]


def _network(pattern: str, _: str) -> list[str]:
    return [refang(pattern)]


OWN: dict[str, Callable[[str, str], list[str]]] = {
    "phone": _phone, "plate": _plate, "mac": lambda pattern, _: [pattern.replace("-", ":")],
    "ip": _network, "domain": _network, "url": _network, "email": _network,
}  # fmt: skip
"""Schemes whose values are written otherwise than bare."""
