"""Are two candidates the same thing? A match, with its score and its reasons as a sentence, or nothing.

Mentions are judged by the evidence that both show, weighed and added up (`pipeline.match.evidence`); texts by what they
tell and how (`pipeline.match.same_event`). What is the same by a key that one thing alone bears needs no comparing: see
`pipeline.match.identity`. Only what both sides show is used, so a match can be shown to whoever may see both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.match.candidate import Candidate
from pipeline.match.evidence import COMPARED, enough, evidence, says, total
from pipeline.match.same_event import PRIOR as EVENT_PRIOR
from pipeline.match.same_event import evidence as event_evidence
from pipeline.match.same_event import same_event
from pipeline.match.text import REPORT_KIND
from pipeline.match.weights import JOIN, PRIOR, probability


@dataclass(frozen=True)
class Match:
    """Two candidates are the same, by `feature`, with a score from 0 to 1 and the reason as a sentence.

    a is the smaller id. The prints say what was compared: once either side has changed, the match is void. `key` is the
    blocking key that it was decided under; a reader for whom too many stand there has no use of it. `report` is the one
    that says so, where a person judged.
    """

    a: str
    a_print: str
    b: str
    b_print: str
    score: float
    feature: str
    says: str
    key: str = ""
    report: str = ""


Finding = tuple[float, str, str]
"""Score, feature, sentence."""


def same_text(a: Candidate, b: Candidate) -> Finding | None:
    return same_event(a.event, b.event) if a.event and b.event else None


def same_mention(a: Candidate, b: Candidate) -> Finding | None:
    """Two mentions of one report are two, whatever they have in common: its author knew."""
    if a.report == b.report:
        return None
    found = enough(a, b)
    if found is None:
        return None
    score = probability(total(found))
    if score < JOIN:
        return None
    speaking = "+".join(dict.fromkeys(one.feature for one in found if one.bits > 0))
    return score, speaking, says(found)


JUDGES: dict[str, Callable[[Candidate, Candidate], Finding | None]] = {
    REPORT_KIND: same_text,
    **dict.fromkeys(COMPARED, same_mention),
}
"""Kind -> how two of it are judged. Kinds that are not here are the same by identifier alone."""


PRIORS = {REPORT_KIND: EVENT_PRIOR, **dict.fromkeys(COMPARED, PRIOR)}
"""Kind -> bits that two of it are the same before anything is compared, for the kinds that are weighed."""


def compare(one: Candidate, other: Candidate) -> Match | None:
    """A match, or nothing where not enough speaks for it. The order of the two does not matter."""
    judge = JUDGES.get(one.kind)
    if judge is None or one.kind != other.kind or one.id == other.id:
        return None
    a, b = (one, other) if one.id < other.id else (other, one)
    finding = judge(a, b)
    if finding is None or finding[0] < JOIN:
        return None
    score, feature, why = finding
    return Match(a.id, a.print, b.id, b.print, round(score, 4), feature, why)


def bits_by_feature(one: Candidate, other: Candidate) -> dict[str, float]:
    """What each feature says of two mentions, in bits. Symmetric."""
    a, b = (one, other) if one.looks < other.looks else (other, one)
    bits = _known.get((a.looks, b.looks))
    if bits is None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        bits = {}
        for found in event_evidence(a.event, b.event) if a.event and b.event else evidence(a, b):
            bits[found.feature] = bits.get(found.feature, 0.0) + found.bits
        _known[a.looks, b.looks] = bits
    if a.report == b.report and not a.identities.keys() & b.identities.keys():
        return {**bits, "one-report": ONE_REPORT}
    return bits


_known: dict[tuple[str, str], dict[str, float]] = {}
"""A cluster asks again whenever it is looked at. Kept by looks alone: what it gives depends on nothing else."""
MOST_KNOWN = 200_000
ONE_REPORT = -20.0
"""Bits: two mentions of one report are two, since its author knew, unless they share what one thing alone bears."""
