"""Two worlds for one reader: alike in all that is shown to it, or not."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from pipeline.bench.scenarios import AGENCIES, Scenario, scenario, varied


def alike(seed: int) -> tuple[str, Scenario, Scenario]:
    """A reader, and two worlds that differ only in what is hidden from it."""
    random = Random(seed)
    one = scenario(random)
    reader = AGENCIES[seed % len(AGENCIES)]
    other = varied(random, one, reader)
    assert one != other
    assert sorted(one.released(reader)) == sorted(other.released(reader))
    return reader, one, other


def unlike() -> tuple[str, Scenario, Scenario]:
    """A reader, and two worlds of which the second lacks one report that the first shows it."""
    reader, one = "satu", scenario(Random(0))
    gone = next(iter(one.released(reader)))
    return reader, one, replace(one, reports=tuple(report for report in one.reports if report.id != gone))
