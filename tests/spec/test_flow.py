"""The way of a report is told once, in pipeline/flow.py. README's table, the topics and these chapters follow it."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.flow import FLOW, MATCH, SEARCH, STEPS, STREAMED, agency_topic, index_name
from pipeline.shell import stages

ROOT = Path(__file__).parents[2]


def test_readme_tells_the_stages_as_flow_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [(stage.name, stage.takes, stage.gives, stage.keeps) for stage in FLOW]


def test_each_stage_has_a_folder_of_its_own() -> None:
    for stage in FLOW:
        assert (ROOT / "pipeline" / stage.name / "__init__.py").is_file()


def test_the_steps_of_the_stream_are_the_stages_in_their_order() -> None:
    assert [stage for step in STEPS for stage in step] == [stage for stage in FLOW if stage is not SEARCH]


def test_each_stage_that_reads_a_topic_reads_the_one_of_its_name() -> None:
    assert [stage.topic for stage in STREAMED] == [f"gabung.{stage.name}" for stage in STREAMED]
    assert agency_topic("bnn") == "gabung.report.bnn"
    assert {step[0] for step in STEPS[STEPS.index((MATCH,)) :]} <= set(STREAMED), "or nothing reaches that step"


def test_each_step_runs_under_the_name_of_its_first_stage_and_keeps_what_its_stages_keep() -> None:
    running = {getattr(one, "name", None) for one in vars(stages).values() if isinstance(one, type)}
    assert {step[0].name for step in STEPS} <= running
    for step in STEPS:
        keep = {stage.name for stage in step if not stage.keeps.startswith("nothing")}
        assert set(stages.TABLES[step[0].name]) == keep


def test_the_chapters_follow_the_flow() -> None:
    chapters = sorted(path.stem for path in Path(__file__).parent.glob("test_[0-9]*.py"))
    assert [re.sub(r"^test_\d+_", "", chapter) for chapter in chapters] == [stage.name for stage in FLOW]


def test_no_two_readers_share_an_index() -> None:
    scopes, readers = ("live", "exercise-live"), ("a", "a-report", "live", "exercise-a")
    names = [index_name(scope, reader, doc) for scope in scopes for reader in readers for doc in ("report", "entity")]
    assert len(set(names)) == len(names)
