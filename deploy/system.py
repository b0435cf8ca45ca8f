"""Everything on this machine, up and down: the services, then the workers and the web page beside each other."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deploy import ports, process
from deploy.health import service_answers
from deploy.launch import Launch, side_by_side
from deploy.progress import READY, STOPPED, Progress, silent
from deploy.services import SERVICES, alone, forget, read, remember, start_services, stop_services
from deploy.status import ready_file
from pipeline.addresses import Addresses
from pipeline.errors import WrongUse

WORKER = (sys.executable, "-m", "pipeline.shell.worker")
WEB = (sys.executable, "-m", "pipeline.shell.web")

DATA = (
    # what `gabung down --purge` removes: nothing that a person wrote
    "kafka", "registry", "elasticsearch", "tables", "checkpoints", "logs", "run",
    "ports.json", "processes.json", "services.json", "containers.json", "system.json",
)  # fmt: skip


def up(
    home: Path,
    policy: Path | None = None,
    *,
    workers: int = 1,
    services_only: bool = False,
    progress: Progress = silent,
) -> Addresses:
    """Start what does not run yet, wait until all of it is ready, and give the addresses.

    policy: a folder, else GABUNG_POLICY, else `HOME/policy`. Exactly `workers` workers run afterwards; a worker that
    runs under another policy folder is started anew. Raises WrongUse or ServiceMissing; whatever this call started
    has been ended then.
    """
    folder = None if services_only else policy_folder(home, policy)
    if workers < 1:
        raise WrongUse("--workers must be 1 or more")
    before = _alive(home)
    try:
        addresses = start_services(home, progress)
        if folder is None:
            return addresses
        with alone(home):
            return _start_ours(home, folder, workers, progress)
    except BaseException:
        started = _alive(home) - before
        for name in sorted(started, key=lambda name: name in SERVICES):  # ours first, then what they stand on
            process.stop(home, name, grace_s=5.0)
        forget(home, *started)
        raise


def down(home: Path, *, purge: bool = False, progress: Progress = silent) -> list[str]:
    """End everything that was started here, workers first; gives the names of what was running.

    purge: remove the data of the services and of the workers too. Policies and tokens stay.
    """
    stopped = []
    with alone(home):
        for name in [name for name in process.remembered(home) if name not in SERVICES]:
            stopped += _stop(home, name, progress)
        forget(home, "web")
    stopped += stop_services(home, progress)
    if purge:
        for name in DATA:
            path = home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        progress("data", f"{STOPPED}, and removed from {home}")
    return stopped


def policy_folder(home: Path, given: Path | None) -> Path:
    """The policy folder in force. Raises WrongUse saying what to do where there is none."""
    chosen = given or (Path(found) if (found := os.environ.get("GABUNG_POLICY")) else home / "policy")
    if not chosen.is_dir():
        if given is None and "GABUNG_POLICY" not in os.environ:
            raise WrongUse(f"no policy folder: give one with --policy DIR, or put one at {chosen}")
        raise WrongUse(f"there is no policy folder at {chosen}; give one with --policy DIR")
    return chosen.absolute()


def known_policy(home: Path) -> Path | None:
    """The policy folder that is in force here, as far as is known: that of the environment, that which `gabung up` last
    ran under, or that of the home. Raises WrongUse where GABUNG_POLICY names none."""
    if "GABUNG_POLICY" in os.environ:
        return policy_folder(home, None)
    last = read(home / "system.json").get("policy")
    return next((folder for folder in (last and Path(last), home / "policy") if folder and folder.is_dir()), None)


def _start_ours(home: Path, policy: Path, workers: int, progress: Progress) -> Addresses:
    memory = home / "system.json"
    names = [f"worker-{number}" for number in range(1, workers + 1)]
    unwanted = [name for name in _alive(home) if name.startswith("worker-") and name not in names]
    if read(memory).get("policy") not in (None, str(policy)):
        unwanted += [name for name in _alive(home) if name in (*names, "web")]
    for name in sorted(unwanted):
        _stop(home, name, progress)
    forget(home, *unwanted)
    memory.write_text(json.dumps({"policy": str(policy)}), encoding="utf-8")
    running = _alive(home)
    prepared: dict[str, Callable[[], Launch]] = {
        name: partial(_worker, home, name, policy) for name in names if name not in running
    }
    known: dict[str, str] = {}
    if "web" not in running:
        last = {name: int(port) for name, port in read(home / "ports.json").items()}
        port = ports.choose("web", last.get("web"))
        (home / "ports.json").write_text(json.dumps({**last, "web": port}, indent=1), encoding="utf-8")
        prepared["web"] = partial(_web, home, port, policy)
        known["web"] = f"http://{ports.LOOPBACK}:{port}"
    side_by_side(prepared, home, progress)
    remember(home, **known)
    for name in sorted({*names, "web"} & running):
        progress(name, f"{READY}, was running")
    return Addresses(**read(home / "services.json"))


def _worker(home: Path, name: str, policy: Path) -> Launch:
    ready = ready_file(home, name)
    ready.parent.mkdir(exist_ok=True)
    ready.unlink(missing_ok=True)
    env = {**_environment(home, policy), "GABUNG_WORKER": name, "GABUNG_READY_FILE": str(ready)}
    return Launch(name, WORKER, ready.exists, env=env, supervised=True)


def _web(home: Path, port: int, policy: Path) -> Launch:
    address = f"http://{ports.LOOPBACK}:{port}"
    return Launch(
        "web",
        (*WEB, "--port", str(port)),
        lambda: service_answers("web", address),
        env=_environment(home, policy) | {name: os.environ.get(name) for name in process.SECRETS},
        supervised=True,
    )


def _environment(home: Path, policy: Path) -> dict[str, str | None]:
    return {"GABUNG_HOME": str(home), "GABUNG_POLICY": str(policy), "PYTHONUNBUFFERED": "1"}


def _alive(home: Path) -> set[str]:
    return {name for name, one in process.remembered(home).items() if process.alive(one)}


def _stop(home: Path, name: str, progress: Progress) -> list[str]:
    progress(name, "stopping …")
    stopped = process.stop(home, name)
    ready_file(home, name).unlink(missing_ok=True)
    progress(name, STOPPED)
    return [name] if stopped else []
