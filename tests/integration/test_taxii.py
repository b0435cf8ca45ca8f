"""TAXII 2.1 with the real client, against the application served on loopback over a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stix2
from elasticsearch.helpers import bulk
from requests.exceptions import HTTPError
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from pipeline.addresses import Addresses
from pipeline.flow import index_name
from pipeline.search.export.stix import TLP, report_id
from pipeline.search.taxii import LIVE, MOST_PAGES, PAGE, collection_id
from tests.integration.serving import Served, agencies, report, serving
from tests.loopback import on_loopback

BUDI = {"ref": "p1", "kind": "person", "names": ["Budi Rekaan"], "identifiers": [{"scheme": "passport", "value": "B1234567"}]}  # fmt: skip
REPORTS = [
    report("bnn", "satu", ["polri"], entities=[BUDI, {"ref": "i", "kind": "ip", "identifiers": [{"scheme": "ip", "value": "192.0.2.7"}]}]),
    report("polri", "dua", ["bnn"], reported_at="2026-10-05T00:00:00Z", entities=[BUDI], marking={"caveats": ["ORCON"], "expires_at": "2027-06-01T00:00:00.25Z"}),
    report("bnn", "rahasia", [], reported_at="2026-10-04T00:00:00Z", entities=[BUDI]),
    *(report("bnn", f"banyak-{number}", ["tni"], reported_at=f"2026-09-{number % 28 + 1:02}T00:00:00Z") for number in range(120)),
]  # fmt: skip


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Served]]:
    with serving(services, tmp_path_factory.mktemp("taxii"), ("bnn", "polri", "tni")) as one:
        one.fill(REPORTS, agencies("bnn", "polri", "tni"), {})
        with on_loopback(one.http.app) as address:
            yield address, one


def collected(served: tuple[str, Served], reader: str) -> Collection:
    address, one = served
    (root,) = Server(f"{address}/taxii2/", user=reader, password=one.tokens[reader]).api_roots
    (found,) = root.collections
    return found


def stated(collection: Collection) -> list[dict[str, Any]]:
    """Every statement of a collection."""
    pages = as_pages(collection.get_objects, per_request=1000, type="marking-definition")
    return [one for page in pages for one in page.get("objects", []) if one.get("definition_type") == "statement"]


def types(envelope: dict[str, Any]) -> list[str]:
    return [one["type"] for one in envelope.get("objects", [])]


def test_the_client_finds_the_collection_and_reads_it(served: tuple[str, Served]) -> None:
    polri = collected(served, "polri")
    assert (polri.can_read, polri.can_write, polri.id) == (True, False, collection_id(LIVE))
    objects = polri.get_objects()["objects"]
    stix2.parse(
        {"type": "bundle", "id": "bundle--6f1f5f0e-6a0b-4c55-9c1e-6a6162756e67", "objects": objects}, allow_custom=False
    )
    assert [one["id"] for one in objects if one["type"] == "report"] == [
        report_id(REPORTS[0].id),
        report_id(REPORTS[1].id),
    ]
    assert all(
        set(one["object_marking_refs"]) & set(TLP.values()) for one in objects if one["type"] != "marking-definition"
    )


def test_nothing_hidden_is_in_a_collection(served: tuple[str, Served]) -> None:
    assert report_id(REPORTS[2].id) in str(collected(served, "bnn").get_objects())
    polri = collected(served, "polri")
    assert report_id(REPORTS[2].id) not in str(polri.get_objects()) + str(polri.get_manifest())
    for wrong in (report_id(REPORTS[2].id), "report--00000000-0000-0000-0000-000000000000"):
        with pytest.raises(HTTPError, match="404"):
            polri.get_object(wrong)


def test_an_object_is_found_by_its_id_however_many_reports_were_reported_before_its_own(served: tuple[str, Served]) -> None:  # fmt: skip
    _, one = served
    polri = collected(served, "polri")
    late = polri.get_objects(added_after="2026-10-04T00:00:00Z")["objects"]
    early = polri.get_objects(type="ipv4-addr")["objects"]
    assert {"identity", "report", "marking-definition", "extension-definition"} == {one["type"] for one in late}
    document = one.ask("polri", f"/api/v1/reports/{REPORTS[0].id}").json() | {"entities": [], "reported_at": "2026-09-01T00:00:00Z"}  # fmt: skip
    many = (
        {
            **document,
            "id": f"{number:08x}{document['id'][8:]}",
            "marking": {
                "tlp": "AMBER",
                "caveats": [f"caveat {number}", f"another {number}"],
                "expires_at": f"2027-06-01T00:{number // 60:02}:{number % 60:02}Z",
            },
        }
        for number in range(PAGE * MOST_PAGES + 10)
    )
    index = index_name(LIVE, "polri", "report")
    bulk(one.store.client, ({"_index": index, "_id": one["id"], "_source": one} for one in many), refresh=True)
    try:
        for wanted in (*late, *early):
            assert polri.get_object(wanted["id"])["objects"] == [wanted]
            assert len(polri.get_manifest(id=wanted["id"])["objects"]) == 1
        for statement in ("another 1999", "not to be shown from 2027-06-01T00:33:20Z on"):
            (wanted,) = (one for one in stated(polri) if one["definition"]["statement"] == statement)
            assert polri.get_object(wanted["id"])["objects"] == [wanted]
        for unknown in ("0183f0a1-0000-5000-8000-000000000000", "ffffffff-ffff-5fff-bfff-ffffffffffff", "x"):
            with pytest.raises(HTTPError, match="404"):
                polri.get_object(f"marking-definition--{unknown}")
        with pytest.raises(HTTPError, match="404"):
            polri.get_object(f"identity--{late[-1]['id'][-36:]}")
    finally:
        one.fill(REPORTS, agencies("bnn", "polri", "tni"), {})


def test_filters(served: tuple[str, Served]) -> None:
    polri = collected(served, "polri")
    assert types(polri.get_objects(type="ipv4-addr")) == ["ipv4-addr"]
    assert types(polri.get_objects(type="report", added_after="2026-10-01T00:00:00.000Z")) == ["report"]
    assert polri.get_objects(added_after="2026-10-05T00:00:00.000Z").get("objects") is None
    assert types(polri.get_objects(type=["report", "identity"], id=report_id(REPORTS[1].id))) == ["report"]
    assert types(polri.get_objects(version="2026-10-05T00:00:00.000Z", type="report")) == ["report"]
    assert types(polri.get_object(report_id(REPORTS[0].id))) == ["report"]
    (entry,) = polri.get_manifest(type="ipv4-addr")["objects"]
    assert entry["date_added"] == "2026-10-01T00:00:00.000000Z"


@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_are_all_objects(served: tuple[str, Served], size: int) -> None:
    tni = collected(served, "tni")
    pages = list(as_pages(tni.get_objects, per_request=size, type="report"))
    assert max(len(page.get("objects", [])) for page in pages) == size
    paged = [one["id"] for page in pages for one in page.get("objects", [])]
    assert len(paged) == len(set(paged)) == 120
    if size == 50:
        whole = {one["id"] for page in as_pages(tni.get_objects, per_request=size) for one in page.get("objects", [])}
        assert whole == {one["id"] for one in tni.get_objects(limit=1000)["objects"]}


def test_a_cursor_of_another_is_refused(served: tuple[str, Served]) -> None:
    cursor = collected(served, "tni").get_objects(limit=3)["next"]
    for reader, asked in (("bnn", {"limit": 3}), ("tni", {"limit": 3, "type": "report"})):
        with pytest.raises(HTTPError, match="422"):
            collected(served, reader).get_objects(next=cursor, **asked)


def test_who_does_not_sign_in_sees_nothing(served: tuple[str, Served]) -> None:
    address, one = served
    for user, password in (("bnn", "gabung_forged"), ("", ""), ("bnn", one.tokens["bnn"][:-1])):
        with pytest.raises(HTTPError, match="401"):
            _ = Server(f"{address}/taxii2/", user=user, password=password).title
    with pytest.raises(HTTPError, match="404"):
        _ = ApiRoot(f"{address}/taxii2/*/", user="bnn", password=one.tokens["bnn"]).title
    badai = ApiRoot(f"{address}/taxii2/exercise-badai/", user="bnn", password=one.tokens["bnn"])
    assert badai.collections[0].get_objects().get("objects") is None
    assert one.http.get("/taxii2/", headers={"accept": "text/html"}).status_code == 406


def test_what_is_taken_is_audited(served: tuple[str, Served]) -> None:
    collected(served, "polri").get_objects()
    assert served[1].audited[-1]["shown"] == sorted({REPORTS[0].id, REPORTS[1].id})
