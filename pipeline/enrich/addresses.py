"""Addresses folded, so that an abbreviation and its word are the same."""

from __future__ import annotations

from pipeline.enrich.fold import words
from pipeline.enrich.model import FoldedAddress
from pipeline.enrich.tables import table
from pipeline.report.model import Address

WORDS: dict[str, str] = {str(short): word for short, word in table("address_words").items()}


def folded_address(address: Address) -> FoldedAddress | None:
    """The address folded; nothing where it says nothing.

    Jl. Enim No. 003 and Jalan Enim 3 are one; the city is not told twice where the text ends with it.
    """
    text = _spelt_out(address.text or "")
    city = _spelt_out(address.city or "")
    if city and text[-len(city) :] == city:
        text = text[: -len(city)]
    postcode = _without_zeros(words(address.postcode or ""))
    parts = {"text": text, "city": city, "postcode": postcode, "country": words(address.country or "")}
    return FoldedAddress(**{name: " ".join(part) for name, part in parts.items()}) if any(parts.values()) else None


def _spelt_out(text: str) -> list[str]:
    spelt = (WORDS.get(word, word) for word in words(text))
    return _without_zeros([word for word in spelt if word])


def _without_zeros(tokens: list[str]) -> list[str]:
    """RT 003 is RT 3, as people write it."""
    return [token.lstrip("0") or "0" if token.isdigit() else token for token in tokens]
