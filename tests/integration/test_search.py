"""The search API on a real Elasticsearch: each reader finds what was released to it, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from pipeline.addresses import Addresses
from pipeline.cli.main import run
from pipeline.enrich.enrich import load_reference
from pipeline.errors import WrongUse
from pipeline.flow import index_name
from pipeline.release.policy import Agency, Group, Membership, Policies
from pipeline.report.model import Report
from pipeline.search.api import Context, create_app
from pipeline.search.api.context import Limits
from pipeline.search.doors import Doors
from pipeline.search.limits import Limiter, Rate
from pipeline.search.question import Question, body
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.memory import fuse
from pipeline.shell.store import ElasticStore, ensure_indexes
from pipeline.shell.topics import ensure_topics
from pipeline.shell.web import build
from tests.integration.running import write_policy
from tests.search.routes import OPEN, routes

NOW = datetime(2026, 11, 1, tzinfo=UTC)
READERS = ("bnn", "polri", "tni")
POLICIES = Policies({id_: Agency(id_, id_) for id_ in READERS})
GROUPS = {"tf": Group("tf", "tf", "bnn", (Membership("polri", end=datetime(2026, 11, 2, tzinfo=UTC)),))}


def report(agency: str, source_id: str, to: list[str], **more: Any) -> Report:
    return Report.model_validate(
        {
            "agency": agency, "source_id": source_id, "revision": 1, "op": "upsert", "kind": "seizure",
            "title": f"Laporan {source_id}", "reported_at": "2026-10-01T00:00:00Z",
            "marking": {"tlp": "AMBER", "release_to": to, **more.pop("marking", {})}, **more,
        }
    )  # fmt: skip


PERSON = {"ref": "p1", "kind": "person", "names": ["Владимир Орлов"], "identifiers": [{"scheme": "phone", "value": "0811-1222-333"}, {"scheme": "passport", "value": "b 7654321"}]}  # fmt: skip
REPORTS = [
    report("bnn", "satu", ["polri"], narrative="Dua peti <script>alert(1)</script> tanpa dokumen di dermaga lama", entities=[PERSON], places=[{"name": "Belawan", "country": "ID"}]),
    report("bnn", "dua", ["tni"], narrative="Crates without papers were found", kind="intelligence"),
    report("polri", "tiga", ["bnn"], entities=[PERSON | {"ref": "x"}]),
    report("bnn", "empat", [], narrative="hanya untuk kami"),
    report("bnn", "lima", ["tf"], narrative="sampai besok", kind="patrol"),
]  # fmt: skip


@pytest.fixture(scope="module")
def found(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[str, str], list[datetime]]]:  # fmt: skip
    ensure_topics(services.need("kafka"), [])  # nobody is answered where the audit cannot be written
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=60)
    for name in client.indices.get(index="gabung.*", ignore_unavailable=True):
        client.indices.delete(index=name)
    for reader in READERS:
        ensure_indexes(client, "live", reader)
        for document in fuse(REPORTS, POLICIES, GROUPS, reader, NOW, load_reference()):
            client.index(index=index_name("live", reader, document["doc"]), id=document["id"], document=document)
    client.indices.refresh(index="gabung.*")
    folder = Path(tmp_path_factory.mktemp("tokens"))
    tokens = Tokens(folder / "tokens.yaml")
    time = [NOW]
    store = ElasticStore(services.need("elasticsearch"))
    doors = Doors(tokens, Sessions(folder / "sessions.db", lambda: time[0]), lambda: READERS)
    much = Rate(1_000_000, 1_000_000)  # tests ask more than people do
    limits = Limits(asking=Limiter(much), exporting=Limiter(much))
    app = create_app(Context(store, AUDITED.append, doors, lambda: time[0], lambda: {"status": "ok"}, limits=limits))
    with TestClient(app) as http:
        yield http, {reader: tokens.issue(reader)[1] for reader in READERS}, time
    for name in client.indices.get(index="gabung.*", ignore_unavailable=True):
        client.indices.delete(index=name)


AUDITED: list[dict[str, Any]] = []
"""What the API told the audit."""
Found = tuple[TestClient, dict[str, str], list[datetime]]


def ask(found: Found, reader: str, path: str = "/api/v1/search", **parameters: Any) -> Any:
    return found[0].get(path, params=parameters, headers={"authorization": f"Bearer {found[1][reader]}"})


def titles(found: Found, reader: str, **parameters: Any) -> set[str]:
    hits = ask(found, reader, doc="report", **parameters).json()["hits"]
    return {hit["document"]["title"].removeprefix("Laporan ") for hit in hits}


def test_a_mistake_is_answered_with_its_place_and_what_to_write(found: Found) -> None:
    answer = ask(found, "bnn", q="budi narative:x")
    assert answer.status_code == 422
    assert answer.json()["at"] == 5
    assert answer.json()["suggestion"].startswith("did you mean narrative?")


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        ({"kind": "patrol"}, {"lima"}),
        ({"mention": "person"}, {"satu", "tiga"}),
        ({"country": "ID"}, {"satu"}),
        ({"tlp": "RED"}, set()),
        ({"caveat": "NOFORN"}, set()),
        ({"box": "3,98,4,99"}, {"satu"}),
        ({"box": "-7,106,-6,107"}, set()),
        ({"sort": "oldest", "q": "peti OR crates"}, {"satu", "dua"}),
    ],
)
def test_filters_leave_the_rest_out(found: Found, filters: dict[str, str], there: set[str]) -> None:
    assert titles(found, "bnn", **filters) == there


def test_each_reader_finds_what_was_released_to_it(found: Found) -> None:
    assert titles(found, "bnn") == {"satu", "dua", "tiga", "empat", "lima"}
    assert titles(found, "polri") == {"satu", "tiga", "lima"}
    assert titles(found, "tni") == {"dua"}


@pytest.mark.parametrize(
    ("question", "there"),
    [
        ("peti", {"satu"}),
        ('"dermaga lama"', {"satu"}),
        ("crates papers", {"dua"}),
        ("peti OR crates", {"satu", "dua"}),
        ("NOT kind:seizure", {"dua", "lima"}),
        ("phone:08111222333", {"satu", "tiga"}),
        ("phone:+628111222333", {"satu", "tiga"}),
        ("0811-1222-333", {"satu", "tiga"}),
        ("passport:B7654321", {"satu", "tiga"}),
        ("orlov", {"satu", "tiga"}),
        ("Орлов", {"satu", "tiga"}),
        ("place:belawan", {"satu"}),
        ("agency:polri", {"tiga"}),
        ("peti AND agency:polri", set()),
        ("peti & dermaga", {"satu"}),
        ("nama:orlov AND jenis:seizure", {"satu", "tiga"}),
        ("paspor:*", {"satu", "tiga"}),
        ("reported:2026-10", {"satu", "dua", "tiga", "empat", "lima"}),
        ("reported:>2026-10-01", set()),
        ("reported:2026-09", set()),
        (" OR ".join(f"kata{number}" for number in range(290)) + " OR peti", {"satu"}),
    ],
)
def test_words_and_fields_find_this(found: Found, question: str, there: set[str]) -> None:
    assert titles(found, "bnn", q=question) == there


def test_filters(found: Found) -> None:
    assert titles(found, "bnn", near="3.78,98.69,30") == {"satu"}
    assert titles(found, "bnn", near="-6.1,106.8,30") == set()
    assert titles(found, "bnn", kind="intelligence") == {"dua"}
    assert titles(found, "bnn", agency="polri") == {"tiga"}
    assert titles(found, "bnn", place="Belawan") == {"satu"}
    assert titles(found, "bnn", **{"from": "2026-10-02T00:00:00Z"}) == set()
    assert titles(found, "bnn", **{"from": "2026-10-02"}) == set()
    assert len(titles(found, "bnn", **{"from": "2026-10-01", "to": "2026-10-01"})) == 5
    assert len(titles(found, "bnn", **{"from": "bulan lalu", "to": "last month"})) == 5
    assert titles(found, "bnn", **{"from": "kemarin"}) == set()
    assert ask(found, "bnn", **{"from": "kemarin sore"}).status_code == 422


def test_an_entity_tells_who_knows_it_and_what_joined_it(found: Found) -> None:
    (hit,) = ask(found, "bnn", doc="entity", q="orlov").json()["hits"]
    assert hit["document"]["agencies"] == ["bnn", "polri"]
    (joined,) = hit["document"]["joined"]
    assert joined["by"].startswith("same passport B7654321, ")


def test_a_count_is_over_the_readers_own_documents(found: Found) -> None:
    """L3, L24: facets never count what is hidden."""
    facets = ask(found, "tni").json()["facets"]
    assert facets["agency"] == [{"value": "bnn", "count": 1}]
    assert facets["kind"] == [{"value": "intelligence", "count": 1}]
    assert facets["mention"] == []


def test_what_one_may_not_see_is_answered_as_what_does_not_exist(found: Found) -> None:
    """L11, L17, L21: byte for byte, on every route that takes an id."""
    hidden = REPORTS[3].id
    for path in (
        f"/api/v1/reports/{hidden}",
        f"/api/v1/entities/{REPORTS[0].id}/p1",
        f"/api/v1/entities/{hidden}",
        "/api/v1/reports/none",
    ):
        refused, nothing = (
            ask(found, "tni", path),
            ask(found, "tni", "/api/v1/reports/00000000-0000-0000-0000-000000000000"),
        )
        assert (refused.status_code, refused.content, dict(refused.headers)) == (404, nothing.content, dict(nothing.headers))  # fmt: skip
    assert ask(found, "bnn", f"/api/v1/reports/{hidden}").json()["title"] == "Laporan empat"
    assert ask(found, "bnn", f"/api/v1/entities/{REPORTS[2].id}/x").json()["agencies"] == ["bnn", "polri"]


def test_every_route_asks_for_a_token(found: Found) -> None:
    """A walk over all there are: without a token, with a forged one, with one of another kind, the same answer."""
    http = found[0]
    walked = [route for route in routes(http.app) if route.path not in OPEN]
    assert len(walked) >= 8
    forged = ({}, {"authorization": "Bearer gabung_forged"}, {"authorization": "Basic Ym5uOmJubg=="},
              {"authorization": "Bearer "}, {"cookie": "gabung=forged"})  # fmt: skip
    for route in walked:
        answers = [http.request(route.method, route.filled("x"), headers=headers) for headers in forged]
        assert {one.status_code for one in answers} == {401}, route
        assert len({one.content for one in answers}) == 1


HIDDEN = {
    "bnn": (),
    "polri": ("dua", "empat", "Crates"),
    "tni": ("satu", "tiga", "empat", "lima", "Орлов", "orlov", "peti"),
}


@pytest.mark.parametrize("reader", READERS)
def test_no_route_tells_a_reader_of_what_is_hidden(found: Found, reader: str) -> None:
    """L17: every route, with every id there is and with words that only hidden reports hold."""
    ids = [*(one.id for one in REPORTS), *(f"{one.id}/{mention.ref}" for one in REPORTS for mention in one.entities)]
    paths = {route.path for route in routes(found[0].app) if route.method == "GET"}
    answers = [ask(found, reader, re.sub(r"\{.*?\}", id_, path)) for path in paths for id_ in ids]
    answers += [
        ask(found, reader, q=word, doc=doc)
        for word in ("peti", "orlov", "crates", "agency:polri", "*")
        for doc in ("report", "entity")
    ]
    said = "".join(answer.text for answer in answers if answer.status_code == 200)
    for word in HIDDEN[reader]:
        assert f"Laporan {word}" not in said
        assert word not in said or word in ("satu", "dua", "tiga", "empat", "lima")


def test_no_parameter_chooses_another_reader(found: Found) -> None:
    alone = ask(found, "tni").content
    headers = {"authorization": f"Bearer {found[1]['tni']}"}
    for name in ("reader", "as", "index", "scope", "_index"):
        assert found[0].get("/api/v1/search", params={name: "bnn"}, headers=headers).content == alone


def test_a_highlight_is_escaped(found: Found) -> None:
    (hit,) = ask(found, "bnn", q="peti", doc="report").json()["hits"]
    assert "&lt;script&gt;" in hit["highlight"]["narrative"][0]
    assert "<mark>peti</mark>" in hit["highlight"]["narrative"][0]


def test_what_was_granted_until_a_moment_is_gone_from_it_on(found: Found) -> None:
    """Though the stream has not taken it out yet."""
    assert "lima" in titles(found, "polri")
    found[2][0] = datetime(2026, 11, 2, tzinfo=UTC)
    try:
        assert "lima" not in titles(found, "polri")
        assert ask(found, "polri", f"/api/v1/reports/{REPORTS[4].id}").status_code == 404
        assert "lima" in titles(found, "bnn")
    finally:
        found[2][0] = NOW


def test_a_mistake_is_answered_with_what_to_write(found: Found) -> None:
    answer = ask(found, "bnn", q="narative:x")
    assert answer.status_code == 422
    assert "no field is called narative" in answer.json()["error"]
    assert ask(found, "bnn", near="here").status_code == 422
    assert ask(found, "bnn", size=100_000).status_code == 422


def test_an_exercise_without_documents_is_empty(found: Found) -> None:
    assert ask(found, "bnn", exercise="badai").json()["total"] == 0


def test_a_star_is_no_reader(found: Found, services: Addresses) -> None:
    """Elasticsearch reads `*` in an index's name as all of them."""
    store = ElasticStore(services.need("elasticsearch"))
    for scope, reader in (("live", "*"), ("live", "bnn,gabung.live.tni"), ("*", "tni"), ("live", "-bnn"), ("live", "")):
        with pytest.raises(WrongUse):
            store.search(scope, reader, ("report",), {})


