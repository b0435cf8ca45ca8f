"""Places: a name, perhaps with its country -> coordinates, or none where there is doubt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.enrich import Reference
from pipeline.enrich.gazetteer import load_gazetteer
from pipeline.enrich.model import Enriched
from pipeline.enrich.places import BESIDE, locate

KNOWN = """
name                                   | country | lat    | lon     | by
Tanjung Priok                          | ID      | -6.10  | 106.88  | landmarks
Pelabuhan Tanjung Priok, Jakarta Utara | -       | -6.10  | 106.88  | landmarks
Jakarta Utara                          | -       | -6.14  | 106.86  | landmarks
DKI Jakarta                            | -       | -6.21  | 106.85  | geonames
Kota Medan                             | ID      | 3.58   | 98.67   | geonames
Medan, Indonesia                       | -       | 3.58   | 98.67   | geonames
Kab. Bogor                             | ID      | -6.59  | 106.79  | geonames
Bandara Soekarno-Hatta                 | -       | -6.13  | 106.66  | landmarks
Bandara Internasional Juanda, Sidoarjo | -       | -7.38  | 112.79  | landmarks
PLBN Entikong                          | -       | 0.97   | 110.30  | landmarks
Tanjungpinang                          | ID      | 0.92   | 104.46  | geonames
Tanjung Pinang                         | ID      | 0.92   | 104.46  | geonames
Perairan Batam                         | -       | 1.15   | 104.02  | geonames
Warung Ibu, Sekupang, Batam            | ID      | 1.13   | 103.93  | geonames
Merdeka, Medan                         | ID      | 3.58   | 98.67   | geonames
Kuta, Bali                             | -       | -8.72  | 115.17  | geonames
Jawa Barat                             | -       | -6.92  | 107.60  | landmarks
Selat Malaka                           | -       | 3.00   | 100.70  | landmarks
Surabaya                               | -       | -7.25  | 112.75  | geonames
London                                 | -       | 51.51  | -0.13   | geonames
London                                 | CA      | 42.98  | -81.23  | geonames
Singapura                              | -       | 1.29   | 103.85  | geonames
東京                                   | -       | 35.69  | 139.69  | geonames
Москва                                 | -       | 55.75  | 37.62   | geonames
Port of Rotterdam                      | NL      | 51.92  | 4.48    | geonames
"""

IN_DOUBT = [
    ("Springfield", None),
    ("Springfield", "US"),
    ("Cibeureum", "ID"),
    ("Kuta", None),
    ("Merak", "DE"),
    ("Sukajadi", "ID"),
    ("Tempat yang tak ada", "ID"),
    ("rumah tersangka", None),
    ("Indonesia", None),
    ("...", None),
]


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize(("name", "country", "lat", "lon", "by"), rows(KNOWN))
def test_a_known_place_gets_coordinates(
    reference: Reference, name: str, country: str, lat: str, lon: str, by: str
) -> None:
    spot = locate(reference.gazetteer, name, None if country == "-" else country)
    assert spot is not None
    assert (round(spot.lat, 2), round(spot.lon, 2), spot.by) == (float(lat), float(lon), by)


@pytest.mark.parametrize(("name", "country"), IN_DOUBT)
def test_a_doubtful_place_gets_none(reference: Reference, name: str, country: str | None) -> None:
    assert locate(reference.gazetteer, name, country) is None


def test_a_namesake_far_from_the_town_named_after_it_is_not_meant(reference: Reference) -> None:
    alone = locate(reference.gazetteer, "Nunukan", "ID")
    beside = locate(reference.gazetteer, "Nunukan, Surabaya", "ID")
    assert alone is not None
    assert beside is not None
    assert abs(alone.lat - beside.lat) * 111 > BESIDE


def test_coordinates_that_were_given_stay(enriched: Callable[..., Enriched]) -> None:
    (location,) = enriched(places=[{"name": "Medan", "country": "ID", "lat": -6.5, "lon": 106.25}]).locations
    assert (location.path, location.lat, location.lon, location.by) == ("places[0]", -6.5, 106.25, "report")


def test_places_and_cities_of_addresses_are_located_in_their_order(enriched: Callable[..., Enriched]) -> None:
    person: dict[str, Any] = {"ref": "p1", "kind": "person",
                              "addresses": [{"text": "Jl. Enim 3"}, {"city": "Jakarta", "country": "ID"}]}  # fmt: skip
    places = [{"name": "entah"}, {"name": "Merak", "country": "ID"}, {"lat": 1.0, "lon": 2.0}]
    found = enriched(places=places, entities=[person]).locations
    assert [(one.path, one.name, one.by) for one in found] == [
        ("places[1]", "Merak", "landmarks"),
        ("places[2]", None, "report"),
        ("entities[p1].addresses[1]", "Jakarta", "geonames"),
    ]


TOWNS = [
    {"name": "Kota Rekaan", "alternatenames": ["Рекаан", "KRK"], "countrycode": "ID", "population": 0,
     "latitude": -1.5, "longitude": 100.25},
    {"name": "Ciptaan", "alternatenames": [], "countrycode": "MY", "population": 120_000, "latitude": 2.0, "longitude": 99.0},
]  # fmt: skip


def test_the_gazetteer_is_made_once_and_a_broken_one_anew(tmp_path: Path) -> None:
    first = load_gazetteer(tmp_path, lambda: TOWNS)
    assert [town.lat for town in first.find("rekaan")] == [-1.5], "a name in another script"
    assert first.find("krk") == [], "a code is no name"
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    assert load_gazetteer(tmp_path, list) == first, "the kept one is used"
    file.write_bytes(whole[: len(whole) // 2])
    assert load_gazetteer(tmp_path, lambda: TOWNS) == first
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert load_gazetteer(in_the_way, lambda: TOWNS).find("ciptaan")


@given(st.text(max_size=60), st.sampled_from([None, "ID", "ZZ"]))
def test_no_name_is_too_odd(reference: Reference, name: str, country: str | None) -> None:
    spot = locate(reference.gazetteer, name, country)
    assert spot is None or (-90 <= spot.lat <= 90 and -180 <= spot.lon <= 180)
