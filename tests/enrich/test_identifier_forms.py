"""Identifiers in normal form: raw -> what stands for it, scheme by scheme. All values are fictional or published samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.identifiers import ALIASES, NAMED_BY_VALUE, SCHEMES, read

EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
EMPTY_SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
ETHER = "0xabcdef0123456789abcdef0123456789abcdef01"

FORMS = """
scheme           | raw                              | country | normal scheme | normal value
phone            | 0812-3456-7890                   | ID      | phone         | +6281234567890
phone            | (021) 555 0123                   | ID      | phone         | +62215550123
phone            | +62 (812) 3456-7890              | -       | phone         | +6281234567890
phone            | 62 812 3456 7890                 | ID      | phone         | +6281234567890
phone            | 006281234567890                  | ID      | phone         | +6281234567890
phone            | ٠٨١٢٣٤٥٦٧٨٩٠                     | ID      | phone         | +6281234567890
hp               | 0812 3456 7890                   | ID      | phone         | +6281234567890
whatsapp         | +65 8123 4567                    | ID      | phone         | +6581234567
msisdn           | 6281234567890                    | ID      | phone         | +6281234567890
phone            | 012-345 6789                     | MY      | phone         | +60123456789
telepon          | 8123 4567                        | SG      | phone         | +6581234567
passport         | b 1234567                        | -       | passport      | B1234567
paspor           | B-1234567                        | ID      | passport      | B1234567
nik              | 3171 0101 0280 0001              | -       | nik           | 3171010102800001
ktp              | 3171.0101.0280.0001              | -       | nik           | 3171010102800001
npwp             | 01.312.166.0-091.000             | -       | npwp          | 013121660091000
plate            | b1234xyz                         | -       | plate         | B 1234 XYZ
plate            | B-1234-XYZ                       | ID      | plate         | B 1234 XYZ
nopol            | ad 1 a                           | -       | plate         | AD 1 A
plate            | WXY 1234                         | MY      | plate         | MY:WXY1234
plate            | B 1234                           | MY      | plate         | MY:B1234
license-plate    | sgx-1234-a                       | -       | plate         | SGX1234A
vin              | wvwzzz1jz3w386752                | -       | vin           | WVWZZZ1JZ3W386752
no-rangka        | WVWZZZ 1JZ 3W386752              | -       | vin           | WVWZZZ1JZ3W386752
engine           | 2nr-f 123456                     | -       | engine        | 2NRF123456
imo              | IMO 9074729                      | -       | imo           | 9074729
imo              | 9074729                          | -       | imo           | 9074729
mmsi             | 525 012 345                      | -       | mmsi          | 525012345
call-sign        | yb 1234                          | -       | callsign      | YB1234
container        | csqu 305438-3                    | -       | container     | CSQU3054383
tail-number      | pk-gfq                           | -       | registration  | PKGFQ
serial           | sn-00.12/a                       | -       | serial        | SN0012A
imei             | 49-015420-323751-8               | -       | imei          | 490154203237518
imei             | 49015420323751                   | -       | imei          | 490154203237518
imei             | 4901542032375101                 | -       | imei          | 490154203237518
imsi             | 510-01 1234567890                | -       | imsi          | 510011234567890
mac-address      | 00-0C-29-AB-CD-EF                | -       | mac           | 00:0c:29:ab:cd:ef
iban             | gb82 west 1234 5698 7654 32      | -       | iban          | GB82WEST12345698765432
account          | GB82 WEST 1234 5698 7654 32      | -       | iban          | GB82WEST12345698765432
rekening         | 123-456.789 0                    | -       | account       | 1234567890
account          | Budi_88                          | -       | account       | budi_88
wallet           | 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa | -     | wallet        | 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
btc              | BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4 | - | wallet    | {SEGWIT}
btc              | bitcoin:{SEGWIT}?amount=1        | -       | wallet        | {SEGWIT}
eth              | 0xABCDEF0123456789abcdef0123456789ABCDEF01 | - | wallet    | {ETHER}
ip               | 8.8.8[.]8                        | -       | ip            | 8.8.8.8
ip               | 198[.]18[.]0[.]1:8080            | -       | ip            | 198.18.0.1
ip-dst           | ::ffff:198.18.0.1                | -       | ip            | 198.18.0.1
ipv6-addr        | 2001:0DB8:0:0::0001              | -       | ip            | 2001:db8::1
ip               | [2001:db8::1]:443                | -       | ip            | 2001:db8::1
ip               | 198.18.5.1/16                    | -       | ip            | 198.18.0.0/16
domain           | EVIL[.]Example.                  | -       | domain        | evil.example
domain           | www.evil.example                 | -       | domain        | www.evil.example
hostname         | evil(dot)example                 | -       | domain        | evil.example
domain           | hxxp://evil[.]example/           | -       | domain        | evil.example
domain           | bücher.example                   | -       | domain        | xn--bcher-kva.example
domain           | _dmarc.Evil.Example              | -       | domain        | _dmarc.evil.example
url              | hxxps://Evil[.]example:443/A?b=C#d | -     | url           | https://evil.example/A?b=C
url              | HTTP://evil.example              | -       | url           | http://evil.example/
url              | http://evil.example:8080/x       | -       | url           | http://evil.example:8080/x
link             | http://[2001:db8::1]:80/         | -       | url           | http://[2001:db8::1]/
url              | Evil[.]example/Login.php         | -       | url           | evil.example/Login.php
email            | Budi[at]Mail[.]Example           | -       | email         | budi@mail.example
e-mail           | mailto:Budi@MAIL.example?subject=x | -     | email         | budi@mail.example
email-src        | <budi@bücher.example>            | -       | email         | budi@xn--bcher-kva.example
hash             | D41D8CD98F00B204E9800998ECF8427E | -       | md5           | {EMPTY_MD5}
hash             | {EMPTY_SHA1}                     | -       | sha1          | {EMPTY_SHA1}
sha-1            | DA39A3EE5E6B4B0D3255BFEF95601890AFD80709 | - | sha1        | {EMPTY_SHA1}
hash             | abc123                           | -       | hash          | abc123
importer-id      | shh   zgsl                       | -       | importer-id   | SHH ZGSL
ssdeep           | 3:AXGBicFlgVNhBG                 | -       | ssdeep        | 3:AXGBicFlgVNhBG
"""

UNFIT = """
scheme | raw
nik    | 3171 0199 9980 0001
nik    | 12345
npwp   | 99.999
imo    | IMO 9074728
imei   | 490154203237519
mmsi   | 12345
phone  | 110
phone  | tidak ada
iban   | GB82 WEST 1234 5698 7654 33
wallet | 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb
ip     | 8.8.8.888
email  | budi at home
url    | not a url
vin    | SHORT1
md5    | ABC
hash   | ZZZZ
"""


def rows(table: str) -> list[list[str]]:
    lines = table.strip().splitlines()[1:]
    names = {"{SEGWIT}": SEGWIT, "{ETHER}": ETHER, "{EMPTY_MD5}": EMPTY_MD5, "{EMPTY_SHA1}": EMPTY_SHA1}
    for name, value in names.items():
        lines = [line.replace(name, value) for line in lines]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


@pytest.mark.parametrize(("scheme", "raw", "country", "normal_scheme", "normal"), rows(FORMS))
def test_one_thing_has_one_form(scheme: str, raw: str, country: str, normal_scheme: str, normal: str) -> None:
    reading = read(scheme, raw, None if country == "-" else country)
    assert reading is not None
    assert (reading.scheme, reading.value, reading.holds) == (normal_scheme, normal, True)


@pytest.mark.parametrize(("scheme", "raw"), rows(UNFIT))
def test_what_is_not_of_its_form_keeps_its_raw_form_and_says_so(scheme: str, raw: str) -> None:
    reading = read(scheme, raw, "ID")
    assert reading is not None
    assert (reading.scheme, reading.value, reading.holds) == (scheme, raw, False)


def test_a_blank_value_is_left_out() -> None:
    assert read("phone", "   ") is None


def test_every_alias_leads_to_a_scheme_and_none_hides_one() -> None:
    assert set(ALIASES.values()) <= set(SCHEMES)
    assert not set(ALIASES) & set(SCHEMES)
    assert sum(len(scheme.aliases) for scheme in SCHEMES.values()) == len(ALIASES), "an alias stands in two schemes"
    assert set(NAMED_BY_VALUE.values()) <= set(SCHEMES)


ANY_SCHEME = st.sampled_from(sorted([*SCHEMES, *ALIASES, "importer-id"]))
LIKELY = st.text(alphabet="0123456789abcdefxABCX+-./:[]()@# ", max_size=45)
COUNTRY = st.sampled_from([None, "ID", "MY", "US", "IT"])


@given(ANY_SCHEME, st.text(min_size=1, max_size=60) | LIKELY, COUNTRY)
def test_normalising_twice_changes_nothing(scheme: str, raw: str, country: str | None) -> None:
    once = read(scheme, raw, country)
    if once is not None:
        again = read(once.scheme, once.value, country)
        assert again is not None
        assert (again.scheme, again.value) == (once.scheme, once.value)


@pytest.mark.parametrize(("scheme", "raw", "country"), [row[:3] for row in rows(FORMS)])
def test_normal_forms_are_their_own(scheme: str, raw: str, country: str) -> None:
    where = None if country == "-" else country
    once = read(scheme, raw, where)
    assert once is not None
    again = read(once.scheme, once.value, where)
    assert again is not None
    assert (again.scheme, again.value) == (once.scheme, once.value)
