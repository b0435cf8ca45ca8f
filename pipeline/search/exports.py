"""The exports that someone made, listed to that person alone. Kept in memory: gone when the service starts anew; the
audit has them for good. Of the documents nothing is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Any

MOST_EACH = 100
MOST_PEOPLE = 10_000


class Exports:
    """The last exports of each person of each agency."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], deque[dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, agency: str, user: str, made: dict[str, Any]) -> None:
        with self._lock:
            own = self._made.setdefault((agency, user), deque(maxlen=MOST_EACH))
            own.appendleft(made)
            self._made.move_to_end((agency, user))
            while len(self._made) > MOST_PEOPLE:
                self._made.popitem(last=False)

    def of(self, agency: str, user: str) -> list[dict[str, Any]]:
        """This person's own, the newest first."""
        with self._lock:
            return list(self._made.get((agency, user), ()))
