"""The exports that someone made, listed to that person alone. They stand on the topic of saved searches, so the list
outlasts the service; the audit has them for good, page by page. Of the documents nothing is kept."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import orjson

from pipeline.search.keeping import export_id, export_key

MOST_EACH = 100
MOST_PEOPLE = 10_000


class Exports:
    """The last exports of each person of each agency. keep: makes a message durable, or raises ServiceMissing; without
    it, what is listed is gone with the process."""

    def __init__(self, keep: Callable[[str, bytes | None], None] | None = None) -> None:
        self.keep = keep or (lambda key, value: None)
        self._made: OrderedDict[tuple[str, str], dict[str, dict[str, Any]]] = OrderedDict()
        """Person -> id -> what was made. The person who made one last stands last."""
        self._whose: dict[str, tuple[str, str]] = {}
        self._lock = threading.Lock()

    def add(self, agency: str, user: str, made: dict[str, Any]) -> None:
        """List it; what it pushes out is taken back. Raises ServiceMissing."""
        key, value = export_key(str(uuid.uuid4())), orjson.dumps({"agency": agency, "user": user, "made": made})
        self.keep(key, value)
        self.take(key, value)
        with self._lock:
            own = sorted(self._made[agency, user].items(), key=lambda pair: str(pair[1]["at"]))
        for id_, _ in own[:-MOST_EACH]:
            self.keep(export_key(id_), None)
            self.take(export_key(id_), None)

    def take(self, key: str, value: bytes | None) -> bool:
        """A message of the topic; whether it was of an export. The same one again changes nothing."""
        if (id_ := export_id(key)) is None:
            return False
        with self._lock:
            if value:
                said = orjson.loads(value)
                self._whose[id_] = whose = (said["agency"], said["user"])
                self._made.setdefault(whose, {})[id_] = said["made"]
                self._made.move_to_end(whose)
                if len(self._made) > MOST_PEOPLE:
                    for gone in self._made.popitem(last=False)[1]:
                        del self._whose[gone]
            elif (known := self._whose.pop(id_, None)) is not None:
                del self._made[known][id_]
        return True

    def of(self, agency: str, user: str) -> list[dict[str, Any]]:
        """This person's own, the newest first."""
        with self._lock:
            own = list(self._made.get((agency, user), {}).values())
        return sorted(own, key=lambda made: str(made["at"]))[::-1][:MOST_EACH]
