"""Python's collector of cycles, kept from walking what a worker remembers.

A worker holds millions of objects for as long as it runs, and makes hardly any cycles. Left alone, the collector walks
all of them again whenever a quarter as many have come, and for half a second nothing else goes on.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

YOUNG = 20_000
"""Objects made, and not gone again, until the youngest are looked at."""
TIDY_SECONDS = 0.5
"""How often what has come since is looked at, and then left out: a few milliseconds each time."""
WHOLE_SECONDS = 3600
"""How often everything is looked at: a cycle that was still in use when it was left out is found only then."""


class Collector:
    """Takes the place of the collector's own rhythm."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.whole = clock()
        gc.set_threshold(YOUNG, 50, 1000)

    def tidy(self) -> None:
        """Collect among what has come since the last time, or once in a long while among all; leave the rest out."""
        now = self.clock()
        if now >= self.whole + WHOLE_SECONDS:
            self.whole = now
            gc.unfreeze()
            gc.collect()
        else:
            # All that is young stands in these two generations. A collection of all three would also mark caches of
            # plain values as nothing to look at, which ends with the next value: it would walk them every time.
            gc.collect(1)
        gc.freeze()
