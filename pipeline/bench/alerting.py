"""How soon an alert is told: from a report's publishing to the event that a listener's stream gives, on a whole
installation of its own, at half of what it takes at most."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

from connectors.publish import Publisher
from deploy.progress import Progress, silent
from deploy.system import down, up
from pipeline.addresses import Addresses, addresses
from pipeline.bench.fuse import AGENCIES, write
from pipeline.bench.percentiles import percentiles
from pipeline.bench.watched import reports, searches
from pipeline.errors import GabungError
from pipeline.release.policy import Policies
from pipeline.report.model import Report
from pipeline.search.tokens import Tokens
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.lag import lags
from pipeline.shell.settings import AlertSettings

WATCHED = "intelligence"
"""Kind of the reports that the listener's standing query matches: one in five."""
WAIT_SECONDS = 120
WARMING_SECONDS = 120


@contextmanager
def installation(*, services_only: bool = False, progress: Progress = silent) -> Iterator[Addresses]:
    """Services, one worker and the web service in a folder of their own, taken down at the end."""
    with tempfile.TemporaryDirectory(prefix="gabung-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the user that Elasticsearch runs as must reach its data
        before = os.environ.get("GABUNG_HOME")
        os.environ["GABUNG_HOME"] = folder
        try:
            _, policy = write(home, [])
            up(home, policy, services_only=services_only, progress=progress)
            yield addresses()
        finally:
            down(home, purge=True, progress=progress)
            if before is None:
                del os.environ["GABUNG_HOME"]
            else:
                os.environ["GABUNG_HOME"] = before


def measure(
    known: Addresses, standing: int, load: int, seconds: float, seed: int, warming: float = WARMING_SECONDS
) -> dict[str, Any]:
    """Reports a second at full load (`load` reports at once), then the alerts' latency at half of that.

    Kafka and Elasticsearch compile themselves in their first minutes, on the processors that all share: they are given
    as many reports before the full load, and some seconds (`warming`) of half of it before what is measured.
    """
    kafka = known.need("kafka")
    made = reports(seed, "b")
    begin(kafka, made, standing, seed)
    at_once(kafka, list(islice(made, load)))
    full = load / at_once(kafka, list(islice(made, load)))
    with listening(known.need("web")) as heard:
        paced(list(islice(made, int(full / 2 * warming))), full / 2)
        sent = paced(list(islice(made, max(50, int(full / 2 * seconds)))), full / 2)
        wait(sent, heard)
    late = lateness(sent, heard)
    if not late:
        raise GabungError(f"no alert came within {WAIT_SECONDS} s")
    return {
        "reports_per_s": round(full, 1),
        "half_load_per_s": round(full / 2, 1),
        "standing": standing + 1,
        "alerts": len(late),
        "missed": len(sent) - len(late),
        "latency_ms": percentiles(late),
    }


def begin(kafka: str, made: Iterator[Report], standing: int, seed: int) -> None:
    """The first reports make topics, indexes and the registry's entries; then there are so many standing queries."""
    publish(islice(made, 200))
    rest(kafka)
    save(kafka, standing, seed)


def at_once(kafka: str, batch: Sequence[Report]) -> float:
    """Seconds from publishing all of a batch until the pipeline is at rest."""
    started = time.monotonic()
    publish(batch)
    rest(kafka)
    return time.monotonic() - started


def wait(sent: Mapping[str, float], come: Mapping[str, float]) -> None:
    """Until all that was sent has come, for WAIT_SECONDS at most."""
    until = time.monotonic() + WAIT_SECONDS
    while sent.keys() - come.keys() and time.monotonic() < until:
        time.sleep(0.1)


def lateness(sent: Mapping[str, float], come: Mapping[str, float]) -> list[float]:
    """Milliseconds of each that has come. Both: id -> when, in seconds."""
    return [(come[id_] - at) * 1000 for id_, at in sent.items() if id_ in come]


def publish(batch: Iterator[Report] | Sequence[Report]) -> None:
    publisher = Publisher()
    for one in batch:
        publisher.publish(one, lambda _: None)
    publisher.flush()


def paced(batch: Sequence[Report], rate: float) -> dict[str, float]:
    """Publish so many a second, each as reported now. Returns when each report that the listener watches for was given
    to the producer."""
    publisher, sent = Publisher(), {}
    started = time.time()
    for at, one in enumerate(batch):
        ahead = started + at / rate - time.time()
        if ahead > 0:
            time.sleep(ahead)
        if one.kind == WATCHED:
            sent[one.id] = time.time()
        publisher.publish(one.model_copy(update={"reported_at": datetime.now(UTC)}), lambda _: None)
    publisher.flush()
    return sent


def rest(kafka: str) -> None:
    calm = 0
    while calm < 2:
        calm = 0 if any(lags(kafka).values()) else calm + 1
        time.sleep(0.1)


def save(kafka: str, many: int, seed: int) -> None:
    """Standing queries of the first agency, kept as the web service keeps them."""
    live = LiveAlerts(kafka, AlertSettings(), lambda: (Policies({}), {}))
    for one in searches(seed + 1, many):
        live.save(one)


@contextmanager
def listening(web: str) -> Iterator[dict[str, float]]:
    """Report id -> when its alert came, for one person's stream."""
    _, token = Tokens().issue(AGENCIES[0], "bench")
    heard: dict[str, float] = {}
    ready = threading.Event()
    with httpx2.Client(base_url=web, headers={"authorization": f"Bearer {token}"}, timeout=30) as http:
        question = {"doc": "report", "kind": [WATCHED]}
        answer = http.post("/api/v1/saved", json={"name": "bench", "question": question, "alerts": True})
        if answer.status_code != 200:
            raise GabungError(f"the saved search was not taken: {answer.status_code}")
        own = answer.json()["id"]

        def follow() -> None:
            with suppress(httpx2.HTTPError), http.stream("GET", "/api/v1/alerts/stream", timeout=None) as stream:
                for line in stream.iter_lines():
                    if line.startswith(":"):
                        ready.set()
                    elif line.startswith("data:"):
                        said = json.loads(line[5:])
                        if said.get("saved") == own:
                            heard.setdefault(said["document"]["id"], time.time())

        threading.Thread(target=follow, daemon=True).start()
        if not ready.wait(30):
            raise GabungError("the stream of alerts did not begin")
        time.sleep(1)
        yield heard
