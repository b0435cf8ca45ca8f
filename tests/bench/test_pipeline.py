"""`gabung bench pipeline`: its figures, and the documents it loads beside."""

from __future__ import annotations

import pytest
from elasticsearch import Elasticsearch

from pipeline.addresses import Addresses
from pipeline.bench.alerting import lateness
from pipeline.bench.fuse import AGENCIES
from pipeline.bench.percentiles import percentiles
from pipeline.bench.pipeline import COPY, bulk, figures, fresh
from pipeline.flow import index_name


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (list(range(101)), {"p50": 50.0, "p99": 99.0}),
        ([2.0, 1.0], {"p50": 1.5, "p99": 2.0}),
        ([7.25], {"p50": 7.2, "p99": 7.2}),
    ],
)
def test_percentiles_stand_between_neighbours(found: list[float], expected: dict[str, float]) -> None:
    assert percentiles(found) == expected


def test_percentiles_of_nothing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentiles([])


def test_only_what_came_is_late() -> None:
    assert lateness({"a": 1.0, "b": 2.0}, {"a": 1.5, "c": 9.0}) == [500.0]


def test_the_figures_have_the_shape_that_others_read() -> None:
    assert figures(100, 400, 20.0, 0.5, [1.0, 3.0], [2.0]) == {
        "reports_per_s": 5.0,
        "documents_per_s": 20.0,
        "bulk_documents_per_s": 800.0,
        "ratio": 0.025,
        "latency_ms": {"searchable": {"p50": 2.0, "p99": 3.0}, "alert": {"p50": 2.0, "p99": 2.0}},
    }


def test_a_document_counts_where_the_load_made_or_changed_it() -> None:
    before = {("reports", "a"): {"title": "old"}, ("reports", "b"): {"title": "old"}}
    now = {("reports", "a"): {"title": "old"}, ("reports", "b"): {"title": "new"}, ("entities", "a"): {"title": "new"}}
    assert fresh(before, now).keys() == {("reports", "b"), ("entities", "a")}


def test_elasticsearch_alone_takes_them_into_indexes_of_its_own(services: Addresses) -> None:
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=60)
    live = index_name("live", AGENCIES[0], "report")
    documents = {(live, str(at)): {"doc": "report", "id": str(at), "title": "Laporan"} for at in range(1_500)}
    assert bulk(client, documents) > 0
    assert not client.indices.exists(index=live)
    assert not client.indices.get(index=f"gabung.{COPY}.*")
