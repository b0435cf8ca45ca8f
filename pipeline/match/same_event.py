"""What speaks for and against two reports telling of the same event: a table of features, each a pure function.

Two letters of one form have nearly all their words in common and tell of two events; a form and a story have hardly a
word in common and tell of one. So the facts are weighed beside the text: which of them are in both, and which stand in
the same slot (`a man named _`) with another value. Every feature gives a level; what a level is worth in bits stands in
event.yaml, learned offline. A feature that either side does not show says nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rapidfuzz.distance import OSA

from pipeline.enrich.frequency import information
from pipeline.match.event import Event, Told
from pipeline.match.evidence import Evidence
from pipeline.match.text import SHINGLES, WORDS, likeness
from pipeline.match.weights import JOIN_BITS, probability
from pipeline.shipped import shipped

_TABLE: dict[str, Any] = shipped("pipeline.match", "event")
PRIOR: float = _TABLE["prior"]
BITS: dict[str, dict[str, float]] = _TABLE["features"]
"""feature -> level -> bits."""
COPY = "same-text-copy"
"""What is said to have joined two reports of which one is a copy of the other, be it longer or shorter."""
COPIED = 0.9
"""Share of the shorter text's shingles that the other holds, from which on one is a copy of the other."""
COPY_SCORE = 0.99
"""Copies score from here to 1, all others below: so the strongest matches that hold a cluster together tell which of
its reports are copies of each other."""

Found = tuple[str, str]
"""Level, and how it is told."""


class Pair:
    """Two events, and what several features ask of them, worked out once."""

    def __init__(self, a: Event, b: Event) -> None:
        self.a, self.b = a, b

    @functools.cached_property
    def likeness(self) -> tuple[float, float]:
        """Resemblance and containment of the texts."""
        return likeness(self.a.shingle_hashes, self.b.shingle_hashes, SHINGLES)

    @functools.cached_property
    def little(self) -> bool:
        """Whether one of them tells so little that the words must tell the event. All of next to nothing is in common
        soon, so levels stand in rows of their own then."""
        return self.a.tells_little or self.b.tells_little

    def level(self, name: str) -> str:
        return f"little {name}" if self.little else name

    @functools.cached_property
    def names(self) -> Gone:
        return tuple(tuple(_name_gone(one, there) for one in here.names) for here, there in self._sides)  # type: ignore[return-value]

    @functools.cached_property
    def numbers(self) -> Gone:
        return _values_gone(self.a.numbers, self.b.numbers)

    @functools.cached_property
    def codes(self) -> Gone:
        return _values_gone(self.a.codes, self.b.codes)

    @property
    def agrees(self) -> bool:
        """Whether each text holds every name, number and code of the other."""
        return not any(any(side) for gone in (self.names, self.numbers, self.codes) for side in gone)

    @property
    def _sides(self) -> tuple[tuple[Event, Event], tuple[Event, Event]]:
        return (self.a, self.b), (self.b, self.a)


Gone = tuple[tuple[float, ...], tuple[float, ...]]
"""For each fact of a, and for each of b, how much of it the other does not hold: from 0, all held, to 1."""


def _name_gone(name: Told, other: Event) -> float:
    words = [word for word in name.value.split() if len(word) > 2] or name.value.split()
    gone = sum(telling(word) for word in words if other.has(word) is False and not _misspelt(word, other))
    return gone / sum(map(telling, words)) if gone else 0.0


def _values_gone(ours: Sequence[Told], theirs: Sequence[Told]) -> Gone:
    here, there = [one.value for one in ours], [one.value for one in theirs]
    return tuple(_value_gone(one, there) for one in here), tuple(_value_gone(one, here) for one in there)


def _value_gone(value: str, theirs: Sequence[str]) -> float:
    if value in theirs:
        return 0.0
    return 0.5 if any(_near(value, one) for one in theirs) else 1.0


def _misspelt(word: str, other: Event) -> bool:
    return any(_near(word, one) for one in other.name_words)


def telling(word: str) -> float:
    """What a name's word says, in bits: little where many people or companies bear it."""
    return min(information(word, "person"), information(word, "organisation"))


