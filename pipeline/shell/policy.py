"""The policy in force, for a process that asks now and then: read anew when a file of the folder has changed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import structlog

from pipeline.errors import WrongUse
from pipeline.release.load import load_policy
from pipeline.release.policy import Groups, Policies

LOOK_SECONDS = 1.0

log = structlog.get_logger()


class PolicyFolder:
    """A folder as it was when it last held. Raises WrongUse where it does not hold at the start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self.stamp = self._stamp()
        self.policy = load_policy(folder)
        self.looked = time.monotonic()

    def __call__(self) -> tuple[Policies, Groups]:
        """The newest policy that holds. A change that does not hold is told in the log, and left."""
        with self.lock:
            if time.monotonic() - self.looked >= LOOK_SECONDS:
                self.looked = time.monotonic()
                self._look()
            return self.policy

    def _look(self) -> None:
        stamp = self._stamp()
        if stamp == self.stamp:
            return
        self.stamp = stamp
        try:
            self.policy = load_policy(self.folder)
        except (WrongUse, OSError) as error:
            log.error("policy not taken; the one before stays in force", reason=str(error))

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        files = sorted([*self.folder.glob("*.y*ml"), *self.folder.glob("release/*.y*ml")])
        return tuple((str(path), stat.st_mtime_ns, stat.st_ino) for path in files if (stat := path.stat()))
