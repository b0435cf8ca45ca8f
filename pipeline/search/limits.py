"""How often and how much at once: nobody's load may starve others. Token buckets, in memory, bounded in number."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.errors import GabungError

MOST_KEYS = 50_000


class TooMany(GabungError):
    """Asked too often, or too much at once. `seconds`: when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests; try again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Rate:
    """`burst` at once, then `per_minute`."""

    burst: int
    per_minute: float


@dataclass
class Limiter:
    """One bucket a key. The key that was used longest ago is forgotten where there are too many: by then it is full."""

    rate: Rate
    clock: Callable[[], float] = time.monotonic
    lock: threading.Lock = field(default_factory=threading.Lock)
    buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    """key -> (what is left, when that was)."""

    def take(self, key: str) -> None:
        """Take one. Raises TooMany."""
        with self.lock:
            now = self.clock()
            left, then = self.buckets.pop(key, (float(self.rate.burst), now))
            left = min(self.rate.burst, left + (now - then) * self.rate.per_minute / 60)
            self.buckets[key] = (left - 1 if left >= 1 else left, now)
            if len(self.buckets) > MOST_KEYS:
                self.buckets.popitem(last=False)
            if left < 1:
                raise TooMany(max(1, round((1 - left) * 60 / self.rate.per_minute)))


@dataclass
class Turns:
    """Places at the store: `most` for each person, `overall` in all, and of these the last `kept` for agencies that
    hold none yet, so that however many people (or tokens) one agency has, the others get in. More are told to come
    back."""

    most: int
    overall: int
    kept: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    persons: Counter[str] = field(default_factory=Counter)
    agencies: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def turn(self, person: str, agency: str) -> Iterator[None]:
        """Hold one of the places. Raises TooMany."""
        with self.lock:
            free = self.overall - self.agencies.total()
            if self.persons[person] >= self.most or free <= (self.kept if self.agencies[agency] else 0):
                raise TooMany(1)
            self.persons[person] += 1
            self.agencies[agency] += 1
        try:
            yield
        finally:
            with self.lock:
                for counted, key in ((self.persons, person), (self.agencies, agency)):
                    counted[key] -= 1
                    if not counted[key]:
                        del counted[key]
