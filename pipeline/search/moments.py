"""Dates as people write them, each a span of time: `2026`, `2026-10`, `2026-10-31`, a moment, or, where it is known
what time it is, `yesterday`, `last 7 days`, `7 hari terakhir`. UTC unless said."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from pipeline.search.mistake import Mistake

PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")

UNITS = {
    "minute": "minute", "menit": "minute", "hour": "hour", "jam": "hour", "day": "day", "hari": "day", "week": "week",
    "minggu": "week", "month": "month", "bulan": "month", "year": "year", "tahun": "year",
}  # fmt: skip
DAYS_AGO = {"today": 0, "hari ini": 0, "yesterday": 1, "kemarin": 1}
_UNIT = "|".join(UNITS)
_ROLLING = re.compile(rf"(?:last|past)\s+(\d{{1,5}})\s+({_UNIT})s?|(\d{{1,5}})\s+({_UNIT})\s+terakhir")
_AGO = re.compile(rf"(\d{{1,5}})\s+({_UNIT})s?\s+(?:ago|(?:yang\s+)?lalu)")
_THIS = re.compile(rf"this\s+({_UNIT})|({_UNIT})\s+ini")
_BEFORE = re.compile(rf"last\s+({_UNIT})|({_UNIT})\s+(?:yang\s+)?lalu")
_TICK = timedelta(milliseconds=1)


def span(text: str, now: datetime | None = None) -> tuple[datetime, datetime]:
    """The first moment and the last of what is written: `2026-10` is all of October. Raises Mistake.

    now: what time it is, in the time zone whose days are meant; without it only dates are taken.
    """
    try:
        if now is not None and (found := _relative(" ".join(text.lower().split()), now)):
            return found
        if partial := PARTIAL.fullmatch(text):
            year, month, day = (int(part) if part else None for part in partial.groups())
            first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
            return first, _after(first, "day" if day else "month" if month else "year") - _TICK
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistake("date.relative" if now else "date", written=repr(text[:40])) from None
    return moment, moment


def bounds(start: str | None, end: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The first moment of `start` and the last of `end`, each as it is written; None where it is open. Raises
    Mistake."""
    return span(start, now)[0] if start else None, span(end, now)[1] if end else None


def _relative(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    if text in ("now", "sekarang"):
        return now, now
    if text in DAYS_AGO:
        return _whole(_before(now, DAYS_AGO[text], "day"), "day")
    if found := _ROLLING.fullmatch(text):
        number, unit = (found[1], found[2]) if found[1] else (found[3], found[4])
        return _before(now, int(number), UNITS[unit]), now
    if found := _AGO.fullmatch(text):
        unit = UNITS[found[2]]
        moment = _before(now, int(found[1]), unit)
        return (moment, moment) if unit in ("minute", "hour") else _whole(moment, "day")
    if found := _THIS.fullmatch(text):
        return _whole(now, UNITS[found[1] or found[2]])
    if found := _BEFORE.fullmatch(text):
        unit = UNITS[found[1] or found[2]]
        return _whole(_before(now, 1, unit), unit)
    return None


def _before(now: datetime, number: int, unit: str) -> datetime:
    if unit in ("month", "year"):
        months = now.year * 12 + now.month - 1 - number * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))
    return now - number * timedelta(**{f"{unit}s": 1})


def _whole(moment: datetime, unit: str) -> tuple[datetime, datetime]:
    """The unit of time in which a moment lies."""
    first = moment.replace(second=0, microsecond=0)
    if unit != "minute":
        first = first.replace(minute=0)
    if unit not in ("minute", "hour"):
        first = first.replace(hour=0)
    if unit == "week":
        first -= timedelta(days=first.weekday())
    if unit in ("month", "year"):
        first = first.replace(day=1)
    if unit == "year":
        first = first.replace(month=1)
    return first, _after(first, unit) - _TICK


def _after(first: datetime, unit: str) -> datetime:
    if unit == "month":
        return (first + timedelta(days=31)).replace(day=1)
    if unit == "year":
        return first.replace(year=first.year + 1)
    return first + timedelta(**{f"{unit}s": 1})
