"""What speaks for and against two reports telling of the same event: a table of features, each a pure function.

Two letters of one form have nearly all their words in common and tell of two events; a form and a story have hardly a
word in common and tell of one. So the facts are weighed beside the text: which of them are in both, and which stand in
the same slot (`a man named _`) with another value. Every feature gives a level; what a level is worth in bits stands in
event.yaml, learned offline. A feature that either side does not show says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz.distance import OSA

from pipeline.enrich.frequency import information
from pipeline.match.event import Event, Told
from pipeline.match.evidence import Evidence
from pipeline.match.text import SHINGLES, WORDS, likeness
from pipeline.match.weights import JOIN, probability

_TABLE: dict[str, Any] = yaml.safe_load(files("pipeline.match").joinpath("event.yaml").read_text(encoding="utf-8"))
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


def text(a: Event, b: Event) -> Iterator[Found]:
    """How like the texts are, where facts speak beside them."""
    if not _alone(a, b):
        yield _text(a, b)


def alone(a: Event, b: Event) -> Iterator[Found]:
    """How like they are, where hardly anything else tells the events: then the texts must do it."""
    if _alone(a, b):
        yield _text(a, b)


def _alone(a: Event, b: Event) -> bool:
    return a.tells_little or b.tells_little


def _text(a: Event, b: Event) -> Found:
    resembling, contained = likeness(a.shingle_hashes, b.shingle_hashes, SHINGLES)
    level = next((name for name, least, held in TEXT if resembling >= least or contained >= held), "other")
    if resembling == 1:
        return level, "texts equal"
    if contained >= COPIED and resembling < COPIED:
        return level, f"one text holds {contained:.0%} of the other"
    return level, f"texts {resembling:.0%} the same"


TEXT = (("equal", 0.97, 2), ("copy", 0.85, 0.95), ("near", 0.6, 0.8), ("like", 0.35, 0.55), ("loose", 0.12, 0.25))
"""Level, least resemblance, or least containment."""


def words(a: Event, b: Event) -> Iterator[Found]:
    """Words in common, in whatever order, where facts speak beside them."""
    if not _alone(a, b):
        yield _words(a, b)


def words_alone(a: Event, b: Event) -> Iterator[Found]:
    if _alone(a, b):
        yield _words(a, b)


def _words(a: Event, b: Event) -> Found:
    resembling, contained = likeness(a.word_list, b.word_list, WORDS)
    level = next((name for name, least, held in COMMON_WORDS if resembling >= least or contained >= held), "few")
    return level, f"{resembling:.0%} of the words in common"


COMMON_WORDS = (("all", 0.9, 0.97), ("most", 0.7, 0.85), ("many", 0.5, 0.7), ("half", 0.35, 0.5), ("some", 0.2, 0.35))
"""Level, least resemblance, or least containment."""


def day(a: Event, b: Event) -> Iterator[Found]:
    """The days that they name, or when it occurred."""
    if not a.days or not b.days:
        return
    if same := a.days & b.days:
        yield ("all" if a.days == b.days else "same"), f"same date {min(same)}"
        return
    apart = min(abs((one - other).days) for one in a.days for other in b.days)
    level = "next" if apart == 1 else "week" if apart <= 7 else "apart"
    yield level, f"dates {apart} days apart"


def occurred(a: Event, b: Event) -> Iterator[Found]:
    """When it occurred, where both give a moment."""
    if a.occurred and b.occurred:
        hours = _hours(a.occurred, b.occurred)
        level = "same" if hours <= 1 else "day" if hours < 20 else "next" if hours <= 36 else "apart"
        yield level, "same moment" if level == "same" else f"{hours:.0f} hours apart"


def clock(a: Event, b: Event) -> Iterator[Found]:
    if a.times and b.times:
        same = set(a.times) & set(b.times)
        yield ("same", f"same time {min(same)}") if same else ("different", "times differ")


def reported(a: Event, b: Event) -> Iterator[Found]:
    """How long one was reported after the other."""
    days = _hours(a.reported, b.reported) / 24
    level = "days" if days <= 4 else "week" if days <= 10 else "month" if days <= 40 else "long"
    yield level, f"reported {days:.0f} days apart"


def agency(a: Event, b: Event) -> Iterator[Found]:
    """An agency seldom tells of one event in two reports, and often of two in one form."""
    yield ("same", "by one agency") if a.agency == b.agency else ("other", "by two agencies")


def kind(a: Event, b: Event) -> Iterator[Found]:
    yield ("same", f"both {a.kind}") if a.kind == b.kind else ("other", f"one {min(a.kind, b.kind)}, one {max(a.kind, b.kind)}")


def names(a: Event, b: Event) -> Iterator[Found]:
    """Names that the other's text holds, counted from whichever side has more of its own in common."""
    if a.names and b.names:
        here, there = (sum(_missing("name", a, b)), len(a.names)), (sum(_missing("name", b, a)), len(b.names))
        share = 1 - min(gone / number for gone, number in (here, there))
        both = sorted({one.value for one in a.names} & {one.value for one in b.names})
        says = f"names in common: {', '.join(both[:3])}" if both else "names alike" if share > 0.5 else "other names"
        yield _little(_share(share), a, b), says


