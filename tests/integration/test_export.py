"""Exports on a real Elasticsearch: exactly what a question finds, read back by the tools that they are for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import stix2
from elasticsearch.helpers import bulk

from pipeline.addresses import Addresses
from pipeline.flow import index_name
from pipeline.report.model import MENTION_KINDS
from pipeline.search.access import Access
from pipeline.search.export import export
from pipeline.search.export.observables import EXTENSION
from pipeline.search.export.stix import TLP, objects
from pipeline.search.question import Question
from tests.integration.serving import NOW, Served, agencies, report, serving

NASTY = '=HYPERLINK("http://contoh.invalid","klik")'
VALUES = {
    "phone": ("phone", "0811-1222-333"), "email": ("email", "rekaan@contoh.invalid"), "account": ("account", "1234567890"),
    "ip": ("ip", "192.0.2.7"), "domain": ("domain", "contoh.invalid"), "url": ("url", "http://contoh.invalid/a"),
    "hash": ("sha256", "ab" * 32), "wallet": ("btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), "device": ("imei", "490154203237518"),
    "vehicle": ("plate", "B 1234 XYZ"), "vessel": ("imo", "9074729"), "person": ("nik", "3174010102800001"),
}  # fmt: skip
EVERY_KIND = [
    {"ref": kind, "kind": kind, "names": [f"{kind} rekaan"], "attributes": {"ciri": "rekaan"}}
    | ({"identifiers": [{"scheme": VALUES[kind][0], "value": VALUES[kind][1]}]} if kind in VALUES else {})
    for kind in MENTION_KINDS
]
REPORTS = [
    report("bnn", "semua", ["polri"], title=NASTY, narrative="dua\r\nbaris, \"kutip\"; <script>", language="id",
           entities=EVERY_KIND, links=[{"from": "person", "to": "phone", "kind": "uses"}, {"from": "ip", "to": "domain", "kind": "resolves_to"}],
           occurred={"from": "2026-09-30T20:00:00Z"}, assessment={"source": "B", "information": 2},
           places=[{"name": "Jakarta", "country": "ID", "lat": -6.2, "lon": 106.8}, {"name": "Sorong", "country": "ID", "lat": -0.86, "lon": 131.25}],
           marking={"caveats": ["ORCON", "-1+1"], "expires_at": "2026-12-01T00:00:00Z"}),
    report("bnn", "kosong", ["polri"], marking={"tlp": "RED"}),
    report("polri", "sama", ["bnn"], entities=[EVERY_KIND[0] | {"ref": "x"}], marking={"tlp": "AMBER+STRICT"}),
    report("bnn", "rahasia", [], narrative="hanya kami", entities=[EVERY_KIND[0] | {"ref": "h"}]),
    *(report("bnn", f"banyak-{number}", ["tni"], kind="patrol") for number in range(1203)),
]  # fmt: skip


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(services, tmp_path_factory.mktemp("export"), ("bnn", "polri", "tni")) as one:
        one.fill(REPORTS, agencies("bnn", "polri", "tni"), {})
        yield one


def lines(served: Served, reader: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = served.ask(reader, "/api/v1/export", **parameters)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("parameters", [{}, {"q": "kind:patrol"}, {"doc": "entity"}, {"q": "rekaan", "agency": "polri"}, {"q": "tidakada"}])  # fmt: skip
def test_an_export_is_exactly_what_the_question_finds(served: Served, parameters: dict[str, str]) -> None:
    for reader in ("bnn", "polri", "tni"):
        found: set[str] = set()
        cursor: dict[str, str] = {}
        while True:
            page = served.ask(reader, "/api/v1/search", size=200, **parameters, **cursor).json()
            found |= {hit["document"]["id"] for hit in page["hits"]}
            if page["cursor"] is None:
                break
            cursor = {"cursor": page["cursor"]}
        ids = [one["id"] for one in lines(served, reader, **parameters)]
        assert ids == sorted(found)
        assert len(ids) == page["total"]


def test_csv_is_read_back_as_it_was_and_no_cell_is_a_formula(served: Served) -> None:
    answer = served.ask("polri", "/api/v1/export", format="csv", q="", doc="report")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="gabung-live-20261101T000000')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""), strict=True))
    assert len(rows) == 3
    (row,) = [one for one in rows if one["id"] == REPORTS[0].id]
    assert row["label"] == f"'{NASTY}"
    assert row["narrative"] == 'dua\r\nbaris, "kutip"; <script>'
    assert row["caveats"] == "'-1+1; ORCON" or row["caveats"] == "ORCON; -1+1"
    assert "phone:0811-1222-333" in row["identifiers"]
    assert not [cell for one in rows for cell in one.values() if cell[:1] in tuple("=+-@\t\r\n")]


def test_geojson_is_a_feature_a_document(served: Served) -> None:
    answer = served.ask("polri", "/api/v1/export", format="geojson", doc="report").json()
    (feature,) = [one for one in answer["features"] if one["id"] == REPORTS[0].id]
    assert feature["geometry"] == {"type": "MultiPoint", "coordinates": [[106.8, -6.2], [131.25, -0.86]]}
    assert feature["properties"]["tlp"] == "AMBER"
    assert [one["geometry"] for one in answer["features"] if one["id"] == REPORTS[1].id] == [None]
    assert served.ask("polri", "/api/v1/export", format="geojson", q="tidakada").json()["features"] == []


def bundle(served: Served, reader: str, **parameters: Any) -> tuple[Any, str]:
    text = served.ask(reader, "/api/v1/export", format="stix", **parameters).text
    return stix2.parse(text, allow_custom=False), text


def test_stix_is_read_by_stix2_and_leads_nowhere(served: Served) -> None:
    """Each object alone and the bundle whole, nothing custom allowed; every reference leads to an object in it."""
    for reader in ("bnn", "polri"):
        whole, text = bundle(served, reader)
        raw = json.loads(text)["objects"]
        ids = [one["id"] for one in raw]
        assert len(whole.objects) == len(raw) == len(set(ids))
        for one in raw:
            stix2.parse(one, allow_custom=False)
            refs = [value for key, value in one.items() if key.endswith("_ref")]
            refs += [ref for key, value in one.items() if key.endswith("_refs") for ref in value]
            assert set(refs) <= set(ids), one["type"]
            if one["type"] not in ("marking-definition",):
                assert set(one["object_marking_refs"]) & set(TLP.values()), one["type"]
    empty = served.ask("tni", "/api/v1/export", format="stix", q="tidakada").text
    assert "objects" not in stix2.parse(empty, version="2.1")


def test_stix_tells_what_the_report_does(served: Served) -> None:
    raw = json.loads(bundle(served, "polri", doc="report")[1])["objects"]
    of_type: dict[str, list[dict[str, Any]]] = {}
    for one in raw:
        of_type.setdefault(one["type"], []).append(one)
    (all_kinds,) = [one for one in of_type["report"] if one["name"] == NASTY]
    assert all_kinds["id"] == f"report--{REPORTS[0].id}"
    assert (all_kinds["confidence"], all_kinds["lang"]) == (70, "id")
    assert of_type["ipv4-addr"][0]["value"] == "192.0.2.7"
    assert [one["hashes"] for one in of_type["file"] if "hashes" in one] == [{"SHA-256": "ab" * 32}]
    assert {(one["account_type"], one["account_login"]) for one in of_type["user-account"]} == {
        ("phone", "0811-1222-333"), ("bank", "1234567890"), ("wallet", VALUES["wallet"][1]),
    }  # fmt: skip
    assert {one["relationship_type"] for one in of_type["relationship"]} == {"uses", "resolves-to"}
    assert of_type["observed-data"][0]["first_observed"] == "2026-09-30T20:00:00Z"
    statements = {one["definition"]["statement"] for one in of_type["marking-definition"] if "definition" in one}
    assert statements == {"ORCON", "-1+1", "not to be shown from 2026-12-01T00:00:00Z on"}
    (red,) = [one for one in of_type["report"] if one["name"] == "Laporan kosong"]
    assert red["object_marking_refs"] == [TLP["RED"]]


def test_no_export_holds_what_is_hidden(served: Served) -> None:
    for form in ("csv", "geojson", "ndjson", "stix"):
        text = served.ask("polri", "/api/v1/export", format=form).text
        assert not any(word in text for word in ("hanya kami", "rahasia", REPORTS[3].id, "banyak"))
    assert served.ask("polri", "/api/v1/export", format="xml").status_code == 422
    assert served.ask("polri", "/api/v1/export", q="narative:x").status_code == 422


def test_an_export_is_told_to_the_audit_page_by_page_and_listed_to_whoever_made_it(served: Served) -> None:
    served.audited.clear()
    lines(served, "tni", q="kind:patrol AND agency:bnn")
    events = [one for one in served.audited if one["kind"] == "export"]
    assert [len(one["shown"]) for one in events] == [500, 500, 203]
    assert (events[0]["reader"], events[0]["question"]) == ("tni", {"q": "kind:patrol AND agency:bnn"})
    (own, *_) = served.ask("tni", "/api/v1/exports").json()["exports"]
    assert (own["format"], own["question"]) == ("ndjson", {"q": "kind:patrol AND agency:bnn"})
    assert "AND agency:bnn" not in served.ask("bnn", "/api/v1/exports").text


def test_a_file_that_is_cut_says_so(served: Served) -> None:
    context = served.http.app.state.context  # type: ignore[attr-defined]
    served.http.app.state.context = replace(context, most_exported=700)  # type: ignore[attr-defined]
    try:
        answer = served.ask("tni", "/api/v1/export")
    finally:
        served.http.app.state.context = context  # type: ignore[attr-defined]
    assert len(answer.text.splitlines()) == 700
    assert answer.headers["gabung-total"] == "1203"
    assert "gabung-cut" in answer.headers
    assert "-first-700-of-1203.ndjson" in answer.headers["content-disposition"]


def test_what_expires_while_a_file_goes_out_is_not_in_its_rest(served: Served) -> None:
    access = Access(served.store, served.audited.append, "polri", None, NOW)
    late = export(
        replace(access, reader="tni"), Question(q="kind:patrol"), "ndjson", "siti", lambda: NOW + timedelta(days=40)
    )
    assert sum(part.count(b"\n") for part in late.parts) == 1203
    ending = [one | {"valid_until": "2026-11-02T00:00:00Z"} for one in lines(served, "tni", q="kind:patrol")]
    index = index_name("live", "polri", "report")
    bulk(served.store.client, ({"_index": index, "_id": one["id"], "_source": one} for one in ending), refresh=True)
    try:
        made = export(access, Question(q="kind:patrol"), "ndjson", "siti", lambda: NOW + timedelta(days=2))
        assert made.total == 1203
        assert sum(part.count(b"\n") for part in made.parts) == 500
    finally:
        served.fill(REPORTS, agencies("bnn", "polri", "tni"), {})


def test_the_same_document_gives_the_same_objects() -> None:
    document = {"doc": "report", "id": REPORTS[1].id, "agency": "bnn", "source_id": "kosong", "kind": "seizure",
                "title": "Laporan", "reported_at": "2026-10-01T00:00:00Z", "marking": {"tlp": "RED"}}  # fmt: skip
    assert objects(document) == objects(dict(document))


THINGS: list[dict[str, Any]] = [
    {"ref": "v1", "kind": "vehicle", "identifiers": [{"scheme": "plate", "value": "B 1234 XYZ"}, {"scheme": "vin", "value": "1M8GDM9AXKP042788"}]},
    {"ref": "v2", "kind": "vehicle", "names": ["truk putih", "truk Fuso"], "identifiers": [{"scheme": "engine", "value": "truk putih"}]},
    {"ref": "s1", "kind": "vessel", "names": ["KM Rekaan", "KM Contoh"], "identifiers": [{"scheme": "imo", "value": "9074729"}, {"scheme": "callsign", "value": "9074729"}]},
    {"ref": "a1", "kind": "aircraft", "identifiers": [{"scheme": "registration", "value": "PK-AAA"}]},
    {"ref": "p1", "kind": "person", "role": "suspect", "identifiers": [{"scheme": "passport", "value": "B1234567"}, {"scheme": "nik", "value": "B1234567"}]},
    {"ref": "w1", "kind": "wallet", "identifiers": [{"scheme": "btc", "value": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"}, {"scheme": "phone", "value": "0811-1222-333"}]},
    {"ref": "h1", "kind": "hash", "names": ["a.exe"], "identifiers": [{"scheme": "md5", "value": "ab" * 16}, {"scheme": "sha256", "value": "ab" * 32}]},
    {"ref": "x1", "kind": "weapon", "names": ["individual"]},
]  # fmt: skip


def test_no_name_and_no_identifier_is_lost_whatever_stix_calls_the_thing() -> None:
    marking = {"tlp": "GREEN"}
    document = {"doc": "report", "id": REPORTS[1].id, "agency": "bnn", "source_id": "x", "kind": "seizure", "title": "Laporan",
                "reported_at": "2026-10-01T00:00:00Z", "marking": marking, "entities": THINGS}  # fmt: skip
    as_reported = [one for one in objects(document) if EXTENSION in one.get("extensions", {})]
    assert len(as_reported) == len(THINGS)
    for mention, made in zip(THINGS, as_reported, strict=True):
        entity = {**mention, "doc": "entity", "id": f"{REPORTS[1].id}/{mention['ref']}", "marking": marking, "reports": [REPORTS[1].id],
                  "first_reported": "2026-10-01T00:00:00Z", "last_reported": "2026-10-02T00:00:00Z"}  # fmt: skip
        for one in (made, objects(entity)[-1]):
            read = json.loads(stix2.parse(one, allow_custom=False).serialize())
            more = read["extensions"][EXTENSION]
            assert more.get("identifiers", []) == mention.get("identifiers", [])
            names = [read["name"]] if read.get("name") in mention.get("names", []) else []
            assert [*names, *read.get("aliases", []), *more.get("names", [])] == mention.get("names", [])
            if read["type"] in ("identity", "infrastructure"):  # what readers keep that know nothing of Gabung
                references = [(ref["source_name"], ref["external_id"]) for ref in read.get("external_references", [])]
                wanted = [(given["scheme"], given["value"]) for given in mention.get("identifiers", [])]
                assert [ref for ref in references if ref != ("gabung", REPORTS[1].id)] == wanted
    types = [(one["type"], one.get("infrastructure_types")) for one in as_reported[:4]]
    assert types == [("infrastructure", [one["kind"]]) for one in THINGS[:4]]
