"""What two reports are compared by: what a text tells (dates, times, numbers, codes, names), and how it says it.

Bounded in size whatever the report's: a candidate goes through Kafka once under each of its blocking keys.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipeline.enrich.facts import structured_words
from pipeline.enrich.model import Enriched, Fact
from pipeline.enrich.tables import table, words_of
from pipeline.match.text import SHINGLES, WORDS, hashed, known_to, shingles, sketch, unpacked

MOST = {"date": 6, "time": 6, "number": 12, "code": 8, "ref": 3, "name": 16}
"""Facts of each kind that are kept, the first ones."""
OFFICES = words_of(table("text_words")["offices"])
"""First words of names of offices and officers. Who writes or speaks differs from telling to telling of one event."""
VALUE, BESIDE = 32, 10
"""Letters kept of a fact, and of the words beside it."""


@dataclass(frozen=True)
class Told:
    """A fact as it is compared: see `pipeline.enrich.model.Fact`."""

    value: str
    before: str = ""
    after: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """The words beside it that tell which fact it is: two values in one slot are two values of one thing."""
        return tuple(slot for slot in (self.before and f"{self.before} _", self.after and f"_ {self.after}") if slot)


@dataclass(frozen=True)
class Event:
    """What a report tells of an event. reported, occurred: RFC 3339 to the minute, occurred empty where it is not told;
    shingles, words: sketches of the text, the words with those of the fields."""

    agency: str
    kind: str
    reported: str
    occurred: str
    shingles: str
    words: str
    dates: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    numbers: tuple[Told, ...] = ()
    codes: tuple[Told, ...] = ()
    refs: tuple[Told, ...] = ()
    names: tuple[Told, ...] = ()

    @functools.cached_property
    def shingle_hashes(self) -> tuple[int, ...]:
        return unpacked(self.shingles)

    @functools.cached_property
    def word_list(self) -> tuple[int, ...]:
        return unpacked(self.words)

    @functools.cached_property
    def word_hashes(self) -> frozenset[int]:
        return frozenset(self.word_list)

    @functools.cached_property
    def words_reach(self) -> int:
        return known_to(self.word_list, WORDS)

    @functools.cached_property
    def name_words(self) -> frozenset[str]:
        return frozenset(word for name in self.names for word in name.value.split())

    @property
    def tells_little(self) -> bool:
        """Whether it names so little that a date and a place would be all of it."""
        return len(self.names) + len(self.numbers) + len(self.codes) < FEW

    @functools.cached_property
    def days(self) -> frozenset[date]:
        """The days that its text names with their year, or where it names none, when it occurred: in UTC, and in
        Indonesia."""
        told = frozenset(date.fromisoformat(one) for one in self.dates if one[0] != "-" and _is_day(one))
        if told or not self.occurred:
            return told
        moment = datetime.fromisoformat(self.occurred)
        return frozenset({moment.date(), (moment + EAST).date()})

    def has(self, word: str) -> bool | None:
        """Whether its text or its fields hold this word; nothing where the sketch does not reach so far."""
        one = hashed(word)
        return one in self.word_hashes if one <= self.words_reach else None

    def to_json(self) -> list[Any]:
        # Not dataclasses.astuple, which copies deeply at ten times the cost.
        facts = (self.numbers, self.codes, self.refs, self.names)
        return [
            *(getattr(self, name) for name in PLAIN),
            *([(one.value, one.before, one.after) for one in kind] for kind in facts),
        ]

    @classmethod
    def from_json(cls, values: list[Any]) -> Event:
        *plain, dates, times, numbers, codes, refs, names = values
        facts = (tuple(Told(*one) for one in kind) for kind in (numbers, codes, refs, names))
        return cls(*plain, tuple(dates), tuple(times), *facts)  # type: ignore[call-arg]


PLAIN = tuple(one.name for one in fields(Event))[:-4]
"""Its fields but the last four, which hold what is told."""
FEW = 3
"""Names, numbers and codes below which a text's words must tell the event."""
EAST = timedelta(hours=9)
"""Indonesia's last zone: what occurred at 20:00Z is told there with the next day's date."""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def event(enriched: Enriched) -> Event | None:
    """What is compared of a report; nothing where it has no narrative, or one too short to tell: a title alone is a
    form's as often as an event's."""
    report = enriched.report
    runs = shingles(enriched.words)
    if not runs:
        return None
    occurred = report.occurred.from_ or report.occurred.to if report.occurred else None
    kept = {kind: list(_kept(enriched.facts, kind)) for kind in MOST}
    return Event(
        report.agency,
        report.kind,
        _minute(report.reported_at),
        _minute(occurred) if occurred else "",
        sketch(runs, SHINGLES),
        sketch([*enriched.words, *structured_words(report)], WORDS),
        tuple(sorted(one.value for one in kept["date"])),
        tuple(sorted(one.value for one in kept["time"])),
        tuple(kept["number"]),
        tuple(kept["code"]),
        tuple(kept["ref"]),
        tuple(kept["name"]),
    )


def _kept(facts: Iterable[Fact], kind: str) -> Iterator[Told]:
    of_kind = [fact for fact in facts if fact.kind == kind and fact.value.split()[0] not in OFFICES]
    for fact in of_kind[: MOST[kind]]:
        yield Told(fact.value[:VALUE], fact.before[:BESIDE], fact.after[:BESIDE])


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M+00:00")
