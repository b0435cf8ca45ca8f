"""Start a process and wait until it is healthy, or say in one line why it is not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from deploy import process
from deploy.errors import GivenUp, ServiceFailed
from deploy.progress import READY, Progress


@dataclass(frozen=True)
class Launch:
    """How to start one process. `healthy` is asked again and again; `patience_s` is for slow, busy machines.

    supervised: it is started again whenever it ends, once it has been healthy."""

    name: str
    argv: Sequence[str]
    healthy: Callable[[], bool]
    env: Mapping[str, str | None] = field(default_factory=dict)
    cwd: Path | None = None
    user: str | None = None
    patience_s: float = 180.0
    supervised: bool = False


SUPERVISOR = (sys.executable, "-m", "deploy.supervise")

ADVICE = (
    # what its last lines hold, what to do; the first that fits
    ("Address already in use", "its port was taken meanwhile; run `gabung up` again"),
    ("BindException", "its port was taken meanwhile; run `gabung up` again"),
    ("No space left on device", "the disk is full; free some space"),
    ("Cannot allocate memory", "there is not enough memory; free about 1 GiB"),
    ("OutOfMemoryError", "there is not enough memory; free about 1 GiB"),
    ("ModuleNotFoundError", "a package is missing; run: pip install 'gabung[pipeline]'"),
    ("UnsupportedClassVersionError", "its Java is too old; install a newer one"),
)


def launch(wanted: Launch, home: Path, progress: Progress, give_up: Event | None = None) -> None:
    """Start it and wait. Raises ServiceFailed with the end of its log; what was started is then ended by the caller."""
    give_up = give_up or Event()
    begun = time.monotonic()
    argv, env, ends = wanted.argv, dict(wanted.env), ends_file(home, wanted.name)
    if wanted.supervised:
        argv = (*SUPERVISOR, *argv)
        env["GABUNG_ENDS_FILE"] = str(ends)
        ends.parent.mkdir(exist_ok=True)
    ends.unlink(missing_ok=True)
    running = process.start(wanted.name, argv, home=home, env=env, cwd=wanted.cwd, user=wanted.user)
    while not wanted.healthy():
        waited = time.monotonic() - begun
        if not process.alive(running) or ends.exists():
            raise failed(wanted.name, home, "ended while starting")
        if waited > wanted.patience_s:
            raise failed(wanted.name, home, f"did not answer within {waited:.0f} s")
        progress(wanted.name, f"starting, {waited:.0f} s …")
        if give_up.wait(0.15):
            raise GivenUp(f"{wanted.name} was not waited for, since another service failed; see that one")
    progress(wanted.name, f"{READY} after {time.monotonic() - begun:.1f} s")


def ends_file(home: Path, name: str) -> Path:
    """Where a supervisor tells how often its program ended (`deploy.supervise.Ends`)."""
    return home / "run" / f"{name}.ends"


def failed(name: str, home: Path, what: str) -> ServiceFailed:
    """The error for a process that did not start."""
    lines = process.tail(home, name)
    text = "\n".join(lines)
    advice = next((advice for sign, advice in ADVICE if sign in text), "see the end of its log below")
    return ServiceFailed(f"{name} {what}: {advice} (log: {process.log_path(home, name)})", lines)


def side_by_side(prepared: Mapping[str, Callable[[], Launch]], home: Path, progress: Progress) -> None:
    """Prepare and start these at the same time. When one fails, the others are not waited for, and all are ended."""
    give_up = Event()

    def start(prepare: Callable[[], Launch]) -> None:
        try:
            wanted = prepare()
            if not give_up.is_set():
                launch(wanted, home, progress, give_up)
        except BaseException:
            give_up.set()
            raise

    try:
        with ThreadPoolExecutor(max(1, len(prepared))) as pool:
            started = [pool.submit(start, prepare) for prepare in prepared.values()]
            try:
                errors = [error for one in started if (error := one.exception())]
            except KeyboardInterrupt:
                give_up.set()
                raise
        if errors:
            raise next((error for error in errors if not isinstance(error, GivenUp)), errors[0])
    except BaseException:
        for name in prepared:
            process.stop(home, name, grace_s=5.0)
        raise