def _near(one: str, other: str) -> bool:
    """One typing error in something long."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 5:
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1


def text(pair: Pair) -> Iterator[Found]:
    """How like the texts are, where facts speak beside them: whole, where neither tells a fact that the other lacks."""
    if not pair.little:
        level, said = _text(pair)
        yield "whole" if level in ("equal", "copy") and pair.agrees else level, said


def alone(pair: Pair) -> Iterator[Found]:
    """How like they are, where hardly anything else tells the events: then the texts must do it."""
    if pair.little:
        yield _text(pair)


def _text(pair: Pair) -> Found:
    resembling, contained = pair.likeness
    level = next((name for name, least, held in TEXT if resembling >= least or contained >= held), "other")
    if resembling == 1:
        return level, "texts equal"
    if contained >= COPIED and resembling < COPIED:
        return level, f"one text holds {contained:.0%} of the other"
    return level, f"texts {resembling:.0%} the same"


TEXT = (("equal", 0.97, 2), ("copy", 0.85, 0.95), ("near", 0.6, 0.8), ("like", 0.35, 0.55), ("loose", 0.12, 0.25))
"""Level, least resemblance, or least containment."""


def words(pair: Pair) -> Iterator[Found]:
    """Words in common, in whatever order, where facts speak beside them."""
    if not pair.little:
        yield _words(pair)


def words_alone(pair: Pair) -> Iterator[Found]:
    if pair.little:
        yield _words(pair)


def _words(pair: Pair) -> Found:
    resembling, contained = likeness(pair.a.word_list, pair.b.word_list, WORDS)
    level = next((name for name, least, held in COMMON_WORDS if resembling >= least or contained >= held), "few")
    return level, f"{resembling:.0%} of the words in common"


COMMON_WORDS = (("all", 0.9, 0.97), ("most", 0.7, 0.85), ("many", 0.5, 0.7), ("half", 0.35, 0.5), ("some", 0.2, 0.35))
"""Level, least resemblance, or least containment."""


def day(pair: Pair) -> Iterator[Found]:
    """The days that they name; where one names none, when it occurred."""
    ours, theirs = pair.a.days, pair.b.days
    if not ours or not theirs or not (pair.a.dates or pair.b.dates):
        return
    if same := ours & theirs:
        yield ("all" if ours == theirs else "same"), f"same date {min(same)}"
        return
    apart = min(abs((one - other).days) for one in ours for other in theirs)
    yield "next" if apart == 1 else "week" if apart <= 7 else "apart", f"dates {apart} days apart"


def occurred(pair: Pair) -> Iterator[Found]:
    """When it occurred, where both give it: as a moment, or as a day, which begins elsewhere at another moment."""
    ours, theirs = pair.a.occurred, pair.b.occurred
    if not ours or not theirs:
        return
    hours = _hours(ours, theirs)
    if ours.endswith(DAY_ONLY) or theirs.endswith(DAY_ONLY):
        if hours < 24:
            return
        level = "day on" if hours == 24 else "next" if hours <= 36 else "apart"
    else:
        level = "same" if hours <= 1 else "day" if hours < NEXT_DAY else "next" if hours <= 36 else "apart"
    yield level, "same moment" if level == "same" else f"{hours:.0f} hours apart"


DAY_ONLY = tuple(f"T{hour}:00+00:00" for hour in ("00", "17", "16", "15"))
"""Midnight in UTC and in Indonesia's three zones: who knows a day alone writes it so."""
NEXT_DAY = 20
"""Hours from which on something is of the next day."""


def clock(pair: Pair) -> Iterator[Found]:
    if pair.a.times and pair.b.times:
        same = set(pair.a.times) & set(pair.b.times)
        yield ("same", f"same time {min(same)}") if same else ("different", "times differ")


def reported(pair: Pair) -> Iterator[Found]:
    """How long one was reported after the other."""
    days = _hours(pair.a.reported, pair.b.reported) / 24
    level = "days" if days <= 4 else "week" if days <= 10 else "month" if days <= 40 else "long"
    yield level, f"reported {days:.0f} days apart"


