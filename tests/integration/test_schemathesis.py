"""The whole API against its own description, by schemathesis: valid and invalid questions on every route, on the real
application and a real Elasticsearch. No answer is an error of the server, and each is as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    negative_data_rejection,
    positive_data_acceptance,
)

from pipeline.addresses import Addresses
from pipeline.search.api import Context, create_app
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.settings import AlertSettings
from tests.integration.serving import Served, agencies, report, serving
from tests.integration.test_api_non_interference import NEVER_ENDS
from tests.loopback import on_loopback

REPORTS = [
    report("bnn", "satu", ["polri"], title="<script>alert(1)</script>", entities=[{"ref": "p1", "kind": "person", "names": ["Budi Rekaan"]}], places=[{"name": "Medan", "country": "ID"}]),
    report("bnn", "rahasia", []),
]  # fmt: skip


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Served]]:
    policies = agencies("bnn", "polri")
    alerts = LiveAlerts(services.need("kafka"), AlertSettings(), lambda: (policies, {}))
    alerts.start()
    folder = tmp_path_factory.mktemp("described")
    try:
        with serving(
            services, folder, policies.agencies, publish=lambda _: None, events=lambda: iter(()), alerts=alerts
        ) as one:
            one.fill(REPORTS, policies, {})
            with on_loopback(one.http.app) as address:
                yield address, one
    finally:
        alerts.stop()


EXCLUDED = [
    positive_data_acceptance,  # a query that the description allows may still hold a mistake, answered with 422
    negative_data_rejection,  # in an address all is text: `agency=false` asks for an agency of that name
    allow_header_conformance,  # Starlette names the methods of one route only, where two share a path
]
NOWHERE: Any = None
DESCRIBED = schemathesis.openapi.from_dict(create_app(Context(NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE)).openapi())


@DESCRIBED.exclude(path=sorted(NEVER_ENDS)).parametrize()
@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_every_route_answers_as_it_is_described(case: schemathesis.Case, served: tuple[str, Served]) -> None:
    address, one = served
    case.call_and_validate(
        base_url=address,
        headers={"authorization": f"Bearer {one.tokens['polri']}"},
        excluded_checks=EXCLUDED,
    )
