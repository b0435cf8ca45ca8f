"""Learn the weights of pipeline/match/event.yaml, offline, from invented reports whose events are known.

Features hang together (a copy has all its numbers in common), so counting each alone would count twice: logistic
regression weighs them beside each other, shrunk toward nothing, one weight after another by Newton's step. The reports
are of the vocabulary `tune` and of seeds that nothing is measured on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from math import exp, log
from pathlib import Path

import yaml

from pipeline.bench.events import Telling, tellings
from pipeline.enrich.enrich import enrich, load_reference
from pipeline.match.candidate import Candidate, of_report
from pipeline.match.same_event import evidence
from pipeline.match.weights import JOIN_BITS
from pipeline.report.model import Report

TABLE = Path(str(files("pipeline.match").joinpath("event.yaml")))
SEEDS, SIZE = (101, 102), 5000
ROUNDS, SHRINK, MOST_STEP = 60, 2.0, 2.0
"""Rounds over all weights; how strongly each is drawn to nothing, in pairs; and how far one moves at once."""
WRONG = 3
Level = tuple[str, str]
"""Feature and level."""
PRIOR: Level = ("", "")


def candidates(told: Sequence[Telling]) -> list[Candidate]:
    """The candidates of tellings, in their order, whoever sees them whole."""
    reference = load_reference()
    return [of_report(enrich(Report.model_validate(one.report), reference)) for one in told]


def meetings(sides: Sequence[Candidate]) -> set[tuple[int, int]]:
    """Pairs that share a blocking key, by their places."""
    blocks: dict[str, list[int]] = {}
    for at, side in enumerate(sides):
        for key in side.blocks:
            blocks.setdefault(key, []).append(at)
    return {(a, b) for ids in blocks.values() for n, b in enumerate(ids) for a in ids[:n]}


def pairs(seed: int) -> list[tuple[list[Level], bool]]:
    told = tellings(seed, SIZE, "tune")
    sides = candidates(told)
    family: dict[int, list[int]] = {}
    for at, one in enumerate(told):
        family.setdefault(one.family, []).append(at)
    wanted = meetings(sides) | {(a, b) for ids in family.values() for n, b in enumerate(ids) for a in ids[:n]}
    return [
        ([(one.feature, one.level) for one in evidence(here, there)], told[a].event == told[b].event)
        for a, b in sorted(wanted)
        if (here := sides[a].event) and (there := sides[b].event)
    ]


def learn(known: Sequence[tuple[list[Level], bool]]) -> dict[Level, float]:
    """Each level's weight, in bits; ("", "") is the prior. Pairs with equal levels are counted together."""
    counts: Counter[tuple[Level, ...]] = Counter()
    same: Counter[tuple[Level, ...]] = Counter()
    for levels, is_same in known:
        pattern = (PRIOR, *(step for level in levels for step in steps(level)))
        counts[pattern] += 1
        same[pattern] += is_same
    patterns = list(counts)
    bearing: dict[Level, list[int]] = {}
    for at, pattern in enumerate(patterns):
        for level in pattern:
            bearing.setdefault(level, []).append(at)
    odds = [0.0] * len(patterns)
    weights = dict.fromkeys(bearing, 0.0)
    for _ in range(ROUNDS):
        for level, places in bearing.items():
            shrink = 0.0 if level == PRIOR else SHRINK
            slope, bend = shrink * weights[level], shrink + 1e-9
            for at in places:
                guess = 1 / (1 + exp(-max(min(odds[at], 30.0), -30.0)))
                slope += counts[patterns[at]] * guess - same[patterns[at]]
                bend += counts[patterns[at]] * guess * (1 - guess)
            step = max(min(slope / bend, MOST_STEP), -MOST_STEP)
            low, high = bounds(level)
            step = weights[level] - min(max(weights[level] - step, low), high)
            weights[level] -= step
            for at in places:
                odds[at] -= step
    return {
        level: sum(weights.get(step, 0.0) for step in steps(level)) / log(2)
        for level in {PRIOR, *(level for levels, _ in known for level in levels)}
    }


def steps(level: Level) -> list[Level]:
    """A level of RISING as all that lie below it and itself: each says what it adds."""
    feature, name = level
    rising = RISING.get(feature, "").split()
    return [(feature, one) for one in rising[: rising.index(name) + 1]] if name in rising else [level]


RISING = {"text": "like near copy equal whole", "alone": "like near copy equal", "words-alone": "many most all"}
"""Levels of which the next one never says less than the one before, whatever the sets have: a text that is equal cannot
speak less for one event than one that is only like it, though a daily form's often is another's."""


FOR = {
    "text": "whole equal copy near like", "words": "all most many", "alone": "equal copy near like", "words-alone": "all most many", "day": "all same", "occurred": "same", "clock": "same",
    "reported": "days", "agency": "other", "kind": "same", "names": "all most", "numbers": "all half", "codes": "same",
    "refs": "same", "slots": "none", "strangers": "none", "sums": "none",
}  # fmt: skip
"""Levels that speak for one event, whatever the sets say of them beside others; all others speak against it."""
CIRCUMSTANCES = {"reported": 1.5, "agency": 4.0, "kind": 0.5}
"""Features of how it is reported, not of what: they say so many bits at most. In an invented set they say too much."""


def bounds(level: Level) -> tuple[float, float]:
    """How little and how much a level may say, in natural units."""
    if level == PRIOR:
        return -20.0, 0.0
    most = CIRCUMSTANCES.get(level[0], 20.0) * log(2)
    return (0.0, most) if level[1].removeprefix("little ") in FOR[level[0]].split() else (-most * 4, 0.0)


def balanced(known: Sequence[tuple[list[Level], bool]], weights: dict[Level, float]) -> dict[Level, float]:
    """The weights with the prior at which joining from JOIN on does best: of the pairs that meet under a key few are the
    same, but a reader misses an event told twice too. A pair wrongly joined counts WRONG times: it brings its clusters
    together, while one that is missed often hangs together by a third."""
    scored = Counter((round(sum(weights[level] for level in (PRIOR, *levels)), 1), same) for levels, same in known)
    all_same = sum(number for (_, same), number in scored.items() if same)

    def fares(least: float) -> float:
        joined = [(same, number) for (bits, same), number in scored.items() if bits >= least]
        right = sum(number for same, number in joined if same)
        return 2 * right / (right + all_same + WRONG * sum(number for same, number in joined if not same))

    best = max(sorted({bits for bits, _ in scored}), key=fares)
    return {**weights, PRIOR: weights[PRIOR] + JOIN_BITS - best}


def write(weights: dict[Level, float]) -> None:
    head = "".join(line for line in TABLE.open(encoding="utf-8") if line.startswith("#"))
    table: dict[str, dict[str, float]] = {}
    prior = weights.pop(PRIOR)
    for (feature, level), bits in sorted(weights.items(), key=lambda item: (item[0][0], -item[1])):
        table.setdefault(feature, {})[level] = round(bits, 2)
    text = yaml.safe_dump({"prior": round(prior, 2), "features": table}, sort_keys=False)
    TABLE.write_text(head + text, encoding="utf-8")


def learn_and_write() -> None:
    """Learn from the sets SEEDS and write the table."""
    known = [pair for seed in SEEDS for pair in pairs(seed)]
    write(balanced(known, learn(known)))
