"""How well near-equal reports are found: pairwise precision, recall and F1 of the clusters that one reader is shown,
after the real stages from enrich to fuse, on invented reports whose events are known (`pipeline.bench.events`).

Beside it, in the same run, what plain Jaccard similarity of words gives at whatever threshold suits these very reports
best.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Annotated, Any

import orjson
import typer

from pipeline.bench import event_weights
from pipeline.bench.events import Telling, tellings
from pipeline.enrich.enrich import load_reference
from pipeline.enrich.fold import words
from pipeline.release.policy import Agency, Policies
from pipeline.report.model import Report
from pipeline.shell.memory import fuse

READER = "reader"
NOW = datetime(2027, 6, 1, tzinfo=UTC)
ORIGIN = "invented by pipeline/bench/events.py, all fictional; vocabulary of which no sentence was learned from"
Pair = tuple[int, int]


def run(
    seed: Annotated[int, typer.Option(help="Which invented set; weights are learned on the sets 101 and 102.")] = 1,
    size: Annotated[int, typer.Option(help="Reports.")] = 5000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    learn: Annotated[
        bool, typer.Option("--learn", help="Learn the weights anew and write them; measure nothing.")
    ] = False,
) -> None:
    """How well near-equal reports are found: F1 on an invented set."""
    if learn:
        event_weights.learn_and_write()
        return
    measured = measure(tellings(seed, size), seed)
    typer.echo(orjson.dumps(measured).decode() if as_json else told(measured))


def measure(made: Sequence[Telling], seed: int) -> dict[str, Any]:
    """The figures of one set. F1 and its parts from 0 to 1, by way of telling the recall, by sort of sibling the
    pairs that were wrongly joined."""
    started = time.monotonic()
    found = joined(made)
    seconds = time.monotonic() - started
    true = _within(one.event for one in made)
    families = _within(one.family for one in made) - true
    right = len(found & true)
    return {
        "origin": ORIGIN,
        "seed": seed,
        "reports": len(made),
        "events": len({one.event for one in made}),
        "pairs": len(true),
        "hard_negatives": len(families),
        "hard_negatives_nine_in_ten_words_equal": _mostly_equal(made, families),
        **_f1(right, len(found), len(true)),
        "by_telling": _by_telling(made, found, true),
        "by_sibling": _by_sibling(made, found, families),
        "wrongly_joined_strangers": len(found - true - families),
        "jaccard": _jaccard(made, true),
        "seconds": round(seconds, 1),
    }


def joined(made: Sequence[Telling]) -> set[Pair]:
    """The pairs that stand in one cluster for a reader who sees all."""
    reports = [Report.model_validate(one.report) for one in made]
    at = {report.id: number for number, report in enumerate(reports)}
    agencies = {READER, *(report.agency for report in reports)}
    policies = Policies({id_: Agency(id_, id_) for id_ in agencies})
    documents = fuse(reports, policies, {}, READER, NOW, load_reference())
    return {
        _pair(at[document["id"]], at[other])
        for document in documents
        if document["doc"] == "report"
        for other in document["duplicates"]
    }


def _pair(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)


def _within(labels: Iterable[int]) -> set[Pair]:
    """Pairs of places with one label."""
    places: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        places.setdefault(label, []).append(at)
    return {pair for ids in places.values() for pair in combinations(ids, 2)}


def _f1(right: int, found: int, true: int) -> dict[str, float]:
    precision, recall = right / found if found else 1.0, right / true if true else 1.0
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * right / (found + true) if found + true else 1.0, 4),
    }


def _by_telling(made: Sequence[Telling], found: set[Pair], true: set[Pair]) -> dict[str, dict[str, Any]]:
    """How an event's first telling and another one were found together; `two others` where neither is the first."""
    pairs, right = Counter[str](), Counter[str]()
    for a, b in true:
        ways = {made[a].way, made[b].way}
        way = max(ways - {"original"}) if "original" in ways else "two others"
        pairs[way] += 1
        right[way] += (a, b) in found
    return {way: {"pairs": number, "recall": round(right[way] / number, 4)} for way, number in sorted(pairs.items())}


