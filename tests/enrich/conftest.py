"""What the tests of enrich share: the real reference data, and a report made in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.enrich.enrich import Reference, enrich, load_reference
from pipeline.enrich.model import Enriched, Features
from tests.enrich.reports import report_of


@pytest.fixture(scope="session")
def reference() -> Reference:
    return load_reference()


@pytest.fixture(scope="session")
def enriched(reference: Reference) -> Callable[..., Enriched]:
    """`enriched(places=[…], entities=[…])`: a report with these fields, enriched."""

    def make(**fields: Any) -> Enriched:
        return enrich(report_of(**fields), reference)

    return make


@pytest.fixture(scope="session")
def features(enriched: Callable[..., Enriched]) -> Callable[..., Features]:
    """`features(kind="phone", names=[…])`: the features of a report's only mention."""

    def make(places: tuple[dict[str, str], ...] = (), **mention: Any) -> Features:
        return enriched(places=places, entities=[{"ref": "m1", **mention}]).features[0]

    return make
