"""Blocking keys of reports: what they tell where that is rare, and how they tell it.

A form and a story of one event share no run of words, so they meet under a fact: a code, or a name or a sum on a day.
Two texts without a fact in common meet under bands of their shingles. What is common stands in a shipped table.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.enrich.tables import table, words_of
from pipeline.enrich.warning import is_common
from pipeline.match.event import Event
from pipeline.match.text import bands, hashed

COMMON = words_of(table("text_words")["common"])
CODES, NAMES, SUMS, DAYS = 4, 4, 2, 2
"""Keys at most of codes, and of names and sums on each of so many days."""
BANDS, WORD_BANDS = 6, 10
"""Bands of a text's shingles; and of its words, where it has hardly a fact to meet under."""
TELLING_SUM = 3
"""Digits other than zeros at the end from which on a number tells something: 1 250 000 has three, 40 has one."""


def event_keys(event: Event) -> Iterator[str]:
    """The keys, each with its rank: those that fewest share come first."""
    yield from _codes(event)
    yield from _on_days(event)
    yield from (f"2|text|{band}" for band in bands(event.shingle_hashes, BANDS))
    if event.tells_little:
        yield from (f"3|words|{band}" for band in bands(event.word_list, WORD_BANDS))


def _codes(event: Event) -> Iterator[str]:
    codes = sorted({one.value for one in event.codes if not is_common("number", one.value)}, key=hashed)
    yield from (f"0|code|{code}" for code in codes[:CODES])


def _on_days(event: Event) -> Iterator[str]:
    """Of all its names and sums those of the smallest hashes, so that two tellings choose alike."""
    names = sorted({word for word in event.name_words if len(word) > 2 and word not in COMMON}, key=hashed)
    sums = sorted({one.value for one in event.numbers if len(one.value.rstrip("0")) >= TELLING_SUM}, key=hashed)
    for day in sorted(event.days)[:DAYS]:
        yield from (f"1|told|{day}|{one}" for one in (*names[:NAMES], *sums[:SUMS]))
