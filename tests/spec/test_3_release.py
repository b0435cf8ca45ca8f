"""Release: views bear no trace of what was taken out. Who may see what stands in tests/release/cases."""

from __future__ import annotations

import json

from pipeline.enrich.enrich import enrich
from pipeline.release.paths import parse
from pipeline.release.redact import redact
from pipeline.release.view import release
from tests.spec.tables import NOW, POLICIES, person, reference, report, shown

INFORMANT = report(
    narrative="Pertemuan di gudang",
    entities=[person(), person("i1", "Rahasia Sekali", role="informant", identifiers=[{"scheme": "passport", "value": "X9999999"}])],
    links=[{"from": "p1", "to": "i1", "kind": "knows"}],
    marking={"fields": [{"path": "entities[role=informant]", "release_to": []}]},
)  # fmt: skip


def test_what_is_taken_out_takes_all_that_derives_from_it() -> None:
    """L1, L4: the mention, its links, its identifiers, its keys."""
    said = json.dumps(shown([INFORMANT], "polri"))
    for trace in ("Rahasia", "rahasia", "X9999999", "i1", "knows", "informant"):
        assert trace not in said
    assert "X9999999" in json.dumps(shown([INFORMANT], "bnn"))


def test_a_view_is_the_same_as_of_a_report_that_never_said_it() -> None:
    without = report(narrative="Pertemuan di gudang", entities=[person()])
    assert shown([INFORMANT], "polri") == shown([without], "polri")


def test_who_else_was_meant_is_not_told() -> None:
    """L16, L23: neither release lists nor a revision stand in a view for others."""
    found = release(
        enrich(report(revision=9, marking={"release_to": ["polri", "bin"], "not_release_to": []}), reference()),
        POLICIES, {}, NOW, lambda left: enrich(left, reference()),
    )  # fmt: skip
    for view in found.views:
        if view.readers != ("bnn",):
            assert view.enriched.report.marking.release_to is None
            assert view.enriched.report.revision == 1


def test_of_an_iep_a_reader_is_told_what_it_must_obey_and_the_bounds_as_the_markings_own() -> None:
    policy = {"iep_version": "2.0", "tlp": "amber", "end_date": "2027-01-01T00:00:00Z", "attribution": "must-not",
              "start_date": "2026-01-01T00:00:00Z", "id": "rekaan-1", "name": "Perjanjian bnn-bin",
              "description": "Rekaan", "external_references": ["https://contoh.example/bin"]}  # fmt: skip
    (told,) = shown([report(marking={"release_to": ["polri"], "iep": policy})], "polri")
    assert told["marking"] == {
        "tlp": "AMBER", "expires_at": "2027-01-01T00:00:00Z", "iep": {"iep_version": "2.0", "attribution": "must-not"}
    }  # fmt: skip
    plain = {
        "tlp": "AMBER",
        "expires_at": "2027-01-01T00:00:00Z",
        "iep": {"iep_version": "2.0", "attribution": "must-not"},
    }
    assert shown([report(marking={"release_to": ["polri"], **plain})], "polri") == [told], "no trace of the rest"


def test_readers_who_see_the_same_share_a_view() -> None:
    found = release(enrich(report(), reference()), POLICIES, {}, NOW, lambda left: enrich(left, reference()))
    assert sorted(view.readers for view in found.views) == [("bin", "polri"), ("bnn",)]


def test_all_paths_are_read_against_the_report_as_it_came() -> None:
    one = report(entities=[person("a"), person("b"), person("c")])
    left = redact(one, [parse("entities[0]"), parse("entities[1]")])
    assert [mention.ref for mention in left.entities] == ["c"]
    assert redact(one, [parse("entities[1]"), parse("entities[0]")]) == left
