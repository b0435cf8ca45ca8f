"""The standard suite that every kind of connector passes. It finds a kind by its line in KINDS and its sample."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import connectors.template.map
import connectors.template.read
from connectors.base import Broken, Folded
from connectors.check import Ready, checked
from connectors.checkpoint import Checkpoint
from connectors.config import load
from connectors.kinds import KINDS, Kind
from pipeline.report.model import Report

HERE = Path(connectors.__file__).parent


@pytest.fixture(params=[*sorted(KINDS), "template"])
def sample(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The connector file of a kind's sample, in a folder that a test may change. The template is a kind here too."""
    monkeypatch.setitem(KINDS, "template", Kind(connectors.template.read.read, connectors.template.map.to_report))
    shutil.copytree(HERE / request.param / "sample", tmp_path / "sample")
    return tmp_path / "sample" / "connector.yaml"


def test_a_sample_is_all_accounted_for(sample: Path) -> None:
    items = list(checked(load(sample)))
    assert [item for item in items if isinstance(item, Ready)]
    assert [item for item in items if isinstance(item, Broken)]
    assert all(isinstance(item, Ready | Broken | Folded) for item in items)


def test_a_bad_record_tells_where_and_why_and_is_kept(sample: Path) -> None:
    for item in checked(load(sample)):
        if isinstance(item, Broken):
            assert item.source
            assert item.line
            assert len(item.reason) > 20
            assert item.raw


def test_reading_twice_gives_the_same(sample: Path) -> None:
    config = load(sample)
    once, again = ([item.report for item in checked(config) if isinstance(item, Ready)] for _ in range(2))
    assert once == again
    assert len({report.id for report in once}) == len(once)


def test_each_report_is_the_agencys_own(sample: Path) -> None:
    config = load(sample)
    assert {item.report.agency for item in checked(config) if isinstance(item, Ready)} == {config.agency}


def numbers(connector: Path, held: list[tuple[Report, bool]]) -> list[int | None]:
    """One run over what a source holds: the revision that each record is published under; none where unchanged."""
    with Checkpoint(connector) as checkpoint:
        found = [checkpoint.next_revision(report, numbered) for report, numbered in held]
        for one in found:
            if one is not None:
                checkpoint.acknowledged(one)
        checkpoint.finish()
    return [one and one.report.revision for one in found]


@pytest.fixture
def one(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A report of the sample, under revision 1, and a home for checkpoints."""
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    report = next(item.report for item in checked(load(sample)) if isinstance(item, Ready))
    return report.model_copy(update={"revision": 1})


def retitled(report: Report, title: str, revision: int = 1) -> Report:
    return report.model_copy(update={"title": title, "revision": revision})


def test_a_second_run_publishes_nothing_and_a_change_gets_a_higher_revision(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    items = [item for item in checked(load(sample)) if isinstance(item, Ready)]
    held = [(item.report, item.numbered) for item in items]
    with Checkpoint(sample) as checkpoint:
        lost = [checkpoint.next_revision(*each) for each in held]
    assert numbers(sample, held) == [one and one.report.revision for one in lost], "never acknowledged: again, the same"
    assert numbers(sample, held) == [None] * len(items)
    changed = [(report.model_copy(update={"title": "changed"}), numbered) for report, numbered in held]
    assert numbers(sample, changed) == [item.report.revision + 1 for item in items]


def test_an_older_revision_of_the_sources_own_never_comes_after_a_newer_one(sample: Path, one: Report) -> None:
    """A source that keeps both a record and its retraction: read again, in any order, the record stays retracted."""
    gone = one.model_copy(update={"revision": 2, "op": "retract"})
    assert numbers(sample, [(one, True), (gone, True)]) == [1, 2]
    assert numbers(sample, [(one, True), (gone, True)]) == [None, None]
    numbers(sample, [(gone, True), (one, True)])
    assert numbers(sample, [(gone, True), (one, True)]) == [None, None]
    assert numbers(sample, [(one, True)]) == [None]


def test_a_record_that_a_source_holds_twice_is_numbered_in_its_order_and_not_published_again(
    sample: Path, one: Report
) -> None:
    a, b, c = ((retitled(one, title), False) for title in "abc")
    assert numbers(sample, [a, b]) == [1, 2]
    assert numbers(sample, [a, b]) == [None, None]
    assert numbers(sample, [c, b]) == [3, 4], "what stands is the source's last, also where only an earlier one is new"
    assert numbers(sample, [c, b]) == [None, None]
    assert numbers(sample, [c, b, a]) == [None, None, 5]


def test_where_the_last_of_several_is_gone_the_one_before_it_stands_again(sample: Path, one: Report) -> None:
    a, b = ((retitled(one, title), False) for title in "ab")
    assert numbers(sample, [a, b]) == [1, 2]
    assert [numbers(sample, [a]) for _ in range(3)] == [[None], [3], [None]]


def test_a_source_that_skips_an_older_revision_stays_at_rest(sample: Path, one: Report) -> None:
    held = [(retitled(one, str(revision), revision), True) for revision in (2, 1, 3)]
    assert numbers(sample, held) == [2, None, 3]
    assert numbers(sample, held) == [None, None, None]


def test_what_is_refused_again_is_kept_once(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    broken = [item for item in checked(load(sample)) if isinstance(item, Broken)]
    with Checkpoint(sample) as checkpoint:
        assert all(checkpoint.is_news(item) for item in broken)
        for item in broken:
            checkpoint.refused(item)
    with Checkpoint(sample) as checkpoint:
        assert not any(checkpoint.is_news(item) for item in broken)
