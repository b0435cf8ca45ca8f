"""What a worker's collector of cycles finds, and what it leaves out."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from pipeline.shell.collector import WHOLE_SECONDS, Collector


class Knot:
    """A cycle of one."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector() -> Iterator[tuple[Collector, list[float]]]:
    """With a clock that the test sets. What was set of Python's own collector is put back."""
    before, now = gc.get_threshold(), [0.0]
    try:
        yield Collector(lambda: now[0]), now
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def test_what_has_come_is_looked_at_once_and_then_left_out(collector: tuple[Collector, list[float]]) -> None:
    made, _ = collector
    kept = [Knot() for _ in range(1000)]
    made.tidy()
    assert gc.get_freeze_count() > len(kept)
    assert not any(isinstance(one, Knot) for one in gc.get_objects())


def test_a_cycle_that_nobody_has_is_gone_at_the_next_look(collector: tuple[Collector, list[float]]) -> None:
    made, _ = collector
    made.tidy()
    gone = weakref.ref(Knot())
    made.tidy()
    assert gone() is None


def test_a_cycle_that_was_in_use_is_found_when_all_is_looked_at(collector: tuple[Collector, list[float]]) -> None:
    made, now = collector
    knot = Knot()
    made.tidy()
    gone = weakref.ref(knot)
    del knot
    made.tidy()
    assert gone() is not None
    now[0] = WHOLE_SECONDS
    made.tidy()
    assert gone() is None