def test_what_was_retracted_leaves_no_trace_in_scores_or_order(services: Addresses) -> None:
    """Two readers hold the same documents; one of them also held a hundred others for a while."""
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=60)
    store = ElasticStore(services.need("elasticsearch"))
    words = ("dermaga", "peti", "kapal", "truk")

    def write(reader: str, id_: str, text: str) -> None:
        document = {"doc": "report", "id": id_, "title": text, "reported_at": "2026-10-01T00:00:00Z"}
        client.index(index=index_name("live", reader, "report"), id=id_, document=document)

    try:
        for reader in ("lama", "baru"):
            ensure_indexes(client, "live", reader)
            for number in range(20):
                write(reader, f"{number:02}", " ".join(words[: 1 + number % 4]) + " sama" * (number % 3))
            # Ones that stay and ones that go in the same segment: the ones that go are only marked as deleted.
            for number in range(100 if reader == "lama" else 0):
                write(reader, f"x{number}", f"{words[0]} {words[2]}")
        client.indices.refresh(index="gabung.live.*")
        for number in range(100):
            client.delete(index=index_name("live", "lama", "report"), id=f"x{number}")
        client.indices.refresh(index="gabung.live.*")
        for q in ("dermaga OR truk", "kapal OR sama", "title:peti OR title:truk", "*", '"dermaga peti" OR kapal'):
            lama, baru = (store.search("live", reader, ("report", "entity"), body(Question(q=q), NOW))["hits"] for reader in ("lama", "baru"))  # fmt: skip
            assert lama["hits"], q
            assert [(hit["_source"]["id"], hit["sort"]) for hit in lama["hits"]] == [(hit["_source"]["id"], hit["sort"]) for hit in baru["hits"]], q  # fmt: skip
    finally:
        for name in client.indices.get(index="gabung.live.lama.*,gabung.live.baru.*"):
            client.indices.delete(index=name)


