"""Values that prove nothing, and names that prove little."""

from __future__ import annotations

import hashlib

import pytest

from pipeline.enrich.fold import fold
from pipeline.enrich.frequency import TABLES, information
from pipeline.enrich.identifiers import SCHEMES, read
from pipeline.enrich.tables import table
from pipeline.enrich.warning import is_common

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

COMMON = [
    ("ip", "8.8.8.8"), ("ip", "1.1.1.1"), ("ip", "10.1.2.3"), ("ip", "192.168.0.0/24"), ("ip", "127.0.0.1"),
    ("ip", "192.0.2.7"), ("ip", "2001:db8::1"), ("ip", "::1"), ("ip", "2001:4860:4860::8888"),
    ("domain", "example.com"), ("domain", "mail.example.com"), ("domain", "google.com"), ("domain", "wa.me"),
    ("url", "https://www.facebook.com/"), ("url", "http://example.org:8080/x"), ("email", "budi@example.com"),
    ("email", "no-reply@bank.example"), ("phone", "110"), ("phone", "112"), ("phone", "+628000000000"),
    ("nik", "0000000000000000"), ("nik", "1234567890123456"), ("passport", "A0000000"), ("passport", "UNKNOWN"), ("plate", "N/A"),
    ("importer-id", "TIDAK DIKETAHUI"), ("account", "123456789"), ("mac", "00:00:00:00:00:00"),
    ("wallet", "0x0000000000000000000000000000000000000000"), ("wallet", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("birth-date", "1900-01-01"), ("birth-date", "1970-01-01"), ("name", "mr x"), ("name", "tidak dikenal"),
    *((kind, hashlib.new(kind, content).hexdigest()) for kind in ("md5", "sha1", "sha256")
      for content in (b"", b"\n", b"\0", EICAR)),
    *((kind, hashlib.new(kind).hexdigest()) for kind in ("sha224", "sha384", "sha512")),
]  # fmt: skip

TELLING = [
    ("ip", "93.184.215.14"), ("ip", "198.18.0.1"), ("ip", "not an address"), ("domain", "evil.example"),
    ("domain", "myexample.com"), ("domain", "google.com.evil.test"), ("url", "https://www.facebook.com/budi.santoso"),
    ("email", "budi@gmail.com"), ("email", "info@maju-jaya.test"), ("phone", "+6281234567890"), ("phone", "+62215550123"),
    ("nik", "3171010102800001"), ("passport", "B1234567"), ("plate", "B 1234 XYZ"), ("plate", "B 1111 AAA"),
    ("imo", "9074729"), ("account", "1234098765"), ("birth-date", "1980-02-01"), ("birth-date", "1980"),
    ("name", "budi santoso"), ("importer-id", "SHHZGSL"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "value"), COMMON)
def test_a_common_value_says_why(scheme: str, value: str) -> None:
    assert is_common(scheme, value)


@pytest.mark.parametrize(("scheme", "value"), TELLING)
def test_any_other_value_may_prove_something(scheme: str, value: str) -> None:
    assert is_common(scheme, value) is None


def test_the_table_is_written_in_normal_forms() -> None:
    for entry in table("warning"):
        for scheme in set(entry["schemes"]) & set(SCHEMES):
            digest_kinds = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
            listed = [*entry.get("values", ()), *(entry.get("hosts", ()) if scheme == "domain" else ())]
            for value in listed if scheme not in digest_kinds else ():
                reading = read(scheme, value, "ID")
                assert reading is not None
                assert reading.value == value


def test_a_word_that_many_bear_weighs_little() -> None:
    bits = [information(token) for token in ("muhammad", "budi", "tarigan", "zvezdo", "zvezdochkin")]
    assert bits == sorted(bits)
    assert bits[0] < 5
    assert 16 < bits[-1] < 17


@pytest.mark.parametrize("name", [name for names in TABLES.values() for name in names])
def test_the_names_tables_are_written_as_names_are_folded(name: str) -> None:
    written = [word for words in table(name).values() for word in words.split()]
    assert len(written) == len(set(written)), "a word stands in two rows"
    assert all(word == fold(word) for word in written)
