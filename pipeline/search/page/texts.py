"""All that the page says, in Indonesian and English: one table, texts.yaml, and CLDR's names of countries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from babel import Locale

from pipeline.shipped import shipped

LANGUAGES = ("id", "en")
Says = Callable[..., str]
"""A text by its key, with what stands in its braces: `says("hits", count=3)`."""


@cache
def texts() -> dict[str, dict[str, str]]:
    """key -> language -> text."""
    read = shipped("pipeline.search.page", "texts")
    return {key: {language: str(text) for language, text in said.items()} for key, said in read.items()}


def says_in(language: str) -> Says:
    """The texts of a language. An unknown key is a mistake of ours, and raises KeyError."""

    def says(key: str, **values: object) -> str:
        one = f"{key}.one"
        text = texts()[one if values.get("count") == 1 and one in texts() else key][language]
        said = {name: number(language, value) if isinstance(value, int) else value for name, value in values.items()}
        return text.format(**said) if values else text

    return says


def number(language: str, value: int) -> str:
    """With thousands set apart, as the language does it."""
    return f"{value:,}".replace(",", "." if language == "id" else ",")


def called(language: str, group: str, value: object) -> str:
    """A value of one of our tables in words (`kind`, `tlp`, `source` …), or a `country` by its code. What has no words
    of its own, as it is."""
    if group == "country":
        return _countries(language).get(str(value), str(value))
    known = texts().get(f"{group}.{value}")
    return known[language] if known else str(value).replace("-", " ").replace("_", " ")


@cache
def _countries(language: str) -> dict[str, str]:
    """Code -> name."""
    return dict(Locale.parse(language).territories)


def words(group: str) -> list[str]:
    """The values of a group that have words of their own."""
    return [key.partition(".")[2] for key in texts() if key.startswith(f"{group}.")]
