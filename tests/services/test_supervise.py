"""What `gabung up` starts is started again when it ends, with growing pauses. The processes are real and small."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import process, supervise, system
from deploy.launch import SUPERVISOR, ends_file
from deploy.status import status
from deploy.supervise import Ends
from tests.services.test_process import eventually, is_running
from tests.services.test_system import home

__all__ = ["home"]

SLEEPS = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
ENDS = "print('again', flush=True); raise SystemExit(7)"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "run").mkdir()
    yield tmp_path
    for name in process.remembered(tmp_path):
        process.stop(tmp_path, name, grace_s=0)


def start(folder: Path, code: str) -> process.Process:
    env = {"GABUNG_ENDS_FILE": str(ends_file(folder, "it"))}
    return process.start("it", (*SUPERVISOR, sys.executable, "-c", code), home=folder, env=env, cwd=Path.cwd())


def pids(folder: Path) -> list[int]:
    return [int(line) for line in process.tail(folder, "it") if line.isdecimal()]


def test_a_killed_worker_comes_again_and_status_tells_it(home: Path) -> None:
    system.up(home)
    assert {row.service: row.restarts for row in status(home) if row.source == "here"} == {"worker-1": 0, "web": 0}
    os.kill(child_of(process.remembered(home)["worker-1"].pid), signal.SIGKILL)

    def worker() -> tuple[str, int | None]:
        return next((row.state, row.restarts) for row in status(home) if row.service == "worker-1")

    assert eventually(lambda: worker() == ("up", 1), 30)
    assert Ends.read(ends_file(home, "worker-1")) == Ends(1, -signal.SIGKILL)
    assert eventually(lambda: process.tail(home, "worker-1") == [f"worker-1 {home / 'policy'}"] * 2)
    child = child_of(process.remembered(home)["worker-1"].pid)
    system.down(home)
    assert not is_running(child)


def test_what_ends_at_once_every_time_is_started_ever_more_slowly(folder: Path) -> None:
    start(folder, ENDS)
    assert eventually(lambda: Ends.read(ends_file(folder, "it")).times >= 2, 30)
    assert Ends.read(ends_file(folder, "it")).code == 7
    assert supervise.FIRST >= 1
    assert len(process.tail(folder, "it")) <= 3
    assert process.stop(folder, "it"), "it is ended in a pause too"
    said = process.tail(folder, "it")
    assert not eventually(lambda: process.tail(folder, "it") != said, 1.5 * supervise.FIRST)


def test_a_stop_is_no_end_to_be_mended(folder: Path) -> None:
    supervisor = start(folder, SLEEPS)
    assert eventually(lambda: len(pids(folder)) == 1)
    assert process.stop(folder, "it", grace_s=10)
    assert not process.alive(supervisor)
    assert not is_running(pids(folder)[0])
    assert not ends_file(folder, "it").exists()


def test_a_killed_supervisor_leaves_nothing_behind(folder: Path) -> None:
    supervisor = start(folder, SLEEPS)
    assert eventually(lambda: len(pids(folder)) == 1)
    os.kill(supervisor.pid, signal.SIGKILL)
    assert eventually(lambda: not is_running(pids(folder)[0]))


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
