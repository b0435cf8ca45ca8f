"""The promises of DESIGN section 4 for alerts: which stand at rest depends on what the reader finds, and on nothing
else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.enrich import Reference
from pipeline.match import block
from pipeline.report.model import Report
from pipeline.search.matching import matches
from pipeline.search.question import Question, tree_of
from pipeline.search.saved import Saved, stands_for
from pipeline.shell.memory import fuse
from pipeline.shell.rehearsal import Rehearsal
from tests.properties.worlds import AGENCIES, MOMENTS, World, subset, worlds

QUESTIONS = (
    Question(),
    Question(q="budi santoso"),
    Question(q="laporan OR agus"),
    Question(q="NOT kind:seizure"),
    Question(q="phone:08111222333"),
    Question(q="passport:B1234567 OR budi"),
    Question(doc="entity", kind=["person"]),
    Question(agency=["polri"]),
    Question(q="budi", exercise="badai"),
    Question(q="narrative:peti AND reported:2026-10-01"),
    Question(q='reported:"last 35 days"'),
    Question(q="santosa~ OR place:medn~"),
    Question(q='bud* AND near:"Medan" 50km'),
)
seeds = st.integers(0, 2**32)


@st.composite
def searches(draw: st.DrawFn) -> list[Saved]:
    """Saved searches of several agencies, some shared with other agencies and task forces."""
    made = draw(st.lists(st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(AGENCIES), subset((*AGENCIES, "tf-satu", "tf-dua"))), min_size=1, max_size=5))  # fmt: skip
    return [
        Saved(
            id=f"s{at}", name=f"Cari {at}", question=question, agency=agency, user="rekaan",
            shared_with=tuple(shared), alerts=True, created=MOMENTS[0],
        )
        for at, (question, agency, shared) in enumerate(made)
    ]  # fmt: skip


def rehearse(world: World, reference: Reference, saved: Iterable[Saved], seed: int, crashes: float = 0.0) -> Rehearsal:
    block.CROWD = world.crowd
    rehearsal = Rehearsal(
        world.policies, world.groups, world.time, reference,
        random=Random(seed), partitions=1 + seed % 3, crashes=crashes, misplaced=0.2,
    )  # fmt: skip
    for one in saved:
        rehearsal.save(one)
    for report in world.reports:
        rehearsal.publish(report)
    rehearsal.run()
    return rehearsal


def standing(rehearsal: Rehearsal, reader: str) -> list[tuple[str, str, str, str]]:
    return sorted((one["saved"], one["scope"], one["doc"], one["document"]) for one in rehearsal.alerts(reader))


def expected(
    world: World, reference: Reference, saved: Iterable[Saved], reader: str
) -> list[tuple[str, str, str, str]]:
    """Every pair of a search that the reader has and a document that the reader finds by it."""
    found = []
    for exercise, scope in ((None, "live"), ("badai", "exercise-badai")):
        for document in of(world, reference, reader, exercise):
            id_ = document["id"] if document["doc"] == "report" else f"{document['kind']}:{document['id']}"
            found += [
                (one.id, scope, document["doc"], id_)
                for one in saved
                if one.question.exercise == exercise
                and stands_for(one, reader, world.groups, world.time)
                and matches(tree_of(one.question, world.time), document)
            ]
    return sorted(found)


def of(world: World, reference: Reference, reader: str, exercise: str | None) -> list[dict[str, Any]]:
    block.CROWD = world.crowd
    documents = fuse(world.reports, world.policies, world.groups, reader, world.time, reference, exercise)
    read: list[dict[str, Any]] = json.loads(json.dumps(documents))
    return read


@given(worlds(), searches(), seeds)
def test_order_and_restarts_do_not_matter(reference: Reference, world: World, saved: list[Saved], seed: int) -> None:
    """Any order of arrival, any redelivery, workers that die after any step: the alerts that stand are the pairs that
    match, of whatever scope."""
    random = Random(seed)
    reports = [*world.reports, *random.choices(world.reports, k=3)]
    random.shuffle(reports)
    rehearsal = rehearse(replace(world, reports=tuple(reports)), reference, saved, seed, crashes=0.3)
    assert rehearsal.refused == []
    for reader in AGENCIES:
        assert standing(rehearsal, reader) == expected(world, reference, saved, reader)


@given(worlds(), worlds(), searches(), seeds)
def test_non_interference(reference: Reference, world: World, other: World, saved: list[Saved], seed: int) -> None:
    """Add reports that a reader may not see: of the alerts that stand not one differs, nor an id of one."""
    for reader in AGENCIES[:2]:
        hidden = [
            report.model_copy(
                update={
                    "source_id": f"hidden-{report.source_id}",
                    "marking": report.marking.model_copy(update={"not_release_to": (reader,)}),
                }
            )
            for report in other.reports
            if report.agency != reader
        ]
        more = rehearse(replace(world, reports=(*world.reports, *hidden)), reference, saved, seed)
        alone = rehearse(world, reference, saved, seed)
        assert more.alerts(reader) == alone.alerts(reader)


@given(worlds(), worlds(), searches(), seeds)
def test_retraction_withdraws(reference: Reference, world: World, other: World, saved: list[Saved], seed: int) -> None:
    came = [one.model_copy(update={"source_id": f"gone-{one.source_id}"}) for one in other.reports]
    went = [one.model_copy(update={"op": "retract", "revision": 4}) for one in came]
    rehearsal = rehearse(replace(world, reports=(*world.reports, *came)), reference, saved, seed, crashes=0.2)
    for report in went:
        rehearsal.publish(report)
    rehearsal.run()
    for reader in AGENCIES:
        assert standing(rehearsal, reader) == expected(world, reference, saved, reader)


@given(worlds(), searches(), seeds)
def test_exercises_stay_exercises(reference: Reference, world: World, saved: list[Saved], seed: int) -> None:
    """Take the exercise's reports away, and no live alert changes; and the other way round."""
    whole = rehearse(world, reference, saved, seed)
    for exercise, scope in ((None, "live"), ("badai", "exercise-badai")):
        own: tuple[Report, ...] = tuple(one for one in world.reports if one.marking.exercise == exercise)
        alone = rehearse(replace(world, reports=own), reference, saved, seed)
        for reader in AGENCIES:
            assert [one for one in whole.alerts(reader) if one["scope"] == scope] == alone.alerts(reader)


