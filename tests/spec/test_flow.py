"""The way of a report is told once, in pipeline/flow.py. README's table, the topics and these chapters follow it."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.flow import FLOW, REPORT, SEARCH, STREAMED, agency_topic, index_name
from pipeline.shell import stages

ROOT = Path(__file__).parents[2]


def test_readme_tells_the_stages_as_flow_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [(stage.name, stage.takes, stage.gives, stage.keeps) for stage in FLOW]


def test_each_stage_has_a_folder_of_its_own() -> None:
    for stage in FLOW:
        assert (ROOT / "pipeline" / stage.name / "__init__.py").is_file()


def test_each_streamed_stage_reads_the_topic_of_its_name() -> None:
    assert [stage.topic for stage in STREAMED] == [
        f"gabung.{stage.name}" for stage in FLOW if stage not in (REPORT, SEARCH)
    ]
    assert agency_topic("bnn") == "gabung.report.bnn"


def test_each_streamed_stage_runs_under_its_name() -> None:
    running = {getattr(one, "name", None) for one in vars(stages).values() if isinstance(one, type)}
    assert {stage.name for stage in (REPORT, *STREAMED)} <= running


def test_the_chapters_follow_the_flow() -> None:
    chapters = sorted(path.stem for path in Path(__file__).parent.glob("test_[0-9]*.py"))
    assert [re.sub(r"^test_\d+_", "", chapter) for chapter in chapters] == [stage.name for stage in FLOW]


def test_no_two_readers_share_an_index() -> None:
    scopes, readers = ("live", "exercise-live"), ("a", "a-report", "live", "exercise-a")
    names = [index_name(scope, reader, doc) for scope in scopes for reader in readers for doc in ("report", "entity")]
    assert len(set(names)) == len(names)
