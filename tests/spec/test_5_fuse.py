"""Fuse: for each reader, what is joined by what that reader may see."""

from __future__ import annotations

from typing import Any

from pipeline.match.block import CROWD
from pipeline.report.model import Report
from tests.spec.tables import entities, person, report, shown

PASSPORT = {"scheme": "passport", "value": "B1234567"}
NIK = {"scheme": "nik", "value": "3171010102800001"}
OTHER_NIK = {"scheme": "nik", "value": "3171011707910002"}


def test_every_value_cites_its_reports() -> None:
    one, two = report("bnn", entities=[person(identifiers=[PASSPORT])]), report("bin", entities=[person(name="B. Santoso", identifiers=[PASSPORT])])  # fmt: skip
    (entity,) = entities([one, two])
    cited = {(value["field"], value["value"]): value["reports"] for value in entity["values"]}
    assert cited["name", "Budi Santoso"] == [one.id]
    assert cited["identifier", "B1234567"] == sorted([one.id, two.id])
    assert entity["agencies"] == ["bin", "bnn"]


def test_a_hidden_report_joins_nothing() -> None:
    """Two that only a third, hidden one holds together stay two; for who sees it, they are one."""
    left = report("bnn", "1", entities=[person(identifiers=[PASSPORT])])
    right = report("bnn", "2", entities=[person(name="B. Santoso", identifiers=[NIK])])
    bridge = report("bnn", "3", entities=[person(identifiers=[PASSPORT, NIK])], marking={"release_to": ["bin"]})
    assert len(entities([left, right, bridge], "polri")) == 2
    assert len(entities([left, right, bridge], "bin")) == 1
    assert shown([left, right, bridge], "polri") == shown([left, right], "polri")


def test_a_merge_comes_apart_when_what_caused_it_is_retracted() -> None:
    left = report("bnn", "1", entities=[person(identifiers=[PASSPORT])])
    right = report("bnn", "2", entities=[person(identifiers=[NIK])])
    bridge = report("bin", "3", entities=[person(identifiers=[PASSPORT, NIK])])
    gone = report("bin", "3", 2, op="retract")
    assert len(entities([left, right, bridge])) == 1
    assert shown([left, right, bridge, gone], "polri") == shown([left, right], "polri")


def test_a_marking_is_the_join_of_all() -> None:
    """L9: the highest TLP, all caveats, the earliest expiry."""
    one = report("bnn", entities=[person(identifiers=[PASSPORT])], marking={"caveats": ["ORCON"], "expires_at": "2027-01-01T00:00:00Z"})  # fmt: skip
    two = report("bin", entities=[person(identifiers=[PASSPORT])], marking={"tlp": "RED", "release_to": ["polri"], "expires_at": "2027-06-01T00:00:00Z"})  # fmt: skip
    (entity,) = entities([one, two])
    assert entity["marking"] == {"tlp": "RED", "caveats": ["ORCON"], "expires_at": "2027-01-01T00:00:00Z"}


def test_the_earliest_expiry_is_the_earliest_to_the_microsecond() -> None:
    """As texts, `…00.500000Z` stands before `…00Z`; as moments it is later, and would show half a second too much."""
    ends = ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00.500000Z")
    both = [report(agency, entities=[person(identifiers=[PASSPORT])], marking={"expires_at": end}) for agency, end in zip(("bnn", "bin"), ends, strict=True)]  # fmt: skip
    (entity,) = entities(both)
    assert (entity["marking"]["expires_at"], entity["valid_until"]) == (ends[0], ends[0])


def test_an_entitys_id_is_its_smallest_visible_mention() -> None:
    one, two = report("bnn", entities=[person(identifiers=[PASSPORT])]), report("bin", entities=[person(identifiers=[PASSPORT])])  # fmt: skip
    (entity,) = entities([one, two])
    assert entity["id"] == min(f"{one.id}/p1", f"{two.id}/p1")


def test_reports_of_one_event_name_each_other() -> None:
    text = "Dua peti kayu tanpa dokumen ditemukan petugas jaga di dermaga lama pada malam hari"
    one, two = report("bnn", narrative=text), report("bin", narrative=text)
    duplicates = {document["id"]: document["duplicates"] for document in shown([one, two], "polri")}
    assert duplicates == {one.id: [two.id], two.id: [one.id]}


def test_kinds_never_meet() -> None:
    phone = {"ref": "t", "kind": "phone", "identifiers": [{"scheme": "phone", "value": "08111222333"}]}
    owner = person(identifiers=[{"scheme": "phone", "value": "08111222333"}])
    assert len(entities([report(entities=[phone, owner])])) == 2


