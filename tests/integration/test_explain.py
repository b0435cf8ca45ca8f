"""`gabung policy explain` on what was published to a real Kafka: the newest revision decides, each answer is audited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline.addresses import Addresses
from pipeline.audit.events import shown_to
from pipeline.cli.main import run
from pipeline.release.policy import Agency, Group, Membership, Policies
from pipeline.report.model import Report
from pipeline.shell.audit import audited
from tests.integration.running import Running, running

POLICIES = Policies({id_: Agency(id_, id_) for id_ in ("bnn", "polri", "tni")})
GROUPS = {"tf": Group("tf", "Tim", "bnn", (Membership("polri"),))}


def report(revision: int, to: list[str], source_id: str = "LP-1", **more: Any) -> Report:
    marking = {"tlp": "AMBER", "release_to": to, "fields": [{"path": "narrative", "release_to": []}]} | more
    return Report.model_validate(
        {
            "agency": "bnn", "source_id": source_id, "revision": revision, "op": "upsert", "kind": "seizure",
            "title": "Laporan", "narrative": "rahasia", "reported_at": "2026-10-01T00:00:00Z", "marking": marking,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def here(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(services, POLICIES, GROUPS, tmp_path_factory.mktemp("explain")) as started:
        others = [report(1, ["tni"], f"lain-{number}") for number in range(40)]
        started.publish([report(2, ["tf"]), *others, report(1, ["tni"]), report(9, ["tni"], exercise="badai")])
        yield started


ID = report(1, []).id


def explained(here: Running, capfdbinary: pytest.CaptureFixture[bytes], asked: str, reader: str, *more: str) -> tuple[int, bytes, bytes]:  # fmt: skip
    code = run(["policy", "explain", asked, "--as", reader, "--policy", str(here.policy), *more])
    return code, *capfdbinary.readouterr()


def test_the_newest_revision_is_explained_to_its_originator(here: Running, capfdbinary: Any) -> None:
    for asked in (ID, "LP-1"):
        code, out, _ = explained(here, capfdbinary, asked, "bnn", "--json")
        assert code == 0
        told = {row["reader"]: row for row in json.loads(out)["readers"]}
        assert {reader: row["sees"] for reader, row in told.items()} == {"bnn": True, "polri": True, "tni": False}
        assert told["polri"]["without"] == ["narrative"]
    code, out, _ = explained(here, capfdbinary, "LP-1", "bnn")
    assert (code, b"narrative" in out, b"tni" in out) == (0, True, True)


def test_a_reader_is_told_of_its_own_view(here: Running, capfdbinary: Any) -> None:
    code, out, _ = explained(here, capfdbinary, ID, "polri", "--json")
    assert code == 0
    (row,) = json.loads(out)["readers"]
    assert row == {"reader": "polri", "sees": True, "because": ["released to tf, of which polri is a member"]}
    code, out, _ = explained(here, capfdbinary, ID, "polri")
    assert not any(word in out for word in (b"narrative", b"tni", b"without", b"marking"))


def test_what_one_may_not_see_is_answered_as_what_is_not_there(here: Running, capfdbinary: Any) -> None:
    nothing = "00000000-0000-5000-8000-000000000000"
    code, out, error = explained(here, capfdbinary, nothing, "tni")
    assert (code, out) == (1, b"")
    for asked in (ID, "LP-1"):
        again = explained(here, capfdbinary, asked, "tni")
        assert again == (code, out, error.replace(nothing.encode(), asked.encode()))
    assert explained(here, capfdbinary, ID, "tni", "--exercise", "badai")[0] == 0, "an exercise is apart"


def test_every_answer_is_audited_and_the_originator_can_ask_who_was_told(here: Running, capfdbinary: Any) -> None:
    explained(here, capfdbinary, ID, "polri")
    explained(here, capfdbinary, ID, "tni")
    events = [orjson.loads(raw) for _, raw in audited(here.addresses.need("kafka"))]
    explanations = [one for one in events if one["kind"] == "explanation"]
    assert {tuple(one["shown"]) for one in explanations if one["reader"] == "polri"} == {(ID,)}
    assert () in {tuple(one["shown"]) for one in explanations if one["reader"] == "tni"}
    release = {"kind": "release", "at": "2026-11-01T00:00:00Z", "report": ID, "agency": "bnn", "readers": {}}
    told = shown_to([release, *explanations], ID, "bnn") or []
    assert "polri" in {one["reader"] for one in told}


def test_without_a_file_or_an_option_the_policy_that_was_started_with_decides(
    here: Running, capfdbinary: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    for name in ("kafka", "registry", "elasticsearch"):
        monkeypatch.setenv(f"GABUNG_{name.upper()}", here.addresses.need(name))
    (tmp_path / "system.json").write_text(json.dumps({"policy": str(here.policy)}))
    code = run(["policy", "explain", ID, "--as", "bnn", "--json"])
    assert (code, b"polri" in capfdbinary.readouterr().out) == (0, True)
