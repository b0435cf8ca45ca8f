"""Processes that outlive the command that started them, tried with real ones."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy import process

SLEEPS = (sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(60)",
)
WITH_A_CHILD = (
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True); time.sleep(60)",
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for name in process.remembered(tmp_path):
        process.stop(tmp_path, name, grace_s=0)


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


def test_it_is_remembered_with_its_log_and_memory_and_forgotten_once_stopped(home: Path) -> None:
    started = process.start("sleeper", SLEEPS, home=home)
    assert eventually(lambda: process.tail(home, "sleeper") == ["awake"])
    assert process.remembered(home) == {"sleeper": started}
    assert process.alive(started)
    assert 1 << 20 < process.memory(started) < 1 << 30
    assert process.stop(home, "sleeper")
    assert not process.alive(started)
    assert process.remembered(home) == {}
    assert not process.stop(home, "sleeper")


def test_starting_what_runs_gives_the_one_that_runs(home: Path) -> None:
    assert process.start("sleeper", SLEEPS, home=home) == process.start("sleeper", SLEEPS, home=home)


def test_it_outlives_the_command_that_started_it(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from deploy import process\n"
        "sleeps = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "print(process.start('sleeper', sleeps, home=Path(sys.argv[1])).pid)"
    )
    pid = int(subprocess.check_output([sys.executable, "-c", code, str(home)], text=True))
    assert is_running(pid)
    assert process.stop(home, "sleeper")
    assert eventually(lambda: not is_running(pid))


def test_what_it_started_itself_ends_with_it_even_when_it_was_killed(home: Path) -> None:
    parent = process.start("parent", WITH_A_CHILD, home=home)
    assert eventually(lambda: bool(process.tail(home, "parent")))
    child = int(process.tail(home, "parent")[0])
    os.kill(parent.pid, 9)
    assert eventually(lambda: not process.alive(parent))
    assert is_running(child)
    assert process.stop(home, "parent")
    assert eventually(lambda: not is_running(child))


def test_one_that_will_not_end_is_killed_after_its_grace(home: Path) -> None:
    started = process.start("stubborn", STUBBORN, home=home)
    assert eventually(lambda: bool(process.tail(home, "stubborn")))
    assert process.stop(home, "stubborn", grace_s=0.3)
    assert not is_running(started.pid)


def test_a_pid_that_belongs_to_somebody_else_now_is_left_alone(home: Path) -> None:
    other = subprocess.Popen(SLEEPS, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        time.sleep(0.05)  # the clock that processes begin by ticks every hundredth of a second
        ours = process.start("ours", SLEEPS, home=home)
        process.stop(home, "ours")
        recycled = dataclasses.asdict(dataclasses.replace(ours, pid=other.pid))
        (home / "processes.json").write_text(json.dumps([recycled]))
        assert not process.alive(process.remembered(home)["ours"])
        assert not process.stop(home, "ours", grace_s=0)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_the_log_of_the_run_before_is_kept_beside_the_new_one(home: Path) -> None:
    for text in ("first", "second"):
        process.start("printer", (sys.executable, "-c", f"print('{text}')"), home=home)
        assert eventually(lambda text=text: process.tail(home, "printer") == [text])
        assert eventually(lambda: not process.alive(process.remembered(home)["printer"]))
    assert process.log_path(home, "printer").with_suffix(".log.old").read_text() == "first\n"


def test_what_a_killed_one_left_behind_ends_before_it_starts_anew(home: Path) -> None:
    parent = process.start("parent", WITH_A_CHILD, home=home)
    assert eventually(lambda: bool(process.tail(home, "parent")))
    child = int(process.tail(home, "parent")[0])
    os.kill(parent.pid, 9)
    assert eventually(lambda: not process.alive(parent))
    assert process.alive(process.start("parent", SLEEPS, home=home))
    assert not is_running(child)


def test_a_secret_is_told_to_nobody_but_whom_it_is_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GABUNG_OIDC_CLIENT_SECRET", "rahasia")
    kafka = process.start("kafka", SLEEPS, home=home)
    web = process.start("web", SLEEPS, home=home, env={"GABUNG_OIDC_CLIENT_SECRET": "rahasia"})
    assert eventually(lambda: all(process.tail(home, name) == ["awake"] for name in ("kafka", "web")))
    told = [b"rahasia" in Path(f"/proc/{one.pid}/environ").read_bytes() for one in (kafka, web)]
    assert told == [False, True]
    assert "rahasia" not in (home / "processes.json").read_text()
