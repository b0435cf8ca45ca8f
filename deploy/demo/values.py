"""Seeded values in valid forms that nobody bears, as far as that can be had.

Phones stand under +62 84…, given to no operator; IMO numbers begin with 2, containers with the owner GBGU, which do not
exist; domains end in .example; addresses of the network are of 198.18.0.0/15 (RFC 2544, for tests).
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta

from stdnum import iso6346, luhn

from deploy.demo import words

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
REGENCIES = ("317101", "317201", "327301", "337401", "357801", "127101", "367101", "517101", "647101", "737101")
"""The first six digits of a NIK: real districts, since the form asks for them."""


class Values:
    """A stream of values that follows from the seed and the section alone. No value comes twice."""

    def __init__(self, seed: int, section: str) -> None:
        self.random = random.Random(f"{seed}/{section}")
        self._given: set[str] = set()

    def pick(self, choices: tuple[str, ...]) -> str:
        return self.random.choice(choices)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def _fresh(self, make: Callable[[], str]) -> str:
        while True:
            value = make()
            if value not in self._given:
                self._given.add(value)
                return value

    def digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def phone(self) -> str:
        return self._fresh(lambda: f"+6284{self.number(1, 9)}{self.digits(8)}")

    def birth_date(self) -> str:
        return (date(1962, 1, 2) + timedelta(days=self.number(0, 15200))).isoformat()

    def nik(self, birth_date: str, woman: bool = False) -> str:
        year, month, day = birth_date.split("-")
        day = f"{int(day) + 40 * woman:02}"
        return self._fresh(lambda: f"{self.pick(REGENCIES)}{day}{month}{year[2:]}9{self.digits(3)}")

    def passport(self) -> str:
        return self._fresh(lambda: f"{self.pick(('E', 'X', 'C'))}{self.digits(7)}")

    def plate(self, city: str) -> str:
        letters = self.pick
        end = f"Q{letters(tuple(_LETTERS))}{letters(('X', 'Z', 'V'))}"
        return self._fresh(lambda: f"{words.PLATES.get(city, 'B')} {self.number(1001, 9899)} {end}")

    def imo(self) -> str:
        def make() -> str:
            first = "2" + self.digits(5)
            return first + str(sum(int(digit) * (7 - at) for at, digit in enumerate(first)) % 10)

        return self._fresh(make)

    def container(self) -> str:
        def make() -> str:
            first = f"GBGU{self.digits(6)}"
            return first + str(iso6346.calc_check_digit(first))

        return self._fresh(make)

    def npwp(self) -> str:
        """15 digits: nine with a check digit, the tax office, the branch."""

        def make() -> str:
            first = f"0{self.number(1, 3)}{self.digits(6)}"
            return f"{first}{luhn.calc_check_digit(first)}{self.number(101, 899)}000"

        return self._fresh(make)

    def account(self) -> str:
        return self._fresh(lambda: f"88{self.digits(10)}")

    def wallet(self) -> str:
        return self._fresh(lambda: f"T{''.join(self.random.choice(_BASE58) for _ in range(33))}")

    def ether(self) -> str:
        return self._fresh(lambda: f"0x{self.random.getrandbits(160):040x}")

    def ip(self) -> str:
        return self._fresh(lambda: f"198.{self.number(18, 19)}.{self.number(1, 254)}.{self.number(2, 253)}")

    def sha256(self) -> str:
        return f"{self.random.getrandbits(256):064x}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def person(self) -> str:
        return self._fresh(lambda: f"{self.pick(words.GIVEN)} {self.pick(words.MIDDLE)} {self.pick(words.FAMILY)}")

    def foreigner(self) -> tuple[str, str]:
        """Name and nationality."""

        def make() -> str:
            nationality = self.pick(tuple(words.ABROAD))
            given, family = words.ABROAD[nationality]
            return f"{nationality}|{self.pick(given)} {self.pick(tuple(_LETTERS))}. {self.pick(family)}"

        nationality, _, name = self._fresh(make).partition("|")
        return name, nationality

    def company(self) -> str:
        first, second, third = words.FIRM_FIRST, words.FIRM_SECOND, words.FIRM_THIRD
        return self._fresh(lambda: f"PT {self.pick(first)} {self.pick(second)} {self.pick(third)}")

    def domain(self) -> str:
        return self._fresh(
            lambda: f"{self.pick(words.SITE_FIRST)}-{self.pick(words.SITE_SECOND)}{self.number(2, 99)}.example"
        )

    def street(self) -> str:
        return self._fresh(lambda: f"Jl. {self.pick(words.STREETS)} No. {self.number(2, 198)}")
