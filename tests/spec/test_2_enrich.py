"""Enrich: normal forms, each telling where it came from. The tables of every scheme are in tests/enrich."""

from __future__ import annotations

from pipeline.enrich.enrich import enrich
from tests.spec.tables import person, reference, report


def test_what_is_written_in_many_ways_gets_one_form() -> None:
    spellings = ("0811-1222-333", "+62 811 1222 333", "62811 1222333")
    forms = set()
    for value in spellings:
        found = enrich(report(entities=[person(identifiers=[{"scheme": "phone", "value": value}])]), reference())
        forms.add(found.features[0].identifiers)
    assert len(forms) == 1


def test_each_added_value_says_where_it_came_from() -> None:
    found = enrich(report(entities=[person(name="Moh. Yusuf")], places=[{"name": "Tanjung Priok"}]), reference())
    assert {added.path for added in found.added} >= {"entities[p1].names[0]", "places[0]"}
    assert all(added.by for added in found.added)


def test_a_place_gets_coordinates_without_asking_anyone() -> None:
    (location,) = enrich(report(places=[{"name": "Belawan", "country": "ID"}]), reference()).locations
    assert abs(location.lat - 3.78) < 0.1
    assert abs(location.lon - 98.69) < 0.1


def test_what_the_originator_located_stays_as_it_is() -> None:
    (location,) = enrich(report(places=[{"name": "Belawan", "lat": 1.5, "lon": 2.5}]), reference()).locations
    assert (location.lat, location.lon, location.by) == (1.5, 2.5, "report")
