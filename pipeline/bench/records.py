"""How well persons are matched, on sets whose answers are known, with Splink beside it on the same records.

FEBRL 3 and 4 (see `pipeline.bench.febrl`), and invented sets (`pipeline.bench.people`, seed 1; the weights were learned
on another). Pairwise figures: of all pairs of records, those that stand in one cluster.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Annotated, Any

import typer

from pipeline.bench.febrl import febrl
from pipeline.bench.people import Record, households, lives, names
from pipeline.enrich.enrich import features_of
from pipeline.fuse.cluster import cluster
from pipeline.match.block import Block, put
from pipeline.match.blocking import blocking_keys
from pipeline.match.candidate import of_mention
from pipeline.match.compare import Match
from pipeline.match.spread import Entry
from pipeline.report.model import Mention

SEED = 1
READER = ("reader",)
SPLINKED = ("FEBRL 3", "FEBRL 4")


def sets() -> dict[str, list[Record]]:
    """The sets that are measured, by name."""
    return {
        "FEBRL 3": list(febrl(3)),
        "FEBRL 4": list(febrl(4)),
        "lives": list(lives(SEED, 1500)),
        "names": list(names(SEED, 6000)),
        "households": list(households(SEED, 1500)),
    }


def run(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Match persons on FEBRL 3 and 4 and on invented sets; print precision, recall and F1 over pairs."""
    figures: dict[str, Any] = {}
    for name, records in sets().items():
        truth = [one for one, _ in records]
        started = time.monotonic()
        figures[name] = {"records": len(records), "gabung": score(truth, clusters(records))}
        figures[name]["seconds"] = round(time.monotonic() - started, 1)
        if name in SPLINKED:
            from pipeline.bench.splinked import splinked

            figures[name]["splink"] = score(truth, splinked(records))
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, found in figures.items():
        for engine in ("gabung", "splink"):
            if engine in found:
                one = found[engine]
                typer.echo(f"{name:11} {found['records']:6} records  {engine:7} precision {one['precision']:.4f}  "
                           f"recall {one['recall']:.4f}  F1 {one['f1']:.4f}")  # fmt: skip


def clusters(records: Sequence[Record]) -> list[int]:
    """For each record the number of its cluster, by the very functions of the stream."""
    sides = [of_mention(f"{at:08d}", features_of(Mention.model_validate(one))) for at, (_, one) in enumerate(records)]
    blocks: dict[str, Block] = {}
    matches: set[Match] = set()
    for side in sides:
        for key in blocking_keys("bench", side):
            entry = Entry(key, side.id, 1, ((READER, side),))
            matches.update(put(blocks.setdefault(key, Block()), entry).matches)
    holding = [match for match in matches if not blocks[match.key].crowded]
    made = cluster({side.id: side for side in sides}, holding)
    of = {id_: number for number, one in enumerate(made) for id_ in one.ids}
    return [of[side.id] for side in sides]


def score(truth: Sequence[Hashable], found: Sequence[Hashable]) -> dict[str, float]:
    """Precision, recall and F1 over pairs."""
    right = _pairs(Counter(zip(truth, found, strict=True)).values())
    precision = right / max(_pairs(Counter(found).values()), 1)
    recall = right / max(_pairs(Counter(truth).values()), 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
