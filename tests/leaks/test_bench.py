"""`gabung bench leaks` finds none, and would find those that other systems had."""

from __future__ import annotations

import pytest

from pipeline.bench.leaks import LEAKS, first_found, leaks
from pipeline.bench.scenarios import AGENCIES
from pipeline.enrich.enrich import Reference, load_reference


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference()


def test_nothing_leaks_in_random_scenarios(reference: Reference) -> None:
    compared = 0
    for number in range(10_000, 10_100):
        leaked, documents = leaks(number, reference)
        assert not leaked, f"`gabung bench leaks --seed {number} --scenarios 1` shows it"
        compared += documents
    assert compared > 100 * len(AGENCIES) / 2


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_that_is_built_in_is_found(reference: Reference, name: str) -> None:
    assert first_found(reference, LEAKS[name], 1) is not None
