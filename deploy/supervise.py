"""Starts one program again whenever it ends: `python -m deploy.supervise PROGRAM [ARGUMENT …]`.

The pauses between grow, so that a program which ends at once every time does not keep the machine busy; they begin
anew once it has run for a while. SIGTERM ends both. How often it ended stands in the file GABUNG_ENDS_FILE, for
`gabung status`.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FIRST, LONGEST = 1.0, 60.0
"""Seconds. Each pause is twice the last."""
A_WHILE = 120.0
"""Seconds after which a program is held to have run well."""
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Ends:
    """How often a program ended since it was first started, and its last exit code (negative: the signal)."""

    times: int = 0
    code: int | None = None

    @classmethod
    def read(cls, path: Path) -> Ends:
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls()

    def write(self, path: Path) -> None:
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        part.replace(path)


class Supervisor:
    """One program, kept running until SIGTERM comes."""

    def __init__(self, argv: Sequence[str], ends: Path, ready: Path | None = None) -> None:
        self.argv, self.ends, self.ready = list(argv), ends, ready
        self.asked = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None

    def end(self, *_: object) -> None:
        self.asked.set()
        if self.child is not None:
            self.child.terminate()

    def run(self) -> None:
        times, pause = 0, FIRST
        while not self.asked.is_set():
            began = time.monotonic()
            self.child = subprocess.Popen(self.argv, preexec_fn=_end_with_parent)  # noqa: S603
            if self.asked.is_set():  # while it was being started
                self.child.terminate()
            code = self.child.wait()
            times += 1
            if self.asked.is_set():
                return
            if self.ready:
                self.ready.unlink(missing_ok=True)  # it is not, any more
            Ends(times, code).write(self.ends)
            pause = FIRST if time.monotonic() - began > A_WHILE else pause
            self.asked.wait(pause)
            pause = min(2 * pause, LONGEST)


def _end_with_parent() -> None:
    """A supervisor that is killed leaves nothing behind that a new one would run beside."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    ready = os.environ.get("GABUNG_READY_FILE")
    supervisor = Supervisor(sys.argv[1:], Path(os.environ["GABUNG_ENDS_FILE"]), Path(ready) if ready else None)
    signal.signal(signal.SIGTERM, supervisor.end)
    supervisor.run()


if __name__ == "__main__":
    main()
