"""No question hangs, and none takes the search away from others: on a real Elasticsearch."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch, helpers

from deploy import process
from pipeline.addresses import Addresses
from pipeline.flow import index_name
from pipeline.search.store import TooSlow
from pipeline.shell import store

READER = "lambat"
ALL: dict[str, Any] = {"query": {"match_all": {}}}


def crossed(depth: int) -> dict[str, Any]:
    """Every value of a document with every other, so many times over: work that grows as its power."""
    return {} if depth == 0 else {"aggs": {"a": {"terms": {"field": "agencies", "size": 20}, **crossed(depth - 1)}}}


@pytest.fixture(scope="module")
def crowded(services: Addresses) -> Iterator[Addresses]:
    """A reader with 9,000 documents of 20 values each."""
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=60)
    name = index_name("live", READER, "report")
    client.indices.create(index=name, mappings={"properties": {"agencies": {"type": "keyword"}}})
    document = {"agencies": [f"lembaga-{number}" for number in range(20)]}
    helpers.bulk(client, ({"_index": name, "_source": document} for _ in range(9000)), refresh=True)
    yield services
    client.indices.delete(index=name)


def test_a_search_that_takes_too_long_is_ended_by_elasticsearch_and_answered_whole_or_not_at_all(
    crowded: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = store.ElasticStore(crowded.need("elasticsearch"))
    assert asked.search("live", READER, ("report",), ALL)["hits"]["total"]["value"] == 9000
    monkeypatch.setattr(store, "MOST", "1ms")
    with pytest.raises(TooSlow, match="too long"):
        asked.search("live", READER, ("report",), ALL | crossed(3) | {"size": 0})


def test_an_elasticsearch_that_stands_still_is_waited_for_so_long_and_no_longer(
    crowded: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = process.remembered(Path(os.environ["GABUNG_HOME"])).get("elasticsearch")
    if stopped is None:
        pytest.skip("this Elasticsearch is not ours to stop")
    monkeypatch.setattr(store, "WAIT_SECONDS", 2)
    asked = store.ElasticStore(crowded.need("elasticsearch"))
    pids = list(process.members_of(stopped))
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        with pytest.raises(TooSlow):
            asked.search("live", READER, ("report",), ALL)
        assert time.monotonic() - begun < 6
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert store.ElasticStore(crowded.need("elasticsearch")).search("live", READER, ("report",), ALL)["hits"]["total"]
