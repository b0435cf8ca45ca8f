"""The standard suite that every kind of connector passes. It finds a kind by its line in KINDS and its sample."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import connectors
from connectors.base import Broken, Folded
from connectors.check import Ready, checked
from connectors.checkpoint import Checkpoint
from connectors.config import load
from connectors.kinds import KINDS

HERE = Path(connectors.__file__).parent


@pytest.fixture(params=sorted(KINDS))
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The connector file of a kind's sample, in a folder that a test may change."""
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


def test_what_was_acknowledged_is_unchanged_and_a_change_gets_a_higher_revision(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    items = [item for item in checked(load(sample)) if isinstance(item, Ready)]
    with Checkpoint(sample) as checkpoint:
        lost = [checkpoint.next_revision(item.report, item.numbered) for item in items]
    with Checkpoint(sample) as checkpoint:
        for item, before in zip(items, lost, strict=True):
            first = checkpoint.next_revision(item.report, item.numbered)
            assert first is not None
            assert first == before, "what was never acknowledged is published again, the same"
            checkpoint.acknowledged(first, item.numbered, item.report.revision)
    with Checkpoint(sample) as checkpoint:
        for item in items:
            assert checkpoint.next_revision(item.report, item.numbered) is None
            checkpoint.sent.clear()
            changed = checkpoint.next_revision(item.report.model_copy(update={"title": "changed"}), item.numbered)
            assert changed is not None
            assert changed.revision == item.report.revision + 1


def test_an_older_revision_of_the_sources_own_never_comes_after_a_newer_one(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that keeps both a record and its retraction: read again, the record stays retracted."""
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    one = next(item.report for item in checked(load(sample)) if isinstance(item, Ready)).model_copy(
        update={"revision": 5}
    )
    gone = one.model_copy(update={"revision": 6, "op": "retract"})
    with Checkpoint(sample) as checkpoint:
        for report in (one, gone):
            assert checkpoint.next_revision(report, True) == report
            checkpoint.acknowledged(report, True, report.revision)
    with Checkpoint(sample) as checkpoint:
        assert [checkpoint.next_revision(report, True) for report in (one, gone)] == [None, None]


def test_a_record_that_a_source_holds_twice_is_numbered_in_its_order(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    one = next(item.report for item in checked(load(sample)) if isinstance(item, Ready)).model_copy(
        update={"revision": 1}
    )
    with Checkpoint(sample) as checkpoint:
        first, second = (checkpoint.next_revision(one.model_copy(update={"title": title}), False) for title in "ab")
    assert first is not None
    assert second is not None
    assert (first.revision, second.revision) == (1, 2)


def test_what_is_refused_again_is_kept_once(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    broken = [item for item in checked(load(sample)) if isinstance(item, Broken)]
    with Checkpoint(sample) as checkpoint:
        assert all(checkpoint.is_news(item) for item in broken)
        for item in broken:
            checkpoint.refused(item)
    with Checkpoint(sample) as checkpoint:
        assert not any(checkpoint.is_news(item) for item in broken)
