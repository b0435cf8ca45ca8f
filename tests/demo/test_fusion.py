"""What each agency finds, by the reference engine, against what the generator knows."""

from __future__ import annotations

import json

import pytest

from deploy.demo.scenario import COMMON_NAME
from deploy.demo.storylines import ATTACK
from deploy.demo.truth import DUPLICATES, READERS, TASK_FORCE, THINGS, joined
from pipeline.enrich.enrich import load_reference
from pipeline.enrich.identifiers import read
from pipeline.index.document import Document
from pipeline.release.load import load_policy
from pipeline.report.model import report_id
from pipeline.shell.memory import fuse

from .conftest import NOW, Case

PREFIX = {"smuggling": "s-", "attack": "a-", "phishing": "p-"}


def the_thing(case: Case, documents: list[Document], storyline: str, thing: str) -> list[Document]:
    """The entities of this kind with this identifier; an address by the storyline's reports, as it bears no number."""
    kind, scheme = THINGS[storyline][thing]
    entities = [one for one in documents if one["doc"] == "entity" and one["kind"] == kind]
    if not scheme:
        return [
            one for one in entities if {case.labels.get(id_, "")[:2] for id_ in one["reports"]} == {PREFIX[storyline]}
        ]
    wanted = read(scheme, case.told.asked[storyline][thing], "ID")
    assert wanted is not None
    return [one for one in entities if {"scheme": wanted.scheme, "value": wanted.value} in one.get("identifiers", [])]


@pytest.mark.parametrize("reader", READERS)
def test_each_agency_finds_just_what_was_released_to_it_joined(case: Case, reader: str) -> None:
    documents = case.documents(reader)
    for storyline, things in THINGS.items():
        for thing in things:
            found = the_thing(case, documents, storyline, thing)
            wanted = joined(storyline, thing, reader)
            assert len(found) <= 1, f"{storyline} {thing} is in pieces for {reader}"
            agencies = frozenset(found[0]["agencies"]) if found else frozenset()
            assert (agencies if len(agencies) > 1 else frozenset()) == wanted, (storyline, thing)
            if wanted:
                assert found[0]["joined"], f"nothing says what joined {storyline} {thing}"


@pytest.mark.parametrize("reader", READERS)
def test_nothing_else_is_joined_but_ships_that_call_again(case: Case, reader: str) -> None:
    for one in case.documents(reader):
        # Of strangers, two may bear one rare name in full: who says no more of them cannot tell them apart.
        if one["doc"] == "entity" and len(one["agencies"]) > 1 and one["kind"] != "vessel" and len(one["names"]) != 1:
            assert {case.labels.get(id_, "background")[:2] for id_ in one["reports"]} <= set(PREFIX.values())


def picture(case: Case, documents: list[Document]) -> set[str]:
    """The most things of the planned attack that reports hold together: from one the others are reached."""
    reports = {
        thing: {id_ for one in the_thing(case, documents, ATTACK, thing) for id_ in one["reports"]}
        for thing in THINGS[ATTACK]
    }
    largest: set[str] = set()
    for start in reports:
        if not reports[start]:
            continue
        held = {start}
        while near := {
            thing for thing in reports if thing not in held and any(reports[thing] & reports[other] for other in held)
        }:
            held |= near
        largest = max(largest, held, key=len)
    return largest


@pytest.mark.parametrize("member", TASK_FORCE)
def test_the_task_force_sees_the_planned_attack_as_one_picture(case: Case, member: str) -> None:
    assert picture(case, case.documents(member)) == set(THINGS[ATTACK])


@pytest.mark.parametrize("agency", READERS)
def test_no_agency_sees_the_planned_attack_alone(case: Case, agency: str) -> None:
    alone = case.documents(agency, only=agency)
    assert picture(case, alone) < set(THINGS[ATTACK])
    assert all(len(one["agencies"]) == 1 for one in alone if one["doc"] == "entity")


@pytest.mark.parametrize("reader", [one for one in READERS if one not in TASK_FORCE])
def test_who_is_no_member_learns_nothing_of_the_planned_attack(case: Case, reader: str) -> None:
    documents = case.documents(reader)
    seen = {case.labels[one["id"]] for one in documents if one["doc"] == "report" and one["id"] in case.labels}
    assert {label for label in seen if label.startswith("a-")} == {"a-smell"}  # told to everybody, meaning nothing
    text = json.dumps(documents)
    for thing in ("phone", "person", "vehicle"):
        assert case.told.asked[ATTACK][thing] not in text


