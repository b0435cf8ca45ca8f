"""What is made of Elasticsearch's response, and of dates; what reaches a terminal."""

from __future__ import annotations

from inspect import signature
from typing import Any

import pytest

from pipeline.cli import search as command
from pipeline.cli.search import plain
from pipeline.errors import WrongUse
from pipeline.report.model import rfc3339
from pipeline.search.answer import answer
from pipeline.search.api.search import question
from pipeline.search.moments import span

RESPONSE: dict[str, Any] = {
    "took": 3,
    "hits": {
        "total": {"value": 1},
        "max_score": 2.5,
        "hits": [
            {"_index": "gabung.live.bnn.report", "_score": 2.5, "_source": {"id": "a"}, "highlight": {"title": ["<b>"]}}
        ],
    },
    "aggregations": {
        "kind": {"buckets": [{"key": "seizure", "doc_count": 1}]},
        "month": {"buckets": [{"key_as_string": "2026-10-01T00:00:00.000Z", "doc_count": 1}]},
    },
}


def test_an_answer_holds_documents_and_counts_but_no_scores_times_or_indexes() -> None:
    facets = {key: [] for key in ("doc", "kind", "agency", "agencies", "mention", "tlp", "country")}
    assert answer(RESPONSE) == {
        "total": 1,
        "hits": [{"document": {"id": "a"}, "highlight": {"title": ["&lt;b&gt;"]}}],
        "facets": facets | {"kind": [{"value": "seizure", "count": 1}]},
        "months": [{"month": "2026-10", "count": 1}],
    }


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59.999000Z"),
        ("2026-02", "2026-02-01T00:00:00Z", "2026-02-28T23:59:59.999000Z"),
        ("2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59.999000Z"),
        ("2026-12-31", "2026-12-31T00:00:00Z", "2026-12-31T23:59:59.999000Z"),
        ("2026-10-31T20:00:00+07:00", "2026-10-31T13:00:00Z", "2026-10-31T13:00:00Z"),
        ("2026-10-31T20:00:00", "2026-10-31T20:00:00Z", "2026-10-31T20:00:00Z"),
    ],
)
def test_a_date_is_the_span_that_it_names(written: str, first: str, last: str) -> None:
    assert tuple(rfc3339(end) for end in span(written)) == (first, last)


@pytest.mark.parametrize(
    "written", ["", "kemarin", "2026-13", "2026-02-30", "0000-00-00", "9999-12-31", "9999", "26-10"]
)
def test_what_is_no_date_is_answered_with_how_to_write_one(written: str) -> None:
    with pytest.raises(WrongUse, match="write it like 2026"):
        span(written)


def test_the_command_takes_every_filter_that_the_api_takes() -> None:
    own = set(signature(command.search).parameters) - {"query", "reader", "as_json"}
    assert own == set(signature(question).parameters) - {"q"}


def test_a_report_cannot_steer_the_operators_terminal() -> None:
    assert plain("a\x1b[2J\x1b]0;x\x07\u202eb\nc\x9b1m") == "a\ufffd[2J\ufffd]0;x\ufffd\ufffdb c\ufffd1m"
