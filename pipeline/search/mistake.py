"""A mistake in a query, with its place and what to write instead, so that a page can underline it."""

from __future__ import annotations

from pipeline.errors import WrongUse


class Mistake(WrongUse):
    """What was written cannot be read.

    at: which character is meant, counted from 0, or the length of the text where something is missing at its end; None
    where it is the whole. suggestion: what to write, for a person.
    """

    def __init__(self, said: str, at: int | None, suggestion: str, *, whole: bool = False) -> None:
        """`whole`: `said` already tells the place and the suggestion."""
        super().__init__(said if whole else f"{said}{'' if at is None else f' (character {at + 1})'}; {suggestion}")
        self.at = at
        self.suggestion = suggestion
