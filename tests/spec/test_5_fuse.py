"""Fuse: for each reader, what is joined by what that reader may see."""

from __future__ import annotations

from tests.spec.tables import entities, person, report, shown

PASSPORT = {"scheme": "passport", "value": "B1234567"}
NIK = {"scheme": "nik", "value": "3171010102800001"}


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
