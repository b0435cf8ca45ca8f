"""Processes that outlive the command that started them: start, remember, look after, stop.

Each runs in a session of its own and writes to `HOME/logs/NAME.log`. `HOME/processes.json` remembers its pid with the
moment that it began, so a pid which now belongs to somebody else is never taken for ours. Reads /proc: Linux only.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import RLock

MARK = "GABUNG_PROCESS_MARK"
SECRETS = ("GABUNG_OIDC_CLIENT_SECRET",)
"""What no process is told but the one that it is for."""
_children: list[subprocess.Popen[bytes]] = []  # kept so that those which end are reaped
_writing = RLock()


@dataclass(frozen=True)
class Process:
    """A process that was started. `began`: boot and clock tick of its start; `mark`: stands in its environment and in
    that of its children; `since`: seconds since 1970."""

    name: str
    pid: int
    began: str
    mark: str
    since: float
    argv: tuple[str, ...]


def log_path(home: Path, name: str) -> Path:
    """Where a process writes. The last log of the run before stands beside it, ending in `.old`."""
    return home / "logs" / f"{name}.log"


def remembered(home: Path) -> dict[str, Process]:
    """What was started in this home, alive or not, by name."""
    try:
        entries = json.loads((home / "processes.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {entry["name"]: Process(**entry | {"argv": tuple(entry["argv"])}) for entry in entries}


def start(
    name: str,
    argv: Sequence[str],
    *,
    home: Path,
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
) -> Process:
    """Start a process and remember it. `env` is added to our own environment, from which SECRETS are taken (None takes
    a variable out); `user` is who it runs as, which only root may choose. A process of that name that still runs is
    given back as it is."""
    running = remembered(home).get(name)
    if running and alive(running):
        return running
    stop(home, name)  # what a killed one left behind would hold its ports and files
    mark = secrets.token_hex(8)
    merged = {**{key: value for key, value in os.environ.items() if key not in SECRETS}, **(env or {}), MARK: mark}
    environment = {key: value for key, value in merged.items() if value is not None}
    log = log_path(home, name)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists():
        log.replace(log.with_suffix(".log.old"))
    group = pwd.getpwnam(user).pw_gid if user else None
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd or home,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if user else None,
        )
    _children.append(child)
    process = Process(name, child.pid, _began(child.pid) or "", mark, time.time(), tuple(argv))
    with _changing(home) as processes:
        processes[name] = process
    return process


def alive(process: Process) -> bool:
    """Whether it, and not another of the same pid, is still there. A zombie is not."""
    _reap()
    return bool(process.began) and _began(process.pid) == process.began


def stop(home: Path, name: str, grace_s: float = 15.0) -> bool:
    """Ask it to end, wait, then end it with all it started. True where something was running."""
    process = remembered(home).get(name)
    if process is None:
        return False
    members = list(members_of(process))
    was_running = bool(members)
    if alive(process):
        _signal([process.pid], signal.SIGTERM)
    else:
        _signal(members, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while (members := list(members_of(process))) and time.monotonic() < deadline:
        time.sleep(0.05)
        _reap()
    _signal(members, signal.SIGKILL)
    while any(_state(pid) not in (None, "Z") for pid in members):
        time.sleep(0.02)
    with _changing(home) as processes:
        processes.pop(name, None)
    return was_running


def tail(home: Path, name: str, lines: int = 15) -> list[str]:
    """The last lines of its log, each cut to a readable length."""
    try:
        text = log_path(home, name).read_bytes()[-64_000:].decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line[:500] for line in text.splitlines() if line.strip()][-lines:]


def memory(process: Process) -> int:
    """Resident bytes of it and of all it started."""
    pages = 0
    for pid in members_of(process):
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def _changing(home: Path) -> Iterator[dict[str, Process]]:
    """Change what is remembered, in one piece: another reader sees it before or after."""
    with _writing:
        processes = remembered(home)
        yield processes
        path = home / "processes.json"
        temporary = path.with_suffix(f".{os.getpid()}.part")
        temporary.write_text(json.dumps([asdict(process) for process in processes.values()], indent=1))
        temporary.replace(path)


def members_of(process: Process) -> Iterator[int]:
    """The process and whatever lives in its session and bears its mark, zombies aside."""
    if alive(process):
        yield process.pid
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (pid := int(entry.name)) != process.pid:
            fields = _stat(pid)
            if fields and fields[3] == str(process.pid) and fields[0] != "Z" and _bears(pid, process.mark):
                yield pid


def _bears(pid: int, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third on: state, parent, group, session …; the name may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _state(pid: int) -> str | None:
    fields = _stat(pid)
    return fields[0] if fields else None


def _began(pid: int) -> str | None:
    """Boot and clock tick at which a process began; None where it is gone or a zombie."""
    fields = _stat(pid)
    if not fields or fields[0] in "ZX":
        return None
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip() + "/" + fields[19]


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _reap() -> None:
    for child in list(_children):
        if child.poll() is not None:
            with contextlib.suppress(ValueError):
                _children.remove(child)