def judged(verdict: str, one: Report, other: Report, agency: str = "bin", source_id: str = "j", **more: Any) -> Report:
    """A judgement of the first persons of two reports."""
    things = [{"report": each.id, "ref": "p1"} for each in (one, other)]
    judgement = {"verdict": verdict, "kind": "person", "things": things, "reason": "dilihat petugas"}
    return report(agency, source_id, kind="judgement", judgement=judgement, **more)


def two_persons(**more: Any) -> tuple[Report, Report]:
    return tuple(report(agency, entities=[person(**more)]) for agency in ("bnn", "bin"))  # type: ignore[return-value]


def test_what_a_person_judged_the_same_is_joined_with_author_and_reason() -> None:
    one, two = two_persons()
    assert len(entities([one, two])) == 2
    verdict = judged("same", one, two)
    (entity,) = entities([one, two, verdict])
    assert entity["joined"][0]["by"] == "judged the same by bin: dilihat petugas"
    assert entity["joined"][0]["report"] == verdict.id


def test_what_a_person_judged_not_the_same_is_kept_apart_whatever_joins_it() -> None:
    one, two = two_persons(identifiers=[PASSPORT])
    assert len(entities([one, two])) == 1
    apart = entities([one, two, judged("not-same", one, two)])
    assert len(apart) == 2
    assert {each["judgements"][0]["verdict"] for each in apart} == {"not-same"}
    assert len(entities([one, two, judged("not-same", one, two), judged("same", one, two, source_id="k")])) == 2


def test_a_judgement_counts_only_for_who_may_see_it_and_both_things() -> None:
    one, two = two_persons()
    hidden = judged("same", one, two, marking={"release_to": ["bnn"]})
    assert shown([one, two, hidden], "polri") == shown([one, two], "polri")
    unseen = report("bnn", "9", entities=[person()], marking={"release_to": ["bin"]})
    verdict = judged("same", one, unseen)
    told = [document for document in shown([one, unseen, verdict], "polri") if document["doc"] == "entity"]
    assert told == entities([one])
    assert unseen.id not in str(shown([one, unseen, verdict], "polri"))


def test_a_judgement_is_taken_back_by_retracting_it() -> None:
    one, two = two_persons(identifiers=[PASSPORT])
    verdict = judged("not-same", one, two)
    gone = judged("not-same", one, two, revision=2, op="retract")
    assert shown([one, two, verdict, gone], "polri") == shown([one, two], "polri")


def test_a_judgements_marking_joins_that_of_what_it_joined() -> None:
    one, two = two_persons()
    secret = judged("same", one, two, marking={"tlp": "AMBER", "release_to": ["polri"], "caveats": ["ORCON"]})
    (entity,) = entities([one, two, secret])
    assert entity["marking"] == {"tlp": "AMBER", "caveats": ["ORCON"]}


def test_a_chain_does_not_join_what_cannot_be_one() -> None:
    """One who fits two that do not fit each other is joined with one of them, and pulls nothing together."""
    one = report("bnn", "1", entities=[person(birth_date="1980-02-01", identifiers=[NIK])])
    other = report("bnn", "2", entities=[person(birth_date="1991-07-17", identifiers=[OTHER_NIK])])
    between = report("bin", "3", entities=[person(birth_date="1980-02-01", identifiers=[OTHER_NIK])])
    found = entities([one, other, between])
    assert {len(each["mentions"]) for each in found} == {1, 2}


def test_a_name_that_a_crowd_bears_proves_nothing_and_only_what_a_reader_sees_is_a_crowd() -> None:
    crowd = [
        report("bnn", str(number), entities=[person(name="Zulkarnain Tarmizitaher", birth_date="1980-02-01")],
               marking={"release_to": ["polri" if number < 3 else "bin"]})
        for number in range(CROWD + 3)
    ]  # fmt: skip
    assert len(entities(crowd, "polri")) == 1
    assert len(entities(crowd, "bin")) == 1
    more = [report("bnn", f"more {number}", entities=[person(name="Zulkarnain Tarmizitaher", birth_date="1980-02-01")], marking={"release_to": ["bin"]}) for number in range(5)]  # fmt: skip
    assert len(entities([*crowd, *more], "bin")) == len(crowd) - 3 + len(more)
    assert shown([*crowd, *more], "polri") == shown(crowd, "polri")
