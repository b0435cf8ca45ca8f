"""How hard the promises are tried: 200 examples each in `make test`, more with `GABUNG_EXAMPLES=5000`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from pipeline.enrich.enrich import Reference, load_reference
from pipeline.match import block

settings.register_profile(
    "promises",
    max_examples=int(os.environ.get("GABUNG_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
settings.load_profile("promises")


@pytest.fixture(autouse=True)
def crowd() -> Iterator[None]:
    """Worlds set how many are too many under one key; afterwards it is what it was."""
    before = block.CROWD
    yield
    block.CROWD = before


@pytest.fixture(scope="session")
def reference() -> Reference:
    return load_reference()
