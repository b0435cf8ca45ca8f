"""The bench of search, small: each question finds the same by `ask`, over HTTP and by Elasticsearch alone."""

from __future__ import annotations

import json

import pytest

from pipeline.addresses import Addresses
from pipeline.cli.main import run


def test_it_measures_each_way_and_asks_for_identifiers(services: Addresses, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "search", "--reports", "400", "--queries", "45", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures["latency_ms"]) == {"gabung", "http", "elasticsearch"}
    assert all(one["p95"] > 0 for one in figures["latency_ms"].values())
    assert {"identifier", "its number", "its beginning"} <= set(figures["by_sort_p95_ms"])
    assert figures["ratio"]["p95"] == pytest.approx(
        figures["latency_ms"]["gabung"]["p95"] / figures["latency_ms"]["elasticsearch"]["p95"], rel=0.05
    )
