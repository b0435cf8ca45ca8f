"""Numbers that offices, makers and networks give out, in normal form, their check digits tried.

Each function takes the text and the country of its context, and gives the normal form, or nothing where the text is
no such number or its check digit does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType

import phonenumbers
from stdnum import bitcoin, iban, imei, imo, imsi, isin, iso6346, lei, luhn, mac
from stdnum.exceptions import ValidationError
from stdnum.id import nik, npwp

from pipeline.enrich.fold import to_ascii

Normaliser = Callable[[str, str | None], str | None]

HASH_LENGTHS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Hexadecimal digits -> the digest that has so many."""

_INDONESIAN_PLATE = re.compile(r"^([A-Z]{1,2})([0-9]{1,4})([A-Z]{0,3})$")
_COUNTRY_PREFIX = re.compile(r"^([A-Z]{2}):")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]+")
_HEX = re.compile(r"^[0-9a-f]+$")
_VIN = re.compile(r"^[A-HJ-NPR-Z0-9]{17}$")
_ETHEREUM = re.compile(r"^0[xX][0-9a-fA-F]{40}$")
_BITCOIN = re.compile(r"^(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1q[a-z0-9]{38,58})$", re.IGNORECASE)
_OTHER_WALLET = re.compile(r"^[0-9A-Za-z]{20,120}$")


def alphanumeric(text: str, country: str | None = None) -> str | None:
    """Upper-case letters and digits, nothing between them."""
    return _NOT_ALPHANUMERIC.sub("", to_ascii(text)).upper() or None


def digits(count: int) -> Normaliser:
    """A number of just so many digits."""

    def normalise(text: str, country: str | None = None) -> str | None:
        bare = alphanumeric(text) or ""
        return bare if bare.isdigit() and len(bare) == count else None

    return normalise


def exact(text: str, country: str | None = None) -> str | None:
    """As it is written, since letter case tells values apart."""
    return text.strip() or None


def checked(module: ModuleType, prepare: Normaliser = alphanumeric) -> Normaliser:
    """A number of one of python-stdnum's kinds, compact, after `prepare` took out what people write between."""

    def normalise(text: str, country: str | None = None) -> str | None:
        try:
            return str(module.validate(prepare(text, country) or "")) or None
        except ValidationError:
            return None

    return normalise


def phone(text: str, country: str | None = None) -> str | None:
    """E.164. A national number is read as one of `country`; 00 or nothing in front of a country's code as a plus."""
    bare = text.strip()
    if bare.startswith("+"):
        tries = [_parsed(bare, None)]
    elif bare.startswith("00"):
        tries = [_parsed(f"+{bare.lstrip('0')}", None), _parsed(bare, country)]
    else:
        abroad = None if bare.startswith("0") else _parsed(f"+{bare}", None)
        tries = [_parsed(bare, country), abroad if abroad and phonenumbers.is_valid_number(abroad) else None]
    numbers = [number for number in tries if number and phonenumbers.is_possible_number(number)]
    numbers.sort(key=phonenumbers.is_valid_number, reverse=True)
    return phonenumbers.format_number(numbers[0], phonenumbers.PhoneNumberFormat.E164) if numbers else None


def _parsed(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None


def plate(text: str, country: str | None = None) -> str | None:
    """An Indonesian plate as it is written there (B 1234 XYZ), another as `CC:` and letters and digits."""
    upper = to_ascii(text).strip().upper()
    if match := _COUNTRY_PREFIX.match(upper):
        country, upper = match[1], upper[len(match[0]) :]
    bare = alphanumeric(upper)
    if bare and country in (None, "ID") and (match := _INDONESIAN_PLATE.match(bare)):
        return " ".join(part for part in match.groups() if part)
    return f"{country}:{bare}" if bare and country and country != "ID" else bare


def phone_equipment(text: str, country: str | None = None) -> str | None:
    """An IMEI of 15 digits, its software version left out and its check digit added where it lacks."""
    bare = alphanumeric(text) or ""
    try:
        if imei.imei_type(bare) not in ("IMEI", "IMEISV"):
            return None
        return str(bare[:14] + luhn.calc_check_digit(bare[:14]))
    except ValidationError:
        return None


def vehicle_chassis(text: str, country: str | None = None) -> str | None:
    """A VIN's 17 characters. Its check digit is used in North America only, so it is not tried."""
    bare = alphanumeric(text) or ""
    return bare if _VIN.match(bare) else None


def hexadecimal(text: str, country: str | None = None) -> str | None:
    """A digest in lower case, of any length."""
    bare = text.strip().lower()
    return bare if _HEX.match(bare) else None


def digest(kind: str) -> Normaliser:
    """A digest of just that kind's length."""
    length = next(count for count, name in HASH_LENGTHS.items() if name == kind)

    def normalise(text: str, country: str | None = None) -> str | None:
        bare = hexadecimal(text)
        return bare if bare and len(bare) == length else None

    return normalise


def wallet(text: str, country: str | None = None) -> str | None:
    """Bitcoin's checked, bech32 and Ethereum's in lower case; another chain's as it is written."""
    bare = text.strip()
    if ":" in bare:
        bare = bare.split(":", 1)[1].split("?", 1)[0]
    if _ETHEREUM.match(bare):
        return bare.lower()
    if _BITCOIN.match(bare):
        return checked(bitcoin, exact)(bare, None)
    if bare.lower().startswith("bc1"):
        return bare.lower()
    return bare if _OTHER_WALLET.match(bare) else None


def account(text: str, country: str | None = None) -> str | None:
    """An account's number without what separates it; a user's name in lower case."""
    bare = _NOT_ALPHANUMERIC.sub("", to_ascii(text)).upper()
    if bare.isdigit():
        return bare
    named = " ".join(to_ascii(text).lower().split())
    return named if named and " " not in named else None


NIK, NPWP, IMO, IBAN = checked(nik), checked(npwp), checked(imo), checked(iban)
IMSI, ISIN, LEI, MAC_ADDRESS, CONTAINER = (
    checked(imsi),
    checked(isin),
    checked(lei),
    checked(mac, exact),
    checked(iso6346),
)
