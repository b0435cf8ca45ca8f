"""A mistake in a question, with its place and what to write instead, so that a page can underline it and say it in its
reader's language. What is said stands in mistakes.yaml."""

from __future__ import annotations

from functools import cache

from pipeline.errors import WrongUse
from pipeline.shipped import shipped

PLACE = {"en": " (character {})", "id": " (karakter {})"}


@cache
def texts() -> dict[str, dict[str, list[str]]]:
    """key -> language -> what is wrong, what to write."""
    read: dict[str, dict[str, list[str]]] = shipped("pipeline.search", "mistakes")
    return read


class Mistake(WrongUse):
    """What was written cannot be read. As an error it is told in English.

    key, values: of what is said (mistakes.yaml), and what is filled in. at: which character is meant, counted from 0,
    or the length of the text where something is missing at its end; None where it is the whole. suggestion: what to
    write, for a person.
    """

    def __init__(self, key: str, at: int | None = None, **values: str | int) -> None:
        self.key, self.at, self.values = key, at, values
        self.suggestion = self._parts("en")[1]
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """The whole in one line: what is wrong, where, and what to write."""
        said, write = self._parts(language)
        return f"{said}{'' if self.at is None else PLACE[language].format(self.at + 1)}; {write}"

    def placed(self, at: int) -> Mistake:
        """The same, at this place of a query."""
        return Mistake(self.key, at, **self.values)

    def _parts(self, language: str) -> list[str]:
        point = "," if language == "en" else "."
        values = {
            name: f"{value:,}".replace(",", point) if isinstance(value, int) else value
            for name, value in self.values.items()
        }
        return [text.format(**values) for text in texts()[self.key][language]]
