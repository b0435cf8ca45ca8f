"""Generated scenarios for the running system: many at once under one policy, kept apart as exercises.

Each stands there twice: `here` as it was made, beside reports that are retracted later, and `there` with other things in
all that one reader is not shown. So the same agencies and the same ids meet in every exercise, and none may be seen in
another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from pipeline.bench.scenarios import AGENCIES, Scenario, scenario, varied
from pipeline.release.policy import Groups, Policies, Rule
from pipeline.report.model import Report

ELSEWHERE = "lain"
"""Where each scenario's own exercise goes: one more world, of all scenarios together."""


@dataclass(frozen=True)
class Pair:
    """One scenario, told twice. here and there: its two exercises, None for live; reader: who sees the same in both;
    given: the scenario as it is told here; there_reports: as it is told there; gone: what is told here and retracted."""

    reader: str
    here: str | None
    there: str
    given: Scenario
    there_reports: tuple[Report, ...]
    gone: tuple[Report, ...]


@dataclass(frozen=True)
class Plan:
    """What one run is given."""

    seed: int
    policies: Policies
    groups: Groups
    crowd: int
    pairs: tuple[Pair, ...]

    @property
    def scopes(self) -> list[str | None]:
        return [ELSEWHERE, *(scope for pair in self.pairs for scope in (pair.here, pair.there))]

    def lasting(self) -> list[Report]:
        """What stands in the end, in all exercises."""
        return [report for pair in self.pairs for report in _lasting(pair)]

    def leaving(self) -> list[Report]:
        return [report for pair in self.pairs for report in _told(pair.gone, pair.here, pair.there)]

    def told(self, random: Random) -> list[Report]:
        """All of it in any order, some of it twice."""
        reports = [*self.lasting(), *self.leaving()]
        reports += random.choices(reports, k=len(reports) // 10)
        random.shuffle(reports)
        return reports

    def retractions(self) -> list[Report]:
        newest = {(one.scope, one.id): one for one in sorted(self.leaving(), key=lambda one: one.revision)}
        return [
            report.model_copy(update={"op": "retract", "revision": report.revision + 1}) for report in newest.values()
        ]

    def other_rules(self, random: Random, reader: str) -> Policies:
        """Further rules of other agencies that concern everyone but this reader."""
        others = tuple(agency for agency in AGENCIES if agency != reader)
        more = {
            agency: (*rules, Rule(f"baru {agency}", random.choice(("permit", "forbid")), (random.choice(others),)))
            for agency, rules in self.policies.rules.items()
            if agency != reader
        }
        return replace(self.policies, rules={**self.policies.rules, **more})


def plan(seed: int, scenarios: int, time: datetime) -> Plan:
    """A run of this many scenarios; the same for a seed, except that its moments are told from `time`."""
    random = Random(seed)
    first = scenario(random, time)
    pairs = []
    for number in range(scenarios):
        given = replace(scenario(random, time), policies=first.policies, groups=first.groups)
        reader = random.choice(AGENCIES)
        other = varied(random, given, reader)
        gone = tuple(_renamed("pergi", scenario(random, time).reports))
        here = f"sini-{number:02}" if number else None
        pairs.append(Pair(reader, here, f"sana-{number:02}", given, other.reports, gone))
    return Plan(seed, first.policies, first.groups, (100, 3, 4)[seed % 3], tuple(pairs))


def _lasting(pair: Pair) -> Iterator[Report]:
    yield from _told(pair.given.reports, pair.here, pair.there + "-a")
    yield from _told(pair.there_reports, pair.there, pair.there + "-b")


def _told(reports: Iterable[Report], exercise: str | None, name: str) -> Iterator[Report]:
    """Live reports in this exercise, those of an exercise elsewhere, under a name of their own."""
    for report in reports:
        if report.marking.exercise is None:
            yield _of(report, exercise)
        else:
            yield _of(next(_renamed(name, (report,))), ELSEWHERE)


def _of(report: Report, exercise: str | None) -> Report:
    return report.model_copy(update={"marking": report.marking.model_copy(update={"exercise": exercise})})


def _renamed(name: str, reports: Iterable[Report]) -> Iterator[Report]:
    for report in reports:
        yield report.model_copy(update={"source_id": f"{name}-{report.source_id}"})
