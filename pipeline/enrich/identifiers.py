"""Identifiers in normal form: one scheme and one value for one thing. The table SCHEMES is all there is to it.

What a scheme's normaliser does not take (a check digit that does not hold, a phone number too short) keeps its raw
form under the same scheme and says so; it may still be a good identifier, with a typing error in it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.enrich import network, numbers
from pipeline.enrich.numbers import HASH_LENGTHS, Normaliser

LONGEST = 1000
"""Characters; the report's own bound of an identifier's value."""


@dataclass(frozen=True)
class Scheme:
    """A kind of identifier. `by`: what normalises it; `aliases`: other names of the same scheme."""

    normalise: Normaliser
    by: str
    aliases: tuple[str, ...] = ()


class Reading(NamedTuple):
    """An identifier read. `holds` is whether the value is of its scheme's form; where not, `value` is the raw one."""

    scheme: str
    value: str
    by: str
    holds: bool


SCHEMES: dict[str, Scheme] = {
    # people and their papers
    "phone": Scheme(numbers.phone, "phonenumbers", (
        "tel", "telp", "telepon", "telephone", "phone-number", "phone_number", "phonenumber", "msisdn", "mobile",
        "mobile-phone", "cell", "cellphone", "hp", "no-hp", "handphone", "ponsel", "whatsapp", "whatsapp-number", "wa",
    )),
    "passport": Scheme(numbers.alphanumeric, "alphanumeric", (
        "passport-number", "passport_number", "passport-no", "paspor", "no-paspor", "nomor-paspor",
    )),
    "nik": Scheme(numbers.NIK, "python-stdnum", ("ktp", "no-ktp", "nomor-ktp", "e-ktp", "ektp", "id-nik")),
    "npwp": Scheme(numbers.NPWP, "python-stdnum", ("no-npwp", "id-npwp")),
    "driving-licence": Scheme(numbers.alphanumeric, "alphanumeric", (
        "driver-license", "drivers-license", "driving-license", "driving_licence", "surat-izin-mengemudi",
    )),
    # vehicles, ships, goods
    "plate": Scheme(numbers.plate, "plate", (
        "license-plate", "license-plate-number", "licence-plate", "number-plate", "plat", "plat-nomor", "nopol",
        "no-polisi", "nomor-polisi", "tnkb", "vehicle-registration",
    )),
    "vin": Scheme(numbers.vehicle_chassis, "vin", (
        "chassis", "chassis-number", "no-rangka", "nomor-rangka", "rangka", "vehicle-identification-number",
    )),
    "engine": Scheme(numbers.alphanumeric, "alphanumeric", ("engine-number", "no-mesin", "nomor-mesin", "mesin")),
    "imo": Scheme(numbers.IMO, "python-stdnum", ("imo-number", "imo_number", "imo-no")),
    "mmsi": Scheme(numbers.digits(9), "digits", ("mmsi-number",)),
    "callsign": Scheme(numbers.alphanumeric, "alphanumeric", ("call-sign", "call_sign", "tanda-panggil")),
    "registration": Scheme(numbers.alphanumeric, "alphanumeric", ("tail", "tail-number", "aircraft-registration")),
    "container": Scheme(numbers.CONTAINER, "python-stdnum", ("container-number", "peti-kemas", "kontainer", "iso6346")),
    "serial": Scheme(numbers.alphanumeric, "alphanumeric", ("serial-number", "serial_number", "no-seri", "nomor-seri")),
    # devices
    "imei": Scheme(numbers.phone_equipment, "python-stdnum", ("imei-number",)),
    "imsi": Scheme(numbers.IMSI, "python-stdnum"),
    "iccid": Scheme(numbers.alphanumeric, "alphanumeric", ("sim-serial",)),
    "mac": Scheme(numbers.MAC_ADDRESS, "python-stdnum", ("mac-address", "mac-addr", "mac_address")),
    # money and companies
    "iban": Scheme(numbers.IBAN, "python-stdnum"),
    "account": Scheme(numbers.account, "account", (
        "account-number", "bank-account", "bank-account-nr", "bank-account-number", "rekening", "no-rekening",
        "nomor-rekening", "norek",
    )),
    "wallet": Scheme(numbers.wallet, "wallet", (
        "btc", "bitcoin", "btc-address", "eth", "ethereum", "xmr", "dash", "ltc", "usdt", "tron", "crypto",
        "crypto-wallet", "cryptocurrency-address", "cryptocurrency-wallet", "dompet-kripto",
    )),
    "bic": Scheme(numbers.alphanumeric, "alphanumeric", ("swift", "swift-code")),
    "lei": Scheme(numbers.LEI, "python-stdnum"),
    "isin": Scheme(numbers.ISIN, "python-stdnum"),
    # the network
    "ip": Scheme(network.ip, "ipaddress", (
        "ipv4", "ipv6", "ip-address", "ip_address", "ip-addr", "ipv4-addr", "ipv6-addr", "ip-src", "ip-dst",
        "alamat-ip",
    )),
    "domain": Scheme(network.domain, "idna", ("domain-name", "domain_name", "hostname", "host", "fqdn")),
    "url": Scheme(network.url, "url", ("uri", "link", "website", "situs")),
    "email": Scheme(network.email, "email", (
        "e-mail", "mail", "email-addr", "email-address", "email_address", "email-src", "email-dst", "surel",
    )),
    # digests; `hash` is settled by its length
    **{name: Scheme(numbers.digest(name), "digest", (name.replace("sha", "sha-"), name.replace("sha", "sha_"))
                    if name != "md5" else ("md-5",)) for name in HASH_LENGTHS.values()},
    "hash": Scheme(numbers.hexadecimal, "digest", ("file-hash", "filehash", "checksum")),
    "ssdeep": Scheme(numbers.exact, "exact"),
    "imphash": Scheme(numbers.hexadecimal, "digest"),
}  # fmt: skip

ALIASES: dict[str, str] = {alias: name for name, scheme in SCHEMES.items() for alias in scheme.aliases}

OTHER = "other"
"""`by` of schemes that nobody here knows: upper-case, spaces collapsed."""

NAMED_BY_VALUE = {
    "phone": "phone", "email": "email", "ip": "ip", "domain": "domain", "url": "url", "hash": "hash",
    "wallet": "wallet", "account": "account",
}  # fmt: skip
"""Kinds of mention whose name is their identifier -> its scheme."""

READS_COUNTRY = frozenset({"phone", "plate"})
"""Schemes whose values are read in the light of a country."""


@functools.lru_cache(maxsize=16384)
def read(scheme: str, raw: str, country: str | None = None) -> Reading | None:
    """The identifier in normal form; nothing where the value is blank."""
    name = ALIASES.get(scheme, scheme)
    text = raw.strip()
    if not text:
        return None
    if name == "hash":
        name = HASH_LENGTHS.get(len(text), name)
    if name == "account" and numbers.IBAN(text, None):
        name = "iban"
    if name not in SCHEMES:
        value = " ".join(text.upper().split())
        return Reading(name, value if len(value) <= LONGEST else raw, OTHER, True)
    known = SCHEMES[name]
    normal = known.normalise(text, country)
    if normal is None or len(normal) > LONGEST:
        return Reading(name, raw, known.by, False)
    return Reading(name, normal, known.by, True)