def agency(pair: Pair) -> Iterator[Found]:
    """An agency seldom tells of one event in two reports, and often of two in one form: every day, above all where that
    form names little."""
    if pair.a.agency != pair.b.agency:
        yield pair.level("other"), "by two agencies"
    else:
        again = _hours(pair.a.reported, pair.b.reported) >= NEXT_DAY
        yield pair.level("again" if again else "same"), "by one agency" + (" on two days" if again else "")


def kind(pair: Pair) -> Iterator[Found]:
    one, other = sorted((pair.a.kind, pair.b.kind))
    yield ("same", f"both {one}") if one == other else ("other", f"one {one}, one {other}")


def names(pair: Pair) -> Iterator[Found]:
    """Names that the other's text holds, counted from whichever side has more of its own in common."""
    if all(pair.names):
        share = 1 - min(sum(gone) / len(gone) for gone in pair.names)
        both = sorted({one.value for one in pair.a.names} & {one.value for one in pair.b.names})
        alike = "names alike" if share >= HALF else "other names"
        yield pair.level(_share(share)), f"names in common: {', '.join(both[:3])}" if both else alike


def strangers(pair: Pair) -> Iterator[Found]:
    """Names on both sides of which the other text knows nothing: a text that only leaves out has none of its own."""
    if all(pair.names):
        yield pair.level(_apart(min(map(sum, pair.names)))), "each names others"


def numbers(pair: Pair) -> Iterator[Found]:
    here, there = {one.value for one in pair.a.numbers}, {one.value for one in pair.b.numbers}
    if here and there:
        same = len(here & there)
        yield pair.level(_share(same / min(len(here), len(there)))), f"{same} numbers in common"


def codes(pair: Pair) -> Iterator[Found]:
    """Plates, accounts, domains: in common, or of one shape and not the same."""
    here, there = {one.value for one in pair.a.codes}, {one.value for one in pair.b.codes}
    if not here or not there:
        return
    same = here & there
    near = sorted((x, y) for x in here - same for y in there - same if _near(x, y))
    left = {shape(one) for one in here - same} & {shape(one) for one in there - same}
    if same:
        yield "near both" if near else "both" if left else "same", f"same {', '.join(sorted(same)[:2])}"
    elif near:
        yield "near", " and ".join(sorted(near[0])) + " differ by one sign"
    elif left:
        yield "different", "codes differ"


def sums(pair: Pair) -> Iterator[Found]:
    """Numbers and codes on both sides of which the other knows nothing."""
    gone = [numbers + codes for numbers, codes in zip(pair.numbers, pair.codes, strict=True)]
    if all(gone):
        yield pair.level(_apart(min(map(sum, gone)))), "each has numbers of its own"


def refs(pair: Pair) -> Iterator[Found]:
    """Numbers of files. Each agency gives its own, so another one says nothing."""
    if same := {one.value for one in pair.a.refs} & {one.value for one in pair.b.refs}:
        yield "same", f"same file {min(same)}"


def slots(pair: Pair) -> Iterator[Found]:
    """Facts in the same slot of both, of which neither text holds the other's."""
    apart: dict[tuple[str, str], float] = {}
    sorts = {
        "name": (pair.a.names, pair.b.names, pair.names),
        "number": (pair.a.numbers, pair.b.numbers, pair.numbers),
        "code": (pair.a.codes, pair.b.codes, pair.codes),
    }
    for sort, (ours, theirs, gone) in sorts.items():
        here, there = _open(ours, gone[0]), _open(theirs, gone[1])
        apart |= {(sort, slot): min(here[slot], there[slot]) for slot in here.keys() & there.keys()}
    if any(ours for ours, _, _ in sorts.values()) and any(theirs for _, theirs, _ in sorts.values()):
        said = ", ".join(slot for _, slot in sorted(apart)[:3])
        level = pair.level(_apart(sum(apart.values())))
        yield level, f"other values in: {said}"


def _open(facts: Sequence[Told], gone: Sequence[float]) -> dict[str, float]:
    """Slot -> how much of its fact the other text does not hold."""
    found: dict[str, float] = {}
    for fact, missing in zip(facts, gone, strict=True):
        for slot in fact.slots if missing else ():
            found[slot] = max(missing, found.get(slot, 0.0))
    return found


