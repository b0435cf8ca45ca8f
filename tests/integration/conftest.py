"""What integration tests may take beside `services`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from deploy import java
from pipeline.errors import ServiceMissing
from tests.integration.keycloak import Keycloak, running


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """A Keycloak with a fictional realm. An address in GABUNG_KEYCLOAK is used as it is."""
    if given := os.environ.get("GABUNG_KEYCLOAK"):
        yield Keycloak(given)
        return
    try:
        if shutil.which("mvn") is None:
            raise ServiceMissing("Maven is missing")
        java.choose("keycloak", java.found_here())
    except ServiceMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have what Keycloak needs: {missing}")
        pytest.skip(f"sign-in is tried against Keycloak: {missing}")
    with running(tmp_path_factory.mktemp("keycloak")) as found:
        yield found
