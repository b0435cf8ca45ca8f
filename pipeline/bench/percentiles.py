"""Percentiles, as every bench tells them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentiles(found: Sequence[float], wanted: Sequence[int] = (50, 99)) -> dict[str, float]:
    """`{"p50": …, "p99": …}`, between neighbours in proportion, with one decimal. ValueError where nothing was found.

    found: milliseconds, say, in any order. wanted: whole numbers from 1 to 99.
    """
    if not found:
        raise ValueError("nothing was measured")
    cuts = statistics.quantiles([*found] if len(found) > 1 else [*found, *found], n=100, method="inclusive")
    return {f"p{one}": round(cuts[one - 1], 1) for one in wanted}
