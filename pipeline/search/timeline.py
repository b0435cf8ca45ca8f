"""How many documents were reported when: counts over a span of time, in intervals that suit it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from pipeline.errors import WrongUse
from pipeline.search.access import Access
from pipeline.search.ask import docs_of
from pipeline.search.question import MOMENT, Question, body

Interval = Literal["day", "week", "month", "year"]
DAYS: dict[Interval, int] = {"day": 1, "week": 7, "month": 30, "year": 365}
LONGEST: dict[Interval, int] = {"day": 92, "week": 2 * 366, "month": 12 * 366}
"""Up to how many days of span an interval is chosen by itself; above all of them, years."""
MOST_BUCKETS = 4000


def timeline(access: Access, question: Question, interval: Interval | Literal["auto"]) -> dict[str, Any]:
    """{interval, buckets: [{from, to, count}]}: first and last day of each, both in, and none that is empty.

    Raises WrongUse for a mistake in the question, or for an interval too short for the span.
    """
    query = body(question, access.time)["query"]
    ends = {"first": {"min": {"field": MOMENT}}, "last": {"max": {"field": MOMENT}}}
    spanned = access.search(docs_of(question), {"query": query, "size": 0, "aggs": ends})
    first, last = (_moment(spanned.get("aggregations", {}).get(name, {}).get("value")) for name in ("first", "last"))
    chosen = chosen_interval(first, last) if interval == "auto" else interval
    if first and last and (last - first).days // DAYS[chosen] > MOST_BUCKETS:
        raise WrongUse(f"the span is too long for the interval {chosen}; ask for a longer one, or use from and to")
    counted = {"when": {"date_histogram": {"field": MOMENT, "calendar_interval": chosen, "min_doc_count": 1}}}
    response = access.search(docs_of(question), {"query": query, "size": 0, "aggs": counted})
    access.tell({"timeline": chosen, **question.model_dump(mode="json", exclude_defaults=True)}, [])
    return {"interval": chosen, "buckets": buckets(response, chosen)}


def chosen_interval(first: datetime | None, last: datetime | None) -> Interval:
    """The shortest interval that gives a readable number of columns."""
    days = (last - first).days if first and last else 0
    return next((interval for interval, most in LONGEST.items() if days <= most), "year")


def buckets(response: Mapping[str, Any], interval: Interval) -> list[dict[str, Any]]:
    """The counts of a response; what is given as from and to can be asked with as it stands."""
    found = response.get("aggregations", {}).get("when", {}).get("buckets", [])
    starts = [(date.fromisoformat(one["key_as_string"][:10]), one["doc_count"]) for one in found]
    return [
        {"from": start.isoformat(), "to": last_day(start, interval).isoformat(), "count": count}
        for start, count in starts
    ]


def last_day(first: date, interval: Interval) -> date:
    """The last day of the interval that begins with a day."""
    if interval == "day":
        return first
    if interval == "week":
        return min(first, date.max - timedelta(days=6)) + timedelta(days=6)
    if interval == "year":
        return date(first.year, 12, 31)
    return date(first.year, 12, 31) if first.month == 12 else date(first.year, first.month + 1, 1) - timedelta(days=1)


def _moment(milliseconds: float | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
