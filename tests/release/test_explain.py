"""Who sees what and why: all of it for the originator, and for a reader nothing that concerns another."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from pipeline.release.explain import explain
from pipeline.release.paths import parse
from pipeline.release.policy import Agency, Group, Membership, Policies, Rule
from tests.spec.tables import NOW, person, report

AGENCIES = {id_: Agency(id_, id_) for id_ in ("bnn", "polri", "bin", "tni")}
SOON = NOW + timedelta(days=1)
GROUPS = {
    "tf": Group("tf", "Tim", "bnn", (Membership("polri", end=SOON), Membership("tni"))),
    "lain": Group("lain", "Lain", "bin", (Membership("bin"),)),
}
RULES = (
    Rule("mitra polri dan tni", "permit", ("tf",)),
    Rule("bukan untuk bin", "forbid", ("bin",)),
    Rule("informan", "redact", ("*",), fields=(parse("entities[role=informant]"),)),
)
POLICIES = Policies(AGENCIES, {"bnn": RULES})
SECRET = report(marking={"tlp": "AMBER", "release_to": None, "fields": [{"path": "narrative", "release_to": ["tni"]}]},
                narrative="rahasia", entities=[person(), person("p2", role="informant")])  # fmt: skip


def said(asker: str, one: object = SECRET, policies: Policies = POLICIES) -> str:
    rows = explain(one, asker, policies, GROUPS, NOW)  # type: ignore[arg-type]
    return json.dumps(None if rows is None else [row.to_json() for row in rows])


def test_the_originator_is_told_of_every_agency() -> None:
    rows = {row.reader: row for row in explain(SECRET, "bnn", POLICIES, GROUPS, NOW) or ()}
    assert {reader: row.sees for reader, row in rows.items()} == {"bin": False, "bnn": True, "polri": True, "tni": True}
    assert rows["bin"].because == ("bnn: bukan untuk bin: names it",)
    assert rows["polri"].because == ("bnn: mitra polri dan tni: names its group tf",)
    assert rows["polri"].without == ("entities[role=informant]", "narrative")
    assert (rows["polri"].until, rows["polri"].changes) == (SOON, SOON)
    assert rows["tni"].without == ("entities[role=informant]",)
    assert rows["tni"].until is None


def test_a_reader_is_told_that_it_sees_it_and_until_when_and_nothing_more() -> None:
    (row,) = explain(SECRET, "polri", POLICIES, GROUPS, NOW) or ()
    assert row.to_json() == {
        "reader": "polri", "sees": True, "because": ["released to tf, of which polri is a member"],
        "until": "2026-11-02T00:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize("asker", ["bin", "elsewhere"])
def test_what_one_may_not_see_is_explained_as_what_is_not_there(asker: str) -> None:
    assert said(asker) == said(asker, None) == "null"


def test_what_is_hidden_changes_nothing_of_what_a_reader_is_told() -> None:
    """Other rules' names, other readers, other fields taken out, other changes to come: the same bytes."""
    for rules in (
        (Rule("nama lain", "permit", ("tf",)), Rule("juga bin", "permit", ("bin",))),
        (*RULES, Rule("tempat", "redact", ("tf",), fields=(parse("places"),))),
        (*RULES, Rule("nanti", "redact", ("lain",), fields=(parse("places"),))),
    ):
        assert said("polri", policies=Policies(AGENCIES, {"bnn": rules})) == said("polri")
    for_all = report(marking={"release_to": ["*"]})
    for_one = report(marking={"release_to": ["polri"], "fields": [{"path": "places", "release_to": []}]})
    assert said("polri", for_all) == said("polri", for_one)
    assert "released to polri" in said("polri", for_all)


def test_an_own_report_that_has_expired_is_still_explained_to_its_originator() -> None:
    expired = report(marking={"release_to": ["polri"], "expires_at": NOW})
    rows = explain(expired, "bnn", POLICIES, GROUPS, NOW) or ()
    assert not any(row.sees for row in rows)
    assert {row.because for row in rows} == {("marking.expires_at: it has expired",)}