def test_two_reports_of_one_event_are_told_to_be_duplicates(case: Case) -> None:
    for reader in READERS:
        documents = case.documents(reader)
        found = {
            frozenset(
                {case.labels.get(one["id"], one["id"]), *(case.labels.get(id_, id_) for id_ in one["duplicates"])}
            )
            for one in documents
            if one["doc"] == "report" and one["duplicates"]
        }
        assert found == {pair for pair, readers in DUPLICATES.items() if reader in readers}


def test_three_strangers_of_one_name_stay_three(case: Case) -> None:
    for reader in READERS:
        bearing = [
            one
            for one in case.documents(reader)
            if one["doc"] == "entity" and one["kind"] == "person"
            and COMMON_NAME.replace("Muhammad", "").strip() in " ".join(one["names"])
        ]  # fmt: skip
        assert len(bearing) == (2 if reader == "tni" else 3), reader  # the bureau's notices never go to the army


# label: who sees the report at all
SEEN = {
    "x-red-polri": {"polri"},
    "x-red-bin": {"bin"},
    "x-red-bssn": {"bssn"},
    "x-red-tni": {"tni", "bin"},
    "s-intercept": {"bnn"},
    "x-retracted-polri": set(),
    "x-retracted-bnn": set(),
    "x-retracted-bssn": set(),
    "x-retracted-bin": set(),
    "x-expired-1": set(),
    "x-embargo": {"interpol"},
    "x-expires": set(READERS),
    "p-money": {"bin", "polri", "bssn"},
    "s-tip": {"bnn", "polri", "beacukai"},
}


@pytest.mark.parametrize(("label", "readers"), SEEN.items())
def test_who_sees_a_report(case: Case, label: str, readers: set[str]) -> None:
    id_ = report_id(*case.told.labelled(label).id)
    assert {reader for reader in READERS if any(one["id"] == id_ for one in case.documents(reader))} == readers


# label, reader, what is in its document, what is not
PARTS = (
    ("s-tip", "bnn", "Jelita Kinasih Sagala", ""),
    ("s-tip", "polri", "Informasi gudang", "Jelita Kinasih Sagala"),
    ("s-tip", "polri", "Informasi gudang", "Koh Hen"),
    ("p-victim-1", "bssn", "Hesti Bestari Wenas", ""),
    ("p-victim-1", "interpol", "Undian palsu", "Hesti Bestari Wenas"),
    ("s-declaration", "beacukai", "IDR 611500000", ""),
    ("s-declaration", "bnn", "Cahaya Bahari", "IDR 611500000"),
    ("s-sighting", "bnn", "MV Lestari Ocean", "KRI Contoh 871"),
    ("x-partly-tni", "polri", "identifiers", ""),
    ("x-partly-tni", "bnn", "dua paspor", "passport"),
    ("x-partly-interpol", "beacukai", "stolen icons", "burgled chapel"),
    ("p-config", "polri", "Drop accounts", "pelapor.kit"),
    ("x-corrected-polri", "tni", "tiga mesin perahu", "B 1111 QXX"),
)


@pytest.mark.parametrize(("label", "reader", "there", "absent"), PARTS)
def test_what_is_left_of_a_report(case: Case, label: str, reader: str, there: str, absent: str) -> None:
    id_ = report_id(*case.told.labelled(label).id)
    text = json.dumps(next(one for one in case.documents(reader) if one["id"] == id_), ensure_ascii=False)
    assert there in text
    assert not absent or absent not in text


def test_while_customs_was_seconded_it_saw_what_the_task_force_sees(case: Case) -> None:
    policies, groups = load_policy(case.folder / "policy")
    before = NOW.replace(year=2025, month=1)
    for time, sees in ((before, True), (NOW, False)):
        documents = fuse(case.reports, policies, groups, "beacukai", time, load_reference())
        labels = {case.labels.get(one["id"]) for one in documents if one["doc"] == "report"}
        assert ("a-chatter" in labels) == sees
