"""Workers and the web page go up and down beside services that run already. The processes are real and small."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import process, system
from deploy.errors import ServiceFailed
from deploy.status import status
from pipeline.errors import WrongUse

WORKER = """
import os, time
with open(os.environ["GABUNG_READY_FILE"], "w") as ready:
    ready.write("ready")
print(os.environ["GABUNG_WORKER"], os.environ["GABUNG_POLICY"], flush=True)
time.sleep(60)
"""

WEB = """
import http.server, sys
class Live(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health/live" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Live).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose three services are a listening socket, with a policy folder in it."""
    monkeypatch.setattr(system, "WORKER", (sys.executable, "-c", WORKER))
    monkeypatch.setattr(system, "WEB", (sys.executable, "-c", WEB))
    monkeypatch.delenv("GABUNG_POLICY", raising=False)
    home = tmp_path / "home"
    (home / "policy").mkdir(parents=True)
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        service.listen(50)
        for name in ("KAFKA", "REGISTRY", "ELASTICSEARCH"):
            scheme = "" if name == "KAFKA" else "http://"
            monkeypatch.setenv(f"GABUNG_{name}", f"{scheme}127.0.0.1:{service.getsockname()[1]}")
        yield home
        system.down(home)


def states(home: Path) -> dict[str, str]:
    return {row.service: row.state for row in status(home) if row.source == "here"}


def test_up_starts_workers_and_the_web_page_and_down_ends_them(home: Path) -> None:
    addresses = system.up(home, workers=2)
    assert states(home) == {"worker-1": "up", "worker-2": "up", "web": "up"}
    assert json.loads((home / "services.json").read_text())["web"] == addresses.web
    assert sorted(system.down(home)) == ["web", "worker-1", "worker-2"]
    assert states(home) == {}
    assert not (home / "services.json").exists()


def test_up_again_leaves_what_runs_alone_and_keeps_the_address(home: Path) -> None:
    first, before = system.up(home), process.remembered(home)
    assert system.up(home) == first
    assert process.remembered(home) == before
    system.down(home)
    assert system.up(home) == first


def test_exactly_as_many_workers_run_as_were_asked_for(home: Path) -> None:
    for workers in (1, 3, 2):
        system.up(home, workers=workers)
        assert [name for name in states(home) if name != "web"] == [f"worker-{n}" for n in range(1, workers + 1)]


def test_another_policy_folder_starts_them_anew(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    system.up(home)
    before = process.remembered(home)
    system.up(home, other)
    after = process.remembered(home)
    assert all(before[name].pid != after[name].pid for name in ("worker-1", "web"))
    assert process.tail(home, "worker-1") == [f"worker-1 {other}"]


def test_without_a_policy_it_says_what_to_do_and_starts_nothing(home: Path) -> None:
    (home / "policy").rmdir()
    with pytest.raises(WrongUse, match="--policy DIR"):
        system.up(home)
    assert process.remembered(home) == {}


def test_when_a_worker_dies_nothing_of_this_start_is_left(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "WORKER", (sys.executable, "-c", "raise SystemExit('no such agency')"))
    with pytest.raises(ServiceFailed, match="worker-1 ended while starting") as failure:
        system.up(home)
    assert failure.value.log_end == ["no such agency"]
    assert states(home) == {}
    assert "web" not in json.loads((home / "services.json").read_text())


def test_purge_removes_data_and_nothing_that_a_person_wrote(home: Path) -> None:
    system.up(home)
    (home / "kafka").mkdir()
    (home / "policy" / "agencies.yaml").write_text("agencies: []")
    system.down(home, purge=True)
    assert {path.name for path in home.iterdir()} <= {"policy", "lock"}
    assert (home / "policy" / "agencies.yaml").exists()
