"""Report: only the highest revision of a valid report goes on."""

from __future__ import annotations

from itertools import permutations

from pipeline.report.latest import goes_on, seen, state_key
from pipeline.report.model import report_id
from tests.spec.tables import report


def test_an_id_is_made_of_agency_and_source_id_alone() -> None:
    assert report(title="a").id == report(title="b", revision=7).id == report_id("bnn", "1")
    assert report(agency="polri").id != report().id


def test_a_higher_revision_goes_on() -> None:
    assert goes_on(seen(report()), report(revision=2))


def test_a_redelivery_stops_here() -> None:
    assert goes_on(seen(report()), report()) is None


def test_an_older_revision_never_comes_back() -> None:
    assert goes_on(seen(report(revision=2, op="retract")), report(revision=1)) is None


def test_of_two_reports_with_one_revision_the_same_wins_in_any_order() -> None:
    three = [report(title="a"), report(title="b"), report(op="retract")]
    ends = set()
    for order in permutations(three):
        standing = None
        for one in order:
            standing = goes_on(standing, one) or standing
        ends.add(standing)
    assert ends == {seen(three[2])}, "a retraction wins: doubt withholds"


def test_an_exercise_counts_its_own_revisions() -> None:
    assert state_key(report()) != state_key(report(marking={"exercise": "badai"}))
