"""What every test may take. A test that needs Kafka, the registry or Elasticsearch takes the fixture `services`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.addresses import Addresses


@pytest.fixture(scope="session")
def services() -> Iterator[Addresses]:
    """The three services, started once for all tests in a home of their own, and ended after the last one.

    `GABUNG_HOME` points there meanwhile, so `pipeline.addresses` and every command find them. Addresses that the
    environment already holds are used as they are.
    """
    from deploy.services import start_services, stop_services

    home = Path(tempfile.mkdtemp(prefix="gabung-test-"))
    home.chmod(0o755)  # the user that Elasticsearch runs as must reach its data
    before = os.environ.get("GABUNG_HOME")
    os.environ["GABUNG_HOME"] = str(home)
    try:
        yield start_services(home)
    finally:
        stop_services(home)
        if before is None:
            del os.environ["GABUNG_HOME"]
        else:
            os.environ["GABUNG_HOME"] = before
        shutil.rmtree(home, ignore_errors=True)
