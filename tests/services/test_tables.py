"""What commands show in tables stands there as it is: brackets in a title or a field path are no commands to the
terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli.main import run
from tests.integration.running import write_policy
from tests.release.test_explain import GROUPS, POLICIES, SECRET


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


def test_explain_tells_field_paths_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_policy(tmp_path / "policy", POLICIES, GROUPS)
    (tmp_path / "reports.ndjson").write_text(json.dumps(SECRET.to_json()) + "\n")
    asked = ["policy", "explain", SECRET.id, "--as", "bnn", "--file", str(tmp_path / "reports.ndjson")]
    assert run([*asked, "--policy", str(tmp_path / "policy"), "--at", "2026-11-01T00:00:00Z"]) == 0
    assert "entities[role=informant]" in capsys.readouterr().out


def test_a_connectors_check_shows_titles_with_brackets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    titled = SECRET.model_copy(update={"title": "Berkas [/rekaan] [red]satu"})
    (tmp_path / "reports.ndjson").write_text(json.dumps(titled.to_json()) + "\n")
    (tmp_path / "connector.yaml").write_text(
        "agency: bnn\nsource: {type: ndjson, path: reports.ndjson}\nmarking: {tlp: GREEN}\n"
    )
    assert run(["connect", "check", str(tmp_path / "connector.yaml")]) == 0
    assert "Berkas [/rekaan] [red]satu" in capsys.readouterr().out
