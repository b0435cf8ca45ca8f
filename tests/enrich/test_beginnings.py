"""A pattern with wildcards finds what a whole value written like it finds."""

from __future__ import annotations

import pytest

from pipeline.enrich.beginnings import is_phone, readings
from pipeline.enrich.identifiers import SCHEMES, read
from pipeline.search.matching import pattern_of

WRITTEN = [
    ("phone", "0811-1222-333"), ("phone", "+62 811 1222 333"), ("phone", "0062-811-1222-333"), ("phone", "8111222333"),
    ("phone", "(021) 555 1234"), ("phone", "+1 650 253 0000"), ("phone", "001 650 253 0000"), ("plate", "b1234xyz"),
    ("plate", "BK-77-A"), ("plate", "B 1234 XY"), ("nik", "3171.0101.0180.0001"), ("passport", "b-7654321"),
    ("imei", "35-209900-176148-1"), ("account", "12-34-567"), ("account", "budi_s"), ("mac", "00-1A-2B-3C-4D-5E"),
    ("domain", "evil[.]example"), ("url", "hxxp://evil.example/a"), ("email", "Budi@Contoh[.]Example"),
    ("serial", "İ-99/ab"), ("container", "CSQU 305 438-3"), ("ip", "8.8.8[.]8"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "written"), WRITTEN)
def test_the_beginning_of_a_value_finds_the_value(scheme: str, written: str) -> None:
    normal = read(scheme, written, "ID")
    assert normal is not None
    assert normal.holds
    first = 6 if "[" in written or "xx" in written else 4
    for size in range(first, len(written) + 1):
        if written[:size].count("[") == written[:size].count("]"):
            patterns = [pattern_of(one.lower(), False) for one in readings(scheme, written[:size] + "*", "ID")]
            assert any(one.fullmatch(normal.value.lower()) for one in patterns), written[:size]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_beginning_is_no_pattern_of_everything(scheme: str) -> None:
    for pattern in ("0811*", "b12?4*", "a\\**", "12*3"):
        for one in readings(scheme, pattern, "ID"):
            assert any(sign.isalnum() for sign in one.split("*")[0]), one


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("0811-12*", ["0811-12*", "+6281112*"]),
        ("+62 811*", ["+62 811*", "+62811*"]),
        ("00 65 9?*", ["00 65 9?*", "+659?*"]),
        ("62811*", ["62811*", "+6262811*", "+62811*"]),
        ("(021)55*", ["(021)55*", "+622155*"]),
        ("(+62)811*", ["(+62)811*", "+62811*"]),
    ],
)
def test_a_phone_begins_as_the_whole_number_is_read(pattern: str, expected: list[str]) -> None:
    assert readings("phone", pattern, "ID") == expected
    assert readings("phone", "020*", "GB") == ["020*", "+4420*"]


@pytest.mark.parametrize("pattern", ["0811*", "+6*", "+62811*", "(021)*", "(+62)811*", "021-5?5*", "0065*", "6281*"])
def test_what_is_written_as_a_phone_begins(pattern: str) -> None:
    assert is_phone(pattern, "ID")


@pytest.mark.parametrize(
    "pattern", ["2026*", "14310*", "3.14*", "08*", "(2026)*", "628*", "peti*", "0811", "B12*", "+*"]
)
def test_a_year_or_an_amount_is_no_phone(pattern: str) -> None:
    assert not is_phone(pattern, "ID")
