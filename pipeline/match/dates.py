"""How two birth dates agree, each of which may be partial, mistyped, or have day and month swapped."""

from __future__ import annotations

import functools

from rapidfuzz.distance import OSA

WHOLE = len("YYYY-MM-DD")
NO_DAY = "-01-01"
"""What registers write for a date of which only the year is known."""


@functools.lru_cache(maxsize=65536)
def date_level(one: str, other: str) -> str:
    """A row of the weights' table. Dates as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Symmetric.

    same; swapped (day and month); typo (one digit, or two neighbours); two-parts (of three); same-month and same-year
    (as far as the shorter one says); year-only (the years of two whole dates); different.
    """
    if one == other and len(one) == WHOLE:
        return "same-year" if one.endswith(NO_DAY) else "same"
    if one[:4] == other[:4] and (one.endswith(NO_DAY) or other.endswith(NO_DAY)):
        return "same-year"
    shortest = min(len(one), len(other))
    if shortest < WHOLE:
        if one[:shortest] != other[:shortest]:
            return "typo-year" if OSA.distance(one[:4], other[:4]) == 1 else "different"
        return "same-month" if shortest > len("YYYY") else "same-year"
    (year, month, day), (other_year, other_month, other_day) = one.split("-"), other.split("-")
    if year == other_year and (month, day) == (other_day, other_month):
        return "swapped"
    if OSA.distance(one, other) == 1:
        return "typo"
    if (year == other_year) + (month == other_month) + (day == other_day) == 2:
        return "two-parts"
    return "year-only" if year == other_year else "different"
