"""What nobody should send: a clear answer in one line, nothing of what is hidden, and no load that starves others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.addresses import Addresses
from pipeline.audit.events import released
from pipeline.release.decide import decide
from tests.integration.serving import NOW, Served, agencies, report, serving
from tests.search.routes import routes

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>\"';--"
POLICIES = agencies("bnn", "polri", "tni")
EVERYWHERE = report(
    "bnn", SCRIPT, ["polri"], title=SCRIPT, narrative=SCRIPT, places=[{"name": SCRIPT, "lat": 1, "lon": 100}],
    entities=[{"ref": "p1", "kind": "person", "names": [SCRIPT], "identifiers": [{"scheme": "passport", "value": SCRIPT}],
               "addresses": [{"text": SCRIPT, "city": SCRIPT}], "attributes": {"ciri": SCRIPT}}],
    marking={"caveats": [SCRIPT]},
)  # fmt: skip
HIDDEN = report("bnn", "rahasia", [], narrative="hanya untuk kami")
REPORTS = [EVERYWHERE, HIDDEN, *(report("polri", f"biasa-{at}", ["bnn"]) for at in range(30))]
EVENTS: list[dict[str, Any]] = []


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("bad")
    with serving(services, folder, ("bnn", "polri", "tni"), publish=lambda _: None, events=lambda: iter(EVENTS)) as one:
        one.fill(REPORTS, POLICIES, {})
        yield one


QUESTIONS = {
    "10,000 characters": "a" * 10_000,
    "10,001 characters": "a" * 10_001,
    "2,000 words": " ".join(f"kata{at}" for at in range(2000)),
    "deep nesting": "(" * 3000 + "peti" + ")" * 3000,
    "nesting of NOT": "NOT " * 900 + "peti",
    "leading wildcard": "*rahasia",
    "leading wildcard in a field": "title:*ahasia",
    "many wildcards": "a*b*c*d*e*f*g*h* " * 40,
    "a regular expression": "/.*(a|b)+$/",
    "control characters": "peti\x00\x01\x1f\u202e",
    "a lone surrogate's place": "\ufffd\uffff",
    "unclosed": '"peti (title:',
    "an injection": '{"match_all": {}} OR _index:gabung.live.bnn.report',
    "another's index": "_index:gabung.live.bnn.report",
}


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS.keys())
@pytest.mark.parametrize("path", ["search", "timeline", "map", "export"])
def test_a_bad_question_is_answered_clearly_and_soon(served: Served, path: str, asked: str) -> None:
    began = time.monotonic()
    answer = served.ask("polri", f"/api/v1/{path}", q=asked)
    assert time.monotonic() - began < 15
    assert answer.status_code in (200, 422)
    assert "hanya untuk kami" not in answer.text
    if answer.status_code == 422:
        said = answer.json()["error"]
        assert "\n" not in said
        assert len(said) < 2000
        assert not any(word in said for word in ("Traceback", "elasticsearch", "gabung.live.bnn"))


@pytest.mark.parametrize(
    "parameters",
    [
        {"kind": ["x"] * 8_000}, {"agency": [str(at) for at in range(4_000)]}, {"kind": ["x" * 50_000]}, {"size": 10**9},
        {"skip": 10**9}, {"size": -1}, {"from": "9999999999"}, {"near": "nan,nan,nan"}, {"box": "1,2"}, {"cursor": "x" * 5000},
        {"exercise": "*"}, {"exercise": "../live"}, {"doc": "refused"}, {"zoom": 99},
    ],
    ids=str,
)  # fmt: skip
def test_parameters_out_of_bounds(served: Served, parameters: dict[str, Any]) -> None:
    path = "/api/v1/map" if "zoom" in parameters else "/api/v1/search"
    answer = served.ask("polri", path, **parameters)
    assert answer.status_code == 422, answer.text[:200]
    assert answer.json().keys() >= {"error"}


IDS = [
    HIDDEN.id,
    f"{EVERYWHERE.id}/p9",
    "*",
    "_all",
    "..",
    "%2e%2e%2f",
    "x" * 10_000,
    "%00",
    SCRIPT,
    "gabung.live.bnn.report",
]


@pytest.mark.parametrize("id_", IDS, ids=lambda one: one[:30])
def test_an_id_of_others_is_answered_as_what_is_not_there(served: Served, id_: str) -> None:
    nothing = served.ask("tni", "/api/v1/reports/00000000-0000-0000-0000-000000000000")
    for route in routes(served.http.app):
        if route.method == "GET" and "{" in route.path and route.action in ("search", "explain"):
            answer = served.ask("tni", route.filled(id_.replace("/", "%2F") if "entities" not in route.path else id_))
            assert (answer.status_code, answer.content) == (404, nothing.content), route


def test_scripts_in_every_field_stay_text(served: Served) -> None:
    """JSON says what was written; nothing that is HTML of ours holds it raw, and no answer is taken for a page."""
    for route in routes(served.http.app):
        if route.method == "GET" and route.path.startswith("/api/v1/") and route.action in ("search", "export"):
            answer = served.ask("polri", route.filled(EVERYWHERE.id), q="alert")
            assert not answer.headers["content-type"].startswith("text/html")
            assert answer.headers["x-content-type-options"] == "nosniff"
    (hit,) = served.ask("polri", "/api/v1/search", q="alert", doc="report").json()["hits"]
    assert hit["document"]["title"] == SCRIPT
    marked = json.dumps(hit["highlight"])
    assert "<mark>alert</mark>" in marked
    assert "<script>" not in marked
    assert "<img" not in marked


def test_an_entity_tells_what_each_report_it_cites_is(served: Served) -> None:
    one = served.ask("polri", f"/api/v1/entities/{EVERYWHERE.id}/p1").json()
    assert one["sources"] == {EVERYWHERE.id: {
        "title": SCRIPT, "agency": "bnn", "reported_at": "2026-10-01T00:00:00Z", "marking": {"tlp": "AMBER", "caveats": [SCRIPT]},
    }}  # fmt: skip
    assert {id_ for value in one["values"] for id_ in value["reports"]} <= one["sources"].keys()


def test_only_the_originator_is_told_who_was_shown_a_report(served: Served) -> None:
    decisions = [(reader, decide(EVERYWHERE, reader, POLICIES, {}, NOW)) for reader in POLICIES.agencies]
    served.audited.clear()
    served.ask("polri", f"/api/v1/reports/{EVERYWHERE.id}")
    served.ask("polri", "/api/v1/export", format="csv")
    EVENTS[:] = [released(EVERYWHERE, decisions, "p1", NOW), *served.audited]
    told = served.ask("bnn", f"/api/v1/reports/{EVERYWHERE.id}/shown").json()["events"]
    assert [(one["kind"], one["reader"]) for one in told] == [
        ("release", "polri"), ("release", "tni"), ("shown", "polri"), ("exported", "polri"),
    ]  # fmt: skip
    assert [one["released"] for one in told[:2]] == [True, False]
    for other in ("polri", "tni"):
        refused = served.ask(other, f"/api/v1/reports/{EVERYWHERE.id}/shown")
        assert (refused.status_code, refused.content) == (404, served.ask(other, "/api/v1/reports/none").content)
    EVENTS.clear()