@given(worlds(), searches(), seeds)
def test_a_search_that_ends_takes_its_alerts_with_it(
    reference: Reference, world: World, saved: list[Saved], seed: int
) -> None:
    """Deleted, without alerts from now on, or shared no more."""
    rehearsal = rehearse(world, reference, saved, seed)
    left = []
    for at, one in enumerate(saved):
        if (seed >> at) % 3 == 0:
            rehearsal.forget(one.id)
        elif (seed >> at) % 3 == 1:
            left.append(one.model_copy(update={"shared_with": ()}))
            rehearsal.save(left[-1])
        else:
            rehearsal.save(one.model_copy(update={"alerts": False}))
    for reader in AGENCIES:
        before = expected(world, reference, left, reader)
        assert standing(rehearsal, reader) == before


@given(worlds(), searches(), seeds)
def test_alerts_follow_the_members_of_a_task_force(
    reference: Reference, world: World, saved: list[Saved], seed: int
) -> None:
    """As time passes, a member that leaves has none of what was shared with the task force; nobody ever has an alert of
    a search that is not shared with them."""
    rehearsal = rehearse(replace(world, time=MOMENTS[0]), reference, saved, seed)
    for moment in MOMENTS[1:]:
        rehearsal.pass_time(moment)
        rehearsal.run()
        for reader in AGENCIES:
            those = {one.id for one in saved if stands_for(one, reader, world.groups, moment)}
            may = expected(replace(world, time=moment), reference, saved, reader)
            now = standing(rehearsal, reader)
            assert {id_ for id_, *_ in now} <= those
            assert [one for one in now if "last" not in question(saved, one[0]).q and one not in may] == []


def question(saved: list[Saved], id_: str) -> Question:
    return next(one.question for one in saved if one.id == id_)
