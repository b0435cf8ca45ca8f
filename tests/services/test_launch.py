"""A process that does not start says why in one line, with the end of its log. Real small processes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from deploy import process
from deploy.errors import ServiceFailed
from deploy.launch import Launch, launch, side_by_side
from deploy.progress import silent


def python(name: str, code: str, **more: object) -> Launch:
    ready = more.pop("ready", None)
    healthy = ready.exists if isinstance(ready, Path) else lambda: False
    return Launch(name, (sys.executable, "-c", code), healthy, **more)  # type: ignore[arg-type]


def test_a_process_that_dies_while_starting_shows_the_end_of_its_log(tmp_path: Path) -> None:
    dying = python("dying", "for n in range(40): print('line', n, flush=True)\nraise SystemExit('cannot go on')")
    with pytest.raises(ServiceFailed, match="dying ended while starting") as failure:
        launch(dying, tmp_path, silent)
    assert failure.value.log_end == [*(f"line {n}" for n in range(26, 40)), "cannot go on"][-15:]
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("last_words", "advice"),
    [
        ("java.net.BindException: Address already in use", "port was taken"),
        ("write failed: No space left on device", "disk is full"),
        ("java.lang.OutOfMemoryError: Java heap space", "not enough memory"),
        ("ModuleNotFoundError: No module named 'faust'", "pip install 'gabung"),
        ("something nobody foresaw", "end of its log"),
    ],
)
def test_the_last_words_decide_what_to_do(tmp_path: Path, last_words: str, advice: str) -> None:
    with pytest.raises(ServiceFailed, match=advice):
        launch(python("dying", f"raise SystemExit({last_words!r})"), tmp_path, silent)


def test_one_that_never_answers_is_not_waited_for_forever(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match="did not answer within"):
        side_by_side({"mute": lambda: python("mute", "import time; time.sleep(60)", patience_s=0.5)}, tmp_path, silent)
    assert process.remembered(tmp_path) == {}


def test_when_one_fails_the_others_are_ended_and_the_one_that_failed_is_named(tmp_path: Path) -> None:
    begun = time.monotonic()
    ready = tmp_path / "ready"
    prepared = {
        "well": lambda: python("well", f"import time; open({str(ready)!r}, 'w'); time.sleep(60)", ready=ready),
        "slow": lambda: python("slow", "import time; time.sleep(60)"),
        "dying": lambda: python("dying", "import time; time.sleep(0.3); raise SystemExit('cannot go on')"),
    }
    with pytest.raises(ServiceFailed, match="dying"):
        side_by_side(prepared, tmp_path, silent)
    assert process.remembered(tmp_path) == {}
    assert time.monotonic() - begun < 20


def test_what_becomes_ready_stays_and_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    ready = tmp_path / "ready"
    well = python("well", f"import time; open({str(ready)!r}, 'w'); time.sleep(60)", ready=ready)
    try:
        launch(well, tmp_path, lambda name, text: told.append(f"{name}: {text}"))
        assert process.alive(process.remembered(tmp_path)["well"])
        assert told[-1].startswith("well: ready after ")
    finally:
        process.stop(tmp_path, "well")
