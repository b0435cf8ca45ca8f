"""Are two candidates the same thing? A table of features, each a pure function giving a score and a sentence.

What is the same by a key that one thing alone bears needs no comparing: see `pipeline.match.identity`.

Only what both sides show is used, so a match can be shown to whoever may see both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import JaroWinkler

from pipeline.enrich.warning import is_common
from pipeline.match.candidate import Candidate
from pipeline.match.identity import ACTORS
from pipeline.match.text import REPORT_KIND, resemblance

JOIN = 0.8
"""From this score on two candidates are taken for the same."""
NEAR_NAME = 0.93
"""Jaro-Winkler of names with their tokens sorted. Below, siblings and strangers begin to be joined."""
NEAR_TEXT = 0.6
"""Jaccard of word shingles. A text with one sentence in five reworded stays above."""
SAME_EVENT_DAYS = 7
"""Equal texts about days further apart are a form letter, not one event."""


@dataclass(frozen=True)
class Match:
    """Two candidates are the same, by `feature`, with a score from 0 to 1 and the reason as a sentence.

    a is the smaller id. The prints say what was compared: once either side has changed, the match is void.
    """

    a: str
    a_print: str
    b: str
    b_print: str
    score: float
    feature: str
    says: str


Finding = tuple[float, str]


def same_contact_and_name(a: Candidate, b: Candidate) -> Finding | None:
    """A phone or an account is shared in a household; with the same name it is the same person."""
    likeness = _name_likeness(a, b)
    if likeness < NEAR_NAME:
        return None
    for scheme, value in _shared_identifiers(a, b):
        return 0.95 * likeness, f"same {scheme} {value} and {_names(likeness)}"
    return None


def same_name_and_birth_date(a: Candidate, b: Candidate) -> Finding | None:
    if not a.birth_date or a.birth_date != b.birth_date or len(a.birth_date) < len("YYYY-MM-DD"):
        return None
    if a.report == b.report or is_common("birth-date", a.birth_date):
        return None
    likeness = _name_likeness(a, b)
    return (0.95 * likeness, f"{_names(likeness)}, born {a.birth_date}") if likeness >= NEAR_NAME else None


def same_text(a: Candidate, b: Candidate) -> Finding | None:
    if a.occurred and b.occurred:
        apart = abs((date.fromisoformat(a.occurred) - date.fromisoformat(b.occurred)).days)
        if apart > SAME_EVENT_DAYS:
            return None
    likeness = resemblance(a.sketch, b.sketch)
    if likeness < NEAR_TEXT:
        return None
    word = "equal" if likeness == 1.0 else f"{likeness:.0%} the same"
    return JOIN + (1 - JOIN) * likeness, f"texts {word}"


FEATURES: tuple[tuple[str, tuple[str, ...], Callable[[Candidate, Candidate], Finding | None]], ...] = (
    ("same-contact-and-name", ACTORS, same_contact_and_name),
    ("same-name-and-birth-date", ("person",), same_name_and_birth_date),
    ("same-text", (REPORT_KIND,), same_text),
)
"""Name, the kinds it speaks of, and how it is judged. The strongest finding decides; the first among equals."""


def compare(one: Candidate, other: Candidate) -> Match | None:
    """A match, or nothing where no feature is sure enough. The order of the two does not matter."""
    if one.kind != other.kind or one.id == other.id:
        return None
    a, b = (one, other) if one.id < other.id else (other, one)
    best: tuple[float, str, str] | None = None
    for feature, kinds, judge in FEATURES:
        finding = judge(a, b) if a.kind in kinds else None
        if finding and finding[0] >= JOIN and (best is None or finding[0] > best[0]):
            best = (round(finding[0], 4), feature, finding[1])
    if best is None:
        return None
    return Match(a.id, a.print, b.id, b.print, *best)


def _shared_identifiers(a: Candidate, b: Candidate) -> list[tuple[str, str]]:
    pairs = (tuple(one.split(":", 1)) for one in sorted(set(a.identifiers) & set(b.identifiers)))
    return [(scheme, value) for scheme, value in pairs if not is_common(scheme, value)]


def _name_likeness(a: Candidate, b: Candidate) -> float:
    """The best Jaro-Winkler over both sides' names, their tokens sorted; 0.0 to 1.0."""
    ours, theirs = ([" ".join(sorted(name.split())) for name in side.names] for side in (a, b))
    return max((JaroWinkler.similarity(here, there) for here in ours for there in theirs), default=0.0)


def _names(likeness: float) -> str:
    return "same name" if likeness == 1.0 else f"names {likeness:.0%} alike"
