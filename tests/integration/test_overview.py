"""Cursor, timeline, map and graph on a real Elasticsearch: over the reader's own documents alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipeline.addresses import Addresses
from pipeline.search.api.answers import Graph, Map, Timeline
from tests.integration.serving import NOW, Served, agencies, report, serving


def person(ref: str, name: str, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "kind": "person", "names": [name], **more}


def passport(number: str) -> dict[str, Any]:
    return {"identifiers": [{"scheme": "passport", "value": number}], "birth_date": "1980-02-01"}


BUDI, SITI = passport("B1234567"), passport("C7654321")
JAKARTA = {"name": "Jakarta", "country": "ID", "lat": -6.2, "lon": 106.8}
SORONG = {"name": "Sorong", "country": "ID", "lat": -0.86, "lon": 131.25}
REPORTS = [
    report("bnn", "rantai-1", ["polri"], entities=[person("p1", "Budi Rekaan", **BUDI), person("p2", "Siti Contoh", **SITI)], links=[{"from": "p1", "to": "p2", "kind": "knows"}], places=[JAKARTA]),
    report("polri", "rantai-2", ["bnn"], reported_at="2026-10-03T00:00:00Z", entities=[person("a", "Siti Contoh", **SITI), {"ref": "v", "kind": "vehicle", "names": ["B 1 X"], "identifiers": [{"scheme": "plate", "value": "B 1234 XYZ"}]}], links=[{"from": "a", "to": "v", "kind": "uses"}], places=[SORONG]),
    report("bnn", "rahasia", [], kind="intelligence", reported_at="2020-01-01T00:00:00Z", entities=[person("p1", "Budi Rekaan", **BUDI), person("p9", "Tersembunyi Rekaan")], links=[{"from": "p1", "to": "p9", "kind": "pays"}], places=[{"name": "Medan", "country": "ID", "lat": 3.59, "lon": 98.67}]),
    *(report("bnn", f"biasa-{number:03}", ["tni"], reported_at=f"2026-09-{number % 28 + 1:02}T00:00:00Z", kind="patrol", places=[{"name": "Ambon", "country": "ID", "lat": -3.7 + number / 1000, "lon": 128.18}]) for number in range(230)),
]  # fmt: skip
BUDIS = f"{REPORTS[0].id}/p1"


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(services, tmp_path_factory.mktemp("overview"), ("bnn", "polri", "tni")) as one:
        one.fill(REPORTS, agencies("bnn", "polri", "tni"), {})
        yield one


def test_pages_by_cursor_are_all_hits_once(served: Served) -> None:
    whole = [
        hit["document"]["id"]
        for hit in served.ask("tni", "/api/v1/search", q="patrol OR laporan", size=200).json()["hits"]
    ]
    paged: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        answer = served.ask("tni", "/api/v1/search", q="patrol OR laporan", size=60, **cursor).json()
        assert answer["total"] == 230
        paged += [hit["document"]["id"] for hit in answer["hits"]]
        if answer["cursor"] is None:
            break
        cursor = {"cursor": answer["cursor"]}
    assert len(paged) == len(set(paged)) == 230
    assert paged[:200] == whole


def test_a_cursor_of_a_question_that_is_counted_from_now_holds_while_time_goes_on(served: Served) -> None:
    asked = {"from": "3 bulan terakhir", "q": "laporan", "size": 60}
    try:
        first = served.ask("tni", "/api/v1/search", **asked).json()
        served.time[0] += timedelta(minutes=1)
        second = served.ask("tni", "/api/v1/search", cursor=first["cursor"], **asked).json()
    finally:
        served.time[0] = NOW
    ids = [hit["document"]["id"] for page in (first, second) for hit in page["hits"]]
    assert first["total"] == second["total"] == 230
    assert len(set(ids)) == 120


def test_an_altered_or_foreign_cursor_is_refused(served: Served) -> None:
    cursor = served.ask("tni", "/api/v1/search", q="laporan", size=1).json()["cursor"]
    answers = [
        served.ask("bnn", "/api/v1/search", q="laporan", cursor=cursor),
        served.ask("tni", "/api/v1/search", q="rahasia", cursor=cursor),
        served.ask("tni", "/api/v1/search", q="laporan", cursor="x" + cursor[1:]),
        served.ask("tni", "/api/v1/search", q="laporan", cursor=""),
    ]
    assert {(one.status_code, one.content) for one in answers} == {(422, answers[0].content)}
    assert served.ask("tni", "/api/v1/search", q="laporan", cursor=cursor, skip=3).status_code == 422
    assert served.ask("tni", "/api/v1/search", q="laporan", cursor=cursor).status_code == 200


def test_a_timeline_counts_in_intervals_that_suit_the_span(served: Served) -> None:
    short = served.ask("polri", "/api/v1/timeline", doc="report").json()
    assert short == {"interval": "day", "buckets": [
        {"from": "2026-10-01", "to": "2026-10-01", "count": 1}, {"from": "2026-10-03", "to": "2026-10-03", "count": 1},
    ]}  # fmt: skip
    long = served.ask("bnn", "/api/v1/timeline", doc="report").json()
    assert (long["interval"], long["buckets"][0]) == ("month", {"from": "2020-01-01", "to": "2020-01-31", "count": 1})
    weeks = served.ask("tni", "/api/v1/timeline", doc="report", interval="week").json()["buckets"]
    assert sum(week["count"] for week in weeks) == 230
    for week in weeks:
        found = served.ask("tni", "/api/v1/search", doc="report", size=0, **{"from": week["from"], "to": week["to"]})
        assert found.json()["total"] == week["count"]
    for answer in (short, long):
        Timeline.model_validate(answer)
    assert served.ask("bnn", "/api/v1/timeline", q="tidakada").json() == {"interval": "day", "buckets": []}


def test_a_map_shows_few_documents_by_themselves(served: Served) -> None:
    found = served.ask("polri", "/api/v1/map", doc="report", box="-11,95,6,141", zoom=5).json()
    Map.model_validate(found)
    assert {one["properties"]["label"]: one["geometry"]["coordinates"] for one in found["features"]} == {
        "Laporan rantai-1": [106.8, -6.2], "Laporan rantai-2": [131.25, -0.86],
    }  # fmt: skip
    west = served.ask("polri", "/api/v1/map", doc="report", box="-11,95,6,120", zoom=5).json()["features"]
    assert [one["properties"]["label"] for one in west] == ["Laporan rantai-1"]


def test_a_map_counts_many_by_tiles(served: Served) -> None:
    found = served.ask("tni", "/api/v1/map", doc="report", zoom=8).json()
    assert found["cut"] is False
    Map.model_validate(found)
    assert sum(one["properties"]["count"] for one in found["features"]) == 230
    for feature in found["features"]:
        south, west, north, east = feature["properties"]["box"]
        lon, lat = feature["geometry"]["coordinates"]
        assert south <= lat <= north
        assert west <= lon <= east
    apart = served.ask("bnn", "/api/v1/map", doc="report", zoom=8).json()["features"]
    alone = {one["properties"]["label"] for one in apart if one["properties"]["count"] == 1}
    assert alone == {"Laporan rantai-1", "Laporan rantai-2", "Laporan rahasia"}
    for wrong in ("1,2,3", "9,0,-9,0", "a,b,c,d", "nan,0,1,1", "-91,0,0,0", "0,0,0,inf"):
        assert served.ask("bnn", "/api/v1/map", box=wrong).status_code == 422, wrong


def labels(found: dict[str, Any]) -> set[str]:
    return {one["label"] for one in found["nodes"]}


def test_a_graph_grows_by_levels(served: Served) -> None:
    one = served.ask("polri", f"/api/v1/graph/{BUDIS}").json()
    assert labels(one) == {"Budi Rekaan", "Siti Contoh"}
    (edge,) = one["edges"]
    assert (edge["kind"], edge["reports"]) == ("knows", [REPORTS[0].id])
    assert {edge["from"], edge["to"]} == {node["id"] for node in one["nodes"]}
    two = served.ask("polri", f"/api/v1/graph/{BUDIS}", depth=2).json()
    Graph.model_validate(two)
    assert {edge["kind"] for edge in two["edges"]} == {"knows", "uses"}
    assert (len(two["nodes"]), two["cut"]) == (3, False)


def test_a_graph_holds_nothing_that_is_hidden(served: Served) -> None:
    assert "Tersembunyi Rekaan" in labels(served.ask("bnn", f"/api/v1/graph/{BUDIS}", depth=3).json())
    seen = served.ask("polri", f"/api/v1/graph/{BUDIS}", depth=3, with_reports=True).text
    assert not any(word in seen for word in ("Tersembunyi", "pays", "rahasia", REPORTS[2].id))


def test_a_graph_keeps_to_its_limits_and_filters(served: Served) -> None:
    cut = served.ask("bnn", f"/api/v1/graph/{BUDIS}", depth=3, limit=2).json()
    assert (len(cut["nodes"]), cut["cut"]) == (2, True)
    vehicles = served.ask("bnn", f"/api/v1/graph/{BUDIS}", depth=3, kind="vehicle").json()
    assert labels(vehicles) == {"Budi Rekaan"}
    early = served.ask("bnn", f"/api/v1/graph/{BUDIS}", to="2020-12-31").json()
    assert labels(early) == {"Budi Rekaan", "Tersembunyi Rekaan"}
    polri = served.ask("bnn", f"/api/v1/graph/{BUDIS}", agency="polri").json()
    assert labels(polri) == {"Budi Rekaan", "Siti Contoh"}


def test_a_graph_around_a_report_holds_what_it_mentions(served: Served) -> None:
    found = served.ask("polri", f"/api/v1/graph/{REPORTS[1].id}", depth=2).json()
    assert labels(found) == {"Laporan rantai-2", "Siti Contoh", "B 1 X", "Budi Rekaan"}
    assert sorted(edge["kind"] for edge in found["edges"]) == ["knows", "mentions", "mentions", "uses"]


def test_no_graph_around_what_one_may_not_see(served: Served) -> None:
    nothing = served.ask("tni", "/api/v1/graph/none")
    for id_ in (REPORTS[2].id, BUDIS, "00000000-0000-0000-0000-000000000000/p1", "x" * 400):
        refused = served.ask("tni", f"/api/v1/graph/{id_}")
        assert (refused.status_code, refused.content) == (404, nothing.content)


def test_the_audit_is_told_what_maps_and_graphs_show(served: Served) -> None:
    served.ask("polri", f"/api/v1/graph/{BUDIS}")
    assert served.audited[-1]["shown"] == sorted({REPORTS[0].id, REPORTS[1].id})
    served.ask("polri", "/api/v1/map", doc="report")
    assert served.audited[-1]["shown"] == sorted({REPORTS[0].id, REPORTS[1].id})
    served.ask("polri", "/api/v1/timeline")
    assert served.audited[-1]["shown"] == []