def numbers(a: Event, b: Event) -> Iterator[Found]:
    here, there = {one.value for one in a.numbers}, {one.value for one in b.numbers}
    if here and there:
        same = here & there
        yield _little(_share(len(same) / min(len(here), len(there))), a, b), f"{len(same)} numbers in common"


def codes(a: Event, b: Event) -> Iterator[Found]:
    """Plates, accounts, domains: in common, or of one shape and not the same."""
    here, there = {one.value for one in a.codes}, {one.value for one in b.codes}
    if not here or not there:
        return
    same = here & there
    near = sorted((x, y) for x in here - same for y in there - same if _near(x, y))
    left = {shape(one) for one in here - same} & {shape(one) for one in there - same}
    if same:
        yield ("near both" if near else "both" if left else "same"), f"same {', '.join(sorted(same)[:2])}"
    elif near:
        yield "near", f"{near[0][0]} and {near[0][1]} differ by one sign"
    elif left:
        yield "different", "codes differ"


def refs(a: Event, b: Event) -> Iterator[Found]:
    """Numbers of files. Each agency gives its own, so another one says little."""
    here, there = {one.value for one in a.refs}, {one.value for one in b.refs}
    if here and there:
        same = here & there
        if same:
            yield "same", f"same file {min(same)}"


def strangers(a: Event, b: Event) -> Iterator[Found]:
    """Names on both sides of which the other text knows nothing: a text that only leaves out has none of its own."""
    if a.names and b.names:
        yield _little(_apart(min(sum(_missing("name", a, b)), sum(_missing("name", b, a)))), a, b), "each names others"


def sums(a: Event, b: Event) -> Iterator[Found]:
    """The same of numbers and codes."""
    gone = [_missing("number", x, y) + _missing("code", x, y) for x, y in ((a, b), (b, a))]
    if all(gone):
        yield _little(_apart(min(map(sum, gone))), a, b), "each has numbers of its own"


def slots(a: Event, b: Event) -> Iterator[Found]:
    """Facts in the same slot of both, of which neither text holds the other's."""
    apart: dict[tuple[str, str], float] = {}
    for sort, ours, theirs in (("name", a.names, b.names), ("number", a.numbers, b.numbers), ("code", a.codes, b.codes)):
        here, there = _open(sort, ours, b), _open(sort, theirs, a)
        for slot in here.keys() & there.keys():
            apart[sort, slot] = min(here[slot], there[slot])
    if not (a.names or a.numbers or a.codes) or not (b.names or b.numbers or b.codes):
        return
    said = ", ".join(slot for _, slot in sorted(apart)[:3])
    yield _little(_apart(sum(apart.values())), a, b), f"other values in: {said}" if apart else "no fact with another value"


def _little(level: str, a: Event, b: Event) -> str:
    """All of next to nothing is in common soon: where one tells little, levels stand in rows of their own."""
    return f"little {level}" if _alone(a, b) else level


def _apart(number: float) -> str:
    return next((name for name, most in APART if number <= most), "more")


APART = (("none", 0.0), ("half", 0.5), ("one", 1.0), ("two", 2.0))
"""How many facts stand against each other, at most. A name of which one word of two agrees is half a fact."""


