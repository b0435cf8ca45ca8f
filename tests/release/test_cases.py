"""Who may see what: the cases in `cases/*.yaml`, which a lawyer can read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.release import iep
from pipeline.release.decide import decide
from pipeline.release.paths import parse
from pipeline.release.policy import Agency, Group, Membership, Policies, Rule
from pipeline.release.view import for_others
from pipeline.report.model import Report

CASES = [
    pytest.param(case, id=case["about"])
    for path in sorted(Path(__file__).with_name("cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
OTHERS = ("bin", "interpol", "polri", "tni")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


GROUPS = {
    "tf-jakarta": Group(
        "tf-jakarta",
        "Tim Gabungan Jakarta",
        "polri",
        (
            Membership("polri"),
            Membership("bin", moment("2026-03-01T00:00:00Z"), moment("2026-12-31T00:00:00Z")),
            Membership("tni", None, moment("2026-06-01T00:00:00Z")),
        ),
    ),
    "gone": Group("gone", "Tim lama", "polri", (Membership("interpol"),), retired=True),
}


def report(case: dict[str, Any]) -> Report:
    return Report.model_validate(
        {
            "agency": "bnn", "source_id": "LP-1", "revision": 1, "op": case.get("op", "upsert"), "kind": "seizure",
            "title": "Sitaan", "narrative": "Uraian", "reported_at": "2026-01-01T00:00:00Z", "places": [{"name": "Medan"}],
            "entities": [{"ref": "p1", "kind": "person", "role": "suspect", "names": ["Budi"]}], "marking": case["marking"],
        }
    )  # fmt: skip


def policies(case: dict[str, Any]) -> Policies:
    rules = tuple(
        Rule(
            name=f"rule {at}",
            effect=rule["effect"],
            to=tuple(rule["to"]),
            kinds=tuple(rule.get("when", {}).get("kind", ())),
            tlps=tuple(rule.get("when", {}).get("tlp", ())),
            caveats=tuple(rule.get("when", {}).get("caveats", ())),
            fields=tuple(parse(path) for path in rule.get("fields", ())),
        )
        for at, rule in enumerate(case.get("rules", ()))
    )
    return Policies({id_: Agency(id_, id_.upper()) for id_ in ("bnn", *OTHERS)}, {"bnn": rules})


def test_there_are_enough_and_each_says_something_of_its_own() -> None:
    abouts = [one.id for one in CASES]
    assert len(abouts) >= 150
    assert len(set(abouts)) == len(abouts)


@pytest.mark.parametrize("case", CASES)
def test_a_report_is_released_to_just_these_readers(case: dict[str, Any]) -> None:
    time = moment(case.get("time", "2026-11-01T00:00:00Z"))
    decisions = {reader: decide(report(case), reader, policies(case), GROUPS, time) for reader in OTHERS}
    assert [reader for reader in OTHERS if decisions[reader].released] == case["sees"]
    assert all(decision.reasons for decision in decisions.values())
    hidden = {reader: [path.text for path in one.hidden] for reader, one in decisions.items() if one.hidden}
    assert hidden == case.get("hidden", {})
    doubted = any(reason.effect == "doubt" for one in decisions.values() for reason in one.reasons)
    assert doubted is case.get("doubt", False)
    own = decide(report(case), "bnn", policies(case), GROUPS, time)
    assert own.released is case.get("own", True)
    assert own.hidden == ()


@pytest.mark.parametrize("case", [one for one in CASES if {"shown", "handling"} & set(one.values[0])])  # type: ignore[call-overload]
def test_a_reader_is_shown_what_it_must_obey_and_no_more(case: dict[str, Any]) -> None:
    marking = for_others(report(case)).marking
    told = marking.model_dump(mode="json", exclude_defaults=True)
    assert {name: told.get(name) for name in case.get("shown", {})} == case.get("shown", {})
    if "handling" in case:
        assert iep.handling(marking) == case["handling"]
        assert told.get("iep", {}) == ({"iep_version": "2.0", **case["handling"]} if case["handling"] else {})


@pytest.mark.parametrize("case", [one for one in CASES if "iep" in one.values[0]["marking"]])  # type: ignore[call-overload, index]
def test_an_iep_never_releases_what_would_not_be_released_without_it(case: dict[str, Any]) -> None:
    time = moment(case.get("time", "2026-11-01T00:00:00Z"))
    with_it = report(case)
    without = with_it.model_copy(update={"marking": with_it.marking.model_copy(update={"iep": None})})
    for reader in ("bnn", *OTHERS):
        narrowed, bare = (decide(one, reader, policies(case), GROUPS, time) for one in (with_it, without))
        assert narrowed.released <= bare.released
        assert not narrowed.released or set(narrowed.hidden) >= set(bare.hidden)


@pytest.mark.parametrize(
    ("sources", "joined"),
    [
        ([{"attribution": "may"}, {"attribution": "must"}], {"attribution": "must"}),
        ([{"attribution": "must"}, {"attribution": "must-not"}], {"attribution": "must-not"}),
        ([{"permitted_actions": "none"}, {}], {"permitted_actions": "none"}),
        ([{"permitted_actions": "externally-visible-direct-actions"}, {}], {"permitted_actions": "contact-for-instruction"}),
        ([{"permitted_actions": "internally-visible-actions"}, {"permitted_actions": "externally-visible-indirect-actions"}], {"permitted_actions": "internally-visible-actions"}),
        ([{"unmodified_resale": "may"}, {"unmodified_resale": "may"}], {"unmodified_resale": "may"}),
        ([{"unmodified_resale": "may"}, {}], {}),
        ([{"unmodified_resale": "must-not"}, {}], {"unmodified_resale": "must-not"}),
        ([{"encrypt_in_transit": "must"}, {"affected_party_notifications": "must-not"}], {"encrypt_in_transit": "must", "affected_party_notifications": "must-not"}),
        ([{}, {}], {}),
    ],
)  # fmt: skip
def test_of_what_is_fused_the_strictest_handling_stands(sources: list[dict[str, str]], joined: dict[str, str]) -> None:
    assert iep.join(sources) == iep.join(sources[::-1]) == joined


@pytest.mark.parametrize("case", CASES)
def test_nobody_from_outside_the_policy_folder_sees_anything(case: dict[str, Any]) -> None:
    assert not decide(report(case), "fbi", policies(case), GROUPS, moment("2026-11-01T00:00:00Z")).released


@pytest.mark.parametrize("case", CASES)
def test_no_decision_changes_before_the_moment_it_names(case: dict[str, Any]) -> None:
    """`changes` is what the running system waits for, so nothing may happen before it."""
    time = moment(case.get("time", "2026-01-01T00:00:00Z"))
    later = [moment(f"2026-{month:02}-{day:02}T00:00:00Z") for month in range(1, 13) for day in (1, 15, 31) if day < 29 or month in (1, 3, 5, 7, 8, 10, 12)]  # fmt: skip
    for reader in ("bnn", *OTHERS):
        now = decide(report(case), reader, policies(case), GROUPS, time)
        for then in later:
            if then > time and (now.changes is None or then < now.changes):
                again = decide(report(case), reader, policies(case), GROUPS, then)
                assert (again.released, again.hidden) == (now.released, now.hidden), (reader, then)
            if now.released and now.ends is not None and then >= now.ends > time and now.changes == now.ends:
                assert not decide(report(case), reader, policies(case), GROUPS, now.ends).released
