"""`gabung demo` on real services in a home of its own: it ends with the findings that the generator knows of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from deploy import system
from deploy.demo.find import found_by
from deploy.demo.scenario import REFUSED, scenario
from deploy.demo.truth import READERS, THINGS, joined
from pipeline.shell.store import ElasticStore

QUICK = 0.5
"""Of the first demo's time, a second one on running services takes less: a sixth or so, however busy the machine is."""


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="gabung-demo-test-"))
    home.chmod(0o755)  # the user that Elasticsearch runs as must reach its data
    yield home
    system.down(home, purge=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def first() -> list[float]:
    """How many seconds the first demo took."""
    return []


def demo(home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("gabung")), "demo", *more],
        env={**os.environ, "GABUNG_HOME": str(home)}, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip


def test_the_demo_ends_with_what_the_generator_knows_of(installation: Path, first: list[float]) -> None:
    started = time.monotonic()
    done = demo(installation)
    first.append(time.monotonic() - started)
    assert done.returncode == 0, done.stderr
    for part in (
        "What each agency finds",
        "4 of 4 pieces",
        "nothing is joined",
        "joined by same passport",
        "gabung down",
    ):
        assert part in done.stdout
    told = scenario(7, datetime.fromisoformat(orjson.loads((installation / "demo/demo.json").read_bytes())["now"]))
    store = ElasticStore(orjson.loads((installation / "services.json").read_bytes())["elasticsearch"])
    for reader in READERS:
        found = found_by(store, reader, told)
        for storyline, things in THINGS.items():
            agencies = {one.thing: frozenset(one.agencies) for one in found.storylines[storyline]}
            assert agencies == {thing: wanted for thing in things if (wanted := joined(storyline, thing, reader))}


def test_a_second_demo_finds_everything_unchanged_and_is_quick(installation: Path, first: list[float]) -> None:
    started = time.monotonic()
    done = demo(installation)
    assert done.returncode == 0, done.stderr
    assert not first or time.monotonic() - started < QUICK * first[0]
    last = re.search(r"^all +(\d+) +(\d+) +(\d+) +(\d+)", done.stdout, re.MULTILINE)
    assert last is not None
    read, published, unchanged, refused = map(int, last.groups())
    assert (published, refused) == (0, REFUSED)
    assert read == unchanged + refused


def test_another_seed_does_not_meet_this_case(installation: Path) -> None:
    done = demo(installation, "--seed", "8")
    assert done.returncode == 2
    assert "--fresh" in done.stderr