def _open(sort: str, facts: Iterable[Told], other: Event) -> dict[str, float]:
    """Slot -> how much of its fact the other text does not hold."""
    found: dict[str, float] = {}
    for fact in facts:
        gone = _gone(sort, fact, other)
        for slot in fact.slots if gone else ():
            found[slot] = max(gone, found.get(slot, 0.0))
    return found


def _missing(sort: str, of: Event, other: Event) -> list[float]:
    """How much of each fact the other text does not hold."""
    facts = {"name": of.names, "number": of.numbers, "code": of.codes}[sort]
    return [_gone(sort, fact, other) for fact in facts]


def _gone(sort: str, fact: Told, other: Event) -> float:
    if sort == "name":
        words = [word for word in fact.value.split() if len(word) > 2] or fact.value.split()
        gone = sum(telling(word) for word in words if other.has(word) is False and not _misspelt(word, other))
        return gone / sum(map(telling, words))
    theirs = [one.value for one in (other.numbers if sort == "number" else other.codes)]
    if fact.value in theirs:
        return 0.0
    return 0.5 if any(_near(fact.value, one) for one in theirs) else 1.0


def _misspelt(word: str, other: Event) -> bool:
    return any(_near(word, one) for one in other.name_words)


def telling(word: str) -> float:
    """What a name's word says, in bits: little where many people or companies bear it."""
    return min(information(word, "person"), information(word, "organisation"))


def _near(one: str, other: str) -> bool:
    """One typing error in something long."""
    return min(len(one), len(other)) >= 5 and OSA.distance(one, other, score_cutoff=1) <= 1


SHARES = (("all", 0.99), ("most", 0.8), ("half", 0.5), ("some", 0.2))


def _share(share: float) -> str:
    return next((name for name, least in SHARES if share >= least), "none")


def shape(code: str) -> str:
    """What a code looks like: b1234xy and dk77ab are of one shape, and so are two account numbers."""
    if code.isdigit():
        return f"{len(code)} digits"
    signs = "".join(sorted({sign for sign in code if not sign.isalnum()}))
    return f"{signs} {'long' if len(code) > SHORT_CODE else 'short'}"


SHORT_CODE = 9
"""Letters and digits of the longest plate."""


def _hours(one: str, other: str) -> float:
    return abs((datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds()) / 3600


FEATURES: dict[str, Callable[[Event, Event], Iterator[Found]]] = {
    "text": text, "words": words, "alone": alone, "words-alone": words_alone, "day": day, "occurred": occurred, "clock": clock, "reported": reported, "agency": agency,
    "kind": kind, "names": names, "numbers": numbers, "codes": codes, "refs": refs, "slots": slots,
    "strangers": strangers, "sums": sums,
}  # fmt: skip


def evidence(a: Event, b: Event) -> list[Evidence]:
    return [
        Evidence(name, level, BITS.get(name, {}).get(level, 0.0), says)
        for name, feature in FEATURES.items()
        for level, says in feature(a, b)
    ]


def total(found: Iterable[Evidence]) -> float:
    """Bits that the two tell of one event, all told."""
    return PRIOR + sum(one.bits for one in found)


def same_event(a: Event, b: Event) -> tuple[float, str, str]:
    """Score from 0 to 1, feature and sentence. COPY says that one is a copy of the other, be it longer or
    shorter, so that the two are one source; `same-event` that each tells of it in words of its own."""
    found = evidence(a, b)
    bits = {one.feature: one.bits for one in found}
    score = probability(total(found))
    speaking = [one.says for one in found if one.feature in TEXTS or (bits[one.feature] > 0 and one.feature in TOLD)]
    against = [one.says for one in found if one.feature not in TEXTS and bits[one.feature] < 0 and one.feature in TOLD]
    says = ", ".join(speaking) + (f"; although {', '.join(against)}" if against else "")
    _, contained = likeness(a.shingle_hashes, b.shingle_hashes, SHINGLES)
    if score >= JOIN and contained >= COPIED:
        return COPY_SCORE + (1 - COPY_SCORE) * contained * score, COPY, says
    return min(score, COPY_SCORE - 0.0001), "same-event", says


TEXTS = frozenset({"text", "alone"})
TOLD = frozenset({"day", "occurred", "clock", "names", "numbers", "codes", "refs", "slots", "strangers", "sums"})
"""Features that are told as reasons, beside the text's; the others shift the odds and say little to a person."""
