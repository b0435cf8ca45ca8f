"""What the search bench asks can be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.bench.search import _questions
from pipeline.enrich.enrich import load_reference
from pipeline.search.question import body

NOW = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_of_a_thousand_questions_can_be_read(seed: int) -> None:
    gazetteer = load_reference().gazetteer
    asked = list(_questions(seed, 1000))
    assert len({sort for sort, _ in asked}) == 15
    for _, question in asked:
        body(question, NOW, gazetteer)
