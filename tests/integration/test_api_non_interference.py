"""Non-interference through the API: two worlds that differ only in what is hidden from a reader are answered byte for
byte alike, on every route. The time of day is fixed, and so is the key of cursors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest

from pipeline.addresses import Addresses
from pipeline.bench.scenarios import AGENCIES, Scenario
from pipeline.match import block
from pipeline.report.model import report_id
from pipeline.search.taxii import LIVE, collection_id
from tests.integration.serving import Served, serving
from tests.search.alike import alike, unlike
from tests.search.routes import routes

SEEDS = range(6)
IDS = [report_id(agency, str(source)) for source, agency in enumerate((*AGENCIES, *AGENCIES))]
THINGS = [*IDS, *(f"{id_}/{ref}" for id_ in IDS[:4] for ref in ("p0", "p1"))]
QUESTIONS: list[dict[str, Any]] = [
    {}, {"q": "darmo"}, {"q": "agency:satu OR passport:B1234567"}, {"doc": "entity", "size": 1}, {"doc": "report", "size": 2},
    {"kind": "seizure", "from": "2026-10-02"}, {"near": "3.6,98.7,50"}, {"exercise": "badai"},
]  # fmt: skip
ASKED: dict[str, list[dict[str, Any]]] = {
    "/api/v1/search": QUESTIONS,
    "/api/v1/timeline": [*QUESTIONS, {"interval": "year"}],
    "/api/v1/map": [*QUESTIONS, {"box": "3,98,4,99", "zoom": 15}],
    "/api/v1/graph/{id_}": [{"depth": 3}, {"with_reports": True, "limit": 3}, {"kind": "person", "agency": "dua"}],
    "/api/v1/export": [{"format": form, **one} for form in ("csv", "geojson", "ndjson", "stix") for one in QUESTIONS[:2]],
}  # fmt: skip
ASKED[f"/taxii2/{LIVE}/collections/{collection_id(LIVE)}/objects/"] = [
    {}, {"limit": 1}, {"added_after": "2026-10-01T12:00:00Z"}, {"match[type]": "report"},
]  # fmt: skip
SAID: dict[str, list[Any]] = {
    "/api/v1/lookup": [{"values": ["B1234567", "3174010102800001", "+628111222333", "tidak ada"]}],
    "/api/v1/judgements": [
        {"verdict": verdict, "things": [one, other], "reason": "rekaan"}
        for verdict in ("same", "not-same") for one, other in pairwise(THINGS)
    ],
}  # fmt: skip
NEVER_ENDS = {"/api/v1/alerts/stream"}
"""tests/search/test_stream_alike.py listens to it."""


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(
        services, tmp_path_factory.mktemp("alike"), AGENCIES, publish=lambda _: None, events=lambda: iter(())
    ) as one:
        yield one


def answers(served: Served, reader: str, world: Scenario) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    """Every answer of every route, by what was asked."""
    tokens = served.tokens
    served.tokens = {reader: tokens[reader]}  # only this reader's documents are needed
    with patch.object(block, "CROWD", world.crowd):
        served.fill(world.reports, world.policies, world.groups)
    served.tokens = tokens
    found = {}
    for route in routes(served.http.app):
        if route.path in NEVER_ENDS:
            continue
        plain = route.path.replace(":path}", "}")
        plain = plain.replace("{scope}", LIVE).replace("{collection}", collection_id(LIVE))
        for id_ in THINGS if "{" in plain else [""]:
            path = re.sub(r"\{.*?\}", id_, plain) if "{" in plain else plain
            for parameters in ASKED.get(plain, [{}]):
                for said in SAID.get(plain, [None]) if route.method == "POST" else [None]:
                    answer = served.ask(reader, path, route.method, json=said, **parameters)
                    key = f"{route.method} {path}?{urlencode(parameters)} {said}"
                    found[key] = (answer.status_code, answer.content, dict(answer.headers))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_hidden_changes_no_answer(served: Served, seed: int) -> None:
    reader, one, other = alike(seed)
    first, second = answers(served, reader, one), answers(served, reader, other)
    assert first.keys() == second.keys()
    for asked, answer in first.items():
        if not asked.startswith("GET /api/v1/exports"):  # both worlds' own exports, which grow
            assert answer == second[asked], asked
    assert [status for status, _, _ in first.values()].count(200) > 30


def test_a_difference_in_what_is_shown_would_be_found(served: Served) -> None:
    """The same walk, over worlds that differ in what this reader sees."""
    reader, one, other = unlike()
    assert answers(served, reader, one) != answers(served, reader, other)