def _by_sibling(made: Sequence[Telling], found: set[Pair], families: set[Pair]) -> dict[str, dict[str, Any]]:
    pairs, wrong = Counter[str](), Counter[str]()
    for a, b in families:
        sort = max({made[a].sibling, made[b].sibling} - {"first"})
        pairs[sort] += 1
        wrong[sort] += (a, b) in found
    return {
        sort: {"pairs": number, "joined": wrong[sort], "share": round(wrong[sort] / number, 4)}
        for sort, number in sorted(pairs.items())
    }


def _mostly_equal(made: Sequence[Telling], families: set[Pair]) -> float:
    """Of the events' first tellings, the share of hard pairs of which nine words in ten are the same."""
    counted = [Counter(words(one.report["narrative"])) for one in made]
    first = [(a, b) for a, b in families if made[a].way == made[b].way == "original"]
    equal = [
        2 * (counted[a] & counted[b]).total() / (counted[a].total() + counted[b].total()) >= 0.9 for a, b in first
    ]  # fmt: skip
    return round(sum(equal) / len(equal), 4) if equal else 0.0


def _jaccard(made: Sequence[Telling], true: set[Pair]) -> dict[str, Any]:
    """Plain Jaccard of the words of title and narrative, at that of a hundred thresholds that gives the best F1."""
    known: dict[str, int] = {}
    masks = []
    for one in made:
        text = {*words(one.report["title"]), *words(one.report["narrative"])}
        masks.append(sum(1 << known.setdefault(word, len(known)) for word in text))
    found, right = [0] * 101, [0] * 101
    for a, b in combinations(range(len(masks)), 2):
        both = (masks[a] & masks[b]).bit_count()
        step = 100 * both // (masks[a] | masks[b]).bit_count()
        if step >= LEAST:
            found[step] += 1
            right[step] += (a, b) in true
    scores = {step: _f1(sum(right[step:]), sum(found[step:]), len(true)) for step in range(LEAST, 101)}
    best = max(scores, key=lambda step: scores[step]["f1"])
    return {"threshold": best / 100, **scores[best]}


LEAST = 20
"""Hundredths of similarity below which no threshold is tried."""


def told(measured: dict[str, Any]) -> str:
    """The figures as lines for people."""
    ours, plain = (
        {name: one[name] for name in ("precision", "recall", "f1")} for one in (measured, measured["jaccard"])
    )
    lines = [
        f"{measured['reports']} reports of {measured['events']} events, seed {measured['seed']}: {measured['origin']}",
        f"{measured['pairs']} pairs tell of one event; {measured['hard_negatives']} pairs are hard negatives, of which "
        f"{measured['hard_negatives_nine_in_ten_words_equal']:.0%} have nine words in ten in common",
        "",
        f"gabung   precision {ours['precision']:.4f}  recall {ours['recall']:.4f}  F1 {ours['f1']:.4f}"
        f"  ({measured['seconds']} s)",
        f"Jaccard  precision {plain['precision']:.4f}  recall {plain['recall']:.4f}  F1 {plain['f1']:.4f}"
        f"  (words, at its best threshold {measured['jaccard']['threshold']:.2f})",
        "",
        *(
            f"told again, {way:12} {one['pairs']:6} pairs  recall {one['recall']:.4f}"
            for way, one in measured["by_telling"].items()
        ),
        "",
        *(
            f"another event, {sort:12} {one['pairs']:6} pairs  wrongly joined {one['joined']}"
            for sort, one in measured["by_sibling"].items()
        ),
        f"strangers wrongly joined {measured['wrongly_joined_strangers']}",
    ]
    return "\n".join(lines)
