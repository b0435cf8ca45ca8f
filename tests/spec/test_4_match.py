"""Match: a decision about two things, with its reason."""

from __future__ import annotations

from itertools import combinations, islice

import pytest

from pipeline.bench.events import tellings
from pipeline.bench.people import lives
from pipeline.bench.reports import measure
from pipeline.enrich.enrich import enrich
from pipeline.match.candidate import Candidate, of_mention, of_report
from pipeline.match.compare import compare
from pipeline.match.event import Event, event
from pipeline.match.evidence import enough, evidence, most_of_name, name, total
from pipeline.match.same_event import evidence as event_evidence
from pipeline.match.same_event import same_event
from pipeline.match.text import likeness, shingles
from pipeline.match.weights import JOIN_BITS
from tests.spec.tables import entities, person, reference, report, shown

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
    def text(agency: str, narrative: str, occurred: str) -> Candidate:
        return of_report(enrich(report(agency, narrative=narrative, occurred={"from": occurred}), reference()))

    first = text("bnn", TEXT, "2026-10-01T00:00:00Z")
    assert compare(first, text("bin", TEXT.replace("kayu", "besi"), "2026-10-01T08:00:00Z")) is not None
    assert compare(first, text("bin", TEXT, "2026-10-20T00:00:00Z")) is None
    other = "Laporan lain yang sama sekali tidak bicara tentang hal itu tadi"
    assert compare(first, text("bin", other, "2026-10-01T00:00:00Z")) is None


def test_a_day_told_alone_is_met_by_a_moment_of_it_in_whatever_zone() -> None:
    """Midnight in Jakarta is 17:00 of the day before in UTC."""

    def told(agency: str, occurred: str) -> Event:
        found = event(enrich(report(agency, narrative=TEXT, occurred={"from": occurred}), reference()))
        assert found is not None
        return found

    day, moment = told("bnn", "2026-10-01T00:00:00+07:00"), told("bin", "2026-10-01T22:00:00+07:00")
    assert "occurred" not in {one.feature for one in event_evidence(day, moment)}
    assert same_event(day, moment) is not None
    assert same_event(day, told("bin", "2026-10-04T22:00:00+07:00")) is None


def test_a_copy_says_so_and_a_telling_in_other_words_does_not() -> None:
    story = (
        "Pada Kamis 5 November 2026 petugas menghentikan truk BK 8123 XY di Tanjung Rekaan dan menemukan 40 karung "
        "yang dibawa Darmo Rekawan dari gudang Sinar Rekaan."
    )
    again = (
        "Darmo Rekawan ditangkap 5 November 2026 dengan 40 karung di dalam truk BK 8123 XY; muatan itu diambilnya dari "
        "gudang Sinar Rekaan, kata petugas di Tanjung Rekaan."
    )
    of = [report(agency, narrative=text) for agency, text in (("bnn", story), ("bin", story), ("polri", again))]
    (first, copy, other) = (of_report(enrich(one, reference())) for one in of)
    passed_on, retold = compare(first, copy), compare(first, other)
    assert passed_on is not None
    assert passed_on.feature == "same-text-copy"
    assert "texts equal" in passed_on.says
    assert retold is not None
    assert retold.feature == "same-event"
    assert "BK8123XY".casefold() in retold.says.casefold().replace(" ", "")
    assert compare(other, first) == retold
    documents = [one for one in shown(of, "bnn") if one["doc"] == "report"]
    assert len(documents) == 3
    for document in documents:
        assert document["sources"] == {"independent": 2, "copies": [sorted([of[0].id, of[1].id])]}


def test_one_form_filled_in_twice_is_two_events() -> None:
    form = (
        "Pemberitahuan impor {number} oleh {company}: satu peti kemas {box} berisi suku cadang, tiba {day} di Belawan."
    )
    one, other = (
        of_report(enrich(report("beacukai", narrative=form.format(**values)), reference()))
        for values in (
            {"number": "004512", "company": "PT Rekaan Jaya", "box": "TGHU1234567", "day": "1 Oktober 2026"},
            {"number": "004577", "company": "PT Samudra Contoh", "box": "MSKU7654321", "day": "2 Oktober 2026"},
        )
    )
    assert compare(one, other) is None


def test_invented_events_are_found_again() -> None:
    """A floor below what `gabung bench reports` measures on 5,000; here a smaller set of another seed."""
    measured = measure(tellings(5, 800), 5)
    assert measured["f1"] >= 0.97
    assert measured["f1"] > measured["jaccard"]["f1"] + 0.3


def test_a_text_too_short_to_tell_matches_nothing() -> None:
    assert shingles(["declaration", "123"]) == set()
    assert likeness((), (1, 2), 2) == (0.0, 0.0)


def test_what_is_left_before_names_are_compared_could_not_have_joined() -> None:
    """And what is not left is weighed as a whole."""
    people = [
        of_mention(made.report.id, made.features[0])
        for number, (_, mention) in enumerate(islice(lives(3, 60), 250))
        for made in [enrich(report("bin", f"r{number}", entities=[mention]), reference())]
    ]
    left = 0
    for a, b in combinations(people, 2):
        told = enough(a, b)
        assert told == evidence(a, b) if told is not None else total(evidence(a, b)) < JOIN_BITS
        assert sum(one.bits for one in name(a, b)) <= most_of_name(a, b) + 1e-9
        left += told is None
    assert left > len(people) ** 2 / 4
