"""Kafka, the schema registry and Elasticsearch: taken from the environment, from containers, or started here.

An address in the environment (GABUNG_KAFKA, GABUNG_REGISTRY, GABUNG_ELASTICSEARCH) is used as it is. For the others
GABUNG_SERVICES says `containers`, `embedded` or `environment`; when it is silent, containers are taken where a
Docker engine answers, else embedded ones.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from deploy import containers, elastic, fetch, java, kafka, ports, process, registry
from deploy.health import port_answers
from deploy.java import Java
from deploy.launch import Launch, side_by_side
from deploy.progress import READY, STOPPED, Progress, silent
from pipeline.addresses import Addresses, cache
from pipeline.errors import ServiceMissing, WrongUse

Prepare = Callable[[Path, Path, Java, Mapping[str, int]], Launch]

# slowest first; the address that each gets from its port
EMBEDDED: dict[str, tuple[Prepare, tuple[str, ...], str]] = {
    "elasticsearch": (elastic.prepare, elastic.PORTS, "http://{host}:{port}"),
    "kafka": (kafka.prepare, kafka.PORTS, "{host}:{port}"),
    "registry": (registry.prepare, registry.PORTS, "http://{host}:{port}"),
}
SERVICES = tuple(EMBEDDED)

LEAST_DISK = 1 << 30
"""Bytes that must be free: below, Kafka and Elasticsearch fail in the middle of things."""


def start_services(home: Path, progress: Progress = silent) -> Addresses:
    """Start what does not run yet, wait until all answer, and write `HOME/services.json`.

    Raises WrongUse or ServiceMissing; whatever this call started has been ended then. Data of earlier runs is kept.
    """
    make_home(home)
    with alone(home):
        known = {name: address for name in SERVICES if (address := os.environ.get(f"GABUNG_{name.upper()}"))}
        for name, address in known.items():
            if not port_answers(address):
                raise ServiceMissing(
                    f"nothing answers at GABUNG_{name.upper()}={shown(address)}; start it or unset that"
                )
            progress(name, f"{READY} at {shown(address)}, from the environment")
        missing = [name for name in SERVICES if name not in known]
        match choice(missing):
            case "environment":
                needed = " and ".join(f"GABUNG_{name.upper()}" for name in missing)
                raise ServiceMissing(f"GABUNG_SERVICES=environment, so set {needed} to where they answer")
            case "containers":
                known |= containers.start(home, missing, progress)
            case "embedded":
                known |= _start_embedded(home, missing, progress)
        remember(home, **known)
    return Addresses(**read(home / "services.json"))


def stop_services(home: Path, progress: Progress = silent) -> list[str]:
    """End what was started here, and forget its addresses; gives the names of what was running."""
    stopped = []
    with alone(home):
        for name in reversed(SERVICES):
            if name in process.remembered(home):
                progress(name, "stopping …")
                if process.stop(home, name, grace_s=30.0):
                    stopped.append(name)
                progress(name, STOPPED)
        stopped += containers.stop(home)
        forget(home, *SERVICES)
    return stopped


def choice(missing: list[str], environment: Mapping[str, str] = os.environ) -> str:
    """Where the services that have no address come from: `environment`, `containers`, `embedded`, or `` for nowhere."""
    wanted = environment.get("GABUNG_SERVICES")
    if wanted not in (None, "", "environment", "containers", "embedded"):
        raise WrongUse(f"GABUNG_SERVICES must be environment, containers or embedded, not {wanted!r}")
    if not missing:
        return ""
    return wanted or ("containers" if containers.engine_answers() else "embedded")


def make_home(home: Path) -> None:
    """The home folder, open to the users that services run as; complains when its disk is nearly full."""
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o755 if os.geteuid() == 0 else 0o700)  # root's services run as others
    free = shutil.disk_usage(home).free
    if free < LEAST_DISK:
        raise ServiceMissing(
            f"the disk of {home} is nearly full: {free >> 20} MiB are free and {LEAST_DISK >> 20} MiB are needed; "
            "free some, or set GABUNG_HOME to another disk"
        )


def remember(home: Path, **known: str) -> None:
    """Add addresses to `HOME/services.json`, which `pipeline.addresses` reads."""
    _write(home / "services.json", {**read(home / "services.json"), **known})


def forget(home: Path, *names: str) -> None:
    """Take addresses out of `HOME/services.json`; without any left it goes."""
    path = home / "services.json"
    left = {name: address for name, address in read(path).items() if name not in names}
    if left:
        _write(path, left)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, known: Mapping[str, str]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(known, indent=1), encoding="utf-8")
    part.replace(path)


def read(path: Path) -> dict[str, str]:
    """A small JSON object, empty where there is none yet."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """One at a time: a second `gabung up` or `down` waits for the first."""
    if not home.exists():
        yield
        return
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def shown(address: str) -> str:
    """An address without the password that it may hold."""
    return address.rpartition("@")[2]


def _start_embedded(home: Path, names: list[str], progress: Progress) -> dict[str, str]:
    memory = home / "ports.json"
    last = {name: int(port) for name, port in read(memory).items()}
    running = {name for name, one in process.remembered(home).items() if process.alive(one)}
    to_start = [name for name in names if name not in running]
    chosen = {port: last[port] for name in names if name in running for port in EMBEDDED[name][1]}
    if to_start:
        chosen |= ports.choose_all([port for name in to_start for port in EMBEDDED[name][1]], last)
        found = java.found_here()
        fitting = {name: _java(name, found) for name in to_start}
        programs = fetch.fetched(cache(), progress)
        memory.write_text(json.dumps(last | chosen, indent=1), encoding="utf-8")
        prepared = {name: partial(EMBEDDED[name][0], home, programs, fitting[name], chosen) for name in to_start}
        side_by_side(prepared, home, progress)
    for name in names:
        if name in running:
            progress(name, f"{READY}, was running")
    return {name: EMBEDDED[name][2].format(host=ports.LOOPBACK, port=chosen[name]) for name in names}


def _java(name: str, found: list[Java]) -> Java:
    return elastic.choose_java(found) if name == "elasticsearch" else java.choose(name, found)
