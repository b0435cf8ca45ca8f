"""How long to wait for a service that does not answer, from one try to the next."""

from __future__ import annotations

from collections.abc import Iterator

FIRST, LONGEST = 0.5, 30.0
"""Seconds. Each pause is twice the last."""


def growing_pauses() -> Iterator[float]:
    """Seconds to wait, for ever."""
    pause = FIRST
    while True:
        yield pause
        pause = min(2 * pause, LONGEST)
