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
        for item in items:
            first = checkpoint.next_revision(item.report, item.numbered)
            assert first is not None
            assert checkpoint.next_revision(item.report, item.numbered) == first, "not acknowledged yet"
            checkpoint.acknowledged(first)
    with Checkpoint(sample) as checkpoint:
        for item in items:
            assert checkpoint.next_revision(item.report, item.numbered) is None
            changed = checkpoint.next_revision(item.report.model_copy(update={"title": "changed"}), item.numbered)
            assert changed is not None
            assert changed.revision == item.report.revision + 1
