"""Work in a thread of its own, beside what goes on in a process."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

PATIENCE_SECONDS = 5


class Threaded(ABC):
    """Works from `start` until `stop`, which waits a little for it. Its thread ends with the process."""

    def __init__(self, name: str) -> None:
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.work, name=name, daemon=True)

    @abstractmethod
    def work(self) -> None:
        """What the thread does, until `ending` is set."""

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        if self.thread.is_alive():
            self.thread.join(PATIENCE_SECONDS)
