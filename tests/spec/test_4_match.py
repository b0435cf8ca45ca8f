"""Match: a decision about two things, with its reason."""

from __future__ import annotations

import pytest

from pipeline.enrich.enrich import enrich
from pipeline.match.candidate import of_mention, of_report
from pipeline.match.compare import compare
from pipeline.match.text import likeness, shingles
from tests.spec.tables import entities, person, reference, report

TEXT = "Dua peti kayu tanpa dokumen ditemukan petugas jaga di dermaga lama pada malam hari sebelum kapal berangkat ke utara"


def joined(one: dict[str, object], other: dict[str, object]) -> str | None:
    """The reason why two mentions of two reports are one entity, if they are."""
    found = entities([report("bnn", entities=[one]), report("bin", entities=[other])])
    assert len(found) in (1, 2)
    return found[0]["joined"][0]["by"] if len(found) == 1 else None


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (person(identifiers=[{"scheme": "passport", "value": "B 1234567"}]), person(name="B. S.", identifiers=[{"scheme": "passport", "value": "b1234567"}]), "same passport B1234567"),
        (person(birth_date="1980-02-01"), person(name="Santoso Budi", birth_date="1980-02-01"), "born 1980-02-01, same name budi santoso"),
        (person(name="Budi Santoso", birth_date="1980-02-01"), person(name="Budi Santosa", birth_date="1980-02-01"), "born 1980-02-01, names budi santosa and budi santoso alike"),
        (person(identifiers=[{"scheme": "phone", "value": "08111222333"}]), person(identifiers=[{"scheme": "phone", "value": "+628111222333"}]), "same phone +628111222333, same name budi santoso"),
        ({"ref": "o", "kind": "organisation", "names": ["PT Samudra Jaya Rekaan"]}, {"ref": "o", "kind": "organisation", "names": ["Samudra Jaya Rekaan, PT."]}, "same name samudra jaya rekaan"),
    ],
)  # fmt: skip
def test_these_are_the_same(one: dict[str, object], other: dict[str, object], by: str) -> None:
    assert by in (joined(one, other) or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person(), person()),
        (person(birth_date="1980-02-01"), person(birth_date="1985-07-17")),
        (person(birth_date="1980"), person(birth_date="1980")),
        (person(name="Budi", identifiers=[{"scheme": "phone", "value": "08111222333"}]), person(name="Siti", identifiers=[{"scheme": "phone", "value": "08111222333"}])),
        ({"ref": "i", "kind": "ip", "identifiers": [{"scheme": "ip", "value": "8.8.8.8"}]}, {"ref": "i", "kind": "ip", "identifiers": [{"scheme": "ip", "value": "8.8.8.8"}]}),
        ({"ref": "o", "kind": "organisation", "names": ["Samudra"]}, {"ref": "o", "kind": "organisation", "names": ["Samudra"]}),
    ],
)  # fmt: skip
def test_these_are_not(one: dict[str, object], other: dict[str, object]) -> None:
    assert joined(one, other) is None


def test_the_order_of_the_two_does_not_matter() -> None:
    one, other = (
        of_mention(id_, enrich(report(entities=[person(birth_date="1980-02-01")]), reference()).features[0])
        for id_ in ("a", "b")
    )
    assert compare(one, other) == compare(other, one) is not None


def test_two_persons_of_one_report_are_two() -> None:
    twins = [person("a", birth_date="1980-02-01"), person("b", birth_date="1980-02-01")]
    assert len(entities([report(entities=twins)])) == 2


def test_near_equal_texts_are_one_event_unless_days_apart() -> None:
    def text(source: str, narrative: str, day: str) -> object:
        return of_report(enrich(report(source_id=source, narrative=narrative, occurred={"from": f"2026-10-{day}T00:00:00Z"}), reference()))  # fmt: skip

    first = text("1", TEXT, "01")
    assert compare(first, text("2", TEXT.replace("kayu", "besi"), "02")) is not None  # type: ignore[arg-type]
    assert compare(first, text("2", TEXT, "20")) is None  # type: ignore[arg-type]
    assert compare(first, text("2", "Laporan lain yang sama sekali tidak bicara tentang hal itu tadi", "01")) is None  # type: ignore[arg-type]


def test_a_text_too_short_to_tell_matches_nothing() -> None:
    assert shingles(["declaration", "123"]) == set()
    assert likeness((), (1, 2), 2) == (0.0, 0.0)
