"""What stands where: one line for each service and process of ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy import containers, process
from deploy.health import port_answers, service_answers
from deploy.launch import ends_file
from deploy.services import SERVICES, read, shown
from deploy.supervise import Ends


@dataclass(frozen=True)
class Standing:
    """`source`: environment, container or here; `state`: up, down, or silent (it runs and does not answer);
    `memory_mib`: resident, with children, where it runs here; `since`: UTC; `restarts`: how often it ended and was
    started again since then, where that is done."""

    service: str
    source: str
    address: str | None
    pid: int | None
    state: str
    memory_mib: int | None
    since: str | None
    restarts: int | None = None

    @property
    def is_up(self) -> bool:
        return self.state == "up"


def status(home: Path) -> list[Standing]:
    """The three services always; workers and the web page where they were started."""
    known = read(home / "services.json")
    contained = containers.remembered(home)
    processes = process.remembered(home)
    names = [*SERVICES, *(name for name in sorted(processes) if name not in SERVICES)]
    return [_standing(name, known.get(name), processes.get(name), name in contained, home) for name in names]


def _standing(name: str, known: str | None, started: process.Process | None, contained: bool, home: Path) -> Standing:
    given = os.environ.get(f"GABUNG_{name.upper()}") if name in SERVICES else None
    if given or (known and started is None):  # not a process of ours
        address = given or known or ""
        up = service_answers(name, address) if contained else port_answers(address)
        source = "container" if contained else "environment"
        return Standing(name, source, shown(address), None, "up" if up else "down", None, None)
    if started is None or not process.alive(started):
        return Standing(name, "here", known, None, "down", None, None)
    ready = service_answers(name, known) if known else ready_file(home, name).exists()
    return Standing(
        name,
        "here",
        known,
        started.pid,
        "up" if ready else "silent",
        process.memory(started) >> 20,
        datetime.fromtimestamp(started.since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        Ends.read(ends_file(home, name)).times if name not in SERVICES else None,
    )


def ready_file(home: Path, name: str) -> Path:
    """What a worker writes once it reads its partitions."""
    return home / "run" / f"{name}.ready"