def test_a_search_that_is_away_is_said_in_one_line(found: Found, tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.yaml")
    _, token = tokens.issue("bnn")
    store = ElasticStore("http://127.0.0.1:9")
    doors = Doors(tokens, Sessions(tmp_path / "sessions.db", lambda: NOW), lambda: READERS)
    app = create_app(Context(store, AUDITED.append, doors, lambda: NOW, lambda: {"status": "down"}))
    answer = TestClient(app).get("/api/v1/search", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 503
    assert answer.json() == {"error": "the search is not there for now; try again in a minute"}


def test_the_page_shows_a_reader_its_own_and_a_stranger_nothing(found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The real web service, over the same documents."""
    tokens = Tokens()
    write_policy(tmp_path, POLICIES, GROUPS)
    monkeypatch.setenv("GABUNG_POLICY", str(tmp_path))
    with TestClient(build(), base_url="http://127.0.0.1", follow_redirects=True) as http:
        assert "Laporan" not in http.get("/", params={"q": "*"}).text
        wrong = http.post("/enter", data={"token": "gabung_forged"})
        assert 'role="alert"' in wrong.text
        assert "set-cookie" not in wrong.headers
        token, typed = tokens.issue("polri")
        entered = http.post("/enter", data={"token": typed}, follow_redirects=False)
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert "samesite=lax" in entered.headers["set-cookie"].lower()
        assert typed not in entered.headers["set-cookie"]
        shown = http.get("/", params={"q": "dokumen"})
        assert "Laporan satu" in shown.text
        assert "<script>" not in shown.text
        assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert "Laporan dua" not in http.get("/", params={"q": "*"}).text
        assert "narative" in http.get("/", params={"q": "narative:x"}).text
        assert http.post("/enter", content=b"token=" + b"x" * 10_000).status_code == 413
        assert http.post("/leave").status_code == 403
        csrf = http.get("/api/v1/me").json()["csrf"]
        http.post("/leave", data={"csrf": csrf})
        assert "Laporan" not in http.get("/", params={"q": "*"}).text
        http.post("/enter", data={"token": typed})
        assert "Laporan satu" in http.get("/", params={"q": "dokumen"}).text
        tokens.revoke(token.id)
        assert "Laporan" not in http.get("/", params={"q": "dokumen"}).text


def test_the_command_answers_with_its_exit_code(found: Found, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    assert run(["search", "peti", "--as", "bnn", "--json"]) == 0
    assert {hit["document"]["id"] for hit in json.loads(capsys.readouterr().out)["hits"] if hit["document"]["doc"] == "report"} == {REPORTS[0].id}  # fmt: skip
    assert run(["search", "crates", "--as", "polri"]) == 0
    assert capsys.readouterr().out.startswith("0 found, released to polri")
    assert run(["search", "orlov", "--as", "bnn", "--from", "2026-10", "--to", "2026-10-01"]) == 0
    assert "joined: same passport B7654321" in capsys.readouterr().out
    assert run(["search", "orlov", "--as", "bnn", "--to", "70 years ago"]) == 0
    assert capsys.readouterr().out.startswith("0 found")
    for options, there in {
        ("--kind", "intelligence"): {"dua"},
        ("--agency", "polri", "--mention", "person"): {"tiga"},
        ("--box", "3,98,4,99"): {"satu"},
        ("--country", "ID", "--country", "MY"): {"satu"},
        ("--tlp", "RED"): set(),
        ("--caveat", "NOFORN"): set(),
    }.items():
        assert run(["search", "*", "--as", "bnn", "--doc", "report", "--json", *options]) == 0
        hits = json.loads(capsys.readouterr().out)["hits"]
        assert {hit["document"]["title"].removeprefix("Laporan ") for hit in hits} == there, options
    assert run(["search", "narative:x", "--as", "bnn"]) == 2
    assert run(["search", "x", "--as", "*"]) == 2
    assert run(["search", "x", "--as", "bnn", "--doc", "all"]) == 2
    assert run(["search", "x", "--as", "bnn", "--sort", "best"]) == 2
    assert run(["search", "x", "--as", "bnn", "--box", "1,2"]) == 2
    monkeypatch.setenv("GABUNG_ELASTICSEARCH", "http://127.0.0.1:9")
    assert run(["search", "x", "--as", "bnn"]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 6
    assert run(["health"]) == 1
