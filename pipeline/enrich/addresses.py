"""Addresses folded to one line in which an abbreviation and its word are the same."""

from __future__ import annotations

from pipeline.enrich.fold import words
from pipeline.enrich.tables import table
from pipeline.report.model import Address

WORDS: dict[str, str] = {str(short): word for short, word in table("address_words").items()}


def address_line(address: Address) -> str:
    """Text, city, postcode and country, folded; empty where the address says nothing.

    Jl. Enim No. 003 and Jalan Enim 3 are one; the city is not told twice where the text ends with it.
    """
    text = _spelt_out(address.text or "")
    city = _spelt_out(address.city or "")
    if text[-len(city) :] == city:
        city = []
    postcode = _without_zeros(words(address.postcode or ""))
    return " ".join(text + city + postcode + words(address.country or ""))


def _spelt_out(text: str) -> list[str]:
    spelt = (WORDS.get(word, word) for word in words(text))
    return _without_zeros([word for word in spelt if word])


def _without_zeros(tokens: list[str]) -> list[str]:
    """RT 003 is RT 3, as people write it."""
    return [token.lstrip("0") or "0" if token.isdigit() else token for token in tokens]