def _apart(number: float) -> str:
    return next((name for name, most in APART if number <= most), "more")


APART = (("none", 0.0), ("half", 0.5), ("one", 1.0), ("two", 2.0))
"""How many facts stand against each other, at most. A name of which one word of two agrees is half a fact."""


def _share(share: float) -> str:
    return next((name for name, least in SHARES if share >= least), "none")


HALF = 0.5
SHARES = (("all", 0.99), ("most", 0.8), ("half", HALF), ("some", 0.2))


def shape(code: str) -> str:
    """What a code looks like: b1234xy and dk77ab are of one shape, and so are two account numbers."""
    if code.isdigit():
        return f"{len(code)} digits"
    signs = "".join(sorted({sign for sign in code if not sign.isalnum()}))
    return f"{signs} {'long' if len(code) > SHORT_CODE else 'short'}"


SHORT_CODE = 9
"""Letters and digits of the longest plate."""


@functools.lru_cache(maxsize=65536)
def _minutes(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) // 60


def _hours(one: str, other: str) -> float:
    return abs(_minutes(one) - _minutes(other)) / 60


FEATURES: dict[str, Callable[[Pair], Iterator[Found]]] = {
    "reported": reported, "day": day, "occurred": occurred, "clock": clock, "codes": codes, "numbers": numbers,
    "agency": agency, "kind": kind, "refs": refs, "text": text, "alone": alone, "words": words,
    "words-alone": words_alone, "sums": sums, "names": names, "strangers": strangers, "slots": slots,
}  # fmt: skip
"""The cheap ones and those that part most come first: see `same_event`."""
MOST = {name: max([0.0, *BITS.get(name, {}).values()]) for name in FEATURES}
"""The most bits that a feature can say for one event."""


def evidence(a: Event, b: Event) -> list[Evidence]:
    """All that speaks for or against."""
    pair = Pair(a, b)
    return [one for name in FEATURES for one in _evidence(name, pair)]


def _evidence(name: str, pair: Pair) -> Iterator[Evidence]:
    for level, says in FEATURES[name](pair):
        yield Evidence(name, level, BITS.get(name, {}).get(level, 0.0), says)


def total(found: Iterable[Evidence]) -> float:
    """Bits that the two tell of one event, all told."""
    return PRIOR + sum(one.bits for one in found)


def same_event(a: Event, b: Event) -> tuple[float, str, str] | None:
    """Score from 0 to 1, feature and sentence; nothing as soon as what is left to be looked at cannot bring the two
    together any more. COPY says that one is a copy of the other, be it longer or shorter, so that the two are one
    source; `same-event` that each tells of it in words of its own. Symmetric."""
    pair = Pair(a, b)
    found: list[Evidence] = []
    bits, left = PRIOR, sum(MOST.values())
    for name in FEATURES:
        left -= MOST[name]
        for one in _evidence(name, pair):
            found.append(one)
            bits += one.bits
        if bits + left < JOIN_BITS:
            return None
    score, contained = probability(bits), pair.likeness[1]
    if contained >= COPIED:
        return COPY_SCORE + (1 - COPY_SCORE) * contained * score, COPY, says(found)
    return min(score, COPY_SCORE - 0.0001), "same-event", says(found)


def says(found: Iterable[Evidence]) -> str:
    """The reasons in words: how like the texts are, then what else speaks for one event, the strongest first, then what
    speaks against."""
    ranked = sorted((one for one in found if one.feature in TOLD), key=lambda one: (-one.bits, one.feature))
    texts = [one.says for one in ranked if one.feature in TEXTS]
    speaking = [one.says for one in ranked if one.feature not in TEXTS | AGAINST and one.bits > 0]
    against = [one.says for one in reversed(ranked) if one.feature not in TEXTS and one.bits < 0]
    return ", ".join(texts + speaking) + (f"; although {', '.join(against)}" if against else "")


TEXTS = frozenset({"text", "alone"})
AGAINST = frozenset({"slots", "strangers", "sums"})
"""Features that are told only where they speak against."""
TOLD = TEXTS | AGAINST | {"day", "occurred", "clock", "names", "numbers", "codes", "refs"}
"""Features that are told as reasons; the others shift the odds and say little to a person."""
